/* Tests of base/sse.c: a table of streams, each cut at every byte, and what is written read back.
 */
#include "base/sse.h"

#include <string.h>

#include "base/error.h"

static bool on_event(const SseEvent *event, void *user_data, GError **error) {
    (void)error;
    GString *seen = user_data;
    g_assert_cmpuint(strlen(event->data), ==, event->length);
    g_string_append_printf(seen, "%s(%s)", event->type, event->data);
    if (event->id[0] != '\0') g_string_append_printf(seen, "#%s", event->id);
    if (event->retry_ms >= 0) g_string_append_printf(seen, "~%d", (int)event->retry_ms);
    g_string_append_c(seen, ';');
    return true;
}

static char *parse_cut(const char *text, size_t first, size_t second) {
    g_autoptr(SseParser) parser = sse_parser_new(1000);
    GString *seen = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    size_t length = strlen(text);
    g_assert_true(sse_parser_feed(parser, text, first, on_event, seen, &error));
    g_assert_true(sse_parser_feed(parser, text + first, second - first, on_event, seen, &error));
    g_assert_true(sse_parser_feed(parser, text + second, length - second, on_event, seen, &error));
    g_assert_true(sse_parser_finish(parser, on_event, seen, &error));
    return g_string_free(seen, FALSE);
}

/* clang-format off */
static const struct { const char *stream; const char *events; } cases[] = {
    { "data: one\n\ndata: two\n\n",                   "message(one);message(two);" },
    { "data: one\r\n\r\ndata: two\r\n\r\n",           "message(one);message(two);" },
    { "data: one\r\rdata: two\r\r",                   "message(one);message(two);" },
    { "\xEF\xBB\xBF" "data: mark\n\n",                "message(mark);" },
    { "data: a\n\n\xEF\xBB\xBF" "data: b\n\n",        "message(a);" },
    { ": comment\n:\ndata: x\n: more\n\n",            "message(x);" },
    { "data: a\ndata: b\ndata:c\n\n",                 "message(a\nb\nc);" },
    { "data\n\ndata\ndata\n\n",                       "message();message(\n);" },
    { "data:  two spaces\n\n",                        "message( two spaces);" },
    { "event: ping\ndata: {}\n\n",                    "ping({});" },
    { "event: ping\n\ndata: x\n\n",                   "message(x);" },
    { "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "message(a)#7;message(b)#7;message(c);" },
    { "retry: 1500\ndata: a\n\nretry: 1x\ndata: b\n\n", "message(a)~1500;message(b);" },
    { "unknown: x\ndata: a:b: c\nDATA: no\n\n",       "message(a:b: c);" },
    { "\n\n\n\ndata: x\n\n\n\n",                      "message(x);" },
    { "data: Gr\xC3\xBC\xC3\x9F" "e \xF0\x9F\x98\x80\n\n", "message(Gr\xC3\xBC\xC3\x9F" "e \xF0\x9F\x98\x80);" },
    { "data: x\n\ndata: [DONE]",                      "message(x);message([DONE]);" },
    { "data: x\n\ndata: [DONE]\n",                    "message(x);message([DONE]);" },
    { "",                                             "" },
};
/* clang-format on */

static void streams_give_the_same_events_however_they_are_cut(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t length = strlen(cases[i].stream);
        for (size_t first = 0; first <= length; first++)
            for (size_t second = first; second <= MIN(first + 2, length); second++) {
                g_autofree char *seen = parse_cut(cases[i].stream, first, second);
                g_assert_cmpstr(seen, ==, cases[i].events);
            }
    }
}

static void an_event_that_never_ends_is_refused(void) {
    static const char line[] = "data: 0123456789\n";
    g_autoptr(SseParser) parser = sse_parser_new(100);
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    bool goes_on = true;
    for (int i = 0; goes_on && i < 50; i++)
        goes_on = sse_parser_feed(parser, line, strlen(line), on_event, seen, &error);
    g_assert_false(goes_on);
    g_assert_true(error_is(error, ERR_LIMIT));
    g_assert_cmpstr(seen->str, ==, "");
}

static bool refuse(const SseEvent *event, void *user_data, GError **error) {
    (void)event;
    ++*(int *)user_data;
    error_set(error, ERR_DATA, "no");
    return false;
}

static void a_refused_event_ends_the_parsing(void) {
    g_autoptr(SseParser) parser = sse_parser_new(100);
    g_autoptr(GError) error = NULL;
    int count = 0;
    g_assert_false(sse_parser_feed(parser, "data: a\n\ndata: b\n\n", 18, refuse, &count, &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_assert_cmpint(count, ==, 1);
}

static void what_is_written_is_read_back(void) {
    g_autoptr(GString) out = g_string_new(NULL);
    sse_write_comment(out, "ok");
    const char *data = "first\r\nsecond\rthird\n";
    sse_write_event(out, &(SseEvent){ .type = "text.delta",
                                      .data = data,
                                      .length = strlen(data),
                                      .id = "3",
                                      .retry_ms = 20 });
    sse_write_event(out, &(SseEvent){ .data = "", .length = 0 });
    g_assert_cmpstr(out->str, ==,
                    ": ok\n\nevent: text.delta\nid: 3\nretry: 20\ndata: first\ndata: second\n"
                    "data: third\ndata: \n\ndata: \n\n");
    g_autofree char *seen = parse_cut(out->str, 0, out->len);
    g_assert_cmpstr(seen, ==, "text.delta(first\nsecond\nthird\n)#3~20;message()#3;");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/sse/streams_give_the_same_events_however_they_are_cut",
                    streams_give_the_same_events_however_they_are_cut);
    g_test_add_func("/base/sse/an_event_that_never_ends_is_refused",
                    an_event_that_never_ends_is_refused);
    g_test_add_func("/base/sse/a_refused_event_ends_the_parsing", a_refused_event_ends_the_parsing);
    g_test_add_func("/base/sse/what_is_written_is_read_back", what_is_written_is_read_back);
    return g_test_run();
}

/* Any bytes as an event stream: pieces give what the whole gives, and what is written of an event
 * reads back as that event. The first byte is the size of a piece. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_EVENT_BYTES = 4096 };

static bool collect(const SseEvent *event, void *user_data, GError **error) {
    (void)error;
    GString *seen = user_data;
    g_string_append_printf(seen, "%s\n%s\n%zu\n%d\n", event->type, event->id, event->length,
                           (int)event->retry_ms);
    g_string_append_len(seen, event->data, (gssize)event->length);
    return true;
}

static bool keep_data(const SseEvent *event, void *user_data, GError **error) {
    (void)error;
    g_string_append_len(user_data, event->data, (gssize)event->length);
    return true;
}

/* "\r\n" and "\r" are line ends like "\n" to a reader. */
static bool write_again(const SseEvent *event, void *user_data, GError **error) {
    (void)user_data;
    (void)error;
    g_autoptr(GString) out = g_string_new(NULL);
    sse_write_event(out, event);
    g_autoptr(SseParser) parser = sse_parser_new(4 * MAX_EVENT_BYTES);
    g_autoptr(GString) again = g_string_new(NULL);
    if (!sse_parser_feed(parser, out->str, out->len, keep_data, again, NULL)) abort();
    if (again->len != event->length || memcmp(again->str, event->data, again->len) != 0) abort();
    return true;
}

static GString *parse(const char *text, size_t size, size_t step, bool *out_is_ok) {
    g_autoptr(SseParser) parser = sse_parser_new(MAX_EVENT_BYTES);
    GString *seen = g_string_new(NULL);
    bool is_ok = true;
    for (size_t at = 0; is_ok && at < size; at += step)
        is_ok = sse_parser_feed(parser, text + at, MIN(step, size - at), collect, seen, NULL);
    *out_is_ok = is_ok && sse_parser_finish(parser, collect, seen, NULL);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t step = size > 0 ? 1 + data[0] % 16 : 1;
    const char *text = (const char *)data;
    bool is_whole_ok = false;
    bool is_pieces_ok = false;
    g_autoptr(GString) whole = parse(text, size, MAX(size, 1), &is_whole_ok);
    g_autoptr(GString) pieces = parse(text, size, step, &is_pieces_ok);
    if (is_whole_ok != is_pieces_ok || !g_string_equal(whole, pieces)) abort();
    g_autoptr(SseParser) parser = sse_parser_new(MAX_EVENT_BYTES);
    if (sse_parser_feed(parser, text, size, write_again, NULL, NULL) &&
        !sse_parser_finish(parser, write_again, NULL, NULL) && is_whole_ok)
        abort();
    return 0;
}

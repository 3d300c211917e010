/* Tests of engine/text_filter.c: what is shown, what is held back, and when it ends. */
#include "engine/text_filter.h"

#include <string.h>

/* Feeds byte by byte or piece by piece; the result is the same. */
static char *filter_all(const char *const *stop, const char *text, size_t step, bool *out_stopped) {
    g_autoptr(EngineTextFilter) filter = engine_text_filter_new(stop);
    GString *out = g_string_new(NULL);
    bool is_stopped = false;
    size_t length = strlen(text);
    for (size_t i = 0; i < length && !is_stopped; i += step)
        is_stopped = engine_text_filter_feed(filter, text + i, MIN(step, length - i), out);
    engine_text_filter_finish(filter, out);
    if (out_stopped != NULL) *out_stopped = is_stopped;
    g_assert_true(g_utf8_validate(out->str, -1, NULL));
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *text, *expected;
    const char *stop[4];
    bool is_stopped;
} Case;

static void cut_the_same_in_any_pieces(void) {
    static const Case cases[] = {
        { "plain words", "plain words", { NULL }, false },
        { "one two END three", "one two ", { "END" }, true },
        { "almost EN and more", "almost EN and more", { "END" }, false },
        { "ends with EN", "ends with EN", { "END" }, false },
        { "EEEND", "EE", { "END" }, true },
        { "abcabd", "abc", { "abd" }, true },
        { "first of both: B then A", "first of both: ", { "A", "B" }, true },
        { "nothing shown", "", { "nothing" }, true },
        { "an empty one is ignored", "an empty one is ignored", { "" }, false },
        { "日本語の😀テキスト", "日本語の😀", { "テキ" }, true },
        { "a long one <|im_end|>x", "a long one ", { "<|im_start|>", "<|im_end|>" }, true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t step = 1; step <= 8; step++) {
            bool is_stopped = false;
            g_autofree char *shown = filter_all(cases[i].stop, cases[i].text, step, &is_stopped);
            g_assert_cmpstr(shown, ==, cases[i].expected);
            g_assert_true(is_stopped == cases[i].is_stopped);
        }
}

static void characters_are_never_split(void) {
    const char *text = "é😀";
    g_autoptr(EngineTextFilter) filter = engine_text_filter_new(NULL);
    for (size_t i = 0; i < strlen(text); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        engine_text_filter_feed(filter, text + i, 1, out);
        g_assert_true(g_utf8_validate(out->str, -1, NULL));
        g_assert_cmpuint(out->len, ==, i == 1 ? 2 : i == 5 ? 4 : 0);
    }
}

static void what_could_be_a_stop_text_waits(void) {
    const char *stop[] = { "STOP", NULL };
    g_autoptr(EngineTextFilter) filter = engine_text_filter_new(stop);
    g_autoptr(GString) out = g_string_new(NULL);
    g_assert_false(engine_text_filter_feed(filter, "go ST", 5, out));
    g_assert_cmpstr(out->str, ==, "go ");
    g_assert_false(engine_text_filter_feed(filter, "AY", 2, out));
    g_assert_cmpstr(out->str, ==, "go STAY");
}

static void bad_bytes_become_valid(void) {
    g_autofree char *cut = filter_all(NULL, "ok \xff\xfe and \xc3", 1, NULL);
    g_assert_cmpstr(cut, ==, "ok \uFFFD\uFFFD and \uFFFD");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/text_filter/cut_the_same_in_any_pieces", cut_the_same_in_any_pieces);
    g_test_add_func("/engine/text_filter/characters_are_never_split", characters_are_never_split);
    g_test_add_func("/engine/text_filter/what_could_be_a_stop_text_waits",
                    what_could_be_a_stop_text_waits);
    g_test_add_func("/engine/text_filter/bad_bytes_become_valid", bad_bytes_become_valid);
    return g_test_run();
}

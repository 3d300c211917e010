/* Tests of base/line_splitter.c: the same lines however the bytes are cut. */
#include "base/line_splitter.h"

#include <string.h>

#include "base/error.h"

static bool on_line(const char *line, size_t length, void *user_data, GError **error) {
    (void)error;
    GString *seen = user_data;
    g_string_append_len(seen, line, (gssize)length);
    g_string_append_c(seen, '|');
    return true;
}

static char *split_at(const char *text, size_t cut) {
    LineSplitter lines;
    line_splitter_init(&lines, 100);
    GString *seen = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(line_splitter_feed(&lines, text, cut, on_line, seen, &error));
    g_assert_true(
        line_splitter_feed(&lines, text + cut, strlen(text) - cut, on_line, seen, &error));
    g_assert_true(line_splitter_finish(&lines, on_line, seen, &error));
    line_splitter_clear(&lines);
    return g_string_free(seen, FALSE);
}

static void every_cut_gives_the_same_lines(void) {
    static const struct {
        const char *text;
        const char *lines;
    } cases[] = {
        { "one\ntwo\nthree\n", "one|two|three|" },
        { "one\r\ntwo\r\n\r\nthree", "one|two||three|" },
        { "one\rtwo\r\rthree\r", "one|two||three|" },
        { "\n\n", "||" },
        { "\r\n\n\r", "|||" },
        { "Gr\xC3\xBC\xC3\x9F"
          "e\nx",
          "Gr\xC3\xBC\xC3\x9F"
          "e|x|" },
        { "", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
            g_autofree char *seen = split_at(cases[i].text, cut);
            g_assert_cmpstr(seen, ==, cases[i].lines);
        }
}

static void a_line_that_never_ends_is_refused(void) {
    LineSplitter lines;
    line_splitter_init(&lines, 10);
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(line_splitter_feed(&lines, "0123456789\n", 11, on_line, seen, &error));
    g_assert_true(line_splitter_feed(&lines, "01234567", 8, on_line, seen, &error));
    g_assert_false(line_splitter_feed(&lines, "89a", 3, on_line, seen, &error));
    g_assert_true(error_is(error, ERR_LIMIT));
    line_splitter_clear(&lines);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/line_splitter/every_cut_gives_the_same_lines",
                    every_cut_gives_the_same_lines);
    g_test_add_func("/base/line_splitter/a_line_that_never_ends_is_refused",
                    a_line_that_never_ends_is_refused);
    return g_test_run();
}

/* Tests of base/diagnostic.c: line, column and caret, whatever the text holds. */
#include "base/diagnostic.h"

#include <stdbool.h>
#include <string.h>

static void check(const char *source, SourceSpan span, const char *note, const char *expected) {
    g_autofree char *text =
        diagnostic_format("config.toml", source, strlen(source), span, "wrong", note);
    g_assert_cmpstr(text, ==, expected);
}

static void caret_stands_under_the_span(void) {
    check("a = 1\ninterval = 30\n", (SourceSpan){ 2, 12, 2 }, "write \"30m\"",
          "config.toml:2:12: wrong\n"
          "  |\n"
          "2 | interval = 30\n"
          "  |            ^^ write \"30m\"");
    check("a = 1", (SourceSpan){ 1, 1, 1 }, NULL, "config.toml:1:1: wrong\n  |\n1 | a = 1\n  | ^");
}

static void line_numbers_widen_the_gutter(void) {
    check("\n\n\n\n\n\n\n\n\nx", (SourceSpan){ 10, 1, 1 }, NULL,
          "config.toml:10:1: wrong\n   |\n10 | x\n   | ^");
}

static void wide_characters_and_tabs_move_the_caret(void) {
    check("\t表 = é!", (SourceSpan){ 1, 6, 1 }, NULL,
          "config.toml:1:6: wrong\n  |\n1 |     表 = é!\n  |          ^");
    check("x = 表表", (SourceSpan){ 1, 5, 2 }, NULL,
          "config.toml:1:5: wrong\n  |\n1 | x = 表表\n  |     ^^^^");
}

static void terminal_controls_are_stripped(void) {
    check("a = \x1b[31mred\x07 x", (SourceSpan){ 1, 15, 1 }, "\x1b[2Jnote",
          "config.toml:1:15: wrong\n  |\n1 | a = red x\n  |         ^ note");
    g_autofree char *text =
        diagnostic_format("\x1b[1mf", "a", 1, (SourceSpan){ 1, 1, 1 }, "m\x1b]0;title\x07", NULL);
    g_assert_true(g_str_has_prefix(text, "f:1:1: m\n"));
}

static void long_lines_are_cut_around_the_caret(void) {
    GString *source = g_string_new(NULL);
    for (int i = 0; i < 500; i++) g_string_append(source, "x");
    g_string_append(source, " HERE ");
    for (int i = 0; i < 500; i++) g_string_append(source, "y");
    g_autofree char *text =
        diagnostic_format("f", source->str, source->len, (SourceSpan){ 1, 502, 4 }, "wrong", NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_assert_cmpint(g_strv_length(lines), ==, 4);
    g_assert_true(g_str_has_prefix(lines[2], "1 | …xxx"));
    g_assert_true(g_str_has_suffix(lines[2], "yyy…"));
    g_assert_cmpint(g_utf8_strlen(lines[2], -1), <, 120);
    const char *here = strstr(lines[2], "HERE");
    glong column = g_utf8_pointer_to_offset(lines[2], here);
    g_assert_cmpint(column, ==, (glong)strcspn(lines[3], "^"));
    g_string_free(source, true);
}

static void a_span_outside_of_the_text_is_harmless(void) {
    check("a", (SourceSpan){ 9, 9, 9 }, NULL, "config.toml:9:9: wrong\n  |\n9 | \n  | ^");
    check("", (SourceSpan){ 1, 1, 1 }, NULL, "config.toml:1:1: wrong\n  |\n1 | \n  | ^");
    check("a", (SourceSpan){ 0, 0, 0 }, NULL, "config.toml:1:1: wrong\n  |\n1 | a\n  | ^");
    g_autofree char *bad =
        diagnostic_format("f", "\xff\xfe!", 3, (SourceSpan){ 1, 3, 1 }, "m", NULL);
    g_assert_true(g_utf8_validate(bad, -1, NULL));
    g_assert_true(g_str_has_suffix(bad, "!\n  |   ^"));
}

static void spans_count_lines_and_characters(void) {
    static const char source[] = "\xEF\xBB\xBF"
                                 "é = 1\r\nb = \"x\ny\"\n";
    const struct {
        size_t start, end;
        SourceSpan span;
    } cases[] = {
        { 0, 0, { 1, 1, 1 } },     { 3, 5, { 1, 1, 1 } },   { 8, 9, { 1, 5, 1 } },
        { 8, 11, { 1, 5, 1 } },    { 15, 19, { 2, 5, 2 } }, { 18, 19, { 3, 1, 1 } },
        { 100, 200, { 4, 1, 1 } },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SourceSpan span = diagnostic_span(source, sizeof source - 1, cases[i].start, cases[i].end);
        g_assert_cmpint((int)span.line, ==, (int)cases[i].span.line);
        g_assert_cmpint((int)span.column, ==, (int)cases[i].span.column);
        g_assert_cmpint((int)span.length, ==, (int)cases[i].span.length);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/diagnostic/caret_stands_under_the_span", caret_stands_under_the_span);
    g_test_add_func("/base/diagnostic/line_numbers_widen_the_gutter",
                    line_numbers_widen_the_gutter);
    g_test_add_func("/base/diagnostic/wide_characters_and_tabs_move_the_caret",
                    wide_characters_and_tabs_move_the_caret);
    g_test_add_func("/base/diagnostic/terminal_controls_are_stripped",
                    terminal_controls_are_stripped);
    g_test_add_func("/base/diagnostic/long_lines_are_cut_around_the_caret",
                    long_lines_are_cut_around_the_caret);
    g_test_add_func("/base/diagnostic/a_span_outside_of_the_text_is_harmless",
                    a_span_outside_of_the_text_is_harmless);
    g_test_add_func("/base/diagnostic/spans_count_lines_and_characters",
                    spans_count_lines_and_characters);
    return g_test_run();
}

/* Tests of base/text.c and base/text_strip.c: no character is ever split, nothing that drives a
 * terminal is left, and chunks give what the whole gives. */
#include "base/text.h"

#include <string.h>

static void cutting_never_splits_a_character(void) {
    static const char *const texts[] = {
        "plain",
        "\xC3\xA9t\xC3\xA9",
        "\xE4\xBD\xA0\xE5\xA5\xBD",
        "\xF0\x9F\x98\x80!\xF0\x9F\x91\x8D",
        "e\xCC\x81 \xE0\xA4\xB9\xE0\xA4\xBF",
        "",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        size_t length = strlen(texts[i]), before = 0;
        for (size_t limit = 0; limit <= length + 2; limit++) {
            size_t cut = text_cut(texts[i], length, limit);
            g_assert_cmpuint(cut, <=, limit);
            g_assert_cmpuint(cut, >=, before);
            g_assert_true(g_utf8_validate_len(texts[i], cut, NULL));
            /* And no more is given up than the character that does not fit. */
            g_assert_cmpuint(MIN(limit, length) - cut, <, 4);
            before = cut;
        }
        g_assert_cmpuint(before, ==, length);
    }
}

static void cutting_ill_formed_text_stays_in_bounds(void) {
    static const char junk[] = "\x80\x80\x80\x80\xFF\xC0\x80\xF0\x9F\xED\xA0\x80\xE4";
    for (size_t length = 0; length < sizeof junk; length++)
        for (size_t limit = 0; limit <= length + 1; limit++)
            g_assert_cmpuint(text_cut(junk, length, limit), <=, MIN(length, limit));
}

static void an_unfinished_character_waits_for_the_next_chunk(void) {
    g_assert_cmpuint(text_cut("ab\xE4\xBD", 4, 100), ==, 2);
    g_assert_cmpuint(text_cut("ab\xE4\xBD\xA0", 5, 100), ==, 5);
    g_assert_cmpuint(text_cut("\xF0", 1, 100), ==, 0);
}

static void ill_formed_bytes_become_replacements(void) {
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "fine \xF0\x9F\x98\x80", "fine \xF0\x9F\x98\x80" },
        { "a\xFF"
          "b",
          "a\xEF\xBF\xBD"
          "b" },
        { "\xC3", "\xEF\xBF\xBD" },
        { "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *valid = text_make_valid(rows[i].text, strlen(rows[i].text));
        g_assert_cmpstr(valid, ==, rows[i].expected);
    }
    g_autofree char *with_nul = text_make_valid("a\0b", 3);
    g_assert_cmpstr(with_nul, ==, "ab");
}

static void assert_ellipsized(const char *text, size_t max, const char *expected) {
    g_autofree char *cut = text_ellipsize(text, max);
    g_assert_cmpstr(cut, ==, expected);
}

static void an_ellipsis_counts_characters(void) {
    assert_ellipsized("hello", 5, "hello");
    assert_ellipsized("hello", 4, "hel\xE2\x80\xA6");
    assert_ellipsized("\xE4\xBD\xA0\xE5\xA5\xBD\xE4\xBD\xA0", 2, "\xE4\xBD\xA0\xE2\x80\xA6");
    assert_ellipsized("ab", 1, "\xE2\x80\xA6");
    assert_ellipsized("", 0, "");
    assert_ellipsized("a\xFF"
                      "b",
                      3,
                      "a\xEF\xBF\xBD"
                      "b");
}

/* What goes in, what may come out. */
static const struct {
    const char *text, *expected;
} strip_rows[] = {
    { "plain text\n\twith a tab", "plain text\n\twith a tab" },
    { "\033[31mred\033[0m", "red" },
    { "\033[38;5;196mred\033[m", "red" },
    { "\033[?1049h\033[2J\033[H", "" },
    { "\033]0;owned\007title", "title" },
    { "\033]0;owned\033\\title", "title" },
    { "\033]52;c;ZXZpbA==\007clip", "clip" },
    { "\033]8;;https://example.org/\033\\link\033]8;;\033\\", "link" },
    { "\033P1$r0m\033\\dcs", "dcs" },
    { "\033_apc\033\\x\033^pm\033\\y\033Xsos\033\\z", "xyz" },
    { "\033(B\033)0\033#8charset", "charset" },
    { "\033cfull reset", "full reset" },
    { "\0337\0338", "" },
    { "\xC2\x9B"
      "31mC1 control",
      "C1 control" },
    { "\xC2\x9D"
      "0;title\xC2\x9C"
      "C1 string",
      "C1 string" },
    { "\xC2\x90"
      "q\xC2\x9C"
      "C1 dcs",
      "C1 dcs" },
    { "\xC2\x85next line", "next line" },
    { "\033]0;\xC3\x9C"
      "ber\007shown",
      "shown" },
    { "a\bb\rc\ad\033", "abcd" },
    { "\x7F"
      "del\x01\x02",
      "del" },
    { "\033[\xC3\xA9t\xC3\xA9", "\xC3\xA9t\xC3\xA9" },
    { "\033\xC3\xA9", "\xC3\xA9" },
    { "\033[3\033[1mbold", "bold" },
    { "\033]0;\033[1mbold", "bold" },
    { "\033[31\nnext", "\nnext" },
    { "\033]0;open\nnext", "\nnext" },
    { "abc\xE2\x80\xAE"
      "cba",
      "abccba" },
    { "\xE2\x81\xA6iso\xE2\x81\xA9\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C", "iso" },
    { "tag\xF3\xA0\x81\xA8\xF3\xA0\x81\xA9\xF3\xA0\x80\x81", "tag" },
    { "\xEF\xBB\xBF"
      "bom\xEF\xBF\xB9",
      "bom" },
    { "\xF0\x9F\x98\x80 \xE4\xBD\xA0\xE5\xA5\xBD e\xCC\x81",
      "\xF0\x9F\x98\x80 \xE4\xBD\xA0\xE5\xA5\xBD e\xCC\x81" },
    { "bad \xFF\xC3(\xE4\xBD", "bad \xEF\xBF\xBD\xEF\xBF\xBD(\xEF\xBF\xBD" },
    { "\x9B"
      "31m raw byte",
      "\xEF\xBF\xBD"
      "31m raw byte" },
};

static void stripping_leaves_nothing_that_drives_a_terminal(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(strip_rows); i++) {
        g_autofree char *safe = text_strip_terminal(strip_rows[i].text, strlen(strip_rows[i].text));
        g_assert_cmpstr(safe, ==, strip_rows[i].expected);
        g_autofree char *again = text_strip_terminal(safe, strlen(safe));
        g_assert_cmpstr(again, ==, safe);
    }
}

/* The row cut in two at `first` and in three at `second`. */
static void assert_chunks_give_the_whole(const char *text, const char *expected, size_t first,
                                         size_t second) {
    g_autoptr(TextStripper) stripper = text_stripper_new();
    g_autoptr(GString) out = g_string_new(NULL);
    text_stripper_feed(stripper, text, first, out);
    text_stripper_feed(stripper, text + first, second - first, out);
    g_assert_true(g_utf8_validate_len(out->str, out->len, NULL));
    text_stripper_feed(stripper, text + second, strlen(text) - second, out);
    text_stripper_finish(stripper, out);
    g_assert_cmpstr(out->str, ==, expected);
}

static void chunks_give_what_the_whole_gives(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(strip_rows); i++) {
        size_t length = strlen(strip_rows[i].text);
        for (size_t first = 0; first <= length; first++)
            for (size_t second = first; second <= length; second++)
                assert_chunks_give_the_whole(strip_rows[i].text, strip_rows[i].expected, first,
                                             second);
    }
}

static void an_endless_string_does_not_swallow_the_answer(void) {
    g_autofree char *filler = g_strnfill(10000, 'x');
    g_autofree char *text = g_strconcat("\033]0;", filler, " the answer", NULL);
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    g_assert_true(g_str_has_suffix(safe, "x the answer"));
}

static void a_stripper_can_be_used_again(void) {
    g_autoptr(TextStripper) stripper = text_stripper_new();
    g_autoptr(GString) out = g_string_new(NULL);
    text_stripper_feed(stripper, "\033]0;open", 8, out);
    text_stripper_finish(stripper, out);
    text_stripper_feed(stripper, "next\xE4", 5, out);
    text_stripper_finish(stripper, out);
    text_stripper_feed(stripper, "last", 4, out);
    g_assert_cmpstr(out->str, ==, "next\xEF\xBF\xBDlast");
}

static void width_is_columns(void) {
    static const struct {
        const char *text;
        size_t width;
    } rows[] = {
        { "", 0 },
        { "plain", 5 },
        { "\xC3\xA9", 1 },
        { "e\xCC\x81", 1 },                /* combining accent */
        { "\xE4\xBD\xA0\xE5\xA5\xBD", 4 }, /* CJK */
        { "\xED\x95\x9C\xEA\xB5\xAD", 4 }, /* Hangul */
        { "\xEF\xBC\xA1", 2 },             /* full-width A */
        { "\xEF\xBD\xB1", 1 },             /* half-width katakana */
        { "\xF0\x9F\x98\x80", 2 },         /* emoji */
        { "\xE2\x9D\xA4\xEF\xB8\x8F", 1 }, /* heart, variation selector */
        { "a\xE2\x80\x8B"
          "b",
          2 }, /* zero-width space */
        { "\a\b", 0 },
        { "\xFF", 1 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(text_width(rows[i].text), ==, rows[i].width);
}

static void suggestions_are_near(void) {
    static const char *const words[] = { "chat",  "config", "completion", "doctor",
                                         "model", "paths",  "desktop",    NULL };
    static const struct {
        const char *word, *expected;
    } rows[] = {
        { "confg", "config" }, { "cofnig", "config" },   { "docter", "doctor" },
        { "modle", "model" },  { "comp", "completion" }, { "path", "paths" },
        { "co", NULL },        { "xyz", NULL },          { "con", "config" },
        { "", NULL },          { "catalogue", NULL },    { "chat", "chat" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(text_suggest(rows[i].word, words), ==, rows[i].expected);
    g_autofree char *endless = g_strnfill(100000, 'c');
    g_assert_null(text_suggest(endless, words));
}

static void sizes_read_like_a_disk(void) {
    static const struct {
        unsigned long long bytes;
        const char *expected;
    } rows[] = {
        { 0, "0 B" },
        { 512, "512 B" },
        { 999, "999 B" },
        { 1000, "1.0 kB" },
        { 98400000, "98.4 MB" },
        { 99940000, "99.9 MB" },
        { 99960000, "100 MB" },
        { 999499, "999 kB" },
        { 999500, "1.0 MB" },
        { 4700000000, "4.7 GB" },
        { 18446744073709551615ULL, "18447 PB" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *size = text_format_size(rows[i].bytes);
        g_assert_cmpstr(size, ==, rows[i].expected);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/base/text/" #name, name)
    TEST(cutting_never_splits_a_character);
    TEST(cutting_ill_formed_text_stays_in_bounds);
    TEST(an_unfinished_character_waits_for_the_next_chunk);
    TEST(ill_formed_bytes_become_replacements);
    TEST(an_ellipsis_counts_characters);
    TEST(stripping_leaves_nothing_that_drives_a_terminal);
    TEST(chunks_give_what_the_whole_gives);
    TEST(an_endless_string_does_not_swallow_the_answer);
    TEST(a_stripper_can_be_used_again);
    TEST(width_is_columns);
    TEST(suggestions_are_near);
    TEST(sizes_read_like_a_disk);
    return g_test_run();
}

/* Tests of markdown/: what each kind of block looks like, and that a stream writes what the whole
 * would. */
#include "markdown/stream.h"

#include <string.h>

static char *rendered(const char *source, StyledFormat format, size_t n_columns) {
    g_autoptr(MarkdownStream) stream = markdown_stream_new(format, n_columns);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    markdown_stream_feed(stream, source, -1);
    markdown_stream_finish(stream);
    markdown_stream_take_rows(stream, rows);
    g_ptr_array_add(rows, NULL);
    return g_strjoinv("\n", (char **)rows->pdata);
}

typedef struct {
    const char *source;
    const char *plain;
} Row;

static void plain_output_reads_like_the_source(void) {
    static const Row table[] = {
        { "# Title\n\ntext", "Title\n\ntext" },
        { "a\nb\n\n\n\nc", "a\nb\n\nc" },
        { "- one\n- two\n  - deep\n    more\n", "- one\n- two\n  - deep\n    more" },
        { "1. one\n\n2. two\n", "1. one\n\n2. two" },
        { "7) seven\n8) eight", "7. seven\n8. eight" },
        { "- [x] done\n- [ ] open", "[x] done\n[ ] open" },
        { "1. a\n\n   second\n", "1. a\n\n   second" },
        { "> one\n> two\n", "> one\n> two" },
        { "```sh\nls -l\n\n  x\n```\nafter", "```sh\n    ls -l\n\n      x\n```\nafter" },
        { "~~~\n```\n~~~", "~~~\n    ```\n~~~" },
        { "- item\n  ```\n  code\n  ```", "- item\n```\n      code\n```" },
        { "Head\n====\nx", "Head\nx" },
        { "a\n\n***\n\nb", "a\n\n----------------------------------------\n\nb" },
        { "see [here](https://x.org/) and <https://y.org/>",
          "see here (https://x.org/) and https://y.org/" },
        { "![a cat](cat.png)", "a cat (cat.png)" },
        { "**b** *i* ~~s~~ `c`", "b i s `c`" },
        { "&lt;b&gt; &amp; &#65; &#x1F600; &unknown;", "<b> & A \xF0\x9F\x98\x80 &unknown;" },
        { "<script>x</script>", "<script>x</script>" },
        { "| a | b |\n|---|--:|\n| x | 10 |\n", "a   |   b\n----|----\nx   |  10" },
        { "not | a table\njust text", "not | a table\njust text" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *seen = rendered(table[i].source, STYLED_PLAIN, 60);
        g_assert_cmpstr(seen, ==, table[i].plain);
    }
}

static void styles_are_set_and_put_back(void) {
    g_autofree char *bold = rendered("a **b** c", STYLED_ANSI, 40);
    g_assert_cmpstr(bold, ==, "a \033[1mb\033[0m c");
    g_autofree char *code = rendered("`x`", STYLED_ANSI, 40);
    g_assert_cmpstr(code, ==, "\033[36mx\033[0m");
    g_autofree char *link = rendered("[a](https://x.org)", STYLED_ANSI, 40);
    g_assert_nonnull(strstr(link, "\033]8;;https://x.org\033\\a"));
    g_assert_true(g_str_has_suffix(link, "\033]8;;\033\\)") ||
                  strstr(link, "\033]8;;\033\\") != NULL);
}

static void only_web_addresses_become_links(void) {
    static const char *const links[] = { "javascript:alert(1)", "file:///etc/passwd", "data:x",
                                         "https://x\xC3\xA9.org", "ftp://x" };
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *source = g_strdup_printf("[a](%s)", links[i]);
        g_autofree char *seen = rendered(source, STYLED_ANSI, 60);
        g_assert_null(strstr(seen, "\033]8"));
        g_assert_nonnull(strstr(seen, links[i]));
    }
}

static void entities_cannot_drive_a_terminal(void) {
    g_autofree char *seen = rendered("a&#27;[2J&#155;b&#x1b;c&#10;d", STYLED_PLAIN, 60);
    g_assert_cmpstr(seen, ==, "a[2Jbc d");
}

static void rows_break_between_words_and_around_wide_characters(void) {
    g_autofree char *words = rendered("one two three four", STYLED_PLAIN, 10);
    g_assert_cmpstr(words, ==, "one two\nthree four");
    g_autofree char *wide = rendered("日本語日本語", STYLED_PLAIN, 9);
    g_assert_cmpstr(wide, ==, "日本語日\n本語");
    g_autofree char *family = rendered("abcdefgh👨‍👩‍👧x", STYLED_PLAIN, 9);
    g_assert_cmpstr(family, ==, "abcdefgh\n👨‍👩‍👧x");
    g_autofree char *item = rendered("- one two three four", STYLED_PLAIN, 12);
    g_assert_cmpstr(item, ==, "- one two\n  three four");
}

static void finished_rows_come_once_and_the_tail_as_it_stands(void) {
    g_autoptr(MarkdownStream) stream = markdown_stream_new(STYLED_PLAIN, 40);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    markdown_stream_feed(stream, "first\n\n- ite", -1);
    markdown_stream_take_rows(stream, rows);
    g_assert_cmpuint(rows->len, ==, 1);
    g_autoptr(GPtrArray) tail = g_ptr_array_new_with_free_func(g_free);
    markdown_stream_tail_rows(stream, tail);
    g_assert_cmpstr(g_ptr_array_index(tail, tail->len - 1), ==, "- ite");
    markdown_stream_take_rows(stream, rows);
    g_assert_cmpuint(rows->len, ==, 1);
    markdown_stream_feed(stream, "m\n```\nx = 1\n", -1);
    markdown_stream_take_rows(stream, rows);
    g_assert_cmpstr(g_ptr_array_index(rows, 2), ==, "- item");
    /* Code is written line by line. */
    g_assert_cmpstr(g_ptr_array_index(rows, rows->len - 1), ==, "    x = 1");
}

static void a_long_table_goes_on_where_it_left_off(void) {
    g_autoptr(GString) source = g_string_new("| name | n |\n|---|---|\n");
    for (int i = 0; i < 30; i++) g_string_append_printf(source, "| row%d | %d |\n", i, i);
    g_autoptr(MarkdownStream) stream = markdown_stream_new(STYLED_PLAIN, 40);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    markdown_stream_feed(stream, source->str, -1);
    markdown_stream_take_rows(stream, rows);
    g_assert_cmpuint(rows->len, ==, 2 + 24);
    markdown_stream_finish(stream);
    markdown_stream_take_rows(stream, rows);
    g_assert_cmpuint(rows->len, ==, 2 + 30);
    g_assert_cmpstr(g_ptr_array_index(rows, 31), ==, "row29 | 29");
}

static void a_narrow_table_wraps_its_cells(void) {
    g_autofree char *seen =
        rendered("| a | b |\n|---|---|\n| one two three four | x |\n", STYLED_PLAIN, 16);
    g_assert_cmpstr(seen, ==, "a          | b\n-----------|----\none two    | x\nthree four |");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/markdown/plain_output_reads_like_the_source",
                    plain_output_reads_like_the_source);
    g_test_add_func("/markdown/styles_are_set_and_put_back", styles_are_set_and_put_back);
    g_test_add_func("/markdown/only_web_addresses_become_links", only_web_addresses_become_links);
    g_test_add_func("/markdown/entities_cannot_drive_a_terminal", entities_cannot_drive_a_terminal);
    g_test_add_func("/markdown/rows_break_between_words_and_around_wide_characters",
                    rows_break_between_words_and_around_wide_characters);
    g_test_add_func("/markdown/stream/finished_rows_come_once_and_the_tail_as_it_stands",
                    finished_rows_come_once_and_the_tail_as_it_stands);
    g_test_add_func("/markdown/stream/a_long_table_goes_on_where_it_left_off",
                    a_long_table_goes_on_where_it_left_off);
    g_test_add_func("/markdown/table/a_narrow_table_wraps_its_cells",
                    a_narrow_table_wraps_its_cells);
    return g_test_run();
}

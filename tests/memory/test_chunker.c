/* tests/memory/test_chunker.c: where a note is cut. */
#include "memory/chunker.h"

#include <string.h>

static const ChunkerLimits usual = { 400, 80 };

/* "1-3|heading|text" of every chunk, one a line. */
static char *describe(const char *text, const ChunkerLimits *limits) {
    g_autoptr(ChunkList) list = chunker_split(text, strlen(text), limits);
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        g_autofree char *piece = g_strndup(text + chunk->offset, chunk->length);
        g_autofree char *shown = g_strescape(piece, NULL);
        g_string_append_printf(out, "%d-%d|%s|%s\n", (int)chunk->start_line, (int)chunk->end_line,
                               (const char *)g_ptr_array_index(list->headings, chunk->heading),
                               shown);
    }
    return g_string_free(out, FALSE);
}

static void test_begins_a_piece_at_each_heading(void) {
    g_autofree char *seen =
        describe("# Trips\n\n## Vienna\nBy train.\n\n## Rome\nBy bus.\n", &usual);
    g_assert_cmpstr(seen, ==,
                    "1-4|Trips > Vienna|# Trips\\n\\n## Vienna\\nBy train.\n"
                    "6-7|Trips > Rome|## Rome\\nBy bus.\n");
}

static void test_knows_underlined_headings(void) {
    g_autofree char *seen = describe("Trips\n=====\nBy train.\n\nRome\n----\nBy bus.\n", &usual);
    g_assert_cmpstr(seen, ==,
                    "1-3|Trips|Trips\\n=====\\nBy train.\n"
                    "5-7|Trips > Rome|Rome\\n----\\nBy bus.\n");
}

static void test_a_heading_in_a_fence_is_none(void) {
    g_autofree char *seen = describe("# A\n```sh\n# not a heading\n\n```\nafter\n", &usual);
    g_assert_cmpstr(seen, ==, "1-6|A|# A\\n```sh\\n# not a heading\\n\\n```\\nafter\n");
}

static void test_keeps_fences_tables_and_items_whole(void) {
    static const char *const wholes[] = {
        "```c\nint main(void)\n{\n\n    return 0;\n}\n```",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |",
        "- one item that goes on\n  in its second line\n  - and has a nested one",
    };
    const ChunkerLimits small = { 16, 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(wholes); i++) {
        g_autofree char *text = g_strconcat(
            "some words in front that fill a piece by themselves, "
            "so that the next begins\n\n",
            wholes[i], "\n\nand words behind it, too many to go into the same piece with it\n",
            NULL);
        g_autofree char *seen = describe(text, &small);
        g_autofree char *whole = g_strescape(wholes[i], NULL);
        g_autofree char *piece = g_strconcat("|", whole, "\n", NULL);
        if (strstr(seen, piece) == NULL) g_test_message("%s", seen);
        g_assert_nonnull(strstr(seen, piece));
    }
}

static char *numbered_lines(int n) {
    GString *text = g_string_new(NULL);
    for (int i = 1; i <= n; i++)
        g_string_append_printf(text, "this is line number %d of them\n", i);
    return g_string_free(text, FALSE);
}

static void test_repeats_the_end_of_a_piece(void) {
    g_autofree char *text = numbered_lines(400);
    const ChunkerLimits limits = { 100, 20 };
    g_autoptr(ChunkList) list = chunker_split(text, strlen(text), &limits);
    g_assert_cmpint(list->chunks->len, >, 10);
    g_assert_cmpint(list->n_lines, ==, 400);
    int64_t covered = 0;
    for (unsigned i = 0; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        g_assert_cmpint(chunk->length, <=, 420);
        if (i > 0) g_assert_cmpint(chunk->start_line, <=, covered);
        g_assert_cmpint(chunk->start_line, >=, covered - 3);
        g_assert_cmpint(chunk->end_line, >, covered);
        covered = chunk->end_line;
    }
    g_assert_cmpint(covered, ==, 400);
}

static void test_cuts_a_long_line_at_words(void) {
    GString *text = g_string_new("# Log\n");
    for (int i = 0; i < 3000; i++) g_string_append(text, "wordy ");
    g_autoptr(ChunkList) list = chunker_split(text->str, text->len, &usual);
    g_assert_cmpint(list->chunks->len, >, 8);
    for (unsigned i = 1; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        g_assert_cmpint(chunk->start_line, ==, 2);
        g_assert_cmpint(chunk->end_line, ==, 2);
        g_assert_true(g_str_has_prefix(text->str + chunk->offset, "wordy"));
        g_assert_cmpint(chunk->length, <=, 1600);
    }
    g_string_free(text, TRUE);
}

static void test_cuts_text_without_spaces_between_characters(void) {
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 3000; i++) g_string_append(text, "\xe4\xbd\xa0");
    g_autoptr(ChunkList) list = chunker_split(text->str, text->len, &usual);
    g_assert_cmpint(list->chunks->len, ==, 8);
    size_t end = 0;
    for (unsigned i = 0; i < list->chunks->len; i++) {
        const Chunk *chunk = &g_array_index(list->chunks, Chunk, i);
        g_assert_cmpint(chunk->offset, ==, end);
        end += chunk->length;
        g_assert_true(g_utf8_validate(text->str + chunk->offset, (gssize)chunk->length, NULL));
    }
    g_assert_cmpint(end, ==, text->len);
    g_string_free(text, TRUE);
}

static void test_reads_front_matter(void) {
    const char *text =
        "---\ntitle: \"Night trains\"\ntags: [rail]\ndate: 2026-03-04\n---\n\nBy night.\n";
    g_autoptr(ChunkList) list = chunker_split(text, strlen(text), &usual);
    g_assert_cmpstr(list->title, ==, "Night trains");
    g_assert_cmpstr(list->date, ==, "2026-03-04");
    g_autofree char *seen = describe(text, &usual);
    g_assert_true(g_str_has_prefix(seen, "1-7|Night trains|---"));
}

static void test_a_rule_at_the_top_is_no_front_matter(void) {
    g_autofree char *seen = describe("---\nonly a rule\n", &usual);
    g_assert_cmpstr(seen, ==, "1-2||---\\nonly a rule\n");
}

static const Provenance *provenance_of(const ChunkList *list, unsigned index) {
    const Chunk *chunk = &g_array_index(list->chunks, Chunk, index);
    return g_ptr_array_index(list->provenances, chunk->provenance);
}

static void test_a_mark_tells_where_its_section_comes_from(void) {
    const char *text =
        "# Day\nmine\n\n## 14:05\n\n<!-- localgpt: session=s1 turn=t2 tool=memory_append "
        "label=agent -->\nnoted\n\n### below\nnoted too\n\n## 15:00\nmine again\n";
    g_autoptr(ChunkList) list = chunker_split(text, strlen(text), &usual);
    g_assert_cmpint(list->chunks->len, ==, 4);
    g_assert_cmpint(provenance_of(list, 0)->label, ==, NOTE_OWNER);
    g_assert_cmpstr(provenance_of(list, 1)->session, ==, "s1");
    g_assert_cmpstr(provenance_of(list, 1)->turn, ==, "t2");
    g_assert_cmpint(provenance_of(list, 2)->label, ==, NOTE_AGENT);
    g_assert_cmpint(provenance_of(list, 3)->label, ==, NOTE_OWNER);
    g_assert_null(provenance_of(list, 3)->session);
}

static void test_an_empty_note_has_no_piece(void) {
    static const char *const empties[] = { "", "\n", "\n\n  \n\t\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(empties); i++) {
        g_autofree char *seen = describe(empties[i], &usual);
        g_assert_cmpstr(seen, ==, "");
    }
}

static void test_every_line_is_in_a_piece(void) {
    const char *text =
        "text\n- item\n\n  more of it\n* other\n> quote\n***\n1. one\n2. two\n    code\n"
        "~~~\nopen fence\n# inside\n";
    g_autoptr(ChunkList) list = chunker_split(text, strlen(text), &usual);
    g_assert_cmpint(list->chunks->len, ==, 1);
    const Chunk *chunk = &g_array_index(list->chunks, Chunk, 0);
    g_assert_cmpint(chunk->start_line, ==, 1);
    g_assert_cmpint(chunk->end_line, ==, 13);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/chunker/begins_a_piece_at_each_heading",
                    test_begins_a_piece_at_each_heading);
    g_test_add_func("/memory/chunker/knows_underlined_headings", test_knows_underlined_headings);
    g_test_add_func("/memory/chunker/a_heading_in_a_fence_is_none",
                    test_a_heading_in_a_fence_is_none);
    g_test_add_func("/memory/chunker/keeps_fences_tables_and_items_whole",
                    test_keeps_fences_tables_and_items_whole);
    g_test_add_func("/memory/chunker/repeats_the_end_of_a_piece", test_repeats_the_end_of_a_piece);
    g_test_add_func("/memory/chunker/cuts_a_long_line_at_words", test_cuts_a_long_line_at_words);
    g_test_add_func("/memory/chunker/cuts_text_without_spaces_between_characters",
                    test_cuts_text_without_spaces_between_characters);
    g_test_add_func("/memory/chunker/reads_front_matter", test_reads_front_matter);
    g_test_add_func("/memory/chunker/a_rule_at_the_top_is_no_front_matter",
                    test_a_rule_at_the_top_is_no_front_matter);
    g_test_add_func("/memory/chunker/a_mark_tells_where_its_section_comes_from",
                    test_a_mark_tells_where_its_section_comes_from);
    g_test_add_func("/memory/chunker/an_empty_note_has_no_piece", test_an_empty_note_has_no_piece);
    g_test_add_func("/memory/chunker/every_line_is_in_a_piece", test_every_line_is_in_a_piece);
    return g_test_run();
}

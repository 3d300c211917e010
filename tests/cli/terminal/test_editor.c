/* Tests of cli/terminal/editor.c and composer.c: text, cursor, pastes, and how they are laid out.
 */
#include "cli/terminal/composer.h"
#include "cli/terminal/editor.h"

#include <string.h>

static void it_moves_and_deletes_by_character_word_and_line(void) {
    g_autoptr(Editor) editor = editor_new();
    editor_insert(editor, "one two\nthree e\xCC\x81👨‍👩‍👧", -1);
    editor_delete(editor, EDITOR_LEFT);
    g_assert_cmpstr(editor_text(editor), ==, "one two\nthree e\xCC\x81");
    editor_delete(editor, EDITOR_LEFT);
    g_assert_cmpstr(editor_text(editor), ==, "one two\nthree ");
    g_assert_true(editor_move(editor, EDITOR_UP));
    g_assert_false(editor_move(editor, EDITOR_UP));
    editor_move(editor, EDITOR_LINE_START);
    editor_kill(editor, EDITOR_WORD_RIGHT);
    g_assert_cmpstr(editor_text(editor), ==, " two\nthree ");
    editor_kill(editor, EDITOR_LINE_END);
    editor_kill(editor, EDITOR_LINE_END); /* the newline */
    g_assert_cmpstr(editor_text(editor), ==, "three ");
    editor_move(editor, EDITOR_END);
    editor_yank(editor);
    g_assert_cmpstr(editor_text(editor), ==, "three one two\n");
}

static void undo_goes_back_word_by_word(void) {
    g_autoptr(Editor) editor = editor_new();
    for (const char *at = "ab cd"; *at != '\0'; at++) editor_insert(editor, at, 1);
    editor_kill(editor, EDITOR_LINE_START);
    editor_undo(editor);
    g_assert_cmpstr(editor_text(editor), ==, "ab cd");
    editor_undo(editor);
    g_assert_cmpstr(editor_text(editor), ==, "ab ");
    for (int i = 0; i < 9; i++) editor_undo(editor);
    g_assert_true(editor_is_empty(editor));
}

static void a_long_paste_is_one_character_and_all_there(void) {
    g_autoptr(Editor) editor = editor_new();
    editor_insert(editor, "see ", -1);
    editor_insert_paste(editor, "1\n2\n3\n4\n5");
    editor_insert_paste(editor, "a\nb\nc\nd");
    g_assert_cmpstr(editor_text(editor), ==, "see " EDITOR_PASTE_MARK EDITOR_PASTE_MARK);
    editor_move(editor, EDITOR_LEFT);
    editor_delete(editor, EDITOR_LEFT);
    g_autofree char *text = editor_dup_text(editor);
    g_assert_cmpstr(text, ==, "see a\nb\nc\nd");
    editor_undo(editor);
    g_autofree char *again = editor_dup_text(editor);
    g_assert_cmpstr(again, ==, "see 1\n2\n3\n4\n5a\nb\nc\nd");
    /* The sign itself cannot be typed. */
    editor_set_text(editor, "x" EDITOR_PASTE_MARK "y");
    g_assert_cmpstr(editor_text(editor), ==, "xy");
}

static void it_is_laid_out_in_rows_around_the_cursor(void) {
    g_autoptr(Editor) editor = editor_new();
    editor_insert(editor, "abcdefgh日本\nx", -1);
    ComposerView view = composer_layout(editor, "› ", 12, 8);
    g_assert_cmpuint(view.rows->len, ==, 3);
    g_assert_cmpstr(view.rows->pdata[0], ==, "› abcdefgh");
    g_assert_cmpstr(view.rows->pdata[1], ==, "  日本");
    g_assert_cmpuint(view.cursor_row, ==, 2);
    g_assert_cmpuint(view.cursor_column, ==, 3);
    g_ptr_array_unref(view.rows);
    editor_set_text(editor, "1\n2\n3\n4\n5");
    view = composer_layout(editor, "› ", 20, 2);
    g_assert_cmpuint(view.rows->len, ==, 2);
    g_assert_cmpstr(view.rows->pdata[1], ==, "  5");
    g_assert_cmpuint(view.cursor_row, ==, 1);
    g_ptr_array_unref(view.rows);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/terminal/editor/moves_and_deletes_by_character_word_and_line",
                    it_moves_and_deletes_by_character_word_and_line);
    g_test_add_func("/terminal/editor/undo_goes_back_word_by_word", undo_goes_back_word_by_word);
    g_test_add_func("/terminal/editor/a_long_paste_is_one_character_and_all_there",
                    a_long_paste_is_one_character_and_all_there);
    g_test_add_func("/terminal/composer/is_laid_out_in_rows_around_the_cursor",
                    it_is_laid_out_in_rows_around_the_cursor);
    return g_test_run();
}

/* Any bytes as typed: keys come out, the same however the bytes are cut, and each is one the screen
 * may take; an editor that takes them all holds valid text with its cursor between characters. The
 * first byte is the size of a chunk. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal/composer.h"
#include "cli/terminal/editor.h"
#include "cli/terminal/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void edit(Editor *editor, const Key *key) {
    char letter[8] = { 0 };
    switch (key->code) {
    case KEY_CHARACTER:
        if (key->modifiers & KEY_CTRL)
            editor_kill(editor, (EditorMove)(key->character % (EDITOR_END + 1)));
        else if (key->modifiers & KEY_ALT)
            editor_undo(editor);
        g_unichar_to_utf8(key->character, letter);
        editor_insert(editor, letter, -1);
        break;
    case KEY_PASTE: editor_insert_paste(editor, key->text); break;
    case KEY_ENTER: editor_insert(editor, "\n", 1); break;
    case KEY_BACKSPACE: editor_delete(editor, EDITOR_LEFT); break;
    case KEY_TAB: editor_yank(editor); break;
    default: editor_move(editor, (EditorMove)(key->code % (EDITOR_END + 1))); break;
    }
}

static void check_editor(const Editor *editor, size_t n_columns) {
    const char *text = editor_text(editor);
    size_t cursor = editor_cursor(editor), n_marks = 0;
    if (!g_utf8_validate(text, -1, NULL) || cursor > strlen(text)) abort();
    if (((unsigned char)text[cursor] & 0xC0) == 0x80) abort();
    for (const char *at = text; (at = strstr(at, EDITOR_PASTE_MARK)) != NULL; at++) n_marks++;
    if (n_marks > 0 && editor_paste(editor, n_marks - 1) == NULL) abort();
    if (editor_paste(editor, n_marks) != NULL) abort();
    ComposerView view = composer_layout(editor, "> ", n_columns, 8);
    if (view.rows->len == 0 || view.rows->len > 8 || view.cursor_row >= view.rows->len) abort();
    g_ptr_array_unref(view.rows);
}

static void take_keys(KeyReader *reader, GString *log, Editor *editor) {
    Key key;
    while (key_reader_next(reader, &key)) {
        if (key.code == KEY_CHARACTER && g_unichar_iscntrl(key.character)) abort();
        if (key.code == KEY_PASTE && strchr(key.text, '\033') != NULL) abort();
        g_string_append_printf(log, "%d/%u/%x/%s ", key.code, key.modifiers, key.character,
                               key.text != NULL ? key.text : "");
        if (editor != NULL) edit(editor, &key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t step = size > 0 ? 1 + data[0] % 16 : 1;
    const char *bytes = (const char *)data;
    g_autoptr(Editor) editor = editor_new();
    g_autoptr(KeyReader) reader = key_reader_new();
    g_autoptr(GString) whole = g_string_new(NULL);
    key_reader_feed(reader, bytes, size);
    take_keys(reader, whole, editor);
    check_editor(editor, 8 + step);
    g_autoptr(KeyReader) slow = key_reader_new();
    g_autoptr(GString) pieces = g_string_new(NULL);
    for (size_t at = 0; at < size; at += step) {
        key_reader_feed(slow, bytes + at, MIN(step, size - at));
        take_keys(slow, pieces, NULL);
    }
    if (strcmp(whole->str, pieces->str) != 0) abort();
    key_reader_expire(slow);
    take_keys(slow, pieces, NULL);
    if (key_reader_is_waiting(slow)) abort();
    return 0;
}

/*
 * cli/terminal/editor.h: the text a person is writing: several lines, a cursor, kill and yank,
 * undo. It moves and deletes by cluster (base/text_cluster.h) and knows nothing of screens.
 *
 *     editor_insert(editor, "hello", -1);
 *     editor_move(editor, EDITOR_WORD_LEFT);
 *     g_autofree char *message = editor_dup_text(editor);
 *
 * A long paste stands in the text as one character, EDITOR_PASTE_MARK, and moves and dies as one;
 * editor_dup_text() has all of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#define EDITOR_PASTE_MARK "\xEF\xBF\xBC" /* U+FFFC; typed ones are left out */

typedef struct Editor Editor;

typedef enum {
    EDITOR_LEFT,
    EDITOR_RIGHT,
    EDITOR_WORD_LEFT,
    EDITOR_WORD_RIGHT,
    EDITOR_LINE_START,
    EDITOR_LINE_END,
    EDITOR_UP, /* a line up or down, in the same column where there is one */
    EDITOR_DOWN,
    EDITOR_START,
    EDITOR_END,
} EditorMove;

Editor *editor_new(void);
void editor_free(Editor *editor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Editor, editor_free)

/* Text as it is written, with a mark for each long paste; and where the cursor is. Borrowed. */
const char *editor_text(const Editor *editor);
size_t editor_cursor(const Editor *editor);
bool editor_is_empty(const Editor *editor);

/* What the `index`th mark stands for; NULL when there is none. Borrowed. */
const char *editor_paste(const Editor *editor, size_t index);

/* The whole text, pastes included. New string. */
char *editor_dup_text(const Editor *editor);

/* Replaces everything; the cursor is at the end. */
void editor_set_text(Editor *editor, const char *text);

void editor_insert(Editor *editor, const char *text, gssize length);
/* More than three lines or 1000 bytes become one mark. */
void editor_insert_paste(Editor *editor, const char *text);
/* Replaces the bytes from `start` to the cursor, as a completion does. */
void editor_replace_before(Editor *editor, size_t start, const char *text);

/* false when the cursor could not move: the first or the last line for UP and DOWN. */
bool editor_move(Editor *editor, EditorMove move);

/* Deletes from the cursor to where `move` leads. Words and lines can be put back by editor_yank();
 * kills in a row add up. */
void editor_delete(Editor *editor, EditorMove move);
void editor_kill(Editor *editor, EditorMove move);
void editor_yank(Editor *editor);

void editor_undo(Editor *editor);

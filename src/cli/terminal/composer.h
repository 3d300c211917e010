/*
 * cli/terminal/composer.h: an Editor as rows of the screen: prompt, wrapped lines, the cursor.
 *
 *     ComposerView view = composer_layout(editor, "› ", 80, 8);
 *     ... view.rows, view.cursor_row, view.cursor_column ...
 */
#pragma once

#include "cli/terminal/editor.h"

typedef struct {
    GPtrArray *rows; /* char *, owned by the caller */
    size_t cursor_row, cursor_column;
} ComposerView;

/* At most `max_rows`, those around the cursor. A mark shows as "[Pasted 214 lines]". */
ComposerView composer_layout(const Editor *editor, const char *prompt, size_t n_columns,
                             size_t max_rows);

/*
 * cli/layout.h: plain text for an 80-column terminal: paragraphs that wrap, and two columns.
 *
 *     GString *out = g_string_new(NULL);
 *     layout_heading(out, "Options");
 *     layout_row(out, "  -f, --format FORMAT", "What stdout gets", LAYOUT_COLUMN);
 *
 * Everything appends to `out` (borrowed) and ends with a newline.
 */
#pragma once

#include <glib.h>

enum { LAYOUT_WIDTH = 80, LAYOUT_COLUMN = 28 };

/* "Options:" on its own line, after an empty line unless `out` is empty. */
void layout_heading(GString *out, const char *title);

/* Every paragraph of `text` (kept apart by an empty line) wrapped at LAYOUT_WIDTH behind `indent`
 * spaces. Lines that start with a space are kept as they are. */
void layout_text(GString *out, const char *text, unsigned indent);

/* `left`, then `right` wrapped in the column that starts at `column`; when `left` is too wide, on
 * the next line. */
void layout_row(GString *out, const char *left, const char *right, unsigned column);

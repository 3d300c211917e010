/*
 * markdown/markdown.h: Markdown to rows of a terminal, or to plain rows.
 *
 *     g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
 *     markdown_render("# Title", -1, &(MarkdownStyle){ .n_columns = 80 }, rows);
 *
 * The parser is md4c, loaded on first use; without it the source is shown as it is, wrapped. The
 * text must be safe for a terminal already (base/text.h); what Markdown itself could make of it
 * (entities, addresses) is made safe here. A row has no newline and never more than n_columns.
 */
#pragma once

#include "markdown/code_scanner.h"
#include "markdown/styled_text.h"

enum { MARKDOWN_MAX_TABLE_COLUMNS = 32 };

/* The widths of a table's columns, so that its later rows can line up with those written. */
typedef struct {
    size_t n_columns;
    size_t widths[MARKDOWN_MAX_TABLE_COLUMNS];
} MarkdownTableLayout;

typedef struct {
    size_t n_columns;
    size_t n_indent; /* columns left free before each row */
    StyledFormat format;
    MarkdownTableLayout *table; /* may be NULL; filled by a table, used by one that goes on */
    bool is_continued_table;    /* the header stands already: rows only */
} MarkdownStyle;

/* Appends rows (new strings) to `rows`. `length` -1: NUL-terminated. */
void markdown_render(const char *source, gssize length, const MarkdownStyle *style,
                     GPtrArray *rows);

/* One line of code as rows; the scanner has seen those before it. */
void markdown_render_code_line(const char *line, CodeScanner *scanner, const MarkdownStyle *style,
                               GPtrArray *rows);

/* false when md4c is not installed; *error says so. */
bool markdown_is_ready(GError **error);

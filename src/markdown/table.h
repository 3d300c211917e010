/*
 * markdown/table.h: a table of styled cells, fitted to a width.
 *
 *     MarkdownTable *table = markdown_table_new();
 *     markdown_table_add_row(table); markdown_table_add_cell(table, text, TABLE_LEFT);
 *     markdown_table_write(table, style, write_row, user_data);
 */
#pragma once

#include "markdown/markdown.h"

typedef enum { TABLE_LEFT, TABLE_CENTER, TABLE_RIGHT } TableAlign;

typedef struct MarkdownTable MarkdownTable;

/* One finished row of `n_columns` columns; borrowed. */
typedef void (*MarkdownRowFn)(const char *row, void *user_data);

MarkdownTable *markdown_table_new(void);
void markdown_table_free(MarkdownTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MarkdownTable, markdown_table_free)

/* The first row is the header. */
void markdown_table_add_row(MarkdownTable *table);
/* Takes `text`. Cells beyond MARKDOWN_MAX_TABLE_COLUMNS are left out. */
void markdown_table_add_cell(MarkdownTable *table, StyledText *text, TableAlign align);

/* At most `n_columns` wide; the style says how it continues. */
void markdown_table_write(const MarkdownTable *table, const MarkdownStyle *style, size_t n_columns,
                          MarkdownRowFn write_row, void *user_data);

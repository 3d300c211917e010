/* markdown/table.c: column widths by what is in them, the widest cut first. */
#include "markdown/table.h"

enum { MIN_COLUMN = 3 };

typedef struct {
    StyledText *text; /* owned */
    TableAlign align;
} Cell;

struct MarkdownTable {
    GPtrArray *rows; /* GArray of Cell, owned */
};

static void cell_clear(void *data) {
    styled_text_free(((Cell *)data)->text);
}

MarkdownTable *markdown_table_new(void) {
    MarkdownTable *table = g_new0(MarkdownTable, 1);
    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    return table;
}

void markdown_table_free(MarkdownTable *table) {
    if (table == NULL) return;
    g_ptr_array_unref(table->rows);
    g_free(table);
}

void markdown_table_add_row(MarkdownTable *table) {
    GArray *row = g_array_new(FALSE, FALSE, sizeof(Cell));
    g_array_set_clear_func(row, cell_clear);
    g_ptr_array_add(table->rows, row);
}

void markdown_table_add_cell(MarkdownTable *table, StyledText *text, TableAlign align) {
    GArray *row =
        table->rows->len > 0 ? g_ptr_array_index(table->rows, table->rows->len - 1) : NULL;
    if (row == NULL || row->len >= MARKDOWN_MAX_TABLE_COLUMNS) {
        styled_text_free(text);
        return;
    }
    Cell cell = { text, align };
    g_array_append_val(row, cell);
}

static void measure(const MarkdownTable *table, size_t n_columns, MarkdownTableLayout *out) {
    *out = (MarkdownTableLayout){ 0 };
    for (guint i = 0; i < table->rows->len; i++) {
        const GArray *row = g_ptr_array_index(table->rows, i);
        out->n_columns = MAX(out->n_columns, row->len);
        for (guint j = 0; j < row->len; j++) {
            size_t width = styled_text_columns(g_array_index(row, Cell, j).text);
            out->widths[j] = MAX(out->widths[j], MAX(width, MIN_COLUMN));
        }
    }
    if (out->n_columns == 0) return;
    size_t separators = 3 * (out->n_columns - 1), total = separators;
    for (size_t j = 0; j < out->n_columns; j++) total += out->widths[j];
    while (total > n_columns) {
        size_t widest = 0;
        for (size_t j = 1; j < out->n_columns; j++)
            if (out->widths[j] > out->widths[widest]) widest = j;
        if (out->widths[widest] <= MIN_COLUMN) break; /* too many columns: rows are cut */
        out->widths[widest]--;
        total--;
    }
}

typedef struct {
    const MarkdownStyle *style;
    MarkdownTableLayout layout;
    size_t n_columns;
    MarkdownRowFn write_row;
    void *user_data;
} Drawing;

static void pad(GString *out, size_t n) {
    for (size_t i = 0; i < n; i++) g_string_append_c(out, ' ');
}

static void write_cell(const Drawing *drawing, GString *out, const Cell *cell, StyledRow row,
                       size_t width) {
    size_t free_columns = width - MIN(row.n_columns, width);
    size_t left = cell->align == TABLE_RIGHT    ? free_columns
                  : cell->align == TABLE_CENTER ? free_columns / 2
                                                : 0;
    pad(out, left);
    styled_text_write(cell->text, row, drawing->style->format, out);
    pad(out, free_columns - left);
}

/* One row of the table takes as many rows of the screen as its tallest cell. */
static void draw_row(const Drawing *drawing, const GArray *cells) {
    size_t at[MARKDOWN_MAX_TABLE_COLUMNS] = { 0 };
    bool is_plain = drawing->style->format == STYLED_PLAIN;
    for (bool has_more = true; has_more;) {
        has_more = false;
        bool has_any = false;
        g_autoptr(GString) out = g_string_new(NULL);
        size_t n_used = 0;
        for (size_t j = 0; j < drawing->layout.n_columns; j++) {
            size_t width = drawing->layout.widths[j];
            if (n_used + width + (j > 0 ? 3 : 0) > drawing->n_columns) break;
            if (j > 0) g_string_append(out, is_plain ? " | " : " \033[2m│\033[0m ");
            n_used += width + (j > 0 ? 3 : 0);
            StyledRow row = { 0 };
            const Cell empty = { 0 };
            const Cell *cell = j < cells->len ? &g_array_index(cells, Cell, j) : &empty;
            bool is_there =
                cell->text != NULL && styled_text_next_row(cell->text, width, &at[j], &row);
            if (is_there)
                write_cell(drawing, out, cell, row, width);
            else
                pad(out, width);
            has_any |= is_there;
            has_more |= is_there && at[j] < styled_text_length(cell->text);
        }
        while (out->len > 0 && out->str[out->len - 1] == ' ') g_string_truncate(out, out->len - 1);
        if (has_any) drawing->write_row(out->str, drawing->user_data);
    }
}

static void draw_rule(const Drawing *drawing) {
    bool is_plain = drawing->style->format == STYLED_PLAIN;
    g_autoptr(GString) out = g_string_new(is_plain ? "" : "\033[2m");
    size_t n_used = 0;
    for (size_t j = 0; j < drawing->layout.n_columns; j++) {
        size_t width = drawing->layout.widths[j];
        if (n_used + width + (j > 0 ? 3 : 0) > drawing->n_columns) break;
        if (j > 0) g_string_append(out, is_plain ? "-|-" : "─┼─");
        n_used += width + (j > 0 ? 3 : 0);
        for (size_t i = 0; i < width; i++) g_string_append(out, is_plain ? "-" : "─");
    }
    if (!is_plain) g_string_append(out, "\033[0m");
    drawing->write_row(out->str, drawing->user_data);
}

void markdown_table_write(const MarkdownTable *table, const MarkdownStyle *style, size_t n_columns,
                          MarkdownRowFn write_row, void *user_data) {
    Drawing drawing = {
        .style = style, .n_columns = n_columns, .write_row = write_row, .user_data = user_data
    };
    measure(table, n_columns, &drawing.layout);
    if (style->is_continued_table && style->table != NULL && style->table->n_columns > 0)
        drawing.layout = *style->table;
    else if (style->table != NULL)
        *style->table = drawing.layout;
    for (guint i = 0; i < table->rows->len; i++) {
        if (i == 0 && style->is_continued_table) continue;
        draw_row(&drawing, g_ptr_array_index(table->rows, i));
        if (i == 0) draw_rule(&drawing);
    }
}

/* cli/terminal/composer.c: see the header. */
#include "cli/terminal/composer.h"

#include <string.h>

#include "base/text_cluster.h"

#define MARK_BYTES (sizeof EDITOR_PASTE_MARK - 1)

typedef struct {
    GPtrArray *rows;
    GString *row;
    size_t n_used;    /* columns of row */
    size_t n_columns; /* of the screen */
    const char *indent;
    size_t n_indent;
    size_t cursor_row, cursor_column;
} Layout;

static void begin_row(Layout *layout, const char *prefix) {
    g_string_assign(layout->row, prefix);
    layout->n_used = layout->n_indent;
}

static void end_row(Layout *layout) {
    g_ptr_array_add(layout->rows, g_strdup(layout->row->str));
    begin_row(layout, layout->indent);
}

static void add(Layout *layout, const char *text, size_t n_bytes, size_t n_columns) {
    if (layout->n_used + n_columns >= layout->n_columns) end_row(layout);
    g_string_append_len(layout->row, text, (gssize)n_bytes);
    layout->n_used += n_columns;
}

static void mark_cursor(Layout *layout) {
    /* At the end of a full row it stands on the next. */
    if (layout->n_used + 1 >= layout->n_columns) end_row(layout);
    layout->cursor_row = layout->rows->len;
    layout->cursor_column = layout->n_used;
}

static void add_mark(Layout *layout, const char *paste) {
    g_assert(paste != NULL);
    size_t n_lines = 1;
    for (const char *at = paste; *at != '\0'; at++) n_lines += at[0] == '\n' && at[1] != '\0';
    g_autofree char *label = n_lines > 1 ? g_strdup_printf("[Pasted %zu lines]", n_lines)
                                         : g_strdup_printf("[Pasted %zu bytes]", strlen(paste));
    add(layout, label, strlen(label), strlen(label));
}

static void lay_out(Layout *layout, const Editor *editor) {
    const char *text = editor_text(editor);
    size_t length = strlen(text), cursor = editor_cursor(editor), n_marks = 0;
    for (size_t at = 0; at <= length;) {
        if (at == cursor) mark_cursor(layout);
        if (at == length) break;
        TextCluster cluster = text_cluster_at(text + at, length - at);
        if (text[at] == '\n')
            end_row(layout);
        else if (strncmp(text + at, EDITOR_PASTE_MARK, MARK_BYTES) == 0)
            add_mark(layout, editor_paste(editor, n_marks++));
        else
            add(layout, text + at, cluster.n_bytes, cluster.n_columns);
        at += cluster.n_bytes;
    }
    g_ptr_array_add(layout->rows, g_strdup(layout->row->str));
}

ComposerView composer_layout(const Editor *editor, const char *prompt, size_t n_columns,
                             size_t max_rows) {
    size_t n_indent = text_cluster_columns(prompt, strlen(prompt));
    g_autofree char *indent = g_strnfill(n_indent, ' ');
    Layout layout = { .rows = g_ptr_array_new_with_free_func(g_free),
                      .row = g_string_new(NULL),
                      .n_columns = MAX(n_columns, n_indent + 4),
                      .indent = indent,
                      .n_indent = n_indent };
    begin_row(&layout, prompt);
    lay_out(&layout, editor);
    g_string_free(layout.row, TRUE);
    ComposerView view = { layout.rows, layout.cursor_row, layout.cursor_column };
    max_rows = MAX(max_rows, 1);
    if (view.rows->len <= max_rows) return view;
    size_t first = view.cursor_row >= max_rows ? view.cursor_row - max_rows + 1 : 0;
    g_ptr_array_remove_range(view.rows, (guint)(first + max_rows),
                             (guint)(view.rows->len - first - max_rows));
    if (first > 0) g_ptr_array_remove_range(view.rows, 0, (guint)first);
    view.cursor_row -= first;
    return view;
}

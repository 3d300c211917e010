/*
 * markdown/stream.c: finds where blocks end, line by line, and has each rendered alone.
 *
 * What stands in a list or below another block is dedented before it is rendered and indented again
 * after, so that a block can be rendered without those before it.
 */
#include "markdown/stream.h"

#include <string.h>

#include "markdown/line_kind.h"

enum { MAX_HELD_LINES = 6, MAX_TABLE_ROWS = 12, MAX_INDENT = 24 };

typedef enum { BLOCK_NONE, BLOCK_PARAGRAPH, BLOCK_ITEM, BLOCK_QUOTE, BLOCK_TABLE } Block;

struct MarkdownStream {
    MarkdownStyle style;
    /* owned */
    GString *line;    /* unfinished */
    GString *block;   /* whole lines, dedented */
    GPtrArray *rows;  /* complete, not yet taken */
    char *table_head; /* header and rule of a table of which rows are written */
    /* state */
    MarkdownTableLayout layout;
    Block kind;
    size_t n_lines;        /* of block */
    size_t n_indent;       /* of block */
    size_t n_list_content; /* columns before the text of the last list item; 0 outside of lists */
    bool has_gap;          /* an empty line came since the last block */
    bool has_rows;         /* anything was written yet */
    LineKind fence;        /* the open one */
    CodeScanner code;      /* of what is in it */
    bool is_fenced;
};

MarkdownStream *markdown_stream_new(StyledFormat format, size_t n_columns) {
    MarkdownStream *stream = g_new0(MarkdownStream, 1);
    stream->style = (MarkdownStyle){ .n_columns = n_columns, .format = format };
    stream->line = g_string_new(NULL);
    stream->block = g_string_new(NULL);
    stream->rows = g_ptr_array_new_with_free_func(g_free);
    return stream;
}

void markdown_stream_free(MarkdownStream *stream) {
    if (stream == NULL) return;
    g_string_free(stream->line, TRUE);
    g_string_free(stream->block, TRUE);
    g_ptr_array_unref(stream->rows);
    g_free(stream->table_head);
    g_free(stream);
}

void markdown_stream_set_columns(MarkdownStream *stream, size_t n_columns) {
    stream->style.n_columns = n_columns;
}

static size_t shown_indent(const MarkdownStream *stream, size_t n_indent) {
    return MIN(n_indent, MIN(stream->style.n_columns / 3, (size_t)MAX_INDENT));
}

static void add_gap(const MarkdownStream *stream, GPtrArray *rows) {
    if (stream->has_gap && stream->has_rows) g_ptr_array_add(rows, g_strdup(""));
}

/* The source of the block: with its header when the table goes on. */
static char *block_source(const MarkdownStream *stream) {
    const char *head = stream->table_head != NULL ? stream->table_head : "";
    return g_strconcat(head, stream->block->str, NULL);
}

static void render_block(const MarkdownStream *stream, MarkdownTableLayout *layout,
                         GPtrArray *rows) {
    MarkdownStyle style = stream->style;
    style.n_indent = shown_indent(stream, stream->n_indent);
    if (stream->kind == BLOCK_TABLE) {
        style.table = layout;
        style.is_continued_table = stream->table_head != NULL;
    }
    g_autofree char *source = block_source(stream);
    markdown_render(source, -1, &style, rows);
}

static void reset_block(MarkdownStream *stream) {
    g_string_truncate(stream->block, 0);
    stream->n_lines = 0;
}

/* What is held is complete. */
static void commit(MarkdownStream *stream) {
    if (stream->kind != BLOCK_NONE && stream->block->len > 0) {
        add_gap(stream, stream->rows);
        render_block(stream, &stream->layout, stream->rows);
        stream->has_rows = true;
        stream->has_gap = false;
    }
    reset_block(stream);
    g_clear_pointer(&stream->table_head, g_free);
    stream->kind = BLOCK_NONE;
}

/* A long block goes on, but its lines so far are written. */
static void commit_part(MarkdownStream *stream) {
    Block kind = stream->kind;
    size_t n_indent = stream->n_indent;
    g_autofree char *head = NULL;
    if (kind == BLOCK_TABLE && stream->table_head != NULL) {
        head = g_strdup(stream->table_head);
    } else if (kind == BLOCK_TABLE) {
        const char *end = strchr(stream->block->str, '\n');
        end = strchr(end + 1, '\n');
        head = g_strndup(stream->block->str, (gsize)(end + 1 - stream->block->str));
    }
    commit(stream);
    stream->table_head = g_steal_pointer(&head);
    stream->kind = kind == BLOCK_ITEM ? BLOCK_PARAGRAPH : kind;
    stream->n_indent = kind == BLOCK_ITEM ? stream->n_list_content : n_indent;
}

/* The line without `n_indent` columns of what it is indented by. */
static const char *dedent(const char *line, size_t n_indent) {
    for (size_t n = 0; n < n_indent && (*line == ' ' || *line == '\t'); line++)
        n += *line == '\t' ? 4 : 1;
    return line;
}

static void append_line(MarkdownStream *stream, const char *line) {
    g_string_append(stream->block, line);
    g_string_append_c(stream->block, '\n');
    stream->n_lines++;
}

static void begin(MarkdownStream *stream, Block kind, size_t n_indent) {
    commit(stream);
    stream->kind = kind;
    stream->n_indent = n_indent;
}

/* How far the text of a line that begins a block is indented because it stands in a list. */
static size_t list_indent(const MarkdownStream *stream, size_t n_indent) {
    if (stream->n_list_content == 0 || n_indent < 2) return 0;
    return MIN(n_indent, stream->n_list_content);
}

/* Plain output keeps the fences: nothing else tells where code begins and ends. */
static void add_fence(MarkdownStream *stream, const char *line) {
    if (stream->style.format != STYLED_PLAIN) return;
    g_autoptr(StyledText) text = styled_text_new();
    styled_text_append(text, line, -1, (Style){ 0 });
    StyledRow row;
    for (size_t at = 0; styled_text_next_cut(text, stream->style.n_columns, &at, &row);) {
        GString *out = g_string_new(NULL);
        styled_text_write(text, row, STYLED_PLAIN, out);
        g_ptr_array_add(stream->rows, g_string_free(out, FALSE));
    }
}

static void open_fence(MarkdownStream *stream, const LineKind *kind, const char *line) {
    commit(stream);
    if (kind->n_indent == 0) stream->n_list_content = 0;
    add_gap(stream, stream->rows);
    stream->has_rows = true;
    stream->has_gap = false;
    stream->is_fenced = true;
    stream->fence = *kind;
    stream->code = code_scanner_for(dedent(line, kind->n_indent) + kind->n_fence);
    stream->n_indent = list_indent(stream, kind->n_indent);
    add_fence(stream, dedent(line, kind->n_indent));
}

static void add_code(MarkdownStream *stream, const char *line) {
    MarkdownStyle style = stream->style;
    style.n_indent = shown_indent(stream, stream->n_indent);
    const char *code = dedent(line, stream->fence.n_indent);
    markdown_render_code_line(code, &stream->code, &style, stream->rows);
}

static void take_code_line(MarkdownStream *stream, const LineKind *kind, const char *line) {
    bool is_end = kind->type == LINE_FENCE && kind->fence == stream->fence.fence &&
                  kind->n_fence >= stream->fence.n_fence && !kind->has_info;
    if (!is_end) {
        add_code(stream, line);
        return;
    }
    stream->is_fenced = false;
    add_fence(stream, dedent(line, kind->n_indent));
}

static void take_item(MarkdownStream *stream, const LineKind *kind, const char *line) {
    begin(stream, BLOCK_ITEM, kind->n_indent);
    stream->n_list_content = kind->n_content;
    append_line(stream, dedent(line, kind->n_indent));
}

static bool becomes_table(const MarkdownStream *stream, const char *line) {
    return stream->kind == BLOCK_PARAGRAPH && stream->n_lines == 1 &&
           strchr(stream->block->str, '|') != NULL && line_is_table_rule(line, strlen(line));
}

static void take_text(MarkdownStream *stream, const LineKind *kind, const char *line) {
    bool ends_table = stream->kind == BLOCK_TABLE && strchr(line, '|') == NULL;
    if (ends_table) commit(stream);
    if (becomes_table(stream, line)) {
        stream->kind = BLOCK_TABLE;
        stream->layout = (MarkdownTableLayout){ 0 };
    }
    if (stream->kind == BLOCK_NONE) {
        if (kind->n_indent < 2) stream->n_list_content = 0;
        stream->kind = BLOCK_PARAGRAPH;
        stream->n_indent = list_indent(stream, kind->n_indent);
    }
    size_t n_dedent = stream->kind == BLOCK_ITEM ? kind->n_indent : stream->n_indent;
    append_line(stream, stream->kind == BLOCK_ITEM && stream->n_lines > 0
                            ? dedent(line, n_dedent)
                            : dedent(line, stream->n_indent));
    size_t n_head = stream->table_head != NULL ? 0 : 2;
    if (stream->kind == BLOCK_TABLE && stream->n_lines >= MAX_TABLE_ROWS + n_head)
        commit_part(stream);
    if (stream->kind == BLOCK_PARAGRAPH && stream->n_lines >= MAX_HELD_LINES) commit_part(stream);
    if (stream->kind == BLOCK_ITEM && stream->n_lines >= MAX_HELD_LINES) commit_part(stream);
}

static void take_rule(MarkdownStream *stream, const LineKind *kind, const char *line) {
    bool is_underline =
        stream->kind == BLOCK_PARAGRAPH && stream->block->len > 0 && strpbrk(line, "*_") == NULL;
    if (!is_underline && line[kind->n_indent] == '=') {
        take_text(stream, kind, line);
        return;
    }
    if (!is_underline) begin(stream, BLOCK_PARAGRAPH, list_indent(stream, kind->n_indent));
    append_line(stream, dedent(line, kind->n_indent));
    commit(stream);
}

static void take_line(MarkdownStream *stream, const char *line) {
    LineKind kind = line_kind_of(line, strlen(line));
    if (stream->is_fenced) {
        take_code_line(stream, &kind, line);
        return;
    }
    switch (kind.type) {
    case LINE_BLANK:
        commit(stream);
        stream->has_gap = true;
        break;
    case LINE_FENCE: open_fence(stream, &kind, line); break;
    case LINE_HEADING:
        begin(stream, BLOCK_PARAGRAPH, 0);
        stream->n_list_content = 0;
        append_line(stream, dedent(line, kind.n_indent));
        commit(stream);
        break;
    case LINE_RULE:
        if (becomes_table(stream, line))
            take_text(stream, &kind, line);
        else
            take_rule(stream, &kind, line);
        break;
    case LINE_ITEM: take_item(stream, &kind, line); break;
    case LINE_QUOTE:
        if (stream->kind != BLOCK_QUOTE || stream->n_lines >= MAX_HELD_LINES)
            begin(stream, BLOCK_QUOTE, list_indent(stream, kind.n_indent));
        append_line(stream, dedent(line, kind.n_indent));
        break;
    case LINE_TEXT: take_text(stream, &kind, line); break;
    }
}

void markdown_stream_feed(MarkdownStream *stream, const char *text, gssize length) {
    const char *end = text + (length < 0 ? strlen(text) : (size_t)length);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        if (newline == NULL) {
            g_string_append_len(stream->line, text, end - text);
            return;
        }
        g_string_append_len(stream->line, text, newline - text);
        take_line(stream, stream->line->str);
        g_string_truncate(stream->line, 0);
        text = newline + 1;
    }
}

void markdown_stream_finish(MarkdownStream *stream) {
    if (stream->line->len > 0) take_line(stream, stream->line->str);
    g_string_truncate(stream->line, 0);
    commit(stream);
    stream->is_fenced = stream->has_gap = stream->has_rows = false;
    stream->n_list_content = 0;
}

void markdown_stream_take_rows(MarkdownStream *stream, GPtrArray *rows) {
    for (guint i = 0; i < stream->rows->len; i++) {
        g_ptr_array_add(rows, stream->rows->pdata[i]);
        stream->rows->pdata[i] = NULL;
    }
    g_ptr_array_set_size(stream->rows, 0);
}

/* What would be written if the text ended here: asked of a copy, so that nothing is. */
void markdown_stream_tail_rows(const MarkdownStream *stream, GPtrArray *rows) {
    MarkdownStream copy = *stream;
    copy.line = g_string_new(NULL);
    copy.block = g_string_new(stream->block->str);
    copy.rows = g_ptr_array_new_with_free_func(g_free);
    copy.table_head = g_strdup(stream->table_head);
    if (stream->line->len > 0) take_line(&copy, stream->line->str);
    commit(&copy);
    for (guint i = 0; i < copy.rows->len; i++) g_ptr_array_add(rows, copy.rows->pdata[i]);
    g_ptr_array_set_free_func(copy.rows, NULL);
    g_ptr_array_unref(copy.rows);
    g_string_free(copy.line, TRUE);
    g_string_free(copy.block, TRUE);
    g_free(copy.table_head);
}

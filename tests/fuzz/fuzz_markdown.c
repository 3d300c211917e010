/* Any text as Markdown: no row is wider than asked, none drives the terminal, and what is written
 * does not depend on how the text was cut, nor on how often its unfinished end was drawn. The first
 * byte is the size of a chunk and the width. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/text_cluster.h"
#include "markdown/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Only SGR and OSC 8 of a web address may stand in a row. */
static char *without_styles(const char *row) {
    GString *out = g_string_new(NULL);
    while (*row != '\0') {
        if (*row != '\033') {
            g_string_append_c(out, *row++);
            continue;
        }
        bool is_style = row[1] == '[';
        if (!is_style && strncmp(row, "\033]8;;", 5) != 0) abort();
        const char *end =
            is_style ? row + 2 + strspn(row + 2, "0123456789;") : strchr(row + 5, '\033');
        if (end == NULL || *end != (is_style ? 'm' : '\033')) abort();
        if (!is_style && end[1] != '\\') abort();
        if (!is_style && end > row + 5 && g_ascii_strncasecmp(row + 5, "http", 4) != 0) abort();
        row = end + (is_style ? 1 : 2);
    }
    return g_string_free(out, FALSE);
}

static void check_rows(const GPtrArray *rows, size_t n_columns) {
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *bare = without_styles(rows->pdata[i]);
        g_autofree char *safe = text_strip_terminal(bare, strlen(bare));
        if (strcmp(bare, safe) != 0 || strchr(bare, '\n') != NULL) abort();
        if (text_cluster_columns(bare, strlen(bare)) > n_columns) abort();
    }
}

static char *joined(GPtrArray *rows) {
    g_ptr_array_add(rows, NULL);
    return g_strjoinv("\n", (char **)rows->pdata);
}

static char *render(const char *text, size_t step, StyledFormat format, size_t n_columns) {
    g_autoptr(MarkdownStream) stream = markdown_stream_new(format, n_columns);
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += step) {
        markdown_stream_feed(stream, text + at, (gssize)MIN(step, length - at));
        if (step < length) {
            g_autoptr(GPtrArray) tail = g_ptr_array_new_with_free_func(g_free);
            size_t cut = text_cut(text, length, at + step);
            if (cut == MIN(at + step, length)) markdown_stream_tail_rows(stream, tail);
            check_rows(tail, n_columns);
        }
        markdown_stream_take_rows(stream, rows);
    }
    markdown_stream_finish(stream);
    markdown_stream_take_rows(stream, rows);
    check_rows(rows, n_columns);
    return joined(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 4096) return 0;
    size_t step = size > 0 ? 16 + data[0] % 64 : 16;
    size_t n_columns = 24 + step;
    g_autofree char *text = text_strip_terminal((const char *)data, size);
    g_autofree char *whole = render(text, strlen(text) + 1, STYLED_ANSI, n_columns);
    g_autofree char *pieces = render(text, step, STYLED_ANSI, n_columns);
    if (strcmp(whole, pieces) != 0) abort();
    g_autofree char *plain = render(text, strlen(text) + 1, STYLED_PLAIN, n_columns);
    if (strchr(plain, '\033') != NULL) abort();
    return 0;
}

/* cli/layout.c: wrapping by display width. */
#include "cli/layout.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

static void spaces(GString *out, size_t count) {
    for (size_t i = 0; i < count; i++) g_string_append_c(out, ' ');
}

void layout_heading(GString *out, const char *title) {
    if (out->len > 0) g_string_append_c(out, '\n');
    g_string_append_printf(out, "%s:\n", title);
}

/* Words one after the other; `at` is the column that was reached, `indent` where a new line
 * starts. */
static void wrap(GString *out, const char *text, size_t at, unsigned indent) {
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    bool is_first = true;
    for (char **word = words; *word != NULL; word++) {
        if ((*word)[0] == '\0') continue;
        size_t width = text_width(*word);
        if (!is_first && at + 1 + width > LAYOUT_WIDTH) {
            g_string_append_c(out, '\n');
            spaces(out, indent);
            at = indent;
            is_first = true;
        }
        if (!is_first) g_string_append_c(out, ' ');
        g_string_append(out, *word);
        at += width + (is_first ? 0 : 1);
        is_first = false;
    }
    g_string_append_c(out, '\n');
}

void layout_text(GString *out, const char *text, unsigned indent) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if ((*line)[0] == '\0') {
            if (line[1] != NULL) g_string_append_c(out, '\n');
            continue;
        }
        spaces(out, indent);
        if ((*line)[0] == ' ')
            g_string_append_printf(out, "%s\n", *line);
        else
            wrap(out, *line, indent, indent);
    }
}

void layout_row(GString *out, const char *left, const char *right, unsigned column) {
    g_string_append(out, left);
    size_t width = text_width(left);
    if (right == NULL || right[0] == '\0') {
        g_string_append_c(out, '\n');
        return;
    }
    if (width + 2 > column) {
        g_string_append_c(out, '\n');
        width = 0;
    }
    spaces(out, column - width);
    wrap(out, right, column, column);
}

/* markdown/styled_text.c: see the header. */
#include "markdown/styled_text.h"

#include <string.h>

#include "base/text_cluster.h"

typedef struct {
    size_t start;
    unsigned flags;
    char *link; /* owned or NULL */
} Run;

struct StyledText {
    GString *words;
    GArray *runs; /* Run; each holds until the next one's start */
};

static void run_clear(void *data) {
    g_free(((Run *)data)->link);
}

StyledText *styled_text_new(void) {
    StyledText *text = g_new0(StyledText, 1);
    text->words = g_string_new(NULL);
    text->runs = g_array_new(FALSE, FALSE, sizeof(Run));
    g_array_set_clear_func(text->runs, run_clear);
    return text;
}

void styled_text_free(StyledText *text) {
    if (text == NULL) return;
    g_string_free(text->words, TRUE);
    g_array_unref(text->runs);
    g_free(text);
}

void styled_text_clear(StyledText *text) {
    g_string_truncate(text->words, 0);
    g_array_set_size(text->runs, 0);
}

void styled_text_append(StyledText *text, const char *words, gssize length, Style style) {
    size_t n_bytes = length < 0 ? strlen(words) : (size_t)length;
    if (n_bytes == 0) return;
    const Run *last =
        text->runs->len > 0 ? &g_array_index(text->runs, Run, text->runs->len - 1) : NULL;
    bool is_same =
        last != NULL && last->flags == style.flags && g_strcmp0(last->link, style.link) == 0;
    if (!is_same) {
        Run run = { text->words->len, style.flags, g_strdup(style.link) };
        g_array_append_val(text->runs, run);
    }
    g_string_append_len(text->words, words, (gssize)n_bytes);
}

size_t styled_text_length(const StyledText *text) {
    return text->words->len;
}

bool styled_text_has_suffix(const StyledText *text, size_t n_bytes, const char *words) {
    return n_bytes == strlen(words) && n_bytes <= text->words->len &&
           memcmp(text->words->str + text->words->len - n_bytes, words, n_bytes) == 0;
}

size_t styled_text_columns(const StyledText *text) {
    size_t widest = 0;
    const char *line = text->words->str;
    for (const char *end; line != NULL; line = end != NULL ? end + 1 : NULL) {
        end = strchr(line, '\n');
        size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        widest = MAX(widest, text_cluster_columns(line, length));
    }
    return widest;
}

/* A row of at most n_columns from `start`; `end` is before a newline or the cluster that is too
 * much. */
static StyledRow fill_row(const StyledText *text, size_t start, size_t n_columns) {
    StyledRow row = { start, start, 0 };
    const char *words = text->words->str;
    while (row.end < text->words->len && words[row.end] != '\n') {
        TextCluster cluster = text_cluster_at(words + row.end, text->words->len - row.end);
        if (row.n_columns + cluster.n_columns > n_columns && row.end > start) break;
        row.n_columns += cluster.n_columns;
        row.end += cluster.n_bytes;
    }
    return row;
}

/* A row may end at `at`: at a space, or beside a wide character that is no closing sign. */
static bool may_break(const char *words, size_t length, size_t start, size_t at) {
    if (words[at] == ' ') return true;
    if (words[at - 1] == ' ') return true;
    size_t before = text_cluster_before(words + start, at - start) + start;
    gunichar left = g_utf8_get_char(words + before);
    gunichar right = g_utf8_get_char_validated(words + at, (gssize)(length - at));
    if (right == (gunichar)-1 || right == (gunichar)-2) return true;
    if (!g_unichar_iswide(left) && !g_unichar_iswide(right)) return false;
    GUnicodeType type = g_unichar_type(right);
    return type != G_UNICODE_CLOSE_PUNCTUATION && type != G_UNICODE_OTHER_PUNCTUATION;
}

bool styled_text_next_row(const StyledText *text, size_t n_columns, size_t *at, StyledRow *out) {
    size_t length = text->words->len;
    const char *words = text->words->str;
    if (*at >= length) return false;
    StyledRow row = fill_row(text, *at, MAX(n_columns, 1));
    if (row.end < length && words[row.end] != '\n') {
        size_t end = row.end;
        while (end > row.start + 1 && !may_break(words, length, row.start, end))
            end = row.start + text_cluster_before(words + row.start, end - row.start);
        if (end > row.start + 1 || words[row.end] == ' ') row.end = MAX(end, row.start + 1);
    }
    *at = row.end;
    if (*at < length && words[*at] == '\n')
        (*at)++;
    else
        while (*at < length && words[*at] == ' ') (*at)++;
    while (row.end > row.start && words[row.end - 1] == ' ') row.end--;
    row.n_columns = text_cluster_columns(words + row.start, row.end - row.start);
    *out = row;
    return true;
}

bool styled_text_next_cut(const StyledText *text, size_t n_columns, size_t *at, StyledRow *out) {
    if (*at >= text->words->len) return false;
    *out = fill_row(text, *at, MAX(n_columns, 1));
    *at = out->end;
    if (*at < text->words->len && text->words->str[*at] == '\n') (*at)++;
    return true;
}

static void write_style(GString *out, const Run *run, const Run *before) {
    static const struct {
        unsigned flag;
        const char *code;
    } codes[] = { { STYLE_BOLD, "1" },      { STYLE_DIM, "2" },     { STYLE_ITALIC, "3" },
                  { STYLE_UNDERLINE, "4" }, { STYLE_STRIKE, "9" },  { STYLE_CODE, "36" },
                  { STYLE_KEYWORD, "35" },  { STYLE_STRING, "32" }, { STYLE_NUMBER, "33" },
                  { STYLE_REMOVED, "31" } };
    const char *old_link = before != NULL ? before->link : NULL;
    const char *link = run != NULL ? run->link : NULL;
    unsigned old_flags = before != NULL ? before->flags : 0;
    unsigned flags = run != NULL ? run->flags : 0;
    if (flags != old_flags) {
        g_string_append(out, old_flags != 0 ? "\033[0" : "\033[");
        bool needs_separator = old_flags != 0;
        for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
            if ((flags & codes[i].flag) == 0) continue;
            g_string_append_printf(out, "%s%s", needs_separator ? ";" : "", codes[i].code);
            needs_separator = true;
        }
        g_string_append_c(out, 'm');
    }
    if (g_strcmp0(link, old_link) != 0)
        g_string_append_printf(out, "\033]8;;%s\033\\", link != NULL ? link : "");
}

void styled_text_write(const StyledText *text, StyledRow row, StyledFormat format, GString *out) {
    if (format == STYLED_PLAIN) {
        g_string_append_len(out, text->words->str + row.start, (gssize)(row.end - row.start));
        return;
    }
    const Run *before = NULL;
    for (guint i = 0; i < text->runs->len && row.start < row.end; i++) {
        const Run *run = &g_array_index(text->runs, Run, i);
        size_t end = i + 1 < text->runs->len ? run[1].start : text->words->len;
        if (end <= row.start) continue;
        if (run->start >= row.end) break;
        size_t from = MAX(run->start, row.start), to = MIN(end, row.end);
        write_style(out, run, before);
        g_string_append_len(out, text->words->str + from, (gssize)(to - from));
        before = run;
    }
    write_style(out, NULL, before);
}

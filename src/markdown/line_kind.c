/* markdown/line_kind.c: see the header. */
#include "markdown/line_kind.h"

#include <string.h>

#include <glib.h>

static size_t count_run(const char *line, size_t length, size_t at, char sign) {
    size_t n = 0;
    while (at + n < length && line[at + n] == sign) n++;
    return n;
}

static bool ends_word(const char *line, size_t length, size_t at) {
    return at >= length || line[at] == ' ' || line[at] == '\t';
}

/* Three or more of one sign, with spaces between. */
static bool is_rule(const char *line, size_t length, size_t at) {
    char sign = line[at];
    if (sign != '-' && sign != '*' && sign != '_' && sign != '=') return false;
    size_t n = 0;
    for (; at < length; at++) {
        if (line[at] == sign)
            n++;
        else if (line[at] != ' ' && line[at] != '\t')
            return false;
    }
    return n >= 3;
}

/* Bytes of "- ", "* ", "+ ", "12. " or "12) " at `at`; 0 when there is none. */
static size_t item_mark(const char *line, size_t length, size_t at) {
    size_t n = 0;
    if (strchr("-*+", line[at]) != NULL) {
        n = 1;
    } else {
        while (at + n < length && n < 9 && g_ascii_isdigit(line[at + n])) n++;
        if (n == 0 || at + n >= length || (line[at + n] != '.' && line[at + n] != ')')) return 0;
        n++;
    }
    return ends_word(line, length, at + n) ? n + 1 : 0;
}

static bool read_fence(const char *line, size_t length, size_t at, LineKind *out) {
    if (line[at] != '`' && line[at] != '~') return false;
    size_t n = count_run(line, length, at, line[at]);
    if (n < 3) return false;
    /* A fence of backticks has none behind it: "```a```" is code within a line. */
    if (line[at] == '`' && memchr(line + at + n, '`', length - at - n) != NULL) return false;
    out->type = LINE_FENCE;
    out->fence = line[at];
    out->n_fence = n;
    for (size_t i = at + n; i < length; i++)
        if (!g_ascii_isspace(line[i])) out->has_info = true;
    return true;
}

LineKind line_kind_of(const char *line, size_t length) {
    LineKind kind = { .type = LINE_TEXT };
    size_t at = 0;
    for (; at < length && (line[at] == ' ' || line[at] == '\t'); at++)
        kind.n_indent += line[at] == '\t' ? 4 : 1;
    if (at == length) {
        kind.type = LINE_BLANK;
        return kind;
    }
    size_t n_signs = count_run(line, length, at, '#');
    size_t n_mark = item_mark(line, length, at);
    if (n_signs >= 1 && n_signs <= 6 && ends_word(line, length, at + n_signs)) {
        kind.type = LINE_HEADING;
    } else if (line[at] == '>') {
        kind.type = LINE_QUOTE;
    } else if (is_rule(line, length, at)) {
        kind.type = LINE_RULE;
    } else if (n_mark > 0) {
        kind.type = LINE_ITEM;
        kind.n_content = kind.n_indent + n_mark;
    } else {
        read_fence(line, length, at, &kind);
    }
    return kind;
}

bool line_is_table_rule(const char *line, size_t length) {
    bool has_dash = false, has_bar = false;
    for (size_t i = 0; i < length; i++) {
        if (strchr("-|: \t", line[i]) == NULL) return false;
        has_dash |= line[i] == '-';
        has_bar |= line[i] == '|';
    }
    return has_dash && has_bar;
}

/* tool/text_match.c: counting, and comparing without blanks. */
#include "tool/text_match.h"

#include <string.h>

#include "base/text.h"

#define MAX_NAMED_LINES 10
#define MAX_SHOWN_BYTES 2000
/* Beyond, comparing every line with every other is no longer worth a hint. */
#define MAX_HINT_BYTES ((size_t)4 << 20)

unsigned text_match_count(const char *text, size_t length, const char *needle) {
    size_t n = strlen(needle);
    unsigned count = 0;
    const char *end = text + length;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), needle, n)) != NULL; at += n)
        count++;
    return count;
}

char *text_match_lines(const char *text, const char *needle) {
    g_autoptr(GString) out = g_string_new(NULL);
    size_t n = strlen(needle);
    unsigned line = 1;
    unsigned count = 0;
    const char *seen = text;
    for (const char *at = text; (at = strstr(at, needle)) != NULL; at += n) {
        if (count++ == MAX_NAMED_LINES) {
            g_string_append(out, " and more");
            break;
        }
        for (; seen < at; seen++)
            if (*seen == '\n') line++;
        g_string_append_printf(out, "%s%u", count > 1 ? ", " : "", line);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool text_match_has_crlf(const char *text, size_t length) {
    bool has_newline = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\n') continue;
        if (i == 0 || text[i - 1] != '\r') return false;
        has_newline = true;
    }
    return has_newline;
}

void text_match_to_crlf(char **text) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = *text; *at != '\0'; at++) {
        if (*at == '\n' && (out->len == 0 || out->str[out->len - 1] != '\r'))
            g_string_append_c(out, '\r');
        g_string_append_c(out, *at);
    }
    g_free(*text);
    *text = g_string_free(g_steal_pointer(&out), FALSE);
}

/* A line without its blanks. */
static char *squeezed(const char *line) {
    GString *out = g_string_new(NULL);
    for (; *line != '\0'; line++)
        if (!g_ascii_isspace(*line)) g_string_append_c(out, *line);
    return g_string_free(out, FALSE);
}

static GPtrArray *squeezed_lines(char **lines) {
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    for (; *lines != NULL; lines++) g_ptr_array_add(out, squeezed(*lines));
    return out;
}

/* Empty lines at both ends say nothing. */
static void trim(GPtrArray *lines) {
    while (lines->len > 0 && *(char *)g_ptr_array_index(lines, 0) == '\0')
        g_ptr_array_remove_index(lines, 0);
    while (lines->len > 0 && *(char *)g_ptr_array_index(lines, lines->len - 1) == '\0')
        g_ptr_array_remove_index(lines, lines->len - 1);
}

typedef enum { EDGE_FIRST = 1, EDGE_LAST = 2 } Edge;

/* A text may begin and end in the middle of a line. */
static bool line_fits(const char *line, const char *wanted, unsigned edges) {
    if (edges == (EDGE_FIRST | EDGE_LAST)) return strstr(line, wanted) != NULL;
    if (edges == EDGE_FIRST) return g_str_has_suffix(line, wanted);
    return edges == EDGE_LAST ? g_str_has_prefix(line, wanted) : strcmp(line, wanted) == 0;
}

/* The first line from which `wanted` stands in `lines`; -1 when it does not. */
static int find(const GPtrArray *lines, const GPtrArray *wanted) {
    for (unsigned i = 0; i + wanted->len <= lines->len; i++) {
        bool is_match = true;
        for (unsigned j = 0; is_match && j < wanted->len; j++) {
            unsigned edges = (j == 0 ? EDGE_FIRST : 0u) | (j + 1 == wanted->len ? EDGE_LAST : 0u);
            is_match =
                line_fits(g_ptr_array_index(lines, i + j), g_ptr_array_index(wanted, j), edges);
        }
        if (is_match) return (int)i;
    }
    return -1;
}

static char *blanks_hint(char **lines, int first, unsigned n) {
    GString *out = g_string_new(NULL);
    if (n == 1)
        g_string_append_printf(out, "Line %d differs from it only in blanks; it reads:", first + 1);
    else
        g_string_append_printf(out, "Lines %d to %d differ from it only in blanks; they read:",
                               first + 1, first + (int)n);
    for (unsigned i = 0; i < n && out->len < MAX_SHOWN_BYTES; i++)
        g_string_append_printf(out, "\n%s", lines[first + (int)i]);
    return g_string_free(out, FALSE);
}

char *text_match_hint(const char *text, const char *needle) {
    if (strlen(text) > MAX_HINT_BYTES) return g_strdup("Read the file again.");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_auto(GStrv) needle_lines = g_strsplit(needle, "\n", -1);
    g_autoptr(GPtrArray) all = squeezed_lines(lines);
    g_autoptr(GPtrArray) wanted = squeezed_lines(needle_lines);
    trim(wanted);
    if (wanted->len == 0) return g_strdup("It holds nothing but blanks.");
    int first = find(all, wanted);
    if (first >= 0) return blanks_hint(lines, first, wanted->len);
    for (unsigned i = 0; i < wanted->len && wanted->len > 1; i++) {
        g_autoptr(GPtrArray) one = g_ptr_array_new();
        g_ptr_array_add(one, g_ptr_array_index(wanted, i));
        int line = *(char *)g_ptr_array_index(wanted, i) != '\0' ? find(all, one) : -1;
        if (line >= 0)
            return g_strdup_printf(
                "A part of it stands at line %d; the lines around it are others. "
                "Read the file again.",
                line + 1);
    }
    return g_strdup("Nothing in the file is close to it. Read the file again.");
}

/* base/text.c: cutting, measuring and comparing UTF-8 text. */
#include "base/text.h"

#include <string.h>

/* Length a UTF-8 sequence claims by its first byte; 0 for a byte that cannot start one (RFC 3629).
 */
static size_t sequence_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

size_t text_cut(const char *text, size_t length, size_t max_bytes) {
    size_t cut = MIN(length, max_bytes);
    size_t start = cut;
    /* Look back over at most three continuation bytes for the start of the last sequence. */
    for (int i = 0; i < 3 && start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80; i++)
        start--;
    if (start == 0) return cut;
    size_t claimed = sequence_length((unsigned char)text[start - 1]);
    if (claimed > 1 && start - 1 + claimed > cut) return start - 1;
    return cut;
}

char *text_make_valid(const char *text, size_t length) {
    GString *valid = g_string_sized_new(length);
    const char *end = text + length;
    while (text < end) {
        const char *bad = NULL;
        g_utf8_validate_len(text, (gsize)(end - text), &bad);
        g_string_append_len(valid, text, bad - text);
        if (bad == end) break;
        if (*bad != '\0') g_string_append(valid, "\xEF\xBF\xBD");
        text = bad + 1;
    }
    return g_string_free(valid, FALSE);
}

char *text_ellipsize(const char *text, size_t max_characters) {
    g_autofree char *valid = text_make_valid(text, strlen(text));
    if ((size_t)g_utf8_strlen(valid, -1) <= max_characters) return g_steal_pointer(&valid);
    size_t kept = max_characters > 0 ? max_characters - 1 : 0;
    const char *end = g_utf8_offset_to_pointer(valid, (glong)kept);
    return g_strdup_printf("%.*s…", (int)(end - valid), valid);
}

size_t text_width(const char *text) {
    g_autofree char *valid = text_make_valid(text, strlen(text));
    size_t width = 0;
    for (const char *cursor = valid; *cursor != '\0'; cursor = g_utf8_next_char(cursor)) {
        gunichar character = g_utf8_get_char(cursor);
        if (g_unichar_iszerowidth(character) || g_unichar_iscntrl(character)) continue;
        width += g_unichar_iswide(character) ? 2 : 1;
    }
    return width;
}

/* Optimal string alignment distance: insert, delete, replace, swap of neighbours. */
static size_t edit_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    g_autofree size_t *cells = g_new0(size_t, 3 * (m + 1));
    size_t *before = cells, *last = cells + m + 1, *row = cells + 2 * (m + 1);
    for (size_t j = 0; j <= m; j++) last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t replace = last[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = MIN(MIN(last[j] + 1, row[j - 1] + 1), replace);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = MIN(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return last[m];
}

static const char *unique_prefix(const char *word, const char *const *candidates) {
    const char *found = NULL;
    for (; *candidates != NULL; candidates++) {
        if (!g_str_has_prefix(*candidates, word)) continue;
        if (found != NULL) return NULL;
        found = *candidates;
    }
    return found;
}

const char *text_suggest(const char *word, const char *const *candidates) {
    size_t length = strlen(word);
    if (length == 0 || length > 64) return NULL;
    const char *best = NULL;
    size_t best_distance = 3;
    for (const char *const *candidate = candidates; *candidate != NULL; candidate++) {
        if (strlen(*candidate) > 80) continue;
        size_t distance = edit_distance(word, *candidate);
        if (distance >= best_distance || distance * 3 > MAX(length, (size_t)3)) continue;
        best = *candidate;
        best_distance = distance;
    }
    if (best == NULL && length >= 3) best = unique_prefix(word, candidates);
    return best;
}

char *text_format_size(unsigned long long bytes) {
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    double value = (double)bytes;
    size_t unit = 0;
    for (; value >= 999.5 && unit + 1 < G_N_ELEMENTS(units); unit++) value /= 1000;
    if (unit == 0) return g_strdup_printf("%llu B", bytes);
    return g_strdup_printf(value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static int compare_bytes(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

void text_array_sort(GPtrArray *strings) {
    g_ptr_array_sort(strings, compare_bytes);
}

/* memory/snippet.c: see the header. */
#include "memory/snippet.h"

#include <string.h>

#include "base/text.h"

static bool has_term(const GArray *wanted, uint32_t term) {
    for (unsigned i = 0; i < wanted->len; i++)
        if (g_array_index(wanted, uint32_t, i) == term) return true;
    return false;
}

/* Marks and line ends as single spaces. New string. */
static char *one_line(const char *text) {
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    GString *line = g_string_new(NULL);
    for (const char *at = safe; *at != '\0'; at++) {
        if (g_str_has_prefix(at, "<!-- localgpt:")) {
            const char *end = strstr(at, "-->");
            if (end != NULL) {
                at = end + 2;
                continue;
            }
        }
        if (!g_ascii_isspace(*at))
            g_string_append_c(line, *at);
        else if (line->len > 0 && line->str[line->len - 1] != ' ')
            g_string_append_c(line, ' ');
    }
    return g_strchomp(g_string_free(line, FALSE));
}

typedef struct {
    const char *start;
    size_t length; /* with what follows up to the next */
    bool is_wanted;
} Word;

static bool is_wanted(TermTable *table, const GArray *wanted, const char *text, size_t length,
                      GArray *scratch) {
    g_array_set_size(scratch, 0);
    term_table_scan(table, text, length, scratch);
    for (unsigned i = 0; i < scratch->len; i++)
        if (has_term(wanted, g_array_index(scratch, uint32_t, i))) return true;
    return false;
}

/* A word is letters of any alphabet; the rest is its own piece. */
static const char *end_of_piece(const char *at) {
    gunichar character = g_utf8_get_char(at);
    bool is_word = g_unichar_isalnum(character) || character == '_';
    bool is_spaced = character < 0x0e00;
    at = g_utf8_next_char(at);
    while (*at != '\0' && is_spaced) {
        character = g_utf8_get_char(at);
        bool is_also =
            g_unichar_isalnum(character) || character == '_' || g_unichar_ismark(character);
        if (is_also != is_word || character >= 0x0e00) break;
        at = g_utf8_next_char(at);
    }
    return at;
}

static GArray *split(TermTable *table, const GArray *wanted, const char *line) {
    GArray *words = g_array_new(FALSE, FALSE, sizeof(Word));
    g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (const char *at = line; *at != '\0';) {
        const char *end = end_of_piece(at);
        /* "C++" */
        if (end == at + 1 && g_ascii_isalpha(*at) && (end[0] == '#' || g_str_has_prefix(end, "++")))
            end += end[0] == '#' ? 1 : 2;
        const Word word = { at, (size_t)(end - at),
                            is_wanted(table, wanted, at, (size_t)(end - at), scratch) };
        g_array_append_val(words, word);
        at = end;
    }
    return words;
}

static size_t characters(const Word *word) {
    return (size_t)g_utf8_strlen(word->start, (gssize)word->length);
}

/* The first word of the last stretch with the most wanted ones: it begins with one of them. */
static unsigned best_start(const GArray *words, size_t room) {
    unsigned best = 0, n_best = 0, end = 0, n = 0;
    size_t used = 0;
    for (unsigned start = 0; start < words->len; start++) {
        while (end < words->len) {
            const Word *next = &g_array_index(words, Word, end);
            if (used + characters(next) > room) break;
            used += characters(next);
            n += next->is_wanted;
            end++;
        }
        const Word *first = &g_array_index(words, Word, start);
        if (n > 0 && n >= n_best) {
            n_best = n;
            best = start;
        }
        if (end == start) {
            end++;
        } else {
            used -= characters(first);
            n -= first->is_wanted;
        }
    }
    return best;
}

char *snippet_make(TermTable *table, const GArray *wanted, const char *text,
                   size_t max_characters) {
    g_autofree char *line = one_line(text);
    if ((size_t)g_utf8_strlen(line, -1) <= max_characters) return g_steal_pointer(&line);
    g_autoptr(GArray) words = split(table, wanted, line);
    /* A little of what stands in front, unless it is the beginning anyway. */
    size_t lead = max_characters / 5;
    unsigned start = best_start(words, max_characters - lead);
    size_t used = 0;
    GString *out = g_string_new(NULL);
    unsigned first = start;
    while (first > 0 && lead > characters(&g_array_index(words, Word, first - 1)))
        lead -= characters(&g_array_index(words, Word, --first));
    while (first < start && g_array_index(words, Word, first).start[0] == ' ') first++;
    if (first > 0) g_string_append(out, "…");
    unsigned end = first;
    for (; end < words->len; end++) {
        const Word *word = &g_array_index(words, Word, end);
        if (used + characters(word) > max_characters) break;
        used += characters(word);
        g_string_append_len(out, word->start, (gssize)word->length);
    }
    if (end == first && words->len > 0)
        g_string_append_len(out, line, (gssize)text_cut(line, strlen(line), max_characters));
    g_strchomp(out->str);
    out->len = strlen(out->str);
    if (end < words->len) g_string_append(out, "…");
    return g_string_free(out, FALSE);
}

char *snippet_highlight(TermTable *table, const GArray *wanted, const char *text,
                        const char *before, const char *after) {
    g_autoptr(GArray) words = split(table, wanted, text);
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < words->len; i++) {
        const Word *word = &g_array_index(words, Word, i);
        if (word->is_wanted) g_string_append(out, before);
        g_string_append_len(out, word->start, (gssize)word->length);
        if (word->is_wanted) g_string_append(out, after);
    }
    return g_string_free(out, FALSE);
}

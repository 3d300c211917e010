/*
 * memory/terms.c: see the header. A surface is what stands in a text ("Parsing"); a term is what is
 * looked up ("pars"). Each surface is turned into its terms once.
 */
#include "memory/terms.h"

#include <string.h>

#include "base/text.h"
#include "memory/stemmer.h"
#include "memory/stop_words.h"

/* Of a longer word only the beginning counts: such words are data, not language. */
#define MAX_WORD_BYTES 64

typedef struct {
    uint32_t first, n; /* of term_ids */
} Surface;

struct TermTable {
    /* owned */
    Stemmer *stemmer;
    Intern *surfaces;
    GArray *surface_terms; /* Surface, by number of the surface */
    GArray *term_ids;      /* uint32_t */
    Intern *terms;
    GArray *flags; /* uint8_t, by number of the term */
    GString *scratch;
};

TermTable *term_table_new(sqlite3 *handle, GError **error) {
    Stemmer *stemmer = stemmer_new(handle, error);
    if (stemmer == NULL) return NULL;
    TermTable *table = g_new0(TermTable, 1);
    table->stemmer = stemmer;
    table->surfaces = intern_new();
    table->surface_terms = g_array_new(FALSE, FALSE, sizeof(Surface));
    table->term_ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    table->terms = intern_new();
    table->flags = g_array_new(FALSE, FALSE, sizeof(uint8_t));
    table->scratch = g_string_new(NULL);
    return table;
}

void term_table_free(TermTable *table) {
    if (table == NULL) return;
    stemmer_free(table->stemmer);
    intern_free(table->surfaces);
    g_array_unref(table->surface_terms);
    g_array_unref(table->term_ids);
    intern_free(table->terms);
    g_array_unref(table->flags);
    g_string_free(table->scratch, TRUE);
    g_free(table);
}

const char *term_table_get(const TermTable *table, uint32_t id, size_t *out_length) {
    return intern_get(table->terms, id, out_length);
}

unsigned term_table_flags(const TermTable *table, uint32_t id) {
    return g_array_index(table->flags, uint8_t, id);
}

uint32_t term_table_count(const TermTable *table) {
    return intern_count(table->terms);
}

size_t term_table_bytes(const TermTable *table) {
    return (size_t)intern_count(table->surfaces) * 48 + (size_t)intern_count(table->terms) * 96;
}

/* Kinds of characters. */

/* Scripts that put no spaces between words. */
static bool is_unspaced(gunichar character) {
    if (character < 0x0e00) return false;
    if (character < 0x1000) return character < 0x0f00;          /* Thai, Lao */
    if (character < 0x1100) return character < 0x10a0;          /* Burmese */
    if (character < 0x1200) return true;                        /* Hangul jamo */
    if (character >= 0x1780 && character < 0x1800) return true; /* Khmer */
    if (character >= 0x2e80 && character < 0x3000) return true; /* radicals */
    if (character >= 0x3040 && character < 0xa4d0) return true; /* kana, bopomofo, Han, Yi */
    if (character >= 0xac00 && character < 0xd7b0) return true; /* Hangul */
    if (character >= 0xf900 && character < 0xfb00) return true; /* Han, compatibility */
    if (character >= 0xff66 && character < 0xffdd) return true; /* kana, half width */
    return character >= 0x20000 && character < 0x32000;
}

typedef enum { CHARACTER_GAP, CHARACTER_WORD, CHARACTER_UNSPACED, CHARACTER_SYMBOL } CharacterKind;

static CharacterKind kind_of(gunichar character) {
    switch (g_unichar_type(character)) {
    case G_UNICODE_UPPERCASE_LETTER:
    case G_UNICODE_LOWERCASE_LETTER:
    case G_UNICODE_TITLECASE_LETTER:
    case G_UNICODE_MODIFIER_LETTER:
    case G_UNICODE_OTHER_LETTER:
    case G_UNICODE_SPACING_MARK:
    case G_UNICODE_NON_SPACING_MARK:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_DECIMAL_NUMBER:
    case G_UNICODE_LETTER_NUMBER:
    case G_UNICODE_OTHER_NUMBER:
        if (character >= 0xfe00 && character <= 0xfe0f) return CHARACTER_GAP; /* of an emoji */
        return is_unspaced(character) ? CHARACTER_UNSPACED : CHARACTER_WORD;
    case G_UNICODE_OTHER_SYMBOL: return character >= 0x2190 ? CHARACTER_SYMBOL : CHARACTER_GAP;
    case G_UNICODE_CURRENCY_SYMBOL:
    case G_UNICODE_MATH_SYMBOL: return character >= 0x80 ? CHARACTER_SYMBOL : CHARACTER_GAP;
    case G_UNICODE_MODIFIER_SYMBOL: return CHARACTER_GAP;
    default: return CHARACTER_GAP;
    }
}

/* Marks that writers may leave out: accents, Hebrew and Arabic vowel signs, tatweel. */
static bool is_optional_mark(gunichar character) {
    return (character >= 0x0300 && character <= 0x036f) ||
           (character >= 0x0591 && character <= 0x05c7) ||
           (character >= 0x064b && character <= 0x065f) || character == 0x0670 ||
           character == 0x0640;
}

/* One spelling for what a reader takes for the same word. New string. */
static char *fold(const char *text, size_t length) {
    g_autofree char *apart = g_utf8_normalize(text, (gssize)length, G_NORMALIZE_ALL);
    if (apart == NULL) return g_strndup(text, length);
    GString *kept = g_string_new(NULL);
    for (const char *at = apart; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (character == 0x0649) character = 0x064a; /* alef maksura, yeh */
        if (character == 0x0629) character = 0x0647; /* teh marbuta, heh */
        if (!is_optional_mark(character)) g_string_append_unichar(kept, character);
    }
    g_autofree char *plain = g_string_free(kept, FALSE);
    g_autofree char *folded = g_utf8_casefold(plain, -1);
    return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

/* Surfaces to terms. */

static void add_term(TermTable *table, const char *bytes, size_t length, unsigned flags) {
    bool is_new;
    uint32_t id = intern_add(table->terms, bytes, length, &is_new);
    if (is_new) {
        if (stop_word_is(bytes, length)) flags |= TERM_STOP;
        const uint8_t value = (uint8_t)flags;
        g_array_append_val(table->flags, value);
    }
    g_array_append_val(table->term_ids, id);
}

static bool is_ascii(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] >= 0x80) return false;
    return true;
}

/* Of ASCII letters, digits, and what follows "C". */
static void add_ascii_word(TermTable *table, const char *word, size_t length) {
    GString *scratch = table->scratch;
    g_string_truncate(scratch, 0);
    bool has_letters_only = true;
    char lower[MAX_WORD_BYTES];
    for (size_t i = 0; i < length; i++) {
        lower[i] = g_ascii_tolower(word[i]);
        has_letters_only = has_letters_only && g_ascii_isalpha(word[i]);
    }
    if (stop_word_is(lower, length) || !has_letters_only)
        g_string_append_len(scratch, lower, (gssize)length);
    else
        stemmer_append(table->stemmer, lower, length, scratch);
    add_term(table, scratch->str, scratch->len, 0);
}

/* Where a part of an identifier ends: before '_', between "parse" and "Http", "HTTP" and "Request".
 */
static size_t end_of_part(const char *word, size_t from, size_t length) {
    size_t at = from + 1;
    for (; at < length && word[at] != '_'; at++) {
        bool is_upper = g_ascii_isupper(word[at]);
        if (is_upper && g_ascii_islower(word[at - 1])) break;
        bool next_is_lower = at + 1 < length && g_ascii_islower(word[at + 1]);
        if (is_upper && next_is_lower && g_ascii_isupper(word[at - 1])) break;
    }
    return at;
}

static void add_identifier(TermTable *table, const char *word, size_t length) {
    char lower[MAX_WORD_BYTES];
    size_t n_lower = 0;
    for (size_t i = 0; i < length; i++)
        if (word[i] != '_') lower[n_lower++] = g_ascii_tolower(word[i]);
    if (n_lower == 0) return;
    size_t first_end = 0;
    while (first_end < length && word[first_end] == '_') first_end++;
    bool has_parts = end_of_part(word, first_end, length) < length;
    if (has_parts) add_term(table, lower, n_lower, 0);
    for (size_t at = first_end; at < length;) {
        size_t end = end_of_part(word, at, length);
        add_ascii_word(table, word + at, end - at);
        at = end;
        while (at < length && word[at] == '_') at++;
    }
}

static void add_other_word(TermTable *table, const char *word, size_t length) {
    g_autofree char *folded = fold(word, length);
    size_t n = text_cut(folded, strlen(folded), MAX_WORD_BYTES);
    if (n == 0) return;
    if (is_ascii(folded, n))
        add_ascii_word(table, folded, n);
    else
        add_term(table, folded, n, 0);
}

typedef enum { SURFACE_ASCII, SURFACE_OTHER, SURFACE_CHARACTER, SURFACE_PAIR } SurfaceKind;

static Surface make_surface(TermTable *table, const char *bytes, size_t length, SurfaceKind kind) {
    Surface surface = { .first = table->term_ids->len };
    switch (kind) {
    case SURFACE_ASCII: add_identifier(table, bytes, length); break;
    case SURFACE_OTHER: add_other_word(table, bytes, length); break;
    case SURFACE_CHARACTER:
    case SURFACE_PAIR: {
        g_autofree char *folded = fold(bytes, length);
        add_term(table, folded, strlen(folded), kind == SURFACE_CHARACTER ? TERM_CHARACTER : 0);
        break;
    }
    }
    surface.n = table->term_ids->len - surface.first;
    return surface;
}

static void emit(TermTable *table, const char *bytes, size_t length, SurfaceKind kind,
                 GArray *ids) {
    bool is_new;
    if (length > MAX_WORD_BYTES) length = text_cut(bytes, length, MAX_WORD_BYTES);
    uint32_t id = intern_add(table->surfaces, bytes, length, &is_new);
    if (is_new) {
        Surface surface = make_surface(table, bytes, length, kind);
        g_array_append_val(table->surface_terms, surface);
    }
    Surface surface = g_array_index(table->surface_terms, Surface, id);
    if (surface.n > 0)
        g_array_append_vals(ids, &g_array_index(table->term_ids, uint32_t, surface.first),
                            surface.n);
}

/* Scanning. */

static inline bool is_word_byte(char byte) {
    return g_ascii_isalnum(byte) || byte == '_';
}

static bool get_character(const char *text, size_t length, gunichar *out, size_t *out_bytes) {
    gunichar character = g_utf8_get_char_validated(text, (gssize)MIN(length, 6));
    if (character == (gunichar)-1 || character == (gunichar)-2) {
        *out_bytes = 1;
        return false;
    }
    *out = character;
    *out_bytes = (size_t)(g_utf8_next_char(text) - text);
    return true;
}

/* The rest of a word that has a character outside ASCII at `at`; true when the word goes on there.
 */
static size_t end_of_other_word(const char *text, size_t at, size_t length, bool *out_is_other) {
    while (at < length) {
        if (is_word_byte(text[at]) && text[at] != '_') {
            at++;
            continue;
        }
        gunichar character;
        size_t n;
        if ((unsigned char)text[at] < 0x80 ||
            !get_character(text + at, length - at, &character, &n))
            break;
        if (kind_of(character) != CHARACTER_WORD) break;
        *out_is_other = true;
        at += n;
    }
    return at;
}

/* "C++", "C#", "F#" */
static size_t end_of_language(const char *text, size_t start, size_t end, size_t length) {
    if (end - start != 1 || !g_ascii_isalpha(text[start])) return end;
    if (end + 1 < length && text[end] == '+' && text[end + 1] == '+') return end + 2;
    bool is_sharp = end < length && text[end] == '#';
    return is_sharp && !(end + 1 < length && is_word_byte(text[end + 1])) ? end + 1 : end;
}

static size_t scan_ascii(TermTable *table, const char *text, size_t at, size_t length,
                         GArray *ids) {
    size_t start = at;
    while (at < length && is_word_byte(text[at])) at++;
    bool is_other = false;
    if (at < length && (unsigned char)text[at] >= 0x80)
        at = end_of_other_word(text, at, length, &is_other);
    if (is_other) {
        emit(table, text + start, at - start, SURFACE_OTHER, ids);
        return at;
    }
    size_t end = end_of_language(text, start, at, length);
    emit(table, text + start, end - start, SURFACE_ASCII, ids);
    return end;
}

/* A run of a script without spaces: each character, and each with the one in front of it. */
static size_t scan_unspaced(TermTable *table, const char *text, size_t at, size_t length,
                            GArray *ids) {
    size_t before = at, n_before = 0;
    while (at < length && (unsigned char)text[at] >= 0x80) {
        gunichar character;
        size_t n;
        if (!get_character(text + at, length - at, &character, &n)) break;
        if (kind_of(character) != CHARACTER_UNSPACED) break;
        if (n_before > 0) emit(table, text + before, n_before + n, SURFACE_PAIR, ids);
        emit(table, text + at, n, SURFACE_CHARACTER, ids);
        before = at;
        n_before = n;
        at += n;
    }
    return at;
}

static size_t scan_other(TermTable *table, const char *text, size_t at, size_t length,
                         GArray *ids) {
    gunichar character;
    size_t n;
    if (!get_character(text + at, length - at, &character, &n)) return at + n;
    bool is_other = false;
    switch (kind_of(character)) {
    case CHARACTER_GAP: return at + n;
    case CHARACTER_SYMBOL: emit(table, text + at, n, SURFACE_OTHER, ids); return at + n;
    case CHARACTER_UNSPACED: return scan_unspaced(table, text, at, length, ids);
    case CHARACTER_WORD: break;
    }
    size_t end = end_of_other_word(text, at, length, &is_other);
    emit(table, text + at, end - at, SURFACE_OTHER, ids);
    return end;
}

void term_table_scan(TermTable *table, const char *text, size_t length, GArray *ids) {
    for (size_t at = 0; at < length;) {
        if (is_word_byte(text[at]))
            at = scan_ascii(table, text, at, length, ids);
        else if ((unsigned char)text[at] >= 0x80)
            at = scan_other(table, text, at, length, ids);
        else
            at++;
    }
}

/* embed/wordpiece.c: see the header. Two things make it fast: ASCII takes one table look-up a byte,
 * and the pieces of a short word are remembered (most words of a text are among a few thousand). */
#include "embed/wordpiece.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A word is at most 100 code points: static_table.c refuses a file that says more. */
#define MAX_WORD_LENGTH 100
#define MAX_WORD_BYTES (MAX_WORD_LENGTH * 4)
#define MAX_PIECE_BYTES 128

#define REMEMBERED_BITS 13
#define N_REMEMBERED (1 << REMEMBERED_BITS)
#define REMEMBERED_BYTES 16
#define REMEMBERED_PIECES 7

#define HASH_FIRST UINT64_C(0x9E3779B97F4A7C15)
#define HASH_LATER UINT64_C(0xC2B2AE3D27D4EB4F)
#define HASH_FACTOR UINT64_C(0x100000001B3)

/* What an ASCII byte is: its lower case, or one of these. */
enum { ASCII_DROP, ASCII_SPACE, ASCII_PUNCTUATION, ASCII_SPECIAL, ASCII_FIRST_LETTER };

typedef struct {
    char word[REMEMBERED_BYTES]; /* padded with zeros; no word contains one */
    uint16_t n_pieces;           /* 0 = free */
    uint16_t pieces[REMEMBERED_PIECES];
} RememberedWord;

struct WordPiece {
    const StaticTable *table; /* borrowed */
    /* owned */
    uint16_t *slots; /* id + 1 of a piece, 0 = free */
    size_t slot_mask;
    size_t max_piece_bytes;
    RememberedWord *remembered; /* N_REMEMBERED */
    uint8_t ascii[128];
    bool is_ascii_plain; /* letters and digits are what they are in ASCII */
    /* the word being gathered */
    char word[MAX_WORD_BYTES + REMEMBERED_BYTES];
    size_t n_word_bytes;
    size_t n_word_length; /* code points, also those that found no room */
    /* where the ids go */
    GArray *ids;  /* borrowed during a call; its length is its room */
    size_t n_ids; /* of these, in use */
};

/* ---- characters ---- */

static uint32_t class_of(const StaticTable *table, uint32_t code_point) {
    size_t low = 0;
    size_t high = table->n_ranges;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const StaticRange *range = &table->ranges[middle];
        if (code_point < range->first)
            high = middle;
        else if (code_point > range->last)
            low = middle + 1;
        else
            return range->class;
    }
    return CHAR_ORDINARY;
}

static const StaticFold *find_fold(const StaticTable *table, uint32_t code_point) {
    size_t low = 0;
    size_t high = table->n_folds;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const StaticFold *fold = &table->folds[middle];
        if (code_point < fold->code_point)
            high = middle;
        else if (code_point > fold->code_point)
            low = middle + 1;
        else
            return fold;
    }
    return NULL;
}

/* Canonical decomposition without marks, in lower case: up to three code points. */
static size_t fold_code_point(const StaticTable *table, uint32_t code_point, uint32_t out[3]) {
    if (code_point >= 0xAC00 && code_point <= 0xD7A3) {
        uint32_t syllable = code_point - 0xAC00;
        out[0] = 0x1100 + syllable / 588;
        out[1] = 0x1161 + syllable % 588 / 28;
        out[2] = 0x11A7 + syllable % 28;
        return syllable % 28 != 0 ? 3 : 2;
    }
    const StaticFold *fold = find_fold(table, code_point);
    if (fold == NULL) {
        out[0] = code_point;
        return 1;
    }
    size_t n = 0;
    while (n < 3 && fold->out[n] != 0) {
        out[n] = fold->out[n];
        n++;
    }
    return n;
}

/* The code point at `at`, and its length in *out_length; invalid bytes give U+FFFD, one by one. */
static uint32_t decode(const char *at, const char *end, size_t *out_length) {
    gunichar code_point = g_utf8_get_char_validated(at, end - at);
    if (code_point == (gunichar)-1 || code_point == (gunichar)-2) {
        *out_length = 1;
        return 0xFFFD;
    }
    *out_length = (size_t)g_utf8_skip[*(const guchar *)at];
    return code_point;
}

/* ---- the vocabulary ---- */

static uint64_t hash_step(uint64_t hash, char byte) {
    return (hash ^ (uint8_t)byte) * HASH_FACTOR;
}

static size_t first_slot(uint64_t hash, size_t mask) {
    return (size_t)(hash ^ hash >> 29) & mask;
}

/* Entry i as text that may match: without its "##"; false for one that is never matched. */
static bool entry_text(const StaticTable *table, uint32_t id, const char **out_text,
                       size_t *out_length, bool *out_is_later) {
    const char *text = table->pieces + table->piece_offsets[id];
    size_t length = table->piece_offsets[id + 1] - table->piece_offsets[id];
    bool is_later = length > 2 && text[0] == '#' && text[1] == '#';
    *out_is_later = is_later;
    *out_text = is_later ? text + 2 : text;
    *out_length = is_later ? length - 2 : length;
    return id != table->unknown_id && *out_length > 0 && *out_length <= MAX_PIECE_BYTES;
}

static void add_entry(WordPiece *self, uint32_t id) {
    const char *text;
    size_t length;
    bool is_later;
    if (!entry_text(self->table, id, &text, &length, &is_later)) return;
    uint64_t hash = is_later ? HASH_LATER : HASH_FIRST;
    for (size_t i = 0; i < length; i++) hash = hash_step(hash, text[i]);
    size_t slot = first_slot(hash, self->slot_mask);
    while (self->slots[slot] != 0) slot = (slot + 1) & self->slot_mask;
    self->slots[slot] = (uint16_t)(id + 1);
    self->max_piece_bytes = MAX(self->max_piece_bytes, length);
}

/* id + 1, or 0. */
static uint32_t find_piece(const WordPiece *self, uint64_t hash, const char *text, size_t length,
                           bool is_later) {
    size_t slot = first_slot(hash, self->slot_mask);
    for (; self->slots[slot] != 0; slot = (slot + 1) & self->slot_mask) {
        uint32_t id = self->slots[slot] - 1U;
        const char *entry;
        size_t entry_length;
        bool is_entry_later;
        if (entry_text(self->table, id, &entry, &entry_length, &is_entry_later) &&
            is_entry_later == is_later && entry_length == length &&
            memcmp(entry, text, length) == 0)
            return id + 1;
    }
    return 0;
}

/* The longest piece at the start of `text`: id + 1 or 0, and its length. */
static uint32_t longest_piece(const WordPiece *self, const char *text, size_t length, bool is_later,
                              size_t *out_length) {
    /* Not zeroed first, as the build does with every array: that would cost more than the search.
     */
    __attribute__((uninitialized)) uint64_t hashes[MAX_PIECE_BYTES];
    size_t most = MIN(length, self->max_piece_bytes);
    uint64_t hash = is_later ? HASH_LATER : HASH_FIRST;
    for (size_t i = 0; i < most; i++) hashes[i] = hash = hash_step(hash, text[i]);
    for (size_t n = most; n > 0; n--) {
        if (n < length && ((uint8_t)text[n] & 0xC0) == 0x80) continue; /* inside a character */
        uint32_t found = find_piece(self, hashes[n - 1], text, n, is_later);
        if (found == 0) continue;
        *out_length = n;
        return found;
    }
    return 0;
}

/* ---- words ---- */

static inline uint32_t *room_for_word(WordPiece *self) {
    if (self->n_ids + MAX_WORD_LENGTH > self->ids->len)
        g_array_set_size(self->ids, self->ids->len * 2 + MAX_WORD_LENGTH);
    return &g_array_index(self->ids, uint32_t, self->n_ids);
}

/* Greedy, from the left; nothing fits at some place: the word is unknown. Returns the number. */
static size_t cut_word(const WordPiece *self, uint32_t *out) {
    size_t n = 0;
    for (size_t at = 0; at < self->n_word_bytes;) {
        size_t length = 0;
        uint32_t found =
            longest_piece(self, self->word + at, self->n_word_bytes - at, at > 0, &length);
        if (found == 0) {
            out[0] = self->table->unknown_id;
            return 1;
        }
        out[n++] = found - 1;
        at += length;
    }
    return n;
}

static RememberedWord *place_of_word(const WordPiece *self, const char *word) {
    uint64_t halves[2];
    memcpy(halves, word, sizeof halves);
    uint64_t hash = (halves[0] ^ halves[1] * HASH_LATER) * HASH_FIRST;
    return &self->remembered[hash >> (64 - REMEMBERED_BITS)];
}

static void remember(RememberedWord *place, const char *word, const uint32_t *ids, size_t n) {
    if (n > REMEMBERED_PIECES) return;
    memcpy(place->word, word, REMEMBERED_BYTES);
    place->n_pieces = (uint16_t)n;
    for (size_t i = 0; i < n; i++) place->pieces[i] = (uint16_t)ids[i];
}

/* Appends the pieces of a word that is remembered; false when it is not. */
static inline bool take_remembered(WordPiece *self, const RememberedWord *place, const char *word) {
    if (place->n_pieces == 0 || memcmp(place->word, word, REMEMBERED_BYTES) != 0) return false;
    uint32_t *ids = room_for_word(self);
    for (size_t i = 0; i < REMEMBERED_PIECES; i++) ids[i] = place->pieces[i];
    self->n_ids += place->n_pieces;
    return true;
}

static void end_short_word(WordPiece *self) {
    memset(self->word + self->n_word_bytes, 0, REMEMBERED_BYTES);
    RememberedWord *place = place_of_word(self, self->word);
    if (take_remembered(self, place, self->word)) return;
    uint32_t *ids = room_for_word(self);
    size_t n = cut_word(self, ids);
    self->n_ids += n;
    remember(place, self->word, ids, n);
}

static void end_word(WordPiece *self) {
    if (self->n_word_length == 0) return;
    if (self->n_word_length > self->table->max_word_length)
        *room_for_word(self) = self->table->unknown_id, self->n_ids++;
    else if (self->n_word_bytes <= REMEMBERED_BYTES)
        end_short_word(self);
    else
        self->n_ids += cut_word(self, room_for_word(self));
    self->n_word_bytes = 0;
    self->n_word_length = 0;
}

static void append_to_word(WordPiece *self, uint32_t code_point) {
    self->n_word_length++;
    if (self->n_word_length > MAX_WORD_LENGTH) return;
    self->n_word_bytes += (size_t)g_unichar_to_utf8(code_point, self->word + self->n_word_bytes);
}

static void take_folded(WordPiece *self, uint32_t code_point) {
    uint32_t class = class_of(self->table, code_point);
    if (class == CHAR_SPACE || class == CHAR_PUNCTUATION) end_word(self);
    if (class != CHAR_SPACE) append_to_word(self, code_point);
    if (class == CHAR_PUNCTUATION) end_word(self);
}

static void take_code_point(WordPiece *self, uint32_t code_point) {
    uint32_t class = class_of(self->table, code_point);
    if (class == CHAR_DROP) return;
    if (class == CHAR_SPACE || class == CHAR_CJK) end_word(self);
    if (class == CHAR_SPACE) return;
    uint32_t folded[3];
    size_t n = fold_code_point(self->table, code_point, folded);
    for (size_t i = 0; i < n; i++) take_folded(self, folded[i]);
    if (class == CHAR_CJK) end_word(self);
}

static void take_ascii(WordPiece *self, char byte) {
    uint8_t kind = self->ascii[(uint8_t)byte];
    if (kind >= ASCII_FIRST_LETTER) {
        self->n_word_length++;
        if (self->n_word_length <= MAX_WORD_LENGTH) self->word[self->n_word_bytes++] = (char)kind;
    } else if (kind == ASCII_SPACE) {
        end_word(self);
    } else if (kind == ASCII_PUNCTUATION) {
        end_word(self);
        self->word[0] = byte;
        self->n_word_bytes = self->n_word_length = 1;
        end_word(self);
    } else if (kind == ASCII_SPECIAL) {
        take_code_point(self, (uint8_t)byte);
    }
}

/* ---- whole words at once ---- */

/* Takes the word of ASCII letters and digits at `at`, when it is short and ends before `end`: most
 * words of an English text. Returns where it ends, or `at` when it must be read slowly. */
static const char *take_plain_word(WordPiece *self, const char *at, const char *end) {
#ifdef __SSE2__
    if (end - at < REMEMBERED_BYTES) return at;
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    /* Signed comparisons: bytes above 0x7f are below everything, so they end a word. */
    __m128i is_upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                     _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
    __m128i lower = _mm_or_si128(bytes, _mm_and_si128(is_upper, _mm_set1_epi8(0x20)));
    __m128i is_letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                      _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
    __m128i is_digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                     _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(is_letter, is_digit));
    if (mask == 0xffff) return at;
    size_t length = (size_t)__builtin_ctz(~mask);
    /* What follows may belong to the word (an accent), or be dropped from it (a control). */
    uint8_t next = (uint8_t)at[length];
    if (length == 0 || next >= 0x80 || self->ascii[next] == ASCII_DROP ||
        self->ascii[next] == ASCII_SPECIAL)
        return at;
    const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i word = _mm_and_si128(lower, _mm_cmplt_epi8(places, _mm_set1_epi8((char)length)));
    _mm_storeu_si128((__m128i *)(void *)self->word, word);
    RememberedWord *place = place_of_word(self, self->word);
    if (!take_remembered(self, place, self->word)) {
        self->n_word_bytes = self->n_word_length = length;
        end_word(self);
    }
    return at + length;
#else
    (void)self;
    (void)end;
    return at;
#endif
}

void wordpiece_append_ids(WordPiece *pieces, const char *text, size_t length, GArray *ids) {
    pieces->ids = ids;
    pieces->n_ids = ids->len;
    pieces->n_word_bytes = 0;
    pieces->n_word_length = 0;
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        if (pieces->n_word_length == 0 && pieces->is_ascii_plain) {
            const char *behind = take_plain_word(pieces, at, end);
            if (behind > at) {
                at = behind;
                if (pieces->ascii[(uint8_t)*at] == ASCII_SPACE) at++;
                continue;
            }
        }
        if ((uint8_t)*at < 0x80) {
            take_ascii(pieces, *at++);
            continue;
        }
        size_t n_bytes;
        uint32_t code_point = decode(at, end, &n_bytes);
        take_code_point(pieces, code_point);
        at += n_bytes;
    }
    end_word(pieces);
    g_array_set_size(ids, (guint)pieces->n_ids);
    pieces->ids = NULL;
}

/* ---- made and freed ---- */

static uint8_t kind_of_ascii(const StaticTable *table, uint8_t byte) {
    uint32_t class = class_of(table, byte);
    uint32_t folded[3];
    size_t n = fold_code_point(table, byte, folded);
    bool is_plain = n == 1 && folded[0] >= ASCII_FIRST_LETTER && folded[0] < 0x80;
    if (class == CHAR_DROP) return ASCII_DROP;
    if (class == CHAR_SPACE) return ASCII_SPACE;
    if (class == CHAR_PUNCTUATION && is_plain && folded[0] == byte) return ASCII_PUNCTUATION;
    if (class == CHAR_ORDINARY && is_plain && class_of(table, folded[0]) == CHAR_ORDINARY)
        return (uint8_t)folded[0];
    return ASCII_SPECIAL;
}

static bool is_ascii_plain(const WordPiece *self) {
    for (uint8_t byte = 0; byte < 128; byte++)
        if (g_ascii_isalnum((char)byte) &&
            self->ascii[byte] != (uint8_t)g_ascii_tolower((char)byte))
            return false;
    return true;
}

WordPiece *wordpiece_new(const StaticTable *table) {
    WordPiece *self = g_new0(WordPiece, 1);
    self->table = table;
    size_t n_slots = 1024;
    while (n_slots < (size_t)table->n_entries * 2) n_slots *= 2;
    self->slots = g_new0(uint16_t, n_slots);
    self->slot_mask = n_slots - 1;
    self->remembered = g_new0(RememberedWord, N_REMEMBERED);
    for (uint32_t id = 0; id < table->n_entries; id++) add_entry(self, id);
    for (uint8_t byte = 0; byte < 128; byte++) self->ascii[byte] = kind_of_ascii(table, byte);
    self->is_ascii_plain = is_ascii_plain(self);
    return self;
}

void wordpiece_free(WordPiece *pieces) {
    if (pieces == NULL) return;
    g_free(pieces->slots);
    g_free(pieces->remembered);
    g_free(pieces);
}

/* Any bytes as a text for the word pieces of a small table: whole words at once give what the slow
 * way gives (a text of less than 16 bytes always takes that), and the ids are ids. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "embed/wordpiece.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define N_DIMENSIONS 16

static const char *const words[] = { "[UNK]",        "the", "a",    "##a", "##b", "##bc", "ab",
                                     "abc",          "x",   "##yz", ",",   "!",   "e",    "##e",
                                     "\xe4\xb8\xad", "12",  "##3" };
static const StaticRange ranges[] = {
    { 0, 8, CHAR_DROP },           { 9, 10, CHAR_SPACE },
    { 11, 12, CHAR_DROP },         { 13, 13, CHAR_SPACE },
    { 14, 31, CHAR_DROP },         { 32, 32, CHAR_SPACE },
    { 33, 47, CHAR_PUNCTUATION },  { 58, 64, CHAR_PUNCTUATION },
    { 91, 96, CHAR_PUNCTUATION },  { 123, 126, CHAR_PUNCTUATION },
    { 127, 159, CHAR_DROP },       { 160, 160, CHAR_SPACE },
    { 0x300, 0x36f, CHAR_DROP },   { 0x4e00, 0x9fff, CHAR_CJK },
    { 0xfffd, 0xfffd, CHAR_DROP },
};

static void put_u32(GByteArray *out, size_t at, uint32_t value) {
    memcpy(out->data + at, &value, sizeof value);
}

/* Appends a section and writes its offset at `at` of the header. */
static void add_section(GByteArray *out, size_t at, const void *bytes, size_t length) {
    static const uint8_t zeros[64] = { 0 };
    g_byte_array_append(out, zeros, (64 - out->len % 64) % 64);
    put_u32(out, at, out->len);
    g_byte_array_append(out, bytes, (guint)length);
}

static GByteArray *make_table(void) {
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, 128);
    memset(out->data, 0, 128);
    memcpy(out->data, "LGSTEMB1", 8);
    uint32_t n = G_N_ELEMENTS(words);
    uint32_t offsets[G_N_ELEMENTS(words) + 1] = { 0 };
    float scales[G_N_ELEMENTS(words)] = { 0 };
    int8_t rows[G_N_ELEMENTS(words) * N_DIMENSIONS] = { 0 };
    StaticFold folds[28] = { 0 };
    g_autoptr(GString) pieces = g_string_new(NULL);
    for (uint32_t i = 0; i < n; i++) {
        g_string_append(pieces, words[i]);
        offsets[i + 1] = (uint32_t)pieces->len;
    }
    for (uint32_t i = 0; i < 26; i++) folds[i] = (StaticFold){ 'A' + i, { 'a' + i, 0, 0 } };
    folds[26] = (StaticFold){ 0xbc, { '1', 0x2044, '4' } };
    folds[27] = (StaticFold){ 0xe9, { 'e', 0, 0 } };
    const uint32_t header[] = {
        1, n, N_DIMENSIONS, 0, 100, G_N_ELEMENTS(ranges), G_N_ELEMENTS(folds), (uint32_t)pieces->len
    };
    for (size_t i = 0; i < G_N_ELEMENTS(header); i++) put_u32(out, 8 + i * 4, header[i]);
    add_section(out, 40, offsets, sizeof offsets);
    add_section(out, 44, pieces->str, pieces->len);
    add_section(out, 48, scales, sizeof scales);
    add_section(out, 52, ranges, sizeof ranges);
    add_section(out, 56, folds, sizeof folds);
    add_section(out, 60, rows, sizeof rows);
    put_u32(out, 64, out->len);
    return out;
}

static bool is_space(uint8_t byte) {
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static void check_text(const StaticTable *table, const uint8_t *data, size_t size) {
    g_autoptr(WordPiece) pieces = wordpiece_new(table);
    g_autoptr(GArray) whole = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    wordpiece_append_ids(pieces, (const char *)data, size, whole);
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (end < size && !is_space(data[end])) end++;
        wordpiece_append_ids(pieces, (const char *)data + at, end - at, parts);
        at = end + 1;
    }
    if (whole->len != parts->len) abort();
    for (guint i = 0; i < whole->len; i++) {
        uint32_t id = g_array_index(whole, uint32_t, i);
        if (id != g_array_index(parts, uint32_t, i) || id >= table->n_entries) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(GByteArray) bytes = make_table();
    g_autoptr(StaticTable) table = static_table_new(bytes->data, bytes->len, NULL);
    if (table == NULL) abort();
    check_text(table, data, size);
    /* The same bytes laid over the header and the sections: what is accepted is safe to use. */
    for (size_t i = 0; i + 1 < size && i < 200; i += 2)
        bytes->data[8 + data[i] * 4U % (bytes->len - 8)] ^= data[i + 1];
    put_u32(bytes, 64, bytes->len);
    g_autoptr(StaticTable) odd = static_table_new(bytes->data, bytes->len, NULL);
    if (odd == NULL) return 0;
    g_autoptr(WordPiece) pieces = wordpiece_new(odd);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    wordpiece_append_ids(pieces, (const char *)data, size, ids);
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, uint32_t, i) >= odd->n_entries) abort();
    return 0;
}

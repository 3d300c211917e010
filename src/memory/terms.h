/*
 * memory/terms.h: text to the terms that are looked up: what "word" means to the index.
 *
 *     g_autoptr(TermTable) table = term_table_new(store_sqlite(store), error);
 *     g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
 *     term_table_scan(table, text, length, ids);            // "parsing trains" -> "pars", "train"
 *
 * - Letters and digits make words, folded (case, accents, width, Arabic vowel signs); English
 * endings go, by the Porter stemmer that is part of SQLite's FTS5.
 * - An identifier is found whole and by its parts: parseHttpRequest, parse_http_request. "C++",
 * "C#" are words.
 * - Scripts without spaces (Han, kana, Hangul, Thai, Lao, Khmer, Burmese) give each character and
 *   each pair of neighbours.
 * - An emoji is a word.
 * What was looked at once is remembered, so scanning goes at over 100 MB/s.
 */
#pragma once

#include <sqlite3.h>

#include "memory/intern.h"

typedef struct TermTable TermTable;

/* `handle` lends its stemmer and must outlive the table. */
TermTable *term_table_new(sqlite3 *handle, GError **error);
void term_table_free(TermTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TermTable, term_table_free)

/* Appends the terms of a text, in its order, as numbers (uint32_t) of this table. */
void term_table_scan(TermTable *table, const char *text, size_t length, GArray *ids);

typedef enum {
    TERM_STOP = 1 << 0,      /* "the", "what": says little */
    TERM_CHARACTER = 1 << 1, /* one character of a script without spaces */
} TermFlags;

/* Borrowed until the next scan. */
const char *term_table_get(const TermTable *table, uint32_t id, size_t *out_length);
unsigned term_table_flags(const TermTable *table, uint32_t id);
uint32_t term_table_count(const TermTable *table);
/* Rough, to bound a batch. */
size_t term_table_bytes(const TermTable *table);

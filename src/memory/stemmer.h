/*
 * memory/stemmer.h: the Porter stemmer that SQLite's FTS5 brings along, for one word at a time.
 */
#pragma once

#include <stddef.h>

#include <glib.h>
#include <sqlite3.h>

typedef struct Stemmer Stemmer;

/* ERR_FAILED when this SQLite was built without FTS5. */
Stemmer *stemmer_new(sqlite3 *handle, GError **error);
void stemmer_free(Stemmer *stemmer);

/* Appends the stem of a word of ASCII letters and digits to `out`. */
void stemmer_append(Stemmer *stemmer, const char *word, size_t length, GString *out);

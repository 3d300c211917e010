/*
 * memory/word_index.h: which terms stand in which chunks and files: an inverted index whose pages
 * are SQLite's.
 *
 *     WordBatch *batch = word_batch_new();
 *     word_batch_add(batch, WORDS_OF_CHUNKS, chunk_id, terms, n_terms);
 *     ...
 *     word_index_add(store, batch, table, error);           // one segment, in the transaction
 *
 *     WordScores scores = { 0 };
 *     word_index_score(store, &query, &scores, error);      // BM25 of every document
 *
 * A segment is what one transaction added: rows (segment, level, term, postings). Few and large
 * ones are searched, so small ones are merged as they come (each posting is copied log n times at
 * most). Documents of two levels: chunks, and whole files. Ids of documents ascend and are never
 * used again; those of removed documents are noted and left out of every answer, until a merge
 * drops their postings.
 *
 * Why not FTS5 (docs/decisions/): its bm25() of three words takes 16 ms over 100,000 chunks where
 * this takes under one, and its index is built at a third of the speed.
 */
#pragma once

#include "base/cancel.h"
#include "memory/terms.h"
#include "store/store.h"

typedef enum { WORDS_OF_CHUNKS, WORDS_OF_FILES } WordLevel;
enum { WORD_LEVELS = 2 };

/* The tables, for the schema of the database. */
#define WORD_INDEX_TABLES                                                                          \
    "CREATE TABLE segments(id INTEGER PRIMARY KEY, n_bytes INTEGER NOT NULL,"                      \
    " chunks INTEGER NOT NULL, chunk_terms INTEGER NOT NULL,"                                      \
    " files INTEGER NOT NULL, file_terms INTEGER NOT NULL,"                                        \
    " first_chunk INTEGER NOT NULL, last_chunk INTEGER NOT NULL,"                                  \
    " first_file INTEGER NOT NULL, last_file INTEGER NOT NULL);"                                   \
    "CREATE TABLE postings(segment INTEGER NOT NULL, level INTEGER NOT NULL, term BLOB NOT NULL,"  \
    " n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(segment, level, term)) WITHOUT ROWID;"   \
    "CREATE TABLE dead(level INTEGER NOT NULL, first INTEGER NOT NULL, n INTEGER NOT NULL,"        \
    " PRIMARY KEY(level, first)) WITHOUT ROWID;"

typedef struct WordBatch WordBatch;

WordBatch *word_batch_new(void);
void word_batch_free(WordBatch *batch);
/* A document with its terms as numbers of the one TermTable of the batch. Ids ascend per level. */
void word_batch_add(WordBatch *batch, WordLevel level, int64_t document, const uint32_t *terms,
                    size_t n_terms);
size_t word_batch_bytes(const WordBatch *batch);

/* Within a transaction. */
bool word_index_add(Store *store, const WordBatch *batch, const TermTable *table,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The documents first .. first + n - 1 are no more. Within a transaction. */
bool word_index_remove(Store *store, WordLevel level, int64_t first, int64_t n,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Merges what should be merged; with `is_whole` everything into one segment, so that nothing of a
 * removed document is left. In a transaction of its own, when there is something to do. */
bool word_index_merge(Store *store, bool is_whole, Cancel *cancel,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Asking. */

typedef struct {
    const char *term; /* bytes, borrowed */
    size_t length;
    bool is_prefix; /* every term that begins so */
    float weight;   /* 1 */
} WordQuery;

typedef struct {
    /* owned */
    float *values; /* by id of the document, 0 for none */
    /* state */
    int64_t n_values; /* the largest id + 1 */
    int64_t n_documents;
    float max;
    unsigned n_found; /* terms that stand somewhere */
    float norms[256]; /* what the length of a document does, by its code */
} WordScores;

/* BM25 of all documents of a level for the words, joined by OR. `scores` is used again when it was
 * filled before. Within a read transaction. */
bool word_index_score(Store *store, WordLevel level, const GArray *words, WordScores *scores,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void word_scores_clear(WordScores *scores);

/* In how many documents each word stands; `out_counts` has room for all. */
bool word_index_count(Store *store, WordLevel level, const GArray *words, int64_t *out_counts,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* memory/word_index.c: the batch, and a segment of it; word_merge.c and word_score.c have the rest.
 */
#include "memory/word_index.h"

#include <stdlib.h>
#include <string.h>

#include "memory/posting_list.h"

typedef struct {
    PostingWriter *writers; /* owned, by term */
    size_t n_writers;
    int64_t n_documents, n_terms, first, last;
    size_t n_bytes;
} BatchLevel;

struct WordBatch {
    BatchLevel levels[WORD_LEVELS];
    /* How often each term stands in the document at hand. */
    uint16_t *counts; /* owned */
    size_t n_counts;
    GArray *touched; /* uint32_t, owned */
};

WordBatch *word_batch_new(void) {
    WordBatch *batch = g_new0(WordBatch, 1);
    batch->touched = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return batch;
}

void word_batch_free(WordBatch *batch) {
    if (batch == NULL) return;
    for (int level = 0; level < WORD_LEVELS; level++) {
        BatchLevel *one = &batch->levels[level];
        for (size_t i = 0; i < one->n_writers; i++) posting_writer_clear(&one->writers[i]);
        g_free(one->writers);
    }
    g_free(batch->counts);
    g_array_unref(batch->touched);
    g_free(batch);
}

size_t word_batch_bytes(const WordBatch *batch) {
    return batch->levels[WORDS_OF_CHUNKS].n_bytes + batch->levels[WORDS_OF_FILES].n_bytes;
}

static void *grow(void *array, size_t *n, size_t wanted, size_t size) {
    if (wanted <= *n) return array;
    size_t n_new = MAX(wanted, *n + *n / 2 + 1024);
    array = g_realloc_n(array, n_new, size);
    memset((char *)array + *n * size, 0, (n_new - *n) * size);
    *n = n_new;
    return array;
}

static void count_terms(WordBatch *batch, const uint32_t *terms, size_t n_terms) {
    for (size_t i = 0; i < n_terms; i++) {
        if (terms[i] >= batch->n_counts)
            batch->counts = grow(batch->counts, &batch->n_counts, terms[i] + 1, sizeof(uint16_t));
        if (batch->counts[terms[i]]++ == 0) g_array_append_val(batch->touched, terms[i]);
        if (batch->counts[terms[i]] == 0) batch->counts[terms[i]] = UINT16_MAX;
    }
}

void word_batch_add(WordBatch *batch, WordLevel level, int64_t document, const uint32_t *terms,
                    size_t n_terms) {
    BatchLevel *one = &batch->levels[level];
    count_terms(batch, terms, n_terms);
    uint8_t code = posting_length_code((uint32_t)MIN(n_terms, UINT32_MAX));
    for (unsigned i = 0; i < batch->touched->len; i++) {
        uint32_t term = g_array_index(batch->touched, uint32_t, i);
        if (term >= one->n_writers)
            one->writers = grow(one->writers, &one->n_writers, term + 1, sizeof(PostingWriter));
        uint8_t count = (uint8_t)MIN(batch->counts[term], UINT8_MAX);
        posting_writer_add(&one->writers[term], &(Posting){ document, count, code });
        batch->counts[term] = 0;
    }
    one->n_bytes += (size_t)batch->touched->len * 4;
    g_array_set_size(batch->touched, 0);
    if (one->n_documents == 0) one->first = document;
    one->last = document;
    one->n_documents++;
    one->n_terms += (int64_t)n_terms;
}

typedef struct {
    const char *bytes;
    size_t length;
    const PostingWriter *writer;
} Row;

static int compare_rows(const void *left, const void *right) {
    const Row *a = left, *b = right;
    int order = memcmp(a->bytes, b->bytes, MIN(a->length, b->length));
    if (order != 0) return order;
    return a->length < b->length ? -1 : a->length > b->length;
}

/* In the order of the key, so that each row goes to the end of the tree. */
static Row *sorted_rows(const BatchLevel *level, const TermTable *table, size_t *out_n) {
    Row *rows = g_new(Row, level->n_writers + 1);
    size_t n = 0;
    for (uint32_t term = 0; term < level->n_writers; term++) {
        if (level->writers[term].length == 0) continue;
        Row row = { .writer = &level->writers[term] };
        row.bytes = term_table_get(table, term, &row.length);
        rows[n++] = row;
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    *out_n = n;
    return rows;
}

typedef struct {
    Store *store;
    const TermTable *table;
    int64_t id, n_bytes;
} NewSegment;

static bool add_level(NewSegment *segment, const BatchLevel *level, int number, GError **error) {
    size_t n = 0;
    g_autofree Row *rows = sorted_rows(level, segment->table, &n);
    StoreQuery insert;
    store_query(&insert, segment->store,
                "INSERT INTO postings(segment, level, term, n, data) VALUES (?, ?, ?, ?, ?)");
    for (size_t i = 0; i < n; i++) {
        store_bind_int(&insert, 1, segment->id);
        store_bind_int(&insert, 2, number);
        store_bind_blob(&insert, 3, rows[i].bytes, rows[i].length);
        store_bind_int(&insert, 4, rows[i].writer->n_postings);
        store_bind_blob(&insert, 5, rows[i].writer->bytes, rows[i].writer->length);
        segment->n_bytes += rows[i].writer->length;
        if (!store_step(&insert)) break;
    }
    return store_end(&insert, error);
}

bool word_index_add(Store *store, const WordBatch *batch, const TermTable *table, GError **error) {
    const BatchLevel *chunks = &batch->levels[WORDS_OF_CHUNKS];
    const BatchLevel *files = &batch->levels[WORDS_OF_FILES];
    StoreQuery insert;
    store_query(&insert, store,
                "INSERT INTO segments(n_bytes, chunks, chunk_terms, files, file_terms, first_chunk,"
                " last_chunk, first_file, last_file) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?)");
    const int64_t values[] = { chunks->n_documents, chunks->n_terms, files->n_documents,
                               files->n_terms,      chunks->first,   chunks->last,
                               files->first,        files->last };
    for (int i = 0; i < (int)G_N_ELEMENTS(values); i++) store_bind_int(&insert, i + 1, values[i]);
    store_step(&insert);
    NewSegment segment = { .store = store, .table = table, .id = store_last_id(store) };
    if (!store_end(&insert, error)) return false;
    for (int level = 0; level < WORD_LEVELS; level++)
        if (!add_level(&segment, &batch->levels[level], level, error)) return false;
    StoreQuery update;
    store_query(&update, store, "UPDATE segments SET n_bytes = ? WHERE id = ?");
    store_bind_int(&update, 1, segment.n_bytes);
    store_bind_int(&update, 2, segment.id);
    store_step(&update);
    return store_end(&update, error);
}

bool word_index_remove(Store *store, WordLevel level, int64_t first, int64_t n, GError **error) {
    if (n <= 0) return true;
    StoreQuery insert;
    store_query(&insert, store, "INSERT OR REPLACE INTO dead(level, first, n) VALUES (?, ?, ?)");
    store_bind_int(&insert, 1, level);
    store_bind_int(&insert, 2, first);
    store_bind_int(&insert, 3, n);
    store_step(&insert);
    return store_end(&insert, error);
}

/*
 * memory/word_merge.c: several segments into one. The merged ones are always the newest, so ranges
 * of ids of two segments never overlap and lists are joined by going through them in order.
 */
#include <string.h>

#include "memory/posting_list.h"
#include "memory/word_index.h"

/* Each segment costs a search one more look per word. */
#define MAX_SEGMENTS 8

/* Removed documents that are worth copying everything: a third. */
#define MAX_DEAD_SHARE 0.33

typedef struct {
    int64_t id, n_bytes, n_chunks;
    int64_t first[WORD_LEVELS], last[WORD_LEVELS];
} Segment;

typedef struct {
    int64_t level, first, end;
} DeadRange;

typedef struct {
    /* borrowed */
    Store *store;
    Cancel *cancel;
    /* owned */
    GArray *segments; /* Segment, those that are merged */
    GArray *dead;     /* DeadRange, by level and id */
    GString *term;
    PostingWriter writer;
    /* state */
    int64_t target;
    int64_t level;
    int64_t n_bytes;
} Merge;

static GArray *read_segments(Store *store, GError **error) {
    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(Segment));
    StoreQuery query;
    store_query(&query, store,
                "SELECT id, n_bytes, chunks, first_chunk, last_chunk, first_file, last_file"
                " FROM segments ORDER BY id");
    while (store_next(&query)) {
        const Segment segment = { store_int(&query, 0),
                                  store_int(&query, 1),
                                  store_int(&query, 2),
                                  { store_int(&query, 3), store_int(&query, 5) },
                                  { store_int(&query, 4), store_int(&query, 6) } };
        g_array_append_val(segments, segment);
    }
    return store_end(&query, error) ? g_steal_pointer(&segments) : NULL;
}

static bool read_dead(Store *store, GArray *dead, int64_t *out_n_chunks, GError **error) {
    StoreQuery query;
    store_query(&query, store, "SELECT level, first, n FROM dead ORDER BY level, first");
    *out_n_chunks = 0;
    while (store_next(&query)) {
        const DeadRange range = { store_int(&query, 0), store_int(&query, 1),
                                  store_int(&query, 1) + store_int(&query, 2) };
        g_array_append_val(dead, range);
        if (range.level == WORDS_OF_CHUNKS) *out_n_chunks += range.end - range.first;
    }
    return store_end(&query, error);
}

/* How many of the newest segments to merge; fewer than 2: none. */
static unsigned choose(const GArray *segments, int64_t n_dead) {
    int64_t n_chunks = 0;
    for (unsigned i = 0; i < segments->len; i++)
        n_chunks += g_array_index(segments, Segment, i).n_chunks;
    if (n_dead > 1000 && (double)n_dead > MAX_DEAD_SHARE * (double)n_chunks) return segments->len;
    if (segments->len <= MAX_SEGMENTS) return 0;
    unsigned n = 1;
    int64_t n_bytes = g_array_index(segments, Segment, segments->len - 1).n_bytes;
    while (n < segments->len) {
        const Segment *older = &g_array_index(segments, Segment, segments->len - 1 - n);
        if (n >= 2 && older->n_bytes > 2 * n_bytes) break;
        n_bytes += older->n_bytes;
        n++;
    }
    return n;
}

/* The last range that begins at or before the document is the only one that can have it. */
static bool is_dead(const Merge *merge, int64_t document) {
    unsigned low = 0, high = merge->dead->len;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const DeadRange *range = &g_array_index(merge->dead, DeadRange, middle);
        bool is_after = range->level > merge->level ||
                        (range->level == merge->level && range->first > document);
        if (is_after)
            high = middle;
        else
            low = middle + 1;
    }
    if (low == 0) return false;
    const DeadRange *range = &g_array_index(merge->dead, DeadRange, low - 1);
    return range->level == merge->level && document < range->end;
}

static bool write_term(Merge *merge, GError **error) {
    if (merge->writer.n_postings > 0) {
        StoreQuery insert;
        store_query(&insert, merge->store,
                    "INSERT INTO postings(segment, level, term, n, data) VALUES (?, ?, ?, ?, ?)");
        store_bind_int(&insert, 1, merge->target);
        store_bind_int(&insert, 2, merge->level);
        store_bind_blob(&insert, 3, merge->term->str, merge->term->len);
        store_bind_int(&insert, 4, merge->writer.n_postings);
        store_bind_blob(&insert, 5, merge->writer.bytes, merge->writer.length);
        store_step(&insert);
        if (!store_end(&insert, error)) return false;
        merge->n_bytes += merge->writer.length;
    }
    merge->writer.length = 0;
    merge->writer.n_postings = 0;
    merge->writer.last = 0;
    return cancel_check(merge->cancel, error);
}

static void copy_list(Merge *merge, const void *data, size_t length) {
    PostingReader reader = posting_reader_new(data, length);
    for (Posting posting; posting_reader_next(&reader, &posting);)
        if (posting.document > merge->writer.last && !is_dead(merge, posting.document))
            posting_writer_add(&merge->writer, &posting);
}

/* The rows of one segment, by level and term. */
typedef struct {
    StoreQuery query;
    bool has_row;
    int64_t level;
    const char *term; /* borrowed until the next row */
    size_t n_term;
} Cursor;

static void advance(Cursor *cursor) {
    cursor->has_row = store_next(&cursor->query);
    if (!cursor->has_row) return;
    cursor->level = store_int(&cursor->query, 0);
    cursor->term = store_blob(&cursor->query, 1, &cursor->n_term);
}

static int compare_cursors(const Cursor *a, const Cursor *b) {
    if (a->level != b->level) return a->level < b->level ? -1 : 1;
    int order = memcmp(a->term, b->term, MIN(a->n_term, b->n_term));
    if (order != 0) return order;
    return a->n_term < b->n_term ? -1 : a->n_term > b->n_term;
}

/* The list of the smallest term, from every segment that has it; false at the end. */
static bool take_smallest(Merge *merge, Cursor *cursors, unsigned n) {
    const Cursor *smallest = NULL;
    for (unsigned i = 0; i < n; i++)
        if (cursors[i].has_row && (smallest == NULL || compare_cursors(&cursors[i], smallest) < 0))
            smallest = &cursors[i];
    if (smallest == NULL) return false;
    merge->level = smallest->level;
    g_string_truncate(merge->term, 0);
    g_string_append_len(merge->term, smallest->term, (gssize)smallest->n_term);
    for (unsigned i = 0; i < n; i++) {
        Cursor *cursor = &cursors[i];
        if (!cursor->has_row || cursor->level != merge->level ||
            cursor->n_term != merge->term->len ||
            memcmp(cursor->term, merge->term->str, cursor->n_term) != 0)
            continue;
        size_t n_data;
        const void *data = store_blob(&cursor->query, 2, &n_data);
        copy_list(merge, data, n_data);
        advance(cursor);
    }
    return true;
}

/* The new segment has a number above all others while it is filled, then that of the first. */
static bool copy_postings(Merge *merge, GError **error) {
    unsigned n = merge->segments->len;
    g_autofree Cursor *cursors = g_new0(Cursor, n);
    for (unsigned i = 0; i < n; i++) {
        store_query(&cursors[i].query, merge->store,
                    "SELECT level, term, data FROM postings WHERE segment = ?"
                    " ORDER BY level, term");
        store_bind_int(&cursors[i].query, 1, g_array_index(merge->segments, Segment, i).id);
        advance(&cursors[i]);
    }
    bool is_ok = true;
    while (is_ok && take_smallest(merge, cursors, n)) is_ok = write_term(merge, error);
    for (unsigned i = 0; i < n; i++)
        is_ok = store_end(&cursors[i].query, is_ok ? error : NULL) && is_ok;
    return is_ok;
}

/* One statement with up to two numbers. */
static bool run_with(Store *store, const char *sql, int64_t first, int64_t second, GError **error) {
    StoreQuery query;
    store_query(&query, store, sql);
    store_bind_int(&query, 1, first);
    if (sqlite3_bind_parameter_count(query.statement) > 1) store_bind_int(&query, 2, second);
    store_step(&query);
    return store_end(&query, error);
}

/* The totals are those of the merged ones, less what was removed. */
static bool replace_segments(Merge *merge, GError **error) {
    const Segment *first = &g_array_index(merge->segments, Segment, 0);
    const Segment *last = &g_array_index(merge->segments, Segment, merge->segments->len - 1);
    StoreQuery insert;
    store_query(&insert, merge->store,
                "INSERT INTO segments SELECT ?1, ?2, total(chunks), total(chunk_terms),"
                " total(files), total(file_terms), min(first_chunk), max(last_chunk),"
                " min(first_file), max(last_file) FROM segments WHERE id BETWEEN ?3 AND ?4");
    store_bind_int(&insert, 1, merge->target);
    store_bind_int(&insert, 2, merge->n_bytes);
    store_bind_int(&insert, 3, first->id);
    store_bind_int(&insert, 4, last->id);
    store_step(&insert);
    return store_end(&insert, error) &&
           run_with(merge->store, "DELETE FROM segments WHERE id BETWEEN ? AND ?", first->id,
                    last->id, error) &&
           run_with(merge->store, "DELETE FROM postings WHERE segment BETWEEN ? AND ?", first->id,
                    last->id, error);
}

/* Their postings are gone, so nothing has to be left out any more; the averages lose their share.
 */
static bool forget_dead(Merge *merge, GError **error) {
    for (unsigned i = 0; i < merge->dead->len; i++) {
        const DeadRange *range = &g_array_index(merge->dead, DeadRange, i);
        const Segment *first = &g_array_index(merge->segments, Segment, 0);
        if (range->first < first->first[range->level]) continue;
        int64_t n = range->end - range->first;
        bool is_of_chunks = range->level == WORDS_OF_CHUNKS;
        if (!run_with(merge->store,
                      is_of_chunks
                          ? "UPDATE segments SET chunk_terms = chunk_terms * max(chunks - ?1, 0) /"
                            " max(chunks, 1), chunks = max(chunks - ?1, 0) WHERE id = ?2"
                          : "UPDATE segments SET file_terms = file_terms * max(files - ?1, 0) /"
                            " max(files, 1), files = max(files - ?1, 0) WHERE id = ?2",
                      n, merge->target, error) ||
            !run_with(merge->store, "DELETE FROM dead WHERE level = ? AND first = ?", range->level,
                      range->first, error))
            return false;
    }
    return true;
}

static bool merge_chosen(Merge *merge, GError **error) {
    const Segment *last = &g_array_index(merge->segments, Segment, merge->segments->len - 1);
    merge->target = last->id + 1;
    return copy_postings(merge, error) && replace_segments(merge, error) &&
           forget_dead(merge, error);
}

/* Within the transaction. */
static bool merge_newest(Store *store, bool is_whole, Cancel *cancel, GError **error) {
    g_autoptr(GArray) segments = read_segments(store, error);
    if (segments == NULL) return false;
    g_autoptr(GArray) dead = g_array_new(FALSE, FALSE, sizeof(DeadRange));
    int64_t n_dead = 0;
    if (!read_dead(store, dead, &n_dead, error)) return false;
    unsigned n = is_whole ? segments->len : choose(segments, n_dead);
    if (n == 0 || (n < 2 && !is_whole)) return true;
    g_array_remove_range(segments, 0, segments->len - n);
    Merge merge = { .store = store,
                    .cancel = cancel,
                    .segments = segments,
                    .dead = dead,
                    .term = g_string_new(NULL) };
    bool is_ok = merge_chosen(&merge, error);
    g_string_free(merge.term, TRUE);
    posting_writer_clear(&merge.writer);
    return is_ok;
}

bool word_index_merge(Store *store, bool is_whole, Cancel *cancel, GError **error) {
    if (!store_begin(store, error)) return false;
    if (!merge_newest(store, is_whole, cancel, error)) {
        store_rollback(store);
        return false;
    }
    return store_commit(store, error);
}

/* memory/word_score.c: BM25 over the segments. */
#include <math.h>
#include <string.h>

#include "memory/posting_list.h"
#include "memory/word_index.h"

/* The usual ones; Cranfield's nDCG@10 changes by less than .003 for k1 .9 to 1.6, b .6 to .8. */
#define BM25_K1 1.2F
#define BM25_B 0.75F

/* More terms than these that begin alike say nothing any more. */
#define MAX_PREFIX_TERMS 256

typedef struct {
    int64_t n_documents, n_terms, last;
} Totals;

void word_scores_clear(WordScores *scores) {
    g_free(scores->values);
    *scores = (WordScores){ 0 };
}

static bool read_totals(Store *store, WordLevel level, Totals *out, GError **error) {
    StoreQuery query;
    store_query(&query, store,
                level == WORDS_OF_CHUNKS
                    ? "SELECT total(chunks), total(chunk_terms), ifnull(max(last_chunk), 0)"
                      " FROM segments"
                    : "SELECT total(files), total(file_terms), ifnull(max(last_file), 0)"
                      " FROM segments");
    if (store_next(&query))
        *out = (Totals){ store_int(&query, 0), store_int(&query, 1), store_int(&query, 2) };
    return store_end(&query, error);
}

static void reset(WordScores *scores, int64_t n_values) {
    if (scores->n_values < n_values) {
        g_free(scores->values);
        scores->values = g_new0(float, (size_t)n_values);
    } else {
        memset(scores->values, 0, (size_t)scores->n_values * sizeof(float));
        n_values = scores->n_values;
    }
    scores->n_values = n_values;
    scores->max = 0;
    scores->n_found = 0;
}

/* The list of a term in every segment, at most as many as there are segments. */
static const char one_term[] = "SELECT s.id, p.n, p.data FROM segments s CROSS JOIN postings p"
                               " ON p.segment = s.id AND p.level = ?1 AND p.term = ?2";
static const char terms_from[] = "SELECT s.id, p.n, p.data FROM segments s CROSS JOIN postings p"
                                 " ON p.segment = s.id AND p.level = ?1 AND p.term >= ?2"
                                 " AND p.term < ?3";

/* The bytes that come right after everything that begins with the term; false: there are none. */
static bool end_of_prefix(const WordQuery *word, char *out) {
    memcpy(out, word->term, word->length);
    for (size_t i = word->length; i > 0; i--)
        if ((unsigned char)out[i - 1] < 0xff) {
            out[i - 1]++;
            return true;
        }
    return false;
}

static void ask(StoreQuery *query, Store *store, WordLevel level, const WordQuery *word,
                char *end) {
    bool is_range = word->is_prefix && word->length > 0 && end_of_prefix(word, end);
    store_query(query, store, is_range ? terms_from : one_term);
    store_bind_int(query, 1, level);
    store_bind_blob(query, 2, word->term, word->length);
    if (is_range) store_bind_blob(query, 3, end, word->length);
}

/* The part of BM25 that depends on the length of the document, for every code of a length. */
static void fill_norms(float *norms, const Totals *totals) {
    float average =
        totals->n_documents > 0 ? (float)totals->n_terms / (float)totals->n_documents : 1.0F;
    for (int code = 0; code < 256; code++)
        norms[code] =
            BM25_K1 * (1 - BM25_B + BM25_B * posting_length((uint8_t)code) / MAX(average, 1.0F));
}

typedef struct {
    const float *norms; /* borrowed */
    float weight;       /* of the word, with how rare it is */
} Scoring;

static void add_list(WordScores *scores, const void *data, size_t length, const Scoring *scoring) {
    PostingReader reader = posting_reader_new(data, length);
    for (Posting posting; posting_reader_next(&reader, &posting);) {
        if (posting.document >= scores->n_values) continue;
        float count = (float)posting.count;
        scores->values[posting.document] += scoring->weight * (count * (BM25_K1 + 1)) /
                                            (count + scoring->norms[posting.length_code]);
    }
}

static float rarity(int64_t n_with, int64_t n_all) {
    float with = (float)MIN(n_with, n_all);
    return logf(1.0F + ((float)n_all - with + 0.5F) / (with + 0.5F));
}

static bool score_word(Store *store, WordLevel level, const WordQuery *word, WordScores *scores,
                       GError **error) {
    int64_t n_with = 0;
    const WordQuery one = *word;
    g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(WordQuery));
    g_array_append_val(words, one);
    if (!word_index_count(store, level, words, &n_with, error)) return false;
    if (n_with == 0) return true;
    scores->n_found++;
    const Scoring scoring = { scores->norms, word->weight * rarity(n_with, scores->n_documents) };
    g_autofree char *end = g_malloc(word->length + 1);
    StoreQuery query;
    ask(&query, store, level, word, end);
    for (int n = 0; n < MAX_PREFIX_TERMS && store_next(&query); n++) {
        size_t length;
        const void *data = store_blob(&query, 2, &length);
        add_list(scores, data, length, &scoring);
    }
    return store_end(&query, error);
}

static bool leave_out_dead(Store *store, WordLevel level, WordScores *scores, GError **error) {
    StoreQuery query;
    store_query(&query, store, "SELECT first, n FROM dead WHERE level = ?");
    store_bind_int(&query, 1, level);
    while (store_next(&query)) {
        int64_t first = MAX(store_int(&query, 0), 0);
        int64_t end = MIN(first + store_int(&query, 1), scores->n_values);
        if (first < end) memset(scores->values + first, 0, (size_t)(end - first) * sizeof(float));
    }
    return store_end(&query, error);
}

bool word_index_score(Store *store, WordLevel level, const GArray *words, WordScores *scores,
                      GError **error) {
    Totals totals = { 0 };
    if (!read_totals(store, level, &totals, error)) return false;
    reset(scores, totals.last + 1);
    scores->n_documents = totals.n_documents;
    fill_norms(scores->norms, &totals);
    for (unsigned i = 0; i < words->len; i++) {
        const WordQuery *word = &g_array_index(words, WordQuery, i);
        if (!score_word(store, level, word, scores, error)) return false;
    }
    if (!leave_out_dead(store, level, scores, error)) return false;
    for (int64_t i = 0; i < scores->n_values; i++)
        scores->max = MAX(scores->max, scores->values[i]);
    return true;
}

bool word_index_count(Store *store, WordLevel level, const GArray *words, int64_t *out_counts,
                      GError **error) {
    for (unsigned i = 0; i < words->len; i++) {
        const WordQuery *word = &g_array_index(words, WordQuery, i);
        g_autofree char *end = g_malloc(word->length + 1);
        StoreQuery query;
        int64_t n = 0;
        ask(&query, store, level, word, end);
        for (int k = 0; k < MAX_PREFIX_TERMS && store_next(&query); k++) n += store_int(&query, 1);
        if (!store_end(&query, error)) return false;
        out_counts[i] = n;
    }
    return true;
}

/*
 * memory/search.c: from a question to candidates with scores.
 *
 *     F(i) = 0.5 words(i) / max + 0.5 max(0, cosine(i)) / max
 *     score(i) = F(i) + 0.4 F(i - 1) + 0.4 F(i + 1) + 0.5 S(file)
 *
 * The neighbours are those within the same file, S is the score of the whole file (or session) by
 * words. The sum is divided by its largest possible value, so that scores are from 0 to 1.
 */
#include "memory/memory.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "memory/search-private.h"

/* Candidates of each signal. */
#define N_BY_WORDS 200
#define N_BY_MEANING 200

/* Below this, nearness in meaning is chance (bench/quality: no judged document of Cranfield is
 * lost). */
#define CHANCE_COSINE 0.1F

/* Terms of the dictionary that hold a word which is itself in no note. */
#define MAX_EXPANSIONS 16
#define MIN_EXPANDED_BYTES 3

#define MAX_LIMIT 1000
#define USUAL_LIMIT 10

const char *const search_mode_names[] = { "hybrid", "words", "meaning", NULL };

static void search_clear(Search *search) {
    memory_query_clear(&search->query);
    g_array_unref(search->wanted);
    g_array_unref(search->words);
    g_ptr_array_unref(search->strings);
    if (search->ranges != NULL) g_array_unref(search->ranges);
    g_array_unref(search->candidates);
    g_free(search->vector);
    g_string_free(search->notice, TRUE);
}

static void search_init(Search *search, Memory *memory, const MemoryRequest *request,
                        Cancel *cancel) {
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    int64_t limit = request->limit > 0 ? request->limit : USUAL_LIMIT;
    *search = (Search){ .memory = memory,
                        .request = request,
                        .cancel = cancel,
                        .mode = request->mode,
                        .limit = MIN(limit, MAX_LIMIT) };
    search->query = memory_query_parse(request->query != NULL ? request->query : "", now);
    search->wanted = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    search->words = g_array_new(FALSE, FALSE, sizeof(WordQuery));
    search->strings = g_ptr_array_new_with_free_func(g_free);
    search->candidates = g_array_new(FALSE, FALSE, sizeof(SearchCandidate));
    search->notice = g_string_new(NULL);
}

static void add_notice(Search *search, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void add_notice(Search *search, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (search->notice->len > 0) g_string_append(search->notice, "; ");
    g_string_append_vprintf(search->notice, format, arguments);
    va_end(arguments);
}

/* The words. */

static bool is_repeated(const GArray *terms, unsigned index) {
    for (unsigned i = 0; i < index; i++)
        if (g_array_index(terms, uint32_t, i) == g_array_index(terms, uint32_t, index)) return true;
    return false;
}

/* Of what was typed, the terms that say something: no stop words, no single characters beside
 * pairs, unless there is nothing else. */
static void choose_terms(Search *search, const GArray *terms) {
    const TermTable *table = search->memory->terms;
    bool has_better = false, has_pairs = false;
    for (unsigned i = 0; i < terms->len; i++) {
        uint32_t term = g_array_index(terms, uint32_t, i);
        unsigned flags = term_table_flags(table, term);
        size_t length;
        const char *bytes = term_table_get(table, term, &length);
        has_better = has_better || flags == 0;
        has_pairs = has_pairs || (flags == 0 && (bytes[0] & 0x80) != 0);
    }
    for (unsigned i = 0; i < terms->len; i++) {
        uint32_t term = g_array_index(terms, uint32_t, i);
        unsigned flags = term_table_flags(table, term);
        bool is_noise = ((flags & TERM_STOP) != 0 && has_better) ||
                        ((flags & TERM_CHARACTER) != 0 && has_pairs);
        if (!is_noise && !is_repeated(terms, i)) g_array_append_val(search->wanted, term);
    }
}

static void add_word(Search *search, const char *bytes, size_t length, bool is_prefix) {
    char *copy = g_strndup(bytes, length);
    g_ptr_array_add(search->strings, copy);
    const WordQuery word = { copy, length, is_prefix, 1.0F };
    g_array_append_val(search->words, word);
}

/* "runni*" has to find "run": the stems that begin so, and those that it begins with. */
static void add_prefix(Search *search, const char *prefix) {
    g_autofree char *folded = g_utf8_strdown(prefix, -1);
    size_t length = strlen(folded);
    add_word(search, folded, length, true);
    for (size_t shorter = length - 1; shorter >= 3 && shorter + 4 >= length; shorter--)
        if ((folded[shorter] & 0xc0) != 0x80) add_word(search, folded, shorter, false);
}

/* A word of no note may be a part of one: "HttpReq". */
static bool expand_unknown(Search *search, GError **error) {
    Store *store = index_store(search->memory->index);
    unsigned n_words = search->words->len;
    g_autofree int64_t *counts = g_new0(int64_t, n_words + 1);
    if (!word_index_count(store, WORDS_OF_CHUNKS, search->words, counts, error)) return false;
    for (unsigned i = 0; i < n_words; i++) {
        const WordQuery word = g_array_index(search->words, WordQuery, i);
        if (counts[i] > 0 || word.is_prefix || word.length < MIN_EXPANDED_BYTES) continue;
        StoreQuery query;
        store_query(&query, store,
                    "SELECT DISTINCT term FROM postings WHERE level = 1 AND segment IN"
                    " (SELECT id FROM segments) AND instr(term, ?) > 0 LIMIT ?");
        store_bind_blob(&query, 1, word.term, word.length);
        store_bind_int(&query, 2, MAX_EXPANSIONS);
        while (store_next(&query)) {
            size_t length;
            const char *term = store_blob(&query, 0, &length);
            add_word(search, term, length, false);
        }
        if (!store_end(&query, error)) return false;
    }
    return true;
}

static bool find_words(Search *search, GError **error) {
    Memory *memory = search->memory;
    g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (memory->terms == NULL)
        memory->terms = term_table_new(store_sqlite(index_store(memory->index)), error);
    if (memory->terms == NULL) return false;
    term_table_scan(memory->terms, search->query.words, strlen(search->query.words), terms);
    choose_terms(search, terms);
    for (unsigned i = 0; i < search->wanted->len; i++) {
        size_t length;
        const char *bytes =
            term_table_get(memory->terms, g_array_index(search->wanted, uint32_t, i), &length);
        add_word(search, bytes, length, false);
    }
    for (unsigned i = 0; i < search->query.prefixes->len; i++)
        add_prefix(search, g_ptr_array_index(search->query.prefixes, i));
    return expand_unknown(search, error);
}

static bool score_words(Search *search, GError **error) {
    Memory *memory = search->memory;
    Store *store = index_store(memory->index);
    return word_index_score(store, WORDS_OF_CHUNKS, search->words, &memory->chunk_scores, error) &&
           word_index_score(store, WORDS_OF_FILES, search->words, &memory->file_scores, error);
}

/* What may be found. */

static bool has_sessions(Search *search, GError **error) {
    StoreQuery query;
    store_query(&query, index_store(search->memory->index),
                "SELECT 1 FROM files WHERE source = 1 LIMIT 1");
    bool is_there = store_next(&query);
    return store_end(&query, error) && is_there;
}

static bool path_fits(const char *wanted, const char *path) {
    if (wanted == NULL) return true;
    if (strchr(wanted, '*') == NULL) return g_str_has_prefix(path, wanted);
    return g_pattern_match_simple(wanted, path);
}

static bool is_accepted(const Search *search, const StoreQuery *row) {
    bool is_session = store_int(row, 2) == INDEX_SESSIONS;
    if (is_session && !search->memory->indexes_sessions) return false;
    const MemoryQuery *query = &search->query;
    const char *date = store_text(row, 4);
    if ((query->since != NULL || query->before != NULL) && date[0] == '\0') return false;
    if (query->since != NULL && strcmp(date, query->since) < 0) return false;
    if (query->before != NULL && strcmp(date, query->before) >= 0) return false;
    return path_fits(query->path, store_text(row, 3));
}

static bool find_ranges(Search *search, GError **error) {
    const MemoryQuery *query = &search->query;
    bool is_filtered = query->since != NULL || query->before != NULL || query->path != NULL;
    bool hides_sessions = !search->memory->indexes_sessions && has_sessions(search, NULL);
    if (!is_filtered && !hides_sessions) return true;
    search->ranges = g_array_new(FALSE, FALSE, sizeof(SearchRange));
    StoreQuery rows;
    store_query(&rows, index_store(search->memory->index),
                "SELECT first_chunk, n_chunks, source, path, date FROM files WHERE n_chunks > 0"
                " ORDER BY first_chunk");
    while (store_next(&rows)) {
        if (!is_accepted(search, &rows)) continue;
        const SearchRange range = { store_int(&rows, 0),
                                    store_int(&rows, 0) + store_int(&rows, 1) };
        g_array_append_val(search->ranges, range);
    }
    return store_end(&rows, error);
}

static bool accepts(int64_t id, void *user_data) {
    const GArray *ranges = ((const Search *)user_data)->ranges;
    if (ranges == NULL) return true;
    unsigned low = 0, high = ranges->len;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (g_array_index(ranges, SearchRange, middle).first <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && id < g_array_index(ranges, SearchRange, low - 1).end;
}

/* Candidates. */

static int compare_ids(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

typedef struct {
    float score;
    int64_t id;
} Scored;

static void sink(Scored *heap, size_t at, size_t n) {
    for (;;) {
        size_t smallest = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < n; child++)
            if (heap[child].score < heap[smallest].score) smallest = child;
        if (smallest == at) return;
        Scored kept = heap[at];
        heap[at] = heap[smallest];
        heap[smallest] = kept;
        at = smallest;
    }
}

/* The best by words: a heap with the worst of them on top. */
static void add_best_words(Search *search, GArray *ids) {
    const WordScores *scores = &search->memory->chunk_scores;
    size_t n_most = MAX(N_BY_WORDS, (size_t)search->limit * 2), n = 0;
    /* Phrases and prefixes are looked for in the texts of the best. */
    if (search->query.phrases->len > 0) n_most = MAX(n_most, 2000);
    g_autofree Scored *heap = g_new(Scored, n_most);
    for (int64_t id = 1; id < scores->n_values; id++) {
        float score = scores->values[id];
        if (score <= 0 || (n == n_most && score <= heap[0].score)) continue;
        if (search->ranges != NULL && !accepts(id, search)) continue;
        if (n < n_most) {
            heap[n++] = (Scored){ score, id };
            if (n == n_most)
                for (size_t i = n / 2; i-- > 0;) sink(heap, i, n);
            continue;
        }
        heap[0] = (Scored){ score, id };
        sink(heap, 0, n);
    }
    for (size_t i = 0; i < n; i++) g_array_append_val(ids, heap[i].id);
}

static bool embed_query(Search *search) {
    Memory *memory = search->memory;
    g_autofree char *reason = NULL;
    if (!memory_open_vectors(memory, &reason)) {
        if (reason != NULL) add_notice(search, "no search by meaning: %s", reason);
        return false;
    }
    g_autoptr(GError) problem = NULL;
    const EmbedText text = { search->query.words, strlen(search->query.words) };
    const EmbedRequest request = { .texts = &text, .n = 1, .purpose = EMBED_QUERY };
    g_auto(EmbedVectors) vectors = { 0 };
    if (!embedder_embed(memory->embedder, &request, &vectors, search->cancel, &problem)) {
        add_notice(search, "no search by meaning: %s", problem->message);
        return false;
    }
    const float *vector = embed_vectors_at(&vectors, 0);
    if (vector == NULL) return false;
    search->n_dimensions = vectors.n_dimensions;
    search->vector = g_memdup2(vector, vectors.n_dimensions * sizeof(float));
    return true;
}

static void tell_missing_vectors(Search *search) {
    VectorPlaneFacts facts;
    StoreQuery query;
    vector_plane_facts(search->memory->plane, &facts);
    store_query(&query, index_store(search->memory->index),
                "SELECT total(chunks) - (SELECT total(n) FROM dead WHERE level = 0)"
                " FROM segments");
    int64_t n_chunks = store_next(&query) ? store_int(&query, 0) : 0;
    if (!store_end(&query, NULL) || n_chunks <= 0) return;
    if ((int64_t)facts.n_rows < n_chunks)
        add_notice(search, "meaning covers %d %% so far ('localgpt memory reindex' completes it)",
                   (int)((int64_t)facts.n_rows * 100 / n_chunks));
}

static void add_best_meaning(Search *search, GArray *ids) {
    size_t k = MAX(N_BY_MEANING, (size_t)search->limit);
    g_autofree VectorHit *hits = g_new(VectorHit, k);
    const VectorQuery query = { .vector = search->vector,
                                .n_dimensions = search->n_dimensions,
                                .k = k,
                                .accepts = search->ranges != NULL ? accepts : NULL,
                                .user_data = search };
    size_t n = vector_plane_search(search->memory->plane, &query, hits);
    for (size_t i = 0; i < n; i++)
        if (hits[i].score >= CHANCE_COSINE) g_array_append_val(ids, hits[i].id);
    tell_missing_vectors(search);
}

static void add_neighbours(GArray *ids) {
    unsigned n = ids->len;
    for (unsigned i = 0; i < n; i++) {
        const int64_t before = g_array_index(ids, int64_t, i) - 1, after = before + 2;
        if (before > 0) g_array_append_val(ids, before);
        g_array_append_val(ids, after);
    }
}

static void sort_unique(GArray *ids) {
    g_array_sort(ids, compare_ids);
    unsigned n = 0;
    for (unsigned i = 0; i < ids->len; i++) {
        int64_t id = g_array_index(ids, int64_t, i);
        if (n == 0 || g_array_index(ids, int64_t, n - 1) != id)
            g_array_index(ids, int64_t, n++) = id;
    }
    g_array_set_size(ids, n);
}

static float decay_of(const Search *search, const char *date) {
    double lambda = search->memory->config->temporal_decay_lambda;
    if (lambda <= 0 || date[0] == '\0') return 1;
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GTimeZone) zone = g_time_zone_new_local();
    g_autofree char *midnight = g_strconcat(date, "T00:00:00", NULL);
    g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(midnight, zone);
    if (then == NULL) return 1;
    double n_days = (double)g_date_time_difference(now, then) / (double)G_TIME_SPAN_DAY;
    return (float)exp(-lambda * MAX(n_days, 0));
}

/* Each id with the file it belongs to; ids of no file are dropped. */
static bool find_files(Search *search, const GArray *ids, GError **error) {
    SearchCandidate found = { 0 };
    for (unsigned i = 0; i < ids->len; i++) {
        int64_t id = g_array_index(ids, int64_t, i);
        if (id >= found.end) {
            StoreQuery query;
            store_query(&query, index_store(search->memory->index),
                        "SELECT id, first_chunk, n_chunks, date FROM files WHERE first_chunk <= ?"
                        " AND n_chunks > 0 ORDER BY first_chunk DESC LIMIT 1");
            store_bind_int(&query, 1, id);
            if (store_next(&query))
                found = (SearchCandidate){ .file = store_int(&query, 0),
                                           .first = store_int(&query, 1),
                                           .end = store_int(&query, 1) + store_int(&query, 2),
                                           .decay = decay_of(search, store_text(&query, 3)) };
            if (!store_end(&query, error)) return false;
        }
        if (id < found.first || id >= found.end) continue;
        if (search->ranges != NULL && !accepts(id, search)) continue;
        found.id = id;
        g_array_append_val(search->candidates, found);
    }
    return true;
}

static SearchCandidate *candidate_at(const Search *search, unsigned index) {
    g_assert(index < search->candidates->len && search->candidates->data != NULL);
    return &g_array_index(search->candidates, SearchCandidate, index);
}

/* Both signals of each candidate, as shares of the best one. */
static void score_alone(Search *search) {
    unsigned n = search->candidates->len;
    g_autofree int64_t *ids = g_new(int64_t, n + 1);
    g_autofree float *cosines = g_new0(float, n + 1);
    for (unsigned i = 0; i < n; i++) ids[i] = candidate_at(search, i)->id;
    if (search->vector != NULL) {
        const VectorQuery query = { .vector = search->vector,
                                    .n_dimensions = search->n_dimensions,
                                    .wanted_ids = ids,
                                    .n_wanted = n,
                                    .out_scores = cosines };
        VectorHit none;
        size_t n_hits = vector_plane_search(search->memory->plane, &query, &none);
        (void)n_hits;
    }
    const WordScores *scores = &search->memory->chunk_scores;
    float most_words = 0, most_meaning = CHANCE_COSINE;
    for (unsigned i = 0; i < n; i++) {
        SearchCandidate *one = candidate_at(search, i);
        one->words = one->id < scores->n_values ? scores->values[one->id] : 0;
        one->meaning = MAX(cosines[i], 0);
        most_words = MAX(most_words, one->words);
        most_meaning = MAX(most_meaning, one->meaning);
    }
    float words = search->mode == SEARCH_HYBRID ? WEIGHT_WORDS : search->mode == SEARCH_WORDS;
    float meaning = search->mode == SEARCH_HYBRID ? WEIGHT_MEANING : search->mode == SEARCH_MEANING;
    for (unsigned i = 0; i < n; i++) {
        SearchCandidate *one = candidate_at(search, i);
        one->words = most_words > 0 ? words * one->words / most_words : 0;
        one->meaning = meaning * one->meaning / most_meaning;
        one->blend = one->words + one->meaning;
    }
}

static void score_context(Search *search) {
    const WordScores *files = &search->memory->file_scores;
    unsigned n = search->candidates->len;
    for (unsigned i = 0; i < n; i++) {
        SearchCandidate *one = candidate_at(search, i);
        const SearchCandidate *before = i > 0 ? one - 1 : NULL;
        const SearchCandidate *after = i + 1 < n ? one + 1 : NULL;
        if (before != NULL && before->id == one->id - 1 && before->file == one->file)
            one->around += WEIGHT_NEIGHBOUR * before->blend;
        if (after != NULL && after->id == one->id + 1 && after->file == one->file)
            one->around += WEIGHT_NEIGHBOUR * after->blend;
        bool has_file = search->mode != SEARCH_MEANING && files->max > 0;
        /* The only piece of a file says as a whole what it says: its words would count twice
         * (hybrid on Cranfield, one piece a file: nDCG@10 .399 so, .404 this way). */
        if (has_file && one->end - one->first == 1)
            one->around += WEIGHT_DOCUMENT * one->blend;
        else if (has_file && one->file < files->n_values)
            one->around += WEIGHT_DOCUMENT * files->values[one->file] / files->max;
        one->score = (one->blend + one->around) * one->decay / LARGEST_SCORE;
    }
}

static int compare_scores(const void *left, const void *right) {
    const SearchCandidate *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

static bool find_candidates(Search *search, GError **error) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool has_meaning = search->mode != SEARCH_WORDS && embed_query(search);
    if (!has_meaning && search->mode == SEARCH_HYBRID) search->mode = SEARCH_WORDS;
    if (!find_ranges(search, error)) return false;
    if (search->mode != SEARCH_MEANING) add_best_words(search, ids);
    if (has_meaning) add_best_meaning(search, ids);
    if (ids->len == 0) return true;
    add_neighbours(ids);
    sort_unique(ids);
    if (!find_files(search, ids, error)) return false;
    score_alone(search);
    score_context(search);
    g_array_sort(search->candidates, compare_scores);
    unsigned n = search->candidates->len;
    while (n > 0 && candidate_at(search, n - 1)->score <= 0) n--;
    g_array_set_size(search->candidates, n);
    return true;
}

/* The answer. */

static bool run(Search *search, MemoryAnswer *answer, GError **error) {
    if (search->query.words == NULL || search->query.words[0] == '\0') return true;
    return find_words(search, error) && score_words(search, error) &&
           find_candidates(search, error) && search_take_hits(search, answer->hits, error);
}

static bool run_on_one_state(Search *search, MemoryAnswer *answer, GError **error) {
    Store *store = index_store(search->memory->index);
    if (!store_begin_read(store, error)) return false;
    IndexFacts facts;
    bool is_ok = run(search, answer, error) && index_facts(search->memory->index, &facts, error);
    store_end_read(store);
    if (!is_ok) return false;
    answer->n_files = facts.n_files;
    answer->n_chunks = facts.n_chunks;
    answer->n_messages = search->memory->indexes_sessions ? facts.n_messages : 0;
    return true;
}

static void free_hit(void *hit) {
    memory_hit_free(hit);
}

MemoryAnswer *memory_search_index(Memory *memory, const MemoryRequest *request, Cancel *cancel,
                                  GError **error) {
    g_autoptr(MemoryAnswer) answer = g_new0(MemoryAnswer, 1);
    answer->hits = g_ptr_array_new_with_free_func(free_hit);
    Search search;
    search_init(&search, memory, request, cancel);
    bool is_ok = run_on_one_state(&search, answer, error);
    answer->query = text_make_valid(request->query != NULL ? request->query : "",
                                    request->query != NULL ? strlen(request->query) : 0);
    answer->mode = g_strdup(search_mode_names[search.mode]);
    answer->notice = g_strdup(search.notice->str);
    search_clear(&search);
    return is_ok ? g_steal_pointer(&answer) : NULL;
}

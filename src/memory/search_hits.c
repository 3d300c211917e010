/* memory/search_hits.c: from candidates to hits: their texts, phrases, snippets, diversity. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "memory/chunk_text.h"
#include "memory/search-private.h"
#include "memory/snippet.h"

/* Of maximal marginal relevance: how much a hit's own score counts against what was said already.
 */
#define MMR_LAMBDA 0.5F
/* From how many candidates, for each hit wanted. */
#define MMR_POOL 4

void memory_hit_free(MemoryHit *hit) {
    if (hit == NULL) return;
    g_free(hit->path);
    g_free(hit->heading);
    g_free(hit->date);
    g_free(hit->text);
    g_free(hit->snippet);
    g_free(hit->session);
    g_free(hit->message);
    g_free(hit);
}

void memory_answer_free(MemoryAnswer *answer) {
    if (answer == NULL) return;
    g_free(answer->query);
    g_free(answer->mode);
    g_free(answer->notice);
    g_ptr_array_unref(answer->hits);
    g_free(answer);
}

static bool has_run(const GArray *terms, const GArray *wanted) {
    if (wanted->len == 0) return true;
    for (unsigned i = 0; i + wanted->len <= terms->len; i++)
        if (memcmp(&g_array_index(terms, uint32_t, i), wanted->data,
                   wanted->len * sizeof(uint32_t)) == 0)
            return true;
    return false;
}

static bool has_phrases(Search *search, const char *text) {
    const GPtrArray *phrases = search->query.phrases;
    if (phrases->len == 0) return true;
    g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) wanted = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    term_table_scan(search->memory->terms, text, strlen(text), terms);
    for (unsigned i = 0; i < phrases->len; i++) {
        const char *phrase = g_ptr_array_index(phrases, i);
        g_array_set_size(wanted, 0);
        term_table_scan(search->memory->terms, phrase, strlen(phrase), wanted);
        if (!has_run(terms, wanted)) return false;
    }
    return true;
}

/* Whether some word of the text begins with the prefix, in any case. */
static bool has_prefix(const char *text, const char *prefix) {
    g_autofree char *folded = g_utf8_strdown(text, -1);
    g_autofree char *wanted = g_utf8_strdown(prefix, -1);
    for (const char *at = folded; (at = strstr(at, wanted)) != NULL; at++) {
        const char *before = at > folded ? g_utf8_prev_char(at) : NULL;
        if (before == NULL || !g_unichar_isalnum(g_utf8_get_char(before))) return true;
    }
    return false;
}

/* When a prefix is all that was asked for, a hit has to have it. */
static bool has_prefixes(const Search *search, const ChunkPlace *place, const char *text) {
    const GPtrArray *prefixes = search->query.prefixes;
    if (prefixes->len == 0 || search->mode != SEARCH_WORDS) return true;
    if (strchr(search->query.words, ' ') != NULL) return true;
    return has_prefix(text, g_ptr_array_index(prefixes, 0)) ||
           has_prefix(place->heading, g_ptr_array_index(prefixes, 0)) ||
           has_prefix(place->path, g_ptr_array_index(prefixes, 0));
}

static MemoryHit *make_hit(Search *search, const SearchCandidate *candidate, ChunkPlace *place,
                           char *text) {
    MemoryHit *hit = g_new0(MemoryHit, 1);
    float scale = candidate->decay / LARGEST_SCORE;
    bool is_session = place->source == INDEX_SESSIONS;
    hit->session = g_strdup("");
    if (is_session) {
        g_free(hit->session);
        hit->session = g_path_get_basename(place->path);
        char *dot = strrchr(hit->session, '.');
        if (dot != NULL) *dot = '\0';
    }
    hit->message = g_strdup(is_session ? place->entry : "");
    hit->path = g_steal_pointer(&place->path);
    hit->heading = g_steal_pointer(&place->heading);
    hit->date = g_steal_pointer(&place->date);
    hit->text = text;
    hit->snippet = snippet_make(search->memory->terms, search->wanted, text, SNIPPET_CHARACTERS);
    hit->start_line = place->start_line;
    hit->end_line = place->end_line;
    hit->words = (double)(candidate->words * scale);
    hit->meaning = (double)(candidate->meaning * scale);
    hit->context = (double)(candidate->around * scale);
    hit->score = hit->words + hit->meaning + hit->context;
    hit->label = place->label;
    return hit;
}

static bool take_candidate(Search *search, ChunkReader *reader, const SearchCandidate *candidate,
                           GPtrArray *hits, GError **error) {
    ChunkPlace place;
    g_autoptr(GError) problem = NULL;
    if (!chunk_place_find(search->memory, candidate->id, &place, &problem)) {
        if (problem == NULL) return true;
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_autofree char *text = chunk_reader_read(reader, &place);
    if (place.is_stale) g_ptr_array_add(search->memory->stale, g_strdup(place.path));
    bool is_hit = text != NULL && has_phrases(search, text) && has_prefixes(search, &place, text);
    if (is_hit) g_ptr_array_add(hits, make_hit(search, candidate, &place, g_steal_pointer(&text)));
    chunk_place_clear(&place);
    return true;
}

/* Diversity. */

static GHashTable *term_set(Search *search, const char *text) {
    g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    GHashTable *set = g_hash_table_new(g_direct_hash, g_direct_equal);
    term_table_scan(search->memory->terms, text, strlen(text), terms);
    for (unsigned i = 0; i < terms->len; i++)
        g_hash_table_add(set, GUINT_TO_POINTER(g_array_index(terms, uint32_t, i) + 1));
    return set;
}

/* Jaccard: what both have of what either has. */
static float likeness(GHashTable *a, GHashTable *b) {
    unsigned n_both = 0, n_a = g_hash_table_size(a), n_b = g_hash_table_size(b);
    GHashTableIter iterator;
    void *term;
    g_hash_table_iter_init(&iterator, a);
    while (g_hash_table_iter_next(&iterator, &term, NULL)) n_both += g_hash_table_contains(b, term);
    unsigned n_either = n_a + n_b - n_both;
    return n_either > 0 ? (float)n_both / (float)n_either : 0;
}

static void free_set(void *set) {
    g_hash_table_unref(set);
}

/* The first `n` places get the hits that add most to those before them. */
static void make_diverse(Search *search, GPtrArray *hits, unsigned n) {
    g_autoptr(GPtrArray) sets = g_ptr_array_new_with_free_func(free_set);
    for (unsigned i = 0; i < hits->len; i++) {
        const MemoryHit *hit = g_ptr_array_index(hits, i);
        g_ptr_array_add(sets, term_set(search, hit->text));
    }
    for (unsigned place = 0; place < MIN(n, hits->len); place++) {
        unsigned best = place;
        float best_gain = -INFINITY;
        for (unsigned i = place; i < hits->len; i++) {
            float most = 0;
            for (unsigned k = 0; k < place; k++)
                most = MAX(most, likeness(g_ptr_array_index(sets, i), g_ptr_array_index(sets, k)));
            const MemoryHit *hit = g_ptr_array_index(hits, i);
            float gain = MMR_LAMBDA * (float)hit->score - (1 - MMR_LAMBDA) * most;
            if (gain <= best_gain) continue;
            best_gain = gain;
            best = i;
        }
        void *hit = hits->pdata[best], *set = sets->pdata[best];
        hits->pdata[best] = hits->pdata[place];
        sets->pdata[best] = sets->pdata[place];
        hits->pdata[place] = hit;
        sets->pdata[place] = set;
    }
}

bool search_take_hits(Search *search, GPtrArray *hits, GError **error) {
    bool is_diverse = (search->request->flags & SEARCH_DIVERSE) != 0;
    unsigned n_wanted = (unsigned)search->limit * (is_diverse ? MMR_POOL : 1);
    ChunkReader reader = { .memory = search->memory };
    bool is_ok = true;
    for (unsigned i = 0; is_ok && i < search->candidates->len && hits->len < n_wanted; i++) {
        const SearchCandidate *candidate = &g_array_index(search->candidates, SearchCandidate, i);
        is_ok = take_candidate(search, &reader, candidate, hits, error) &&
                cancel_check(search->cancel, error);
    }
    chunk_reader_clear(&reader);
    if (!is_ok) return false;
    if (is_diverse) make_diverse(search, hits, (unsigned)search->limit);
    if (hits->len > search->limit) g_ptr_array_set_size(hits, (int)search->limit);
    return true;
}

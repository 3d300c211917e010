/* memory/vector_plane_search.c: the exact scan. The high bytes of all rows give candidates, some
 * more than are asked for; both bytes of these give the scores. */
#include <string.h>

#include "memory/id_set.h"
#include "memory/vector_plane-private.h"

/* How many more candidates than hits: the first score errs by some 0.001, and the next best rows
 * are rarely closer than that in such numbers (tests/memory/test_vector_plane.c: recall). */
#define SPARE_CANDIDATES 64

typedef struct {
    float score;
    uint32_t row;
} Candidate;

/* The best so far, the worst of them at the root. */
typedef struct {
    Candidate *items; /* owned */
    size_t n;
    size_t n_most;
} Best;

/* Ties are broken by the row, so that every kernel finds the same. */
static inline bool is_worse(const Candidate *a, const Candidate *b) {
    return a->score < b->score || (a->score == b->score && a->row > b->row);
}

static void best_sink(Best *best, size_t at) {
    for (;;) {
        size_t worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < best->n; child++)
            if (is_worse(&best->items[child], &best->items[worst])) worst = child;
        if (worst == at) return;
        Candidate kept = best->items[at];
        best->items[at] = best->items[worst];
        best->items[worst] = kept;
        at = worst;
    }
}

static void best_add(Best *best, Candidate candidate) {
    if (best->n == best->n_most) {
        best->items[0] = candidate;
        best_sink(best, 0);
        return;
    }
    size_t at = best->n++;
    while (at > 0 && is_worse(&candidate, &best->items[(at - 1) / 2])) {
        best->items[at] = best->items[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    best->items[at] = candidate;
}

/* Rows only get larger, so a row that merely equals the worst is worse. */
static inline bool best_wants(const Best *best, float score) {
    return best->n < best->n_most || score > best->items[0].score;
}

static void scan_block(const VectorPlane *plane, size_t block, const VectorRowQuery *row_query,
                       const VectorQuery *query, Best *best) {
    int32_t dots[PLANE_BLOCK_ROWS];
    PlaneBlock parts = plane_block(plane, block);
    size_t n = plane_block_rows(plane, block);
    int32_t offset = (int32_t)(128 * row_query->high_sum);
    plane->kernel->dots(parts.high, n, row_query->stride, row_query->high, dots);
    for (size_t i = 0; i < n; i++) {
        float score = (float)(dots[i] - offset) * parts.scales[i];
        if (!best_wants(best, score)) continue;
        if (parts.ids[i] <= 0 || parts.scales[i] == 0) continue;
        if (query->accepts != NULL && !query->accepts(parts.ids[i], query->user_data)) continue;
        best_add(best, (Candidate){ score, (uint32_t)(block * PLANE_BLOCK_ROWS + i) });
    }
}

static VectorHit exact_hit(const VectorPlane *plane, const VectorRowQuery *query, size_t row) {
    PlaneBlock parts = plane_block(plane, row / PLANE_BLOCK_ROWS);
    size_t at = row % PLANE_BLOCK_ROWS;
    size_t stride = query->stride;
    return (VectorHit){ .id = parts.ids[at],
                        .score = vector_row_score(query, parts.high + at * stride,
                                                  parts.low + at * stride, parts.scales[at]) };
}

static int compare_hits(const void *a, const void *b) {
    const VectorHit *left = a;
    const VectorHit *right = b;
    if (left->score != right->score) return left->score > right->score ? -1 : 1;
    return (left->id > right->id) - (left->id < right->id);
}

/* The candidates by their exact scores; each id once (a row may just be replaced). */
static size_t take_best(const VectorPlane *plane, const VectorRowQuery *row_query, const Best *best,
                        size_t k, VectorHit *out_hits) {
    g_autofree VectorHit *hits = g_new(VectorHit, MAX(best->n, 1));
    size_t n = 0;
    for (size_t i = 0; i < best->n; i++) {
        VectorHit hit = exact_hit(plane, row_query, best->items[i].row);
        if (hit.id > 0) hits[n++] = hit;
    }
    qsort(hits, n, sizeof *hits, compare_hits);
    g_auto(IdSet) seen = { 0 };
    id_set_init(&seen, n);
    size_t n_hits = 0;
    for (size_t i = 0; i < n && n_hits < k; i++) {
        if (id_set_has(&seen, hits[i].id)) continue;
        id_set_add(&seen, hits[i].id);
        out_hits[n_hits++] = hits[i];
    }
    return n_hits;
}

/* One pass over the ids; a wanted id may stand in the list twice. */
static void score_wanted(const VectorPlane *plane, const VectorRowQuery *row_query,
                         const VectorQuery *query) {
    g_auto(IdSet) wanted = { 0 };
    id_set_init(&wanted, query->n_wanted);
    for (size_t i = 0; i < query->n_wanted; i++) id_set_add(&wanted, query->wanted_ids[i]);
    g_autofree float *scores = g_new0(float, wanted.mask + 1);
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        for (size_t i = 0; i < plane_block_rows(plane, block); i++) {
            size_t slot = id_set_slot(&wanted, parts.ids[i]);
            if (parts.ids[i] <= 0 || wanted.ids[slot] == 0) continue;
            scores[slot] = exact_hit(plane, row_query, block * PLANE_BLOCK_ROWS + i).score;
        }
    }
    for (size_t i = 0; i < query->n_wanted; i++) {
        size_t slot = id_set_slot(&wanted, query->wanted_ids[i]);
        query->out_scores[i] = query->wanted_ids[i] > 0 ? scores[slot] : 0;
    }
}

size_t vector_plane_search(VectorPlane *plane, const VectorQuery *query, VectorHit *out_hits) {
    for (size_t i = 0; i < query->n_wanted; i++) query->out_scores[i] = 0;
    plane_refresh(plane);
    if (plane->map == NULL || query->n_dimensions != plane->header.n_dimensions) return 0;
    VectorRowQuery row_query;
    vector_row_query_init(&row_query, query->vector, query->n_dimensions);
    size_t n_hits = 0;
    if (row_query.scale > 0 && query->k > 0) {
        size_t n_most = MIN(query->k * 2 + SPARE_CANDIDATES, (size_t)plane->slot.n_rows);
        Best best = { .items = g_new(Candidate, MAX(n_most, 1)), .n_most = n_most };
        for (size_t block = 0; n_most > 0 && block < plane_n_blocks(plane); block++)
            scan_block(plane, block, &row_query, query, &best);
        n_hits = take_best(plane, &row_query, &best, query->k, out_hits);
        g_free(best.items);
    }
    if (row_query.scale > 0 && query->n_wanted > 0) score_wanted(plane, &row_query, query);
    vector_row_query_clear(&row_query);
    return n_hits;
}

/* memory/vector_plane_search.c: the exact scan. The high bytes of all rows give candidates, some
 * more than are asked for; both bytes of these give the scores. */
#include <math.h>
#include <stdlib.h>

#include "memory/id_set.h"
#include "memory/vector_plane-private.h"

/* How many more candidates than hits: the first score errs by some 0.001, and the next best rows
 * are rarely closer than that in such numbers (tests/memory/test_vector_plane.c: recall). */
#define SPARE_CANDIDATES 64

/* From so many rows on, the signs of the components choose which rows are looked at. */
#define PREFILTER_ROWS 100000
/* Of all rows, looked at first: from the best of these follows how far down to go. */
#define FIRST_PART 256
#define FIRST_MIN 1024
/* How many standard deviations below what the signs of a row as good as the last hit would say: of
 * such rows 1 in 400 is missed. */
#define DEVIATIONS 2.8
/* Rows whose shape is measured, to know what their signs are worth. */
#define SAMPLE_ROWS 128
#define N_LEVELS 8192
/* Every so many rows are counted by level. */
#define LEVEL_SAMPLE 8
#define LEVEL_STEP 32
#define GATHERED_ROWS 1024
#define ROWS_AHEAD 8

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

static int compare_candidates(const void *a, const void *b) {
    return is_worse(a, b) ? 1 : is_worse(b, a) ? -1 : 0;
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

/* The first score of the k-th best. */
static double score_of_rank(const Best *best, size_t k) {
    if (k == 0) return -1;
    g_autofree Candidate *sorted = g_memdup2(best->items, best->n * sizeof *sorted);
    qsort(sorted, best->n, sizeof *sorted, compare_candidates);
    return sorted[k - 1].score;
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

static void scan_all(const VectorPlane *plane, const VectorRowQuery *row_query,
                     const VectorQuery *query, Best *best) {
    if (best->n_most == 0) return;
    for (size_t block = 0; block < plane_n_blocks(plane); block++)
        scan_block(plane, block, row_query, query, best);
}

/* ---- the choice by signs ---- */

/* How near each row may be, in steps from 0 to N_LEVELS - 1. */
typedef struct {
    uint16_t *levels; /* owned, by row */
    uint32_t n_at[N_LEVELS];
    int32_t furthest; /* level = (sum of the weights + furthest) >> shift */
    int shift;
} SignLevels;

static void read_levels(const VectorPlane *plane, const VectorRowQuery *query, SignLevels *out) {
    int32_t sums[PLANE_BLOCK_ROWS];
    out->furthest = (int32_t)query->stride * VECTOR_SIGN_WEIGHT;
    while (out->furthest * 2 >> out->shift >= N_LEVELS) out->shift++;
    for (size_t block = 0; block < plane_n_blocks(plane); block++) {
        PlaneBlock parts = plane_block(plane, block);
        size_t n = plane_block_rows(plane, block);
        uint16_t *levels = out->levels + block * PLANE_BLOCK_ROWS;
        plane->kernel->signs(parts.signs, n, query->stride, &query->signs, sums);
        for (size_t i = 0; i < n; i++)
            levels[i] = (uint16_t)((sums[i] + out->furthest) >> out->shift);
        for (size_t i = 0; i < n; i += LEVEL_SAMPLE) out->n_at[levels[i]]++;
    }
}

/* The lowest level of about the best `n`. */
static size_t lowest_level(const SignLevels *levels, size_t n) {
    size_t sum = 0;
    for (size_t level = N_LEVELS; level-- > 0;) {
        sum += levels->n_at[level];
        if (sum >= n / LEVEL_SAMPLE) return level;
    }
    return 0;
}

/* Rows that are to be scored, gathered so that memory is asked for them ahead of time. */
typedef struct {
    uint32_t rows[GATHERED_ROWS];
    size_t n;
} Gathered;

static const uint8_t *high_of_row(const VectorPlane *plane, size_t row) {
    return plane->map + plane_block_offset(plane, row / PLANE_BLOCK_ROWS) + plane->layout.high +
           row % PLANE_BLOCK_ROWS * plane->layout.stride;
}

static void prefetch_row(const VectorPlane *plane, size_t row) {
    const uint8_t *high = high_of_row(plane, row);
    for (size_t i = 0; i < plane->layout.stride; i += 64) __builtin_prefetch(high + i);
}

static void score_gathered(const VectorPlane *plane, const VectorRowQuery *query,
                           Gathered *gathered, Best *best) {
    int32_t offset = (int32_t)(128 * query->high_sum);
    for (size_t i = 0; i < gathered->n; i++) {
        if (i + ROWS_AHEAD < gathered->n) prefetch_row(plane, gathered->rows[i + ROWS_AHEAD]);
        uint32_t row = gathered->rows[i];
        PlaneBlock parts = plane_block(plane, row / PLANE_BLOCK_ROWS);
        size_t at = row % PLANE_BLOCK_ROWS;
        int32_t dot;
        plane->kernel->dots(parts.high + at * query->stride, 1, query->stride, query->high, &dot);
        Candidate candidate = { (float)(dot - offset) * parts.scales[at], row };
        bool is_better = best->n < best->n_most || is_worse(&best->items[0], &candidate);
        if (is_better && parts.ids[at] > 0 && parts.scales[at] != 0) best_add(best, candidate);
    }
    gathered->n = 0;
}

/* Scores the rows of the levels from `low` to below `high`. Most are not: these are passed by in
 * steps. */
static void scan_levels(const VectorPlane *plane, const VectorRowQuery *query,
                        const SignLevels *levels, const size_t range[2], Best *best) {
    uint16_t low = (uint16_t)range[0];
    uint16_t width = (uint16_t)(range[1] - range[0]);
    g_autofree Gathered *gathered = g_new(Gathered, 1);
    gathered->n = 0;
    for (size_t first = 0; first < plane->slot.n_rows; first += LEVEL_STEP) {
        size_t n = MIN(LEVEL_STEP, (size_t)plane->slot.n_rows - first);
        const uint16_t *at = levels->levels + first;
        if (n == LEVEL_STEP) {
            uint16_t n_within = 0;
            for (size_t i = 0; i < LEVEL_STEP; i++) n_within |= (uint16_t)(at[i] - low) < width;
            if (n_within == 0) continue;
        }
        for (size_t i = 0; i < n; i++)
            if ((uint16_t)(at[i] - low) < width)
                gathered->rows[gathered->n++] = (uint32_t)(first + i);
        if (gathered->n > GATHERED_ROWS - LEVEL_STEP) score_gathered(plane, query, gathered, best);
    }
    score_gathered(plane, query, gathered, best);
}

/* What is the part of a row that its signs keep: the cosine between the two, on the average. 0.8
 * for components spread like a bell. */
static double worth_of_signs(const VectorPlane *plane) {
    size_t step = (size_t)plane->slot.n_rows / SAMPLE_ROWS + 1;
    double sum = 0;
    size_t n = 0;
    for (size_t row = 0; row < plane->slot.n_rows; row += step) {
        PlaneBlock parts = plane_block(plane, row / PLANE_BLOCK_ROWS);
        const uint8_t *high = parts.high + row % PLANE_BLOCK_ROWS * plane->layout.stride;
        int64_t absolute = 0;
        int64_t squares = 0;
        for (size_t i = 0; i < plane->layout.stride; i++) {
            absolute += abs(high[i] - 128);
            squares += (high[i] - 128) * (high[i] - 128);
        }
        if (squares == 0) continue;
        sum += (double)absolute / sqrt((double)squares * plane->header.n_dimensions);
        n++;
    }
    return n > 0 ? sum / (double)n : 0;
}

/* The level that rows as good as `score` rarely fall below. A row is its signs times `worth` plus
 * something at right angles, of which the query sees a random part. */
static size_t level_of_score(const VectorRowQuery *query, const SignLevels *levels, double score,
                             double worth) {
    double n_dimensions = query->n_dimensions;
    double noise = (1 - worth * worth) * (1 - score * score) + VECTOR_SIGN_NOISE;
    double product = sqrt(n_dimensions) * worth * score - DEVIATIONS * sqrt(noise);
    /* product = sum of components, signed; the kernels add those above zero only. */
    double sum = (product + query->component_sum) * query->weight_per_component / 2;
    double level = (sum + levels->furthest) / (double)(1 << levels->shift);
    return level > 0 ? (size_t)MIN(level, N_LEVELS - 1) : 0;
}

static void scan_chosen(const VectorPlane *plane, const VectorRowQuery *query, size_t k,
                        Best *best) {
    size_t n_rows = (size_t)plane->slot.n_rows;
    size_t n_first = MAX(MAX(n_rows / FIRST_PART, (size_t)FIRST_MIN), best->n_most * 4);
    SignLevels *levels = g_new0(SignLevels, 1);
    levels->levels = g_new0(uint16_t, n_rows);
    read_levels(plane, query, levels);
    size_t range[] = { lowest_level(levels, n_first), N_LEVELS };
    scan_levels(plane, query, levels, range, best);
    double score = score_of_rank(best, MIN(k, best->n)) * query->scale * 65536;
    size_t lowest = level_of_score(query, levels, score, worth_of_signs(plane));
    size_t rest[] = { lowest, range[0] };
    if (lowest < range[0]) scan_levels(plane, query, levels, rest, best);
    g_free(levels->levels);
    g_free(levels);
}

/* ---- the answer ---- */

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
        /* With a filter the chosen rows might all be refused: then every row is looked at. */
        if (plane->slot.n_rows > PREFILTER_ROWS && query->accepts == NULL)
            scan_chosen(plane, &row_query, query->k, &best);
        else
            scan_all(plane, &row_query, query, &best);
        n_hits = take_best(plane, &row_query, &best, query->k, out_hits);
        g_free(best.items);
    }
    if (row_query.scale > 0 && query->n_wanted > 0) score_wanted(plane, &row_query, query);
    vector_row_query_clear(&row_query);
    return n_hits;
}

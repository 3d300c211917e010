/*
 * memory/vector_row.h: one vector in 16-bit components, as a plane keeps it.
 *
 * component = scale * (256 * high + low), high from -127 to 127, low from -128 to 127. The high
 * bytes alone are an int8 vector, good enough to find candidates; both together order them as the
 * floats would. Highs are stored with 128 added: the processors' byte products want one side
 * without a sign. Bit d of the signs is set when component d is above zero.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory/vector_kernel.h"

/* Dimensions, rounded up so that every kernel can read whole registers; the rest is zero. */
#define VECTOR_ROW_STEP 64
#define VECTOR_MAX_DIMENSIONS 8192

static inline size_t vector_row_stride(size_t n_dimensions) {
    return (n_dimensions + VECTOR_ROW_STEP - 1) / VECTOR_ROW_STEP * VECTOR_ROW_STEP;
}

/* Where the parts of a row go; each has room for the stride (signs: an eighth of it). */
typedef struct {
    uint8_t *high; /* + 128 */
    int8_t *low;
    uint8_t *signs;
} VectorRowParts;

/* Returns the scale: 0 for a vector that is zero or not finite, whose parts then are zero too. */
float vector_row_encode(const float *vector, size_t n_dimensions, const VectorRowParts *out);

/* What the rounding to sixteen weights adds to the noise of a sum of signs, for length 1. */
#define VECTOR_SIGN_NOISE 0.0115

/* A vector to search with. */
typedef struct {
    float scale; /* 0: nothing is found */
    size_t stride;
    int8_t *high; /* owned, `stride` bytes each */
    int8_t *low;
    int8_t *weights;       /* owned */
    uint64_t *planes;      /* owned */
    VectorSignQuery signs; /* of the two above */
    double n_dimensions;
    double component_sum;        /* of the query scaled to length 1 */
    double weight_per_component; /* weights are so many times these components */
    int64_t high_sum; /* of the highs: what the 128 added to the rows' highs must take back */
} VectorRowQuery;

void vector_row_query_init(VectorRowQuery *query, const float *vector, size_t n_dimensions);
void vector_row_query_clear(VectorRowQuery *query);

/* The cosine of the query and a row of length 1, by integers: the same number everywhere. */
float vector_row_score(const VectorRowQuery *query, const uint8_t *high, const int8_t *low,
                       float scale);

/* Of id, scale and both planes, to know a row that did not reach the disk whole. Never 0. */
uint32_t vector_row_check(int64_t id, float scale, const uint8_t *high, const int8_t *low,
                          size_t stride);

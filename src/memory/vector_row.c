/* memory/vector_row.c: see the header. */
#include "memory/vector_row.h"

#include <math.h>
#include <string.h>

#include <glib.h>

#define LARGEST (127 * 256)

static float largest_of(const float *vector, size_t n) {
    float largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(vector[i])) return 0;
        largest = fmaxf(largest, fabsf(vector[i]));
    }
    return largest;
}

/* The 16-bit component, and its high part. */
static int32_t component(float value, float factor, int32_t *out_high) {
    int32_t whole = (int32_t)lrintf(value * factor);
    whole = CLAMP(whole, -LARGEST, LARGEST);
    *out_high = (whole + 128 + LARGEST + 256) / 256 - (LARGEST + 256) / 256;
    return whole;
}

float vector_row_encode(const float *vector, size_t n_dimensions, const VectorRowParts *out) {
    size_t stride = vector_row_stride(n_dimensions);
    memset(out->high, 128, stride);
    memset(out->low, 0, stride);
    memset(out->signs, 0, stride / 8);
    float largest = largest_of(vector, n_dimensions);
    float factor = LARGEST / largest;
    if (!(largest > 0) || !isfinite(factor)) return 0;
    for (size_t i = 0; i < n_dimensions; i++) {
        int32_t high;
        int32_t whole = component(vector[i], factor, &high);
        out->high[i] = (uint8_t)(high + 128);
        out->low[i] = (int8_t)(whole - high * 256);
        if (whole > 0) out->signs[i / 8] |= (uint8_t)(1U << i % 8);
    }
    return largest / LARGEST;
}

/* Sixteen levels, as far apart as suits components spread like a bell (Max 1960). */
#define SIGN_STEP 0.335

static void init_signs(VectorRowQuery *query, const float *vector, size_t n_dimensions) {
    size_t n_words = query->stride / 64;
    query->weights = g_malloc0(MAX(query->stride, 1));
    query->planes = g_new0(uint64_t, MAX(n_words, 1) * VECTOR_SIGN_BITS);
    query->signs.weights = query->weights;
    for (size_t b = 0; b < VECTOR_SIGN_BITS; b++)
        query->signs.planes[b] = query->planes + b * n_words;
    double squares = 0;
    for (size_t i = 0; i < n_dimensions; i++) squares += (double)vector[i] * vector[i];
    double step = SIGN_STEP * sqrt(squares / (double)MAX(n_dimensions, 1));
    if (!(step > 0) || !isfinite(step)) return;
    query->n_dimensions = (double)n_dimensions;
    query->weight_per_component = 2 * sqrt(squares) / step;
    for (size_t i = 0; i < n_dimensions; i++) {
        query->component_sum += vector[i] / sqrt(squares);
        double level = floor(vector[i] / step) + 8;
        unsigned bits = (unsigned)CLAMP(level, 0, 15);
        query->weights[i] = (int8_t)(2 * (int)bits - VECTOR_SIGN_WEIGHT);
        for (size_t b = 0; b < VECTOR_SIGN_BITS; b++)
            query->planes[b * n_words + i / 64] |= (uint64_t)(bits >> b & 1) << i % 64;
    }
}

void vector_row_query_init(VectorRowQuery *query, const float *vector, size_t n_dimensions) {
    size_t stride = vector_row_stride(n_dimensions);
    *query = (VectorRowQuery){ .stride = stride };
    query->high = g_malloc0(MAX(stride, 1));
    query->low = g_malloc0(MAX(stride, 1));
    float largest = largest_of(vector, n_dimensions);
    float factor = LARGEST / largest;
    if (!(largest > 0) || !isfinite(factor)) return;
    init_signs(query, vector, n_dimensions);
    int64_t squares = 0;
    for (size_t i = 0; i < n_dimensions; i++) {
        int32_t high;
        int32_t whole = component(vector[i], factor, &high);
        query->high[i] = (int8_t)high;
        query->low[i] = (int8_t)(whole - high * 256);
        query->high_sum += high;
        squares += (int64_t)whole * whole;
    }
    /* Its length is divided out: any direction may come. */
    query->scale = (float)(1 / sqrt((double)squares));
}

void vector_row_query_clear(VectorRowQuery *query) {
    g_free(query->high);
    g_free(query->low);
    g_free(query->weights);
    g_free(query->planes);
    *query = (VectorRowQuery){ 0 };
}

float vector_row_score(const VectorRowQuery *query, const uint8_t *high, const int8_t *low,
                       float scale) {
    /* Four products of bytes instead of one of words: none of the sums can overflow 32 bits below
     * 65,536 dimensions. */
    int32_t high_high = 0;
    int32_t high_low = 0;
    int32_t low_low = 0;
    for (size_t i = 0; i < query->stride; i++) {
        int32_t row_high = high[i] - 128;
        high_high += query->high[i] * row_high;
        high_low += query->high[i] * low[i] + query->low[i] * row_high;
        low_low += query->low[i] * low[i];
    }
    int64_t product = (int64_t)high_high * 65536 + (int64_t)high_low * 256 + low_low;
    return (float)((double)product * query->scale * scale);
}

uint32_t vector_row_check(int64_t id, float scale, const uint8_t *high, const int8_t *low,
                          size_t stride) {
    uint32_t scale_bits;
    memcpy(&scale_bits, &scale, sizeof scale_bits);
    uint64_t hash = (uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) ^ scale_bits;
    for (size_t i = 0; i < stride; i += 8) {
        uint64_t words[2];
        memcpy(&words[0], high + i, 8);
        memcpy(&words[1], low + i, 8);
        hash = (hash ^ words[0]) * UINT64_C(0xC2B2AE3D27D4EB4F);
        hash = (hash ^ hash >> 29 ^ words[1]) * UINT64_C(0x165667B19E3779F9);
    }
    uint32_t check = (uint32_t)(hash >> 32);
    return check != 0 ? check : 1;
}

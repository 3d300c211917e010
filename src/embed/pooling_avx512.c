/* embed/pooling_avx512.c: the sum for processors with AVX-512: one pass over the rows for 256
 * dimensions. */
#include <immintrin.h>

#include "embed/pooling_kernel.h"

#define LANES 16
#define AHEAD 4

static void pool_wide(const StaticTable *table, const PoolItem *items, size_t n, size_t first,
                      float *out_sum) {
    __m512 sums[POOLING_WIDE / LANES];
    for (size_t g = 0; g < POOLING_WIDE / LANES; g++) sums[g] = _mm512_setzero_ps();
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = table->rows + (size_t)items[i].id * table->n_dimensions + first;
        if (i + AHEAD < n) {
            const int8_t *later =
                table->rows + (size_t)items[i + AHEAD].id * table->n_dimensions + first;
            for (size_t b = 0; b < POOLING_WIDE; b += 64)
                _mm_prefetch((const char *)later + b, _MM_HINT_T0);
        }
        __m512 scale = _mm512_set1_ps(items[i].weight);
        for (size_t g = 0; g < POOLING_WIDE / LANES; g++) {
            __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(row + g * LANES));
            sums[g] =
                _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)), scale, sums[g]);
        }
    }
    for (size_t g = 0; g < POOLING_WIDE / LANES; g++)
        _mm512_storeu_ps(out_sum + first + g * LANES, sums[g]);
}

void pooling_avx512(const StaticTable *table, const PoolItem *items, size_t n, float *out_sum) {
    for (size_t first = 0; first < table->n_dimensions; first += POOLING_WIDE)
        pool_wide(table, items, n, first, out_sum);
}

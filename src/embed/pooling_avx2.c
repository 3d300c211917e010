/* embed/pooling_avx2.c: the sum for x86-64 processors since 2013. */
#include <immintrin.h>

#include "embed/pooling_kernel.h"

#define LANES 8
#define GROUP 64 /* dimensions at a time: eight registers of sums */
#define AHEAD 6

static void pool_group(const StaticTable *table, const PoolItem *items, size_t n, size_t first,
                       float *out_sum) {
    __m256 sums[GROUP / LANES];
    for (size_t g = 0; g < GROUP / LANES; g++) sums[g] = _mm256_setzero_ps();
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = table->rows + (size_t)items[i].id * table->n_dimensions + first;
        if (i + AHEAD < n)
            _mm_prefetch((const char *)table->rows +
                             (size_t)items[i + AHEAD].id * table->n_dimensions + first,
                         _MM_HINT_T0);
        __m256 scale = _mm256_set1_ps(items[i].weight);
        for (size_t g = 0; g < GROUP / LANES; g++) {
            __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)(row + g * LANES));
            sums[g] =
                _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)), scale, sums[g]);
        }
    }
    for (size_t g = 0; g < GROUP / LANES; g++)
        _mm256_storeu_ps(out_sum + first + g * LANES, sums[g]);
}

void pooling_avx2(const StaticTable *table, const PoolItem *items, size_t n, float *out_sum) {
    for (size_t first = 0; first < table->n_dimensions; first += GROUP)
        pool_group(table, items, n, first, out_sum);
}

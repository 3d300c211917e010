/* memory/vector_kernel_avx2.c: the loops for x86-64 processors since 2013. */
#include <string.h>

#include <immintrin.h>

#include "memory/vector_kernel.h"

static bool is_supported(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

static int32_t sum_of(__m256i sums) {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
    return _mm_cvtsi128_si32(four);
}

/* Products of an unsigned and a signed byte, added in pairs, would not fit 16 bits. So the row
 * loses its 128 and lends its sign to the query: 127 * 127 * 2 fits. The 128 comes back at the end.
 */
static __m256i add_products(__m256i sums, __m256i row, __m256i query) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i centred = _mm256_xor_si256(row, _mm256_set1_epi8((char)0x80));
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(query), _mm256_sign_epi8(centred, query));
    return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, ones));
}

static void avx2_dots(const uint8_t *rows, size_t n_rows, size_t stride, const int8_t *query,
                      int32_t *out) {
    int32_t query_sum = 0;
    for (size_t i = 0; i < stride; i++) query_sum += query[i];
    for (size_t r = 0; r < n_rows; r++, rows += stride) {
        __m256i first = _mm256_setzero_si256();
        __m256i second = _mm256_setzero_si256();
        for (size_t i = 0; i < stride; i += 64) {
            const __m256i *row = (const __m256i *)(const void *)(rows + i);
            const __m256i *part = (const __m256i *)(const void *)(query + i);
            first = add_products(first, _mm256_loadu_si256(row), _mm256_loadu_si256(part));
            second =
                add_products(second, _mm256_loadu_si256(row + 1), _mm256_loadu_si256(part + 1));
        }
        out[r] = sum_of(_mm256_add_epi32(first, second)) + 128 * query_sum;
    }
}

static void avx2_signs(const uint8_t *signs, size_t n_rows, size_t stride,
                       const VectorSignQuery *query, int32_t *out) {
    for (size_t r = 0; r < n_rows; r++, signs += stride / 8) {
        int64_t sum = 0;
        for (size_t w = 0; w < stride / 64; w++) {
            uint64_t bits;
            memcpy(&bits, signs + w * 8, sizeof bits);
            sum -= VECTOR_SIGN_WEIGHT * _mm_popcnt_u64(bits);
            for (int b = 0; b < VECTOR_SIGN_BITS; b++)
                sum += _mm_popcnt_u64(bits & query->planes[b][w]) << (b + 1);
        }
        out[r] = (int32_t)sum;
    }
}

const VectorKernel vector_kernel_avx2 = {
    .name = "avx2",
    .is_supported = is_supported,
    .dots = avx2_dots,
    .signs = avx2_signs,
};

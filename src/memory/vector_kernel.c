/* memory/vector_kernel.c: the sets there are, and the plain one. */
#include "memory/vector_kernel.h"

#include <string.h>

static bool is_always(void) {
    return true;
}

static void plain_dots(const uint8_t *rows, size_t n_rows, size_t stride, const int8_t *query,
                       int32_t *out) {
    for (size_t r = 0; r < n_rows; r++, rows += stride) {
        int32_t sum = 0;
        for (size_t i = 0; i < stride; i++) sum += rows[i] * query[i];
        out[r] = sum;
    }
}

static void plain_signs(const uint8_t *signs, size_t n_rows, size_t stride,
                        const VectorSignQuery *query, int32_t *out) {
    for (size_t r = 0; r < n_rows; r++, signs += stride / 8) {
        int32_t sum = 0;
        for (size_t w = 0; w < stride / 64; w++) {
            uint64_t bits;
            memcpy(&bits, signs + w * 8, sizeof bits);
            sum -= VECTOR_SIGN_WEIGHT * __builtin_popcountll(bits);
            for (int b = 0; b < VECTOR_SIGN_BITS; b++)
                sum += __builtin_popcountll(bits & query->planes[b][w]) << (b + 1);
        }
        out[r] = sum;
    }
}

static const VectorKernel plain_kernel = {
    .name = "plain",
    .is_supported = is_always,
    .dots = plain_dots,
    .signs = plain_signs,
};

const VectorKernel *const vector_kernels[] = {
#ifdef __x86_64__
    &vector_kernel_avx512,
    &vector_kernel_avx2,
#endif
    &plain_kernel,
    NULL,
};

const VectorKernel *vector_kernel_choose(void) {
    for (size_t i = 0; vector_kernels[i] != NULL; i++)
        if (vector_kernels[i]->is_supported()) return vector_kernels[i];
    return &plain_kernel;
}

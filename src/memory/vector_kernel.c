/* memory/vector_kernel.c: the sets there are, and the plain one. */
#include "memory/vector_kernel.h"

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

static const VectorKernel plain_kernel = {
    .name = "plain",
    .is_supported = is_always,
    .dots = plain_dots,
};

const VectorKernel *const vector_kernels[] = {
    &plain_kernel,
    NULL,
};

const VectorKernel *vector_kernel_choose(void) {
    const VectorKernel *const *kernel = vector_kernels;
    while (!(*kernel)->is_supported()) kernel++;
    return *kernel;
}

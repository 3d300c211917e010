/*
 * memory/vector_kernel.h: the inner loops of the vector search, one set per kind of processor.
 *
 *     const VectorKernel *kernel = vector_kernel_choose();
 *     kernel->dots(rows, n_rows, stride, query, dots);
 *
 * Every set gives the same integers; tests/memory/test_vector_kernel.c compares all that this
 * processor can run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char *name;
    bool (*is_supported)(void);
    /* out[r] = sum of rows[r][i] * query[i] over `stride` (a multiple of 64) bytes. */
    void (*dots)(const uint8_t *rows, size_t n_rows, size_t stride, const int8_t *query,
                 int32_t *out);
} VectorKernel;

/* NULL-terminated, best first; the last is the plain one. */
extern const VectorKernel *const vector_kernels[];

const VectorKernel *vector_kernel_choose(void);

/*
 * memory/vector_kernel.h: the inner loops of the vector search, one set per kind of processor.
 *
 *     const VectorKernel *kernel = vector_kernel_choose();
 *     kernel->dots(rows, n_rows, stride, query, dots);
 *
 * Every set gives the same integers; tests/memory/test_vector_kernel.c compares all that this
 * processor can run. Each lives in a file of its own, compiled for its processor.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The query as the rows' signs are compared with it: odd weights from -15 to 15, by dimension, and
 * the same as bits: weight = 2 * (sum of bit b of planes << b) - 15. */
enum { VECTOR_SIGN_BITS = 4, VECTOR_SIGN_WEIGHT = 15 };

typedef struct {
    const int8_t *weights;                    /* stride */
    const uint64_t *planes[VECTOR_SIGN_BITS]; /* stride / 64 words each */
} VectorSignQuery;

typedef struct {
    const char *name;
    bool (*is_supported)(void);
    /* out[r] = sum of rows[r][i] * query[i] over `stride` (a multiple of 64) bytes. */
    void (*dots)(const uint8_t *rows, size_t n_rows, size_t stride, const int8_t *query,
                 int32_t *out);
    /* out[r] = sum of weights[i] where bit i of signs[r] is set. */
    void (*signs)(const uint8_t *signs, size_t n_rows, size_t stride, const VectorSignQuery *query,
                  int32_t *out);
} VectorKernel;

/* NULL-terminated, best first; the last is the plain one. */
extern const VectorKernel *const vector_kernels[];

const VectorKernel *vector_kernel_choose(void);

#ifdef __x86_64__
extern const VectorKernel vector_kernel_avx2;
extern const VectorKernel vector_kernel_avx512;
#endif

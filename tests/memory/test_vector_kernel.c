/* Tests of the vector kernels: all that this processor can run give the same integers, also at the
 * ends of the ranges and for numbers of rows that fill no register. */
#include "memory/vector_kernel.h"

#include <string.h>

#include <glib.h>

#include "memory/vector_row.h"

#define MAX_ROWS 37

typedef struct {
    size_t stride;
    uint8_t *rows, *signs;
    int8_t *high, *weights;
    uint64_t *planes;
    VectorSignQuery query;
} Case;

static void fill(Case *test, GRand *random, size_t stride, bool is_extreme) {
    *test = (Case){ .stride = stride,
                    .rows = g_malloc(MAX_ROWS * stride),
                    .signs = g_malloc(MAX_ROWS * stride / 8),
                    .high = g_malloc(stride),
                    .weights = g_malloc(stride),
                    .planes = g_new0(uint64_t, VECTOR_SIGN_BITS * stride / 64) };
    for (size_t i = 0; i < MAX_ROWS * stride; i++)
        test->rows[i] = is_extreme ? (g_rand_boolean(random) ? 255 : 1)
                                   : (uint8_t)g_rand_int_range(random, 1, 256);
    for (size_t i = 0; i < MAX_ROWS * stride / 8; i++)
        test->signs[i] = is_extreme ? 0xff : (uint8_t)g_rand_int_range(random, 0, 256);
    for (size_t i = 0; i < stride; i++) {
        unsigned bits = (unsigned)g_rand_int_range(random, 0, 16);
        test->high[i] = is_extreme ? (g_rand_boolean(random) ? 127 : -127)
                                   : (int8_t)g_rand_int_range(random, -127, 128);
        test->weights[i] = (int8_t)(2 * (int)bits - VECTOR_SIGN_WEIGHT);
        for (size_t b = 0; b < VECTOR_SIGN_BITS; b++)
            test->planes[b * stride / 64 + i / 64] |= (uint64_t)(bits >> b & 1) << i % 64;
    }
    test->query.weights = test->weights;
    for (size_t b = 0; b < VECTOR_SIGN_BITS; b++)
        test->query.planes[b] = test->planes + b * stride / 64;
}

static void clear(Case *test) {
    g_free(test->rows);
    g_free(test->signs);
    g_free(test->high);
    g_free(test->weights);
    g_free(test->planes);
}

static void check_dots(const Case *test, const VectorKernel *kernel, size_t n_rows) {
    int32_t out[MAX_ROWS + 1];
    out[n_rows] = 4711;
    kernel->dots(test->rows, n_rows, test->stride, test->high, out);
    for (size_t r = 0; r < n_rows; r++) {
        int32_t sum = 0;
        for (size_t i = 0; i < test->stride; i++)
            sum += test->rows[r * test->stride + i] * test->high[i];
        g_assert_cmpint(out[r], ==, sum);
    }
    g_assert_cmpint(out[n_rows], ==, 4711);
}

static void check_signs(const Case *test, const VectorKernel *kernel, size_t n_rows) {
    int32_t out[MAX_ROWS + 1];
    out[n_rows] = 4711;
    kernel->signs(test->signs, n_rows, test->stride, &test->query, out);
    for (size_t r = 0; r < n_rows; r++) {
        int32_t sum = 0;
        const uint8_t *signs = test->signs + r * test->stride / 8;
        for (size_t i = 0; i < test->stride; i++)
            if (signs[i / 8] >> i % 8 & 1) sum += test->weights[i];
        g_assert_cmpint(out[r], ==, sum);
    }
    g_assert_cmpint(out[n_rows], ==, 4711);
}

static void kernels_agree(void) {
    g_autoptr(GRand) random = g_rand_new_with_seed(1);
    const size_t strides[] = { 64, 128, 256, 384, 1536, 3072 };
    const size_t numbers[] = { 0, 1, 2, 3, 4, 5, 31, MAX_ROWS };
    for (const VectorKernel *const *kernel = vector_kernels; *kernel != NULL; kernel++) {
        if (!(*kernel)->is_supported()) {
            g_test_message("this processor cannot run '%s'", (*kernel)->name);
            continue;
        }
        for (size_t s = 0; s < G_N_ELEMENTS(strides) * 2; s++) {
            Case test;
            fill(&test, random, strides[s / 2], /* is_extreme= */ s % 2 == 1);
            for (size_t n = 0; n < G_N_ELEMENTS(numbers); n++) {
                check_dots(&test, *kernel, numbers[n]);
                check_signs(&test, *kernel, numbers[n]);
            }
            clear(&test);
        }
    }
}

static void best_is_chosen(void) {
    const VectorKernel *const *kernel = vector_kernels;
    while (!(*kernel)->is_supported()) kernel++;
    g_assert_true(vector_kernel_choose() == *kernel);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/memory/vector_kernel/kernels_agree", kernels_agree);
    g_test_add_func("/memory/vector_kernel/best_is_chosen", best_is_chosen);
    return g_test_run();
}

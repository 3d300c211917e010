/*
 * embed/pooling.h: the sum of the rows of a table, scaled: what makes a static vector.
 *
 *     g_autoptr(Pooling) pooling = pooling_new(table);
 *     pooling_sum(pooling, ids, n, sum);       // sum: table->n_dimensions floats, overwritten
 *
 * Most words of a text stand in it more than once: each row is read once, times its number. The
 * same sum by every kernel, but for the order of float additions (a few 1e-7). A Pooling belongs to
 * one thread.
 */
#pragma once

#include "embed/static_table.h"

typedef struct {
    uint32_t id; /* below table->n_entries */
    float weight;
} PoolItem;

typedef void (*PoolFn)(const StaticTable *table, const PoolItem *items, size_t n, float *out_sum);

typedef struct {
    const char *name;
    PoolFn pool;
    size_t step; /* the dimensions must be a multiple of it; 16 suits every table */
} PoolKernel;

/* Best first, ends with { 0 }; the last suits always. */
extern const PoolKernel pooling_kernels[];

/* Whether this processor can run it, for this table. */
bool pooling_suits(const PoolKernel *kernel, const StaticTable *table);

typedef struct Pooling Pooling;

/* With the best kernel that suits. `table` is borrowed and must outlive it. */
Pooling *pooling_new(const StaticTable *table);
void pooling_free(Pooling *pooling);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pooling, pooling_free)

/* For tests: another kernel that suits. */
void pooling_set_kernel(Pooling *pooling, const PoolKernel *kernel);

void pooling_sum(Pooling *pooling, const uint32_t *ids, size_t n, float *out_sum);

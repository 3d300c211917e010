/* embed/pooling.c: see the header. */
#include "embed/pooling.h"

#include <string.h>

#include "embed/pooling_kernel.h"

struct Pooling {
    const StaticTable *table; /* borrowed */
    const PoolKernel *kernel; /* borrowed */
    /* owned */
    uint32_t *counts; /* by id; all 0 between two calls */
    PoolItem *items;  /* room for n_room */
    size_t n_room;
};

static void pooling_scalar(const StaticTable *table, const PoolItem *items, size_t n,
                           float *out_sum) {
    size_t n_dimensions = table->n_dimensions;
    memset(out_sum, 0, n_dimensions * sizeof(float));
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = table->rows + items[i].id * n_dimensions;
        for (size_t d = 0; d < n_dimensions; d++) out_sum[d] += items[i].weight * (float)row[d];
    }
}

/* clang-format off */
const PoolKernel pooling_kernels[] = {
#ifdef __x86_64__
    { "avx512", pooling_avx512, POOLING_WIDE },
    { "avx2",   pooling_avx2,   64 },
#endif
    { "plain",  pooling_scalar, 16 },
    { 0 }
};
/* clang-format on */

static bool can_run(const PoolKernel *kernel) {
#ifdef __x86_64__
    if (kernel->pool == pooling_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    if (kernel->pool == pooling_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return true;
}

bool pooling_suits(const PoolKernel *kernel, const StaticTable *table) {
    return table->n_dimensions % kernel->step == 0 && can_run(kernel);
}

Pooling *pooling_new(const StaticTable *table) {
    Pooling *pooling = g_new0(Pooling, 1);
    pooling->table = table;
    pooling->counts = g_new0(uint32_t, table->n_entries);
    pooling->kernel = pooling_kernels;
    while (!pooling_suits(pooling->kernel, table)) pooling->kernel++;
    return pooling;
}

void pooling_free(Pooling *pooling) {
    if (pooling == NULL) return;
    g_free(pooling->counts);
    g_free(pooling->items);
    g_free(pooling);
}

void pooling_set_kernel(Pooling *pooling, const PoolKernel *kernel) {
    pooling->kernel = kernel;
}

/* The ids of a text, each once. */
static size_t count_ids(Pooling *pooling, const uint32_t *ids, size_t n) {
    if (n > pooling->n_room) {
        g_free(pooling->items);
        pooling->n_room = n * 2;
        pooling->items = g_new0(PoolItem, pooling->n_room);
    }
    size_t n_items = 0;
    for (size_t i = 0; i < n; i++) {
        pooling->items[n_items].id = ids[i];
        n_items += pooling->counts[ids[i]]++ == 0;
    }
    return n_items;
}

void pooling_sum(Pooling *pooling, const uint32_t *ids, size_t n, float *out_sum) {
    const StaticTable *table = pooling->table;
    size_t n_items = count_ids(pooling, ids, n);
    for (size_t i = 0; i < n_items; i++) {
        PoolItem *item = &pooling->items[i];
        item->weight = table->scales[item->id] * (float)pooling->counts[item->id];
        pooling->counts[item->id] = 0;
    }
    pooling->kernel->pool(table, pooling->items, n_items, out_sum);
}

/*
 * embed/pooling.h: the sum of the rows of a table, scaled: what makes a static vector.
 *
 *     PoolFn pool = pooling_choose();
 *     pool(table, ids, n, sum);       // sum: table->n_dimensions floats, overwritten
 *
 * The same sum by every kernel, but for the order of float additions (a few 1e-7).
 */
#pragma once

#include "embed/static_table.h"

/* Ids must be below table->n_entries. */
typedef void (*PoolFn)(const StaticTable *table, const uint32_t *ids, size_t n, float *out_sum);

/* The fastest that this processor has. */
PoolFn pooling_choose(void);

void pooling_scalar(const StaticTable *table, const uint32_t *ids, size_t n, float *out_sum);

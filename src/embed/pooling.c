/* embed/pooling.c: see the header. */
#include "embed/pooling.h"

#include <string.h>

void pooling_scalar(const StaticTable *table, const uint32_t *ids, size_t n, float *out_sum) {
    size_t n_dimensions = table->n_dimensions;
    memset(out_sum, 0, n_dimensions * sizeof(float));
    for (size_t i = 0; i < n; i++) {
        const int8_t *row = table->rows + ids[i] * n_dimensions;
        float scale = table->scales[ids[i]];
        for (size_t d = 0; d < n_dimensions; d++) out_sum[d] += scale * (float)row[d];
    }
}

PoolFn pooling_choose(void) {
    return pooling_scalar;
}

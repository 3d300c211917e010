/*
 * embed/pooling_kernel.h: the sums for single kinds of processors, each in a file compiled for it;
 * only pooling.c may choose among them.
 */
#pragma once

#include "embed/pooling.h"

/* What the AVX-512 sum takes at a time: the dimensions must be a multiple (64 for AVX2). */
#define POOLING_WIDE 256

#ifdef __x86_64__
void pooling_avx2(const StaticTable *table, const PoolItem *items, size_t n, float *out_sum);
void pooling_avx512(const StaticTable *table, const PoolItem *items, size_t n, float *out_sum);
#endif

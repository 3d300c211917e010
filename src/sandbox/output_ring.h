/*
 * sandbox/output_ring.h: the last bytes of an endless output, in a room that never grows beyond its
 * maximum.
 *
 *     OutputRing ring = { .max_bytes = 1 << 20 };
 *     output_ring_append(&ring, bytes, n);
 *     char *text = output_ring_read(&ring, 0, &length);
 *     output_ring_clear(&ring);
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t max_bytes;
    char *bytes;    /* owned */
    size_t room;    /* of `bytes` now */
    uint64_t total; /* ever appended; byte n is at n % room */
} OutputRing;

void output_ring_append(OutputRing *ring, const char *bytes, size_t length);

/* What is still there from byte `from` of the output on. New string, NUL-terminated. */
char *output_ring_read(const OutputRing *ring, uint64_t from, size_t *out_length);

void output_ring_clear(OutputRing *ring);

/* sandbox/output_ring.c: doubles until the maximum, then goes round. */
#include "sandbox/output_ring.h"

#include <string.h>

#include <glib.h>

enum { FIRST_ROOM = 4096 };

/* While everything still fits, byte n is at n, so growing moves nothing. */
static void grow(OutputRing *ring, size_t length) {
    uint64_t needed = ring->total + length;
    if (ring->room == ring->max_bytes || needed <= ring->room) return;
    size_t room = ring->room > 0 ? ring->room : FIRST_ROOM;
    while (room < needed && room < ring->max_bytes) room *= 2;
    room = MIN(room, ring->max_bytes);
    ring->bytes = g_realloc(ring->bytes, room);
    ring->room = room;
}

void output_ring_append(OutputRing *ring, const char *bytes, size_t length) {
    grow(ring, length);
    if (ring->room == 0) return;
    if (length > ring->room) {
        ring->total += length - ring->room;
        bytes += length - ring->room;
        length = ring->room;
    }
    size_t at = (size_t)(ring->total % ring->room);
    size_t first = MIN(length, ring->room - at);
    memcpy(ring->bytes + at, bytes, first);
    memcpy(ring->bytes, bytes + first, length - first);
    ring->total += length;
}

char *output_ring_read(const OutputRing *ring, uint64_t from, size_t *out_length) {
    uint64_t oldest = ring->total > ring->room ? ring->total - ring->room : 0;
    uint64_t start = CLAMP(from, oldest, ring->total);
    size_t length = (size_t)(ring->total - start);
    char *text = g_malloc(length + 1);
    if (length > 0) {
        size_t at = (size_t)(start % ring->room);
        size_t first = MIN(length, ring->room - at);
        memcpy(text, ring->bytes + at, first);
        memcpy(text + first, ring->bytes, length - first);
    }
    text[length] = '\0';
    *out_length = length;
    return text;
}

void output_ring_clear(OutputRing *ring) {
    g_free(ring->bytes);
    *ring = (OutputRing){ .max_bytes = ring->max_bytes };
}

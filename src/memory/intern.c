/* memory/intern.c: a table of open slots over one growing buffer of bytes. */
#include "memory/intern.h"

#include <string.h>

typedef struct {
    uint32_t hash;
    uint32_t id_plus_1; /* 0: free */
} Slot;

struct Intern {
    /* owned */
    Slot *slots;
    GArray *offsets; /* uint32_t: where each begins; one more for the end of the last */
    GString *bytes;
    /* state */
    uint32_t mask, count;
};

enum { FIRST_SLOTS = 1024 };

Intern *intern_new(void) {
    Intern *intern = g_new0(Intern, 1);
    intern->slots = g_new0(Slot, FIRST_SLOTS);
    intern->mask = FIRST_SLOTS - 1;
    intern->offsets = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    intern->bytes = g_string_new(NULL);
    const uint32_t start = 0;
    g_array_append_val(intern->offsets, start);
    return intern;
}

void intern_free(Intern *intern) {
    if (intern == NULL) return;
    g_free(intern->slots);
    g_array_unref(intern->offsets);
    g_string_free(intern->bytes, TRUE);
    g_free(intern);
}

static uint32_t hash_bytes(const char *bytes, size_t length) {
    uint64_t hash = 0x9e3779b97f4a7c15U ^ length;
    while (length >= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdU;
        hash ^= hash >> 32;
        bytes += 8;
        length -= 8;
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes, length);
    hash = (hash ^ rest) * 0xff51afd7ed558ccdU;
    return (uint32_t)(hash >> 32);
}

static uint32_t offset_at(const Intern *intern, uint32_t index) {
    return g_array_index(intern->offsets, uint32_t, index);
}

const char *intern_get(const Intern *intern, uint32_t id, size_t *out_length) {
    uint32_t start = offset_at(intern, id);
    *out_length = offset_at(intern, id + 1) - start;
    return intern->bytes->str + start;
}

uint32_t intern_count(const Intern *intern) {
    return intern->count;
}

static void grow(Intern *intern) {
    uint32_t mask = intern->mask * 2 + 1;
    Slot *slots = g_new0(Slot, (size_t)mask + 1);
    for (uint32_t i = 0; i <= intern->mask; i++) {
        if (intern->slots[i].id_plus_1 == 0) continue;
        uint32_t at = intern->slots[i].hash & mask;
        while (slots[at].id_plus_1 != 0) at = (at + 1) & mask;
        slots[at] = intern->slots[i];
    }
    g_free(intern->slots);
    intern->slots = slots;
    intern->mask = mask;
}

static bool is_same(const Intern *intern, uint32_t id, const char *bytes, size_t length) {
    size_t other_length;
    const char *other = intern_get(intern, id, &other_length);
    return other_length == length && memcmp(other, bytes, length) == 0;
}

uint32_t intern_add(Intern *intern, const char *bytes, size_t length, bool *out_is_new) {
    uint32_t hash = hash_bytes(bytes, length), at = hash & intern->mask;
    for (; intern->slots[at].id_plus_1 != 0; at = (at + 1) & intern->mask) {
        uint32_t id = intern->slots[at].id_plus_1 - 1;
        if (intern->slots[at].hash != hash || !is_same(intern, id, bytes, length)) continue;
        *out_is_new = false;
        return id;
    }
    intern->slots[at] = (Slot){ hash, ++intern->count };
    g_string_append_len(intern->bytes, bytes, (gssize)length);
    const uint32_t end = (uint32_t)intern->bytes->len;
    g_array_append_val(intern->offsets, end);
    *out_is_new = true;
    uint32_t id = intern->count - 1;
    if (intern->count > intern->mask - intern->mask / 4) grow(intern);
    return id;
}

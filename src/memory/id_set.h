/*
 * memory/id_set.h: a set of positive ids, made once and asked often.
 *
 *     g_auto(IdSet) set = { 0 };
 *     id_set_init(&set, n);
 *     for (...) id_set_add(&set, ids[i]);
 *     if (id_set_has(&set, id)) ...
 *
 * A table of open slots, at most half full.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    int64_t *ids; /* owned; 0 = free */
    size_t mask;
} IdSet;

/* Room for n_most ids. */
static inline void id_set_init(IdSet *set, size_t n_most) {
    size_t n_slots = 16;
    while (n_slots < n_most * 2) n_slots *= 2;
    set->ids = g_new0(int64_t, n_slots);
    set->mask = n_slots - 1;
}

static inline void id_set_clear(IdSet *set) {
    g_free(set->ids);
    *set = (IdSet){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IdSet, id_set_clear)

/* The slot of an id, or the free one where it would go. */
static inline size_t id_set_slot(const IdSet *set, int64_t id) {
    size_t slot = (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 32) & set->mask;
    while (set->ids[slot] != 0 && set->ids[slot] != id) slot = (slot + 1) & set->mask;
    return slot;
}

/* Ids that are not positive are left out. */
static inline void id_set_add(IdSet *set, int64_t id) {
    if (id <= 0) return;
    size_t slot = id_set_slot(set, id);
    if (set->ids[slot] != 0) return;
    set->ids[slot] = id;
}

static inline bool id_set_has(const IdSet *set, int64_t id) {
    return set->ids[id_set_slot(set, id)] != 0;
}

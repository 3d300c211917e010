/* agent/loop_guard.c: the last call, how often, and failures by tool. */
#include "agent/loop_guard.h"

/* Refusals in a row after which words have been of no use. */
#define MAX_REFUSALS 3

struct LoopGuard {
    GMutex lock;
    int64_t max_repeats;
    int64_t max_errors;
    char *last; /* owned: tool, a newline, its exact bytes */
    int64_t n_same;
    int64_t n_refused;
    GHashTable *n_errors; /* tool, owned, to failures in a row */
};

LoopGuard *loop_guard_new(int64_t max_repeats, int64_t max_errors) {
    LoopGuard *guard = g_new0(LoopGuard, 1);
    g_mutex_init(&guard->lock);
    guard->max_repeats = max_repeats;
    guard->max_errors = max_errors;
    guard->n_errors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return guard;
}

void loop_guard_free(LoopGuard *guard) {
    if (guard == NULL) return;
    g_hash_table_unref(guard->n_errors);
    g_free(guard->last);
    g_mutex_clear(&guard->lock);
    g_free(guard);
}

void loop_guard_reset(LoopGuard *guard) {
    g_mutex_lock(&guard->lock);
    g_clear_pointer(&guard->last, g_free);
    guard->n_same = guard->n_refused = 0;
    g_hash_table_remove_all(guard->n_errors);
    g_mutex_unlock(&guard->lock);
}

char *loop_guard_check(LoopGuard *guard, const char *tool, const char *exact) {
    g_autofree char *call = g_strconcat(tool, "\n", exact, NULL);
    g_mutex_lock(&guard->lock);
    bool is_same = g_strcmp0(guard->last, call) == 0;
    guard->n_same = is_same ? guard->n_same + 1 : 1;
    if (!is_same) {
        guard->n_refused = 0;
        g_free(guard->last);
        guard->last = g_steal_pointer(&call);
    }
    bool is_refused = guard->max_repeats > 0 && guard->n_same >= guard->max_repeats;
    if (is_refused) guard->n_refused++;
    int64_t n = guard->n_same;
    g_mutex_unlock(&guard->lock);
    if (!is_refused) return NULL;
    return g_strdup_printf("This call was not made: it is the same call of %s, with the same "
                           "arguments, %" G_GINT64_FORMAT
                           " times in a row, and its result would be the same. Use the result you "
                           "have, do something else, or tell the user what stops you.",
                           tool, (gint64)n);
}

char *loop_guard_note(LoopGuard *guard, const char *tool, bool is_error) {
    g_mutex_lock(&guard->lock);
    int64_t n =
        is_error ? (int64_t)GPOINTER_TO_SIZE(g_hash_table_lookup(guard->n_errors, tool)) + 1 : 0;
    g_hash_table_insert(guard->n_errors, g_strdup(tool), GSIZE_TO_POINTER((size_t)n));
    bool is_told = guard->max_errors > 0 && n > 0 && n % guard->max_errors == 0;
    g_mutex_unlock(&guard->lock);
    if (!is_told) return NULL;
    return g_strdup_printf("%s has now failed %" G_GINT64_FORMAT
                           " times in a row. Look at what the failures have in common, try another "
                           "way (another tool, a smaller step), or ask the user.",
                           tool, (gint64)n);
}

bool loop_guard_is_stuck(LoopGuard *guard) {
    g_mutex_lock(&guard->lock);
    bool is_stuck = guard->n_refused >= MAX_REFUSALS;
    g_mutex_unlock(&guard->lock);
    return is_stuck;
}

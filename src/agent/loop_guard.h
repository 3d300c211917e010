/*
 * agent/loop_guard.h: notices when a model runs in circles, and tells the model, not the user.
 *
 *     g_autofree char *stop = loop_guard_check(guard, "bash", exact);     // before a call
 *     if (stop != NULL) return it as the result, and do not run the call
 *     g_autofree char *advice = loop_guard_note(guard, "bash", is_error); // after it, to append
 *     if (loop_guard_is_stuck(guard)) end the turn
 *
 * Thread-safe. One per agent; loop_guard_reset() at the start of a turn.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct LoopGuard LoopGuard;

/* `max_repeats`: the identical call in a row that is no longer made; `max_errors`: failures in a
 * row after which a tool's result says so. 0 = never. */
LoopGuard *loop_guard_new(int64_t max_repeats, int64_t max_errors);
void loop_guard_free(LoopGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LoopGuard, loop_guard_free)

void loop_guard_reset(LoopGuard *guard);

/* NULL = go on; else what the model is told instead. New string. */
char *loop_guard_check(LoopGuard *guard, const char *tool, const char *exact);

/* NULL, or a sentence for the end of the result. New string. */
char *loop_guard_note(LoopGuard *guard, const char *tool, bool is_error);

/* It was told, and told again, and still repeats itself. */
bool loop_guard_is_stuck(LoopGuard *guard);

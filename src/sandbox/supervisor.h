/*
 * sandbox/supervisor.h: notes how files are before a watched command changes them.
 *
 * The command runs under exec/watch_filter.h: it stands still at each call that opens for writing
 * or changes a name or attributes. One thread here finds out which path is meant, tells the undo
 * journal (undo_step_before), and lets the call go on. It refuses a call only when the journal
 * cannot keep what it would change, or when the path cannot be read.
 *
 *     Supervisor *supervisor = supervisor_start(listener_fd, step);
 *     ... the command and all it started are dead ...
 *     supervisor_stop(supervisor);
 *     undo_step_finish(step, &report, error);
 *
 * For undo only, never for security: between the look and the call another thread of the command
 * may change the path. Calls of two threads on the same path are kept apart as far as can be seen.
 */
#pragma once

#include "undo/journal.h"

typedef struct Supervisor Supervisor;

/* Takes the listener. `step` is borrowed and used by the supervisor's thread until it is stopped.
 */
Supervisor *supervisor_start(int listener_fd, UndoStep *step, const char *workspace);

/* Ends when no watched process is left; call it when they are dead. Frees. */
void supervisor_stop(Supervisor *supervisor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Supervisor, supervisor_stop)

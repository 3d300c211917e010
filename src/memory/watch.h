/*
 * memory/watch.h: news of changed notes from the kernel (inotify), instead of looking for them.
 *
 *     if (!memory_watch_start(memory, cancel, error)) ...       // searches go on looking
 *     ... poll memory_watch_fd(memory) ...
 *     memory_watch_apply(memory, cancel, &report, error);
 *
 * A search of a watched memory applies what is waiting first, so a note is found as soon as it is
 * saved, and no file has to be looked at: a program that only searches needs no more than
 * memory_watch_start(). Names are followed, not files: an editor that writes a new file and renames
 * it is one change. What arrives together is applied together, each file once.
 */
#pragma once

#include "memory/memory.h"

/* Watches every folder of the roots, then brings the index up to date. ERR_LIMIT when the kernel
 * allows no more watches (fs.inotify.max_user_watches). */
bool memory_watch_start(Memory *memory, Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memory_watch_stop(Memory *memory);

/* Readable when there is news; -1 when nothing is watched. Borrowed. */
int memory_watch_fd(const Memory *memory);

/* Indexes what changed; never waits. `out_report` may be NULL. */
bool memory_watch_apply(Memory *memory, Cancel *cancel, SyncReport *out_report,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

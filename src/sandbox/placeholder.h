/*
 * sandbox/placeholder.h: takes away what holds the place of protected names that do not exist.
 *
 * While a command runs at level full, an empty file without permissions stands in the workspace
 * for each protected name that is missing (exec/protect.h). Every process that runs commands there
 * holds a shared lock; whoever is the last removes them. Those that a crash left go at the next
 * start.
 *
 *     int hold = placeholder_hold(lock_path);
 *     ... run ...
 *     placeholder_release(hold, workspace, names);
 */
#pragma once

/* Waits while somebody removes. -1 when there can be no lock; release() takes that too. */
int placeholder_hold(const char *lock_path);

/* Removes the placeholders among `names` (relative to the workspace, NULL-terminated) unless
 * another process still holds the lock. */
void placeholder_release(int hold, const char *workspace, const char *const *names);

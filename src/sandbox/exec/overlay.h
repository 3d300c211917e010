/*
 * sandbox/exec/overlay.h: a folder of which only a copy is changed (overlayfs), for undo and for
 * the plan mode. GLib-free: it runs in the sandbox's child.
 *
 * The caller has a user and a mount namespace of its own, and still sees the host's folders and
 * /proc:
 *
 *     OverlayFolders folders = { .lower = workspace, .upper = upper, .work = work };
 *     char reason[OVERLAY_REASON_BYTES];
 *     int mount_fd = overlay_open(&folders, reason);
 *     if (mount_fd < 0) ... errno == EINVAL: not here (upper on overlayfs); journal another way
 *     move_mount(mount_fd, "", AT_FDCWD, "/new-root/home/me/project", MOVE_MOUNT_F_EMPTY_PATH);
 *
 * Landlock's rules must be opened on the mounted overlay, not on the folder below. A mount inside
 * the workspace is not seen through the overlay: overlay_has_submounts() finds one beforehand.
 */
#pragma once

#include <stdbool.h>

enum { OVERLAY_REASON_BYTES = 256 };

/* All absolute, on the caller's mount namespace; upper and work on one file system, work empty. */
typedef struct {
    const char *lower;
    const char *upper;
    const char *work;
} OverlayFolders;

/* A detached mount of the overlay (nosuid, nodev), close-on-exec, to be placed with move_mount().
 * On failure -1 with errno, and `reason` (OVERLAY_REASON_BYTES) tells which step refused. */
int overlay_open(const OverlayFolders *folders, char *reason);

/* Whether something is mounted below `folder` (resolved, absolute), which the overlay would hide;
 * also true when /proc/self/mountinfo cannot be read. */
bool overlay_has_submounts(const char *folder);

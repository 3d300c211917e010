/*
 * undo/content.h: copies and hashes of open files, and moving names without losing anybody's
 * version.
 *
 * Names are given as an open folder and a name in it (UndoSpot). undo_swap() and undo_take() are
 * the only places that change names of the workspace: each verifies afterwards that what it moved
 * away is what the caller had looked at, and puts it back when it is not. A file that somebody has
 * open for writing, or opens while it is being moved, is left alone: a lease tells.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    int folder_fd;
    const char *name; /* borrowed */
} UndoSpot;

/* Copies the content (holes stay holes, shared blocks where the file system can), not the
 * attributes. What stands at `to` is replaced. */
bool undo_content_copy(int fd, UndoSpot to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Only by sharing blocks; false without an error when the file system cannot. */
bool undo_content_clone(int fd, UndoSpot to);

/* Replaces the content of the file at `to`, in place: its other names see it too. */
bool undo_content_overwrite(int fd, UndoSpot to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* New string, or NULL with an error. */
char *undo_content_sha256(int fd, GError **error);

/* A regular file for reading; never follows, never blocks. -1 with errno. */
int undo_content_open(UndoSpot spot);

typedef enum {
    UNDO_MOVED,
    UNDO_OTHERS, /* somebody else changed it or has it open: nothing was changed */
    UNDO_FAILED, /* *error is set */
} UndoMove;

/* `fresh` goes to `place`, and what was at `place` to `old`. `inode` is what must be at `place`; 0
 * = nothing. */
UndoMove undo_swap(UndoSpot fresh, UndoSpot place, UndoSpot old, int64_t inode, GError **error);

/* What is at `place` goes to `old`. */
UndoMove undo_take(UndoSpot place, UndoSpot old, int64_t inode, GError **error);

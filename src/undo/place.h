/*
 * undo/place.h: opening the folder above a path of the workspace, without ever following a link out
 * of it: a command may be changing the tree at that moment.
 *
 *     UndoPlace place;
 *     if (!undo_place_open(workspace_fd, "src/main.c", &place, error)) ...
 *     ... openat(place.folder_fd, place.name, ...) ...
 *     undo_place_close(&place);
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct {
    int folder_fd;
    const char *name; /* into the path; "." for the workspace itself */
} UndoPlace;

/* Sets ERR_DENIED where errno is about this one path (permission, a mount, a name that is too
 * long), ERR_NOT_FOUND where it is gone, else ERR_IO. */
void undo_place_fail(GError **error, const char *doing, const char *path);

/* ERR_NOT_FOUND when the folder above is not there (any more). */
bool undo_place_open(int root_fd, const char *path, UndoPlace *out_place,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void undo_place_close(UndoPlace *place);

/* A folder below the root, with O_PATH or O_RDONLY added to the flags; -1 with errno. */
int undo_place_open_folder(int root_fd, const char *path, int flags);

/* "src" of "src/main.c", "" of "main.c". New string. */
char *undo_place_parent(const char *path);
/* "src/main.c" of "src" and "main.c". New string. */
char *undo_place_join(const char *folder, const char *name);
/* Whether `path` is `ancestor` or below it. */
bool undo_place_is_within(const char *path, const char *ancestor);

/* Names in an open folder (but "." and ".."), sorted. NULL with errno. */
GPtrArray *undo_place_list(int folder_fd);

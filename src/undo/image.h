/*
 * undo/image.h: how a path is: what stands there, with its attributes, and whether it still is so.
 *
 *     UndoImage image = { 0 };
 *     if (!undo_image_read(folder_fd, "notes.md", &image, error)) ...     a missing path is an
 * image
 *     ... undo_image_is_same(&image, &now) ...
 *     undo_image_clear(&image);
 *
 * The content of a file is not in it: it lies in the turn's b/N or a/N.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <glib.h>

typedef enum {
    UNDO_KIND_ABSENT,
    UNDO_KIND_FILE,
    UNDO_KIND_FOLDER,
    UNDO_KIND_LINK,  /* symbolic */
    UNDO_KIND_OTHER, /* FIFO, socket, device */
    UNDO_N_KINDS
} UndoKind;

/* Zeroed = absent. */
typedef struct {
    /* plain */
    int kind;     /* UndoKind */
    int64_t mode; /* st_mode, with the type */
    int64_t owner, group;
    int64_t device; /* of a device file */
    int64_t inode;
    int64_t n_links;
    int64_t size_bytes;
    int64_t modified_ns; /* mtime */
    int64_t changed_ns;  /* ctime */
    /* owned */
    char *target;     /* of a symbolic link */
    char *attributes; /* extended ones, "hex=hex,hex=hex" sorted by name; NULL = none */
    char *sha256;     /* of a file's content; NULL = not known */
} UndoImage;

void undo_image_clear(UndoImage *image);
UndoImage undo_image_copy(const UndoImage *image);

/* Reads `name` in an open folder ("." for the folder itself) without following it. ERR_IO. */
bool undo_image_read(int folder_fd, const char *name, UndoImage *out_image,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The part that needs only stat(). */
void undo_image_from_stat(const struct stat *info, UndoImage *out_image);

/* The same thing, untouched: kind, inode, size, mode and both times. */
bool undo_image_is_untouched(const UndoImage *expected, const UndoImage *now);

/* The same to look at: kind, mode, owner, size or target, extended attributes; SHA-256 where both
 * are known. Not the times. */
bool undo_image_is_alike(const UndoImage *one, const UndoImage *other);

/* Gives what stands at `name` the owner, mode, extended attributes and modification time of
 * `image`. An owner that may not be given is passed over. */
bool undo_image_apply(int folder_fd, const char *name, const UndoImage *image,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the overlay's own attributes (user.overlay.*); an attribute that the overlay had escaped
 * gets its own name back. */
bool undo_image_strip_overlay(int folder_fd, const char *name,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The value of one of the overlay's attributes is 'y'; missing counts as no. */
bool undo_image_has_overlay_flag(int folder_fd, const char *name, const char *attribute);

/* It was copied up from below, not made in the overlay. */
bool undo_image_has_overlay_origin(int folder_fd, const char *name);

static inline int64_t undo_image_time_ns(struct timespec time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/*
 * tool/walk.h: every file below a path, as ripgrep walks: hidden and ignored files are left out,
 * links are not followed, names come sorted. Runs inside the sandbox.
 *
 *     Walk walk = { .path = "src", .on_file = on_file, .user_data = search };
 *     if (!walk_run(&walk, error)) ...
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct {
    const char *path;  /* as it is shown: "src/a.c" */
    const char *inner; /* from the folder that was asked for: "a.c" */
    const char *name;  /* in the folder */
    int folder_fd;
    bool is_folder;
    bool is_link;
} WalkEntry;

typedef struct {
    const char *path;  /* a folder or a file; "" or "." = the workspace */
    bool with_hidden;  /* names that begin with a dot, but never .git */
    bool with_ignored; /* what .gitignore and its kin name */
    bool with_folders; /* report folders too */
    int max_depth;     /* 0 = no limit; 1 = the folder itself */
    /* Called in order; false ends the walk without an error. */
    bool (*on_entry)(const WalkEntry *entry, void *user_data);
    void *user_data;
    /* out */
    unsigned n_unreadable; /* folders that could not be opened */
    bool is_single;        /* the path was a file */
} Walk;

/* ERR_NOT_FOUND and the like for the path itself. */
bool walk_run(Walk *walk, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * tests/session/scratch_folder.h: a folder of a test's own, removed at its end.
 *
 *     g_autoptr(ScratchFolder) folder = scratch_folder_new();
 *     scratch_folder_write(folder, "a.jsonl", "{}\n", -1);
 */
#pragma once

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

typedef struct {
    char *path;
} ScratchFolder;

static inline ScratchFolder *scratch_folder_new(void) {
    GError *error = NULL;
    ScratchFolder *folder = g_new0(ScratchFolder, 1);
    folder->path = g_dir_make_tmp("session-XXXXXX", &error);
    g_assert_no_error(error);
    return folder;
}

static inline void scratch_folder_remove(const char *path) {
    DIR *listing = opendir(path);
    if (listing == NULL) return;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        g_autofree char *inner = g_build_filename(path, entry->d_name, NULL);
        if (g_unlink(inner) != 0) scratch_folder_remove(inner);
    }
    closedir(listing);
    rmdir(path);
}

static inline void scratch_folder_free(ScratchFolder *folder) {
    scratch_folder_remove(folder->path);
    g_free(folder->path);
    g_free(folder);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScratchFolder, scratch_folder_free)

/* The path of the new file; new string. */
static inline char *scratch_folder_write(const ScratchFolder *folder, const char *name,
                                         const char *content, gssize length) {
    GError *error = NULL;
    char *path = g_build_filename(folder->path, name, NULL);
    g_file_set_contents(path, content, length, &error);
    g_assert_no_error(error);
    return path;
}

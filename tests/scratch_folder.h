/*
 * tests/scratch_folder.h: a folder of a test's own, removed at its end. In memory where that is
 * possible: thousands of synced appends are then a matter of a second.
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
    ScratchFolder *folder = g_new0(ScratchFolder, 1);
    const char *parent = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir();
    folder->path = g_build_filename(parent, "localgpt-test-XXXXXX", NULL);
    g_assert_nonnull(g_mkdtemp(folder->path));
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

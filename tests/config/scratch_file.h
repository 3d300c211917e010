/*
 * tests/config/scratch_file.h: one config.toml in a folder of its own, for a test.
 *
 *     g_auto(ScratchFile) scratch = scratch_file_new("[agent]\n");
 *     g_assert_true(config_set(scratch.path, ...));
 *     g_autofree char *text = scratch_file_text(&scratch);
 */
#pragma once

#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

typedef struct {
    char *folder;
    char *path;
} ScratchFile;

/* `text` NULL: no file. */
static inline ScratchFile scratch_file_new(const char *text) {
    ScratchFile scratch = { .folder = g_dir_make_tmp("localgpt-config-XXXXXX", NULL) };
    g_assert_nonnull(scratch.folder);
    scratch.path = g_build_filename(scratch.folder, "config.toml", NULL);
    if (text != NULL) {
        g_assert_true(
            g_file_set_contents_full(scratch.path, text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
    return scratch;
}

static inline char *scratch_file_text(const ScratchFile *scratch) {
    char *text = NULL;
    g_assert_true(g_file_get_contents(scratch->path, &text, NULL, NULL));
    return text;
}

static inline void scratch_file_clear(ScratchFile *scratch) {
    g_unlink(scratch->path);
    g_assert_cmpint(g_rmdir(scratch->folder), ==, 0); /* nothing else was left there */
    g_free(scratch->path);
    g_free(scratch->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ScratchFile, scratch_file_clear)

/* memory/seeds.c: see the header. */
#include "memory/seeds.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "memory/seed_data.h"

static bool is_new_workspace(const char *workspace) {
    static const char *const names[] = { "MEMORY.md", "HEARTBEAT.md", "SOUL.md",
                                         "AGENTS.md", "IDENTITY.md",  "USER.md" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(workspace, names[i], NULL);
        if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return false;
    }
    return true;
}

static char *seed_path(const char *workspace, const SeedData *seed) {
    bool is_hidden = strcmp(seed->name, "gitignore") == 0;
    g_autofree char *name =
        is_hidden ? g_strdup(".gitignore") : g_strconcat(seed->name, ".md", NULL);
    return g_build_filename(workspace, name, NULL);
}

/* Whole, or not there; another process that made it first is right, too. */
static bool write_seed(const char *workspace, const SeedData *seed, GError **error) {
    g_autofree char *path = seed_path(workspace, seed);
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
    return file_replace(path, seed->text, strlen(seed->text), 0600, error);
}

bool memory_seed(const char *workspace, bool *out_is_new, GError **error) {
    static const char *const folders[] = { "knowledge", "memory", "skills" };
    bool is_new = is_new_workspace(workspace);
    if (out_is_new != NULL) *out_is_new = is_new;
    if (!is_new) return true;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(workspace, folders[i], NULL);
        if (!file_make_folders(folder, error)) return false;
    }
    /* A kill in between leaves a workspace that is still new but for the last ones. */
    for (const SeedData *seed = seed_data; seed->name != NULL; seed++) {
        bool is_mark = strcmp(seed->name, "MEMORY") == 0;
        if (!is_mark && !write_seed(workspace, seed, error)) return false;
    }
    for (const SeedData *seed = seed_data; seed->name != NULL; seed++)
        if (strcmp(seed->name, "MEMORY") == 0 && !write_seed(workspace, seed, error)) return false;
    return true;
}

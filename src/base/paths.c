/* base/paths.c: XDG folders with the product's own overrides. */
#include "base/paths.h"

#include <string.h>

#include "base/error.h"

static const char *environment(const char *name) {
    const char *value = g_getenv(name);
    return value != NULL && g_path_is_absolute(value) ? value : NULL;
}

/* Lower-cased and trimmed; NULL after setting the error for a character that does not belong in a
 * folder name. */
static char *profile_normalize(const char *profile, GError **error) {
    g_autofree char *name = g_ascii_strdown(profile != NULL ? profile : "", -1);
    g_strstrip(name);
    if (strcmp(name, "default") == 0) name[0] = '\0';
    if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(name) ||
        strlen(name) > 64) {
        error_set_with_hint(error, ERR_USAGE, "Use letters, digits, '-' and '_', at most 64.",
                            "'%s' is not a profile name", profile);
        return NULL;
    }
    return g_steal_pointer(&name);
}

static char *folder(const char *own, const char *xdg, const char *name, const char *fallback) {
    const char *value = environment(own);
    if (value != NULL) return g_strdup(value);
    value = environment(xdg);
    return value != NULL ? g_build_filename(value, name, NULL)
                         : g_build_filename(fallback, name, NULL);
}

Paths *paths_new(const char *profile, GError **error) {
    g_autofree char *normalized = profile_normalize(profile, error);
    if (normalized == NULL) return NULL;
    const char *home = environment("HOME");
    if (home == NULL) home = g_get_home_dir();
    if (home == NULL || !g_path_is_absolute(home)) {
        error_set_with_hint(error, ERR_FAILED, "Set HOME to an absolute folder.",
                            "there is no home folder");
        return NULL;
    }
    g_autofree char *name =
        g_strconcat("localgpt", normalized[0] != '\0' ? "-" : "", normalized, NULL);
    g_autofree char *config = g_build_filename(home, ".config", NULL);
    g_autofree char *data = g_build_filename(home, ".local", "share", NULL);
    g_autofree char *state = g_build_filename(home, ".local", "state", NULL);
    g_autofree char *cache = g_build_filename(home, ".cache", NULL);
    Paths *paths = g_new0(Paths, 1);
    /* Without a slash at its end or in the middle twice, so that it compares as a prefix. */
    paths->home = g_canonicalize_filename(home, NULL);
    paths->config = folder("LOCALGPT_CONFIG_DIR", "XDG_CONFIG_HOME", name, config);
    paths->data = folder("LOCALGPT_DATA_DIR", "XDG_DATA_HOME", name, data);
    paths->state = folder("LOCALGPT_STATE_DIR", "XDG_STATE_HOME", name, state);
    paths->cache = folder("LOCALGPT_CACHE_DIR", "XDG_CACHE_HOME", name, cache);
    const char *runtime = environment("XDG_RUNTIME_DIR");
    paths->runtime = runtime != NULL ? g_build_filename(runtime, name, NULL)
                                     : g_build_filename(paths->state, "run", NULL);
    paths->profile = g_steal_pointer(&normalized);
    return paths;
}

void paths_free(Paths *paths) {
    if (paths == NULL) return;
    g_free(paths->home);
    g_free(paths->config);
    g_free(paths->data);
    g_free(paths->state);
    g_free(paths->cache);
    g_free(paths->runtime);
    g_free(paths->profile);
    g_free(paths);
}

char *paths_expand_home(const Paths *paths, const char *path) {
    if (strcmp(path, "~") == 0) return g_strdup(paths->home);
    if (g_str_has_prefix(path, "~/")) return g_build_filename(paths->home, path + 2, NULL);
    return g_strdup(path);
}

char *paths_shorten_home(const Paths *paths, const char *path) {
    size_t length = strlen(paths->home);
    if (length > 1 && strncmp(path, paths->home, length) == 0 &&
        (path[length] == '/' || path[length] == '\0'))
        return g_strconcat("~", path + length, NULL);
    return g_strdup(path);
}

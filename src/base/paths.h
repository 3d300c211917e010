/*
 * base/paths.h: where things are, by the XDG Base Directory Specification.
 *
 * Each of the four folders is the first that is set of: LOCALGPT_{CONFIG,DATA,STATE,CACHE}_DIR
 * (absolute, else ignored), XDG_{CONFIG,DATA,STATE,CACHE}_HOME/localgpt<suffix>, and the default
 * below $HOME. The suffix is "-<profile>" (lower-cased, trimmed; none for "default"). Runtime:
 * XDG_RUNTIME_DIR/localgpt<suffix>, else a folder below the state folder (never a guessable name in
 * /tmp).
 *
 *     g_autoptr(Paths) paths = paths_new(profile, error);
 *     g_build_filename(paths->state, "agents", agent, "sessions", NULL)
 *
 * Nothing is created here; whoever writes makes the folder (file_make_folders).
 */
#pragma once

#include <glib.h>

typedef struct {
    /* owned, absolute, never NULL */
    char *home;
    char *config;
    char *data;
    char *state;
    char *cache;
    char *runtime;
    char *profile; /* "" when none */
} Paths;

/* `profile` may be NULL. ERR_USAGE for a profile with anything but letters, digits, '-' and '_';
 * ERR_FAILED when there is no home folder at all. */
Paths *paths_new(const char *profile, GError **error);
void paths_free(Paths *paths);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Paths, paths_free)

/* Expands a leading "~" or "~/"; other text is copied. New string. */
char *paths_expand_home(const Paths *paths, const char *path);

/* The opposite for display: "~/..." when below home. New string. */
char *paths_shorten_home(const Paths *paths, const char *path);

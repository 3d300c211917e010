/*
 * cli/file_finder.h: files below the working folder, for `@name` and Tab.
 *
 *     g_autoptr(GPtrArray) paths = file_finder_list();       // "src/parse.c", ...
 *
 * Hidden folders and those that tools fill (build, node_modules, target) are passed over, links are
 * not followed, and the search ends after a few thousand names: it must feel instant.
 */
#pragma once

#include <glib.h>

/* Relative paths (char *, owned), shallow ones first. */
GPtrArray *file_finder_list(void);

/* Paths that `word` could be the beginning of ("src/pa", "~/no"); folders end in '/'. `home` may be
 * NULL. */
GPtrArray *file_finder_complete(const char *word, const char *home);

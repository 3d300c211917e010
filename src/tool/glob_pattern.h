/*
 * tool/glob_pattern.h: patterns of file names, as shells, git and ripgrep write them.
 *
 *     *  any characters but '/'      **  whole folders, also none      ?  one character but '/'
 *     [a-z] [!a] one of them         {a,b} either (glob_patterns_expand)         \x  x itself
 *
 *     if (glob_pattern_match("src/a*.[ch]", "src/abc.h")) ...
 *
 * Bytes, not characters, but '?' and [...] take a whole UTF-8 character. Work is bounded by pattern
 * times path: no pattern of a model takes longer.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

bool glob_pattern_match(const char *pattern, const char *path);

/* The alternatives of {a,b}, nested ones too; without braces the pattern itself. NULL with
 * ERR_USAGE for braces that do not close and for more than 256 alternatives. */
char **glob_patterns_expand(const char *pattern, GError **error);

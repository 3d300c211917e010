/*
 * policy/protected_names.h: names in the workspace that no tool may make, change, move or remove.
 *
 * Two kinds: the program's own (rules, identity, signatures), and those that other programs run or
 * obey outside of the sandbox later: shell start-up files, git hooks, editor tasks. A name is
 * protected whether it exists or not, with everything below it.
 *
 *     if (protected_name_covers(".git/hooks/pre-commit")) ...
 */
#pragma once

#include <stdbool.h>

typedef struct {
    const char *path; /* below the workspace */
    const char *reason;
} ProtectedName;

/* Ended by { 0 }. */
extern const ProtectedName protected_names[];

/* Whether `relative` (below the workspace, without ".", ".." and doubled slashes) is a protected
 * name or lies below one. Letters compare without case: some file systems do. */
bool protected_name_covers(const char *relative);

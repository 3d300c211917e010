/*
 * cli/owner_editor.h: the editor of the owner's choice, on a file of theirs.
 *
 *     if (!owner_editor_run(path, "vi", error)) return false;
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Runs $VISUAL, $EDITOR or `fallback`, which may have arguments as in a shell, and waits: it has
 * the terminal meanwhile. ERR_NOT_FOUND when there is no such program, ERR_FAILED when it failed.
 */
bool owner_editor_run(const char *path, const char *fallback,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

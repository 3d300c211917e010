/*
 * sandbox/temp_folder.h: a command's own folder for temporary files, and its removal whatever the
 * command made in it.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* A new empty folder (0700) in `parent`, which names this process. New string. */
char *temp_folder_make(const char *parent, GError **error);

/* Removes those in `parent` whose process is gone without having done so. */
void temp_folder_sweep(const char *parent);

/* Removes everything in it; false when something stays, or its mode was changed. */
bool temp_folder_empty(const char *path);

/* Removes it with everything in it. Links are removed, never followed. */
void temp_folder_remove(const char *path);

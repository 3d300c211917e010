/*
 * memory/seeds.h: the first files of a new workspace.
 *
 * A workspace is new when it has neither MEMORY.md nor HEARTBEAT.md, SOUL.md, AGENTS.md,
 * IDENTITY.md or USER.md: then it gets what data/workspace/ has, and the folders knowledge/,
 * memory/ and skills/. Nothing that is there is ever touched, and what the owner removed does not
 * come back. HEARTBEAT.md is empty: nothing to do costs nothing.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* *out_is_new (may be NULL) tells whether anything was made. */
bool memory_seed(const char *workspace, bool *out_is_new, GError **error) G_GNUC_WARN_UNUSED_RESULT;

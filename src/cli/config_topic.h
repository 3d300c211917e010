/*
 * cli/config_topic.h: what help, completions and the reference tell about configuration keys.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "config/config.h"

/* All keys by section or, with `key`, one key, a section, or a table of one. Appends to `out`.
 * ERR_NOT_FOUND with "did you mean" for an unknown key. For topics[]. */
bool config_topic_render(GString *out, const char *key, GError **error);

/* "a duration like "30m"; default 5m; secret; no effect yet". New string. */
char *config_topic_facts(const ConfigKey *key);

/* The default as it is written in the file, or NULL when there is none. New string. */
char *config_topic_default(const Field *field);

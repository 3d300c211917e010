/* cli/models_topic.h: 'localgpt help models': how models are named, which ones can be had, and how
 * much each size is asked; rendered from the tables of provider/ and agent/. */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* For topics[]; `argument` is not used. */
bool models_topic_render(GString *out, const char *argument, GError **error);

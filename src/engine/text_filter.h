/*
 * engine/text_filter.h: from the pieces a model makes to text that can be shown.
 *
 * A piece may end inside a character, and a stop text may arrive in several pieces. The filter
 * holds back what is not yet decided: an incomplete character, and an end that could become a stop
 * text. Ill-formed bytes become U+FFFD.
 *
 *     if (engine_text_filter_feed(filter, piece, length, out)) stop();   // out: what may be shown
 *     ...
 *     engine_text_filter_finish(filter, out);                            // what was held back
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct EngineTextFilter EngineTextFilter;

/* `stop`: NULL-terminated, copied; may be NULL. Empty texts are ignored. */
EngineTextFilter *engine_text_filter_new(const char *const *stop);
void engine_text_filter_free(EngineTextFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineTextFilter, engine_text_filter_free)

/* Appends to `out` what is decided. true: a stop text was completed; `out` ends before it, and
 * nothing more comes. */
bool engine_text_filter_feed(EngineTextFilter *filter, const char *piece, size_t length,
                             GString *out);

/* Appends what was held back. */
void engine_text_filter_finish(EngineTextFilter *filter, GString *out);

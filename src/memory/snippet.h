/*
 * memory/snippet.h: the part of a chunk that shows why it was found, on one line.
 */
#pragma once

#include "memory/terms.h"

enum { SNIPPET_CHARACTERS = 200 };

/* Cut at words, with "…" where something is left out; `wanted` (uint32_t of the table) are the
 * terms of the query. New string, safe for a terminal. */
char *snippet_make(TermTable *table, const GArray *wanted, const char *text, size_t max_characters);

/* The same text with `before` and `after` around every word that is wanted. New string. */
char *snippet_highlight(TermTable *table, const GArray *wanted, const char *text,
                        const char *before, const char *after);

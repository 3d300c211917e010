/*
 * tool/text_match.h: where a text stands in another, and when it does not, what comes closest: for
 * a model that remembered a blank wrong.
 *
 *     text_match_hint("int  a;\n", "int a;")
 *     -> "Line 1 differs from it only in blanks; it reads:\nint  a;"
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* Occurrences that do not overlap. */
unsigned text_match_count(const char *text, size_t length, const char *needle);

/* The lines they begin on: "3, 17, 20 and more". New string. */
char *text_match_lines(const char *text, const char *needle);

/* Every line ends in CR LF. */
bool text_match_has_crlf(const char *text, size_t length);
/* Replaces *text: each newline gets a CR before it if it has none. */
void text_match_to_crlf(char **text);

/* One or two sentences on what comes closest to `needle`. New string. */
char *text_match_hint(const char *text, const char *needle);

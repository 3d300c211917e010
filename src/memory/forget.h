/*
 * memory/forget.h: taking a text out of a note, with what it stands in.
 *
 *     int64_t n = 0;
 *     g_autofree char *rest = forget_in_text(note, "the old phone number", &n);   // NULL: not in
 * it
 *
 * What goes is the smallest unit that holds the text, in any case and over line ends: a list item
 * (nested items stay), a paragraph, a line of a table, a fence or the front matter, a heading. A
 * section of which then only its heading and its mark are left (memory/provenance.h) goes, too.
 */
#pragma once

#include <stdint.h>

/* New string. */
char *forget_in_text(const char *note, const char *text, int64_t *out_n_places);

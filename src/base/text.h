/*
 * base/text.h: UTF-8 text that is safe to cut, to measure and to print on a terminal.
 *
 * Nothing here ever splits a multibyte character, and nothing trusts its input to be valid UTF-8.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* The largest length <= `max_bytes` that does not split a UTF-8 sequence of text[0..length). An
 * incomplete sequence at the end counts as split, so stream chunks can be cut with it too. */
size_t text_cut(const char *text, size_t length, size_t max_bytes);

/* A new valid UTF-8 string: every ill-formed byte becomes U+FFFD. */
char *text_make_valid(const char *text, size_t length);

/* At most `max_characters` characters of `text`, with "…" when something was cut. New string. */
char *text_ellipsize(const char *text, size_t max_characters);

/* Makes text safe for a terminal: drops C0 (but \n and \t), DEL, C1, ESC sequences whole (CSI, OSC,
 * DCS,
 * ...), bidi controls (U+202A-E, U+2066-9, U+200E/F, U+061C), tag characters, and ill-formed bytes
 * (U+FFFD). New string. */
char *text_strip_terminal(const char *text, size_t length);

/* The same for a stream: keeps sequences and characters that are split over chunks until they are
 * whole. */
typedef struct TextStripper TextStripper;
TextStripper *text_stripper_new(void);
void text_stripper_free(TextStripper *stripper);
/* Appends the safe part of `chunk` to `out`. */
void text_stripper_feed(TextStripper *stripper, const char *chunk, size_t length, GString *out);
/* What is left at the end of the stream: an unfinished character becomes U+FFFD. Ready for reuse
 * after. */
void text_stripper_finish(TextStripper *stripper, GString *out);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TextStripper, text_stripper_free)

/* Columns of a terminal: 2 for East Asian wide and emoji, 0 for combining marks. Control
 * characters: 0. */
size_t text_width(const char *text);

/* The candidate nearest to `word` (Damerau-Levenshtein, at most 2 edits and a third of its length,
 * or a unique prefix of at least 3), or NULL. For "did you mean". `candidates` is NULL-terminated;
 * the result is borrowed. */
const char *text_suggest(const char *word, const char *const *candidates);

/* "98.4 MB", "512 B": decimal units as disks and downloads count. New string. */
char *text_format_size(unsigned long long bytes);

/* Sorts an array of strings by their bytes. */
void text_array_sort(GPtrArray *strings);

/*
 * reckon/phrase.h: does a sentence say this? One pattern over whole words, with holes.
 *
 *     "(what is|what's) {number} percent of {whole}"
 *     "remind me [please] [to|that] {what}"
 *
 * `(a|b c)` is one of these, `[a|b]` one of these or nothing, `{name}` one word or more: the fewest
 * with which the rest fits and which the caller accepts. Everything else is words, which are
 * compared without regard to case. The pattern must fit the whole sentence; punctuation around
 * words does not count (a hole keeps it inside, and loses commas and stops at its ends), but for a
 * colon that the pattern asks for: "note: {what}".
 *
 *     PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
 *     if (phrase_match("add {a} to {b}", "Add milk to the list.", NULL, NULL, holes))
 *         ... phrase_hole(holes, "b") is "the list"
 *     phrase_holes_clear(holes);
 */
#pragma once

#include <stdbool.h>

#define PHRASE_MAX_HOLES 4

typedef struct {
    char *name; /* NULL: not used */
    char *text; /* as it was written */
} PhraseHole;

/* Whether a hole may have this text. */
typedef bool (*PhraseCheckFn)(const char *name, const char *text, void *user_data);

/* `check` may be NULL. On success the holes are owned by the caller; on failure they are untouched.
 * A pattern that is none never fits (the tests of the tables find it). A sentence that would take
 * too long to compare does not fit either. */
bool phrase_match(const char *pattern, const char *sentence, PhraseCheckFn check, void *user_data,
                  PhraseHole holes[PHRASE_MAX_HOLES]);

/* Whether the pattern can be read; for the tests of tables. */
bool phrase_is_sound(const char *pattern);

/* The text of a hole, or NULL. Borrowed. */
const char *phrase_hole(const PhraseHole holes[PHRASE_MAX_HOLES], const char *name);
void phrase_holes_clear(PhraseHole holes[PHRASE_MAX_HOLES]);

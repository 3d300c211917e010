/*
 * provider/surrogate_halves.h: characters that a server tore in two.
 *
 * A server written in a language of UTF-16 strings may cut its stream inside "😀": one event ends
 * with the escape \ud83d, the next begins with \ude00. Neither is valid JSON. The halves are
 * carried through the JSON reader as marks (the last 2048 characters of Unicode, which are private
 * use) and joined where the text is put together.
 *
 *     g_autofree char *mended = surrogate_halves_mark(json, length);        // then it parses
 *     surrogate_halves_join(&part->half, text, out);                        // "..\ud83d" +
 * "\ude00"
 */
#pragma once

#include <stddef.h>

#include <glib.h>

/* The JSON text with each lone \uD800 to \uDFFF as a mark. New string. */
char *surrogate_halves_mark(const char *json, size_t length);

/* Appends `text` to `out`, marks joined to characters. A first half at its end is kept in *half for
 * the next call (0 = none); a half that stays alone becomes U+FFFD. */
void surrogate_halves_join(gunichar *half, const char *text, GString *out);

/*
 * undo/hex.h: any bytes as hex digits, so that a line of the log has no blanks or newlines of
 * theirs. No bytes are "-", so that a word is never empty.
 */
#pragma once

#include <stddef.h>

#include <glib.h>

void undo_hex_append(GString *out, const void *bytes, size_t length);
/* New string. */
char *undo_hex_encode(const void *bytes, size_t length);
/* The bytes with a NUL after them, or NULL when `text` is no hex. `out_length` may be NULL: then
 * bytes that hold a NUL are refused too. New string. */
char *undo_hex_decode(const char *text, size_t length, size_t *out_length);

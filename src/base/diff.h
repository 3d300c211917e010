/*
 * base/diff.h: what changed between two texts, as a unified diff that `patch` takes.
 *
 *     g_autofree char *diff = diff_unified(&(DiffInput){ .old_text = before, .old_length = n,
 *                                                        .new_text = after, .new_length = m,
 *                                                        .old_name = "a/x.c", .new_name = "b/x.c"
 * });
 *
 * Lines are compared as bytes (Myers' shortest edit script, with a bound: two texts that have
 * little in common become one block out and one block in). A missing newline at the end is said as
 * diff(1) says it. Equal texts give "".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct {
    /* borrowed; not NULL */
    const char *old_text;
    const char *new_text;
    const char *old_name; /* "/dev/null" for a new file */
    const char *new_name;
    /* plain */
    size_t old_length;
    size_t new_length;
} DiffInput;

/* New string. */
char *diff_unified(const DiffInput *input);

/* A NUL byte in the first 8000 bytes: shown as "Binary files differ". */
bool diff_is_binary(const char *text, size_t length);

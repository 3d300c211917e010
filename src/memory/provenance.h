/*
 * memory/provenance.h: where a note comes from, as it stands in the note itself.
 *
 * The program begins what it writes with a comment of one line:
 *
 *     <!-- localgpt: session=3f2a… turn=a1b2c3d4 tool=memory_append label=agent -->
 *
 * so that the origin survives a rebuilt index and can be read by the owner. It counts until the
 * next heading of the same or a higher level. Text that the program writes on behalf of anyone has
 * its comments opened first (provenance_clean_text), so no text can claim an origin. What has no
 * mark was written by the owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "memory/memory.h"

typedef struct {
    /* owned; NULL when unknown */
    char *session;
    char *turn;
    char *tool;
    int label; /* NoteLabel */
} Provenance;

void provenance_clear(Provenance *provenance);
Provenance provenance_copy(const Provenance *provenance);

/* Whether the line is a mark; then *out is filled (cleared before). Also the older form
 * "<!-- localgpt: session ID up to ID, trusted -->". */
bool provenance_parse(const char *line, size_t length, Provenance *out);

/* The line of a mark, without a newline. New string. */
char *provenance_format(const NoteOrigin *origin);

/* The text without control characters, with every "<!--" and "-->" taken out, its headings made
 * deeper and its fences closed, so that what it says stays under its own mark. New string. */
char *provenance_clean_text(const char *text);

/*
 * session/session_search.h: finding words in what was said, in every session of a folder.
 *
 * Only the text of messages is looked at (never names of JSON members, never a stored prompt), in
 * any case, for all of Unicode.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

typedef struct {
    char *id;
    char *path;
    char *snippet; /* around the first match, cut between characters, safe for a terminal */
    int64_t changed_ms;
    unsigned n_matches;
} SessionHit;

void session_hit_free(SessionHit *hit);

/* SessionHit, owned; most matches first, then newest first. A file that cannot be read is passed
 * over. */
GPtrArray *session_search(const char *folder, const char *words, GError **error);

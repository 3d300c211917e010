/*
 * session/session_index.h: what a list says of each session, kept so that no file is read twice.
 *
 * One file beside the sessions, ".sessions.index": a line for each, "id TAB changed_ns TAB size TAB
 * messages TAB title". A row counts only for the very size and time of change of its file. Nothing
 * depends on it: one that is missing, stale or damaged costs reading the sessions again.
 *
 *     g_autoptr(SessionIndex) index = session_index_load(folder);
 *     const SessionRow *row = session_index_find(index, id, changed_ns, size_bytes);
 *     if (row == NULL) session_index_put(index, id, &new_row);
 *     session_index_save(index, folder);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    int64_t changed_ns;
    int64_t size_bytes;
    int64_t n_messages; /* -1: not counted; -2: the file is no session */
    char *title;        /* owned */
} SessionRow;

typedef struct SessionIndex SessionIndex;

/* Never NULL. */
SessionIndex *session_index_load(const char *folder);
void session_index_free(SessionIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionIndex, session_index_free)

/* Borrowed, or NULL. A row that was found or put is kept by the next save; the others go. */
const SessionRow *session_index_find(SessionIndex *index, const char *id, int64_t changed_ns,
                                     int64_t size_bytes);
/* `row` is copied. Borrowed. */
const SessionRow *session_index_put(SessionIndex *index, const char *id, const SessionRow *row);

/* Writes the file when it would change; a failure is no matter. */
void session_index_save(SessionIndex *index, const char *folder);

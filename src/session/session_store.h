/*
 * session/session_store.h: the sessions of one agent: <state>/agents/<agent>/sessions/<uuid>.jsonl.
 *
 *     g_autofree char *folder = session_store_folder(paths, "main", error);
 *     g_autofree char *path = session_store_find(folder, "3f2a", error);   // by prefix
 *
 * A session is a regular file named <id>.jsonl, its id of letters, digits, '-' and '_' (at most
 * 128). Anything else in the folder is passed over: links, FIFOs, folders, sessions.json, archives
 * and checkpoints of other programs. Nothing here ever blocks on what lies there.
 */
#pragma once

#include "base/paths.h"
#include "session/transcript.h"

/* `agent`: letters, digits, '-' and '_'; ERR_USAGE otherwise. New string. */
char *session_store_folder(const Paths *paths, const char *agent, GError **error);

/* The path of the one session whose id starts with `prefix`; a whole id always finds its own.
 * ERR_NOT_FOUND when none does; ERR_USAGE naming the candidates when several do. New string. */
char *session_store_find(const char *folder, const char *prefix, GError **error);

/* The path of the most recently changed session; ERR_NOT_FOUND when there is none. New string. */
char *session_store_newest(const char *folder, GError **error);

typedef struct {
    char *id;
    char *path;
    char *title; /* first words of the first user message, safe for a terminal; "" when none */
    int64_t changed_ms;
    int64_t n_messages; /* -1: not counted, the file is larger than 4 MB */
} SessionSummary;

void session_summary_free(SessionSummary *summary);

/* Newest first; SessionSummary, owned. A folder that is missing is an empty list. Files named like
 * a session that are none (no header, no permission, no regular file) are left out and counted in
 * *out_n_unreadable (may be NULL). */
GPtrArray *session_store_list(const char *folder, unsigned *out_n_unreadable, GError **error);

/*
 * agent/workspace.h: the owner's files that every conversation starts from, and the notes kept for
 * the next one.
 *
 *     g_autofree char *folder = workspace_folder(paths, configured);
 *     g_autoptr(GPtrArray) files = workspace_load(folder, now);      // WorkspaceFile, in order
 *
 * IDENTITY.md, USER.md, SOUL.md, AGENTS.md, TOOLS.md, MEMORY.md, the daily logs
 * memory/YYYY-MM-DD.md of yesterday and today, HEARTBEAT.md. One that is missing or blank is passed
 * over; one that is too long is cut in its middle with a marker that names it and what was left
 * out; one that cannot be read says so in its place. memory/inbox/ is never read: what an untrusted
 * conversation left there waits for the owner.
 *
 * Labels: the files are the owner's (docs/decisions/010), so ORIGIN_FILE and trusted. They are
 * material all the same: the prompt wraps each in a tag that its text cannot close.
 */
#pragma once

#include <stdint.h>

#include "base/paths.h"
#include "policy/label.h"

enum { WORKSPACE_FILE_CHARACTERS = 20000, WORKSPACE_ALL_CHARACTERS = 60000 };

typedef struct {
    /* owned */
    char *name;     /* "memory/2026-11-24.md" */
    char *original; /* the whole text, valid UTF-8 */
    char *text;     /* what is shown: the original, or cut with a marker */
    Label label;
    /* plain */
    int64_t n_characters; /* of the original */
    int64_t n_left_out;   /* of them */
    int64_t n_allowed;    /* of them, by the caps */
    int rank;             /* 0: the last one to be cut when there is little room */
} WorkspaceFile;

void workspace_file_free(WorkspaceFile *file);

/* LOCALGPT_WORKSPACE (absolute or with "~"), else `configured` (may be NULL or empty: not
 * configured), else <data>/workspace. New string. */
char *workspace_folder(const Paths *paths, const char *configured);

/* WorkspaceFile, owned, in the order of the prompt. Never fails: see above. */
GPtrArray *workspace_load(const char *folder, GDateTime *now);

/* Cuts `file` anew so that about `max_characters` of its text are shown. */
void workspace_file_cut(WorkspaceFile *file, int64_t max_characters);

/* Appends `text` to <folder>/<name>, whole or not at all, 0600; a file of the owner that does not
 * end in a newline gets one first. Nothing happens when the file has the line `mark` already. */
bool workspace_append(const char *folder, const char *name, const char *mark, const char *text,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

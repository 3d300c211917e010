/*
 * memory/daily_log.h: notes of the day, appended to memory/YYYY-MM-DD.md so that nothing is lost.
 *
 * A note is a heading with the time, the mark of its origin (memory/provenance.h) and the text, in
 * one write() under flock(), synced before the call returns. Untrusted notes go to
 * memory/inbox/<session>.md instead, which no prompt reads by itself. The file stays open between
 * notes: over a thousand a second, each on the disk.
 */
#pragma once

#include "memory/memory.h"

typedef struct DailyLog DailyLog;

DailyLog *daily_log_new(const char *workspace);
void daily_log_free(DailyLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DailyLog, daily_log_free)

/* The absolute path of the file that an append would write now. New string. */
char *daily_log_path(const DailyLog *log, const NoteOrigin *origin);

/* ERR_USAGE for an empty text. `out_citation` (may be NULL) is "memory/2026-11-24.md#L3-5", owned.
 */
bool daily_log_append(DailyLog *log, const NoteOrigin *origin, const char *text,
                      char **out_citation, GError **error) G_GNUC_WARN_UNUSED_RESULT;

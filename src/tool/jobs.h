/*
 * tool/jobs.h: commands that run in the background while the conversation goes on.
 *
 * A job outlives the turn that started it, so it has a turn of the journal to itself: what it
 * changed can be undone alone. All of them end with the ToolJobs.
 *
 *     const char *id = tool_jobs_add(jobs, &(ToolJob){ .process = process, .undo = turn, ... },
 * error); g_autofree char *text = tool_jobs_report(jobs, &look, cancel, error); if
 * (!tool_jobs_kill(jobs, "job1", error)) ...
 *
 * Thread-safe.
 */
#pragma once

#include "tool/tool.h"

#define TOOL_MAX_JOBS 8 /* that still run */

typedef struct ToolJobs ToolJobs;

typedef struct {
    SandboxProcess *process; /* owned */
    UndoTurn *undo;          /* owned; may be NULL */
    char *command;           /* owned */
} ToolJob;

ToolJobs *tool_jobs_new(void);
/* Kills what still runs. */
void tool_jobs_free(ToolJobs *jobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolJobs, tool_jobs_free)

/* ERR_LIMIT when too many run. */
bool tool_jobs_has_room(ToolJobs *jobs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes what `job` owns; the id is borrowed. */
const char *tool_jobs_add(ToolJobs *jobs, ToolJob *job);

/* Which one is looked at, and how. */
typedef struct {
    const char *id;
    int64_t wait_ms;  /* for its end, at most */
    size_t max_bytes; /* of its output; 0 = no limit */
} ToolJobLook;

/* In the next two `jobs` may be NULL: nothing runs then (ERR_NOT_FOUND). */

/* What it printed since the last report, and how it stands. New string. */
char *tool_jobs_report(ToolJobs *jobs, const ToolJobLook *look, Cancel *cancel, GError **error);

/* Ends it and all it started. ERR_NOT_FOUND names the jobs there are. */
bool tool_jobs_kill(ToolJobs *jobs, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

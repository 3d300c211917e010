/*
 * agent/tool_runner-private.h: what tool_runner.c (life), tool_runner_call.c (one call) and
 * subagent.c share.
 */
#pragma once

#include "agent/loop_guard.h"
#include "agent/tool_runner.h"

struct ToolRunner {
    ToolRunnerSettings settings;
    ToolRunner *parent; /* of a sub-agent: borrowed, lends sandbox, journal, jobs; else NULL */
    unsigned depth;     /* 0 = the agent the user talks to */
    bool is_read_only;  /* a sub-agent that only explores */
    /* owned */
    GPtrArray *schemas;   /* json_t, owned */
    TurnTools offers[2];  /* to full models, to small ones */
    Approvals *approvals; /* of the parent, for a sub-agent */
    ToolFilters *filters;
    ToolJobs *jobs;
    LoopGuard *guard;
    GMutex lock;             /* guards all below */
    SandboxProfile *profile; /* NULL until the first call */
    UndoJournal *journal;    /* NULL until something changes */
    UndoTurn *undo;          /* of this turn; NULL until something changes */
    Memory *memory;          /* borrowed from its opener */
    Label label;             /* join of the session so far */
    ToolRunnerTurn turn;     /* borrowed between begin and end */
    bool is_commit_denied;   /* plan mode: the overlay was dropped */
};

/* The runner whose sandbox, journal and jobs count. */
static inline ToolRunner *tool_runner_root(ToolRunner *runner) {
    while (runner->parent != NULL) runner = runner->parent;
    return runner;
}

/* With its shared parts, as they are at the moment. ERR_DENIED when the sandbox is not to be had.
 */
bool tool_runner_context(ToolRunner *runner, ToolContext *out,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The turn of the journal, begun now if it was not yet. *out NULL without an error: undo is off. */
bool tool_runner_undo(ToolRunner *runner, UndoTurn **out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opened now if it was not yet; NULL without an error where there is none. */
Memory *tool_runner_memory(ToolRunner *runner, GError **error);

/* Whether commands can run in an overlay: level full, and a journal that has it. */
bool tool_runner_has_overlay(ToolRunner *runner, GError **error);

void tool_runner_notice(ToolRunner *runner, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* TurnTools.run; user_data is the runner. */
bool tool_runner_run(const Part *part, Cancel *cancel, ToolOutcome *out, void *user_data,
                     GError **error);
char *tool_runner_title(const Part *part, void *user_data);
bool tool_runner_is_parallel(const Part *part, void *user_data);

/* ToolContext.spawn; user_data is the runner. */
char *tool_runner_spawn(SpawnKind kind, const char *task, Cancel *cancel, void *user_data,
                        GError **error);

/* For a sub-agent. */
ToolRunner *tool_runner_new_child(ToolRunner *parent, bool is_read_only, GError **error);

/*
 * agent/tool_runner.h: runs the tool calls of a turn: decode, loop guard, the owner's filters, the
 * label gate, approval, the journal, the sandbox, and a labelled outcome for the model.
 *
 *     g_autoptr(ToolRunner) runner = tool_runner_new(&settings, error);
 *     if (!tool_runner_begin(runner, session_id, "fix the test", &label, error)) ...
 *     turn.tools = tool_runner_tools(runner, turn.tier);
 *     ... turn_run(&turn, ...) ...
 *     if (!tool_runner_end(runner, cancel, error)) ...     // plan mode: shows the diff, asks
 *
 * Cheap until the first call: only then is the sandbox proven, the journal opened. Whatever is
 * missing then makes the call fail; nothing ever runs without what it needs.
 */
#pragma once

#include "agent/agent_config.h"
#include "agent/approval.h"
#include "agent/turn.h"
#include "tool/filter.h"
#include "tool/jobs.h"
#include "undo/undo_config.h"

typedef struct ToolRunner ToolRunner;

/* What the label gate says of a call in a session of this label; sets `out` (zeroed = nothing to
 * say, which still leaves may_always false: set it). */
typedef void (*ToolGateFn)(const ToolCall *call, const Label *session, ApprovalFloor *out,
                           void *user_data);

/* All borrowed; must outlive the runner. */
typedef struct {
    const Paths *paths;
    const char *workspace; /* absolute, exists */
    const ToolConfig *tools;
    const SandboxConfig *sandbox;
    const UndoConfig *undo;
    const AgentConfig *agent;
    ApprovalSettings approval;
    Memory *(*open_memory)(void *user_data, GError **error); /* kept by the caller; NULL = none */
    ToolGateFn gate;                                         /* NULL = none */
    void *user_data;                                         /* of open_memory and gate */
    const char *transcripts; /* folder for those of sub-agents; NULL = no sub-agents */
    AgentEventFn on_event;   /* notices of the runner itself; may be NULL */
    void *event_data;
} ToolRunnerSettings;

ToolRunner *tool_runner_new(const ToolRunnerSettings *settings, GError **error);
/* Ends commands in the background. */
void tool_runner_free(ToolRunner *runner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolRunner, tool_runner_free)

/* What a Turn is given for a model of this tier. Borrowed. */
const TurnTools *tool_runner_tools(const ToolRunner *runner, const ModelTier *tier);

Approvals *tool_runner_approvals(ToolRunner *runner);

/* The sandbox of the tools, for what the owner runs in it; proved now if it was not yet. Borrowed;
 * ERR_DENIED when it is not to be had. */
SandboxProfile *tool_runner_profile(ToolRunner *runner, GError **error);

/* Before a turn. `label` is the join of the session so far. `turn` is what a sub-agent answers
 * with: its provider, tier and limits; borrowed until the end. */
typedef struct {
    const char *session; /* id */
    const char *message; /* id of the user's message, or NULL */
    const char *summary; /* what the user asked, for the list of undo */
    const Label *label;
    const Turn *turn;
} ToolRunnerTurn;

void tool_runner_begin(ToolRunner *runner, const ToolRunnerTurn *turn);

/* After it, also when it failed. Plan mode: what happened in the overlay is shown and, with a yes,
 * kept. `cancel` NULL or triggered: dropped without asking. */
bool tool_runner_end(ToolRunner *runner, Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

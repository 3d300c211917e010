/*
 * agent/turn.h: one turn of a conversation: assemble, stream, keep, run tools, repeat.
 *
 * turn_run() is a plain function that reads top to bottom on the caller's thread:
 *
 *     Turn turn = { .provider = provider, .tier = tier, .transcript = transcript, .on_event =
 * on_event, ... }; if (!turn_run(&turn, user_message, cancel, error)) ...
 *
 * The user's message is on the disk before the provider is asked; the answer (also a part of one,
 * when it was stopped or broke off) is on the disk before EVENT_DONE. Nothing acknowledged is lost.
 *
 * When the session no longer fits the window, or the provider says so, its older part is summed up
 * first (agent/compaction.h) and the request goes out once more.
 */
#pragma once

#include "agent/budget.h"
#include "agent/event.h"
#include "agent/reflex.h"
#include "agent/tier.h"
#include "session/transcript.h"

/* What a tool call came to. */
typedef struct {
    char *text; /* owned: what the model is told */
    bool is_error;
    Label label;          /* owned: of the text */
    char *image_base64;   /* owned: an image for the model, or NULL */
    char *mime_type;      /* owned: of it */
    const char *approval; /* static: "mode", "rule", "once", "always", "denied"; NULL = not asked */
    bool has_exit_status;
    int64_t exit_status; /* of a command */
} ToolOutcome;

void tool_outcome_clear(ToolOutcome *outcome);

/* The tools of a turn, and who runs them. All borrowed. */
typedef struct {
    const ToolSpec *specs;
    size_t n_specs;
    /* Runs one call of a tool in `specs`. A tool that fails is an outcome with is_error; false with
     * *error only ends the turn (the user stopped it). */
    bool (*run)(const Part *call, Cancel *cancel, ToolOutcome *out, void *user_data,
                GError **error);
    void *user_data;
    /* MAY: one line on a call for people. New string. */
    char *(*title)(const Part *call, void *user_data);
    /* MAY: whether a call may run beside its neighbours, each on a thread of its own. Without it
     * none does. */
    bool (*is_parallel)(const Part *call, void *user_data);
} TurnTools;

#define TURN_MAX_ROUNDS 25

typedef struct Turn Turn;

/* Who answers when the model failed with `error` before its first word: changes the members that
 * belong to a model (provider, tier, context_tokens) and returns true, or false when nobody is
 * left. */
typedef bool (*TurnFallbackFn)(Turn *turn, const GError *error, void *user_data);

struct Turn {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    Transcript *transcript;
    AgentEventFn on_event;
    void *user_data;
    const char *notice;     /* told once, before the first answer of a session; NULL = none */
    const TurnTools *tools; /* NULL = none */
    const ReflexContext *reflexes; /* asked first; NULL = none */
    const char *workspace;         /* NULL = none: no files in the prompt, no notes */
    TurnFallbackFn fall_back;      /* NULL = nobody else */
    void *fall_back_data;
    /* limits, 0 = the tier's */
    int64_t max_output_tokens;
    int64_t context_tokens;
    int64_t reserve_tokens; /* kept free before older messages are summed up */
    ThinkingLevel thinking;
    int64_t max_rounds; /* requests to the model; 0 = TURN_MAX_ROUNDS */
};

/* Takes nothing; `message` is a user message. Asks the model, runs the tools it calls, and asks
 * again, until it answers without a call; ERR_LIMIT after max_rounds. On success EVENT_DONE was the
 * last event. On failure *error tells, no EVENT_ERROR is sent (the caller reports), and a partial
 * answer is kept with its stop reason. */
bool turn_run(Turn *turn, const Message *message, Cancel *cancel,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sums up the older part of the conversation now; for /compact. EVENT_COMPACTION tells what came of
 * it. ERR_USAGE when there is nothing to sum up. */
bool turn_compact(Turn *turn, Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where the tokens of the next request would go; for /context. turn_budget_clear() after. */
/* Counts with the provider's tokenizer where it has one. */
TurnBudget turn_budget(const Turn *turn);

/*
 * agent/prompt.h: what is sent to the model: the system prompt of a tier, and as much of the
 * session as fits.
 *
 * The owner's newest message always goes whole, or the request is refused with the numbers; so do
 * the newest tool calls with all their results. Older messages go as far as the budget reaches,
 * newest first, and what is sent never begins with an answer, and never has a tool result without
 * its call or a call without its result. Text attached from a file or standard input that is too
 * long is cut in the middle, with a visible marker.
 */
#pragma once

#include "agent/system_prompt.h"
#include "agent/tier.h"
#include "provider/provider.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    const GPtrArray *messages; /* Message: the whole session, oldest first */
    const char *workspace;     /* NULL: none */
    const ToolSpec *tools;     /* NULL: none */
    size_t n_tools;
    /* limits in tokens */
    int64_t window_tokens;
    int64_t answer_tokens;
    int64_t reserve_tokens; /* to keep free before older messages are summed up; 0 = the answer's */
} PromptInput;

typedef struct {
    char *system;           /* borrowed from `parts` */
    SystemPrompt parts;     /* owned */
    GPtrArray *messages;    /* Message, owned: what is sent */
    int64_t system_tokens;  /* with the template around it */
    int64_t tool_tokens;    /* of the schemas */
    int64_t history_tokens; /* of `messages` */
    int64_t n_cut_tokens;   /* left out of attached text */
    bool is_overfull;       /* the whole session would not fit the window: time to sum up */
} Prompt;

/* ERR_LIMIT (exit 8) when the newest message does not fit: says how many tokens it has and how many
 * there are. */
bool prompt_assemble(const PromptInput *input, Prompt *out,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same without any message: what every request carries. */
void prompt_assemble_empty(const PromptInput *input, Prompt *out);
void prompt_clear(Prompt *prompt);

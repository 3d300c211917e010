/*
 * agent/prompt.h: what is sent to the model: the system prompt of a tier, and as much of the
 * session as fits.
 *
 * The owner's newest message always goes whole, or the request is refused with the numbers; older
 * messages go as far as the budget reaches, newest first, and never begin with an answer or a tool
 * result whose question is missing. Text attached from a file or standard input that is too long is
 * cut in the middle, with a visible marker.
 */
#pragma once

#include "agent/tier.h"
#include "provider/provider.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    const GPtrArray *messages; /* Message: the whole session, oldest first */
    /* limits in tokens */
    int64_t window_tokens;
    int64_t answer_tokens;
} PromptInput;

typedef struct {
    char *system;        /* owned */
    GPtrArray *messages; /* Message, owned: what is sent */
    int64_t system_tokens;
    int64_t history_tokens; /* of `messages` */
    int64_t n_cut_tokens;   /* left out of attached text */
} Prompt;

/* ERR_LIMIT (exit 8) when the newest message does not fit: says how many tokens it has and how many
 * there are. */
bool prompt_assemble(const PromptInput *input, Prompt *out,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void prompt_clear(Prompt *prompt);

/* The text of data/prompts/<name>.md, embedded in the program. NULL when there is none. */
const char *prompt_text(const char *name);

/*
 * agent/system_prompt.h: the system prompt of one request, section by section.
 *
 *     SystemPrompt prompt;
 *     system_prompt_build(&input, &prompt);
 *     prompt.text, prompt.tokens            sent
 *     prompt.sections                       SystemSection, for /context
 *     system_prompt_clear(&prompt);
 *
 * Built anew for every request, so that a note that was just written is known. The sections are
 * rows in system_prompt.c, in the order of the prompt; a row applies when its tier has a text for
 * it and what it speaks of is there. The workspace files come last. Stable text stands before text
 * that changes, for the caches of providers.
 *
 * The whole, with the schemas of the tools, stays within the tier's fixed_tokens (a quarter of the
 * window for the full tier): files are cut or left out, the least important first, and the prompt
 * says so. A tiny model gets one sentence and nothing else.
 */
#pragma once

#include "agent/tier.h"
#include "agent/workspace.h"
#include "provider/provider.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    const char *workspace; /* NULL: none */
    const ToolSpec *tools; /* NULL: none */
    size_t n_tools;
    GDateTime *now; /* NULL: local time */
    /* plain */
    int64_t window_tokens;
} SystemPromptInput;

typedef struct {
    char *name; /* owned: "safety", "MEMORY.md" */
    char *text; /* owned */
} SystemSection;

typedef struct {
    /* owned */
    char *text;
    GPtrArray *sections; /* SystemSection, in order */
    Label label;         /* the join of all sections */
    /* plain */
    int64_t tokens; /* of text, with its template */
} SystemPrompt;

void system_prompt_build(const SystemPromptInput *input, SystemPrompt *out);
void system_prompt_clear(SystemPrompt *prompt);

/* Tokens of the system prompt and the tools at most. */
int64_t system_prompt_limit(const ModelTier *tier, int64_t window_tokens);

/* The text of data/prompts/<name>.md, embedded in the program. NULL when there is none. */
const char *prompt_text(const char *name);

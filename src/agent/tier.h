/*
 * agent/tier.h: how much a model of a given size can be asked, one row per tier.
 *
 * Measured (docs/decisions): a 135-million-parameter model fails with long prompts, tool schemas
 * and notes in one prompt; so each tier bounds the prompt, the answer and what goes into it.
 *
 *     const ModelTier *tier = model_tier_for(facts.n_parameters, is_local);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *name; /* "tiny", "small", "full" */
    const char *summary;
    int64_t max_parameters;  /* exclusive upper bound of this tier; INT64_MAX for the last */
    int64_t context_tokens;  /* window used; 0 = the model's own */
    int64_t fixed_tokens;    /* most of the prompt that is the same every time */
    int64_t prompt_tokens;   /* most of the whole prompt; 0 = window minus answer */
    int64_t answer_tokens;   /* default limit of the answer */
    bool has_tools;          /* tool schemas may be sent */
    const char *prompt_name; /* data/prompts/<name>.md */
    const char *notice;      /* once per session, NULL = none */
    const char *source;      /* what its answers say they came from */
} ModelTier;

/* Ordered by size, ended by a row with name NULL. */
extern const ModelTier model_tiers[];

/* The row for a parameter count; unknown (0) counts as tiny for a local model and as full for a
 * remote one. */
const ModelTier *model_tier_for(int64_t n_parameters, bool is_local);

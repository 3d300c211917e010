/*
 * provider/model_facts.h: what is known about the models of remote providers: window, longest
 * answer, price. One row per family, found by the beginning of the model's name.
 *
 *     const RemoteModel *model = remote_model_find("anthropic", "claude-sonnet-4-6");
 *     double cost = model_facts_cost_usd("openai", "gpt-4o", &usage);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "provider/message.h"
#include "provider/provider.h"

/* Window of a model that no row knows. */
#define REMOTE_CONTEXT_TOKENS 128000

/* How a model is told to think, where it has to be. */
typedef enum {
    THINKS_NONE,     /* it does not, or does so unasked */
    THINKS_BUDGET,   /* so many tokens (Anthropic up to 4.5) */
    THINKS_ADAPTIVE, /* as hard as it finds fit, within an effort (Anthropic from 4.6 on) */
    THINKS_EFFORT,   /* an effort (OpenAI's reasoning_effort) */
} ThinkingWay;

typedef struct {
    const char *start; /* of the model's name, lower case, without the maker ("openai/") */
    int64_t context_tokens;
    int64_t max_output_tokens;
    double input_usd;  /* per million tokens; 0 = not known */
    double output_usd; /* per million tokens */
    double cached_usd; /* per million tokens read from a cache */
    ThinkingWay thinking;
} RemoteModel;

/* Ended by a row with start NULL; more exact beginnings come first. */
extern const RemoteModel remote_models[];

/* The row, or NULL. "openai/gpt-4o" (as OpenRouter writes it) is found as "gpt-4o". */
const RemoteModel *remote_model_find(const char *model);

/* 0 when the price is not known, and for models on the user's own machines. */
double model_facts_cost_usd(const char *provider, const char *model, const Usage *usage);

/* ProviderOps.facts of a remote provider: from the table, no connection. */
bool remote_model_facts(Provider *provider, Cancel *cancel, ModelFacts *out, GError **error);

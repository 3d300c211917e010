/*
 * engine/sampler.h: from the model's numbers to the next token.
 *
 * The usual chain (penalty, top-k, top-p, min-p, temperature, dice) chooses; a grammar then has a
 * veto. Only when it vetoes is every candidate checked against it, which is slow: most tokens of a
 * model that follows the format pass at the first look.
 */
#pragma once

#include <glib.h>

#include "engine/model.h"

typedef struct EngineSampler EngineSampler;

/* ERR_USAGE when the grammar or a trigger pattern does not parse. */
EngineSampler *engine_sampler_new(const EngineModel *model, const EngineGenerate *request,
                                  GError **error);
void engine_sampler_free(EngineSampler *sampler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineSampler, engine_sampler_free)

/* Chooses and accepts the token behind the last one evaluated; -1 with *error when the grammar
 * leaves none. */
llama_token engine_sampler_choose(EngineSampler *sampler, GError **error);

/* The log-probabilities of the last evaluation: of `token` and of the `n_best` most likely ones.
 * Fills `choice`, which the caller clears. */
void engine_sampler_explain(const EngineModel *model, llama_token token, size_t n_best,
                            EngineChoice *choice);

/* ln of the sum of e^logit: what log-probabilities are counted from. */
double engine_sampler_log_sum(const float *logits, size_t n);

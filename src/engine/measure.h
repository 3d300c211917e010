/*
 * engine/measure.h: what the model thinks of given texts: log-probabilities and vectors.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "engine/model.h"

/* How likely each continuation is right behind the prompt. *out_excess: with ERR_LIMIT, how many
 * tokens too many. */
bool engine_score(EngineModel *model, const EngineScore *request, EngineScores *out_scores,
                  size_t *out_excess, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A vector of length 1 for a text; array of float. NULL with *error. */
GArray *engine_embed(EngineModel *model, const char *text, size_t *out_excess, GError **error);

/*
 * engine/generate.h: the loop from a prompt to an answer, piece by piece.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "engine/model.h"

/* Where a growing answer goes; false = the client is gone. */
typedef struct {
    bool (*on_text)(const char *text, size_t length, void *user_data);
    bool (*on_choice)(const EngineChoice *choice, void *user_data);
    void *user_data;
} EngineAnswerSink;

/* Evaluates the prompt, then generates. A stop by should_stop() while generating is no error: the
 * reason is ENGINE_STOP_CANCELLED and what was made has been sent. *out_excess: with ERR_LIMIT, how
 * many tokens too many. */
bool engine_generate(EngineModel *model, const EngineGenerate *request,
                     const EngineAnswerSink *sink, EngineDone *out_done, size_t *out_excess,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * engine/prompt.h: messages to prompt text to tokens.
 *
 * The model's own chat template does the wording. The words of a message never become special
 * tokens: a user who writes "<|im_end|>" (or a web page that does) sends these ten characters, not
 * the end of the turn.
 */
#pragma once

#include <stddef.h>

#include <glib.h>

#include "engine/model.h"

/* The prompt as text, e.g. to look at it. New string, or NULL with *error. */
char *engine_prompt_text(const EngineModel *model, const EnginePrompt *prompt, GError **error);

/* The prompt as tokens (llama_token); never empty. `out_n_fixed` (may be NULL): how many of them
 * belong to the first `n_fixed` messages. NULL with *error. */
GArray *engine_prompt_tokens(const EngineModel *model, const EnginePrompt *prompt,
                             size_t *out_n_fixed, GError **error);

typedef enum {
    ENGINE_ADD_SPECIAL = 1 << 0,   /* the begin token, as the model wants it */
    ENGINE_PARSE_SPECIAL = 1 << 1, /* special tokens in the text count as such */
} EngineTokenizeFlags;

/* Appends the tokens of `text`. */
void engine_prompt_append_tokens(const EngineModel *model, const char *text, size_t length,
                                 unsigned flags, GArray *tokens);

/* Appends the text of one token. Control tokens ("<|im_end|>") have one only with
 * `spells_control`. */
void engine_prompt_append_piece(const EngineModel *model, llama_token token, bool spells_control,
                                GString *text);

/* The tokens fit into the context with room for one more, or ERR_LIMIT says how many are too many;
 * *out_excess (may be NULL) the same as a number. */
bool engine_prompt_check_fits(const EngineModel *model, size_t n_tokens, size_t *out_excess,
                              GError **error);

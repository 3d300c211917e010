/*
 * engine/model.h: one loaded model and its one context.
 *
 * The context keeps what it evaluated last; engine_model_evaluate() only evaluates what differs, so
 * a conversation's next turn costs its new words. Single-threaded; the library's own threads live
 * inside a call.
 *
 *     EngineModel model = { 0 };
 *     if (!engine_model_load(&model, &request, &hooks, &loaded, error)) ...
 *     g_autoptr(GArray) tokens = engine_prompt_tokens(&model, &prompt, NULL, error);
 *     if (!engine_model_evaluate(&model, tokens, &n_cached, error)) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "engine/library.h"
#include "engine/messages.h"
#include "engine/threads.h"

/* What the model asks and tells while it works. */
typedef struct {
    bool (*should_stop)(void *user_data); /* cheap; called very often */
    void (*on_progress)(double fraction, void *user_data);
    void *user_data;
    const int *descriptors; /* stay open behind the confinement */
    size_t n_descriptors;
} EngineHooks;

typedef struct {
    EngineLibrary library;
    EngineHooks hooks;
    /* owned */
    struct llama_model *model;
    struct llama_context *context;
    struct llama_context *embedding_context; /* made on first use, else NULL */
    GArray *cached;                          /* llama_token: what the context holds, in order */
    char *template_text; /* for llama_chat_apply_template: the model's own or "chatml" */
    GString *complaint;  /* the library's last error line */
    /* borrowed from the model */
    const struct llama_vocab *vocab;
    /* state */
    EngineThreads threads;
    int n_threads;   /* in use */
    bool is_stopped; /* should_stop() said yes during the current request */
} EngineModel;

/* Opens the library, confines this process, then reads the model. Fills `loaded` (the caller clears
 * it). ERR_DATA when the file is no usable model. */
bool engine_model_load(EngineModel *model, const EngineLoad *request, const EngineHooks *hooks,
                       EngineLoaded *loaded, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void engine_model_clear(EngineModel *model);

/* Makes ready for a request: chooses the threads, forgets an old stop. */
void engine_model_begin(EngineModel *model);

/* Makes the context hold exactly `tokens` (llama_token), evaluating only what it does not hold yet,
 * at least the last one: its logits are there afterwards. *out_n_cached: how many were there
 * already. ERR_CANCELLED when should_stop() said so, ERR_LIMIT when they do not fit. */
bool engine_model_evaluate(EngineModel *model, const GArray *tokens, size_t *out_n_cached,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Evaluates one more token behind what is cached. */
bool engine_model_append(EngineModel *model, llama_token token,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Cuts the context (and `cached`) to its first `n` tokens; to 0 when the architecture cannot. */
void engine_model_cut(EngineModel *model, size_t n);

size_t engine_model_context_tokens(const EngineModel *model);

/* false with ERR_USAGE when the model makes no text (an embedding model). */
bool engine_model_check_generates(const EngineModel *model, GError **error);

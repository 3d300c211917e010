/*
 * provider/engine_client.h: the local engine as a set of calls that block.
 *
 * Starts the worker on first use, loads the model, keeps both until the idle time is over, and
 * starts it again after a crash (three in a row within a minute are enough). Whatever the file or
 * the library does, the answer is an error here, never the end of this process.
 *
 *     EngineOptions options = { .library_folder = folder, .model_path = path };
 *     g_autoptr(EngineClient) client = engine_client_new(&options);
 *     EngineGenerate request;
 *     engine_generate_init(&request);
 *     request.prompt.text = "Once upon a time";
 *     EngineListener listener = { .on_text = print_text };
 *     EngineDone done;
 *     if (!engine_client_generate(client, &request, &listener, &done, cancel, error)) ...
 *
 * Thread-safe: one request runs at a time, others wait. Callbacks run on the calling thread and
 * must not call back into the client.
 *
 * Errors: ERR_CANCELLED and ERR_TIMEOUT as `cancel` says; ERR_LIMIT for a prompt that does not fit;
 * ERR_DATA for a model file that is none; ERR_PROVIDER when the worker ended.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "base/cancel.h"
#include "engine/messages.h"

typedef struct {
    const char *program;        /* localgpt-engine; NULL = found by engine_process.h's rules */
    const char *library_folder; /* of libllama, absolute */
    const char *model_path;     /* of the GGUF, absolute */
    const char *model_name;     /* for messages; NULL = the file's name */
    const char *state_folder;   /* saved prompt states; NULL = none are kept */
    int64_t n_threads;          /* 0 = free physical cores */
    int64_t n_gpu_layers;
    int64_t context_tokens; /* 0 = the engine's default */
    int64_t idle_seconds;   /* 0 = never ends by itself */
    int64_t quiet_ms;       /* a load without progress for so long is given up; 0 = 2 minutes */
} EngineOptions;

/* Each may be NULL. */
typedef struct {
    void (*on_progress)(double fraction, void *user_data); /* loading, 0 to 1 */
    void (*on_text)(const char *text, size_t length, void *user_data);
    void (*on_choice)(const EngineChoice *choice, void *user_data);
    void *user_data;
} EngineListener;

typedef struct EngineClient EngineClient;

/* Copies the options. Starts nothing yet. */
EngineClient *engine_client_new(const EngineOptions *options);
void engine_client_free(EngineClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EngineClient, engine_client_free)

/* Starts and loads, unless that is done. *out_loaded (may be NULL) is borrowed until the next call
 * that starts anew. */
bool engine_client_start(EngineClient *client, const EngineListener *listener, Cancel *cancel,
                         const EngineLoaded **out_loaded, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the worker; the next request starts it again. */
void engine_client_stop(EngineClient *client);

/* The worker's process id, or -1. */
pid_t engine_client_pid(EngineClient *client);

/* Sensible numbers: temperature 0.7, top_k 40, top_p 0.95, min_p 0.05, no penalty, random. */
void engine_generate_init(EngineGenerate *request);

/* Streams an answer. `out_done` is filled on success and on cancel. With a state folder and
 * prompt.n_fixed > 0 the fixed part's state is restored or saved. */
bool engine_client_generate(EngineClient *client, const EngineGenerate *request,
                            const EngineListener *listener, EngineDone *out_done, Cancel *cancel,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tokens (int32_t) of a text, or NULL. */
GArray *engine_client_tokenize(EngineClient *client, const EngineTokenize *request, Cancel *cancel,
                               GError **error);

/* Text of tokens; new string of *out_length bytes (may be NULL), or NULL. */
char *engine_client_detokenize(EngineClient *client, const GArray *tokens, size_t *out_length,
                               Cancel *cancel, GError **error);

/* The prompt as the model gets it: new string, or NULL. *out_tokens (may be NULL): int32_t, owned
 * by the caller. */
char *engine_client_render(EngineClient *client, const EnginePrompt *prompt, GArray **out_tokens,
                           Cancel *cancel, GError **error);

/* How likely each continuation is; the caller clears with engine_scores_fields. */
bool engine_client_score(EngineClient *client, const EngineScore *request, EngineScores *out_scores,
                         Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A vector of length 1 (float), or NULL. */
GArray *engine_client_embed(EngineClient *client, const char *text, Cancel *cancel, GError **error);

/* Memory and speed of the running worker; ERR_NOT_FOUND when none runs (it is not started). */
bool engine_client_facts(EngineClient *client, EngineFacts *out_facts,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

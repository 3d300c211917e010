/* provider/engine_client.c: start, exchange, and one clear sentence when the worker ends. */
#include "provider/engine_client.h"

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "provider/engine_client-private.h"
#include "provider/engine_state_cache.h"

enum {
    DEFAULT_QUIET_MS = 120000,
    CANCEL_PATIENCE_MS = 3000, /* how long a cancelled worker may take to say so */
    MAX_FAILURES = 3,
};
#define FAILURE_MEMORY_US (60 * G_USEC_PER_SEC)

EngineClient *engine_client_new(const EngineOptions *options) {
    EngineClient *client = g_new0(EngineClient, 1);
    client->program = g_strdup(options->program);
    client->library_folder = g_strdup(options->library_folder);
    client->model_path = g_strdup(options->model_path);
    client->model_name = options->model_name != NULL ? g_strdup(options->model_name)
                                                     : g_path_get_basename(options->model_path);
    client->state_folder = g_strdup(options->state_folder);
    client->quiet_ms = options->quiet_ms > 0 ? options->quiet_ms : DEFAULT_QUIET_MS;
    client->load = (EngineLoad){
        .protocol = ENGINE_PROTOCOL_VERSION,
        .library_folder = client->library_folder,
        .model_path = client->model_path,
        .context_tokens = options->context_tokens,
        .n_threads = options->n_threads,
        .n_gpu_layers = options->n_gpu_layers,
        .idle_seconds = options->idle_seconds,
    };
    g_mutex_init(&client->lock);
    return client;
}

static void forget_worker(EngineClient *client) {
    g_clear_pointer(&client->process, engine_process_free);
    g_clear_pointer(&client->fixed_key, g_free);
    field_clear(engine_loaded_fields, &client->loaded);
    client->is_loaded = false;
}

void engine_client_free(EngineClient *client) {
    if (client == NULL) return;
    forget_worker(client);
    g_free(client->program);
    g_free(client->library_folder);
    g_free(client->model_path);
    g_free(client->model_name);
    g_free(client->state_folder);
    g_mutex_clear(&client->lock);
    g_free(client);
}

void engine_client_stop(EngineClient *client) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    forget_worker(client);
}

pid_t engine_client_pid(EngineClient *client) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    return client->process != NULL ? client->process->pid : -1;
}

void engine_generate_init(EngineGenerate *request) {
    *request = (EngineGenerate){
        .temperature = 0.7,
        .top_k = 40,
        .top_p = 0.95,
        .min_p = 0.05,
        .repeat_penalty = 1.0,
        .seed = -1,
        .n_choices = -1,
    };
}

/* The worker is gone or talks nonsense: ends it, and says so in one sentence. */
static void set_ended(EngineClient *client, const char *doing, const GError *cause,
                      GError **error) {
    client->n_failures++;
    client->last_failure_us = g_get_monotonic_time();
    if (!error_is(cause, ERR_PIPE_CLOSED)) {
        error_set(error, ERR_PROVIDER, "the local engine was stopped while %s: %s", doing,
                  cause->message);
        forget_worker(client);
        return;
    }
    g_autofree char *how = engine_process_end(client->process);
    client->was_idle = client->is_loaded && client->process->ended_well;
    g_autofree char *hint = g_strdup_printf(
        client->is_loaded ? "Try again: it starts anew. If it happens again: localgpt model info %s"
                          : "The file may be damaged: localgpt model info %s",
        client->model_name);
    error_set_with_hint(error, ERR_PROVIDER, hint, "the local engine stopped (%s) while %s%s",
                        how != NULL ? how : "no reason known", doing,
                        client->is_loaded ? "" : "; the file may be damaged");
    forget_worker(client);
}

static void take_error(EngineClient *client, const EngineFrame *frame, GError **error) {
    EngineError message = { 0 };
    if (!engine_message_decode(frame, &message, error)) return;
    client->excess_tokens = (size_t)MAX(message.excess_tokens, 0);
    g_autofree char *hint = NULL;
    if (message.code == ERR_LIMIT && message.excess_tokens > 0)
        hint = g_strdup("Shorten the conversation, or set 'engine.context' higher.");
    else if (message.code == ERR_DATA)
        hint = g_strdup_printf("Check the file: localgpt model info %s", client->model_name);
    const char *text = message.message != NULL ? message.message : "the local engine failed";
    if (hint != NULL)
        error_set_with_hint(error, (ErrorCode)message.code, hint, "%s", text);
    else
        error_set(error, (ErrorCode)message.code, "%s", text);
    if (message.is_final) forget_worker(client);
    field_clear(engine_error_fields, &message);
}

/* Frames on the way to the last one. false: this frame must not come here. */
static bool take_news(const EngineFrame *frame, const EngineListener *listener, GError **error) {
    if (frame->type == ENGINE_TEXT) {
        if (listener != NULL && listener->on_text != NULL)
            listener->on_text(frame->payload, frame->length, listener->user_data);
        return true;
    }
    if (frame->type == ENGINE_PROGRESS) {
        EngineProgress progress = { 0 };
        if (!engine_message_decode(frame, &progress, error)) return false;
        if (listener != NULL && listener->on_progress != NULL)
            listener->on_progress(CLAMP(progress.fraction, 0.0, 1.0), listener->user_data);
        return true;
    }
    if (frame->type == ENGINE_CHOICE) {
        EngineChoice choice = { 0 };
        if (!engine_message_decode(frame, &choice, error)) return false;
        if (listener != NULL && listener->on_choice != NULL)
            listener->on_choice(&choice, listener->user_data);
        field_clear(engine_choice_fields, &choice);
        return true;
    }
    error_set(error, ERR_DATA, "the frame '%s' is not expected here",
              engine_frame_name(frame->type));
    return false;
}

/* After `cancel`: tells the worker and waits for the end of the exchange, so that the next one
 * finds it ready; one that does not react is ended. `reply` is filled when the exchange ended well.
 */
static void settle_cancelled(EngineClient *client, const EngineCall *call,
                             const EngineListener *listener, EngineFrame *reply) {
    int64_t end_us = g_get_monotonic_time() + CANCEL_PATIENCE_MS * 1000;
    EngineWire *wire = client->process->wire;
    bool is_told = engine_wire_send(wire, ENGINE_CANCEL, NULL, 0, NULL);
    while (is_told && g_get_monotonic_time() < end_us) {
        g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
        if (!engine_wire_receive(wire, 100, NULL, &frame, NULL)) {
            if (engine_process_is_over(client->process)) break;
            continue;
        }
        if (frame.type == call->last) {
            *reply = frame;
            frame = (EngineFrame)ENGINE_FRAME_INIT;
            return;
        }
        if (frame.type == ENGINE_ERROR) {
            g_autoptr(GError) ignored = NULL;
            take_error(client, &frame, &ignored);
            return;
        }
        if (!take_news(&frame, listener, NULL)) break;
    }
    forget_worker(client);
}

bool engine_client_next(EngineClient *client, const EngineCall *call,
                        const EngineListener *listener, Cancel *cancel, EngineFrame *reply,
                        GError **error) {
    int timeout_ms = client->is_loaded ? -1 : (int)MIN(client->quiet_ms, G_MAXINT);
    for (;;) {
        g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
        g_autoptr(GError) local = NULL;
        if (!engine_wire_receive(client->process->wire, timeout_ms, cancel, &frame, &local)) {
            if (cancel_check(cancel, error)) {
                set_ended(client, call->doing, local, error);
                return false;
            }
            settle_cancelled(client, call, listener, reply);
            return false;
        }
        if (frame.type == call->last) {
            *reply = frame;
            frame = (EngineFrame)ENGINE_FRAME_INIT;
            return true;
        }
        if (frame.type == ENGINE_ERROR) {
            take_error(client, &frame, error);
            return false;
        }
        if (!take_news(&frame, listener, &local)) {
            set_ended(client, call->doing, local, error);
            return false;
        }
    }
}

bool engine_client_call(EngineClient *client, const EngineCall *call,
                        const EngineListener *listener, Cancel *cancel, EngineFrame *reply,
                        GError **error) {
    g_autoptr(GError) local = NULL;
    EngineWire *wire = client->process->wire;
    bool is_sent =
        call->descriptor >= 0
            ? engine_wire_send_descriptor(wire, call->type, call->payload, call->descriptor, &local)
            : engine_wire_send(wire, call->type, call->payload, call->length, &local);
    if (!is_sent) {
        if (error_is(local, ERR_LIMIT))
            g_propagate_error(error, g_steal_pointer(&local));
        else
            set_ended(client, call->doing, local, error);
        return false;
    }
    return engine_client_next(client, call, listener, cancel, reply, error);
}

/* Too many ends in a row: a machine or a file that cannot do it. */
static bool may_start(EngineClient *client, GError **error) {
    bool is_recent = g_get_monotonic_time() - client->last_failure_us < FAILURE_MEMORY_US;
    if (client->n_failures < MAX_FAILURES || !is_recent) return true;
    g_autofree char *hint =
        g_strdup_printf("Check the file: localgpt model info %s", client->model_name);
    error_set_with_hint(error, ERR_PROVIDER, hint,
                        "the local engine stopped %u times in a row; it is not started again for a "
                        "minute",
                        client->n_failures);
    return false;
}

/* The lock is held. Afterwards a loaded worker is there. */
static bool ensure_started(EngineClient *client, const EngineListener *listener, Cancel *cancel,
                           GError **error) {
    /* One that ended by itself, for being idle, is no failure. */
    if (client->process != NULL && engine_process_is_over(client->process)) forget_worker(client);
    if (client->process != NULL) return true;
    if (!cancel_check(cancel, error) || !may_start(client, error)) return false;
    client->process = engine_process_start(client->program, error);
    if (client->process == NULL) return false;
    g_autofree char *payload = field_encode(engine_load_fields, &client->load, FIELD_COMPACT);
    EngineCall call = { ENGINE_LOAD, payload,       strlen(payload),
                        -1,          ENGINE_LOADED, "reading the model" };
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    if (!engine_client_call(client, &call, listener, cancel, &reply, error)) {
        forget_worker(client); /* half loaded is of no use */
        return false;
    }
    if (!engine_message_decode(&reply, &client->loaded, error)) {
        forget_worker(client);
        return false;
    }
    client->is_loaded = true;
    return true;
}

bool engine_client_start(EngineClient *client, const EngineListener *listener, Cancel *cancel,
                         const EngineLoaded **out_loaded, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    if (!ensure_started(client, listener, cancel, error)) return false;
    if (out_loaded != NULL) *out_loaded = &client->loaded;
    return true;
}

/* One request, so that it can be made twice. */
typedef struct {
    EngineCall call;
    const EngineListener *listener; /* may be NULL */
    const EnginePrompt *fixed;      /* its state is restored or saved; NULL = there is none */
    EngineStateWrite *write;        /* with `fixed` */
} Ask;

static bool attempt(EngineClient *client, const Ask *ask, Cancel *cancel, EngineFrame *reply,
                    GError **error) {
    if (!ensure_started(client, ask->listener, cancel, error)) return false;
    if (ask->fixed != NULL &&
        !engine_state_cache_prepare(client, ask->fixed, cancel, ask->write, error))
        return false;
    if (!engine_client_call(client, &ask->call, ask->listener, cancel, reply, error)) return false;
    client->n_failures = 0;
    return true;
}

/* Starts when needed, then one exchange; once more when the worker just left for being idle. The
 * lock is held. */
static bool request(EngineClient *client, const Ask *ask, Cancel *cancel, EngineFrame *reply,
                    GError **error) {
    g_autoptr(GError) first = NULL;
    client->was_idle = false;
    if (attempt(client, ask, cancel, reply, &first)) return true;
    if (client->was_idle && reply->payload == NULL) {
        client->n_failures = 0;
        return attempt(client, ask, cancel, reply, error);
    }
    g_propagate_error(error, g_steal_pointer(&first));
    return false;
}

bool engine_client_generate(EngineClient *client, const EngineGenerate *request_in,
                            const EngineListener *listener, EngineDone *out_done, Cancel *cancel,
                            GError **error) {
    EngineStateWrite write = ENGINE_STATE_WRITE_INIT;
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    g_autofree char *payload = field_encode(engine_generate_fields, request_in, FIELD_COMPACT);
    Ask ask = {
        .call = { ENGINE_GENERATE, payload, strlen(payload), -1, ENGINE_DONE, "answering" },
        .listener = listener,
        .fixed = &request_in->prompt,
        .write = &write,
    };
    g_mutex_lock(&client->lock);
    bool is_ok = request(client, &ask, cancel, &reply, error);
    g_mutex_unlock(&client->lock);
    /* Filled as well when a cancelled worker told how far it came. */
    if (reply.payload != NULL && !engine_message_decode(&reply, out_done, is_ok ? error : NULL))
        is_ok = false;
    engine_state_cache_finish(client->state_folder, &write);
    return is_ok;
}

GArray *engine_client_tokenize(EngineClient *client, const EngineTokenize *request_in,
                               Cancel *cancel, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    g_autofree char *payload = field_encode(engine_tokenize_fields, request_in, FIELD_COMPACT);
    Ask ask = { .call = { ENGINE_TOKENIZE, payload, strlen(payload), -1, ENGINE_TOKENS,
                          "counting tokens" } };
    if (!request(client, &ask, cancel, &reply, error)) return NULL;
    return engine_tokens_decode(&reply, error);
}

char *engine_client_detokenize(EngineClient *client, const GArray *tokens, size_t *out_length,
                               Cancel *cancel, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    Ask ask = { .call = { ENGINE_DETOKENIZE, tokens->data, tokens->len * sizeof(int32_t), -1,
                          ENGINE_BYTES, "spelling tokens" } };
    if (!request(client, &ask, cancel, &reply, error)) return NULL;
    if (out_length != NULL) *out_length = reply.length;
    return g_steal_pointer(&reply.payload);
}

char *engine_client_render(EngineClient *client, const EnginePrompt *prompt, GArray **out_tokens,
                           Cancel *cancel, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    g_auto(EngineFrame) text = ENGINE_FRAME_INIT, tokens = ENGINE_FRAME_INIT,
                        fixed = ENGINE_FRAME_INIT;
    EngineRender message = { .prompt = *prompt };
    g_autofree char *payload = field_encode(engine_render_fields, &message, FIELD_COMPACT);
    Ask ask = { .call = { ENGINE_RENDER, payload, strlen(payload), -1, ENGINE_BYTES,
                          "rendering a prompt" } };
    if (!request(client, &ask, cancel, &text, error)) return NULL;
    ask.call.last = ENGINE_TOKENS;
    if (!engine_client_next(client, &ask.call, NULL, cancel, &tokens, error) ||
        !engine_client_next(client, &ask.call, NULL, cancel, &fixed, error))
        return NULL;
    if (out_tokens != NULL) {
        *out_tokens = engine_tokens_decode(&tokens, error);
        if (*out_tokens == NULL) return NULL;
    }
    return g_steal_pointer(&text.payload);
}

bool engine_client_score(EngineClient *client, const EngineScore *request_in,
                         EngineScores *out_scores, Cancel *cancel, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    g_autofree char *payload = field_encode(engine_score_fields, request_in, FIELD_COMPACT);
    Ask ask = { .call = { ENGINE_SCORE, payload, strlen(payload), -1, ENGINE_SCORES, "weighing" } };
    return request(client, &ask, cancel, &reply, error) &&
           engine_message_decode(&reply, out_scores, error);
}

GArray *engine_client_embed(EngineClient *client, const char *text, Cancel *cancel,
                            GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    EngineEmbed message = { .text = (char *)(uintptr_t)text };
    g_autofree char *payload = field_encode(engine_embed_fields, &message, FIELD_COMPACT);
    Ask ask = { .call = { ENGINE_EMBED, payload, strlen(payload), -1, ENGINE_VECTOR,
                          "making a vector" } };
    if (!request(client, &ask, cancel, &reply, error)) return NULL;
    GArray *vector = g_array_new(FALSE, FALSE, sizeof(float));
    g_array_append_vals(vector, reply.payload, (guint)(reply.length / sizeof(float)));
    return vector;
}

bool engine_client_facts(EngineClient *client, EngineFacts *out_facts, GError **error) {
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&client->lock);
    if (client->process == NULL || engine_process_is_over(client->process)) {
        error_set(error, ERR_NOT_FOUND, "the local engine does not run");
        return false;
    }
    g_auto(EngineFrame) reply = ENGINE_FRAME_INIT;
    EngineCall call = { ENGINE_STATS, NULL, 0, -1, ENGINE_FACTS, "telling its numbers" };
    return engine_client_call(client, &call, NULL, NULL, &reply, error) &&
           engine_message_decode(&reply, out_facts, error);
}

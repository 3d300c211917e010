/* engine/server.c: one table row per request; between tokens a look at the socket for a cancel. */
#include "engine/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/error.h"
#include "engine/generate.h"
#include "engine/measure.h"
#include "engine/messages.h"
#include "engine/model.h"
#include "engine/prompt.h"
#include "engine/state.h"
#include "engine/wire.h"

/* How often a long computation looks at the socket. */
#define LOOK_INTERVAL_US 2000

typedef struct {
    EngineWire *wire;  /* owned */
    EngineModel model; /* cleared at the end */
    bool is_loaded;
    bool is_over; /* the client is gone or broke the protocol: answer nothing more */
    int exit_status;
    int statm_fd;         /* /proc/self/statm, open since before the confinement */
    int64_t last_look_us; /* at the socket */
    double last_progress;
    int64_t idle_seconds;
    size_t excess_tokens; /* of the current request's ERR_LIMIT */
    EngineFacts facts;
    double prompt_seconds, generation_seconds; /* behind the speeds in `facts` */
} Server;

/* Everything but a cancel breaks the protocol while a request runs. */
static bool look_for_cancel(Server *server) {
    g_autoptr(GError) error = NULL;
    g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
    if (engine_wire_receive(server->wire, 0, NULL, &frame, &error)) {
        if (frame.type == ENGINE_CANCEL) return true;
        server->is_over = true;
        server->exit_status = 1;
        return true;
    }
    if (error_is(error, ERR_TIMEOUT)) return false;
    server->is_over = true;
    return true;
}

static bool should_stop(void *user_data) {
    Server *server = user_data;
    if (server->is_over) return true;
    int64_t now_us = g_get_monotonic_time();
    if (now_us - server->last_look_us < LOOK_INTERVAL_US) return false;
    server->last_look_us = now_us;
    return look_for_cancel(server);
}

static void on_progress(double fraction, void *user_data) {
    Server *server = user_data;
    if (fraction < 1.0 && fraction - server->last_progress < 0.01) return;
    server->last_progress = fraction;
    EngineProgress progress = { .fraction = fraction };
    if (!engine_message_send(server->wire, ENGINE_PROGRESS, &progress, NULL))
        server->is_over = true;
}

static bool on_text(const char *text, size_t length, void *user_data) {
    Server *server = user_data;
    return engine_wire_send(server->wire, ENGINE_TEXT, text, length, NULL);
}

static bool on_choice(const EngineChoice *choice, void *user_data) {
    Server *server = user_data;
    return engine_message_send(server->wire, ENGINE_CHOICE, choice, NULL);
}

static bool send_tokens(Server *server, const GArray *tokens, GError **error) {
    /* Little endian on the wire; so are the machines the library runs on. */
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    return engine_wire_send(server->wire, ENGINE_TOKENS, tokens->data,
                            tokens->len * sizeof(llama_token), error);
}

static bool serve_load(Server *server, EngineFrame *frame, GError **error) {
    EngineLoad request = { 0 };
    EngineLoaded loaded = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    bool is_ok = false;
    if (request.protocol != ENGINE_PROTOCOL_VERSION) {
        error_set(error, ERR_USAGE,
                  "the client speaks version %" G_GINT64_FORMAT
                  " of the engine's protocol, this engine %d",
                  request.protocol, ENGINE_PROTOCOL_VERSION);
    } else {
        const int kept[] = { engine_wire_fd(server->wire), server->statm_fd };
        EngineHooks hooks = { .should_stop = should_stop,
                              .on_progress = on_progress,
                              .user_data = server,
                              .descriptors = kept,
                              .n_descriptors = server->statm_fd >= 0 ? 2 : 1 };
        is_ok = engine_model_load(&server->model, &request, &hooks, &loaded, error) &&
                engine_message_send(server->wire, ENGINE_LOADED, &loaded, error);
        server->model.hooks.descriptors = NULL; /* they lived on this stack */
        server->idle_seconds = request.idle_seconds;
        server->is_loaded = is_ok;
    }
    field_clear(engine_load_fields, &request);
    field_clear(engine_loaded_fields, &loaded);
    return is_ok;
}

static bool serve_tokenize(Server *server, EngineFrame *frame, GError **error) {
    EngineTokenize request = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    unsigned flags = (request.add_special ? ENGINE_ADD_SPECIAL : 0u) |
                     (request.parse_special ? ENGINE_PARSE_SPECIAL : 0u);
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
    engine_prompt_append_tokens(&server->model, request.text, strlen(request.text), flags, tokens);
    field_clear(engine_tokenize_fields, &request);
    return send_tokens(server, tokens, error);
}

static bool serve_detokenize(Server *server, EngineFrame *frame, GError **error) {
    g_autoptr(GArray) tokens = engine_tokens_decode(frame, error);
    if (tokens == NULL) return false;
    int32_t n_vocabulary = server->model.library.llama_vocab_n_tokens(server->model.vocab);
    for (guint i = 0; i < tokens->len; i++) {
        llama_token token = g_array_index(tokens, llama_token, i);
        if (token >= 0 && token < n_vocabulary) continue;
        error_set(error, ERR_USAGE, "the model has no token %d (0 to %d)", token, n_vocabulary - 1);
        return false;
    }
    size_t room = tokens->len * 16 + 64;
    g_autofree char *text = g_malloc(room);
    for (int attempt = 0; attempt < 2; attempt++) {
        int32_t n = server->model.library.llama_detokenize(
            server->model.vocab, (const llama_token *)(void *)tokens->data, (int32_t)tokens->len,
            text, (int32_t)room, false, true);
        if (n >= 0) return engine_wire_send(server->wire, ENGINE_BYTES, text, (size_t)n, error);
        room = (size_t)-n;
        text = g_realloc(text, room);
    }
    error_set(error, ERR_PROVIDER, "the engine library gave no text for these tokens");
    return false;
}

static bool serve_render(Server *server, EngineFrame *frame, GError **error) {
    EngineRender request = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    size_t n_fixed = 0;
    g_autofree char *text = engine_prompt_text(&server->model, &request.prompt, error);
    g_autoptr(GArray) tokens =
        text != NULL ? engine_prompt_tokens(&server->model, &request.prompt, &n_fixed, error)
                     : NULL;
    field_clear(engine_render_fields, &request);
    if (tokens == NULL) return false;
    if (!engine_wire_send(server->wire, ENGINE_BYTES, text, strlen(text), error) ||
        !send_tokens(server, tokens, error))
        return false;
    g_array_set_size(tokens, (guint)n_fixed);
    return send_tokens(server, tokens, error);
}

static void note_speed(Server *server, const EngineDone *done) {
    EngineFacts *facts = &server->facts;
    facts->n_prompt_tokens += done->n_prompt - done->n_cached;
    facts->n_generated_tokens += done->n_generated;
    server->prompt_seconds += done->prompt_ms / 1e3;
    server->generation_seconds += done->generation_ms / 1e3;
    if (server->prompt_seconds > 0)
        facts->prompt_tokens_per_second = (double)facts->n_prompt_tokens / server->prompt_seconds;
    if (server->generation_seconds > 0)
        facts->generated_tokens_per_second =
            (double)facts->n_generated_tokens / server->generation_seconds;
}

static bool serve_generate(Server *server, EngineFrame *frame, GError **error) {
    EngineGenerate request = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    EngineAnswerSink sink = { on_text, on_choice, server };
    EngineDone done = { 0 };
    bool is_ok =
        engine_generate(&server->model, &request, &sink, &done, &server->excess_tokens, error);
    field_clear(engine_generate_fields, &request);
    if (!is_ok) return false;
    if (done.state_bytes > 0)
        done.state_bytes =
            (int64_t)engine_state_file_bytes(server->model.cached->len, (size_t)done.state_bytes);
    note_speed(server, &done);
    return engine_message_send(server->wire, ENGINE_DONE, &done, error);
}

static bool serve_score(Server *server, EngineFrame *frame, GError **error) {
    EngineScore request = { 0 };
    EngineScores scores = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    bool is_ok = engine_score(&server->model, &request, &scores, &server->excess_tokens, error) &&
                 engine_message_send(server->wire, ENGINE_SCORES, &scores, error);
    field_clear(engine_score_fields, &request);
    field_clear(engine_scores_fields, &scores);
    return is_ok;
}

static bool serve_embed(Server *server, EngineFrame *frame, GError **error) {
    EngineEmbed request = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    g_autoptr(GArray) vector =
        engine_embed(&server->model, request.text, &server->excess_tokens, error);
    field_clear(engine_embed_fields, &request);
    if (vector == NULL) return false;
    return engine_wire_send(server->wire, ENGINE_VECTOR, vector->data, vector->len * sizeof(float),
                            error);
}

static bool serve_state(Server *server, EngineFrame *frame, GError **error) {
    EngineStateRequest request = { 0 };
    if (!engine_message_decode(frame, &request, error)) return false;
    EngineState state = { 0 };
    bool is_ok = false;
    if (frame->descriptor < 0)
        error_set(error, ERR_USAGE, "no file came with the request");
    else if (frame->type == ENGINE_STATE_SAVE)
        is_ok = engine_state_save(&server->model, request.fingerprint, frame->descriptor, &state,
                                  error);
    else
        is_ok = engine_state_restore(&server->model, request.fingerprint, frame->descriptor, &state,
                                     error);
    field_clear(engine_state_request_fields, &request);
    return is_ok && engine_message_send(server->wire, ENGINE_STATE, &state, error);
}

static int64_t resident_bytes(const Server *server) {
    char text[128];
    ssize_t length = pread(server->statm_fd, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = '\0';
    long long pages = 0;
    if (sscanf(text, "%*d %lld", &pages) != 1) return 0;
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static bool serve_stats(Server *server, EngineFrame *frame, GError **error) {
    (void)frame;
    EngineFacts facts = server->facts;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    facts.cpu_seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    facts.resident_bytes = resident_bytes(server);
    facts.n_threads = server->model.n_threads;
    return engine_message_send(server->wire, ENGINE_FACTS, &facts, error);
}

typedef struct {
    EngineFrameType type;
    bool (*serve)(Server *server, EngineFrame *frame, GError **error);
} RequestRow;

static const RequestRow request_rows[] = {
    { ENGINE_LOAD, serve_load },
    { ENGINE_TOKENIZE, serve_tokenize },
    { ENGINE_DETOKENIZE, serve_detokenize },
    { ENGINE_RENDER, serve_render },
    { ENGINE_GENERATE, serve_generate },
    { ENGINE_SCORE, serve_score },
    { ENGINE_EMBED, serve_embed },
    { ENGINE_STATE_SAVE, serve_state },
    { ENGINE_STATE_RESTORE, serve_state },
    { ENGINE_STATS, serve_stats },
};

static const RequestRow *find_row(EngineFrameType type) {
    for (size_t i = 0; i < G_N_ELEMENTS(request_rows); i++)
        if (request_rows[i].type == type) return &request_rows[i];
    return NULL;
}

/* Tells the client; ends the server when it cannot, or when there is nothing to go on with. */
static void send_error(Server *server, const GError *error, bool is_final) {
    EngineError message = {
        .code = error->domain == ERR ? error->code : ERR_FAILED,
        .message = error->message,
        .is_final = is_final,
        .excess_tokens = (int64_t)server->excess_tokens,
    };
    if (!engine_message_send(server->wire, ENGINE_ERROR, &message, NULL)) is_final = true;
    if (!is_final) return;
    server->is_over = true;
    server->exit_status = 1;
}

static void serve_frame(Server *server, EngineFrame *frame) {
    g_autoptr(GError) error = NULL;
    if (frame->type == ENGINE_CANCEL) return; /* what it meant is over already */
    const RequestRow *row = find_row(frame->type);
    /* The first request loads, and only the first. */
    bool is_expected = row != NULL && (frame->type == ENGINE_LOAD) != server->is_loaded;
    if (!is_expected) {
        error_set(&error, ERR_USAGE, "the frame '%s' is not expected here",
                  engine_frame_name(frame->type));
        send_error(server, error, /* is_final= */ true);
        return;
    }
    int64_t start_us = g_get_monotonic_time();
    server->excess_tokens = 0;
    if (server->is_loaded) {
        engine_model_begin(&server->model);
        server->facts.n_requests++;
    }
    bool is_ok = row->serve(server, frame, &error);
    if (server->is_loaded)
        engine_threads_note_work(&server->model.threads, server->model.n_threads, start_us);
    if (is_ok || server->is_over) return;
    send_error(server, error, /* is_final= */ !server->is_loaded);
}

static int idle_timeout_ms(const Server *server) {
    if (server->idle_seconds <= 0) return -1;
    return (int)MIN(server->idle_seconds, G_MAXINT / 1000) * 1000;
}

int engine_server_run(int socket_fd) {
    Server server = { .wire = engine_wire_new(socket_fd),
                      .statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC) };
    while (!server.is_over) {
        g_autoptr(GError) error = NULL;
        g_auto(EngineFrame) frame = ENGINE_FRAME_INIT;
        if (engine_wire_receive(server.wire, idle_timeout_ms(&server), NULL, &frame, &error)) {
            serve_frame(&server, &frame);
            continue;
        }
        if (error_is(error, ERR_DATA)) send_error(&server, error, /* is_final= */ true);
        server.is_over = true; /* closed, broken, or idle for long enough */
    }
    engine_model_clear(&server.model);
    engine_wire_free(server.wire);
    if (server.statm_fd >= 0) close(server.statm_fd);
    return server.exit_status;
}

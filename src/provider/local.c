/* provider/local.c: ChatRequest to EngineGenerate, and the engine's answer to a Message. */
#include "provider/local.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/local_tools.h"

/* Below this a model repeats itself without a penalty, and rambles when it is warm. */
#define TINY_PARAMETERS INT64_C(1000000000)
#define SMALL_PARAMETERS INT64_C(4000000000)

enum { SMALL_CONTEXT = 4096, FULL_CONTEXT = 16384, DEFAULT_ANSWER_TOKENS = 1024 };

typedef struct {
    StoredModel *model;       /* owned; NULL until the first use */
    EngineClient *client;     /* owned; NULL until the first use */
    const ToolFormat *format; /* NULL until the first use */
} Local;

int64_t local_context_tokens(const EngineConfig *config, const StoredModel *model) {
    int64_t wanted = model->n_parameters >= SMALL_PARAMETERS ? FULL_CONTEXT : SMALL_CONTEXT;
    if (config != NULL && config->context > 0) wanted = config->context;
    return model->context_tokens > 0 ? MIN(wanted, model->context_tokens) : wanted;
}

EngineClient *local_engine_client_new(const Paths *paths, const EngineConfig *config,
                                      const StoredModel *model) {
    bool has_library = config != NULL && config->library != NULL && config->library[0] != '\0';
    g_autofree char *library = has_library ? paths_expand_home(paths, config->library)
                                           : g_build_filename(paths->data, "engine", NULL);
    g_autofree char *states = g_build_filename(paths->cache, "engine", NULL);
    EngineOptions options = {
        .library_folder = library,
        .model_path = model->path,
        .model_name = model->name,
        .state_folder = states,
        .context_tokens = local_context_tokens(config, model),
        .n_threads = config != NULL ? config->threads : 0,
        .n_gpu_layers = config != NULL ? config->gpu_layers : 0,
        .idle_seconds = config != NULL ? config->idle_timeout : 0,
    };
    return engine_client_new(&options);
}

static bool find_model(Provider *self, GError **error) {
    Local *local = self->priv;
    if (local->model != NULL) return true;
    local->model = model_store_resolve(self->settings.paths, self->model, error);
    return local->model != NULL;
}

static bool make_ready(Provider *self, GError **error) {
    Local *local = self->priv;
    if (local->client != NULL) return true;
    if (!find_model(self, error)) return false;
    if (local->model->problem != NULL) {
        error_set_with_hint(error, ERR_DATA, "See 'localgpt model list'.",
                            "the model '%s' cannot be used: %s", local->model->name,
                            local->model->problem);
        return false;
    }
    local->format = local_tools_format(local->model);
    local->client =
        local_engine_client_new(self->settings.paths, self->settings.shared, local->model);
    return true;
}

/* Nothing is opened before it is needed. */
static bool local_open(Provider *self, GError **error) {
    (void)self;
    (void)error;
    return true;
}

static void local_close(Provider *self) {
    Local *local = self->priv;
    engine_client_free(local->client);
    stored_model_free(local->model);
}

static void add_message(GPtrArray *messages, const char *role, char *content) {
    EngineChatMessage *message = g_new0(EngineChatMessage, 1);
    message->role = g_strdup(role);
    message->content = text_make_valid(content, strlen(content));
    g_free(content);
    g_ptr_array_add(messages, message);
}

/* The engine's names of the roles: as chat templates know them. */
static const char *const engine_roles[] = {
    [ROLE_SYSTEM] = "system",
    [ROLE_USER] = "user",
    [ROLE_ASSISTANT] = "assistant",
};

/* Several results are one message: templates want the roles to take turns. */
static void add_result(GPtrArray *messages, const char *role, char *content, bool is_next) {
    if (!is_next) {
        add_message(messages, role, content);
        return;
    }
    EngineChatMessage *last = g_ptr_array_index(messages, messages->len - 1);
    g_autofree char *before = last->content;
    last->content = g_strconcat(before, "\n", content, NULL);
    g_free(content);
}

static void fill_prompt(const ToolFormat *format, const ChatRequest *request,
                        EnginePrompt *prompt) {
    prompt->messages = g_ptr_array_new();
    g_autofree char *system = local_tools_system(format, request);
    if (system[0] != '\0') {
        add_message(prompt->messages, "system", g_steal_pointer(&system));
        prompt->n_fixed = 1;
    }
    bool was_result = false;
    for (guint i = 0; request->messages != NULL && i < request->messages->len; i++) {
        const Message *message = g_ptr_array_index(request->messages, i);
        bool is_result = message->role == ROLE_TOOL_RESULT;
        char *text = local_tools_message_text(format, message);
        if (is_result)
            add_result(prompt->messages, format->result_role, text, was_result);
        else
            add_message(prompt->messages, engine_roles[message->role], text);
        was_result = is_result;
    }
}

static void fill_sampling(const Local *local, const ChatRequest *request,
                          EngineGenerate *generate) {
    bool is_tiny = local->model->n_parameters < TINY_PARAMETERS;
    generate->temperature = is_tiny ? 0.0 : 0.7;
    /* A call repeats what stands in the prompt: names, keys, quotes. */
    generate->repeat_penalty = is_tiny && request->n_tools == 0 ? 1.1 : 1.0;
    if (request->temperature >= 0) generate->temperature = request->temperature;
    generate->max_tokens =
        request->max_output_tokens > 0 ? request->max_output_tokens : DEFAULT_ANSWER_TOKENS;
    if (request->grammar == NULL) return;
    generate->grammar = g_strdup(request->grammar);
    if (request->grammar_trigger == NULL) return;
    generate->trigger_patterns = g_new0(char *, 2);
    generate->trigger_patterns[0] = g_strdup(request->grammar_trigger);
    generate->shows_special = true; /* "[TOOL_CALLS]" is one token in some families */
}

typedef struct {
    StreamFn on_stream;
    void *user_data;
    GString *text;              /* owned: all of the answer so far */
    const ChatRequest *request; /* borrowed */
    const ToolFormat *format;   /* when there are tools, else NULL: calls are not shown */
    size_t n_shown;
    int64_t start_us, first_token_us;
} Answer;

static void on_progress(double fraction, void *user_data) {
    Answer *answer = user_data;
    StreamEvent event = { STREAM_PROGRESS, "loading the model", fraction, 0 };
    if (answer->on_stream != NULL) answer->on_stream(&event, answer->user_data);
}

static void show_up_to(Answer *answer, size_t length) {
    if (length <= answer->n_shown) return;
    g_autofree char *piece =
        g_strndup(answer->text->str + answer->n_shown, length - answer->n_shown);
    answer->n_shown = length;
    StreamEvent event = { STREAM_TEXT, piece, 0, 0 };
    if (answer->on_stream != NULL) answer->on_stream(&event, answer->user_data);
}

static void on_text(const char *text, size_t length, void *user_data) {
    Answer *answer = user_data;
    if (answer->first_token_us == 0) answer->first_token_us = g_get_monotonic_time();
    g_string_append_len(answer->text, text, (gssize)length);
    size_t plain = answer->text->len;
    if (answer->format != NULL)
        plain = tool_format_plain_length(answer->format, answer->text->str, plain);
    show_up_to(answer, plain);
}

static StopReason stop_reason(bool is_ok, const EngineDone *done, const GError *error) {
    if (!is_ok)
        return error_is(error, ERR_CANCELLED) || error_is(error, ERR_TIMEOUT) ? STOP_ABORTED
                                                                              : STOP_ERROR;
    return done->reason == ENGINE_STOP_LENGTH ? STOP_LENGTH : STOP_END;
}

/* The parts and why it ended. What looked like the start of a call and was none is shown late. */
static void fill_parts(const Local *local, Answer *answer, Message *message) {
    bool is_whole = message->stop_reason == STOP_END;
    bool has_calls = local_tools_take(local->format, answer->request, answer->text->str,
                                      /* is_cut= */ !is_whole, message);
    if (!has_calls && is_whole) show_up_to(answer, answer->text->len);
    if (has_calls) message->stop_reason = STOP_TOOL_USE;
}

static void fill_result(Provider *self, Answer *answer, const EngineDone *done, const GError *error,
                        ChatResult *out) {
    Local *local = self->priv;
    out->duration_ms = (g_get_monotonic_time() - answer->start_us) / 1000;
    out->cached_tokens = done->n_cached;
    if (answer->first_token_us > 0)
        out->first_token_ms = (answer->first_token_us - answer->start_us) / 1000;
    if (error != NULL && answer->text->len == 0) return;
    Message *message = message_new(ROLE_ASSISTANT);
    message->stop_reason = stop_reason(error == NULL, done, error);
    fill_parts(local, answer, message);
    message->provider = g_strdup("local");
    message->model = g_strdup(local->model->name);
    message->usage.input_tokens = done->n_prompt - done->n_cached;
    message->usage.cache_read_tokens = done->n_cached;
    message->usage.output_tokens = done->n_generated;
    if (message->stop_reason == STOP_ERROR && error != NULL)
        message->error_message = g_strdup(error->message);
    out->message = message;
}

static bool local_stream(Provider *self, const ChatRequest *request, StreamFn on_stream,
                         void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    Local *local = self->priv;
    Answer answer = { .on_stream = on_stream, .user_data = user_data, .request = request };
    answer.start_us = g_get_monotonic_time();
    if (!make_ready(self, error)) return false;
    EngineGenerate generate;
    engine_generate_init(&generate);
    fill_prompt(local->format, request, &generate.prompt);
    fill_sampling(local, request, &generate);
    local_tools_constrain(local->format, request, &generate);
    if (request->n_tools > 0) answer.format = local->format;
    answer.text = g_string_new(NULL);
    EngineListener listener = { .on_progress = on_progress,
                                .on_text = on_text,
                                .user_data = &answer };
    EngineDone done = { 0 };
    g_autoptr(GError) failure = NULL;
    bool is_ok =
        engine_client_generate(local->client, &generate, &listener, &done, cancel, &failure);
    field_clear(engine_generate_fields, &generate);
    fill_result(self, &answer, &done, failure, out);
    g_string_free(answer.text, TRUE);
    if (is_ok) return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static int64_t local_count_tokens(Provider *self, const char *text, GError **error) {
    Local *local = self->priv;
    if (!make_ready(self, error)) return -1;
    g_autofree char *valid = text_make_valid(text, strlen(text));
    EngineTokenize request = { .text = valid };
    g_autoptr(GArray) tokens = engine_client_tokenize(local->client, &request, NULL, error);
    return tokens != NULL ? (int64_t)tokens->len : -1;
}

/* From the file's header: nothing is loaded for it. */
static bool local_facts(Provider *self, Cancel *cancel, ModelFacts *out, GError **error) {
    (void)cancel;
    Local *local = self->priv;
    if (!find_model(self, error)) return false;
    *out = (ModelFacts){
        .name = g_strdup(local->model->name),
        .architecture = g_strdup(local->model->architecture),
        .n_parameters = local->model->n_parameters,
        .context_tokens = local_context_tokens(self->settings.shared, local->model),
        .size_bytes = local->model->size_bytes,
        .has_template = true, /* its own, or ChatML */
    };
    return true;
}

const ProviderOps local_provider_ops = {
    .name = "local",
    .summary = "A model on this machine: no key, no network.",
    .other_name = "builtin",
    .private_size = sizeof(Local),
    .caps = PROVIDER_TOOLS | PROVIDER_GRAMMAR | PROVIDER_LOCAL,
    .open = local_open,
    .stream = local_stream,
    .count_tokens = local_count_tokens,
    .facts = local_facts,
    .close = local_close,
};

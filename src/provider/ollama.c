/* provider/ollama.c: Ollama's own chat interface, streamed. */
#include "provider/ollama.h"

#include <string.h>

#include "base/error.h"
#include "provider/model_server.h"
#include "provider/ollama_request.h"
#include "provider/provider_config.h"

/* The window when the owner sets none: the memory for a larger one may not be there. */
#define DEFAULT_CONTEXT_TOKENS 16384

typedef struct {
    ModelServer server;
    bool refuses_tools;
    bool refuses_thinking;
} Ollama;

/* ---- the stream ---- */

static void take_call(Answer *answer, const json_t *json) {
    const json_t *function = json_object_get(json, "function");
    AnswerPart *call = answer_begin_part(answer, PART_TOOL_CALL, answer->parts->len);
    call->call_id = g_strdup(json_string_value(json_object_get(json, "id")));
    call->call_name = g_strdup(json_string_value(json_object_get(function, "name")));
    const json_t *arguments = json_object_get(function, "arguments");
    g_autofree char *text = arguments != NULL ? field_json_text(arguments, FIELD_COMPACT) : NULL;
    answer_append(answer, call, text);
}

static void take_end(Answer *answer, const json_t *json) {
    const char *reason = json_string_value(json_object_get(json, "done_reason"));
    answer->is_complete = true;
    answer->stop_reason = g_strcmp0(reason, "length") == 0 ? STOP_LENGTH : STOP_END;
    answer->usage.input_tokens =
        (int64_t)json_integer_value(json_object_get(json, "prompt_eval_count"));
    answer->usage.output_tokens = (int64_t)json_integer_value(json_object_get(json, "eval_count"));
}

static bool on_piece(const char *type, const json_t *json, void *user_data, GError **error) {
    Answer *answer = user_data;
    (void)type;
    const json_t *problem = json_object_get(json, "error");
    if (problem != NULL) {
        model_server_set_error(problem, error);
        return false;
    }
    const json_t *message = json_object_get(json, "message");
    answer_set_model(answer, json_string_value(json_object_get(json, "model")));
    const char *thinking = json_string_value(json_object_get(message, "thinking"));
    const char *text = json_string_value(json_object_get(message, "content"));
    if (thinking != NULL && thinking[0] != '\0')
        answer_append(answer, answer_part(answer, PART_THINKING, ANSWER_GOES_ON), thinking);
    if (text != NULL && text[0] != '\0')
        answer_append(answer, answer_part(answer, PART_TEXT, ANSWER_GOES_ON), text);
    const json_t *calls = json_object_get(message, "tool_calls");
    size_t index;
    const json_t *call;
    json_array_foreach (calls, index, call) take_call(answer, call);
    if (json_is_true(json_object_get(json, "done"))) take_end(answer, json);
    return true;
}

/* ---- the operations ---- */

/* Notes that the model refuses what `mark` says; false when it did not, or did so before. */
static bool learn(bool *refuses, const char *mark, const GError *failure) {
    if (*refuses || strstr(failure->message, mark) == NULL) return false;
    *refuses = true;
    return true;
}

/* Whether the model refused what can be left out, and only now. */
static bool learn_from(Ollama *ollama, const char *model, const Answer *answer,
                       const GError *failure) {
    if (answer_has_begun(answer)) return false;
    const char *what = NULL;
    if (learn(&ollama->refuses_tools, "does not support tools", failure))
        what = "support tools; asked again without them";
    if (learn(&ollama->refuses_thinking, "does not support thinking", failure))
        what = "think; asked again without that";
    if (what == NULL) return false;
    g_autofree char *text = g_strdup_printf("the model %s does not %s", model, what);
    answer_tell(answer, text, 0);
    return true;
}

static bool ollama_stream(Provider *self, const ChatRequest *request, StreamFn on_stream,
                          void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    Ollama *ollama = self->priv;
    g_auto(Answer) answer;
    answer_init(&answer, on_stream, user_data);
    OllamaChoice choice = {
        .model = request->model != NULL && request->model[0] != '\0' ? request->model : self->model,
        .context_tokens =
            request->context_tokens > 0 ? request->context_tokens : DEFAULT_CONTEXT_TOKENS
    };
    ServerCall call = { .path = "/api/chat",
                        .framing = SERVER_LINES,
                        .answer = &answer,
                        .on_piece = on_piece,
                        .user_data = &answer };
    for (;;) {
        choice.has_tools = !ollama->refuses_tools;
        choice.can_think = !ollama->refuses_thinking;
        g_autofree char *body = ollama_request_encode(request, &choice);
        g_autoptr(GError) failure = NULL;
        call.body = body;
        if (model_server_call(&ollama->server, &call, cancel, &failure) ||
            !learn_from(ollama, choice.model, &answer, failure))
            return answer_finish(&answer, self, g_steal_pointer(&failure), out, error);
    }
}

/* OLLAMA_HOST as Ollama itself reads it: "host", "host:port", ":port", with or without "http://"; a
 * server that listens everywhere is reached here. New string. */
static char *address_of_host(const char *host) {
    bool has_scheme = strstr(host, "://") != NULL;
    const char *rest = has_scheme ? strstr(host, "://") + 3 : host;
    g_autofree char *scheme = has_scheme ? g_strndup(host, (size_t)(rest - host)) : NULL;
    bool is_everywhere = *rest == ':' || g_str_has_prefix(rest, "0.0.0.0");
    if (g_str_has_prefix(rest, "0.0.0.0")) rest += strlen("0.0.0.0");
    g_autofree char *name = g_strconcat(is_everywhere ? "127.0.0.1" : "", rest, NULL);
    bool has_port = strrchr(name, ':') != NULL && strrchr(name, ']') < strrchr(name, ':');
    return g_strconcat(scheme != NULL ? scheme : "http://", name,
                       has_port || has_scheme ? "" : ":11434", NULL);
}

static char *find_address(const Provider *self) {
    const OllamaConfig *config = self->settings.config;
    const char *own = model_server_default(self, "endpoint");
    if (config != NULL && config->endpoint != NULL && config->endpoint[0] != '\0' &&
        strcmp(config->endpoint, own) != 0)
        return g_strdup(config->endpoint);
    const char *host = g_getenv(self->ops->env);
    return host != NULL && host[0] != '\0' ? address_of_host(host) : g_strdup(own);
}

static bool ollama_open(Provider *self, GError **error) {
    (void)error;
    Ollama *ollama = self->priv;
    const OllamaConfig *config = self->settings.config;
    if (self->model[0] == '\0') {
        g_free(self->model);
        self->model =
            g_strdup(config != NULL && config->model != NULL ? config->model
                                                             : model_server_default(self, "model"));
        self->settings.model = self->model;
    }
    g_autofree char *address = find_address(self);
    model_server_init(&ollama->server, self, address);
    return true;
}

static void ollama_close(Provider *self) {
    Ollama *ollama = self->priv;
    if (ollama->server.http != NULL) model_server_clear(&ollama->server);
}

static bool ollama_facts(Provider *self, Cancel *cancel, ModelFacts *out, GError **error) {
    (void)cancel;
    (void)error;
    *out = (ModelFacts){ .name = g_strdup(self->model),
                         .context_tokens = DEFAULT_CONTEXT_TOKENS,
                         .is_guess = true };
    return true;
}

const ProviderOps ollama_provider_ops = {
    .name = "ollama",
    .summary = "Ollama: models on this machine or on one of yours.",
    .setup = "providers.ollama.endpoint",
    .env = "OLLAMA_HOST",
    .config = ollama_config_fields,
    .config_size = sizeof(OllamaConfig),
    .private_size = sizeof(Ollama),
    .caps = PROVIDER_TOOLS | PROVIDER_IMAGES | PROVIDER_THINKING,
    .open = ollama_open,
    .stream = ollama_stream,
    .facts = ollama_facts,
    .close = ollama_close,
};

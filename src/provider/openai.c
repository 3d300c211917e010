/* provider/openai.c: OpenAI's chat completions, streamed; and the servers that copied them. */
#include "provider/openai.h"

#include <string.h>

#include "base/error.h"
#include "provider/model_facts.h"
#include "provider/model_server.h"
#include "provider/openai_request.h"
#include "provider/provider_config.h"

typedef struct {
    ModelServer server;
    unsigned limits; /* OpenaiLimits: what the server refused so far */
} Openai;

/* ---- the stream ---- */

/* Mistral and others send words as a list of typed pieces. */
static void take_words(Answer *answer, PartKind kind, const json_t *words) {
    size_t index;
    const json_t *item;
    if (json_is_string(words))
        answer_append(answer, answer_part(answer, kind, ANSWER_GOES_ON), json_string_value(words));
    json_array_foreach (words, index, item) {
        const json_t *text = json_object_get(item, "text");
        if (json_is_string(text)) take_words(answer, kind, text);
    }
}

/* A call is told by its index; servers that give every call the index 0 tell it by its id. */
static AnswerPart *find_call(Answer *answer, const json_t *delta, size_t position) {
    const json_t *index = json_object_get(delta, "index");
    const char *id = json_string_value(json_object_get(delta, "id"));
    int64_t number =
        json_is_integer(index) ? (int64_t)json_integer_value(index) : (int64_t)position;
    AnswerPart *call = answer_part(answer, PART_TOOL_CALL, number);
    if (id == NULL || id[0] == '\0') return call;
    if (call->call_id != NULL && strcmp(call->call_id, id) != 0)
        call = answer_begin_part(answer, PART_TOOL_CALL, number);
    if (call->call_id == NULL) call->call_id = g_strdup(id);
    return call;
}

static void take_call(Answer *answer, const json_t *delta, size_t position) {
    AnswerPart *call = find_call(answer, delta, position);
    const json_t *function = json_object_get(delta, "function");
    const char *name = json_string_value(json_object_get(function, "name"));
    if (name != NULL && g_strcmp0(name, call->call_name) != 0 && call->text->len == 0) {
        char *whole = g_strconcat(call->call_name != NULL ? call->call_name : "", name, NULL);
        g_free(call->call_name);
        call->call_name = whole;
    }
    const json_t *arguments = json_object_get(function, "arguments");
    if (json_is_string(arguments)) answer_append(answer, call, json_string_value(arguments));
    if (json_is_object(arguments)) { /* some servers forget to make it a string */
        g_autofree char *text = field_json_text(arguments, FIELD_COMPACT);
        answer_append(answer, call, text);
    }
}

static void take_finish(Answer *answer, const char *reason) {
    static const struct {
        const char *name;
        StopReason reason;
    } reasons[] = {
        { "stop", STOP_END },
        { "length", STOP_LENGTH },
        { "tool_calls", STOP_TOOL_USE },
        { "function_call", STOP_TOOL_USE },
    };
    answer->is_complete = true;
    answer->stop_reason = STOP_END;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strcmp(reasons[i].name, reason) == 0) answer->stop_reason = reasons[i].reason;
    if (strcmp(reason, "content_filter") == 0) answer->withheld = "the server's content filter";
    if (strcmp(reason, "error") == 0) answer->withheld = "the server met an error on the way";
}

static int64_t number_at(const json_t *json, const char *name) {
    return (int64_t)json_integer_value(json_object_get(json, name));
}

/* May come with any chunk, also after the end and more than once; the last one counts. */
static void take_usage(Answer *answer, const json_t *usage) {
    if (!json_is_object(usage)) return;
    const json_t *details = json_object_get(usage, "prompt_tokens_details");
    int64_t cached = number_at(details, "cached_tokens");
    answer->usage = (Usage){ .input_tokens = number_at(usage, "prompt_tokens") - cached,
                             .output_tokens = number_at(usage, "completion_tokens"),
                             .cache_read_tokens = cached };
}

/* The whole document of a server that does not stream has a "message" where a chunk has a "delta".
 */
static void take_choice(Answer *answer, const json_t *choice) {
    const json_t *delta = json_object_get(choice, "delta");
    if (delta == NULL) delta = json_object_get(choice, "message");
    const json_t *thinking = json_object_get(delta, "reasoning_content");
    if (!json_is_string(thinking)) thinking = json_object_get(delta, "reasoning");
    take_words(answer, PART_THINKING, thinking);
    take_words(answer, PART_TEXT, json_object_get(delta, "content"));
    take_words(answer, PART_TEXT, json_object_get(delta, "refusal"));
    const json_t *calls = json_object_get(delta, "tool_calls");
    size_t position;
    const json_t *call;
    json_array_foreach (calls, position, call) take_call(answer, call, position);
    const char *reason = json_string_value(json_object_get(choice, "finish_reason"));
    if (reason != NULL && reason[0] != '\0') take_finish(answer, reason);
}

static bool on_piece(const char *type, const json_t *json, void *user_data, GError **error) {
    Answer *answer = user_data;
    (void)type;
    const json_t *problem = json_object_get(json, "error");
    if (problem != NULL && !json_is_null(problem)) {
        model_server_set_error(problem, error);
        return false;
    }
    answer_set_model(answer, json_string_value(json_object_get(json, "model")));
    take_choice(answer, json_array_get(json_object_get(json, "choices"), 0));
    take_usage(answer, json_object_get(json, "usage"));
    return true;
}

/* ---- the operations ---- */

static const struct {
    const char *mark; /* in the server's refusal */
    unsigned limit;
    const char *notice; /* behind the model's name; NULL = nobody needs to know */
} refusals[] = {
    { "stream_options", OPENAI_NO_STREAM_OPTIONS, NULL },
    { "max_completion_tokens", OPENAI_OLD_LIMIT, NULL },
    { "does not support tools", OPENAI_NO_TOOLS,
      "does not support tools; asked again without them" },
    { "temperature", OPENAI_NO_TEMPERATURE, NULL },
    { "reasoning_effort", OPENAI_NO_EFFORT, "cannot be told how hard to think; asked again" },
};

/* Whether the request was refused for a part that can be left out; notes which. */
static bool learn_from(Openai *openai, const char *model, const Answer *answer,
                       const GError *failure) {
    if (!error_is(failure, ERR_PROVIDER) || answer_has_begun(answer)) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        if (strstr(failure->message, refusals[i].mark) == NULL) continue;
        if (openai->limits & refusals[i].limit) continue;
        openai->limits |= refusals[i].limit;
        if (refusals[i].notice != NULL) {
            g_autofree char *text = g_strdup_printf("the model %s %s", model, refusals[i].notice);
            answer_tell(answer, text, 0);
        }
        return true;
    }
    return false;
}

static bool openai_stream(Provider *self, const ChatRequest *request, StreamFn on_stream,
                          void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    Openai *openai = self->priv;
    g_auto(Answer) answer;
    answer_init(&answer, on_stream, user_data);
    const char *model =
        request->model != NULL && request->model[0] != '\0' ? request->model : self->model;
    ServerCall call = {
        .path = "/chat/completions", .answer = &answer, .on_piece = on_piece, .user_data = &answer
    };
    for (;;) {
        g_autofree char *body = openai_request_encode(request, model, openai->limits);
        g_autoptr(GError) failure = NULL;
        call.body = body;
        if (model_server_call(&openai->server, &call, cancel, &failure) ||
            !learn_from(openai, model, &answer, failure))
            return answer_finish(&answer, self, g_steal_pointer(&failure), out, error);
    }
}

/* What a row of the configuration gives, whichever of the two structs it is. */
typedef struct {
    const char *base_url;
    const char *api_key;
    const char *model;
    GHashTable *headers;
} Settings;

static void fill_settings(const Provider *self, Settings *out) {
    *out = (Settings){ .base_url = "", .api_key = "", .model = "" };
    if (self->settings.config != NULL && self->ops->config == openai_compatible_config_fields) {
        const CompatibleProviderConfig *config = self->settings.config;
        *out =
            (Settings){ config->base_url, config->api_key, config->model, config->extra_headers };
    } else if (self->settings.config != NULL) {
        const KeyProviderConfig *config = self->settings.config;
        *out = (Settings){ .base_url = config->base_url, .api_key = config->api_key, .model = "" };
    }
    if (out->base_url == NULL || out->base_url[0] == '\0')
        out->base_url = model_server_default(self, "base_url");
}

/* The key that holds a setting of this provider: "providers.custom.mylab.base_url". New string. */
static char *config_key(const Provider *self, const char *name) {
    if (self->ops->caps & PROVIDER_NAMED)
        return g_strdup_printf("providers.%s.%s", self->name, name);
    const char *dot = strrchr(self->ops->setup, '.');
    return g_strdup_printf("%.*s.%s", (int)(dot - self->ops->setup), self->ops->setup, name);
}

static bool check_settings(const Provider *self, const Settings *settings, GError **error) {
    if (settings->base_url[0] == '\0') {
        g_autofree char *key = config_key(self, "base_url");
        g_autofree char *hint = g_strdup_printf("Set it: localgpt config set %s URL", key);
        error_set_with_hint(error, ERR_CONFIG, hint, "the address of '%s' is not known",
                            self->name);
        return false;
    }
    if (self->model[0] == '\0') {
        g_autofree char *hint = g_strdup_printf("Write it as %s/MODEL.", self->name);
        error_set_with_hint(error, ERR_USAGE, hint, "'%s' has many models; which one?", self->name);
        return false;
    }
    return true;
}

static bool openai_open(Provider *self, GError **error) {
    Openai *openai = self->priv;
    Settings settings;
    fill_settings(self, &settings);
    if (self->model[0] == '\0' && settings.model != NULL) {
        g_free(self->model);
        self->model = g_strdup(settings.model);
        self->settings.model = self->model;
    }
    if (!check_settings(self, &settings, error)) return false;
    char *key = model_server_key(self, settings.api_key, settings.base_url, error);
    if (key == NULL) return false;
    model_server_init(&openai->server, self, settings.base_url);
    if (key[0] != '\0') model_server_add_header(&openai->server, "Authorization", "Bearer ", key);
    secret_free(key);
    GHashTableIter iterator;
    void *name, *value;
    if (settings.headers != NULL) {
        g_hash_table_iter_init(&iterator, settings.headers);
        while (g_hash_table_iter_next(&iterator, &name, &value))
            model_server_add_header(&openai->server, name, "", value);
    }
    /* The new name of the limit is OpenAI's own; servers that copied the interface know the old. */
    if (strcmp(settings.base_url, "https://api.openai.com/v1") != 0)
        openai->limits = OPENAI_OLD_LIMIT;
    return true;
}

static void openai_close(Provider *self) {
    Openai *openai = self->priv;
    if (openai->server.http != NULL) model_server_clear(&openai->server);
}

#define CHAT_COMPLETIONS                                                                           \
    .private_size = sizeof(Openai), .open = openai_open, .stream = openai_stream,                  \
    .facts = remote_model_facts, .close = openai_close
#define CAPS (PROVIDER_TOOLS | PROVIDER_IMAGES | PROVIDER_THINKING)

const ProviderOps openai_provider_ops = {
    .name = "openai",
    .summary = "OpenAI, or any server that speaks its API.",
    .default_model = "gpt-4o",
    .setup = "providers.openai.api_key",
    .env = "OPENAI_API_KEY",
    .config = openai_config_fields,
    .config_size = sizeof(KeyProviderConfig),
    .caps = CAPS,
    CHAT_COMPLETIONS,
};

const ProviderOps xai_provider_ops = {
    .name = "xai",
    .summary = "xAI (Grok).",
    .default_model = "grok-3-mini",
    .setup = "providers.xai.api_key",
    .env = "XAI_API_KEY",
    .config = xai_config_fields,
    .config_size = sizeof(KeyProviderConfig),
    .caps = CAPS,
    CHAT_COMPLETIONS,
};

const ProviderOps glm_provider_ops = {
    .name = "glm",
    .summary = "Z.AI (GLM).",
    .default_model = "glm-4.7",
    .setup = "providers.glm.api_key",
    .env = "GLM_API_KEY",
    .config = glm_config_fields,
    .config_size = sizeof(KeyProviderConfig),
    .caps = CAPS,
    CHAT_COMPLETIONS,
};

const ProviderOps openrouter_provider_ops = {
    .name = "openrouter",
    .summary = "OpenRouter: models of many makers behind one key.",
    .default_model = "openrouter/auto",
    .setup = "providers.openrouter.api_key",
    .env = "OPENROUTER_API_KEY",
    .config = openrouter_config_fields,
    .config_size = sizeof(KeyProviderConfig),
    .caps = CAPS,
    CHAT_COMPLETIONS,
};

const ProviderOps openai_compatible_provider_ops = {
    .name = "openai-compat",
    .summary = "Another server that speaks OpenAI's API: LM Studio, vLLM, llamafile, SGLang.",
    .other_name = "openai-compatible",
    .setup = "providers.openai_compatible.base_url",
    .config = openai_compatible_config_fields,
    .config_size = sizeof(CompatibleProviderConfig),
    .caps = CAPS,
    CHAT_COMPLETIONS,
};

const ProviderOps custom_provider_ops = {
    .name = "custom",
    .summary = "A server with a name of your own, [providers.custom.NAME].",
    .setup = "providers.custom",
    .config = openai_compatible_config_fields,
    .config_size = sizeof(CompatibleProviderConfig),
    .caps = CAPS | PROVIDER_NAMED,
    CHAT_COMPLETIONS,
};

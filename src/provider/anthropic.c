/* provider/anthropic.c: the messages API, streamed. */
#include "provider/anthropic.h"

#include <string.h>

#include "base/error.h"
#include "provider/anthropic_request.h"
#include "provider/model_facts.h"
#include "provider/model_server.h"
#include "provider/provider_config.h"

/* How often a paused answer is taken up again. */
#define MAX_PAUSES 5

typedef struct {
    ModelServer server;
    const char *path;
} Anthropic;

/* One answer, which may take several requests when the server pauses. */
typedef struct {
    Answer answer;
    int64_t first_index; /* of the parts of this request: each counts its own from 0 */
    Usage earlier;       /* of the requests before */
    bool is_paused;
} Reader;

/* ---- the stream ---- */

static void take_signature(AnswerPart *part, const char *signature) {
    if (signature == NULL) return;
    if (part->signature == NULL) part->signature = g_string_new(NULL);
    g_string_append(part->signature, signature);
}

static void begin_tool_use(Answer *answer, int64_t index, const json_t *block) {
    AnswerPart *part = answer_begin_part(answer, PART_TOOL_CALL, index);
    part->call_id = g_strdup(json_string_value(json_object_get(block, "id")));
    part->call_name = g_strdup(json_string_value(json_object_get(block, "name")));
    const json_t *input = json_object_get(block, "input");
    if (json_object_size(input) == 0) return; /* it comes in pieces */
    g_autofree char *text = field_json_text(input, FIELD_COMPACT);
    answer_append(answer, part, text);
}

/* A block at its start; in a whole document this is all of it. */
static void take_block(Reader *reader, int64_t index, const json_t *block) {
    Answer *answer = &reader->answer;
    const char *type = json_string_value(json_object_get(block, "type"));
    if (type == NULL) return;
    if (strcmp(type, "tool_use") == 0) begin_tool_use(answer, index, block);
    if (strcmp(type, "text") == 0)
        answer_append(answer, answer_begin_part(answer, PART_TEXT, index),
                      json_string_value(json_object_get(block, "text")));
    bool is_redacted = strcmp(type, "redacted_thinking") == 0;
    if (!is_redacted && strcmp(type, "thinking") != 0) return;
    AnswerPart *part = answer_begin_part(answer, PART_THINKING, index);
    part->is_redacted = is_redacted;
    answer_append(answer, part, json_string_value(json_object_get(block, "thinking")));
    take_signature(part,
                   json_string_value(json_object_get(block, is_redacted ? "data" : "signature")));
}

static void take_delta(Reader *reader, int64_t index, const json_t *delta) {
    Answer *answer = &reader->answer;
    const char *text = json_string_value(json_object_get(delta, "text"));
    const char *thinking = json_string_value(json_object_get(delta, "thinking"));
    const char *json = json_string_value(json_object_get(delta, "partial_json"));
    const char *signature = json_string_value(json_object_get(delta, "signature"));
    if (text != NULL) answer_append(answer, answer_part(answer, PART_TEXT, index), text);
    if (thinking != NULL)
        answer_append(answer, answer_part(answer, PART_THINKING, index), thinking);
    if (json != NULL) answer_append(answer, answer_part(answer, PART_TOOL_CALL, index), json);
    if (signature != NULL) take_signature(answer_part(answer, PART_THINKING, index), signature);
}

static void take_count(const json_t *usage, const char *name, int64_t earlier, int64_t *count) {
    const json_t *value = json_object_get(usage, name);
    if (json_is_integer(value)) *count = earlier + (int64_t)json_integer_value(value);
}

/* Counts are of the whole answer so far: the last one of each counts. */
static void take_usage(Reader *reader, const json_t *usage) {
    Usage *now = &reader->answer.usage;
    const Usage *earlier = &reader->earlier;
    take_count(usage, "input_tokens", earlier->input_tokens, &now->input_tokens);
    take_count(usage, "output_tokens", earlier->output_tokens, &now->output_tokens);
    take_count(usage, "cache_read_input_tokens", earlier->cache_read_tokens,
               &now->cache_read_tokens);
    take_count(usage, "cache_creation_input_tokens", earlier->cache_write_tokens,
               &now->cache_write_tokens);
}

static void take_stop(Reader *reader, const char *reason) {
    static const struct {
        const char *name;
        StopReason reason;
    } reasons[] = {
        { "end_turn", STOP_END },
        { "stop_sequence", STOP_END },
        { "tool_use", STOP_TOOL_USE },
        { "max_tokens", STOP_LENGTH },
        { "model_context_window_exceeded", STOP_LENGTH },
    };
    Answer *answer = &reader->answer;
    if (reason == NULL) return;
    answer->is_complete = true;
    answer->stop_reason = STOP_END;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strcmp(reasons[i].name, reason) == 0) answer->stop_reason = reasons[i].reason;
    if (strcmp(reason, "refusal") == 0) answer->withheld = "the model refused";
    reader->is_paused = strcmp(reason, "pause_turn") == 0;
}

static void take_message(Reader *reader, const json_t *message) {
    answer_set_model(&reader->answer, json_string_value(json_object_get(message, "model")));
    take_usage(reader, json_object_get(message, "usage"));
    const json_t *content = json_object_get(message, "content");
    size_t index;
    const json_t *block;
    json_array_foreach (content, index, block)
        take_block(reader, reader->first_index + (int64_t)index, block);
    take_stop(reader, json_string_value(json_object_get(message, "stop_reason")));
}

static bool on_piece(const char *event, const json_t *json, void *user_data, GError **error) {
    Reader *reader = user_data;
    const char *type = json_string_value(json_object_get(json, "type"));
    if (type == NULL) type = event;
    int64_t index =
        reader->first_index + (int64_t)json_integer_value(json_object_get(json, "index"));
    if (strcmp(type, "error") == 0 || json_object_get(json, "error") != NULL) {
        model_server_set_error(json_object_get(json, "error"), error);
        return false;
    }
    if (strcmp(type, "message_start") == 0) take_message(reader, json_object_get(json, "message"));
    if (strcmp(type, "message") == 0) take_message(reader, json);
    if (strcmp(type, "content_block_start") == 0)
        take_block(reader, index, json_object_get(json, "content_block"));
    if (strcmp(type, "content_block_delta") == 0)
        take_delta(reader, index, json_object_get(json, "delta"));
    if (strcmp(type, "message_delta") == 0) {
        take_usage(reader, json_object_get(json, "usage"));
        take_stop(reader, json_string_value(
                              json_object_get(json_object_get(json, "delta"), "stop_reason")));
    }
    if (strcmp(type, "message_stop") == 0) reader->answer.is_complete = true;
    return true;
}

/* ---- the operations ---- */

/* Short names that people write after "anthropic/"; every other id goes as it is. */
static const char *full_id(const char *model) {
    static const char *const ids[][2] = {
        { "opus", "claude-opus-4-6" },
        { "opus-4.5", "claude-opus-4-5-20251101" },
        { "opus-4.6", "claude-opus-4-6" },
        { "sonnet", "claude-sonnet-4-6" },
        { "sonnet-4.5", "claude-sonnet-4-5-20250929" },
        { "sonnet-4.6", "claude-sonnet-4-6" },
        { "haiku", "claude-haiku-4-5-20251001" },
        { "haiku-4.5", "claude-haiku-4-5-20251001" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        if (g_ascii_strcasecmp(ids[i][0], model) == 0) return ids[i][1];
    return model;
}

static bool run_request(Provider *self, Reader *reader, const ChatRequest *request, Cancel *cancel,
                        GError **error) {
    Anthropic *anthropic = self->priv;
    Answer *answer = &reader->answer;
    const char *model =
        request->model != NULL && request->model[0] != '\0' ? full_id(request->model) : self->model;
    g_autoptr(Message) so_far =
        reader->is_paused ? answer_message(answer, self, /* has_calls= */ true) : NULL;
    g_autofree char *body = anthropic_request_encode(request, model, so_far);
    ServerCall call = { .path = anthropic->path,
                        .body = body,
                        .answer = answer,
                        .on_piece = on_piece,
                        .user_data = reader };
    reader->is_paused = answer->is_complete = false;
    reader->first_index = answer->parts->len;
    reader->earlier = answer->usage;
    return model_server_call(&anthropic->server, &call, cancel, error);
}

static bool anthropic_stream(Provider *self, const ChatRequest *request, StreamFn on_stream,
                             void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    Reader reader = { 0 };
    answer_init(&reader.answer, on_stream, user_data);
    GError *failure = NULL;
    bool is_ok = run_request(self, &reader, request, cancel, &failure);
    for (int i = 0; is_ok && reader.is_paused && i < MAX_PAUSES; i++)
        is_ok = run_request(self, &reader, request, cancel, &failure);
    is_ok = answer_finish(&reader.answer, self, failure, out, error);
    answer_clear(&reader.answer);
    return is_ok;
}

static void set_model(Provider *self, const char *model) {
    char *copy = g_strdup(model);
    g_free(self->model);
    self->model = copy;
    self->settings.model = copy;
}

static bool anthropic_open(Provider *self, GError **error) {
    Anthropic *anthropic = self->priv;
    const KeyProviderConfig *config = self->settings.config;
    const char *base_url = config != NULL && config->base_url != NULL && config->base_url[0] != '\0'
                               ? config->base_url
                               : model_server_default(self, "base_url");
    char *key = model_server_key(self, config != NULL ? config->api_key : "", base_url, error);
    if (key == NULL) return false;
    set_model(self, full_id(self->model[0] != '\0' ? self->model : self->ops->default_model));
    model_server_init(&anthropic->server, self, base_url);
    /* People write the address with and without it. */
    anthropic->path =
        g_str_has_suffix(anthropic->server.address, "/v1") ? "/messages" : "/v1/messages";
    model_server_add_header(&anthropic->server, "anthropic-version", "", "2023-06-01");
    if (key[0] != '\0') model_server_add_header(&anthropic->server, "x-api-key", "", key);
    secret_free(key);
    return true;
}

static void anthropic_close(Provider *self) {
    Anthropic *anthropic = self->priv;
    if (anthropic->server.http != NULL) model_server_clear(&anthropic->server);
}

const ProviderOps anthropic_provider_ops = {
    .name = "anthropic",
    .summary = "Anthropic (Claude).",
    .default_model = "claude-sonnet-4-6",
    .setup = "providers.anthropic.api_key",
    .env = "ANTHROPIC_API_KEY",
    .config = anthropic_config_fields,
    .config_size = sizeof(KeyProviderConfig),
    .private_size = sizeof(Anthropic),
    .caps = PROVIDER_TOOLS | PROVIDER_IMAGES | PROVIDER_THINKING,
    .open = anthropic_open,
    .stream = anthropic_stream,
    .facts = remote_model_facts,
    .close = anthropic_close,
};

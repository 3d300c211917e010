/* provider/model_server.c: one streamed request to a model's server. */
#include "provider/model_server.h"

#include <string.h>

#include "base/error.h"
#include "base/line_splitter.h"
#include "base/sse.h"
#include "base/text.h"
#include "provider/surrogate_halves.h"

#define MAX_PIECE_BYTES ((size_t)16 << 20)

void model_server_init(ModelServer *server, const Provider *provider, const char *base_url) {
    HttpOptions options = { .secrets = provider->settings.secrets };
    *server = (ModelServer){ .http = http_client_new(&options),
                             .address = g_strdup(base_url),
                             .headers = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free),
                             .secrets = provider->settings.secrets,
                             .times = provider->settings.times };
    for (size_t end = strlen(server->address); end > 0 && server->address[end - 1] == '/'; end--)
        server->address[end - 1] = '\0';
}

void model_server_clear(ModelServer *server) {
    g_clear_pointer(&server->http, http_client_free);
    g_clear_pointer(&server->address, g_free);
    g_clear_pointer(&server->headers, g_ptr_array_unref);
}

void model_server_add_header(ModelServer *server, const char *name, const char *prefix,
                             const char *value) {
    g_ptr_array_add(server->headers, g_strconcat(name, ": ", prefix, value, NULL));
}

const char *model_server_default(const Provider *provider, const char *key) {
    const Field *field = field_find(provider->ops->config, key);
    return field != NULL && field->default_text != NULL ? field->default_text : "";
}

char *model_server_key(const Provider *provider, const char *configured, const char *base_url,
                       GError **error) {
    if (configured != NULL && configured[0] != '\0') return g_strdup(configured);
    const char *own_address = model_server_default(provider, "base_url");
    if (own_address[0] == '\0' || strcmp(own_address, base_url) != 0) return g_strdup("");
    const char *variable = provider->ops->env;
    const char *key = variable != NULL ? g_getenv(variable) : NULL;
    if (key != NULL && key[0] != '\0') {
        if (provider->settings.secrets != NULL) secret_set_add(provider->settings.secrets, key);
        return g_strdup(key);
    }
    g_autofree char *hint =
        g_strdup_printf("Set %s in the environment, or: localgpt config set %s '${%s}'", variable,
                        provider->ops->setup, variable);
    error_set_with_hint(error, ERR_AUTH, hint,
                        "there is no key for '%s': neither %s nor the configuration's %s is set",
                        provider->name, variable, provider->ops->setup);
    return NULL;
}

/* ---- one request ---- */

typedef enum { SHAPE_UNKNOWN, SHAPE_EVENTS, SHAPE_LINES, SHAPE_DOCUMENT } Shape;

typedef struct {
    const ServerCall *call; /* borrowed */
    Shape shape;
    SseParser *events;  /* owned */
    LineSplitter lines; /* owned */
    GString *document;  /* owned: an answer that is one JSON document */
    bool is_at_end;     /* the body is over */
    GError *failure;    /* owned */
} Reading;

static json_t *parse_piece(const char *data, size_t length, GError **error) {
    json_t *json = field_json_parse(data, length, NULL);
    if (json != NULL) return json;
    /* Torn and ill-formed characters are not the end of the world. */
    g_autofree char *valid = text_make_valid(data, length);
    g_autofree char *marked = surrogate_halves_mark(valid, strlen(valid));
    json = field_json_parse(marked, strlen(marked), NULL);
    if (json != NULL) return json;
    g_autofree char *printable = text_strip_terminal(data, MIN(length, 200));
    g_autofree char *start = text_ellipsize(printable, 80);
    g_strdelimit(start, "\n\t", ' ');
    error_set(error, ERR_PROVIDER, "the server sent something that is not JSON: %s", start);
    return NULL;
}

static bool take_json(const Reading *reading, const char *type, const char *data, size_t length,
                      GError **error) {
    json_t *json = parse_piece(data, length, error);
    /* The torn end of a stream is no lie of the server: the answer lacks its end, which is told. */
    if (json == NULL && reading->is_at_end) g_clear_error(error);
    if (json == NULL) return reading->is_at_end;
    bool goes_on = reading->call->on_piece(type, json, reading->call->user_data, error);
    json_decref(json);
    return goes_on;
}

static bool is_done_mark(const char *data, size_t length) {
    while (length > 0 && g_ascii_isspace(data[length - 1])) length--;
    return length == 6 && memcmp(data, "[DONE]", 6) == 0;
}

static bool on_event(const SseEvent *event, void *user_data, GError **error) {
    const Reading *reading = user_data;
    if (event->length == 0) return true;
    if (is_done_mark(event->data, event->length)) {
        reading->call->answer->is_complete = true;
        return true;
    }
    return take_json(reading, event->type, event->data, event->length, error);
}

static bool on_line(const char *line, size_t length, void *user_data, GError **error) {
    while (length > 0 && g_ascii_isspace(*line)) {
        line++;
        length--;
    }
    return length == 0 || take_json(user_data, "message", line, length, error);
}

/* A server that does not stream answers with one document; one that answers with a page for people
 * is not a model's server. */
static bool choose_shape(Reading *reading, const HttpResponse *response, GError **error) {
    const char *type = http_response_header(response, "Content-Type");
    g_autofree char *lower = g_ascii_strdown(type != NULL ? type : "", -1);
    if (g_str_has_prefix(lower, "text/html")) {
        error_set_with_hint(error, ERR_PROVIDER, "Check the address of the server (base_url).",
                            "the server answered with a web page instead of an answer");
        return false;
    }
    bool is_document = g_str_has_prefix(lower, "application/json");
    if (reading->call->framing == SERVER_LINES) {
        reading->shape = SHAPE_LINES;
        line_splitter_init(&reading->lines, MAX_PIECE_BYTES);
    } else if (is_document) {
        reading->shape = SHAPE_DOCUMENT;
        reading->document = g_string_new(NULL);
    } else {
        reading->shape = SHAPE_EVENTS;
        reading->events = sse_parser_new(MAX_PIECE_BYTES);
    }
    return true;
}

static bool take_bytes(Reading *reading, const char *data, size_t length, GError **error) {
    switch (reading->shape) {
    case SHAPE_EVENTS:
        return sse_parser_feed(reading->events, data, length, on_event, reading, error);
    case SHAPE_LINES:
        return line_splitter_feed(&reading->lines, data, length, on_line, reading, error);
    case SHAPE_DOCUMENT: g_string_append_len(reading->document, data, (gssize)length); return true;
    case SHAPE_UNKNOWN: break;
    }
    return true;
}

static bool on_body(const HttpResponse *response, const char *data, size_t length,
                    void *user_data) {
    Reading *reading = user_data;
    if (reading->shape == SHAPE_UNKNOWN && !choose_shape(reading, response, &reading->failure))
        return false;
    return take_bytes(reading, data, length, &reading->failure);
}

/* What is left when the body has ended. */
static bool finish_reading(Reading *reading, GError **error) {
    reading->is_at_end = reading->shape != SHAPE_DOCUMENT;
    switch (reading->shape) {
    case SHAPE_EVENTS: return sse_parser_finish(reading->events, on_event, reading, error);
    case SHAPE_LINES: return line_splitter_finish(&reading->lines, on_line, reading, error);
    case SHAPE_DOCUMENT:
        return take_json(reading, "message", reading->document->str, reading->document->len, error);
    case SHAPE_UNKNOWN: break;
    }
    return true;
}

static void reading_clear(Reading *reading) {
    sse_parser_free(reading->events);
    line_splitter_clear(&reading->lines);
    if (reading->document != NULL) g_string_free(reading->document, TRUE);
    g_clear_error(&reading->failure);
}

static void on_retry(const HttpRetryNotice *notice, void *user_data) {
    g_autofree char *text =
        g_strdup_printf("%s; trying again in %.1f s (attempt %d of %d)", notice->reason,
                        (double)notice->wait_ms / 1000, notice->attempt + 1, notice->max_attempts);
    answer_tell(user_data, text, notice->wait_ms);
}

static const char **header_lines(const ModelServer *server, const ServerCall *call) {
    GPtrArray *lines = g_ptr_array_new();
    g_ptr_array_add(lines, (char *)"Content-Type: application/json");
    g_ptr_array_add(lines, call->framing == SERVER_EVENTS ? (char *)"Accept: text/event-stream"
                                                          : (char *)"Accept: application/x-ndjson");
    for (unsigned i = 0; i < server->headers->len; i++)
        g_ptr_array_add(lines, g_ptr_array_index(server->headers, i));
    g_ptr_array_add(lines, NULL);
    return (const char **)g_ptr_array_free(lines, FALSE);
}

static HttpRequest make_request(const ModelServer *server, const ServerCall *call) {
    static const ProviderTimes defaults = { 0 };
    const ProviderTimes *times = server->times != NULL ? server->times : &defaults;
    return (HttpRequest){ .body = call->body,
                          .body_length = strlen(call->body),
                          .on_body = on_body,
                          .connect_timeout_ms = times->connect_ms,
                          .first_byte_timeout_ms = times->first_byte_ms,
                          .idle_timeout_ms = times->idle_ms,
                          .redirects = HTTP_REDIRECT_SAME_ORIGIN,
                          .addresses = HTTP_ADDRESS_ANY };
}

/* Whether a refusal says that the request is longer than the window: each server has its own words
 * for it, and the turn shortens the conversation then. */
static bool is_overflow(const HttpResponse *response) {
    static const char *const words[] = {
        "context_length_exceeded", /* OpenAI */
        "maximum context length",  /* vLLM, LM Studio, OpenRouter */
        "prompt is too long",      /* Anthropic */
        "exceed_context_size",     /* llama.cpp's server */
        "exceeds the available context size",
        "exceed context limit",
    };
    bool is_refusal = response->status == 400 || response->status == 413 || response->status == 422;
    if (!is_refusal || response->body == NULL) return false;
    g_autofree char *lower = g_ascii_strdown(response->body->str, (gssize)response->body->len);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (strstr(lower, words[i]) != NULL) return true;
    return false;
}

static bool check_status(const ModelServer *server, const HttpResponse *response, GError **error) {
    if (response->status < 300) return true;
    if (is_overflow(response)) {
        g_autofree char *message = http_response_message(response, server->secrets);
        error_set_with_hint(error, ERR_LIMIT, "Shorten it, or begin a new session.",
                            "the request is longer than the model's window: %s",
                            message != NULL ? message : "the server gives no numbers");
        return false;
    }
    http_error_from_response(server->http, response, error);
    return false;
}

/* A server may repeat the key in what it says. */
static void redact(const ModelServer *server, GError **error) {
    if (error == NULL || *error == NULL) return;
    char *safe = secret_redact(server->secrets, (*error)->message);
    g_free((*error)->message);
    (*error)->message = safe;
}

bool model_server_call(ModelServer *server, const ServerCall *call, Cancel *cancel,
                       GError **error) {
    Reading reading = { .call = call };
    g_autofree char *url = g_strconcat(server->address, call->path, NULL);
    g_autofree const char **headers = header_lines(server, call);
    HttpRetry retry = { .first_wait_ms = server->times != NULL ? server->times->first_wait_ms : 0,
                        .on_retry = on_retry,
                        .user_data = call->answer };
    HttpRequest request = make_request(server, call);
    request.url = url;
    request.headers = headers;
    request.user_data = &reading;
    request.retry = &retry;
    g_auto(HttpResponse) response = { 0 };
    bool is_ok = http_client_request(server->http, &request, cancel, &response, error);
    if (is_ok && reading.failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&reading.failure));
        is_ok = false;
    }
    is_ok = is_ok && check_status(server, &response, error) && finish_reading(&reading, error);
    reading_clear(&reading);
    if (!is_ok) redact(server, error);
    return is_ok;
}

void model_server_set_error(const json_t *problem, GError **error) {
    const char *message = json_is_string(problem)
                              ? json_string_value(problem)
                              : json_string_value(json_object_get(problem, "message"));
    const char *type = json_string_value(json_object_get(problem, "type"));
    g_autofree char *what = message != NULL ? text_strip_terminal(message, strlen(message))
                                            : g_strdup("no reason given");
    g_autofree char *line = text_ellipsize(what, 300);
    g_strdelimit(line, "\n\t", ' ');
    bool is_rate = g_strcmp0(type, "rate_limit_error") == 0;
    error_set(error, is_rate ? ERR_RATE_LIMIT : ERR_PROVIDER, "the server broke off: %s%s%s%s",
              line, type != NULL ? " (" : "", type != NULL ? type : "", type != NULL ? ")" : "");
}

/* embed/embed_server.c: see the header. */
#include "embed/embed_server.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

void embed_server_init(EmbedServer *server, const Embedder *embedder, const char *address) {
    HttpOptions options = { .secrets = embedder->settings.secrets };
    *server = (EmbedServer){ .http = http_client_new(&options),
                             .address = g_strdup(address),
                             .headers = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free),
                             .embedder = embedder };
    for (size_t end = strlen(server->address); end > 0 && server->address[end - 1] == '/'; end--)
        server->address[end - 1] = '\0';
    embed_server_add_header(server, "Content-Type", "", "application/json");
}

void embed_server_clear(EmbedServer *server) {
    g_clear_pointer(&server->http, http_client_free);
    g_clear_pointer(&server->address, g_free);
    g_clear_pointer(&server->headers, g_ptr_array_unref);
}

void embed_server_add_header(EmbedServer *server, const char *name, const char *prefix,
                             const char *value) {
    g_ptr_array_add(server->headers, g_strconcat(name, ": ", prefix, value, NULL));
}

/* ---- settings ---- */

char *embed_server_key(const Embedder *embedder, const EmbedServerKey *key, GError **error) {
    const char *found = key->configured != NULL && key->configured[0] != '\0' ? key->configured
                        : key->is_own_address ? g_getenv(key->variable)
                                              : NULL;
    if (found != NULL && found[0] != '\0') {
        if (embedder->settings.secrets != NULL) secret_set_add(embedder->settings.secrets, found);
        return g_strdup(found);
    }
    if (!key->is_own_address) return g_strdup("");
    g_autofree char *hint = g_strdup_printf(
        "Set %s in the environment, or: localgpt config set %s '${%s}'. Or search without it: "
        "localgpt config set memory.embedding_provider static",
        key->variable, key->setup, key->variable);
    error_set_with_hint(error, ERR_AUTH, hint,
                        "there is no key for the embedder '%s': neither %s nor the "
                        "configuration's %s is set",
                        embedder->ops->name, key->variable, key->setup);
    return NULL;
}

void *embed_server_section(const Embedder *embedder, const EmbedServerSection *section,
                           GError **error) {
    const EmbedderSettings *settings = &embedder->settings;
    if (settings->config != NULL)
        return config_section_expand(settings->config, section->name, settings->secrets, error);
    void *object = g_malloc0(section->size);
    field_set_defaults(section->fields, object);
    return object;
}

void embed_server_section_free(const EmbedServerSection *section, void *object) {
    if (object == NULL) return;
    field_clear(section->fields, object);
    g_free(object);
}

/* ---- one request ---- */

static json_t *post(EmbedServer *server, const char *path, const char *body, Cancel *cancel,
                    GError **error) {
    g_autoptr(GPtrArray) headers = g_ptr_array_new();
    for (guint i = 0; i < server->headers->len; i++)
        g_ptr_array_add(headers, server->headers->pdata[i]);
    g_ptr_array_add(headers, NULL);
    g_autofree char *url = g_strconcat(server->address, path, NULL);
    HttpRequest request = { .url = url,
                            .headers = (const char *const *)headers->pdata,
                            .body = body,
                            .body_length = strlen(body),
                            .retry = &http_retry_default };
    g_auto(HttpResponse) response = { 0 };
    if (!http_client_request(server->http, &request, cancel, &response, error) ||
        !http_response_check(server->http, &response, error)) {
        g_prefix_error(error, "embedding with '%s': ", server->embedder->ops->name);
        return NULL;
    }
    json_t *reply = field_json_parse(response.body->str, response.body->len, NULL);
    if (reply == NULL)
        error_set_with_hint(error, ERR_PROVIDER, "Check the address of the server.",
                            "embedding with '%s': the server's answer is not JSON",
                            server->embedder->ops->name);
    return reply;
}

/* Texts of one request: those that say something, and where their vectors go. */
typedef struct {
    GPtrArray *texts; /* char *, owned; NULL-terminated */
    GArray *rows;     /* size_t */
    json_t *reply;    /* owned */
} Batch;

static void batch_clear(Batch *batch) {
    g_clear_pointer(&batch->texts, g_ptr_array_unref);
    g_clear_pointer(&batch->rows, g_array_unref);
    g_clear_pointer(&batch->reply, json_decref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, batch_clear)

static bool says_something(const EmbedText *text) {
    for (size_t i = 0; i < text->length; i++)
        if (!g_ascii_isspace(text->bytes[i]) && text->bytes[i] != '\0') return true;
    return false;
}

/* A string ends at a NUL: spaces stand for those of the text. */
static char *sendable_text(const EmbedText *text) {
    size_t length = text_cut(text->bytes, text->length, EMBED_SERVER_MAX_BYTES);
    g_autofree char *copy = g_malloc(length + 1);
    for (size_t i = 0; i < length; i++) copy[i] = text->bytes[i] != '\0' ? text->bytes[i] : ' ';
    copy[length] = '\0';
    return text_make_valid(copy, length);
}

/* Takes texts from *next on. */
static void fill_batch(Batch *batch, const EmbedServerCall *call, size_t *next) {
    batch->texts = g_ptr_array_new_with_free_func(g_free);
    batch->rows = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (; *next < call->request->n && batch->rows->len < call->n_per_request; (*next)++) {
        const EmbedText *text = &call->request->texts[*next];
        if (!says_something(text)) continue;
        g_ptr_array_add(batch->texts, sendable_text(text));
        g_array_append_val(batch->rows, *next);
    }
    g_ptr_array_add(batch->texts, NULL);
}

static bool set_reply_error(const EmbedServer *server, const char *what, GError **error) {
    error_set_with_hint(
        error, ERR_PROVIDER, "Check that memory.embedding_model names a model that makes vectors.",
        "embedding with '%s': the server's answer %s", server->embedder->ops->name, what);
    return false;
}

static bool take_vector(const EmbedServer *server, const json_t *numbers, float *row,
                        size_t n_dimensions, GError **error) {
    if (json_array_size(numbers) != n_dimensions)
        return set_reply_error(server, "has vectors of different lengths", error);
    for (size_t i = 0; i < n_dimensions; i++) {
        const json_t *number = json_array_get(numbers, i);
        if (!json_is_number(number)) return set_reply_error(server, "has no numbers", error);
        row[i] = (float)json_number_value(number);
    }
    embed_vectors_normalise(row, n_dimensions);
    return true;
}

/* The first vector that comes tells the dimensions. */
static bool take_reply(const EmbedServer *server, const EmbedServerCall *call, Batch *batch,
                       EmbedVectors *out, GError **error) {
    for (guint i = 0; i < batch->rows->len; i++) {
        const json_t *numbers = call->find_vector(batch->reply, i);
        size_t n = json_array_size(numbers);
        if (n == 0) return set_reply_error(server, "lacks a vector", error);
        if (out->n_dimensions == 0) embed_vectors_reserve(out, call->request->n, n);
        float *row = out->values + g_array_index(batch->rows, size_t, i) * out->n_dimensions;
        if (!take_vector(server, numbers, row, out->n_dimensions, error)) return false;
    }
    return true;
}

bool embed_server_embed(EmbedServer *server, const EmbedServerCall *call, EmbedVectors *out,
                        Cancel *cancel, GError **error) {
    embed_vectors_reserve(out, call->request->n, server->embedder->n_dimensions);
    for (size_t next = 0; next < call->request->n;) {
        if (!cancel_check(cancel, error)) return false;
        g_auto(Batch) batch = { 0 };
        fill_batch(&batch, call, &next);
        if (batch.rows->len == 0) break;
        g_autofree char *body =
            call->encode(server->embedder, (char **)batch.texts->pdata, call->request->purpose);
        batch.reply = post(server, call->path, body, cancel, error);
        if (batch.reply == NULL || !take_reply(server, call, &batch, out, error)) return false;
    }
    return true;
}

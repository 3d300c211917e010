/* embed/gemini_embedder.c: see the header. */
#include "embed/gemini_embedder.h"

#include <string.h>

#include "embed/embed_server.h"
#include "provider/provider_config.h"

#define DEFAULT_MODEL "gemini-embedding-001"
#define TEXTS_PER_REQUEST 64

static const EmbedServerSection gemini_section = { "providers.gemini", gemini_config_fields,
                                                   sizeof(KeyProviderConfig) };

typedef struct {
    EmbedServer server;
    char *path; /* owned */
} Gemini;

typedef struct {
    char *text;
} GeminiPart;

typedef struct {
    GPtrArray *parts; /* GeminiPart */
} GeminiContent;

typedef struct {
    char *model; /* "models/..." */
    char *task;
    GeminiContent content;
} GeminiItem;

typedef struct {
    GPtrArray *requests; /* GeminiItem */
} GeminiBody;

static const Field part_fields[] = {
    { "text", FIELD_STRING(GeminiPart, text), .help = "Text." },
    { 0 },
};
static const Field content_fields[] = {
    { "parts", FIELD_STRUCTS(GeminiContent, parts, GeminiPart, part_fields), .help = "Parts." },
    { 0 },
};
static const Field item_fields[] = {
    { "model", FIELD_STRING(GeminiItem, model), .help = "Model." },
    { "taskType", FIELD_STRING(GeminiItem, task), .help = "What for." },
    { "content", FIELD_STRUCT(GeminiItem, content, content_fields), .help = "Text." },
    { 0 },
};
static const Field body_fields[] = {
    { "requests", FIELD_STRUCTS(GeminiBody, requests, GeminiItem, item_fields), .help = "Texts." },
    { 0 },
};

static char *encode_request(const Embedder *embedder, char **texts, EmbedPurpose purpose) {
    GeminiBody body = { .requests = g_ptr_array_new() };
    for (char **text = texts; *text != NULL; text++) {
        GeminiPart *part = g_new0(GeminiPart, 1);
        part->text = g_strdup(*text);
        GeminiItem *item = g_new0(GeminiItem, 1);
        item->model = g_strconcat("models/", embedder->model, NULL);
        item->task = g_strdup(purpose == EMBED_QUERY ? "RETRIEVAL_QUERY" : "RETRIEVAL_DOCUMENT");
        item->content.parts = g_ptr_array_new();
        g_ptr_array_add(item->content.parts, part);
        g_ptr_array_add(body.requests, item);
    }
    char *json = field_encode(body_fields, &body, FIELD_COMPACT);
    field_clear(body_fields, &body);
    return json;
}

static const json_t *find_vector(const json_t *reply, size_t index) {
    return json_object_get(json_array_get(json_object_get(reply, "embeddings"), index), "values");
}

static bool gemini_open(Embedder *self, GError **error) {
    Gemini *gemini = self->priv;
    KeyProviderConfig *config = embed_server_section(self, &gemini_section, error);
    if (config == NULL) return false;
    const char *own = field_find(gemini_config_fields, "base_url")->default_text;
    EmbedServerKey wanted = { .configured = self->settings.api_key,
                              .variable = "GEMINI_API_KEY",
                              .setup = "memory.gemini_api_key",
                              .is_own_address = g_strcmp0(config->base_url, own) == 0 };
    char *key = embed_server_key(self, &wanted, error);
    if (key != NULL) {
        embed_server_init(&gemini->server, self, config->base_url);
        if (key[0] != '\0') embed_server_add_header(&gemini->server, "x-goog-api-key", "", key);
        if (self->model[0] == '\0') {
            g_free(self->model);
            self->model = g_strdup(DEFAULT_MODEL);
        }
        g_autofree char *model = g_uri_escape_string(self->model, NULL, FALSE);
        gemini->path = g_strdup_printf("/v1beta/models/%s:batchEmbedContents", model);
    }
    bool is_ok = key != NULL;
    secret_free(key);
    embed_server_section_free(&gemini_section, config);
    return is_ok;
}

static bool gemini_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                         Cancel *cancel, GError **error) {
    Gemini *gemini = self->priv;
    EmbedServerCall call = { .request = request,
                             .path = gemini->path,
                             .n_per_request = TEXTS_PER_REQUEST,
                             .encode = encode_request,
                             .find_vector = find_vector };
    return embed_server_embed(&gemini->server, &call, out, cancel, error);
}

static void gemini_close(Embedder *self) {
    Gemini *gemini = self->priv;
    embed_server_clear(&gemini->server);
    g_free(gemini->path);
}

const EmbedderOps gemini_embedder_ops = {
    .name = "gemini",
    .summary = "Google Gemini's embedding models (memory.gemini_api_key).",
    .private_size = sizeof(Gemini),
    .open = gemini_open,
    .embed = gemini_embed,
    .close = gemini_close,
};

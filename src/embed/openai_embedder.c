/* embed/openai_embedder.c: see the header. */
#include "embed/openai_embedder.h"

#include <string.h>

#include "embed/embed_server.h"
#include "provider/provider_config.h"

#define DEFAULT_MODEL "text-embedding-3-small"
#define TEXTS_PER_REQUEST 64

static const EmbedServerSection openai_section = { "providers.openai", openai_config_fields,
                                                   sizeof(KeyProviderConfig) };

typedef struct {
    EmbedServer server;
} Openai;

typedef struct {
    char *model;
    char **input;
    char *encoding_format;
} OpenaiBody;

static const Field body_fields[] = {
    { "model", FIELD_STRING(OpenaiBody, model), .help = "Model." },
    { "input", FIELD_STRINGS(OpenaiBody, input), .help = "Texts." },
    { "encoding_format", FIELD_STRING(OpenaiBody, encoding_format), .help = "How numbers come." },
    { 0 }
};

static char *encode_request(const Embedder *embedder, char **texts, EmbedPurpose purpose) {
    (void)purpose;
    OpenaiBody body = { .model = embedder->model,
                        .input = texts,
                        .encoding_format = (char *)"float" };
    return field_encode(body_fields, &body, FIELD_COMPACT);
}

/* The items carry their place; most servers also send them in order. */
static const json_t *find_vector(const json_t *reply, size_t index) {
    const json_t *items = json_object_get(reply, "data");
    const json_t *item = json_array_get(items, index);
    size_t at;
    const json_t *other;
    const json_t *place = json_object_get(item, "index");
    if (place != NULL && json_integer_value(place) != (json_int_t)index)
        json_array_foreach (items, at, other)
            if (json_integer_value(json_object_get(other, "index")) == (json_int_t)index)
                item = other;
    return json_object_get(item, "embedding");
}

static bool openai_open(Embedder *self, GError **error) {
    Openai *openai = self->priv;
    KeyProviderConfig *config = embed_server_section(self, &openai_section, error);
    if (config == NULL) return false;
    const char *own = field_find(openai_config_fields, "base_url")->default_text;
    EmbedServerKey wanted = { .configured = config->api_key,
                              .variable = "OPENAI_API_KEY",
                              .setup = "providers.openai.api_key",
                              .is_own_address = g_strcmp0(config->base_url, own) == 0 };
    char *key = embed_server_key(self, &wanted, error);
    if (key != NULL) {
        embed_server_init(&openai->server, self, config->base_url);
        if (key[0] != '\0')
            embed_server_add_header(&openai->server, "Authorization", "Bearer ", key);
        if (self->model[0] == '\0') {
            g_free(self->model);
            self->model = g_strdup(DEFAULT_MODEL);
        }
        /* Two servers may give one name to two models. */
        g_free(self->version);
        self->version = g_strdup(wanted.is_own_address ? "" : openai->server.address);
    }
    bool is_ok = key != NULL;
    secret_free(key);
    embed_server_section_free(&openai_section, config);
    return is_ok;
}

static bool openai_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                         Cancel *cancel, GError **error) {
    Openai *openai = self->priv;
    EmbedServerCall call = { .request = request,
                             .path = "/embeddings",
                             .n_per_request = TEXTS_PER_REQUEST,
                             .encode = encode_request,
                             .find_vector = find_vector };
    return embed_server_embed(&openai->server, &call, out, cancel, error);
}

static void openai_close(Embedder *self) {
    Openai *openai = self->priv;
    embed_server_clear(&openai->server);
}

const EmbedderOps openai_embedder_ops = {
    .name = "openai",
    .summary = "OpenAI, or any server that speaks its interface (providers.openai.base_url).",
    .private_size = sizeof(Openai),
    .open = openai_open,
    .embed = openai_embed,
    .close = openai_close,
};

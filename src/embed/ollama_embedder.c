/* embed/ollama_embedder.c: see the header. */
#include "embed/ollama_embedder.h"

#include <string.h>

#include "embed/embed_server.h"
#include "provider/provider_config.h"

#define DEFAULT_MODEL "nomic-embed-text"
#define TEXTS_PER_REQUEST 32

static const EmbedServerSection ollama_section = { "providers.ollama", ollama_config_fields,
                                                   sizeof(OllamaConfig) };

typedef struct {
    EmbedServer server;
} Ollama;

typedef struct {
    char *model;
    char **input;
    bool is_cut;
} OllamaBody;

static const Field body_fields[] = {
    { "model", FIELD_STRING(OllamaBody, model), .help = "Model." },
    { "input", FIELD_STRINGS(OllamaBody, input), .help = "Texts." },
    { "truncate", FIELD_BOOL(OllamaBody, is_cut), .help = "Cut what is too long." },
    { 0 }
};

static char *encode_request(const Embedder *embedder, char **texts, EmbedPurpose purpose) {
    (void)purpose;
    OllamaBody body = { .model = embedder->model, .input = texts, .is_cut = true };
    return field_encode(body_fields, &body, FIELD_COMPACT);
}

static const json_t *find_vector(const json_t *reply, size_t index) {
    return json_array_get(json_object_get(reply, "embeddings"), index);
}

static bool ollama_open(Embedder *self, GError **error) {
    Ollama *ollama = self->priv;
    OllamaConfig *config = embed_server_section(self, &ollama_section, error);
    if (config == NULL) return false;
    embed_server_init(&ollama->server, self, config->endpoint);
    if (self->model[0] == '\0') {
        g_free(self->model);
        self->model = g_strdup(DEFAULT_MODEL);
    }
    embed_server_section_free(&ollama_section, config);
    return true;
}

static bool ollama_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                         Cancel *cancel, GError **error) {
    Ollama *ollama = self->priv;
    EmbedServerCall call = { .request = request,
                             .path = "/api/embed",
                             .n_per_request = TEXTS_PER_REQUEST,
                             .encode = encode_request,
                             .find_vector = find_vector };
    return embed_server_embed(&ollama->server, &call, out, cancel, error);
}

static void ollama_close(Embedder *self) {
    Ollama *ollama = self->priv;
    embed_server_clear(&ollama->server);
}

const EmbedderOps ollama_embedder_ops = {
    .name = "ollama",
    .summary = "Ollama: an embedding model on this machine or on one of yours.",
    .private_size = sizeof(Ollama),
    .open = ollama_open,
    .embed = ollama_embed,
    .close = ollama_close,
};

/* embed/gguf_embedder.c: see the header. */
#include "embed/gguf_embedder.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "embed/embed_server.h"
#include "provider/local.h"

/* A text that does not fit is halved so often. */
#define MAX_HALVINGS 12
#define MAX_BYTES 200000

static const EmbedServerSection engine_section = { "engine", engine_config_fields,
                                                   sizeof(EngineConfig) };

typedef struct {
    EngineClient *client;
    StoredModel *model;
} Gguf;

typedef struct {
    const char *part_of_name;
    const char *passage, *query;
} Prefix;

/* clang-format off */
static const Prefix prefixes[] = {
    { "embeddinggemma", "title: none | text: ", "task: search result | query: " },
    { "nomic-embed",    "search_document: ",    "search_query: " },
    { "e5-",            "passage: ",            "query: " },
    { "bge-m3",         "",                     "" },
    { "bge-",           "",                     "Represent this sentence for searching relevant passages: " },
    { "mxbai-embed",    "",                     "Represent this sentence for searching relevant passages: " },
};
/* clang-format on */

const char *gguf_embedder_prefix(const char *model_name, EmbedPurpose purpose) {
    g_autofree char *name = g_ascii_strdown(model_name, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++)
        if (strstr(name, prefixes[i].part_of_name) != NULL)
            return purpose == EMBED_QUERY ? prefixes[i].query : prefixes[i].passage;
    return "";
}

/* The first of the store that was made for it. */
static StoredModel *find_embedder(const Paths *paths, GError **error) {
    g_autoptr(GPtrArray) models = model_store_list(paths, error);
    if (models == NULL) return NULL;
    for (guint i = 0; i < models->len; i++) {
        const StoredModel *model = models->pdata[i];
        if (model->is_embedder && model->problem == NULL)
            return model_store_resolve(paths, model->name, error);
    }
    error_set_with_hint(error, ERR_NOT_FOUND,
                        "Put the GGUF file of an embedding model into the models folder (localgpt "
                        "paths), or name one: localgpt config set memory.embedding_model "
                        "/path/to/model.gguf",
                        "there is no embedding model on this machine");
    return NULL;
}

static bool gguf_open(Embedder *self, GError **error) {
    Gguf *gguf = self->priv;
    const Paths *paths = self->settings.paths;
    if (paths == NULL) {
        error_set(error, ERR_NOT_FOUND, "the embedder 'gguf' needs the folder of the models");
        return false;
    }
    gguf->model = self->model[0] == '\0' ? find_embedder(paths, error)
                                         : model_store_resolve(paths, self->model, error);
    if (gguf->model == NULL) return false;
    EngineConfig *config = embed_server_section(self, &engine_section, error);
    if (config == NULL) return false;
    gguf->client = local_engine_client_new(paths, config, gguf->model);
    embed_server_section_free(&engine_section, config);
    g_free(self->model);
    self->model = g_strdup(gguf->model->name);
    g_free(self->version);
    self->version = g_strdup_printf("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT,
                                    gguf->model->size_bytes, gguf->model->modified_us);
    return true;
}

/* A text longer than the model's window gives the vector of its beginning. */
static GArray *embed_text(Gguf *gguf, const char *prefix, const EmbedText *text, Cancel *cancel,
                          GError **error) {
    size_t length = text_cut(text->bytes, text->length, MAX_BYTES);
    for (int i = 0;; i++) {
        g_autofree char *valid = text_make_valid(text->bytes, length);
        g_autofree char *whole = g_strconcat(prefix, valid, NULL);
        g_autoptr(GError) failure = NULL;
        GArray *vector = engine_client_embed(gguf->client, whole, cancel, &failure);
        if (vector != NULL) return vector;
        if (!error_is(failure, ERR_LIMIT) || i == MAX_HALVINGS || length < 16) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        length = text_cut(text->bytes, length, length / 2);
    }
}

static bool is_blank(const EmbedText *text) {
    for (size_t i = 0; i < text->length; i++)
        if (!g_ascii_isspace(text->bytes[i]) && text->bytes[i] != '\0') return false;
    return true;
}

static bool gguf_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                       Cancel *cancel, GError **error) {
    Gguf *gguf = self->priv;
    const char *prefix = gguf_embedder_prefix(self->model, request->purpose);
    embed_vectors_reserve(out, request->n, self->n_dimensions);
    for (size_t i = 0; i < request->n; i++) {
        const EmbedText *text = &request->texts[i];
        if (is_blank(text)) continue;
        g_autoptr(GArray) vector = embed_text(gguf, prefix, text, cancel, error);
        if (vector == NULL) return false;
        if (out->n_dimensions == 0) embed_vectors_reserve(out, request->n, vector->len);
        float *row = out->values + i * out->n_dimensions;
        memcpy(row, vector->data, MIN(vector->len, out->n_dimensions) * sizeof(float));
        embed_vectors_normalise(row, out->n_dimensions);
    }
    return true;
}

static void gguf_close(Embedder *self) {
    Gguf *gguf = self->priv;
    engine_client_free(gguf->client);
    stored_model_free(gguf->model);
}

const EmbedderOps gguf_embedder_ops = {
    .name = "gguf",
    .summary = "An embedding model of your own (a GGUF file), run on this machine.",
    .caps = EMBEDDER_OFFLINE,
    .private_size = sizeof(Gguf),
    .open = gguf_open,
    .embed = gguf_embed,
    .close = gguf_close,
};

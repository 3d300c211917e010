/* embed/static_embedder.c: see the header. */
#include "embed/static_embedder.h"

#include "embed/pooling.h"
#include "embed/static_table.h"
#include "embed/wordpiece.h"

/* Texts between two looks at `cancel`. */
#define TEXTS_PER_LOOK 256

typedef struct {
    StaticTable *table;
    WordPiece *pieces; /* made on the first text: opening must cost nothing */
    GArray *ids;
    Pooling *pooling;
} StaticEmbedder;

static bool static_open(Embedder *self, GError **error) {
    StaticEmbedder *embedder = self->priv;
    g_autofree char *path = static_table_find(self->settings.paths, error);
    if (path == NULL) return false;
    embedder->table = static_table_open(path, error);
    if (embedder->table == NULL) return false;
    g_free(self->model);
    self->model = g_strdup("static-embedding");
    g_free(self->version);
    self->version = g_strdup_printf("%08x", embedder->table->checksum);
    self->n_dimensions = embedder->table->n_dimensions;
    return true;
}

static bool are_mostly_known(const StaticTable *table, const GArray *ids) {
    size_t n_known = 0;
    for (guint i = 0; i < ids->len; i++)
        n_known += g_array_index(ids, uint32_t, i) != table->unknown_id;
    return n_known > 0 && n_known * 2 >= ids->len;
}

static bool static_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                         Cancel *cancel, GError **error) {
    StaticEmbedder *embedder = self->priv;
    const StaticTable *table = embedder->table;
    if (embedder->pieces == NULL) {
        embedder->pieces = wordpiece_new(table);
        embedder->pooling = pooling_new(table);
        embedder->ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    }
    embed_vectors_reserve(out, request->n, table->n_dimensions);
    for (size_t i = 0; i < request->n; i++) {
        if (i % TEXTS_PER_LOOK == 0 && !cancel_check(cancel, error)) return false;
        const EmbedText *text = &request->texts[i];
        g_array_set_size(embedder->ids, 0);
        wordpiece_append_ids(embedder->pieces, text->bytes, text->length, embedder->ids);
        if (!are_mostly_known(table, embedder->ids)) continue;
        float *row = out->values + i * table->n_dimensions;
        pooling_sum(embedder->pooling, (const uint32_t *)(const void *)embedder->ids->data,
                    embedder->ids->len, row);
        embed_vectors_normalise(row, table->n_dimensions);
    }
    return true;
}

static void static_close(Embedder *self) {
    StaticEmbedder *embedder = self->priv;
    wordpiece_free(embedder->pieces);
    pooling_free(embedder->pooling);
    if (embedder->ids != NULL) g_array_free(embedder->ids, TRUE);
    static_table_free(embedder->table);
}

const EmbedderOps static_embedder_ops = {
    .name = "static",
    .summary = "Built in: a table of English word pieces, no network, no set-up.",
    .other_name = "local",
    .caps = EMBEDDER_OFFLINE | EMBEDDER_INSTANT,
    .private_size = sizeof(StaticEmbedder),
    .open = static_open,
    .embed = static_embed,
    .close = static_close,
};

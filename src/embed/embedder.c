/* embed/embedder.c: the front that every embedder stands behind: names, fingerprints, checks that
 * no implementation has to repeat. */
#include "embed/embedder.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

/* The default of `memory.embedding_model` since the original: it names no model of ours. */
#define DEFAULT_OF_THE_KEY "all-MiniLM-L6-v2"

/* ---- vectors ---- */

void embed_vectors_clear(EmbedVectors *vectors) {
    g_free(vectors->values);
    *vectors = (EmbedVectors){ 0 };
}

void embed_vectors_reserve(EmbedVectors *vectors, size_t n, size_t n_dimensions) {
    size_t needed = n * n_dimensions;
    if (needed > vectors->n_allocated) {
        g_free(vectors->values);
        vectors->values = g_new(float, needed);
        vectors->n_allocated = needed;
    }
    if (needed > 0) memset(vectors->values, 0, needed * sizeof(float));
    vectors->n = n;
    vectors->n_dimensions = n_dimensions;
}

const float *embed_vectors_at(const EmbedVectors *vectors, size_t index) {
    if (index >= vectors->n) return NULL;
    const float *row = vectors->values + index * vectors->n_dimensions;
    for (size_t i = 0; i < vectors->n_dimensions; i++)
        if (row[i] != 0) return row;
    return NULL;
}

void embed_vectors_normalise(float *row, size_t n_dimensions) {
    double sum = 0;
    for (size_t i = 0; i < n_dimensions; i++) sum += (double)row[i] * row[i];
    if (!(sum > 0) || !isfinite(sum)) {
        memset(row, 0, n_dimensions * sizeof(float));
        return;
    }
    double factor = 1 / sqrt(sum);
    for (size_t i = 0; i < n_dimensions; i++) row[i] = (float)(row[i] * factor);
}

/* ---- opening ---- */

const EmbedderOps *embedder_find(const char *name) {
    for (const EmbedderOps *const *ops = embedder_registry; *ops != NULL; ops++)
        if (strcmp(name, (*ops)->name) == 0 || g_strcmp0(name, (*ops)->other_name) == 0)
            return *ops;
    return NULL;
}

static void set_unknown_error(const char *name, GError **error) {
    g_autoptr(GString) names = g_string_new(NULL);
    for (const EmbedderOps *const *ops = embedder_registry; *ops != NULL; ops++)
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", (*ops)->name);
    error_set_with_hint(error, ERR_CONFIG,
                        "Choose one with 'localgpt config set memory.embedding_provider static'.",
                        "there is no embedder named '%s'; there are %s", name, names->str);
}

static bool is_own_choice(const char *model) {
    return model == NULL || model[0] == '\0' || strcmp(model, DEFAULT_OF_THE_KEY) == 0;
}

Embedder *embedder_open(const EmbedderSettings *settings, GError **error) {
    const char *name = settings->provider;
    const EmbedderOps *ops =
        name == NULL || name[0] == '\0' ? embedder_registry[0] : embedder_find(name);
    if (ops == NULL) {
        set_unknown_error(name, error);
        return NULL;
    }
    Embedder *self = g_new0(Embedder, 1);
    self->ops = ops;
    self->settings = *settings;
    self->model = g_strdup(is_own_choice(settings->model) ? "" : settings->model);
    self->version = g_strdup("");
    self->priv = g_malloc0(MAX(ops->private_size, 1));
    if (!ops->open(self, error)) {
        embedder_close(self);
        return NULL;
    }
    self->fingerprint = g_strjoin("/", ops->name, self->model, self->version, NULL);
    return self;
}

void embedder_close(Embedder *embedder) {
    if (embedder == NULL) return;
    if (embedder->ops->close != NULL) embedder->ops->close(embedder);
    g_free(embedder->model);
    g_free(embedder->version);
    g_free(embedder->fingerprint);
    g_free(embedder->priv);
    g_free(embedder);
}

/* ---- using ---- */

bool embedder_embed(Embedder *embedder, const EmbedRequest *request, EmbedVectors *out,
                    Cancel *cancel, GError **error) {
    if (!cancel_check(cancel, error)) return false;
    if (!embedder->ops->embed(embedder, request, out, cancel, error)) return false;
    if (out->n_dimensions > 0) embedder->n_dimensions = out->n_dimensions;
    return true;
}

const char *embedder_fingerprint(const Embedder *embedder) {
    return embedder->fingerprint;
}

size_t embedder_dimensions(Embedder *embedder, Cancel *cancel, GError **error) {
    if (embedder->n_dimensions > 0 || embedder_has(embedder, EMBEDDER_NONE))
        return embedder->n_dimensions;
    EmbedText text = { "word", 4 };
    EmbedRequest request = { .texts = &text, .n = 1, .purpose = EMBED_QUERY };
    g_auto(EmbedVectors) vectors = { 0 };
    if (!embedder_embed(embedder, &request, &vectors, cancel, error)) return 0;
    return embedder->n_dimensions;
}

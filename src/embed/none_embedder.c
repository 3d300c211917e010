/* embed/none_embedder.c: see the header. */
#include "embed/none_embedder.h"

static bool none_open(Embedder *self, GError **error) {
    (void)self;
    (void)error;
    return true;
}

static bool none_embed(Embedder *self, const EmbedRequest *request, EmbedVectors *out,
                       Cancel *cancel, GError **error) {
    (void)self;
    if (!cancel_check(cancel, error)) return false;
    embed_vectors_reserve(out, request->n, 0);
    return true;
}

const EmbedderOps none_embedder_ops = {
    .name = "none",
    .summary = "No vectors: memory is searched by words only.",
    .caps = EMBEDDER_OFFLINE | EMBEDDER_INSTANT | EMBEDDER_NONE,
    .open = none_open,
    .embed = none_embed,
};

/* memory/vectors.c: the embedder and the plane of an index, and keeping them together. */
#include <string.h>

#include "base/error.h"
#include "memory/memory-private.h"

/* Texts of one request; a write follows each, so that a kill loses no more. */
#define BATCH 512

bool memory_open_vectors(Memory *memory, char **out_reason) {
    if (memory->plane != NULL) return true;
    g_autoptr(GError) problem = NULL;
    if (memory->embedder_settings == NULL || memory->has_no_embedder) return false;
    if (memory->embedder == NULL)
        memory->embedder = embedder_open(memory->embedder_settings, &problem);
    if (memory->embedder != NULL && !embedder_has(memory->embedder, EMBEDDER_NONE)) {
        g_autofree char *path = g_strconcat(memory->database, ".vectors", NULL);
        g_autofree char *owner = g_strdup_printf("%s %s", index_owner(memory->index),
                                                 embedder_fingerprint(memory->embedder));
        memory->plane = vector_plane_open(path, owner, &problem);
    }
    if (memory->plane != NULL) return true;
    memory->has_no_embedder = true;
    if (out_reason != NULL && problem != NULL) *out_reason = g_strdup(problem->message);
    return false;
}

bool memory_write_vectors(Memory *memory, const EmbedText *texts, const int64_t *ids, size_t n,
                          Cancel *cancel, GError **error) {
    const EmbedRequest request = { .texts = texts, .n = n, .purpose = EMBED_PASSAGE };
    g_auto(EmbedVectors) vectors = { 0 };
    if (!embedder_embed(memory->embedder, &request, &vectors, cancel, error)) return false;
    const VectorChange change = {
        .put_ids = ids, .vectors = vectors.values, .n_put = n, .n_dimensions = vectors.n_dimensions
    };
    return vector_plane_write(memory->plane, &change, error);
}

/* Vectors of texts[from..from + n) to the plane. */
static bool embed_some(Memory *memory, const GArray *texts, unsigned from, unsigned n,
                       Cancel *cancel, GError **error) {
    g_autofree EmbedText *requests = g_new(EmbedText, n);
    g_autofree int64_t *ids = g_new(int64_t, n);
    for (unsigned i = 0; i < n; i++) {
        const IndexedText *text = &g_array_index(texts, IndexedText, from + i);
        requests[i] = (EmbedText){ text->text, text->length };
        ids[i] = text->id;
    }
    return memory_write_vectors(memory, requests, ids, n, cancel, error);
}

static bool drop_removed(Memory *memory, const GArray *removed, GError **error) {
    if (removed->len == 0) return true;
    const VectorChange change = { .deleted_ids = (const int64_t *)(void *)removed->data,
                                  .n_deleted = removed->len };
    return vector_plane_write(memory->plane, &change, error);
}

static void forget_added(Memory *memory, const GArray *added) {
    VectorPlaneFacts facts;
    vector_plane_facts(memory->plane, &facts);
    if (!facts.needs_reconcile || added->len == 0) return;
    g_autofree int64_t *ids = g_new(int64_t, added->len);
    for (unsigned i = 0; i < added->len; i++) ids[i] = g_array_index(added, IndexedText, i).id;
    const VectorChange change = { .deleted_ids = ids, .n_deleted = added->len };
    g_autoptr(GError) problem = NULL;
    if (!vector_plane_write(memory->plane, &change, &problem))
        g_debug("vectors: %s, ignoring", problem->message);
}

void memory_update_vectors(Memory *memory, Cancel *cancel) {
    const GArray *removed = index_removed_chunks(memory->index);
    const GArray *added = index_added_texts(memory->index);
    if (removed->len == 0 && added->len == 0) return;
    if (!memory_open_vectors(memory, NULL)) return;
    g_autoptr(GError) problem = NULL;
    bool is_ok = drop_removed(memory, removed, &problem);
    for (unsigned i = 0; is_ok && i < added->len; i += BATCH)
        is_ok = embed_some(memory, added, i, MIN(BATCH, added->len - i), cancel, &problem);
    if (is_ok) return;
    /* What is missing is found by the next reconciling; so what is there under these ids must go: a
     * power loss may have taken the database back, and then they were another text's. */
    forget_added(memory, added);
    memory->is_reconciled = false;
    if (!cancel_is_triggered(cancel))
        memory_note(memory, "no vectors for what is new: %s", problem->message);
}

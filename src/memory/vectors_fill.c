/* memory/vectors_fill.c: what the plane lacks: after a kill, or with another embedder. */
#include <string.h>

#include "memory/chunk_text.h"

enum { FILL_BATCH = 256 };

static GArray *read_ids(Memory *memory, GError **error) {
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    StoreQuery query;
    store_query(&query, index_store(memory->index), "SELECT id FROM chunks ORDER BY id");
    while (store_next(&query)) {
        const int64_t id = store_int(&query, 0);
        g_array_append_val(ids, id);
    }
    return store_end(&query, error) ? g_steal_pointer(&ids) : NULL;
}

/* In one turn: texts that are there get their vector, those that are not get an empty one, which
 * the plane remembers as "has none". */
static bool fill_batch(Memory *memory, const int64_t *ids, size_t n, Cancel *cancel,
                       GError **error) {
    ChunkReader reader = { .memory = memory };
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree EmbedText *requests = g_new(EmbedText, n);
    for (size_t i = 0; i < n; i++) {
        ChunkPlace place;
        char *text = NULL;
        if (chunk_place_find(memory, ids[i], &place, NULL)) {
            g_autofree char *piece = chunk_reader_read(&reader, &place);
            bool has_heading = piece != NULL && piece[0] != '#' && place.heading[0] != '\0';
            text = has_heading ? g_strconcat(place.heading, "\n", piece, NULL)
                               : g_steal_pointer(&piece);
        }
        chunk_place_clear(&place);
        if (text == NULL) text = g_strdup("");
        g_ptr_array_add(texts, text);
        requests[i] = (EmbedText){ text, strlen(text) };
    }
    chunk_reader_clear(&reader);
    return memory_write_vectors(memory, requests, ids, n, cancel, error);
}

bool memory_fill_vectors(Memory *memory, size_t max_texts, Cancel *cancel, size_t *out_n_missing,
                         GError **error) {
    *out_n_missing = 0;
    if (!memory_open_vectors(memory, NULL)) return true;
    g_autoptr(GArray) ids = read_ids(memory, error);
    if (ids == NULL) return false;
    g_autoptr(GArray) missing = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!vector_plane_reconcile(memory->plane, (const int64_t *)(void *)ids->data, ids->len,
                                missing, error))
        return false;
    size_t n_all = missing->len, n_left = n_all;
    size_t n_wanted = max_texts > 0 ? MIN(max_texts, n_all) : n_all;
    /* The largest ids are the newest files. */
    while (n_all - n_left < n_wanted) {
        size_t n = MIN(FILL_BATCH, n_wanted - (n_all - n_left));
        const int64_t *first = &g_array_index(missing, int64_t, n_left - n);
        if (!fill_batch(memory, first, n, cancel, error)) return false;
        n_left -= n;
        if (memory->on_progress != NULL)
            memory->on_progress((int64_t)(n_all - n_left), (int64_t)n_wanted,
                                memory->progress_data);
    }
    *out_n_missing = n_left;
    memory->is_reconciled = n_left == 0;
    return true;
}

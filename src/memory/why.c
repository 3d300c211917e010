/* memory/why.c: from a claim to the note that bears it out, and the turn that wrote it. */
#include <string.h>

#include "base/error.h"
#include "memory/chunk_text.h"
#include "memory/memory-private.h"

void memory_reason_clear(MemoryReason *reason) {
    memory_hit_free(reason->hit);
    g_free(reason->session);
    g_free(reason->turn);
    g_free(reason->tool);
    *reason = (MemoryReason){ 0 };
}

/* The chunk of a note at a line; 0 when there is none. */
static int64_t find_chunk(Memory *memory, const char *path, int64_t line, GError **error) {
    StoreQuery query;
    int64_t id = 0;
    store_query(&query, index_store(memory->index),
                "SELECT c.id FROM files f JOIN chunks c ON c.id >= f.first_chunk"
                " AND c.id < f.first_chunk + f.n_chunks WHERE f.source = 0 AND f.path = ?"
                " AND c.start_line <= ? ORDER BY c.id DESC LIMIT 1");
    store_bind_text(&query, 1, path);
    store_bind_int(&query, 2, line);
    if (store_next(&query)) id = store_int(&query, 0);
    return store_end(&query, error) ? id : 0;
}

static bool read_origin(Memory *memory, int64_t id, MemoryReason *out, GError **error) {
    StoreQuery query;
    store_query(&query, index_store(memory->index),
                "SELECT session, turn, tool FROM provenances WHERE id ="
                " (SELECT provenance FROM chunks WHERE id = ?)");
    store_bind_int(&query, 1, id);
    bool is_there = store_next(&query);
    out->session = g_strdup(is_there ? store_text(&query, 0) : "");
    out->turn = g_strdup(is_there ? store_text(&query, 1) : "");
    out->tool = g_strdup(is_there ? store_text(&query, 2) : "");
    return store_end(&query, error);
}

static MemoryHit *hit_of_chunk(Memory *memory, int64_t id) {
    ChunkPlace place;
    ChunkReader reader = { .memory = memory };
    if (!chunk_place_find(memory, id, &place, NULL)) return NULL;
    MemoryHit *hit = g_new0(MemoryHit, 1);
    hit->text = chunk_reader_read(&reader, &place);
    if (hit->text == NULL) hit->text = g_strdup("");
    hit->snippet = g_strdup(hit->text);
    hit->session = g_strdup("");
    hit->message = g_strdup("");
    hit->path = g_steal_pointer(&place.path);
    hit->heading = g_steal_pointer(&place.heading);
    hit->date = g_steal_pointer(&place.date);
    hit->start_line = place.start_line;
    hit->end_line = place.end_line;
    hit->label = place.label;
    chunk_place_clear(&place);
    chunk_reader_clear(&reader);
    return hit;
}

/* "memory/2026-11-24.md#L10-20", or the name of a note: its first chunk. */
static bool find_cited(Memory *memory, const char *claim, int64_t *out_id, GError **error) {
    g_autofree char *path = g_strdup(claim);
    char *mark = strrchr(path, '#');
    int64_t line = 1;
    if (mark != NULL && mark[1] == 'L') {
        line = g_ascii_strtoll(mark + 2, NULL, 10);
        *mark = '\0';
    }
    g_autoptr(GError) problem = NULL;
    *out_id = find_chunk(memory, path, line, &problem);
    if (problem == NULL) return true;
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static bool find_claimed(Memory *memory, const char *claim, MemoryReason *out, int64_t *out_id,
                         GError **error) {
    const MemoryRequest request = { .query = claim, .limit = 1 };
    g_autoptr(MemoryAnswer) answer = memory_search(memory, &request, NULL, error);
    if (answer == NULL) return false;
    if (answer->hits->len == 0) return true;
    out->hit = g_ptr_array_steal_index(answer->hits, 0);
    *out_id = out->hit->session[0] == '\0'
                  ? find_chunk(memory, out->hit->path, out->hit->start_line, NULL)
                  : 0;
    return true;
}

bool memory_why(Memory *memory, const char *claim, MemoryReason *out_reason, GError **error) {
    MemoryReason reason = { 0 };
    int64_t id = 0;
    bool is_ok =
        memory_sync(memory, SYNC_QUICK, NULL, NULL, error) && find_cited(memory, claim, &id, error);
    if (is_ok && id != 0)
        reason.hit = hit_of_chunk(memory, id);
    else
        is_ok = is_ok && find_claimed(memory, claim, &reason, &id, error);
    is_ok = is_ok && read_origin(memory, id, &reason, error);
    if (!is_ok) {
        memory_reason_clear(&reason);
        return false;
    }
    *out_reason = reason;
    return true;
}

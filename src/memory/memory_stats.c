/* memory/memory_stats.c: what the index knows, for people. */
#include <sys/stat.h>

#include "memory/memory-private.h"

static void free_file(void *data) {
    MemoryFile *file = data;
    g_free(file->path);
    g_free(file->date);
    g_free(file);
}

static void free_skipped(void *data) {
    MemorySkipped *skipped = data;
    g_free(skipped->path);
    g_free(skipped->reason);
    g_free(skipped);
}

void memory_stats_clear(MemoryStats *stats) {
    if (stats->files != NULL) g_ptr_array_unref(stats->files);
    if (stats->skipped != NULL) g_ptr_array_unref(stats->skipped);
    g_free(stats->embedder);
    *stats = (MemoryStats){ 0 };
}

bool memory_refresh(Memory *memory, Cancel *cancel, SyncReport *out_report, GError **error) {
    return memory_sync(memory, SYNC_QUICK, cancel, out_report, error);
}

static bool read_files(Memory *memory, GPtrArray *files, GError **error) {
    StoreQuery query;
    store_query(&query, index_store(memory->index),
                "SELECT path, date, n_chunks, n_lines, size FROM files WHERE source = 0"
                " ORDER BY path");
    while (store_next(&query)) {
        MemoryFile *file = g_new(MemoryFile, 1);
        *file = (MemoryFile){ .path = g_strdup(store_text(&query, 0)),
                              .date = g_strdup(store_text(&query, 1)),
                              .n_chunks = store_int(&query, 2),
                              .n_lines = store_int(&query, 3),
                              .n_bytes = store_int(&query, 4) };
        g_ptr_array_add(files, file);
    }
    return store_end(&query, error);
}

static bool read_skipped(Memory *memory, GPtrArray *skipped, GError **error) {
    StoreQuery query;
    store_query(&query, index_store(memory->index),
                "SELECT path, reason FROM skipped ORDER BY path");
    while (store_next(&query)) {
        MemorySkipped *row = g_new(MemorySkipped, 1);
        *row = (MemorySkipped){ g_strdup(store_text(&query, 0)), g_strdup(store_text(&query, 1)) };
        g_ptr_array_add(skipped, row);
    }
    return store_end(&query, error);
}

bool memory_stats(Memory *memory, MemoryStats *out, GError **error) {
    IndexFacts facts;
    if (!index_facts(memory->index, &facts, error)) return false;
    g_auto(MemoryStats) stats = { .n_chunks = facts.n_chunks,
                                  .n_sessions = facts.n_sessions,
                                  .n_messages = facts.n_messages,
                                  .n_index_bytes = facts.n_bytes };
    stats.files = g_ptr_array_new_with_free_func(free_file);
    stats.skipped = g_ptr_array_new_with_free_func(free_skipped);
    if (!read_files(memory, stats.files, error) || !read_skipped(memory, stats.skipped, error))
        return false;
    bool has_vectors = memory_open_vectors(memory, NULL);
    stats.embedder = g_strdup(has_vectors ? embedder_fingerprint(memory->embedder) : "");
    if (has_vectors) {
        VectorPlaneFacts plane;
        vector_plane_facts(memory->plane, &plane);
        stats.n_vectors = (int64_t)plane.n_vectors;
        stats.n_index_bytes += plane.size_bytes;
    }
    *out = stats;
    memset(&stats, 0, sizeof stats); /* it is the caller's now */
    return true;
}

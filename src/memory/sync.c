/* memory/sync.c: the index follows the files. */
#include "memory/sync.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "memory/session_source.h"

/* Up to so many files every search looks at all of them: a millisecond for 500 (2 us each). */
#define FEW_FILES 2000
/* In a larger index: those that changed last, and as many more, taken by lot. */
#define N_LIKELY 128

typedef struct {
    /* borrowed */
    Memory *memory;
    Cancel *cancel;
    SyncReport *report;
    /* owned */
    GArray *changed;    /* SyncFile, borrowed paths */
    GPtrArray *removed; /* KnownFile, borrowed */
    /* state */
    SyncMode mode;
    int64_t n_done;
} Sync;

typedef struct {
    char *path; /* owned */
    IndexSource source;
    int64_t mtime_ns, size_bytes;
    uint64_t inode;
    bool is_seen;
} KnownFile;

static void free_known(void *known) {
    g_free(((KnownFile *)known)->path);
    g_free(known);
}

static bool is_same(const KnownFile *known, const SyncFile *file) {
    return known->mtime_ns == file->mtime_ns && known->size_bytes == file->size_bytes &&
           known->inode == file->inode;
}

/* Sessions and notes may have the same name. New string. */
static char *key_of(IndexSource source, const char *path) {
    return g_strdup_printf("%d%s", source, path);
}

static KnownFile *known_from_row(const StoreQuery *query) {
    KnownFile *known = g_new0(KnownFile, 1);
    known->source = (IndexSource)store_int(query, 0);
    known->path = g_strdup(store_text(query, 1));
    known->mtime_ns = store_int(query, 2);
    known->size_bytes = store_int(query, 3);
    known->inode = (uint64_t)store_int(query, 4);
    return known;
}

/* By key_of(). */
static GHashTable *read_known(Memory *memory, GError **error) {
    g_autoptr(GHashTable) table =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_known);
    StoreQuery query;
    store_query(&query, index_store(memory->index),
                "SELECT source, path, mtime, size, inode FROM files UNION ALL"
                " SELECT source, path, mtime, size, inode FROM skipped");
    while (store_next(&query)) {
        KnownFile *known = known_from_row(&query);
        g_hash_table_replace(table, key_of(known->source, known->path), known);
    }
    return store_end(&query, error) ? g_steal_pointer(&table) : NULL;
}

/* Newest first: what was written last is searched for first. */
static int compare_files(const void *left, const void *right) {
    const SyncFile *a = left, *b = right;
    if (a->mtime_ns != b->mtime_ns) return a->mtime_ns > b->mtime_ns ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* Putting in. */

static bool skip(Sync *sync, const SyncFile *file, const char *reason, GError **error) {
    const IndexFile row = { file->source, file->path, file->mtime_ns, file->size_bytes,
                            file->inode };
    sync->report->n_skipped++;
    memory_note(sync->memory, "'%s' is left out: %s", file->path, reason);
    return index_skip(sync->memory->index, &row, reason, error);
}

/* A file that vanished since it was listed is one of the next look's removed ones. */
static bool is_gone(const GError *problem) {
    return error_is(problem, ERR_NOT_FOUND);
}

static bool put_note(Sync *sync, const SyncFile *file, const char *absolute, GError **error) {
    NoteText note;
    g_autoptr(GError) problem = NULL;
    if (!note_text_read(absolute, &note, &problem))
        return is_gone(problem) || skip(sync, file, problem->message, error);
    const IndexFile row = { file->source, file->path, sync_safe_time(note.mtime_ns),
                            note.size_bytes, note.inode };
    bool is_changed = false;
    if (sync->mode == SYNC_FORCED &&
        !index_remove(sync->memory->index, file->source, file->path, error)) {
        note_text_clear(&note);
        return false;
    }
    bool is_ok = index_put_note(sync->memory->index, &row, &note, &is_changed, error);
    if (is_changed) {
        sync->report->n_updated++;
        sync->report->n_bytes += note.size_bytes;
    }
    note_text_clear(&note);
    return is_ok;
}

static bool put_session(Sync *sync, const SyncFile *file, const char *absolute, GError **error) {
    SessionText session;
    g_autoptr(GError) problem = NULL;
    if (!session_source_read(absolute, &session, &problem))
        return is_gone(problem) || skip(sync, file, problem->message, error);
    const IndexFile row = { file->source, file->path, sync_safe_time(file->mtime_ns),
                            file->size_bytes, file->inode };
    bool is_ok =
        index_put_session(sync->memory->index, &row, session.date, session.messages, error);
    session_text_clear(&session);
    sync->report->n_updated++;
    sync->report->n_bytes += file->size_bytes;
    return is_ok;
}

static bool commit(Sync *sync, GError **error) {
    if (!index_commit(sync->memory->index, error)) return false;
    memory_update_vectors(sync->memory, sync->cancel);
    return true;
}

static bool put_changed(Sync *sync, GError **error) {
    for (unsigned i = 0; i < sync->changed->len; i++) {
        const SyncFile *file = &g_array_index(sync->changed, SyncFile, i);
        g_autofree char *absolute = memory_absolute_path(sync->memory, file->source, file->path);
        bool is_ok = file->source == INDEX_NOTES ? put_note(sync, file, absolute, error)
                                                 : put_session(sync, file, absolute, error);
        if (!is_ok || !cancel_check(sync->cancel, error)) return false;
        if (sync->memory->on_progress != NULL)
            sync->memory->on_progress(++sync->n_done, sync->changed->len,
                                      sync->memory->progress_data);
        if (!index_is_full(sync->memory->index)) continue;
        if (!commit(sync, error) || !index_begin(sync->memory->index, error)) return false;
    }
    return true;
}

/* Made since the files were listed, and indexed by another process. */
static bool is_there(const Memory *memory, const KnownFile *known) {
    SyncFile file;
    if (known->source != INDEX_NOTES || !sync_look(memory, known->path, &file)) return false;
    g_free(file.path);
    return true;
}

static bool remove_gone(Sync *sync, GError **error) {
    for (unsigned i = 0; i < sync->removed->len; i++) {
        const KnownFile *known = g_ptr_array_index(sync->removed, i);
        if (is_there(sync->memory, known)) continue;
        if (!index_remove(sync->memory->index, known->source, known->path, error)) return false;
        sync->report->n_removed++;
    }
    return true;
}

static bool apply(Sync *sync, GError **error) {
    if (sync->changed->len == 0 && sync->removed->len == 0) return true;
    Memory *memory = sync->memory;
    g_array_sort(sync->changed, compare_files);
    index_keep_texts(memory->index, memory_open_vectors(memory, NULL) &&
                                        embedder_has(memory->embedder, EMBEDDER_INSTANT));
    if (!index_begin(memory->index, error)) return false;
    if (!remove_gone(sync, error) || !put_changed(sync, error)) {
        index_rollback(memory->index);
        return false;
    }
    return commit(sync, error) &&
           word_index_merge(index_store(memory->index), /* is_whole= */ false, sync->cancel, error);
}

static void sync_init(Sync *sync, Memory *memory, SyncMode mode, Cancel *cancel,
                      SyncReport *report) {
    *sync = (Sync){ .memory = memory, .cancel = cancel, .report = report, .mode = mode };
    sync->changed = g_array_new(FALSE, FALSE, sizeof(SyncFile));
    sync->removed = g_ptr_array_new();
}

static void sync_clear(Sync *sync) {
    g_array_unref(sync->changed);
    g_ptr_array_unref(sync->removed);
}

/* Everything. */

static bool write_folders(Memory *memory, const SyncListing *listing, GError **error) {
    Store *store = index_store(memory->index);
    if (!store_begin(store, error)) return false;
    bool is_ok = store_run(store, "DELETE FROM folders", error);
    StoreQuery insert;
    store_query(&insert, store, "INSERT OR REPLACE INTO folders(path, mtime) VALUES (?, ?)");
    for (unsigned i = 0; is_ok && i < listing->folders->len; i++) {
        const SyncFolder *folder = &g_array_index(listing->folders, SyncFolder, i);
        store_bind_text(&insert, 1, folder->path);
        store_bind_int(&insert, 2, folder->mtime_ns);
        if (!store_step(&insert)) break;
    }
    is_ok = store_end(&insert, is_ok ? error : NULL) && is_ok;
    is_ok = is_ok && index_set_meta(memory->index, "is_whole", "1", error);
    if (is_ok) return store_commit(store, error);
    store_rollback(store);
    return false;
}

static void compare(Sync *sync, const SyncListing *listing, GHashTable *known) {
    for (unsigned i = 0; i < listing->files->len; i++) {
        const SyncFile *file = &g_array_index(listing->files, SyncFile, i);
        g_autofree char *key = key_of(file->source, file->path);
        KnownFile *row = g_hash_table_lookup(known, key);
        if (row != NULL) row->is_seen = true;
        if (row == NULL || !is_same(row, file) || sync->mode == SYNC_FORCED)
            g_array_append_vals(sync->changed, file, 1);
    }
    GHashTableIter iterator;
    void *value;
    g_hash_table_iter_init(&iterator, known);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        KnownFile *row = value;
        /* Sessions that were not looked for are not gone. */
        bool was_listed = row->source == INDEX_NOTES || sync->memory->indexes_sessions;
        if (!row->is_seen && was_listed) g_ptr_array_add(sync->removed, row);
    }
}

static bool has_same_folders(Memory *memory, const SyncListing *listing, GError **error) {
    StoreQuery query;
    unsigned n = 0, n_same = 0;
    g_autoptr(GHashTable) times = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < listing->folders->len; i++) {
        SyncFolder *folder = &g_array_index(listing->folders, SyncFolder, i);
        g_hash_table_insert(times, folder->path, &folder->mtime_ns);
    }
    store_query(&query, index_store(memory->index), "SELECT path, mtime FROM folders");
    for (; store_next(&query); n++) {
        const int64_t *time = g_hash_table_lookup(times, store_text(&query, 0));
        if (time != NULL && *time == store_int(&query, 1)) n_same++;
    }
    bool is_ok = store_end(&query, error);
    return is_ok && n == n_same && n == listing->folders->len;
}

static bool sync_whole(Sync *sync, GError **error) {
    Memory *memory = sync->memory;
    g_autoptr(SyncListing) listing = sync_list(memory, sync->cancel, error);
    if (listing == NULL) return false;
    g_autoptr(GHashTable) known = read_known(memory, error);
    if (known == NULL) return false;
    for (unsigned i = 0; i < listing->problems->len; i++)
        memory_note(memory, "%s", (const char *)g_ptr_array_index(listing->problems, i));
    sync->report->n_seen = listing->files->len;
    sync->report->n_skipped = listing->problems->len;
    compare(sync, listing, known);
    bool is_first = memory->is_new;
    if (!apply(sync, error)) return false;
    memory->is_new = false;
    if (!is_first && has_same_folders(memory, listing, NULL)) return true;
    return write_folders(memory, listing, error);
}

/* Only what is likely. */

static bool folders_changed(Memory *memory, bool *out_changed, GError **error) {
    StoreQuery query;
    *out_changed = false;
    int64_t n = 0;
    store_query(&query, index_store(memory->index), "SELECT path, mtime FROM folders");
    while (!*out_changed && store_next(&query)) {
        struct stat info;
        n++;
        *out_changed =
            stat(store_text(&query, 0), &info) != 0 ||
            info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec != store_int(&query, 1);
    }
    if (n == 0) *out_changed = true;
    return store_end(&query, error);
}

/* The files of a question that differ from what is known go to `changed`; the paths to `keep`. */
static bool look_at(Sync *sync, const char *sql, int64_t number, GPtrArray *keep, GError **error) {
    StoreQuery query;
    store_query(&query, index_store(sync->memory->index), sql);
    store_bind_int(&query, 1, number);
    while (store_next(&query)) {
        KnownFile *known = known_from_row(&query);
        g_ptr_array_add(keep, known);
        if (known->source == INDEX_SESSIONS && !sync->memory->indexes_sessions) continue;
        g_autofree char *absolute = memory_absolute_path(sync->memory, known->source, known->path);
        struct stat info;
        if (stat(absolute, &info) != 0 || !S_ISREG(info.st_mode)) {
            g_ptr_array_add(sync->removed, known);
            continue;
        }
        const SyncFile file = { known->path, known->source,
                                info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec,
                                info.st_size, info.st_ino };
        if (!is_same(known, &file)) g_array_append_val(sync->changed, file);
    }
    return store_end(&query, error);
}

static bool sync_likely(Sync *sync, GError **error) {
    bool is_changed;
    if (!folders_changed(sync->memory, &is_changed, error)) return false;
    if (is_changed) return sync_whole(sync, error);
    static const char newest[] = "SELECT source, path, mtime, size, inode FROM files"
                                 " ORDER BY mtime DESC LIMIT ?";
    static const char by_lot[] = "SELECT source, path, mtime, size, inode FROM files WHERE id >="
                                 " abs(random()) % (SELECT max(id) FROM files) LIMIT ?";
    g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(free_known);
    return look_at(sync, newest, N_LIKELY, keep, error) &&
           look_at(sync, by_lot, N_LIKELY, keep, error) && apply(sync, error);
}

static bool choose(Memory *memory, SyncMode *mode, GError **error) {
    if (*mode != SYNC_QUICK) return true;
    g_autofree char *is_whole = index_get_meta(memory->index, "is_whole");
    IndexFacts facts;
    if (!index_facts(memory->index, &facts, error)) return false;
    if (is_whole == NULL || memory->is_new || facts.n_files < FEW_FILES) *mode = SYNC_WHOLE;
    return true;
}

static bool finish(Memory *memory, SyncReport *report, int64_t started, GError **error) {
    IndexFacts facts;
    if (!index_facts(memory->index, &facts, error)) return false;
    report->n_chunks = facts.n_chunks + facts.n_messages;
    report->took_ms = (double)(g_get_monotonic_time() - started) / 1000;
    return true;
}

bool memory_sync(Memory *memory, SyncMode mode, Cancel *cancel, SyncReport *out_report,
                 GError **error) {
    int64_t started = g_get_monotonic_time();
    SyncReport report = { 0 };
    Sync sync;
    if (!choose(memory, &mode, error)) return false;
    sync_init(&sync, memory, mode, cancel, &report);
    bool is_ok = mode == SYNC_QUICK ? sync_likely(&sync, error) : sync_whole(&sync, error);
    sync_clear(&sync);
    if (!is_ok || out_report == NULL) return is_ok;
    if (!finish(memory, &report, started, error)) return false;
    *out_report = report;
    return true;
}

bool memory_sync_paths(Memory *memory, const char *const *paths, Cancel *cancel,
                       SyncReport *out_report, GError **error) {
    int64_t started = g_get_monotonic_time();
    SyncReport report = { 0 };
    Sync sync;
    sync_init(&sync, memory, SYNC_QUICK, cancel, &report);
    g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(free_known);
    for (; *paths != NULL; paths++) {
        SyncFile file;
        if (sync_look(memory, *paths, &file)) {
            g_ptr_array_add(keep, file.path);
            g_array_append_val(sync.changed, file);
            continue;
        }
        KnownFile *known = g_new0(KnownFile, 1);
        known->path = g_strdup(*paths);
        g_ptr_array_add(gone, known);
        g_ptr_array_add(sync.removed, known);
    }
    report.n_seen = sync.changed->len;
    bool is_ok = apply(&sync, error);
    sync_clear(&sync);
    report.took_ms = (double)(g_get_monotonic_time() - started) / 1000;
    if (is_ok && out_report != NULL) *out_report = report;
    return is_ok;
}

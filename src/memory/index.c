/* memory/index.c: schema, opening, facts. Putting files in is memory/index_put.c. */
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "memory/index-private.h"

static const char *const scripts[] = {
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE files(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, path TEXT NOT NULL,"
    " mtime INTEGER NOT NULL, size INTEGER NOT NULL, inode INTEGER NOT NULL, hash TEXT NOT NULL,"
    " date TEXT NOT NULL, first_chunk INTEGER NOT NULL, n_chunks INTEGER NOT NULL,"
    " n_lines INTEGER NOT NULL, is_raw INTEGER NOT NULL, UNIQUE(source, path));"
    "CREATE INDEX files_by_chunk ON files(first_chunk, n_chunks, source, date);"
    "CREATE INDEX files_by_time ON files(mtime);"
    "CREATE TABLE chunks(id INTEGER PRIMARY KEY, start_line INTEGER NOT NULL,"
    " end_line INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,"
    " heading TEXT NOT NULL, provenance INTEGER NOT NULL, entry TEXT);"
    "CREATE TABLE provenances(id INTEGER PRIMARY KEY, session TEXT NOT NULL, turn TEXT NOT NULL,"
    " tool TEXT NOT NULL, label INTEGER NOT NULL, UNIQUE(session, turn, tool, label));"
    "CREATE TABLE totals(source INTEGER PRIMARY KEY, files INTEGER NOT NULL,"
    " chunks INTEGER NOT NULL);"
    "CREATE TABLE folders(path TEXT PRIMARY KEY, mtime INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE skipped(source INTEGER NOT NULL, path TEXT NOT NULL, mtime INTEGER NOT NULL,"
    " size INTEGER NOT NULL, inode INTEGER NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY(source, path)) WITHOUT ROWID;" WORD_INDEX_TABLES,
    NULL
};

static const StoreSchema schema = { .application_id = 0x4c474d31, .scripts = scripts };

/* Another way of cutting or of finding words makes every row worthless. */
#define ALGORITHM 1

Store *index_store(const Index *index) {
    return index->store;
}

const char *index_owner(const Index *index) {
    return index->owner;
}

char *index_get_meta(const Index *index, const char *key) {
    StoreQuery query;
    store_query(&query, index->store, "SELECT value FROM meta WHERE key = ?");
    store_bind_text(&query, 1, key);
    char *value = store_next(&query) ? g_strdup(store_text(&query, 0)) : NULL;
    bool is_ok = store_end(&query, NULL);
    if (!is_ok) g_clear_pointer(&value, g_free);
    return value;
}

bool index_set_meta(Index *index, const char *key, const char *value, GError **error) {
    StoreQuery query;
    store_query(&query, index->store, "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)");
    store_bind_text(&query, 1, key);
    store_bind_text(&query, 2, value);
    store_step(&query);
    return store_end(&query, error);
}

void index_close(Index *index) {
    if (index == NULL) return;
    index_rollback(index);
    if (index->added_texts != NULL) g_array_unref(index->added_texts);
    if (index->removed_chunks != NULL) g_array_unref(index->removed_chunks);
    store_close(index->store);
    g_free(index->owner);
    g_free(index);
}

static bool make_empty(Index *index, const char *making, GError **error) {
    g_autofree char *owner = g_uuid_string_random();
    if (!store_begin(index->store, error)) return false;
    bool is_ok =
        store_run(
            index->store,
            "DELETE FROM meta; DELETE FROM files; DELETE FROM chunks;"
            "DELETE FROM provenances; DELETE FROM folders; DELETE FROM skipped;"
            "DELETE FROM segments; DELETE FROM postings; DELETE FROM dead; DELETE FROM totals;"
            "INSERT INTO totals VALUES (0, 0, 0), (1, 0, 0)",
            error) &&
        index_set_meta(index, "making", making, error) &&
        index_set_meta(index, "owner", owner, error) &&
        index_set_meta(index, "next_file", "1", error) &&
        index_set_meta(index, "next_chunk", "1", error);
    if (!is_ok) {
        store_rollback(index->store);
        return false;
    }
    return store_commit(index->store, error);
}

static bool begin_anew_if_needed(Index *index, const IndexSettings *settings, bool *out_is_new,
                                 GError **error) {
    g_autofree char *making =
        g_strdup_printf("%d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", ALGORITHM,
                        (gint64)settings->limits.size_tokens,
                        (gint64)settings->limits.overlap_tokens, settings->workspace);
    g_autofree char *known = index_get_meta(index, "making");
    *out_is_new = g_strcmp0(known, making) != 0;
    if (*out_is_new && !make_empty(index, making, error)) return false;
    index->owner = index_get_meta(index, "owner");
    if (index->owner != NULL) return true;
    error_set(error, ERR_DATA, "the index '%s' has lost its id", settings->database);
    return false;
}

static Index *open_once(const IndexSettings *settings, bool *out_is_new, GError **error) {
    g_autoptr(Index) index = g_new0(Index, 1);
    index->limits = settings->limits;
    index->added_texts = g_array_new(FALSE, FALSE, sizeof(IndexedText));
    g_array_set_clear_func(index->added_texts, index_clear_text);
    index->removed_chunks = g_array_new(FALSE, FALSE, sizeof(int64_t));
    index->store = store_open(settings->database, &schema, error);
    if (index->store == NULL) return NULL;
    if (!begin_anew_if_needed(index, settings, out_is_new, error)) return NULL;
    return g_steal_pointer(&index);
}

Index *index_open(const IndexSettings *settings, bool *out_is_new, char **out_problem,
                  GError **error) {
    g_autoptr(GError) problem = NULL;
    *out_problem = NULL;
    Index *index = open_once(settings, out_is_new, &problem);
    if (index != NULL) return index;
    if (!store_is_damaged(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    /* It can all be made again from the notes. */
    if (!store_remove(settings->database, error)) return NULL;
    index = open_once(settings, out_is_new, error);
    if (index != NULL) *out_problem = g_strdup(problem->message);
    return index;
}

bool index_facts(const Index *index, IndexFacts *out, GError **error) {
    StoreQuery query;
    *out = (IndexFacts){ 0 };
    store_query(&query, index->store, "SELECT source, files, chunks FROM totals");
    while (store_next(&query)) {
        bool is_notes = store_int(&query, 0) == INDEX_NOTES;
        *(is_notes ? &out->n_files : &out->n_sessions) = store_int(&query, 1);
        *(is_notes ? &out->n_chunks : &out->n_messages) = store_int(&query, 2);
    }
    if (!store_end(&query, error)) return false;
    store_query(&query, index->store,
                "SELECT (SELECT count(*) FROM skipped),"
                " (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)");
    if (store_next(&query)) {
        out->n_skipped = store_int(&query, 0);
        out->n_bytes = store_int(&query, 1);
    }
    return store_end(&query, error);
}

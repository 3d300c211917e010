/* store/store.c: see the header. */
#include "store/store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

struct Store {
    /* owned */
    sqlite3 *handle;
    char *path;
    GHashTable *statements; /* text to sqlite3_stmt * */
};

/* Read through the page cache, without copies, as far as the file goes. */
#define MMAP_BYTES "1099511627776"

static const struct {
    int status;
    ErrorCode code;
} error_codes[] = {
    { SQLITE_CORRUPT, ERR_DATA }, { SQLITE_NOTADB, ERR_DATA },
    { SQLITE_BUSY, ERR_TIMEOUT }, { SQLITE_LOCKED, ERR_TIMEOUT },
    { SQLITE_FULL, ERR_IO },      { SQLITE_IOERR, ERR_IO },
    { SQLITE_CANTOPEN, ERR_IO },  { SQLITE_READONLY, ERR_IO },
    { SQLITE_PERM, ERR_IO },      { SQLITE_NOMEM, ERR_LIMIT },
    { SQLITE_TOOBIG, ERR_LIMIT }, { SQLITE_INTERRUPT, ERR_CANCELLED },
};

static void set_error(const Store *store, int status, GError **error) {
    ErrorCode code = ERR_FAILED;
    for (size_t i = 0; i < G_N_ELEMENTS(error_codes); i++)
        if (error_codes[i].status == (status & 0xff)) code = error_codes[i].code;
    const char *message =
        store->handle != NULL ? sqlite3_errmsg(store->handle) : sqlite3_errstr(status);
    error_set(error, code, "the database '%s': %s", store->path, message);
}

bool store_is_damaged(const GError *error) {
    return error_is(error, ERR_DATA);
}

static void finalize(void *statement) {
    sqlite3_finalize(statement);
}

void store_close(Store *store) {
    if (store == NULL) return;
    if (store->statements != NULL) g_hash_table_unref(store->statements);
    /* Who only read has nothing to move from the log into the file. */
    if (store->handle != NULL && sqlite3_total_changes64(store->handle) == 0)
        sqlite3_db_config(store->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->handle);
    g_free(store->path);
    g_free(store);
}

bool store_run(Store *store, const char *sql, GError **error) {
    int status = sqlite3_exec(store->handle, sql, NULL, NULL, NULL);
    if (status == SQLITE_OK) return true;
    set_error(store, status, error);
    return false;
}

bool store_begin(Store *store, GError **error) {
    return store_run(store, "BEGIN IMMEDIATE", error);
}

bool store_commit(Store *store, GError **error) {
    if (store_run(store, "COMMIT", error)) return true;
    store_rollback(store);
    return false;
}

void store_rollback(Store *store) {
    if (sqlite3_get_autocommit(store->handle) == 0)
        sqlite3_exec(store->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool store_begin_read(Store *store, GError **error) {
    return store_run(store, "BEGIN", error);
}

void store_end_read(Store *store) {
    store_rollback(store);
}

void store_query(StoreQuery *query, Store *store, const char *sql) {
    *query = (StoreQuery){ .store = store, .status = SQLITE_OK };
    query->statement = g_hash_table_lookup(store->statements, sql);
    if (query->statement != NULL && sqlite3_stmt_busy(query->statement) == 0) return;
    /* The same question within the loop over its answers gets a statement of its own. */
    query->is_own = query->statement != NULL;
    query->status = sqlite3_prepare_v3(store->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                       &query->statement, NULL);
    if (query->status == SQLITE_OK && !query->is_own)
        g_hash_table_insert(store->statements, g_strdup(sql), query->statement);
}

static void keep_status(StoreQuery *query, int status) {
    if (query->status == SQLITE_OK) query->status = status;
}

void store_bind_int(StoreQuery *query, int index, int64_t value) {
    if (query->status == SQLITE_OK)
        keep_status(query, sqlite3_bind_int64(query->statement, index, value));
}

void store_bind_double(StoreQuery *query, int index, double value) {
    if (query->status == SQLITE_OK)
        keep_status(query, sqlite3_bind_double(query->statement, index, value));
}

void store_bind_text(StoreQuery *query, int index, const char *text) {
    if (query->status == SQLITE_OK)
        keep_status(query, sqlite3_bind_text(query->statement, index, text, -1, SQLITE_STATIC));
}

void store_bind_blob(StoreQuery *query, int index, const void *data, size_t length) {
    if (query->status == SQLITE_OK)
        keep_status(query,
                    sqlite3_bind_blob64(query->statement, index, data, length, SQLITE_STATIC));
}

bool store_next(StoreQuery *query) {
    if (query->status != SQLITE_OK) return false;
    int status = sqlite3_step(query->statement);
    if (status == SQLITE_ROW) return true;
    if (status != SQLITE_DONE) query->status = status;
    return false;
}

bool store_step(StoreQuery *query) {
    while (store_next(query)) {
    }
    if (query->status == SQLITE_OK) sqlite3_reset(query->statement);
    return query->status == SQLITE_OK;
}

int64_t store_int(const StoreQuery *query, int column) {
    return sqlite3_column_int64(query->statement, column);
}

double store_double(const StoreQuery *query, int column) {
    return sqlite3_column_double(query->statement, column);
}

const char *store_text(const StoreQuery *query, int column) {
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    return text != NULL ? (const char *)text : "";
}

const void *store_blob(const StoreQuery *query, int column, size_t *out_length) {
    const void *data = sqlite3_column_blob(query->statement, column);
    *out_length = (size_t)sqlite3_column_bytes(query->statement, column);
    return data;
}

bool store_end(StoreQuery *query, GError **error) {
    /* The message is the connection's, so it is taken before the reset replaces it. */
    if (query->status != SQLITE_OK) set_error(query->store, query->status, error);
    if (query->statement != NULL) {
        sqlite3_reset(query->statement);
        sqlite3_clear_bindings(query->statement);
        if (query->is_own) sqlite3_finalize(query->statement);
    }
    return query->status == SQLITE_OK;
}

int64_t store_last_id(const Store *store) {
    return sqlite3_last_insert_rowid(store->handle);
}

int64_t store_n_changed(const Store *store) {
    return sqlite3_changes64(store->handle);
}

sqlite3 *store_sqlite(const Store *store) {
    return store->handle;
}

static bool read_number(Store *store, const char *sql, int64_t *out_value, GError **error) {
    StoreQuery query;
    store_query(&query, store, sql);
    if (store_next(&query)) *out_value = store_int(&query, 0);
    return store_end(&query, error);
}

static bool run_scripts(Store *store, const StoreSchema *schema, int64_t version, GError **error) {
    while (schema->scripts[version] != NULL)
        if (!store_run(store, schema->scripts[version++], error)) return false;
    g_autofree char *marks = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d",
                                             schema->application_id, (int)version);
    return store_run(store, marks, error);
}

/* Under the write lock: another process may be making the same tables. */
static bool migrate(Store *store, const StoreSchema *schema, GError **error) {
    if (!store_begin(store, error)) return false;
    int64_t version = 0;
    if (!read_number(store, "PRAGMA user_version", &version, error) ||
        !run_scripts(store, schema, version, error)) {
        store_rollback(store);
        return false;
    }
    return store_commit(store, error);
}

static bool check_schema(Store *store, const StoreSchema *schema, GError **error) {
    int64_t version = 0, application = 0, n_scripts = 0, n_tables = 0;
    while (schema->scripts[n_scripts] != NULL) n_scripts++;
    if (!read_number(store, "PRAGMA user_version", &version, error) ||
        !read_number(store, "PRAGMA application_id", &application, error))
        return false;
    if (application == schema->application_id && version == n_scripts) return true;
    if (!read_number(store, "SELECT count(*) FROM sqlite_schema", &n_tables, error)) return false;
    if (n_tables > 0 && application != schema->application_id) {
        error_set(error, ERR_DATA, "the database '%s' is another program's", store->path);
        return false;
    }
    if (version > n_scripts) {
        error_set_with_hint(error, ERR_DATA, "A newer localgpt made it.",
                            "the database '%s' has schema %d, this program knows %d", store->path,
                            (int)version, (int)n_scripts);
        return false;
    }
    return migrate(store, schema, error);
}

static bool set_up(Store *store, GError **error) {
    sqlite3_busy_timeout(store->handle, STORE_BUSY_MS);
    sqlite3_extended_result_codes(store->handle, 1);
    sqlite3_db_config(store->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* The log stays where it is between processes: making and removing it costs a millisecond. */
    int is_kept = 1;
    sqlite3_file_control(store->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &is_kept);
    /* page_size counts only before the first table, and journal_mode reads the header. */
    return store_run(store,
                     "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
                     "PRAGMA journal_size_limit = 0;"
                     "PRAGMA cache_size = -32768; PRAGMA mmap_size = " MMAP_BYTES,
                     error);
}

Store *store_open(const char *path, const StoreSchema *schema, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    if (!file_make_folders(folder, error)) return NULL;
    g_autoptr(Store) store = g_new0(Store, 1);
    store->path = g_strdup(path);
    store->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
    /* NOFOLLOW: the folder is ours, but a link in it need not be. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    mode_t before = umask(0077);
    int status = sqlite3_open_v2(path, &store->handle, flags, NULL);
    bool is_ok = status == SQLITE_OK && set_up(store, error);
    if (status != SQLITE_OK) set_error(store, status, error);
    is_ok = is_ok && check_schema(store, schema, error);
    umask(before);
    return is_ok ? g_steal_pointer(&store) : NULL;
}

bool store_check(Store *store, GError **error) {
    StoreQuery query;
    store_query(&query, store, "PRAGMA quick_check(1)");
    g_autofree char *finding = store_next(&query) ? g_strdup(store_text(&query, 0)) : NULL;
    if (!store_end(&query, error)) return false;
    if (g_strcmp0(finding, "ok") == 0) return true;
    error_set(error, ERR_DATA, "the database '%s' is damaged: %s", store->path, finding);
    return false;
}

bool store_remove(const char *path, GError **error) {
    static const char *const endings[] = { "-wal", "-shm", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *name = g_strconcat(path, endings[i], NULL);
        if (unlink(name) == 0 || errno == ENOENT) continue;
        error_set_errno(error, errno, "removing '%s'", name);
        return false;
    }
    return true;
}

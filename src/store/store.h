/*
 * store/store.h: one SQLite database: opening it, keeping its schema current, asking it.
 *
 *     static const char *const scripts[] = { "CREATE TABLE note(...)", NULL };
 *     const StoreSchema schema = { .application_id = 0x4c476d65, .scripts = scripts };
 *     g_autoptr(Store) store = store_open(path, &schema, error);
 *
 *     StoreQuery query;
 *     store_query(&query, store, "SELECT id, title FROM note WHERE day > ?");
 *     store_bind_int(&query, 1, day);
 *     while (store_next(&query)) use(store_int(&query, 0), store_text(&query, 1));
 *     if (!store_end(&query, error)) return false;       // where every failure is told, once
 *
 * A query whose preparation, binding or step failed yields no rows; store_end() tells why.
 * Statements are kept: the same text is prepared once. Texts and blobs of a row are borrowed until
 * the next step. Bound texts and blobs are borrowed until store_end().
 *
 * Errors: ERR_DATA when the file is damaged or another program's (store_is_damaged()), ERR_IO for
 * the disk, ERR_TIMEOUT when another process kept the database for longer than STORE_BUSY_MS.
 *
 * One thread at a time. Several processes may have the same database open: it is in WAL mode, with
 * synchronous=NORMAL: a kill loses nothing that was committed, a power cut may lose the newest
 * transactions but never damages the file. So it is a place for what can be made again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>
#include <sqlite3.h>

enum { STORE_BUSY_MS = 10000 };

typedef struct {
    int application_id;         /* tells our files from other programs' */
    const char *const *scripts; /* NULL-terminated; script i lifts user_version from i to i + 1 */
} StoreSchema;

typedef struct Store Store;

/* Opens or makes the file (0600) and its folder, and runs the scripts that it lacks in one
 * transaction. A file of a newer schema is ERR_DATA. */
Store *store_open(const char *path, const StoreSchema *schema, GError **error);
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* Whether the error says that the file itself is of no use any more. */
bool store_is_damaged(const GError *error);

/* Reads every page; ERR_DATA with the first thing that is wrong. Slow: for repair and doctor. */
bool store_check(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Removes the file with its -wal and -shm; nobody may have it open. */
bool store_remove(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Runs statements that return nothing. */
bool store_run(Store *store, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* BEGIN IMMEDIATE: no other process writes until commit or rollback. */
bool store_begin(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool store_commit(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void store_rollback(Store *store);

/* Several reads of one state: between these another process's commits are not seen. */
bool store_begin_read(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void store_end_read(Store *store);

typedef struct {
    /* borrowed */
    Store *store;
    sqlite3_stmt *statement;
    int status;  /* of SQLite */
    bool is_own; /* the statement ends with the query */
} StoreQuery;

void store_query(StoreQuery *query, Store *store, const char *sql);
void store_bind_int(StoreQuery *query, int index, int64_t value);
void store_bind_double(StoreQuery *query, int index, double value);
/* NULL binds NULL. */
void store_bind_text(StoreQuery *query, int index, const char *text);
void store_bind_blob(StoreQuery *query, int index, const void *data, size_t length);
/* The next row, or false at the end and on failure. */
bool store_next(StoreQuery *query);
int64_t store_int(const StoreQuery *query, int column);
double store_double(const StoreQuery *query, int column);
/* Never NULL. */
const char *store_text(const StoreQuery *query, int column);
/* NULL when empty. */
const void *store_blob(const StoreQuery *query, int column, size_t *out_length);
/* Whether all went well; the query must not be used after. */
bool store_end(StoreQuery *query, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One step, for statements without rows: runs again with other bindings after. */
bool store_step(StoreQuery *query);

int64_t store_last_id(const Store *store);
/* Rows that the last statement changed. */
int64_t store_n_changed(const Store *store);

/* For the tokenizers that SQLite brings along (memory/stem.c). Borrowed. */
sqlite3 *store_sqlite(const Store *store);

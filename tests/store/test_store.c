/* tests/store/test_store.c: databases that are new, old, damaged, foreign and shared. */
#include "store/store.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scratch_folder.h"
#include "base/error.h"

static const char *const first_scripts[] = { "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT)",
                                             NULL };
static const char *const second_scripts[] = {
    "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT)",
    "ALTER TABLE note ADD COLUMN day INTEGER NOT NULL DEFAULT 7", NULL
};
static const StoreSchema first_schema = { 0x4c475431, first_scripts };
static const StoreSchema second_schema = { 0x4c475431, second_scripts };
static const StoreSchema foreign_schema = { 0x4c475432, first_scripts };

static char *database(const ScratchFolder *folder) {
    return g_build_filename(folder->path, "deep", "index.sqlite", NULL);
}

static Store *open_well(const char *path, const StoreSchema *schema) {
    g_autoptr(GError) error = NULL;
    Store *store = store_open(path, schema, &error);
    g_assert_no_error(error);
    return store;
}

static void add(Store *store, const char *text) {
    g_autoptr(GError) error = NULL;
    StoreQuery query;
    store_query(&query, store, "INSERT INTO note(text) VALUES (?)");
    store_bind_text(&query, 1, text);
    store_step(&query);
    g_assert_true(store_end(&query, &error));
    g_assert_no_error(error);
}

static int64_t number(Store *store, const char *sql) {
    g_autoptr(GError) error = NULL;
    StoreQuery query;
    store_query(&query, store, sql);
    g_assert_true(store_next(&query));
    int64_t value = store_int(&query, 0);
    g_assert_true(store_end(&query, &error));
    return value;
}

static void test_keeps_rows_in_a_private_file(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    Store *store = open_well(path, &first_schema);
    add(store, "one");
    add(store, "two");
    store_close(store);
    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    store = open_well(path, &first_schema);
    g_assert_cmpint(number(store, "SELECT count(*) FROM note"), ==, 2);
    store_close(store);
}

static void test_lifts_an_old_schema(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    Store *store = open_well(path, &first_schema);
    add(store, "old");
    store_close(store);
    store = open_well(path, &second_schema);
    g_assert_cmpint(number(store, "SELECT day FROM note"), ==, 7);
    store_close(store);
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(path, &first_schema, &error));
    g_assert_true(store_is_damaged(error));
    g_assert_nonnull(strstr(error->message, "has schema 2"));
}

static void test_refuses_another_programs_file(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    store_close(open_well(path, &first_schema));
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(path, &foreign_schema, &error));
    g_assert_true(store_is_damaged(error));
    g_assert_nonnull(strstr(error->message, "another program's"));
}

static void test_tells_a_file_that_is_no_database(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *noise = g_strnfill(20000, 'x');
    g_autofree char *path = scratch_folder_write(folder, "index.sqlite", noise, -1);
    g_autoptr(GError) error = NULL;
    g_assert_null(store_open(path, &first_schema, &error));
    g_assert_true(store_is_damaged(error));
    g_clear_error(&error);
    g_assert_true(store_remove(path, &error));
    store_close(open_well(path, &first_schema));
}

static void test_finds_damage_within(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    Store *store = open_well(path, &first_schema);
    g_autofree char *text = g_strnfill(500, 't');
    for (int i = 0; i < 200; i++) add(store, text);
    g_autoptr(GError) error = NULL;
    g_assert_true(store_check(store, &error));
    store_close(store);
    FILE *file = fopen(path, "r+");
    g_assert_nonnull(file);
    fseek(file, 3 * 8192, SEEK_SET);
    for (int i = 0; i < 8192; i++) fputc(0x5a, file);
    fclose(file);
    store = store_open(path, &first_schema, &error);
    if (store != NULL) g_assert_false(store_check(store, &error));
    g_assert_true(store_is_damaged(error));
    store_close(store);
}

static void test_tells_a_wrong_statement_once_at_its_end(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    g_autoptr(Store) store = open_well(path, &first_schema);
    StoreQuery query;
    store_query(&query, store, "SELECT title FROM nowhere WHERE id = ?");
    store_bind_int(&query, 1, 1);
    g_assert_false(store_next(&query));
    g_autoptr(GError) error = NULL;
    g_assert_false(store_end(&query, &error));
    g_assert_nonnull(strstr(error->message, "nowhere"));
}

static void test_a_rollback_leaves_nothing(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    g_autoptr(Store) store = open_well(path, &first_schema);
    g_autoptr(GError) error = NULL;
    g_assert_true(store_begin(store, &error));
    add(store, "gone");
    store_rollback(store);
    g_assert_cmpint(number(store, "SELECT count(*) FROM note"), ==, 0);
}

static void write_as_another_process(const char *path) {
    Store *store = store_open(path, &first_schema, NULL);
    for (int i = 0; store != NULL && i < 100; i++) add(store, "note");
    store_close(store);
    _exit(store == NULL);
}

static void test_processes_take_turns(void) {
    g_autoptr(ScratchFolder) folder = scratch_folder_new();
    g_autofree char *path = database(folder);
    pid_t children[4];
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        children[i] = fork();
        g_assert_cmpint(children[i], >=, 0);
        if (children[i] == 0) write_as_another_process(path);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(children); i++) {
        int status = -1;
        g_assert_cmpint(waitpid(children[i], &status, 0), ==, children[i]);
        g_assert_cmpint(status, ==, 0);
    }
    g_autoptr(Store) store = open_well(path, &first_schema);
    g_assert_cmpint(number(store, "SELECT count(*) FROM note"), ==, 400);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/store/keeps_rows_in_a_private_file", test_keeps_rows_in_a_private_file);
    g_test_add_func("/store/store/lifts_an_old_schema", test_lifts_an_old_schema);
    g_test_add_func("/store/store/refuses_another_programs_file",
                    test_refuses_another_programs_file);
    g_test_add_func("/store/store/tells_a_file_that_is_no_database",
                    test_tells_a_file_that_is_no_database);
    g_test_add_func("/store/store/finds_damage_within", test_finds_damage_within);
    g_test_add_func("/store/store/tells_a_wrong_statement_once_at_its_end",
                    test_tells_a_wrong_statement_once_at_its_end);
    g_test_add_func("/store/store/a_rollback_leaves_nothing", test_a_rollback_leaves_nothing);
    g_test_add_func("/store/store/processes_take_turns", test_processes_take_turns);
    return g_test_run();
}

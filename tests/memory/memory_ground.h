/*
 * tests/memory/memory_ground.h: a workspace of a test's own, and one line to look into it.
 *
 *     g_auto(Ground) ground = ground_new();
 *     ground_write(&ground, "notes/a.md", "text\n");
 *     ground_finds(&ground, "text", "notes/a.md");
 */
#pragma once

#include <sys/stat.h>

#include "../scratch_folder.h"
#include "base/error.h"
#include "memory/memory.h"

typedef struct {
    ScratchFolder *folder;
    char *workspace, *database, *sessions;
    Memory *memory;
    MemoryConfig *config;
} Ground;

static inline Memory *ground_open(const Ground *ground) {
    g_autoptr(GError) error = NULL;
    const MemoryPlace place = { .workspace = ground->workspace,
                                .database = ground->database,
                                .sessions = ground->sessions,
                                .config = ground->config };
    Memory *memory = memory_open(&place, &error);
    g_assert_no_error(error);
    return memory;
}

static inline Ground ground_new(void) {
    Ground ground = { .folder = scratch_folder_new() };
    ground.workspace = g_build_filename(ground.folder->path, "workspace", NULL);
    ground.database = g_build_filename(ground.folder->path, "cache", "main.sqlite", NULL);
    ground.sessions = g_build_filename(ground.folder->path, "sessions", NULL);
    g_assert_cmpint(g_mkdir(ground.workspace, 0700), ==, 0);
    g_assert_cmpint(g_mkdir(ground.sessions, 0700), ==, 0);
    ground.config = g_new0(MemoryConfig, 1);
    field_set_defaults(memory_config_fields, ground.config);
    ground.memory = ground_open(&ground);
    return ground;
}

static inline void ground_clear(Ground *ground) {
    memory_close(ground->memory);
    field_clear(memory_config_fields, ground->config);
    g_free(ground->config);
    g_free(ground->workspace);
    g_free(ground->database);
    g_free(ground->sessions);
    scratch_folder_free(ground->folder);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Ground, ground_clear)

static inline void ground_reopen(Ground *ground) {
    memory_close(ground->memory);
    ground->memory = ground_open(ground);
}

static inline char *ground_path(const Ground *ground, const char *name) {
    char *path = g_build_filename(ground->workspace, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    return path;
}

static inline void ground_write_bytes(const Ground *ground, const char *name, const char *bytes,
                                      gssize length) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = ground_path(ground, name);
    g_file_set_contents(path, bytes, length, &error);
    g_assert_no_error(error);
}

static inline void ground_write(const Ground *ground, const char *name, const char *text) {
    ground_write_bytes(ground, name, text, -1);
}

static inline MemoryAnswer *ground_ask(const Ground *ground, const MemoryRequest *request) {
    g_autoptr(GError) error = NULL;
    MemoryAnswer *answer = memory_search(ground->memory, request, NULL, &error);
    g_assert_no_error(error);
    return answer;
}

/* The path of the best hit; "" when there is none. New string. */
static inline char *ground_best(const Ground *ground, const char *query) {
    const MemoryRequest request = { .query = query, .mode = SEARCH_WORDS };
    g_autoptr(MemoryAnswer) answer = ground_ask(ground, &request);
    if (answer->hits->len == 0) return g_strdup("");
    return g_strdup(((const MemoryHit *)g_ptr_array_index(answer->hits, 0))->path);
}

/* `expected` "": nothing may be found. */
static inline void ground_finds(const Ground *ground, const char *query, const char *expected) {
    g_autofree char *best = ground_best(ground, query);
    if (strcmp(best, expected) != 0) g_test_message("the query was <%s>", query);
    g_assert_cmpstr(best, ==, expected);
}

static inline unsigned ground_count(const Ground *ground, const char *query) {
    const MemoryRequest request = { .query = query, .mode = SEARCH_WORDS, .limit = 1000 };
    g_autoptr(MemoryAnswer) answer = ground_ask(ground, &request);
    return answer->hits->len;
}

static inline char *ground_notice(const Ground *ground) {
    char *notice = memory_take_notice(ground->memory);
    return notice != NULL ? notice : g_strdup("");
}

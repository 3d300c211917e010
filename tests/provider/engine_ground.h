/*
 * tests/provider/engine_ground.h: the real model, the real library and the real worker, for the
 * tests of the engine. Their places come from the environment that meson sets.
 *
 * A test that needs them fails loudly when they are missing: `make check` fetches them.
 */
#pragma once

#include <glib.h>

#include "provider/engine_client.h"

static inline const char *engine_ground_path(const char *variable, GFileTest test) {
    const char *path = g_getenv(variable);
    if (path == NULL || !g_file_test(path, test))
        g_error("%s='%s' is not there: run tools/fetch, or `make check`, which does", variable,
                path != NULL ? path : "");
    return path;
}

static inline const char *engine_ground_model(void) {
    return engine_ground_path("LOCALGPT_TEST_MODEL", G_FILE_TEST_IS_REGULAR);
}

static inline const char *engine_ground_library(void) {
    return engine_ground_path("LOCALGPT_TEST_LIBRARY", G_FILE_TEST_IS_DIR);
}

static inline EngineOptions engine_ground_options(void) {
    engine_ground_path("LOCALGPT_ENGINE", G_FILE_TEST_IS_EXECUTABLE);
    return (EngineOptions){
        .library_folder = engine_ground_library(),
        .model_path = engine_ground_model(),
        .model_name = "smollm2-135m",
        .n_threads = 1,
        .context_tokens = 1024,
    };
}

/* A greedy request: the same answer every time. */
static inline void engine_ground_greedy(EngineGenerate *request, int64_t max_tokens) {
    engine_generate_init(request);
    request->temperature = 0;
    request->max_tokens = max_tokens;
}

static inline GPtrArray *engine_ground_messages(const char *first_role, ...) G_GNUC_NULL_TERMINATED;

/* role, content, role, content, ..., NULL. Owned by the caller; see engine_ground_messages_free. */
static inline GPtrArray *engine_ground_messages(const char *first_role, ...) {
    GPtrArray *messages = g_ptr_array_new_with_free_func(g_free);
    va_list arguments;
    va_start(arguments, first_role);
    for (const char *role = first_role; role != NULL; role = va_arg(arguments, const char *)) {
        EngineChatMessage *message = g_new0(EngineChatMessage, 1);
        message->role = (char *)(uintptr_t)role;
        message->content = va_arg(arguments, char *);
        g_ptr_array_add(messages, message);
    }
    va_end(arguments);
    return messages;
}

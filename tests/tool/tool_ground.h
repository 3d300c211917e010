/*
 * tests/tool/tool_ground.h: a workspace to work in, and what `localgpt-tool` would do there, in
 * this process: as the child would, from JSON to JSON, only without the sandbox around it.
 *
 *     g_auto(ToolGround) ground = tool_ground_new();       // the current folder is
 * ground.workspace tool_ground_write(&ground, "a.c", "int a;\n"); g_autofree char *text =
 * tool_ground_run("read_file", "{\"path\":\"a.c\"}");   // or "error: ..."
 */
#pragma once

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../scratch_folder.h"
#include "base/error.h"
#include "tool/worker.h"

typedef struct {
    ScratchFolder *folder;
    char *workspace;
    char *before; /* the current folder of the test */
} ToolGround;

static inline ToolGround tool_ground_new(void) {
    ToolGround ground = { .folder = scratch_folder_new(), .before = g_get_current_dir() };
    ground.workspace = g_build_filename(ground.folder->path, "ws", NULL);
    g_assert_cmpint(g_mkdir(ground.workspace, 0755), ==, 0);
    g_assert_cmpint(g_chdir(ground.workspace), ==, 0);
    return ground;
}

static inline void tool_ground_clear(ToolGround *ground) {
    g_assert_cmpint(g_chdir(ground->before), ==, 0);
    scratch_folder_free(ground->folder);
    g_free(ground->workspace);
    g_free(ground->before);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolGround, tool_ground_clear)

static inline void tool_ground_write(const char *path, const char *text) {
    g_autofree char *folder = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

/* Overwrites in place what g_file_set_contents() would replace. */
static inline char *tool_ground_read(const char *path) {
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static inline bool tool_ground_call(const char *tool, const char *arguments, bool is_preview,
                                    ToolResult *out, GError **error) {
    const ToolOps *ops = tool_find(tool);
    g_assert_nonnull(ops);
    json_t *json = json_loads(arguments, 0, NULL);
    g_assert_nonnull(json);
    g_autoptr(ToolCall) call = tool_call_decode(ops, json, error);
    json_decref(json);
    if (call == NULL) return false;
    ToolRequest request = { .is_preview = is_preview, .max_bytes = 50000 };
    g_autofree char *input = tool_worker_request(call, &request);
    g_autofree char *output = tool_worker_answer(tool, input, strlen(input));
    return tool_worker_reply(output, strlen(output), out, error);
}

static inline char *tool_ground_text(const char *tool, const char *arguments, bool is_preview) {
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    if (!tool_ground_call(tool, arguments, is_preview, &result, &error))
        return g_strdup_printf("error: %s", error->message);
    return g_strdup(result.text);
}

static inline char *tool_ground_run(const char *tool, const char *arguments) {
    return tool_ground_text(tool, arguments, /* is_preview= */ false);
}

static inline char *tool_ground_preview(const char *tool, const char *arguments) {
    return tool_ground_text(tool, arguments, /* is_preview= */ true);
}

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        if (strstr((text), (part)) == NULL) g_error("'%s' is not in: %s", (part), (text));         \
    } while (0)

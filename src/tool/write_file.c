/* tool/write_file.c: a file, whole. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "tool/file_change.h"
#include "tool/tools.h"

typedef struct {
    char *path;
    char *content;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "path",    FIELD_STRING(Arguments, path),    .flags = FIELD_REQUIRED, .help = "The file, relative to the workspace; folders are made." },
    { "content", FIELD_STRING(Arguments, content), .flags = FIELD_REQUIRED, .help = "All that shall stand in it." },
    { 0 }
};
/* clang-format on */

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    const Arguments *arguments = data;
    g_auto(FileChange) change = FILE_CHANGE_NONE;
    FileChangeNeed need = request->is_preview ? CHANGE_MAY_EXIST : CHANGE_MAKE_FOLDERS;
    if (!file_change_open(arguments->path, request, need, &change, error)) return false;
    change.after = g_strdup(arguments->content);
    change.after_length = strlen(arguments->content);
    if (request->is_preview) {
        out->text = file_change_diff(&change);
        return true;
    }
    if (!file_change_write(&change, error)) return false;
    out->text =
        g_strdup_printf("%s '%s' (%zu bytes).", change.before_length == 0 ? "Made" : "Replaced",
                        arguments->path, change.after_length);
    return true;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    g_autofree char *size = text_format_size(strlen(arguments->content));
    return g_strdup_printf("write %s (%s)", arguments->path, size);
}

static const char *target(const void *data) {
    return ((const Arguments *)data)->path;
}

const ToolOps tool_write_file = {
    .name = "write_file",
    .summary = "Make or replace a whole file",
    .description =
        "Writes a whole file, and its folders. To change a part of a file use edit_file.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_WRITE,
    .flags = TOOL_UNDOABLE | TOOL_FOR_SMALL,
    .origin = ORIGIN_TOOL,
    .title = title,
    .target = target,
    .work = work,
};

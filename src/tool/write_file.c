/* tool/write_file.c: a file, whole, or more at its end. */
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
    bool append;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "path",    FIELD_STRING(Arguments, path),    .flags = FIELD_REQUIRED, .help = "The file, relative to the workspace; folders are made." },
    { "content", FIELD_STRING(Arguments, content), .flags = FIELD_REQUIRED, .help = "All that shall stand in it." },
    { "append",  FIELD_BOOL(Arguments, append),    .default_text = "false", .help = "Add the content at the end of what stands there." },
    { 0 }
};
/* clang-format on */

/* What stands there, byte for byte, and the content behind it on a line of its own. */
static void set_after(const Arguments *arguments, FileChange *change) {
    GString *after = g_string_new(NULL);
    if (arguments->append)
        g_string_append_len(after, change->before, (gssize)change->before_length);
    if (after->len > 0 && after->str[after->len - 1] != '\n') g_string_append_c(after, '\n');
    g_string_append(after, arguments->content);
    change->after_length = after->len;
    change->after = g_string_free(after, FALSE);
}

static const char *done(const Arguments *arguments, const FileChange *change) {
    if (change->before_length == 0) return "Made";
    return arguments->append ? "Added to" : "Replaced";
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    const Arguments *arguments = data;
    g_auto(FileChange) change = FILE_CHANGE_NONE;
    FileChangeNeed need = request->is_preview ? CHANGE_MAY_EXIST : CHANGE_MAKE_FOLDERS;
    if (!file_change_open(arguments->path, request, need, &change, error)) return false;
    set_after(arguments, &change);
    if (request->is_preview) {
        out->text = file_change_diff(&change);
        return true;
    }
    if (!file_change_write(&change, error)) return false;
    out->text = g_strdup_printf("%s '%s' (%zu bytes).", done(arguments, &change), arguments->path,
                                change.after_length);
    return true;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    g_autofree char *size = text_format_size(strlen(arguments->content));
    return g_strdup_printf("%s %s (%s)", arguments->append ? "add to" : "write", arguments->path,
                           size);
}

static const char *target(const void *data) {
    return ((const Arguments *)data)->path;
}

const ToolOps tool_write_file = {
    .name = "write_file",
    .summary = "Make or replace a whole file, or add to its end",
    .description =
        "Writes a whole file, and its folders. With append the content is added at the end of the "
        "file. To change a part of a file use edit_file.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_WRITE,
    .flags = TOOL_UNDOABLE | TOOL_FOR_SMALL,
    .origin = ORIGIN_TOOL,
    .title = title,
    .target = target,
    .work = work,
};

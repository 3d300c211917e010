/* tool/edit_file.c: texts of a file replaced by others: all of them or none. */
#include <string.h>

#include "base/error.h"
#include "tool/file_change.h"
#include "tool/text_match.h"
#include "tool/tools.h"

typedef struct {
    char *old_string;
    char *new_string;
    bool is_all;
} Edit;

typedef struct {
    char *path;
    char *old_string;
    char *new_string;
    bool is_all;
    GPtrArray *edits; /* Edit */
} Arguments;

/* clang-format off */
static const Field edit_fields[] = {
    { "old_string",  FIELD_STRING(Edit, old_string), .flags = FIELD_REQUIRED, .help = "The text to replace." },
    { "new_string",  FIELD_STRING(Edit, new_string), .flags = FIELD_REQUIRED, .help = "What takes its place." },
    { "replace_all", FIELD_BOOL(Edit, is_all),       .default_text = "false", .help = "Replace every occurrence." },
    { 0 }
};
static const Field fields[] = {
    { "path",        FIELD_STRING(Arguments, path),       .flags = FIELD_REQUIRED, .help = "The file, relative to the workspace." },
    { "old_string",  FIELD_STRING(Arguments, old_string), .help = "The text to replace, to the byte, with enough around it to stand in the file once." },
    { "new_string",  FIELD_STRING(Arguments, new_string), .help = "What takes its place." },
    { "replace_all", FIELD_BOOL(Arguments, is_all),       .default_text = "false", .help = "Replace every occurrence." },
    { "edits",       FIELD_STRUCTS(Arguments, edits, Edit, edit_fields), .help = "Several edits instead of one, made in order; if one does not fit, none is made." },
    { 0 }
};
/* clang-format on */

static unsigned n_edits(const Arguments *arguments) {
    return arguments->edits != NULL ? arguments->edits->len : 0;
}

static bool check(const void *data, GError **error) {
    const Arguments *arguments = data;
    bool has_one = arguments->old_string != NULL && arguments->new_string != NULL;
    bool has_half = arguments->old_string != NULL || arguments->new_string != NULL;
    if (n_edits(arguments) > 0 && !has_half) return true;
    if (n_edits(arguments) == 0 && has_one) return true;
    error_set(error, ERR_USAGE, "it takes either old_string and new_string, or edits");
    return false;
}

static bool apply(const Edit *edit, const char *path, GString *text, unsigned *n_replaced,
                  GError **error) {
    g_autofree char *old = g_strdup(edit->old_string);
    g_autofree char *new = g_strdup(edit->new_string);
    if (old[0] == '\0') {
        error_set(error, ERR_USAGE, "old_string is empty; write_file makes a new file");
        return false;
    }
    if (strcmp(old, new) == 0) {
        error_set(error, ERR_USAGE, "old_string and new_string are the same");
        return false;
    }
    unsigned n = text_match_count(text->str, text->len, old);
    if (n == 0 && text_match_has_crlf(text->str, text->len)) {
        text_match_to_crlf(&old);
        text_match_to_crlf(&new);
        n = text_match_count(text->str, text->len, old);
    }
    if (n == 0) {
        g_autofree char *hint = text_match_hint(text->str, edit->old_string);
        error_set(error, ERR_NOT_FOUND, "old_string does not stand in '%s'. %s", path, hint);
        return false;
    }
    if (n > 1 && !edit->is_all) {
        g_autofree char *lines = text_match_lines(text->str, old);
        error_set(error, ERR_USAGE,
                  "old_string stands in '%s' %u times (lines %s). Give more of the text around it, "
                  "or set replace_all",
                  path, n, lines);
        return false;
    }
    *n_replaced += n;
    g_string_replace(text, old, new, 0);
    return true;
}

static bool apply_all(const Arguments *arguments, GString *text, unsigned *n_replaced,
                      GError **error) {
    Edit single = { arguments->old_string, arguments->new_string, arguments->is_all };
    if (n_edits(arguments) == 0) return apply(&single, arguments->path, text, n_replaced, error);
    for (unsigned i = 0; i < arguments->edits->len; i++) {
        const Edit *edit = g_ptr_array_index(arguments->edits, i);
        if (apply(edit, arguments->path, text, n_replaced, error)) continue;
        g_prefix_error(error, "nothing was changed: edit %u of %u: ", i + 1, arguments->edits->len);
        return false;
    }
    return true;
}

static bool work(const void *data, const ToolRequest *request, ToolResult *out, GError **error) {
    const Arguments *arguments = data;
    g_auto(FileChange) change = FILE_CHANGE_NONE;
    if (!file_change_open(arguments->path, request, CHANGE_MUST_EXIST, &change, error))
        return false;
    if (strlen(change.before) != change.before_length) {
        error_set(error, ERR_DATA, "'%s' is a binary file", arguments->path);
        return false;
    }
    g_autoptr(GString) text = g_string_new_len(change.before, (gssize)change.before_length);
    unsigned n_replaced = 0;
    if (!apply_all(arguments, text, &n_replaced, error)) return false;
    change.after_length = text->len;
    change.after = g_strdup(text->str);
    g_autofree char *diff = file_change_diff(&change);
    if (request->is_preview) {
        out->text = g_steal_pointer(&diff);
        return true;
    }
    if (!file_change_write(&change, error)) return false;
    out->text = g_strdup_printf("Replaced %u occurrence%s in '%s':\n%s", n_replaced,
                                n_replaced == 1 ? "" : "s", arguments->path, diff);
    return true;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    unsigned n = n_edits(arguments);
    if (n < 2) return g_strdup_printf("edit %s", arguments->path);
    return g_strdup_printf("edit %s (%u edits)", arguments->path, n);
}

static const char *target(const void *data) {
    return ((const Arguments *)data)->path;
}

const ToolOps tool_edit_file = {
    .name = "edit_file",
    .summary = "Replace text in a file",
    .description =
        "Replaces text in a file. old_string must stand in the file exactly once, without "
        "the line numbers of read_file, unless replace_all is set. Several edits in one "
        "call are made together or not at all.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_WRITE,
    .flags = TOOL_UNDOABLE | TOOL_FOR_SMALL,
    .origin = ORIGIN_TOOL,
    .title = title,
    .check = check,
    .target = target,
    .work = work,
};

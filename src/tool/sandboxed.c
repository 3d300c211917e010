/* tool/sandboxed.c: runs a call: `run` here, `work` in a child behind the sandbox's wall. */
#include <string.h>

#include "base/error.h"
#include "tool/tool.h"
#include "tool/worker.h"

/* An image of 5 MB in base64, and then some. */
#define MAX_REPLY_BYTES ((size_t)16 << 20)

typedef struct {
    GString *text;
    bool is_too_long;
} Reply;

static void on_output(const char *bytes, size_t length, void *user_data) {
    Reply *reply = user_data;
    if (reply->text->len + length > MAX_REPLY_BYTES)
        reply->is_too_long = true;
    else
        g_string_append_len(reply->text, bytes, (gssize)length);
}

/* The first part of a path below the workspace, "src/" or "new.c": what level standard has to make
 * first. NULL when there is none. */
static char *top_entry(const ToolCall *call, const ToolContext *context) {
    const char *path = call->ops->target != NULL ? call->ops->target(call->arguments) : "/";
    size_t length = strlen(context->workspace);
    if (strncmp(path, context->workspace, length) == 0 && path[length] == '/') path += length + 1;
    while (path[0] == '.' && path[1] == '/') path += 2;
    size_t n = strcspn(path, "/");
    bool is_name = n > 0 && !(n == 1 && path[0] == '.') && !(n == 2 && strncmp(path, "..", 2) == 0);
    return is_name ? g_strndup(path, path[n] == '/' ? n + 1 : n) : NULL;
}

static bool tell_end(const SandboxOutcome *outcome, const char *name, Cancel *cancel,
                     GError **error) {
    if (outcome->is_cancelled && !cancel_check(cancel, error)) return false;
    if (outcome->is_timed_out) {
        error_set(error, ERR_TIMEOUT, "%s took longer than the sandbox allows", name);
        return false;
    }
    if (outcome->exit_status == 0) return true;
    g_autofree char *errors = g_strndup(outcome->errors != NULL ? outcome->errors : "", 300);
    g_strstrip(errors);
    error_set(error, ERR_FAILED, "%s ended with status %d%s%s", name, outcome->exit_status,
              errors[0] != '\0' ? ": " : "", errors);
    return false;
}

static bool take_reply(const Reply *reply, const SandboxOutcome *outcome, const char *name,
                       ToolResult *out, GError **error) {
    if (reply->is_too_long) {
        error_set(error, ERR_LIMIT, "the result of %s is too long", name);
        return false;
    }
    if (!tool_worker_reply(reply->text->str, reply->text->len, out, error)) return false;
    if (outcome->withheld == NULL || outcome->withheld->len == 0) return true;
    error_set(error, ERR_FAILED, "it was not taken over: %s",
              (const char *)g_ptr_array_index(outcome->withheld, 0));
    return false;
}

static bool run_command(const ToolContext *context, const SandboxCommand *command, Cancel *cancel,
                        ToolResult *out, GError **error) {
    SandboxOutcome outcome = { 0 };
    if (!sandbox_run(context->profile, command, cancel, &outcome, error)) return false;
    const char *name = command->argv[1];
    bool is_ok = tell_end(&outcome, name, cancel, error) &&
                 take_reply(command->user_data, &outcome, name, out, error);
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

static bool run_worker(const ToolCall *call, const ToolContext *context, Cancel *cancel,
                       ToolResult *out, GError **error) {
    const char *const argv[] = { TOOL_WORKER_NAME, call->ops->name, NULL };
    g_autofree char *input = tool_worker_request(call, &context->request);
    bool changes = call->ops->flags & TOOL_UNDOABLE && !context->request.is_preview;
    g_autofree char *entry = changes ? top_entry(call, context) : NULL;
    const char *const entries[] = { entry, NULL };
    g_autoptr(GString) text = g_string_new(NULL);
    Reply reply = { .text = text };
    SandboxCommand command = { .argv = argv,
                               .runs_this_program = true,
                               .input = input,
                               .input_length = strlen(input),
                               .separates_errors = true,
                               .new_entries = entry != NULL ? entries : NULL,
                               .on_output = on_output,
                               .user_data = &reply,
                               .undo = changes || context->is_preview ? context->undo : NULL,
                               .is_preview = context->is_preview };
    return run_command(context, &command, cancel, out, error);
}

bool tool_call_run(const ToolCall *call, const ToolContext *context, Cancel *cancel,
                   ToolResult *out, GError **error) {
    g_auto(ToolResult) result = { 0 };
    bool is_ok = call->ops->run != NULL
                     ? call->ops->run(context, call->arguments, cancel, &result, error)
                     : run_worker(call, context, cancel, &result, error);
    if (!is_ok) return false;
    *out = result;
    result = (ToolResult){ 0 };
    return true;
}

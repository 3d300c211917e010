/* tool/bash.c: a shell command in the sandbox; to its end, or in the background. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "tool/command_text.h"
#include "tool/jobs.h"
#include "tool/tools.h"

typedef struct {
    char *command;
    int64_t timeout_ms;
    bool is_background;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "command",    FIELD_STRING(Arguments, command),     .flags = FIELD_REQUIRED, .help = "What bash runs, in the workspace." },
    { "timeout_ms", FIELD_INT(Arguments, timeout_ms),     .default_text = "0", .min = 0, .max = 86400000, .help = "Milliseconds it may take; 0 means the usual. The sandbox's own limit holds in any case." },
    { "background", FIELD_BOOL(Arguments, is_background), .default_text = "false", .help = "Return at once; bash_output shows what it prints, bash_kill ends it." },
    { 0 }
};
/* clang-format on */

#define MAX_COMMAND_BYTES ((size_t)128 << 10)

static bool check(const void *data, GError **error) {
    const Arguments *arguments = data;
    if (strlen(arguments->command) <= MAX_COMMAND_BYTES) return true;
    error_set(error, ERR_USAGE, "the command has more than %zu bytes; write a script and run that",
              MAX_COMMAND_BYTES);
    return false;
}

/* No start-up file is read: a workspace could plant one (security.md A2.10). */
static SandboxCommand command_of(const char *const argv[6], const ToolContext *context,
                                 const Arguments *arguments) {
    int64_t timeout_ms = arguments->timeout_ms;
    if (timeout_ms == 0 && !arguments->is_background) timeout_ms = context->config->bash_timeout_ms;
    return (SandboxCommand){ .argv = argv,
                             .timeout_ms = timeout_ms,
                             .undo = context->undo,
                             .is_preview = context->is_preview };
}

static bool start_job(const ToolContext *context, const Arguments *arguments,
                      SandboxCommand *command, ToolResult *out, GError **error) {
    if (context->jobs == NULL || context->is_preview) {
        error_set(error, ERR_USAGE, "%s",
                  context->is_preview ? "in plan mode nothing runs in the background"
                                      : "nothing can run in the background here");
        return false;
    }
    if (!tool_jobs_has_room(context->jobs, error)) return false;
    g_autofree char *summary = text_ellipsize(arguments->command, 80);
    command->undo = NULL;
    if (context->journal != NULL) {
        command->undo = undo_turn_begin(context->journal, context->session, summary, error);
        if (command->undo == NULL) return false;
    }
    SandboxProcess *process = sandbox_start(context->profile, command, error);
    if (process == NULL) {
        if (command->undo != NULL && !undo_turn_end(command->undo, NULL))
            g_debug("an empty turn of the journal stays");
        return false;
    }
    ToolJob job = { .process = process,
                    .undo = command->undo,
                    .command = g_strdup(arguments->command) };
    const char *id = tool_jobs_add(context->jobs, &job);
    out->text = g_strdup_printf("Started in the background as %s.", id);
    return true;
}

static void fill_result(const ToolContext *context, const Arguments *arguments,
                        const SandboxOutcome *outcome, ToolResult *out) {
    g_autofree char *text =
        command_text_cut(outcome->output != NULL ? outcome->output : "", outcome->output_length,
                         outcome->output_total, (size_t)context->request.max_bytes);
    g_autofree char *end = command_text_end(outcome, arguments->timeout_ms);
    bool needs_newline = text[0] != '\0' && !g_str_has_suffix(text, "\n");
    out->text = g_strconcat(text, needs_newline ? "\n" : "", end, NULL);
    out->has_exit_status = !outcome->is_timed_out && outcome->signal == 0;
    out->exit_status = outcome->exit_status;
    out->total_bytes = (int64_t)outcome->output_total;
    out->is_error = outcome->exit_status != 0 || outcome->is_timed_out || outcome->signal != 0;
}

static bool run(const ToolContext *context, const void *data, Cancel *cancel, ToolResult *out,
                GError **error) {
    const Arguments *arguments = data;
    const char *const argv[] = { "bash", "--noprofile", "--norc", "-c", arguments->command, NULL };
    SandboxCommand command = command_of(argv, context, arguments);
    if (arguments->is_background) return start_job(context, arguments, &command, out, error);
    SandboxOutcome outcome = { 0 };
    if (!sandbox_run(context->profile, &command, cancel, &outcome, error)) return false;
    bool is_ok = !outcome.is_cancelled || cancel_check(cancel, error);
    if (is_ok) fill_result(context, arguments, &outcome, out);
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    return g_strconcat(arguments->is_background ? "run in the background: " : "run ",
                       arguments->command, NULL);
}

static char *command(const void *data) {
    return g_strdup(((const Arguments *)data)->command);
}

const ToolOps tool_bash = {
    .name = "bash",
    .summary = "Run a shell command in the sandbox",
    .description =
        "Runs a command with bash in the workspace, inside a sandbox without network. The result "
        "ends with its exit status. Each command starts afresh: folder and variables of the one "
        "before are gone. For files use read_file, edit_file, grep and glob instead.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_EXECUTE,
    .flags = TOOL_UNDOABLE | TOOL_FOR_SMALL | TOOL_CUTS_ITSELF,
    .origin = ORIGIN_TOOL,
    .title = title,
    .check = check,
    .command = command,
    .run = run,
};

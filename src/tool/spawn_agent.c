/* tool/spawn_agent.c: a task handed to an agent of its own, which has its own context. */
#include "base/error.h"
#include "base/text.h"
#include "tool/tools.h"

const char *const spawn_kind_names[] = { "explore", "plan", "implement", NULL };

typedef struct {
    int kind; /* SpawnKind */
    char *description;
    char *input;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "task",        FIELD_ENUM(Arguments, kind, spawn_kind_names), .default_text = "explore", .help = "explore: find out, with tools that only read; plan: the same, for a plan; implement: with all tools." },
    { "description", FIELD_STRING(Arguments, description), .flags = FIELD_REQUIRED, .help = "The whole task, in words that need nothing of this conversation, and what to report." },
    { "input",       FIELD_STRING(Arguments, input),       .help = "Text it needs." },
    { 0 }
};
/* clang-format on */

static bool run(const ToolContext *context, const void *data, Cancel *cancel, ToolResult *out,
                GError **error) {
    const Arguments *arguments = data;
    if (context->spawn == NULL) {
        error_set(error, ERR_DENIED, "a sub-agent cannot start another (agent.max_spawn_depth)");
        return false;
    }
    const char *input = arguments->input != NULL ? arguments->input : "";
    g_autofree char *task =
        g_strconcat(arguments->description, input[0] != '\0' ? "\n\n" : "", input, NULL);
    out->text = context->spawn((SpawnKind)arguments->kind, task, cancel, context->user_data, error);
    return out->text != NULL;
}

static char *title(const void *data) {
    const Arguments *arguments = data;
    g_autofree char *task = text_ellipsize(arguments->description, 80);
    return g_strdup_printf("let an agent %s: %s", spawn_kind_names[arguments->kind], task);
}

/* Its own calls are judged one by one, in a mode no wider than this one. */
const ToolOps tool_spawn_agent = {
    .name = "spawn_agent",
    .summary = "Hand a task to an agent with a context of its own",
    .description = "Runs another agent to its end and returns its report. Use it for long searches "
                   "whose details this conversation does not need.",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_SPAWNS,
    .origin = ORIGIN_AGENT,
    .title = title,
    .run = run,
};

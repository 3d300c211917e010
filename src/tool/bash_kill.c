/* tool/bash_kill.c: the end of a command in the background. */
#include "tool/jobs.h"
#include "tool/tools.h"

typedef struct {
    char *job;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "job", FIELD_STRING(Arguments, job), .flags = FIELD_REQUIRED, .help = "As bash named it: \"job1\"." },
    { 0 }
};
/* clang-format on */

#define PATIENCE_MS 5000

static bool run(const ToolContext *context, const void *data, Cancel *cancel, ToolResult *out,
                GError **error) {
    const Arguments *arguments = data;
    if (!tool_jobs_kill(context->jobs, arguments->job, error)) return false;
    const ToolJobLook look = { .id = arguments->job,
                               .wait_ms = PATIENCE_MS,
                               .max_bytes = (size_t)context->request.max_bytes };
    out->text = tool_jobs_report(context->jobs, &look, cancel, error);
    return out->text != NULL;
}

static char *title(const void *data) {
    return g_strdup_printf("end %s", ((const Arguments *)data)->job);
}

const ToolOps tool_bash_kill = {
    .name = "bash_kill",
    .summary = "End a command in the background",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_CUTS_ITSELF,
    .origin = ORIGIN_TOOL,
    .title = title,
    .run = run,
};

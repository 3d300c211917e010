/* tool/bash_output.c: what a command in the background has printed since the last look. */
#include "tool/jobs.h"
#include "tool/tools.h"

typedef struct {
    char *job;
    int64_t wait_ms;
} Arguments;

/* clang-format off */
static const Field fields[] = {
    { "job",     FIELD_STRING(Arguments, job),  .flags = FIELD_REQUIRED, .help = "As bash named it: \"job1\"." },
    { "wait_ms", FIELD_INT(Arguments, wait_ms), .default_text = "0", .min = 0, .max = 600000, .help = "Milliseconds to wait for its end." },
    { 0 }
};
/* clang-format on */

static bool run(const ToolContext *context, const void *data, Cancel *cancel, ToolResult *out,
                GError **error) {
    const Arguments *arguments = data;
    const ToolJobLook look = { .id = arguments->job,
                               .wait_ms = arguments->wait_ms,
                               .max_bytes = (size_t)context->request.max_bytes };
    out->text = tool_jobs_report(context->jobs, &look, cancel, error);
    return out->text != NULL;
}

static char *title(const void *data) {
    return g_strdup_printf("look at %s", ((const Arguments *)data)->job);
}

const ToolOps tool_bash_output = {
    .name = "bash_output",
    .summary = "See what a command in the background has printed",
    .arguments = fields,
    .arguments_size = sizeof(Arguments),
    .risk = TOOL_RISK_READ,
    .flags = TOOL_PARALLEL | TOOL_REPEATABLE | TOOL_CUTS_ITSELF,
    .origin = ORIGIN_TOOL,
    .title = title,
    .run = run,
};

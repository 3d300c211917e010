/* agent/cron_config.c: the rows of [cron]. */
#include "agent/cron_config.h"

#include "base/check.h"

/* clang-format off */
static const Field job_fields[] = {
    { "name",        FIELD_STRING(CronJobConfig, name),         .check = check_one_line, .flags = FIELD_REQUIRED, .help = "Name of the job." },
    { "schedule",    FIELD_STRING(CronJobConfig, schedule),     .check = check_one_line, .flags = FIELD_REQUIRED, .help = "When, as five cron fields." },
    { "prompt",      FIELD_STRING(CronJobConfig, prompt),       .flags = FIELD_REQUIRED, .help = "What to ask." },
    { "channel",     FIELD_STRING(CronJobConfig, channel),      .default_text = "", .help = "Where the answer goes; empty means the log." },
    { "enabled",     FIELD_BOOL(CronJobConfig, is_enabled),     .default_text = "true", .help = "Whether the job runs." },
    { "timeout",     FIELD_DURATION(CronJobConfig, timeout),    .default_text = "10m", .help = "Stop the job after this time." },
    { "mcp_servers", FIELD_STRINGS(CronJobConfig, mcp_servers), .default_text = "[]", .help = "MCP servers the job may use, by name." },
    { 0 }
};

const Field cron_config_fields[] = {
    { "jobs", FIELD_STRUCTS(CronConfig, jobs, CronJobConfig, job_fields), .default_text = "[]", .flags = FIELD_INERT, .help = "Jobs with name, schedule, prompt, channel, enabled, timeout and mcp_servers; write each as a [[cron.jobs]] table." },
    { 0 }
};
/* clang-format on */

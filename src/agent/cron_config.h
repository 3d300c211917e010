/*
 * agent/cron_config.h: the [cron] section: prompts at set times.
 */
#pragma once

#include "base/field.h"

typedef struct {
    char *name;
    char *schedule; /* "0 9 * * 1-5" or "every 30m" */
    char *prompt;
    char *channel; /* where the answer goes; "" = the log */
    bool is_enabled;
    int64_t timeout; /* seconds */
    char **mcp_servers;
} CronJobConfig;

typedef struct {
    GPtrArray *jobs; /* CronJobConfig */
} CronConfig;

extern const Field cron_config_fields[];

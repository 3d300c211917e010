/*
 * agent/heartbeat_config.h: the [heartbeat] section: work without being asked.
 */
#pragma once

#include "base/field.h"

typedef struct {
    char *start; /* "09:00"; "" = no limit */
    char *end;
} ActiveHoursConfig;

/* Going through old sessions when nothing else is to be done. */
typedef struct {
    bool is_enabled;
    int64_t max_sessions_per_sweep;
    int64_t max_messages_per_session;
    int64_t min_session_age_secs;
} DreamingConfig;

typedef struct {
    bool is_enabled;
    int64_t interval;      /* seconds */
    int64_t overdue_delay; /* seconds */
    int64_t timeout;       /* seconds; 0 = half of the interval */
    ActiveHoursConfig active_hours;
    char *timezone; /* "" = the system's */
    DreamingConfig dreaming;
    char **mcp_servers;
} HeartbeatConfig;

extern const Field heartbeat_config_fields[];

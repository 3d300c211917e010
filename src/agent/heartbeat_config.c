/* agent/heartbeat_config.c: the rows of [heartbeat]. */
#include "agent/heartbeat_config.h"

#include "base/check.h"

/* clang-format off */
static const Field active_hours_fields[] = {
    { "start", FIELD_STRING(ActiveHoursConfig, start), .default_text = "", .check = check_time_of_day, .flags = FIELD_INERT, .help = "Not before this time of day, as HH:MM; empty means no limit." },
    { "end",   FIELD_STRING(ActiveHoursConfig, end),   .default_text = "", .check = check_time_of_day, .flags = FIELD_INERT, .help = "Not after this time of day, as HH:MM; empty means no limit." },
    { 0 }
};

static const Field dreaming_fields[] = {
    { "enabled",                  FIELD_BOOL(DreamingConfig, is_enabled),              .default_text = "false", .flags = FIELD_INERT, .help = "Go through old sessions for things worth keeping." },
    { "max_sessions_per_sweep",   FIELD_INT(DreamingConfig, max_sessions_per_sweep),   .default_text = "10",    .min = 1, .max = 1000, .flags = FIELD_INERT, .help = "Sessions looked at in one go." },
    { "max_messages_per_session", FIELD_INT(DreamingConfig, max_messages_per_session), .default_text = "100",   .min = 1, .max = 100000, .flags = FIELD_INERT, .help = "Messages read of each." },
    { "min_session_age_secs",     FIELD_INT(DreamingConfig, min_session_age_secs),     .default_text = "3600",  .min = 0, .max = 1e9, .flags = FIELD_INERT, .help = "Seconds a session must have rested." },
    { 0 }
};

const Field heartbeat_config_fields[] = {
    { "enabled",       FIELD_BOOL(HeartbeatConfig, is_enabled),        .default_text = "true", .flags = FIELD_INERT, .help = "Let the daemon work through HEARTBEAT.md on its own." },
    { "interval",      FIELD_DURATION(HeartbeatConfig, interval),      .default_text = "30m",  .flags = FIELD_INERT, .help = "Time between two heartbeats." },
    { "overdue_delay", FIELD_DURATION(HeartbeatConfig, overdue_delay), .default_text = "1m",   .flags = FIELD_INERT, .help = "Wait this long after a start when a heartbeat was missed." },
    { "timeout",       FIELD_DURATION(HeartbeatConfig, timeout),       .flags = FIELD_INERT, .help = "Stop a heartbeat after this time; not set means half of the interval." },
    { "active_hours",  FIELD_STRUCT(HeartbeatConfig, active_hours, active_hours_fields), .help = "Hours of the day in which heartbeats run." },
    { "timezone",      FIELD_STRING(HeartbeatConfig, timezone),        .default_text = "",     .check = check_one_line, .flags = FIELD_INERT, .help = "Time zone of active_hours like Europe/Berlin; empty means the system's." },
    { "dreaming",      FIELD_STRUCT(HeartbeatConfig, dreaming, dreaming_fields), .help = "Going through old sessions." },
    { "mcp_servers",   FIELD_STRINGS(HeartbeatConfig, mcp_servers),    .default_text = "[]",   .flags = FIELD_INERT, .help = "MCP servers a heartbeat may use, by name." },
    { 0 }
};
/* clang-format on */

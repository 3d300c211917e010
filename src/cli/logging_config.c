/* cli/logging_config.c: the rows of [logging]. */
#include "cli/logging_config.h"

#include "base/check.h"

static const char *const levels[] = { "trace", "debug", "info", "warn", "error", NULL };

/* clang-format off */
const Field logging_config_fields[] = {
    { "level",          FIELD_ENUM(LoggingConfig, level, levels), .default_text = "info", .flags = FIELD_INERT, .help = "What is written to the log." },
    { "file",           FIELD_STRING(LoggingConfig, file),        .default_text = "~/.local/state/localgpt/logs/agent.log", .check = check_one_line, .flags = FIELD_INERT, .help = "Log file." },
    { "retention_days", FIELD_INT(LoggingConfig, retention_days), .default_text = "0", .min = 0, .max = 36500, .flags = FIELD_INERT, .help = "Days after which an old log is removed; 0 means never." },
    { 0 }
};
/* clang-format on */

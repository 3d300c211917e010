/* agent/hooks_config.c: the rows of [hooks]. */
#include "agent/hooks_config.h"

#include "base/check.h"

static const char *const events[] = {
    [HOOK_ON_MESSAGE] = "onMessage",
    [HOOK_ON_TOOL_CALL] = "onToolCall",
    [HOOK_ON_SESSION_START] = "onSessionStart",
    [HOOK_ON_SESSION_END] = "onSessionEnd",
    [HOOK_BEFORE_TOOL_CALL] = "beforeToolCall",
    [HOOK_AFTER_TOOL_CALL] = "afterToolCall",
    NULL,
};

/* clang-format off */
static const Field hook_fields[] = {
    { "name",    FIELD_STRING(HookConfig, name),         .check = check_one_line, .flags = FIELD_REQUIRED, .help = "Name of the hook." },
    { "event",   FIELD_ENUM(HookConfig, event, events),  .flags = FIELD_REQUIRED, .help = "When it runs." },
    { "command", FIELD_STRING(HookConfig, command),      .flags = FIELD_REQUIRED, .help = "Command to run." },
    { "filter",  FIELD_STRING(HookConfig, filter),       .default_text = "", .help = "Only for tools of this name; empty means all." },
    { "enabled", FIELD_BOOL(HookConfig, is_enabled),     .default_text = "true", .help = "Whether the hook runs." },
    { 0 }
};

const Field hooks_config_fields[] = {
    { "hooks", FIELD_STRUCTS(HooksConfig, hooks, HookConfig, hook_fields), .default_text = "[]", .flags = FIELD_INERT, .help = "Hooks with name, event, command, filter and enabled; write each as a [[hooks.hooks]] table." },
    { 0 }
};
/* clang-format on */

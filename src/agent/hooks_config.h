/*
 * agent/hooks_config.h: the [hooks] section: commands that run on events.
 */
#pragma once

#include "base/field.h"

typedef enum {
    HOOK_ON_MESSAGE,
    HOOK_ON_TOOL_CALL,
    HOOK_ON_SESSION_START,
    HOOK_ON_SESSION_END,
    HOOK_BEFORE_TOOL_CALL,
    HOOK_AFTER_TOOL_CALL,
} HookEvent;

typedef struct {
    char *name;
    int event; /* HookEvent */
    char *command;
    char *filter; /* "" = every event of the kind */
    bool is_enabled;
} HookConfig;

typedef struct {
    GPtrArray *hooks; /* HookConfig */
} HooksConfig;

extern const Field hooks_config_fields[];

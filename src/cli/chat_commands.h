/*
 * cli/chat_commands.h: the slash commands of `localgpt chat`, one row each.
 */
#pragma once

#include "cli/chat.h"

typedef struct {
    const char *name;      /* without the slash */
    const char *aliases;   /* "exit q", or NULL */
    const char *arguments; /* "[NAME]", or NULL */
    const char *summary;
    bool (*run)(Chat *chat, const char *argument, GError **error);
} ChatCommand;

/* Ended by a row with name NULL. */
extern const ChatCommand chat_commands[];

/* By name or alias, in any case. */
bool chat_command_exists(const char *name);

/* `line` begins with '/'. ERR_USAGE with "did you mean" for an unknown name. */
bool chat_command_run(Chat *chat, const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * cli/chat_history_commands.h: the slash commands about what was said: /clear, /compact, /export,
 * /search. Text in, text out; rows in cli/chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

bool chat_clear_context(Chat *chat, const char *argument, GError **error);
bool chat_compact(Chat *chat, const char *argument, GError **error);
bool chat_export(Chat *chat, const char *argument, GError **error);
bool chat_search(Chat *chat, const char *argument, GError **error);

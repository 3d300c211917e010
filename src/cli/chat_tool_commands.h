/*
 * cli/chat_tool_commands.h: the commands of a chat that are about what its tools may do; the rows
 * are in chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

bool chat_mode(Chat *chat, const char *argument, GError **error);
bool chat_sandbox(Chat *chat, const char *argument, GError **error);
bool chat_tools(Chat *chat, const char *argument, GError **error);

/* The mode by its name; NULL when the chat has no tools. On any thread. */
const char *chat_mode_name(const Chat *chat);
/* To the next one; tells what it means. NULL when the chat has no tools. On any thread. */
const char *chat_mode_cycle(const Chat *chat);

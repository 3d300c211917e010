/*
 * cli/chat_memory_commands.h: the commands of a chat that are about the owner's notes; the rows are
 * in chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

/* Adds a note to the file of today; also "#text". */
bool chat_remember(Chat *chat, const char *argument, GError **error);

/* Finds notes. */
bool chat_memory(Chat *chat, const char *argument, GError **error);

/* Reads every note again. */
bool chat_reindex(Chat *chat, const char *argument, GError **error);

/*
 * cli/chat_undo_commands.h: /undo, /redo and /diff of a chat: what its tools changed, turn by turn
 * (undo/journal.h); the rows are in chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

bool chat_diff(Chat *chat, const char *argument, GError **error);
bool chat_redo(Chat *chat, const char *argument, GError **error);
bool chat_undo(Chat *chat, const char *argument, GError **error);

/*
 * cli/chat_session_commands.h: the commands of a chat that are about sessions and attachments; the
 * rows are in chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

bool chat_attach(Chat *chat, const char *argument, GError **error);
bool chat_attachments(Chat *chat, const char *argument, GError **error);
bool chat_clear_attachments(Chat *chat, const char *argument, GError **error);
bool chat_fork_session(Chat *chat, const char *argument, GError **error);
bool chat_new_session(Chat *chat, const char *argument, GError **error);
bool chat_resume(Chat *chat, const char *argument, GError **error);
bool chat_save(Chat *chat, const char *argument, GError **error);
bool chat_sessions(Chat *chat, const char *argument, GError **error);

/* The sessions to choose from; a value is "/resume ID". */
void chat_fill_sessions(Chat *chat, Menu *menu);

/*
 * cli/chat_branch_commands.h: going back to an earlier message of a chat, saying it anew, and
 * switching between what came of each version; the rows are in chat_commands.c.
 */
#pragma once

#include "cli/chat.h"

bool chat_branch(Chat *chat, const char *argument, GError **error);
bool chat_rewind(Chat *chat, const char *argument, GError **error);

/* The owner's messages, newest first; a value is "/rewind N". */
void chat_fill_messages(Chat *chat, Menu *menu);

/* The words of the message that the next one takes the place of; NULL when there is none. New
 * string. */
char *chat_dup_edited(const Chat *chat);

/* "branch 2/2 of message 3", or NULL when the owner's newest message has one version. New string.
 */
char *chat_describe_branch(const Chat *chat);

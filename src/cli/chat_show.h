/*
 * cli/chat_show.h: what was said before, written again below: after a branch was switched.
 *
 *     if (!chat_show_messages(chat, 4, error)) ...          // from the fifth message on
 */
#pragma once

#include "cli/chat.h"

/* The words of the owner and the answers, tools by their names; as Markdown in the style of the
 * terminal, or plain. */
bool chat_show_messages(const Chat *chat, unsigned first, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The owner's newest message and what came after: to see where a conversation that is resumed
 * stands. */
bool chat_show_last(const Chat *chat, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the owner wrote of a message: not the files that went along, nor the output of a command
 * they ran. New string, "" when it is none of their words. */
char *chat_show_words(const Message *message);

/* The owner's words in one line, cut to `n_columns`. New string. */
char *chat_show_line(const Message *message, size_t n_columns);

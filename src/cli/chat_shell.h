/*
 * cli/chat_shell.h: "!command" and "!!command" of a chat: what the owner runs themselves, locked in
 * like everything that runs here.
 *
 *     if (!chat_shell_run(chat, "!make test", error)) ...
 *
 * The output is shown as it comes. With one "!" the command, its output and how it ended go into
 * the conversation, so that the model knows of them with the next message; with two they do not.
 */
#pragma once

#include "cli/chat.h"

/* `line` begins with '!'. A command that fails is no error: how it ended is told. */
bool chat_shell_run(Chat *chat, const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

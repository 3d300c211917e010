/*
 * cli/chat.h: what a chat is made of, whether it is typed on a screen, line by line, or piped in.
 *
 *     Chat chat = { .app = app, .conversation = conversation };
 *     if (!chat_say(&chat, "look at @notes.md", error)) ...
 *     chat_clear(&chat);
 */
#pragma once

#include "cli/attachment.h"
#include "cli/chat_screen.h"
#include "cli/conversation.h"

typedef struct {
    App *app;                   /* borrowed */
    Conversation *conversation; /* borrowed */
    GPtrArray *attachments; /* Attachment, owned: of /attach, for the next message; may be NULL */
    unsigned edits;   /* the next message takes the place of the owner's message N; 0: of none */
    bool is_over;     /* set by /quit */
    bool is_terminal; /* a person types; else a pipe, which a failure ends */
    bool has_screen;  /* cli/chat_screen.h shows it */
    ChatRequestKind request; /* what a command asked of the screen */
    AgentEventFn on_event;   /* who hears of the turn */
    void *event_data;
} Chat;

void chat_clear(Chat *chat);

void chat_listen(Chat *chat, AgentEventFn on_event, void *event_data);

/* One turn, with the files that the message names (@file) and those attached before. Each that is
 * named is told as a notice; one that cannot be attached is an error, and nothing is sent. */
bool chat_say(Chat *chat, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For the chat itself, not for the model: "/command", "!command", "#note". Several lines that begin
 * with '#' are Markdown, and a message. */
bool chat_is_command(const char *line);
/* Runs one. */
bool chat_run_line(Chat *chat, const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

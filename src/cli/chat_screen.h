/*
 * cli/chat_screen.h: a conversation on a terminal: answers stream above a prompt that is always
 * ready.
 *
 *     ChatHost host = { .user_data = chat, .run = run, .status = status, ... };
 *     if (!chat_screen_run(app, &host, error)) ...
 *
 * The screen knows how to draw and to edit, the host how to answer; the host's `run` is called on a
 * thread of its own, everything else on the caller's, and only while nothing runs.
 */
#pragma once

#include "cli/app.h"
#include "cli/chat_worker.h"
#include "cli/terminal/menu.h"

/* For the line below the prompt. */
typedef struct {
    const char *model; /* "local/NAME"; borrowed */
    const char *tier;  /* "tiny"; borrowed */
    int64_t used_tokens;
    int64_t window_tokens; /* 0: not known */
} ChatStatus;

/* What a command asks of the screen. */
typedef enum {
    CHAT_REQUEST_NONE,
    CHAT_REQUEST_QUIT,
    CHAT_REQUEST_EDITOR,
    CHAT_REQUEST_COPY,
    CHAT_REQUEST_THINK,
    CHAT_REQUEST_PICK_SESSION,
    CHAT_REQUEST_PICK_MESSAGE,
    CHAT_REQUEST_EDIT_MESSAGE, /* of the host's dup_edited() */
} ChatRequestKind;

typedef struct {
    void *user_data;
    /* JOB_SAY: one turn. JOB_COMMAND: a line that is_command(); it may write to stdout. */
    bool (*run)(void *user_data, JobKind kind, const char *text, ChatWorker *worker,
                GError **error);
    ChatStatus (*status)(void *user_data);
    /* After each job; resets it. */
    ChatRequestKind (*take_request)(void *user_data);
    /* Of the request to pick; a chosen value is run as a line. */
    void (*fill_choices)(void *user_data, ChatRequestKind request, Menu *menu);
    /* The message that the next JOB_SAY takes the place of; NULL: of none. New string. */
    char *(*dup_edited)(void *user_data);
    void (*stop_editing)(void *user_data);
    /* Whether a line is a command: JOB_COMMAND. */
    bool (*is_command)(const char *line);
    /* The mode of the tools, "ask", and to the next one: what that means. Called at any time, also
     * while a job runs; NULL, or answering NULL: there are no modes. */
    const char *(*mode)(void *user_data);
    const char *(*cycle_mode)(void *user_data);
} ChatHost;

/* Until the person leaves. ERR_CANCELLED when they pressed Ctrl-C twice. */
bool chat_screen_run(App *app, const ChatHost *host, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * memory/session_source.h: what was said in a transcript, message by message, for the index.
 *
 *     SessionText session;
 *     if (!session_source_read(path, &session, error)) return false;
 *     ... session.messages (IndexMessage), session.date ...
 *     session_text_clear(&session);
 *
 * Only what the owner and the model said: tool results and prompts are left out.
 */
#pragma once

#include "memory/index.h"

typedef struct {
    /* owned */
    GArray *messages; /* IndexMessage, with texts of `strings` */
    GPtrArray *strings;
    char *date; /* of the first message, "2026-11-24", or NULL */
} SessionText;

bool session_source_read(const char *path, SessionText *out,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void session_text_clear(SessionText *session);

/* The text of the message at a place of the file; NULL when it is not there any more. New string.
 */
char *session_source_message(const char *path, int64_t offset, size_t length);

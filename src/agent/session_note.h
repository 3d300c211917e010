/*
 * agent/session_note.h: the end of a conversation as a note, so that later ones find it.
 *
 *     memory/2026-11-24-plan-the-trip-to.md: title, session id, the last messages.
 *
 * The name is the day and the first four words of the first message. A note of another conversation
 * with the same name stays: the new one gets "-2". The same conversation saved again on that day
 * replaces its own note. When anything untrusted was said, the note goes to memory/inbox/, which no
 * prompt reads by itself (agent/notes.h). Nothing is written when the owner said nothing.
 */
#pragma once

#include "session/transcript.h"

typedef struct {
    /* borrowed */
    const char *workspace;
    const Transcript *transcript;
    GDateTime *now;
    int64_t max_messages;   /* the newest ones; 0: all */
    int64_t max_characters; /* of each; 0: all */
} SessionNote;

/* *out_name is the file below the workspace, or NULL when there was nothing to save; owned. */
bool session_note_write(const SessionNote *note, char **out_name,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

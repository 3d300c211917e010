/*
 * agent/notes.h: what must outlast a conversation, written before its beginning is summed up.
 *
 * The facts go to memory/YYYY-MM-DD.md of the workspace, which later prompts read. When anything
 * untrusted was in the messages, they go to memory/inbox/<session>.md instead, which nothing reads
 * by itself: the owner looks through it (a page must not plant what the next conversation
 * believes). Each note begins with a comment that tells where it came from (memory/provenance.h)
 * and ends with another, and is written once: when the program dies after it, the next attempt
 * finds its end; when it dies in the middle, the end is missing and the note is written again.
 */
#pragma once

#include "agent/conversation_text.h"

typedef struct {
    /* borrowed */
    const char *workspace;
    const char *session;    /* id */
    const char *last_entry; /* id of the last message that is noted; "" when it has none */
    GDateTime *now;
} NotesPlace;

/* *out_name is the file below the workspace, or NULL when there was nothing to note; owned. Fails
 * with ERR_CANCELLED and ERR_TIMEOUT of `cancel`, and when the note cannot be written. A model that
 * fails is no failure: then the note is made of the owner's sentences. */
bool notes_flush(const ConversationText *conversation, const NotesPlace *place, Cancel *cancel,
                 char **out_name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

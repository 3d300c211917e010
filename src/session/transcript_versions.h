/*
 * session/transcript_versions.h: the owner's messages of a conversation, and the other versions of
 * each.
 *
 * Editing a message does not remove what was said before: transcript_go_to() its parent and append
 * the new words, and the file has two branches from there. Both are versions of one message.
 *
 *     g_autoptr(GPtrArray) asked = transcript_versions_read(transcript, error);
 *     const TranscriptAsked *last = asked->pdata[asked->len - 1];
 *     last->versions->len == 2, last->version == 1                          // "2/2"
 *     transcript_go_to(transcript, last->parent_id, error)                  // say it anew
 *     transcript_switch_to(transcript, last->leaves->pdata[0], error)       // back to "1/2"
 */
#pragma once

#include "session/transcript.h"

typedef struct {
    unsigned index;      /* of the message in the context */
    char *parent_id;     /* what it stands below; NULL: it is a root */
    unsigned version;    /* which of the versions stands in the context, from 0 */
    GPtrArray *versions; /* char *, owned: the entries of all of them, oldest first */
    GPtrArray *leaves;   /* char *, owned: side by side, the newest entry below each */
} TranscriptAsked;

/* TranscriptAsked, owned, oldest first; messages without an entry of their own (a summary) are left
 * out. Reads the whole file. */
GPtrArray *transcript_versions_read(const Transcript *transcript, GError **error);

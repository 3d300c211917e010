/*
 * session/transcript_entry.h: one line of a session file: what it is, and the message in it.
 *
 * Two ways in. transcript_entry_scan() finds type, id and parent without building a tree: every
 * line of a file passes through it. transcript_entry_parse() and transcript_entry_message() decode
 * the few lines that are in the context.
 *
 * Reading is tolerant: version 1 (no ids), 2 and 3 of OpenClaw/Pi and version 1 of the original
 * LocalGPT. Content may be a string or blocks; unknown blocks and image_url are left out; toolCalls
 * beside the content and arguments written as a string become parts; the role "tool" is a tool
 * result. NUL characters, ill-formed UTF-8 and halves of surrogate pairs are made valid.
 *
 * Labels: entries of ours carry "labels", one for each block of the content. Where they are missing
 * somebody else wrote the file, and this is assumed: the user's words are the owner's and trusted;
 * the answers are the model's but untrusted, for nobody recorded what it had read; tool results and
 * everything else are a tool's and untrusted. A single label that does not decode is untrusted.
 * Whoever imports a file into the session folder must take its "labels" out first.
 */
#pragma once

#include <stdbool.h>

#include "provider/message.h"

typedef enum {
    TRANSCRIPT_OTHER, /* kept on disk, not in the context */
    TRANSCRIPT_SESSION,
    TRANSCRIPT_MESSAGE,
    TRANSCRIPT_COMPACTION,
    TRANSCRIPT_BRANCH_SUMMARY,
    TRANSCRIPT_CUSTOM_MESSAGE
} TranscriptKind;

/* Slices of the scanned line, as they stand in it; start NULL: absent or not a string. */
typedef struct {
    const char *start;
    size_t length;
} TranscriptSlice;

typedef struct {
    TranscriptKind kind;
    TranscriptSlice type;
    TranscriptSlice id;
    TranscriptSlice parent_id;
    bool has_parent_id; /* the member is there; with parent_id.start NULL it is the root */
} TranscriptHead;

/* False when the line is no JSON object by its outer shape. */
bool transcript_entry_scan(const char *line, size_t length, TranscriptHead *out_head);

/* The whole line as a tree, strings made valid; new reference, or NULL when it is not JSON. */
json_t *transcript_entry_parse(const char *line, size_t length);

/* The message an entry puts into the context, or NULL when it puts none there. */
Message *transcript_entry_message(const json_t *entry);

/* Line 1. */
typedef struct {
    char *type; /* "session" */
    int64_t version;
    char *id;
    char *timestamp;
    char *cwd;
    char *parent_session; /* path of the session this one branched off; NULL = none */
} TranscriptHeader;

extern const Field transcript_header_fields[];

/* An entry to be written; every member is borrowed. `parent_id` is json null for a root and NULL
 * when the entry before has no id (a file of version 1 goes on in its linear way). */
typedef struct {
    char *id;
    json_t *parent_id;
    int64_t time_ms;
} TranscriptLink;

/* New strings, one line without the newline. */
char *transcript_entry_encode_message(const TranscriptLink *link, const Message *message);
char *transcript_entry_encode_model(const TranscriptLink *link, const char *provider,
                                    const char *model);

/* An entry that stands for all above it but what is kept from `first_kept_id` on (NULL: nothing).
 */
typedef struct {
    const char *summary;
    const char *first_kept_id;
    int64_t tokens_before;
    const Label *label; /* the join of what was summed up */
} TranscriptSummary;
char *transcript_entry_encode_compaction(const TranscriptLink *link,
                                         const TranscriptSummary *summary);

/* An entry that is no message and begins a new tree: what stands above is out of the context. */
char *transcript_entry_encode_clear(const TranscriptLink *link);

/* An entry that is no message: what it stands below is the branch that goes on. */
char *transcript_entry_encode_branch(const TranscriptLink *link);

/* "2026-11-24T13:31:24.123Z". New string. */
char *transcript_entry_timestamp(int64_t time_ms);

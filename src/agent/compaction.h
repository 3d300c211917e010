/*
 * agent/compaction.h: making room in a conversation that no longer fits its window.
 *
 * The beginning is replaced by a summary; the newest messages stay word for word. The file of the
 * session keeps everything: only the view changes (session/transcript.h). In order:
 *
 *   1. what must last goes to the memory notes (agent/notes.h);
 *   2. the model sums up, in one request of its own; when it fails, or is tiny, the summary is made
 *      of the first sentences of each message, so that it never fails;
 *   3. one entry is appended. A crash before it leaves the conversation as it was.
 *
 * A call stays with its results, the newest question and the newest calls are never summed up, and
 * the summary has the joined labels of all it stands for: what was untrusted stays so.
 */
#pragma once

#include "agent/tier.h"
#include "provider/provider.h"
#include "session/transcript.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    Transcript *transcript;
    const char *workspace; /* NULL: no notes are kept */
    /* plain */
    int64_t window_tokens;
    int64_t room_tokens; /* for messages, beside the system prompt, the tools and the answer */
    int divisor;         /* what is kept is room_tokens over this; 0 = 3. A larger one keeps less */
} CompactionInput;

typedef struct {
    int64_t tokens_before; /* of the messages */
    int64_t tokens_after;
    unsigned n_summed_up;
    bool is_mechanical; /* no model made the summary */
    char *note;         /* owned: file below the workspace; NULL: nothing was noted */
    char *note_problem; /* owned: why the note could not be written; NULL = it could */
} CompactionResult;

/* ERR_USAGE when there is nothing to sum up; ERR_CANCELLED; an error of the disk. The conversation
 * is then as it was. */
bool compaction_run(const CompactionInput *input, Cancel *cancel, CompactionResult *out,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void compaction_result_clear(CompactionResult *result);

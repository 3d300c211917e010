/*
 * session/transcript_context.h: which lines of a session file make its context, and their messages.
 *
 * Reading is two passes. The index holds 24 bytes an entry (place, parent, kind) and comes from one
 * scan of the file that builds no trees; then only the entries on the way from the newest one to
 * the root are decoded, and none that the last compaction put behind it. A file that is mostly
 * compacted history costs its scan and little memory, however long it is.
 *
 *     g_autoptr(TranscriptIndex) index = transcript_index_build(&lines, 0);
 *     TranscriptContext context;
 *     if (transcript_context_build(index, &lines, TRANSCRIPT_CONTEXT, &context)) ...
 *
 * The index of a long file may begin in its middle: what a turn needs stands at the end. Whatever
 * cannot be told from that part alone (a parent or a kept entry in front of it) makes building
 * fail, and the caller begins further up; nothing is guessed.
 *
 * An entry whose parent is not in the file (its line was damaged) goes on with the entry before it,
 * so that one bad line never hides the history above it.
 */
#pragma once

#include "session/transcript_entry.h"
#include "session/transcript_lines.h"

typedef struct {
    int64_t offset;
    uint32_t length;
    int32_t parent; /* index of the entry above, always smaller; -1: a root */
    uint8_t kind;   /* TranscriptKind */
    bool is_lost;   /* its parent was not found: `parent` is the entry before it */
} TranscriptPlace;

typedef struct {
    GArray *places;         /* owned: TranscriptPlace, in file order */
    GHashTable *ids;        /* owned: hash of an id to its index + 1 */
    char *newest_id;        /* owned: NULL when the newest entry has none, or there is no entry */
    char *header;           /* owned: the line of type session, or NULL */
    int64_t from;           /* where in the file the index begins */
    int32_t leaf;           /* where the walk begins: the newest entry; -1: in an empty context */
    int64_t whole_tail_end; /* size of a file whose last line lacks only its newline; else 0 */
    unsigned n_bad_lines;
} TranscriptIndex;

/* Reads `lines` to their end. `from` is where they begin: 0, or the offset that was sought. */
TranscriptIndex *transcript_index_build(TranscriptLines *lines, int64_t from);
void transcript_index_free(TranscriptIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TranscriptIndex, transcript_index_free)

/* The entry with this id, or -1. */
int32_t transcript_index_find(const TranscriptIndex *index, TranscriptSlice id);

/* The key of an id in `ids`. */
void *transcript_index_key(const char *id, size_t length);

typedef enum {
    TRANSCRIPT_CONTEXT, /* what is sent to a model: the last compaction speaks for what it cut */
    TRANSCRIPT_HISTORY  /* every message of the branch, as if nothing had been summed up */
} TranscriptView;

typedef struct {
    /* owned, side by side, oldest first */
    GPtrArray *messages; /* Message */
    GPtrArray *ids; /* char *, of each message's entry; NULL: it has none, or it is a summary */
    bool is_cut;    /* older messages stand in front of the index */
    unsigned n_bad_lines; /* on the way to the root, but no JSON after all */
    unsigned n_mended_tool_results;
    unsigned n_stray_tool_results;
} TranscriptContext;

/* Every tool call is followed by its result; one that never came is an error result made here, and
 * a result without its call is left out: providers refuse a conversation that has either. False
 * when the index begins too late for that. */
bool transcript_context_build(const TranscriptIndex *index, const TranscriptLines *lines,
                              TranscriptView view, TranscriptContext *out);
void transcript_context_clear(TranscriptContext *context);

/*
 * session/transcript.h: one conversation on disk: append-only JSONL in the OpenClaw/Pi format,
 * version 3.
 *
 * Line 1 is the session header, every further line an entry with id and parentId; the context of a
 * turn is the walk from the newest entry to the root. Labels of parts are kept in the entry
 * ("labels", one per part), so that they survive resume; transcript_entry.h says what is assumed of
 * files that others wrote. Files are 0600; a line counts only when it is whole and synced. Opening
 * reads and changes nothing (another process may be writing its line); a torn tail is passed over,
 * and cut by the next append, which keeps it beside the file (base/file.h).
 *
 *     g_autoptr(Transcript) transcript = transcript_create(folder, cwd, error);
 *     if (!transcript_append(transcript, message, error)) ...
 *     g_autoptr(Transcript) again = transcript_open(path, error);
 *     const GPtrArray *messages = transcript_messages(again);      // Message, borrowed
 *
 * The file is made with the first message: an unused session leaves nothing behind. It appears with
 * its header and that message at once, so there is never a file without a valid header. Processes
 * that append to one file keep their lines whole, and each goes on from its own last entry: the
 * file is a tree, and nothing in it is lost.
 */
#pragma once

#include "provider/message.h"

typedef struct Transcript Transcript;

/* A new session in `folder` (made when needed, 0700), with a random UUID. `cwd` is recorded. */
Transcript *transcript_create(const char *folder, const char *cwd, GError **error);

/* Opens an existing file of any version. Lines that do not parse are skipped and counted; unknown
 * entry types are kept on disk and ignored. ERR_DATA when it has no session header. */
Transcript *transcript_open(const char *path, GError **error);

/* The same for going on with a conversation: of a long file only its end is read (at least
 * TRANSCRIPT_RECENT_BYTES, and in any case all that the last compaction keeps), so that 100 MB open
 * as fast as one. transcript_is_cut() tells when older messages were left unread. */
enum { TRANSCRIPT_RECENT_BYTES = 2 << 20 };
Transcript *transcript_open_recent(const char *path, GError **error);
bool transcript_is_cut(const Transcript *transcript);

/* Every message of the newest branch, also those that a compaction took out of the context: for
 * search and export. Message, owned by the array. */
GPtrArray *transcript_read_history(const char *path, GError **error);

void transcript_free(Transcript *transcript);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Transcript, transcript_free)

/* Takes nothing: `message` is copied into the context. Returns when the line is on the disk. On
 * failure the context is unchanged. */
bool transcript_append(Transcript *transcript, const Message *message,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records that the model changed (entry model_change). Before the first message it is only noted,
 * and written with that. */
bool transcript_append_model(Transcript *transcript, const char *provider, const char *model,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sums up the beginning of the context: the view changes, the file keeps everything. */
typedef struct {
    const char *summary;  /* not empty */
    unsigned n_summed_up; /* messages of the context that the summary stands for, from the oldest */
    int64_t tokens_before; /* of the context, for the record */
    Label label;           /* borrowed: the join of the labels of what was summed up */
} TranscriptCompaction;

/* Whether the context can be kept from message `index` on (index == its length: keep nothing): the
 * entry has an id, and the message is no tool result. */
bool transcript_can_keep_from(const Transcript *transcript, unsigned index);

/* The id of the entry of message `index`, or NULL when it has none. Borrowed until the next
 * append. */
const char *transcript_entry_id(const Transcript *transcript, unsigned index);

/* Returns when the entry is on the disk; the context is then the summary, a user message, and what
 * is kept. ERR_USAGE when nothing is summed up or the cut is not possible. */
bool transcript_append_compaction(Transcript *transcript, const TranscriptCompaction *compaction,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Empties the context with an entry that begins a new tree; nothing is removed from the file. */
bool transcript_append_clear(Transcript *transcript, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The id of the entry that the next one goes below; NULL: it will be a root, or the newest entry
 * has no id. Borrowed until the next append. */
const char *transcript_leaf(const Transcript *transcript);

/* Goes on below another entry (NULL: with a new root): the context becomes what stands there, and
 * the next append begins a branch. The file is not changed, so that opening it finds the branch of
 * its newest entry. ERR_NOT_FOUND when there is no such entry; unchanged on failure. */
bool transcript_go_to(Transcript *transcript, const char *entry_id,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for good: an entry that is no message says that this branch goes on. */
bool transcript_switch_to(Transcript *transcript, const char *entry_id,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A new session in `folder` that begins with the first `n_messages` of this one's context, labels
 * and all, and names it as its parent. On the disk when it returns, unless it is empty. */
Transcript *transcript_branch(const Transcript *transcript, const char *folder, unsigned n_messages,
                              GError **error);

/* The context, oldest first. Borrowed; valid until the next append. */
const GPtrArray *transcript_messages(const Transcript *transcript);

const char *transcript_id(const Transcript *transcript); /* UUID */
const char *transcript_path(const Transcript *transcript);

/* What opening had to leave out, for one sentence to the user; 0 when all was well. */
typedef struct {
    int64_t torn_bytes;
    unsigned n_bad_lines;
    unsigned n_mended_tool_results; /* synthesised for calls whose result never came */
    unsigned n_stray_tool_results;  /* results without their call, left out of the context */
} TranscriptDamage;
TranscriptDamage transcript_damage(const Transcript *transcript);

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

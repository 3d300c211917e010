/*
 * memory/memory.h: the owner's notes, found again: what tools, commands and the daemon use.
 *
 *     const MemoryPlace place = { .workspace = folder, .database = path, .config = config };
 *     g_autoptr(Memory) memory = memory_open(&place, error);
 *     const MemoryRequest request = { .query = "when does the train leave", .limit = 6 };
 *     g_autoptr(MemoryAnswer) answer = memory_search(memory, &request, cancel, error);
 *     for (unsigned i = 0; i < answer->hits->len; i++) { const MemoryHit *hit = ...; }
 *
 * The Markdown files are the only truth; the database is an index that is made again when it is
 * missing, old or damaged (memory_notice() then says so). It holds no text of a note: a hit is read
 * from its file. Every search first looks which files changed (memory/sync.h).
 *
 * One thread at a time; any number of processes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "embed/embedder.h"
#include "memory/memory_config.h"

typedef struct Memory Memory;

typedef struct {
    /* borrowed for the call */
    const char *workspace;            /* absolute */
    const char *database;             /* <cache>/memory/<agent>.sqlite */
    const char *sessions;             /* folder of the agent's transcripts, or NULL */
    const char *home;                 /* what "~" in memory.paths stands for, or NULL */
    const MemoryConfig *config;       /* kept: must outlive the Memory; NULL: the defaults */
    const EmbedderSettings *embedder; /* kept, like all it points to; NULL: words only */
} MemoryPlace;

/* Cheap: opens the database, reads no note. */
Memory *memory_open(const MemoryPlace *place, GError **error);
void memory_close(Memory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Memory, memory_close)

/* What has to be told once: a damaged index that was made again, files that could not be read.
 * NULL when nothing; else a new string, and forgotten. */
char *memory_take_notice(Memory *memory);

/* Searching. */

typedef enum { SEARCH_HYBRID, SEARCH_WORDS, SEARCH_MEANING } SearchMode;
extern const char *const search_mode_names[]; /* "hybrid", "words", "meaning" */

typedef enum {
    SEARCH_SESSIONS = 1 << 0, /* what was said, too; memory.index_sessions sets it always */
    SEARCH_DIVERSE = 1 << 1,  /* hits that say the same thing only once (MMR) */
} SearchFlags;

typedef struct {
    const char *query; /* words, "phrases", prefixes*, since:2026-01-01, before:30d, path:memory/ */
    int64_t limit;     /* 0: 10; at most 1000 */
    int mode;          /* SearchMode */
    unsigned flags;    /* SearchFlags */
} MemoryRequest;

/* Who the words of a note come from (policy/label.h has the whole story). */
typedef enum { NOTE_OWNER, NOTE_AGENT, NOTE_UNTRUSTED } NoteLabel;
extern const char *const note_label_names[]; /* "owner", "agent", "untrusted" */

typedef struct {
    /* owned */
    char *path;    /* below the workspace, else absolute; of a session: its id + ".jsonl" */
    char *heading; /* "Trips > Vienna", "" when none */
    char *date;    /* "2026-11-24", "" when unknown */
    char *text;    /* the chunk, whole */
    char *snippet; /* of the text, cut at words around the match, one line */
    char *session; /* id when the hit is a message, else "" */
    char *message; /* id of its entry, else "" */
    /* plain */
    int64_t start_line, end_line; /* 1-based, inclusive; citation: path#L10-20 */
    double score;                 /* 0 to 1, the sum of the three */
    double words, meaning, context;
    int label; /* NoteLabel */
} MemoryHit;

typedef struct {
    /* owned */
    char *query;
    char *mode;      /* how it really searched: "hybrid", "words", "meaning" */
    char *notice;    /* why it searched less than it was asked to; "" when it did not */
    GPtrArray *hits; /* MemoryHit, best first */
    /* plain */
    int64_t n_files, n_chunks, n_messages; /* searched over */
    double took_ms;
} MemoryAnswer;

void memory_hit_free(MemoryHit *hit);

/* No query is an error: an empty one has no hits. */
MemoryAnswer *memory_search(Memory *memory, const MemoryRequest *request, Cancel *cancel,
                            GError **error);
void memory_answer_free(MemoryAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MemoryAnswer, memory_answer_free)

/* Reading and writing. */

/* Lines of a note, 1-based and inclusive; `end_line` 0: to its end. `path` is a path of the index
 * or a citation "path#L10-20", whose lines then count. ERR_NOT_FOUND, ERR_DENIED for a file that is
 * neither below the workspace nor in memory.paths. New string. */
char *memory_get(Memory *memory, const char *path, int64_t start_line, int64_t end_line,
                 GError **error);

/* Where a note comes from; each may be NULL. */
typedef struct {
    /* borrowed */
    const char *session; /* id */
    const char *turn;    /* id of the entry of the message that led to it */
    const char *tool;    /* "memory_append" */
    int label;           /* NoteLabel */
} NoteOrigin;

/* Adds a note to memory/YYYY-MM-DD.md of today, and an untrusted one to memory/inbox/<session>.md,
 * which no prompt reads by itself. When it returns, the note is written and synced (fdatasync): a
 * kill or a power cut leaves it whole; the index learns of it with the next search. `out_citation`
 * (may be NULL): "memory/2026-11-24.md#L10-12", owned. */
bool memory_append(Memory *memory, const NoteOrigin *origin, const char *text, char **out_citation,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The absolute path of the file that memory_append() would write now; it is appended to in place.
 * New string. */
char *memory_note_path(const Memory *memory, const NoteOrigin *origin);

/* What memory_forget() would do, or did. */
typedef struct {
    int64_t n_files;     /* in which the text stands */
    int64_t n_places;    /* how often */
    int64_t n_remaining; /* hits of a search for it afterwards: 0 */
} ForgetReport;

/* Removes every note (list item, paragraph) that has `text`, in every file of the workspace, and
 * then the chunks, vectors and index terms that came from it, and searches again to prove it. With
 * `is_dry_run` it only counts. */
bool memory_forget(Memory *memory, const char *text, bool is_dry_run, ForgetReport *out_report,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The note that bears out a claim, and the turn that wrote it. Fields as of a hit; "" when unknown
 * (the owner wrote it by hand). */
typedef struct {
    MemoryHit *hit; /* owned; NULL when no note bears it out */
    char *session;  /* owned */
    char *turn;
    char *tool;
} MemoryReason;

bool memory_why(Memory *memory, const char *claim, MemoryReason *out_reason,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memory_reason_clear(MemoryReason *reason);

/* Keeping the index. */

typedef struct {
    int64_t n_seen;    /* files */
    int64_t n_updated; /* read and indexed again */
    int64_t n_removed;
    int64_t n_skipped; /* not readable, too large, not text */
    int64_t n_chunks;  /* of the whole index */
    int64_t n_bytes;   /* of the updated files */
    double took_ms;
} SyncReport;

/* Called now and then from the thread of the call. */
typedef void (*MemoryProgressFn)(int64_t n_done, int64_t n_all, void *user_data);

/* Brings the whole index up to date; with `is_forced` every file is read again. */
bool memory_reindex(Memory *memory, bool is_forced, Cancel *cancel, SyncReport *out_report,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memory_on_progress(Memory *memory, MemoryProgressFn on_progress, void *user_data);

/* The same, but only what a search does before it begins. */
bool memory_refresh(Memory *memory, Cancel *cancel, SyncReport *out_report,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    char *path, *date; /* owned */
    int64_t n_chunks, n_lines, n_bytes;
} MemoryFile;

typedef struct {
    char *path, *reason; /* owned */
} MemorySkipped;

typedef struct {
    /* owned */
    GPtrArray *files;   /* MemoryFile, by path */
    GPtrArray *skipped; /* MemorySkipped, by path */
    char *embedder;     /* "static/static-embedding/1c0ffee0", "" when there is none */
    /* plain */
    int64_t n_chunks, n_vectors, n_sessions, n_messages, n_index_bytes;
} MemoryStats;

bool memory_stats(Memory *memory, MemoryStats *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void memory_stats_clear(MemoryStats *stats);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MemoryStats, memory_stats_clear)

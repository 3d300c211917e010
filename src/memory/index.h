/*
 * memory/index.h: the database of the index: its schema, and putting files into it.
 *
 *     g_autoptr(Index) index = index_open(path, &settings, error);
 *     if (!index_begin(index, error)) ...                   // other processes wait from here on
 *     index_put_note(index, &file, &text, error); index_remove(index, INDEX_NOTES, path, error);
 *     if (!index_commit(index, error)) ...                  // all of it, or nothing
 *
 * Ids of files and chunks ascend, are never used again, and the chunks of a file have ids in a row,
 * so that neighbours are neighbours. A changed file gets new ids.
 *
 * No text is kept: a chunk is a place in its file (index_read_chunk in memory/chunk_text.h).
 */
#pragma once

#include "memory/chunker.h"
#include "memory/note_text.h"
#include "memory/terms.h"
#include "store/store.h"

typedef enum { INDEX_NOTES, INDEX_SESSIONS } IndexSource;

typedef struct Index Index;

typedef struct {
    const char *database;  /* path */
    const char *workspace; /* another one, and the index begins anew */
    ChunkerLimits limits;  /* the same */
} IndexSettings;           /* borrowed for the call */

/* *out_is_new: it is empty, for whatever reason; *out_problem (owned; NULL when none): what was
 * wrong with the file that it replaces. Fails when the disk does. */
Index *index_open(const IndexSettings *settings, bool *out_is_new, char **out_problem,
                  GError **error);
void index_close(Index *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Index, index_close)

Store *index_store(const Index *index);
/* A random id of this database (for memory/vector_plane.h). Borrowed. */
const char *index_owner(const Index *index);

/* What is known of a file from looking at it. */
typedef struct {
    IndexSource source;
    const char *path; /* as it is shown: below the workspace, else absolute; borrowed */
    int64_t mtime_ns, size_bytes;
    uint64_t inode;
} IndexFile;

bool index_begin(Index *index, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool index_commit(Index *index, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void index_rollback(Index *index);
/* Whether the batch is as large as it should become. */
bool index_is_full(const Index *index);

/* Between begin and commit. A file that is there is replaced; when its content is the same, only
 * what is known of it. *out_is_changed may be NULL. */
bool index_put_note(Index *index, const IndexFile *file, const NoteText *note, bool *out_is_changed,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One message of a session. */
typedef struct {
    const char *text, *entry; /* entry: its id, or NULL */
    int64_t line;             /* 1-based */
    size_t offset, length;    /* of the line in the file */
    int label;                /* NoteLabel */
} IndexMessage;

/* `date` is "2026-11-24" or NULL. */
bool index_put_session(Index *index, const IndexFile *file, const char *date,
                       const GArray *messages, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool index_remove(Index *index, IndexSource source, const char *path,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Notes that a file cannot be read, so that it is told once. */
bool index_skip(Index *index, const IndexFile *file, const char *reason,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The ids of chunks that the last commit added and their texts, for the embedder; until the next
 * begin. Texts are kept only when index_keep_texts() said so before. */
typedef struct {
    int64_t id;
    char *text; /* owned */
    size_t length;
} IndexedText;
void index_keep_texts(Index *index, bool is_kept);
const GArray *index_added_texts(const Index *index);    /* IndexedText */
const GArray *index_removed_chunks(const Index *index); /* int64_t */

typedef struct {
    int64_t n_files, n_chunks;      /* notes */
    int64_t n_sessions, n_messages; /* transcripts */
    int64_t n_skipped;
    int64_t n_bytes; /* of the database with its log */
} IndexFacts;
bool index_facts(const Index *index, IndexFacts *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A note in the database beside the rows; new string, or NULL. */
char *index_get_meta(const Index *index, const char *key);
bool index_set_meta(Index *index, const char *key, const char *value,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

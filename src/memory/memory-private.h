/* memory/memory-private.h: what the files behind memory/memory.h share. */
#pragma once

#include "memory/daily_log.h"
#include "memory/index.h"
#include "memory/memory.h"
#include "memory/vector_plane.h"
#include "memory/word_index.h"

/* A folder that is indexed. */
typedef struct {
    /* owned */
    char *folder; /* absolute */
    char *prefix; /* of the names of its files as they are shown: "", "knowledge/", "/mnt/notes/" */
    char *pattern; /* of the names below it: "*" stands for any characters, "/" too */
} MemoryRoot;

typedef struct MemoryWatch MemoryWatch; /* memory/watch.c */

struct Memory {
    /* owned */
    Index *index;
    MemoryConfig *defaults; /* when the place has no configuration */
    char *workspace, *database, *sessions;
    GPtrArray *roots; /* MemoryRoot */
    DailyLog *log;
    GString *notice;
    GPtrArray *stale;   /* char *: files that a search found changed */
    Embedder *embedder; /* NULL until it is needed */
    VectorPlane *plane; /* the same */
    MemoryWatch *watch; /* NULL: every search has to look */
    TermTable *terms;   /* of queries */
    WordScores chunk_scores, file_scores;
    /* borrowed */
    const MemoryConfig *config;
    const EmbedderSettings *embedder_settings;
    MemoryProgressFn on_progress;
    void *progress_data;
    /* state */
    bool is_new;           /* nothing was looked at yet */
    bool has_no_embedder;  /* opening it failed, which was told */
    bool indexes_sessions; /* asked for now, or by the configuration */
    bool is_reconciled;    /* the plane has what the database has */
};

/* One more sentence for memory_take_notice(). */
void memory_note(Memory *memory, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The file that a shown path means. New string. */
char *memory_absolute_path(const Memory *memory, IndexSource source, const char *path);

/* memory/sync.c: looks which files changed and puts them into the index. */
typedef enum {
    SYNC_QUICK,  /* in a large index only the folders and the files that change most */
    SYNC_WHOLE,  /* every file is looked at */
    SYNC_FORCED, /* and read again */
} SyncMode;
bool memory_sync(Memory *memory, SyncMode mode, Cancel *cancel, SyncReport *out_report,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* These shown paths may have changed, been made or removed (NULL-terminated). */
bool memory_sync_paths(Memory *memory, const char *const *paths, Cancel *cancel,
                       SyncReport *out_report, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* memory/search.c: over the index as it is. */
MemoryAnswer *memory_search_index(Memory *memory, const MemoryRequest *request, Cancel *cancel,
                                  GError **error);

/* memory/vectors.c */
/* Opens embedder and plane when they are not open. False: there is no search by meaning, and
 * *out_reason (new string, may be NULL) tells why. */
bool memory_open_vectors(Memory *memory, char **out_reason);
/* The vectors of n texts to the open plane, under these ids. */
bool memory_write_vectors(Memory *memory, const EmbedText *texts, const int64_t *ids, size_t n,
                          Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After a commit: what it added and removed, when the embedder is quick. */
void memory_update_vectors(Memory *memory, Cancel *cancel);
/* Makes up for what is missing, newest first, at most `max_texts` of them (0: all).
 * *out_n_missing: what is still missing. */
bool memory_fill_vectors(Memory *memory, size_t max_texts, Cancel *cancel, size_t *out_n_missing,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * undo/turn_log.h: a turn's log on disk, and what it says, in memory.
 *
 * Writing and reading end in the same place: each record is applied to the UndoTurnLog, whether it
 * was just appended or is read after a crash.
 *
 *     g_autoptr(UndoTurnLog) log = undo_turn_log_open(folder, error);
 *     if (!undo_turn_log_append(log, &record, error)) ...     on the disk's cache, then applied
 *     undo_turn_log_entry(log, step, path)
 *
 * Holding the log open for writing holds its flock(): a turn whose lock can be had belongs to
 * nobody.
 */
#pragma once

#include "undo/record.h"

/* One path of one step. Its number names b/N and a/N. */
typedef struct {
    /* owned */
    char *path;
    char *lost;     /* why it cannot be restored, or NULL */
    char *withheld; /* why it was not taken over, or NULL */
    UndoImage before, after;
    UndoImage settled; /* what an undo or redo found */
    /* plain */
    unsigned number;
    int64_t step;
    bool has_before;
    bool has_after;
    bool has_content; /* `before` is a file, and its content was kept */
    bool is_same;     /* touched but not changed */
    bool is_settled;  /* an undo or redo that began has checked it */
    bool is_undone;   /* it is as it was before */
} UndoEntry;

typedef enum { UNDO_STEP_RUNS, UNDO_STEP_COMMITS, UNDO_STEP_FINISHED, UNDO_STEP_DROPPED } UndoPhase;

typedef struct {
    char *what; /* owned */
    int64_t number;
    int64_t kind; /* UndoStepKind */
    int64_t clock_ns;
    UndoPhase phase;
} UndoStepLog;

typedef enum { UNDO_IDLE, UNDO_REVERTS, UNDO_REDOES } UndoActivity;

typedef struct {
    /* owned */
    char *folder; /* of the turn */
    char *session;
    char *summary;
    GPtrArray *steps;   /* UndoStepLog, owned */
    GPtrArray *entries; /* UndoEntry, owned; by number */
    GHashTable *index;  /* "step path" to UndoEntry, borrowed */
    /* plain */
    int fd; /* of the log, locked; -1 when only read */
    int64_t number;
    int64_t time_ms;
    int64_t changed_ms; /* of the newest undo or redo; 0 = none */
    bool is_ended;
    bool is_killed; /* a direct step was not ended by its own process */
    bool is_undone;
    UndoActivity activity; /* begun and not ended */
} UndoTurnLog;

/* Makes the folder's log, empty and locked. */
UndoTurnLog *undo_turn_log_create(const char *folder, GError **error);
/* Reads a log and takes it for writing; ERR_EXISTS when another process has it. A damaged end is
 * cut off. */
UndoTurnLog *undo_turn_log_open(const char *folder, GError **error);
/* Only reads it. *out_is_live (may be NULL) tells whether a process has it. */
UndoTurnLog *undo_turn_log_read(const char *folder, bool *out_is_live, GError **error);
/* Whether nothing in it waits to be ended, by its last line alone. */
bool undo_turn_log_is_settled(const char *folder);
void undo_turn_log_free(UndoTurnLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UndoTurnLog, undo_turn_log_free)

bool undo_turn_log_append(UndoTurnLog *log, const UndoRecord *record,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A record that is no more than a verb, a step and the time. */
bool undo_turn_log_mark(UndoTurnLog *log, UndoVerb verb, int64_t step,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL when there is none. Borrowed. */
UndoEntry *undo_turn_log_entry(const UndoTurnLog *log, int64_t step, const char *path);
UndoStepLog *undo_turn_log_step(const UndoTurnLog *log, int64_t step);

/* "b/12" or "a/12" of an entry. New string. */
char *undo_turn_log_blob(char side, const UndoEntry *entry);

/* Whether an undo of the entry has something to do. */
bool undo_entry_is_change(const UndoEntry *entry);

/* Applies the whole lines of a text; the length of what was read well. For the reader and its fuzz
 * target. */
size_t undo_turn_log_apply_text(UndoTurnLog *log, const char *text, size_t length);
UndoTurnLog *undo_turn_log_new(void);

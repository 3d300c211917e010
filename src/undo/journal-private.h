/*
 * undo/journal-private.h: what the files of the journal share.
 *
 * journal.c opens, lists and prunes; location.c finds the place; turn.c begins and ends turns and
 * steps; before.c looks at paths before a change; after.c looks at them afterwards; commit.c
 * carries an overlay out; revert.c undoes and redoes; recover.c ends what a killed process began;
 * turn_diff.c shows what changed.
 */
#pragma once

#include "undo/content.h"
#include "undo/journal.h"
#include "undo/place.h"
#include "undo/turn_log.h"

struct UndoJournal {
    /* owned */
    char *folder;
    char *workspace; /* resolved */
    int folder_fd;
    int workspace_fd;
    /* plain */
    UndoConfig config;
    bool has_overlay; /* folder and workspace are on one mount */
};

struct UndoTurn {
    UndoJournal *journal; /* borrowed */
    /* owned */
    UndoTurnLog *log;
    GMutex lock;        /* log, linked, copied_bytes */
    GHashTable *linked; /* inode to UndoEntry: b/N is the very file that stands somewhere still */
    GHashTable *twins;  /* inode of a file with several names to the UndoEntry of the first one */
    UndoStep *preview;
    int folder_fd;
    /* state */
    int64_t n_steps;
    int64_t copied_bytes;
};

struct UndoStep {
    UndoTurn *turn; /* borrowed */
    /* owned */
    char *overlay; /* "u3" below the turn; NULL for a direct step */
    char *upper;
    char *work;
    GPtrArray *withheld; /* char *: paths that are never committed */
    GHashTable *own;     /* inode to ctime: what our own commit touched */
    /* plain */
    int64_t number;
    int64_t kind;
    int64_t clock_ns;
    bool is_recovery;
};

/* location.c */

/* Finds or makes the journal's folder; sets folder, folder_fd and has_overlay. */
bool undo_location_find(UndoJournal *journal, const Paths *paths, GError **error);
/* The folder of a turn: "turns/12" below the journal. New string. */
char *undo_location_turn(const UndoJournal *journal, int64_t number);
/* Numbers of the turns that are there, ascending: int64_t. */
GArray *undo_location_turns(const UndoJournal *journal, GError **error);
/* Removes a tree below an open folder. */
bool undo_location_remove_tree(int folder_fd, const char *name, GError **error);

/* One at a time commits, undoes or prunes. -1 with an error. Close it to let go. */
int undo_journal_lock(const UndoJournal *journal, GError **error);

/* turn.c */

/* A step of a turn that was read from the disk, to be ended by recover.c. */
UndoStep *undo_step_resume(UndoTurn *turn, const UndoStepLog *row);
/* Finishes it under the lock that the caller holds; frees it. */
bool undo_step_end_recovered(UndoStep *step, GError **error);
UndoTurn *undo_turn_resume(UndoJournal *journal, UndoTurnLog *log, GError **error);
void undo_turn_free(UndoTurn *turn);
void undo_step_free(UndoStep *step);
/* Writes a record with a path and an image (NULL = none). */
bool undo_step_note(UndoStep *step, UndoVerb verb, const char *path, const UndoImage *image,
                    GError **error);
/* The same with a sentence instead: lost, withheld. */
bool undo_step_tell(UndoStep *step, UndoVerb verb, const char *path, const char *text,
                    GError **error);
UndoEntry *undo_step_entry(UndoStep *step, const char *path);

/* before.c */

/* Notes how the path is, with the content in b/N when `has_content`. */
bool undo_before_note(UndoStep *step, const char *path, const UndoImage *image, bool has_content,
                      GError **error);

/* after.c */

/* Notes how every path of the step was left, and what turned out to be unchanged. */
bool undo_after_note(UndoStep *step, GError **error);
/* Reads the image of a path; with the hash of a file that is not over the cap. */
bool undo_after_read(const UndoJournal *journal, const char *path, UndoImage *out_image,
                     GError **error);
void undo_report_fill(UndoReport *report, const UndoTurnLog *log, int64_t step);
void undo_report_add(UndoReport *report, UndoFate fate, const char *path, const char *what);
void undo_report_sort(UndoReport *report);
/* "created", "modified", "removed", "attributes". */
const char *undo_report_word(const UndoImage *before, const UndoImage *after);

/* commit.c */
bool undo_commit(UndoStep *step, GError **error);

/* revert.c */

/* Goes on with an undo or redo that a killed process had begun. */
bool undo_revert_resume(UndoJournal *journal, UndoTurnLog *log, GError **error);

/* recover.c */
bool undo_recover(UndoJournal *journal, GError **error);

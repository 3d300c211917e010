/*
 * undo/journal.h: what the agent did to the files of a workspace, turn by turn, so that it can be
 * taken back.
 *
 * A turn (one message and all that followed from it) is made of steps: one command, or one change
 * by a file tool. A step remembers how each path was before it and how it left it. Undo puts a path
 * back only where it is still as the step left it: what anybody else touched since is shown and
 * left alone.
 *
 *     g_autoptr(UndoJournal) journal = undo_journal_open(workspace, paths, config, error);
 *     UndoTurn *turn = undo_turn_begin(journal, session_id, "fix the test", error);
 *
 * Directly, when we make the change ourselves or a supervisor sees each call before it happens:
 *
 *     UndoStep *step = undo_step_begin(turn, UNDO_STEP_DIRECT, "write_file notes.md", error);
 *     if (!undo_step_before(step, "notes.md", UNDO_TOUCH_CONTENT, error)) ... refuse the change
 *     ... change it ...
 *     if (!undo_step_finish(step, &outcome, error)) ...
 *
 * By an overlay, when a command runs in namespaces of its own (sandbox/exec/overlay.h mounts it):
 *
 *     UndoStep *step = undo_step_begin(turn, UNDO_STEP_OVERLAY, "make", error);
 *     ... mount undo_step_upper(step) and undo_step_work(step) over the workspace, run, all dead
 * ... if (!undo_step_finish(step, &outcome, error)) ...     renames the changes into place or  diff
 * = undo_step_preview(step, error); then undo_step_finish() or undo_step_drop()
 *
 *     if (!undo_turn_end(turn, error)) ...
 *
 * Every undo_step_begin() is answered by one undo_step_finish() or undo_step_drop(), which free the
 * step. The journal outlives its turns, a turn its steps.
 *
 * On disk (docs/decisions/020-undo.md): one folder per workspace, on the same file system as the
 * workspace but outside it; below it one folder per turn with `log`, `b/N` (as it was before),
 * `a/N` (what an undo took away) and the overlays' `uN/upper`, `uN/work`. The log is append-only
 * and written before the operation it tells of; undo_journal_open() ends what a killed process had
 * begun.
 *
 * Threads: a turn may be used from several threads at once, one step from one thread at a time.
 * Processes: several may have turns in one workspace; commits and undos take a lock.
 *
 * Paths are relative to the workspace, any bytes, "" is the workspace itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/field.h"
#include "base/paths.h"
#include "undo/undo_config.h"

typedef struct UndoJournal UndoJournal;
typedef struct UndoTurn UndoTurn;
typedef struct UndoStep UndoStep;

/* Opens (and makes, when it is missing) the journal of a workspace, an existing folder; ends what a
 * killed process left unfinished; prunes by age and size. `config` is copied. ERR_DENIED when undo
 * is switched off. */
UndoJournal *undo_journal_open(const char *workspace, const Paths *paths, const UndoConfig *config,
                               GError **error);
void undo_journal_close(UndoJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UndoJournal, undo_journal_close)

/* Where the journal is, and the workspace with all links resolved. Borrowed. */
const char *undo_journal_folder(const UndoJournal *journal);
const char *undo_journal_workspace(const UndoJournal *journal);

/* Whether steps by overlay are possible here: the journal could be placed on the file system of the
 * workspace. Whether the kernel mounts it is for the sandbox to find out. */
bool undo_journal_has_overlay(const UndoJournal *journal);

/* `session_id` and `summary` are shown in lists; either may be NULL. */
UndoTurn *undo_turn_begin(UndoJournal *journal, const char *session_id, const char *summary,
                          GError **error);
/* Frees the turn, also on failure. A turn that changed nothing leaves nothing behind. */
bool undo_turn_end(UndoTurn *turn, GError **error) G_GNUC_WARN_UNUSED_RESULT;
int64_t undo_turn_number(const UndoTurn *turn);
/* Paths that the finished steps changed, so far. */
unsigned undo_turn_n_changed(UndoTurn *turn);

/* One path of an outcome or a report. */
typedef enum {
    UNDO_CHANGED,  /* by the step, or put back by an undo */
    UNDO_WITHHELD, /* changed or open elsewhere meanwhile: the other's version was kept */
    UNDO_LOST,     /* changed, but cannot be restored */
} UndoFate;

typedef struct {
    char *path; /* owned */
    int fate;   /* UndoFate */
    char *what; /* owned: "created", "modified", "removed", "attributes", or the reason */
} UndoItem;

/* What became of a step, an undo or a redo. */
typedef struct {
    GPtrArray *items; /* UndoItem, owned, sorted by path; NULL when zeroed */
    int64_t turn;
    int64_t n_changed, n_withheld, n_lost;
} UndoReport;

void undo_report_clear(UndoReport *report);
/* Rows for JSON: {turn, changed, withheld, lost, items: [{path, fate, what}]}. */
extern const Field undo_report_fields[];

typedef enum {
    UNDO_STEP_DIRECT,  /* undo_step_before() is called before each change */
    UNDO_STEP_OVERLAY, /* everything lands in an overlay and is committed at the end */
} UndoStepKind;

/* `what` names the step in the log. The conflict clock of an overlay starts here. */
UndoStep *undo_step_begin(UndoTurn *turn, UndoStepKind kind, const char *what, GError **error);

/* The overlay's two folders, absolute. Borrowed. The work folder is for one mount;
 * undo_turn_preview() makes it new, so that several commands can use one step, and the later ones
 * see what the earlier ones did. */
const char *undo_step_upper(const UndoStep *step);
const char *undo_step_work(const UndoStep *step);

/* A path (with all below it) that a commit must never change: the protected names, and what the
 * sandbox itself put there as a placeholder. */
void undo_step_withhold(UndoStep *step, const char *path);

/* What is about to happen to a path of a direct step. */
typedef enum {
    UNDO_TOUCH_ATTRIBUTES, /* mode, times, extended attributes */
    UNDO_TOUCH_NAME,       /* made, removed, replaced or moved: the name itself */
    UNDO_TOUCH_CONTENT,    /* may be written in place, or made */
} UndoTouch;

/* Remembers how `path` is, with all below it for a folder whose name is touched; the folder above
 * it too, whose time changes. Only the first touch of a step costs anything. False: the change must
 * be refused. A file over the cap is no failure: it is named as lost in the outcome. */
bool undo_step_before(UndoStep *step, const char *path, UndoTouch touch,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a rename: both names, and for a folder all that will stand below the new one. Also
 * for an exchange. */
bool undo_step_before_move(UndoStep *step, const char *from, const char *to,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends a step: an overlay's changes are renamed into place; how every path was left is noted; all
 * is on the disk when it returns. Frees the step, also on failure. `out` may be NULL. */
bool undo_step_finish(UndoStep *step, UndoReport *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Throws an overlay away unseen; a direct step cannot be dropped and is finished. Frees the step.
 */
void undo_step_drop(UndoStep *step);

/* The plan mode: the one overlay in which all commands of a turn run, made on first use, until it
 * is approved with undo_turn_commit_preview() or thrown away with undo_turn_drop_preview(), or by
 * undo_turn_end(). Borrowed: neither finish nor drop it. */
UndoStep *undo_turn_preview(UndoTurn *turn, GError **error);
bool undo_turn_has_preview(UndoTurn *turn);
bool undo_turn_commit_preview(UndoTurn *turn, UndoReport *out,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void undo_turn_drop_preview(UndoTurn *turn);

/* What committing an overlay would change, as a unified diff. New string, "" when nothing would. */
char *undo_step_preview(UndoStep *step, GError **error);

/* ---- Taking back ---- */

typedef enum {
    UNDO_STATE_OPEN,        /* its process still runs */
    UNDO_STATE_DONE,        /* can be undone */
    UNDO_STATE_UNDONE,      /* can be redone */
    UNDO_STATE_INTERRUPTED, /* its process was killed: what others changed since cannot be told */
} UndoState;

typedef struct {
    int64_t number;
    int64_t time_ms;   /* since 1970 */
    char *session;     /* owned, "" when unknown */
    char *summary;     /* owned, "" when unknown */
    int state;         /* UndoState */
    int64_t n_changed; /* paths */
    int64_t n_lost;    /* of them, cannot be restored */
    int64_t size_bytes;
} UndoTurnInfo;

extern const Field undo_turn_info_fields[];
void undo_turn_info_free(UndoTurnInfo *info);

/* UndoTurnInfo, owned, newest first. */
GPtrArray *undo_list(UndoJournal *journal, GError **error);

typedef enum {
    UNDO_DRY_RUN = 1 << 0, /* only tell what would happen */
} UndoFlags;

/* Takes a turn back; 0 = the newest that is done and changed something (ERR_NOT_FOUND when there is
 * none; ERR_DENIED for an interrupted one unless it is named by its number). Conflicts are no
 * failure: they are in the report, and the same call later tries them again. */
bool undo_revert(UndoJournal *journal, int64_t turn, unsigned flags, UndoReport *out,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does it again; 0 = the turn that was undone last. */
bool undo_redo(UndoJournal *journal, int64_t turn, unsigned flags, UndoReport *out,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a turn changed, as a unified diff; 0 = the newest that changed something. Binary files are
 * named with their sizes. New string. */
char *undo_diff(UndoJournal *journal, int64_t turn, GError **error);

/* Removes turns older than the configured age, then the oldest ones until the rest fits into the
 * configured size. Never an open one. undo_journal_open() does it. */
bool undo_prune(UndoJournal *journal, GError **error) G_GNUC_WARN_UNUSED_RESULT;

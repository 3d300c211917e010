/* undo/recover.c: ends what killed processes began. */
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "undo/journal-private.h"

static bool end_step(UndoTurn *turn, const UndoStepLog *row, GError **error) {
    UndoStep *step = undo_step_resume(turn, row);
    /* An overlay whose commit had not begun may be half of what the command was to do. */
    if (row->kind == UNDO_STEP_OVERLAY && row->phase == UNDO_STEP_RUNS) {
        undo_step_drop(step);
        return true;
    }
    /* Of a direct step everything is in place; how the paths were left can only be guessed. */
    if (row->kind == UNDO_STEP_DIRECT &&
        !undo_turn_log_mark(turn->log, UNDO_RECORD_KILLED, row->number, error)) {
        undo_step_free(step);
        return false;
    }
    return undo_step_end_recovered(step, error);
}

static bool end_steps(UndoTurn *turn, GError **error) {
    for (unsigned i = 0; i < turn->log->steps->len; i++) {
        const UndoStepLog *row = turn->log->steps->pdata[i];
        if (row->phase == UNDO_STEP_FINISHED || row->phase == UNDO_STEP_DROPPED) continue;
        if (!end_step(turn, row, error)) return false;
    }
    return true;
}

static bool recover_turn(UndoJournal *journal, UndoTurnLog *log, GError **error) {
    if (log->is_ended) {
        if (log->activity != UNDO_IDLE) return undo_revert_resume(journal, log, error);
        undo_turn_log_free(log);
        return true;
    }
    /* Killed before the first line was whole. */
    if (log->number == 0) {
        g_autofree char *folder = g_strdup(log->folder);
        undo_turn_log_free(log);
        return undo_location_remove_tree(AT_FDCWD, folder, error);
    }
    UndoTurn *turn = undo_turn_resume(journal, log, error);
    if (turn == NULL) return false;
    if (end_steps(turn, error)) return undo_turn_end(turn, error);
    undo_turn_free(turn);
    return false;
}

bool undo_recover(UndoJournal *journal, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return false;
    bool is_ok = true;
    for (unsigned i = 0; i < numbers->len; i++) {
        g_autofree char *folder = undo_location_turn(journal, g_array_index(numbers, int64_t, i));
        if (undo_turn_log_is_settled(folder)) continue;
        g_autoptr(GError) problem = NULL;
        UndoTurnLog *log = undo_turn_log_open(folder, &problem);
        if (log == NULL) {
            /* Another process is at it, or just making it, or it lost its log to a broken disk. */
            g_debug("undo: %s", problem->message);
            continue;
        }
        if (recover_turn(journal, log, &problem)) continue;
        g_debug("undo: %s", problem->message);
        if (is_ok) g_propagate_error(error, g_steal_pointer(&problem));
        is_ok = false;
    }
    return is_ok;
}

/*
 * undo/record.h: one line of a turn's log.
 *
 *     before step=1 path=6e6f7465732e6d64 kind=file mode=100644 ... #1c2d3e4f
 *
 * A verb, then key=value for what is not zero, then a checksum of what stands before it. A line
 * that was torn by a kill, or by a disk, does not read and ends the log there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "undo/image.h"

typedef enum {
    UNDO_RECORD_TURN,     /* number, time, session, text: the first line */
    UNDO_RECORD_STEP,     /* step, step_kind, clock, text */
    UNDO_RECORD_BEFORE,   /* step, path, image: written before the change */
    UNDO_RECORD_AFTER,    /* step, path, image */
    UNDO_RECORD_SAME,     /* step, path: was not changed after all */
    UNDO_RECORD_LOST,     /* step, path, text: cannot be restored */
    UNDO_RECORD_WITHHELD, /* step, path, text: was not taken over */
    UNDO_RECORD_COMMIT,   /* step: from here on the overlay is carried out to its end */
    UNDO_RECORD_FINISH,   /* step: all is in place and noted */
    UNDO_RECORD_DROP,     /* step */
    UNDO_RECORD_END,      /* time */
    UNDO_RECORD_REVERT,   /* time: an undo begins */
    UNDO_RECORD_REVERTED, /* time */
    UNDO_RECORD_REDO,     /* time */
    UNDO_RECORD_REDONE,   /* time */
    UNDO_RECORD_SETTLE,   /* step, path, image of what is there: checked, will now be put back */
    UNDO_RECORD_UNSETTLE, /* step, path: something stood in the way after all */
    UNDO_RECORD_KILLED,   /* step: its process was killed; the images after it are of that moment */
    UNDO_N_RECORDS
} UndoVerb;

/* Zeroed = nothing. */
typedef struct {
    /* plain */
    int verb; /* UndoVerb */
    int64_t number;
    int64_t time_ms;
    int64_t step;
    int64_t step_kind;
    int64_t clock_ns;
    int64_t has_content; /* the file lies in b/N (before) or a/N (after) */
    /* owned */
    char *path;
    char *session;
    char *text;
    UndoImage image;
} UndoRecord;

void undo_record_clear(UndoRecord *record);

/* Appends the line with its newline. */
void undo_record_format(const UndoRecord *record, GString *out);

/* Reads one line, without its newline. False when it is damaged; *out_record is untouched then. */
bool undo_record_parse(const char *line, size_t length,
                       UndoRecord *out_record) G_GNUC_WARN_UNUSED_RESULT;

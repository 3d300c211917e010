/*
 * sandbox/recording.h: a command's changes on the undo journal.
 *
 * At level full the command changes a copy of the workspace (an overlay), and when all of it is
 * dead its changes are taken over; in plan mode they wait for approval instead. Where that cannot
 * be, the journal is fed by the supervisor, call by call.
 *
 *     if (!recording_begin(&recording, profile, command, error)) ...
 *     details.overlay_upper = recording.overlay_upper; ...
 *     recording_finish(&recording, &withheld, error)   or   recording_cancel(&recording)
 */
#pragma once

#include "sandbox/profile-private.h"
#include "sandbox/supervisor.h"
#include "undo/journal.h"

typedef struct {
    UndoStep *step; /* owned unless is_preview */
    bool is_preview;
    const char *overlay_upper; /* borrowed from the step, NULL = no overlay */
    const char *overlay_work;
    bool is_watched;        /* the supervisor feeds the step */
    Supervisor *supervisor; /* owned; once the child's listener has come */
    bool is_unrecorded;     /* undo was asked for, but level none has no way to it */
} Recording;

typedef enum { RECORDING_BY_OVERLAY, RECORDING_WITHOUT_OVERLAY } RecordingWay;

bool recording_begin(Recording *recording, const SandboxProfile *profile,
                     const SandboxCommand *command, RecordingWay way,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The listener of a watched command; takes it. */
void recording_listen(Recording *recording, const SandboxProfile *profile, int listener_fd);

/* Before we make something ourselves that belongs to the command. True when nothing is watched. */
bool recording_before(Recording *recording, const char *path,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Everything of the command is dead. *out_withheld: char *, a sentence for each change that was not
 * taken over or cannot be taken back; NULL when there is none. */
bool recording_finish(Recording *recording, GPtrArray **out_withheld,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* It never ran. */
void recording_cancel(Recording *recording);

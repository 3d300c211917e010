/* sandbox/recording.c: one step of the journal for each command. */
#include "sandbox/recording.h"

#include "base/error.h"
#include "policy/protected_names.h"
#include "sandbox/exec/overlay.h"

static void withhold_protected(UndoStep *step) {
    for (const ProtectedName *name = protected_names; name->path != NULL; name++)
        undo_step_withhold(step, name->path);
}

static bool begin_overlay(Recording *recording, const SandboxCommand *command, GError **error) {
    if (recording->is_preview) {
        recording->step = undo_turn_preview(command->undo, error);
    } else {
        g_autofree char *what = g_strjoinv(" ", (char **)command->argv);
        recording->step = undo_step_begin(command->undo, UNDO_STEP_OVERLAY, what, error);
    }
    if (recording->step == NULL) return false;
    withhold_protected(recording->step);
    recording->overlay_upper = undo_step_upper(recording->step);
    recording->overlay_work = undo_step_work(recording->step);
    return true;
}

static bool begin_watch(Recording *recording, const SandboxProfile *profile,
                        const SandboxCommand *command, GError **error) {
    if (profile->level == SANDBOX_LEVEL_NONE) {
        recording->is_unrecorded = true;
        return true;
    }
    g_autofree char *what = g_strjoinv(" ", (char **)command->argv);
    recording->step = undo_step_begin(command->undo, UNDO_STEP_DIRECT, what, error);
    recording->is_watched = recording->step != NULL;
    /* The workspace's own time, which placeholders change too. */
    return recording->is_watched &&
           undo_step_before(recording->step, "", UNDO_TOUCH_ATTRIBUTES, error);
}

void recording_listen(Recording *recording, const SandboxProfile *profile, int listener_fd) {
    recording->supervisor = supervisor_start(listener_fd, recording->step, profile->workspace);
}

bool recording_before(Recording *recording, const char *path, GError **error) {
    return !recording->is_watched ||
           undo_step_before(recording->step, path, UNDO_TOUCH_NAME, error);
}

bool recording_begin(Recording *recording, const SandboxProfile *profile,
                     const SandboxCommand *command, RecordingWay way, GError **error) {
    *recording = (Recording){ .is_preview = command->is_preview };
    if (command->undo == NULL && !command->is_preview) return true;
    bool has_overlay = way == RECORDING_BY_OVERLAY && profile->level == SANDBOX_LEVEL_FULL &&
                       !overlay_has_submounts(profile->workspace);
    if (command->is_preview && (command->undo == NULL || !has_overlay)) {
        error_set_with_hint(error, ERR_DENIED, "See 'localgpt sandbox status'.",
                            "plan mode runs commands only on a copy of the workspace, which takes "
                            "sandbox level full and undo");
        return false;
    }
    if (!has_overlay) return begin_watch(recording, profile, command, error);
    g_autoptr(GError) local = NULL;
    if (begin_overlay(recording, command, &local)) return true;
    /* The journal lies on another file system: the command runs on the workspace itself. */
    if (error_is(local, ERR_DENIED) && !command->is_preview)
        return begin_watch(recording, profile, command, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

static GPtrArray *tell_withheld(const UndoReport *report) {
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; report->items != NULL && i < report->items->len; i++) {
        const UndoItem *item = g_ptr_array_index(report->items, i);
        if (item->fate == UNDO_WITHHELD)
            g_ptr_array_add(list,
                            g_strdup_printf("%s was not changed: %s", item->path, item->what));
        else if (item->fate == UNDO_LOST)
            g_ptr_array_add(list,
                            g_strdup_printf("%s cannot be taken back: %s", item->path, item->what));
    }
    return list->len > 0 ? g_steal_pointer(&list) : NULL;
}

bool recording_finish(Recording *recording, GPtrArray **out_withheld, GError **error) {
    UndoStep *step = recording->is_preview ? NULL : recording->step;
    bool is_unrecorded = recording->is_unrecorded;
    supervisor_stop(recording->supervisor);
    *recording = (Recording){ 0 };
    *out_withheld = NULL;
    if (is_unrecorded) {
        *out_withheld = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(*out_withheld,
                        g_strdup("Changes cannot be taken back: the sandbox's level is none."));
    }
    if (step == NULL) return true;
    UndoReport report = { 0 };
    bool is_ok = undo_step_finish(step, &report, error);
    if (is_ok) *out_withheld = tell_withheld(&report);
    undo_report_clear(&report);
    return is_ok;
}

void recording_cancel(Recording *recording) {
    supervisor_stop(recording->supervisor);
    if (recording->step != NULL && !recording->is_preview) undo_step_drop(recording->step);
    *recording = (Recording){ 0 };
}

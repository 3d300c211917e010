/*
 * Tests of commands with undo: what a command changed is taken over when it ends, can be taken
 * back, and in plan mode waits for approval.
 */
#include "sandbox/sandbox.h"

#include "base/error.h"
#include "sandbox_ground.h"
#include "undo/journal.h"

typedef struct {
    SandboxGround *ground;
    UndoConfig config;
    UndoJournal *journal;
    UndoTurn *turn;
} RecordingGround;

static RecordingGround *recording_ground_new(void) {
    g_autoptr(GError) error = NULL;
    RecordingGround *recording = g_new0(RecordingGround, 1);
    recording->ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL);
    sandbox_ground_write(recording->ground, "work/a", "before");
    sandbox_ground_open(recording->ground);
    field_set_defaults(undo_config_fields, &recording->config);
    recording->journal = undo_journal_open(recording->ground->workspace, recording->ground->paths,
                                           &recording->config, &error);
    g_assert_no_error(error);
    recording->turn = undo_turn_begin(recording->journal, "session", "test", &error);
    g_assert_no_error(error);
    return recording;
}

static void recording_ground_free(RecordingGround *recording) {
    if (recording->turn != NULL) g_assert_true(undo_turn_end(recording->turn, NULL));
    undo_journal_close(recording->journal);
    field_clear(undo_config_fields, &recording->config);
    sandbox_ground_free(recording->ground);
    g_free(recording);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecordingGround, recording_ground_free)

static void run(RecordingGround *recording, const char *script, bool is_preview) {
    g_autoptr(GError) error = NULL;
    const char *argv[] = { "sh", "-c", script, NULL };
    SandboxCommand command = { .argv = argv, .undo = recording->turn, .is_preview = is_preview };
    sandbox_outcome_clear(&recording->ground->outcome);
    bool is_ok = sandbox_run(recording->ground->profile, &command, NULL,
                             &recording->ground->outcome, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
}

static char *read_file(const RecordingGround *recording, const char *name) {
    g_autofree char *path = g_build_filename(recording->ground->workspace, name, NULL);
    char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void changes_are_taken_over_and_taken_back(void) {
    g_autoptr(RecordingGround) recording = recording_ground_new();
    run(recording, "echo after > a; mkdir d; echo new > d/b; cat a", false);
    g_assert_cmpstr(recording->ground->outcome.output, ==, "after\n");
    g_autofree char *after = read_file(recording, "a"), *new = read_file(recording, "d/b");
    g_assert_cmpstr(after, ==, "after\n");
    g_assert_cmpstr(new, ==, "new\n");
    g_autoptr(GError) error = NULL;
    g_assert_true(undo_turn_end(g_steal_pointer(&recording->turn), &error));
    UndoReport report = { 0 };
    g_assert_true(undo_revert(recording->journal, 0, 0, &report, &error));
    undo_report_clear(&report);
    g_autofree char *before = read_file(recording, "a"), *gone = read_file(recording, "d/b");
    g_assert_cmpstr(before, ==, "before");
    g_assert_null(gone);
}

static void what_a_timeout_left_is_taken_over_too(void) {
    g_autoptr(RecordingGround) recording = recording_ground_new();
    g_autoptr(GError) error = NULL;
    const char *argv[] = { "sh", "-c", "echo half > a; sleep 1000", NULL };
    SandboxCommand command = { .argv = argv, .undo = recording->turn, .timeout_ms = 1500 };
    g_assert_true(sandbox_run(recording->ground->profile, &command, NULL,
                              &recording->ground->outcome, &error));
    g_assert_true(recording->ground->outcome.is_timed_out);
    g_autofree char *text = read_file(recording, "a");
    g_assert_cmpstr(text, ==, "half\n");
}

static void protected_names_are_withheld(void) {
    g_autoptr(RecordingGround) recording = recording_ground_new();
    sandbox_ground_write(recording->ground, "work/LocalGPT.md", "rules");
    run(recording,
        "echo x > IDENTITY.md; echo x > LocalGPT.md; git init -q . ; mkdir .vscode; "
        "echo x > .vscode/tasks.json; ls -A",
        false);
    g_assert_null(strstr(recording->ground->outcome.output, "localgpt.device.key"));
    static const char *const absent[] = { "work/IDENTITY.md", "work/.git/config",
                                          "work/.git/hooks/pre-commit.sample",
                                          "work/.vscode/tasks.json" };
    for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
        g_assert_false(sandbox_ground_exists(recording->ground, absent[i]));
    g_assert_true(sandbox_ground_exists(recording->ground, "work/.git/HEAD"));
    g_autofree char *rules = read_file(recording, "LocalGPT.md");
    g_assert_cmpstr(rules, ==, "rules");
    g_assert_nonnull(recording->ground->outcome.withheld);
    bool is_named = false;
    for (unsigned i = 0; i < recording->ground->outcome.withheld->len; i++)
        is_named |= strstr(g_ptr_array_index(recording->ground->outcome.withheld, i),
                           "IDENTITY.md") != NULL;
    g_assert_true(is_named);
}

static void the_plan_mode_keeps_changes_apart(void) {
    g_autoptr(RecordingGround) recording = recording_ground_new();
    run(recording, "echo planned > a; echo new > b", true);
    g_autofree char *before = read_file(recording, "a"), *none = read_file(recording, "b");
    g_assert_cmpstr(before, ==, "before");
    g_assert_null(none);
    run(recording, "cat a b", true); /* the next command sees them */
    g_assert_cmpstr(recording->ground->outcome.output, ==, "planned\nnew\n");
    UndoReport report = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_true(undo_turn_commit_preview(recording->turn, &report, &error));
    undo_report_clear(&report);
    g_autofree char *after = read_file(recording, "a");
    g_assert_cmpstr(after, ==, "planned\n");
    run(recording, "echo denied > a", true);
    undo_turn_drop_preview(recording->turn);
    g_autofree char *still = read_file(recording, "a");
    g_assert_cmpstr(still, ==, "planned\n");
}

static void the_plan_mode_is_refused_without_a_copy(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_new(SANDBOX_LEVEL_STANDARD);
    const char *argv[] = { "true", NULL };
    SandboxCommand command = { .argv = argv, .is_preview = true };
    g_autoptr(GError) error = NULL;
    g_assert_false(sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error));
    g_assert_true(error_is(error, ERR_DENIED));
}

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/sandbox/recording/changes_are_taken_over_and_taken_back",
                    changes_are_taken_over_and_taken_back);
    g_test_add_func("/sandbox/recording/what_a_timeout_left_is_taken_over_too",
                    what_a_timeout_left_is_taken_over_too);
    g_test_add_func("/sandbox/recording/protected_names_are_withheld",
                    protected_names_are_withheld);
    g_test_add_func("/sandbox/recording/the_plan_mode_keeps_changes_apart",
                    the_plan_mode_keeps_changes_apart);
    g_test_add_func("/sandbox/recording/the_plan_mode_is_refused_without_a_copy",
                    the_plan_mode_is_refused_without_a_copy);
    return g_test_run();
}

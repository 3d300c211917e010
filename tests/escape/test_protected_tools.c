/* Protected names through the tools of the agent, with a journal that takes changes over from an
 * overlay: neither a file tool nor a shell command nor an approved plan makes or changes one. */
#include "tool/jobs.h"
#include "tool/worker.h"

#include "../sandbox/sandbox_ground.h"
#include "base/error.h"

/* As in protect.py. */
static const char *const names[] = {
    "LocalGPT.md",
    ".localgpt_manifest.json",
    "IDENTITY.md",
    "localgpt.device.key",
    "localgpt.audit.jsonl",
    ".git/hooks/pre-commit",
    ".git/config",
    ".gitconfig",
    ".gitmodules",
    ".husky/pre-commit",
    ".bashrc",
    ".profile",
    ".zshrc",
    ".envrc",
    ".vscode/tasks.json",
    ".claude/settings.json",
    ".codex/config.toml",
    ".cursor/rules",
    ".mcp.json",
    ".idea/workspace.xml",
    NULL,
};

/* Every way that a shell has, one after the other, on $n. */
#define WAYS                                                                                       \
    "d=$(dirname $n); v=${n%%/*}; mkdir -p $d; echo owned >$n; echo owned >>$n; "                  \
    "truncate -s 0 $n; echo owned >src/x; mv -fT src/x $n; echo owned >src/x; ln -fT src/x $n; "   \
    "ln -sfnT $PWD/src/x $n; ln -T $n src/h$i && echo owned >>src/h$i; mv -T $n src/a$i; "         \
    "mkdir -p $n; mkfifo $n; mv -T $v src/v$i; rm -rf $v; mkdir -p $d; echo owned >$n; "           \
    "mkdir -p src/u$i/$d; echo owned >src/u$i/$n; tar -C src/u$i -cf - $n | tar -xf - --overwrite"

typedef struct {
    SandboxGround *ground;
    ToolConfig config;
    UndoConfig undo_config;
    UndoJournal *journal;
    UndoTurn *turn;
    ToolJobs *jobs;
    ToolContext context;
    bool is_present;
} Bench;

static char *text_of(const char *name) {
    return g_strdup_printf("%s of the owner\n", name);
}

static void bench_open(Bench *bench, SandboxLevel level, bool is_present) {
    *bench = (Bench){ .ground = sandbox_ground_prepare(level),
                      .jobs = tool_jobs_new(),
                      .is_present = is_present };
    sandbox_ground_write(bench->ground, "work/src/a.c", "int a;\n");
    for (size_t i = 0; is_present && names[i] != NULL; i++) {
        g_autofree char *path = g_strconcat("work/", names[i], NULL);
        g_autofree char *text = text_of(names[i]);
        sandbox_ground_write(bench->ground, path, text);
    }
    sandbox_ground_open(bench->ground);
    field_set_defaults(tool_config_fields, &bench->config);
    field_set_defaults(undo_config_fields, &bench->undo_config);
    g_autoptr(GError) error = NULL;
    bench->journal = undo_journal_open(bench->ground->workspace, bench->ground->paths,
                                       &bench->undo_config, &error);
    g_assert_no_error(error);
    bench->turn = undo_turn_begin(bench->journal, "session", "test", &error);
    g_assert_no_error(error);
    bench->context = (ToolContext){ .workspace = bench->ground->workspace,
                                    .paths = bench->ground->paths,
                                    .config = &bench->config,
                                    .profile = bench->ground->profile,
                                    .undo = bench->turn,
                                    .journal = bench->journal,
                                    .jobs = bench->jobs,
                                    .request = { .max_bytes = 20000 } };
}

static void bench_clear(Bench *bench) {
    g_autoptr(GError) error = NULL;
    g_assert_true(undo_turn_end(bench->turn, &error));
    g_assert_no_error(error);
    tool_jobs_free(bench->jobs);
    undo_journal_close(bench->journal);
    field_clear(tool_config_fields, &bench->config);
    field_clear(undo_config_fields, &bench->undo_config);
    sandbox_ground_free(bench->ground);
}

/* Whether it worked; what it said goes to *out_text. */
static bool call(Bench *bench, const char *tool, json_t *arguments, char **out_text) {
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    g_autoptr(ToolCall) decoded = tool_call_decode(tool_find(tool), arguments, &error);
    json_decref(arguments);
    g_assert_no_error(error);
    bool is_ok = tool_call_run(decoded, &bench->context, NULL, &result, &error);
    *out_text = g_strdup(is_ok ? result.text : error->message);
    return is_ok;
}

static void assert_as_it_was(const Bench *bench, const char *what, const char *said) {
    for (size_t i = 0; names[i] != NULL; i++) {
        g_autofree char *path = g_build_filename(bench->ground->workspace, names[i], NULL);
        g_autofree char *expected = bench->is_present ? text_of(names[i]) : NULL;
        g_autofree char *seen = NULL;
        bool is_link = g_file_test(path, G_FILE_TEST_IS_SYMLINK);
        bool is_there = g_file_test(path, G_FILE_TEST_EXISTS) || is_link;
        if (is_there) g_file_get_contents(path, &seen, NULL, NULL);
        if (is_link || is_there != bench->is_present || g_strcmp0(seen, expected) != 0)
            g_error("%s: '%s' is not as it was, but: %s\nthe tool said: %s", what, names[i],
                    seen != NULL ? seen
                    : is_there   ? "(no file)"
                                 : "(nothing)",
                    said);
    }
}

static const SandboxLevel levels[] = { SANDBOX_LEVEL_FULL, SANDBOX_LEVEL_STANDARD };

/* Each case at both levels, with all of the names there and with none. */
static void everywhere(void (*one)(Bench *bench)) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        for (int is_present = 0; is_present <= 1; is_present++) {
            Bench bench;
            bench_open(&bench, levels[i], is_present == 1);
            g_test_message("level %s, names %s", sandbox_level_name(levels[i]),
                           is_present == 1 ? "present" : "absent");
            one(&bench);
            bench_clear(&bench);
        }
    }
}

static void write_all(Bench *bench) {
    for (size_t i = 0; names[i] != NULL; i++) {
        g_autofree char *said = NULL;
        bool is_ok = call(bench, "write_file",
                          json_pack("{s:s,s:s}", "path", names[i], "content", "owned\n"), &said);
        assert_as_it_was(bench, names[i], said);
        if (is_ok) g_error("write_file %s did nothing and said: %s", names[i], said);
    }
}

static void edit_all(Bench *bench) {
    for (size_t i = 0; names[i] != NULL; i++) {
        g_autofree char *said = NULL;
        bool is_ok = call(bench, "edit_file",
                          json_pack("{s:s,s:s,s:s}", "path", names[i], "old_string", "owner",
                                    "new_string", "attacker"),
                          &said);
        assert_as_it_was(bench, names[i], said);
        g_assert_false(is_ok);
    }
}

static char *script(void) {
    g_autofree char *words = g_strjoinv(" ", (char **)names);
    return g_strdup_printf("i=0; for n in %s; do i=$((i+1)); ( " WAYS " ) 2>/dev/null; done; "
                           "echo kept >src/a.c",
                           words);
}

static void run_shell(Bench *bench) {
    g_autofree char *command = script();
    g_autofree char *said = NULL;
    call(bench, "bash", json_pack("{s:s}", "command", command), &said);
    assert_as_it_was(bench, "bash", said);
    g_autofree char *path = g_build_filename(bench->ground->workspace, "src/a.c", NULL);
    g_autofree char *seen = NULL;
    g_assert_true(g_file_get_contents(path, &seen, NULL, NULL));
    g_assert_cmpstr(seen, ==, "kept\n");
}

/* A plan is run in an overlay; approving it takes its changes over. */
static void approve_plan(Bench *bench) {
    if (!undo_journal_has_overlay(bench->journal) ||
        sandbox_profile_level(bench->ground->profile) != SANDBOX_LEVEL_FULL)
        return;
    bench->context.is_preview = true;
    g_autofree char *command = script();
    g_autofree char *said = NULL;
    call(bench, "bash", json_pack("{s:s}", "command", command), &said);
    assert_as_it_was(bench, "the plan", said);
    UndoReport report = { 0 };
    g_autoptr(GError) error = NULL;
    if (undo_turn_has_preview(bench->turn))
        g_assert_true(undo_turn_commit_preview(bench->turn, &report, &error));
    g_assert_no_error(error);
    undo_report_clear(&report);
    assert_as_it_was(bench, "the approved plan", said);
}

static void file_tools_do_not_write_them(void) {
    everywhere(write_all);
}

static void file_tools_do_not_edit_them(void) {
    everywhere(edit_all);
}

static void no_way_of_a_shell_changes_them(void) {
    everywhere(run_shell);
}

static void an_approved_plan_does_not_bring_them(void) {
    everywhere(approve_plan);
}

int main(int argc, char **argv) {
    int status = 0;
    if (tool_worker_is_asked(argv)) return tool_worker_main(argc, argv);
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/escape/protected_tools/file_tools_do_not_write_them",
                    file_tools_do_not_write_them);
    g_test_add_func("/escape/protected_tools/file_tools_do_not_edit_them",
                    file_tools_do_not_edit_them);
    g_test_add_func("/escape/protected_tools/no_way_of_a_shell_changes_them",
                    no_way_of_a_shell_changes_them);
    g_test_add_func("/escape/protected_tools/an_approved_plan_does_not_bring_them",
                    an_approved_plan_does_not_bring_them);
    return g_test_run();
}

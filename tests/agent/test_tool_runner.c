/* Tests of the way of a call through its guards, with the real sandbox and the real journal. */
#include "agent/tool_runner.h"

#include <glib/gstdio.h>
#include <string.h>

#include "../sandbox/sandbox_ground.h"
#include "base/error.h"
#include "tool/worker.h"

typedef struct {
    SandboxGround *ground;
    ToolConfig tools;
    AgentConfig agent;
    UndoConfig undo;
    ToolRunnerSettings settings;
    ToolRunner *runner;
    Label label;
    /* who is asked */
    ApprovalAnswer answer;
    unsigned n_asked;
    GString *asked; /* the last question, member by member */
    GString *notices;
} Bench;

static bool ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                void *user_data, GError **error) {
    (void)cancel, (void)error;
    Bench *bench = user_data;
    bench->n_asked++;
    g_string_printf(bench->asked,
                    "tool=%s;title=%s;command=%s;diff=%s;cwd=%s;level=%s;network=%s;why=%s;done=%d;"
                    "always=%d",
                    request->tool, request->title, request->command, request->diff,
                    request->directory, request->level, request->network, request->why,
                    request->is_done, request->may_always);
    *out = bench->answer;
    out->reason = g_strdup(bench->answer.reason);
    return true;
}

static void on_event(const AgentEvent *event, void *user_data) {
    Bench *bench = user_data;
    if (event->kind == EVENT_NOTICE) g_string_append_printf(bench->notices, "%s\n", event->text);
}

static void bench_prepare(Bench *bench, ApprovalMode mode) {
    *bench = (Bench){ .ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL),
                      .asked = g_string_new(NULL),
                      .notices = g_string_new(NULL),
                      .label = label_new(ORIGIN_OWNER, NULL),
                      .answer = { .choice = ANSWER_ONCE } };
    sandbox_ground_write(bench->ground, "work/a.txt", "one\ntwo\n");
    field_set_defaults(tool_config_fields, &bench->tools);
    field_set_defaults(agent_config_fields, &bench->agent);
    field_set_defaults(undo_config_fields, &bench->undo);
    bench->settings = (ToolRunnerSettings){
        .paths = bench->ground->paths,
        .workspace = bench->ground->workspace,
        .tools = &bench->tools,
        .sandbox = &bench->ground->config,
        .undo = &bench->undo,
        .agent = &bench->agent,
        .approval = { .mode = mode, .paths = bench->ground->paths, .ask = ask, .user_data = bench },
        .on_event = on_event,
        .event_data = bench,
    };
}

static void bench_open(Bench *bench) {
    g_autoptr(GError) error = NULL;
    bench->runner = tool_runner_new(&bench->settings, &error);
    g_assert_no_error(error);
    tool_runner_begin(
        bench->runner,
        &(ToolRunnerTurn){ .session = "s1", .summary = "test", .label = &bench->label });
}

static void bench_new(Bench *bench, ApprovalMode mode) {
    bench_prepare(bench, mode);
    bench_open(bench);
}

static void bench_clear(Bench *bench) {
    tool_runner_free(bench->runner);
    field_clear(tool_config_fields, &bench->tools);
    field_clear(agent_config_fields, &bench->agent);
    field_clear(undo_config_fields, &bench->undo);
    label_clear(&bench->label);
    g_string_free(bench->asked, TRUE);
    g_string_free(bench->notices, TRUE);
    sandbox_ground_free(bench->ground);
}

static bool call(Bench *bench, const char *tool, const char *arguments, ToolOutcome *out,
                 GError **error) {
    const TurnTools *tools =
        tool_runner_tools(bench->runner, model_tier_for(0, /* is_local= */ false));
    Part part = { .kind = PART_TOOL_CALL,
                  .call_id = (char *)"c1",
                  .call_name = (char *)tool,
                  .arguments = json_loads(arguments, 0, NULL) };
    bool is_ok = tools->run(&part, NULL, out, tools->user_data, error);
    json_decref(part.arguments);
    return is_ok;
}

/* "ok mode trusted: text", "error denied untrusted: text" */
static char *run(Bench *bench, const char *tool, const char *arguments) {
    ToolOutcome out = { 0 };
    g_autoptr(GError) error = NULL;
    if (!call(bench, tool, arguments, &out, &error))
        return g_strdup_printf("stop: %s", error->message);
    char *text = g_strdup_printf("%s %s %s: %s", out.is_error ? "error" : "ok",
                                 out.approval != NULL ? out.approval : "-",
                                 label_integrity_name(&out.label), out.text);
    label_clear(&out.label);
    tool_outcome_clear(&out);
    return text;
}

static void assert_run(Bench *bench, const char *tool, const char *arguments, const char *start,
                       const char *part) {
    g_autofree char *text = run(bench, tool, arguments);
    if (!g_str_has_prefix(text, start) || strstr(text, part) == NULL)
        g_error("%s %s: '%s' and '%s' are not in: %s", tool, arguments, start, part, text);
}

static void assert_asked(const Bench *bench, unsigned n, const char *part) {
    g_assert_cmpuint(bench->n_asked, ==, n);
    if (strstr(bench->asked->str, part) == NULL)
        g_error("'%s' is not in the question: %s", part, bench->asked->str);
}

static void assert_file(const Bench *bench, const char *path, const char *expected) {
    g_autofree char *full = g_build_filename(bench->ground->workspace, path, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(full, &text, NULL, NULL)) text = g_strdup("(none)");
    g_assert_cmpstr(text, ==, expected);
}

static void end(Bench *bench) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Cancel) cancel = cancel_new();
    if (!tool_runner_end(bench->runner, cancel, &error)) g_error("end: %s", error->message);
}

#define WRITE "{\"path\":\"b.txt\",\"content\":\"new\\n\"}"
#define EDIT "{\"path\":\"a.txt\",\"old_string\":\"two\",\"new_string\":\"2\"}"

static void mode_ask_asks_before_a_change_and_shows_it(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_ASK);
    assert_run(&bench, "read_file", "{\"path\":\"a.txt\"}", "ok mode untrusted", "2\ttwo");
    g_assert_cmpuint(bench.n_asked, ==, 0);
    assert_run(&bench, "edit_file", EDIT, "ok once", "Replaced 1");
    assert_asked(&bench, 1, "diff=--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n;");
    assert_asked(&bench, 1, "level=full;network=none;why=mode 'ask' asks before changes to files");
    assert_run(&bench, "bash", "{\"command\":\"echo hi\"}", "ok once", "hi\nExit status: 0");
    assert_asked(&bench, 2, "command=echo hi;");
    assert_asked(&bench, 2, bench.ground->workspace);

    bench.answer = (ApprovalAnswer){ ANSWER_DENY, (char *)"not that file" };
    assert_run(&bench, "write_file", WRITE, "error denied trusted",
               "Not done: the owner said no: not that file");
    assert_file(&bench, "b.txt", "(none)");
    /* What cannot be done is not asked about. */
    assert_run(&bench, "edit_file",
               "{\"path\":\"a.txt\",\"old_string\":\"none\",\"new_string\":\"x\"}", "error",
               "does not stand in");
    g_assert_cmpuint(bench.n_asked, ==, 3);
    end(&bench);
    bench_clear(&bench);
}

static void a_standing_rule_answers_and_is_named(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_ASK);
    bench.answer = (ApprovalAnswer){ ANSWER_ALWAYS, NULL };
    assert_run(&bench, "bash", "{\"command\":\"echo hi\"}", "ok always", "hi");
    assert_run(&bench, "bash", "{\"command\":\"echo hi\"}", "ok rule", "hi");
    g_assert_cmpuint(bench.n_asked, ==, 1);
    end(&bench);
    bench_clear(&bench);
}

static void mode_edits_asks_about_commands_only(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_EDITS);
    assert_run(&bench, "write_file", WRITE, "ok mode", "Made");
    g_assert_cmpuint(bench.n_asked, ==, 0);
    assert_run(&bench, "bash", "{\"command\":\"true\"}", "ok once", "Exit status: 0");
    g_assert_cmpuint(bench.n_asked, ==, 1);
    approvals_set_mode(tool_runner_approvals(bench.runner), APPROVAL_AUTO);
    assert_run(&bench, "bash", "{\"command\":\"false\"}", "error mode", "Exit status: 1");
    g_assert_cmpuint(bench.n_asked, ==, 1);
    end(&bench);
    bench_clear(&bench);
}

static void require_approval_holds_for_every_call(void) {
    static const char *const names[] = { "read_file", "bash", NULL };
    Bench bench;
    bench_prepare(&bench, APPROVAL_AUTO);
    bench.settings.approval.require_approval = names;
    bench_open(&bench);
    for (unsigned i = 1; i <= 2; i++) {
        g_autofree char *arguments = g_strdup_printf("{\"path\":\"a.txt\",\"offset\":%u}", i);
        assert_run(&bench, "read_file", arguments, "ok once", "two");
        assert_asked(&bench, i, "why=tools.require_approval names read_file");
    }
    assert_run(&bench, "bash", "{\"command\":\"true\"}", "ok once", "Exit");
    assert_run(&bench, "list_dir", "{}", "ok mode", "a.txt");
    g_assert_cmpuint(bench.n_asked, ==, 3);
    end(&bench);
    bench_clear(&bench);
}

/* Whatever the tool: its own end is told, or that something is missing. */
static void no_tool_tells_more_than_the_limit(void) {
    enum { LIMIT = 1000, NOTES = 300 };
    static const struct {
        const char *tool, *arguments, *part;
    } calls[] = {
        { "list_dir", "{}", "bytes left out; ask for less of it ...]" },
        { "glob", "{\"pattern\":\"*.md\"}", "bytes left out; ask for less of it ...]" },
        { "grep", "{\"pattern\":\"o\"}", "bytes left out; ask for less of it ...]" },
        { "bash", "{\"command\":\"seq 5000\"}", "5000\nExit status: 0" },
        { "bash_output", "{\"job\":\"job1\",\"wait_ms\":60000}", "5000\njob1: Exit status: 0" },
    };
    Bench bench;
    bench_prepare(&bench, APPROVAL_AUTO);
    bench.tools.tool_output_max_chars = LIMIT;
    bench_open(&bench);
    for (int i = 0; i < 60; i++) {
        g_autofree char *name = g_strdup_printf("work/äöüäöüäöüäöüäöü-%02d.md", i);
        sandbox_ground_write(bench.ground, name, "one\n");
    }
    assert_run(&bench, "bash", "{\"command\":\"seq 5000\",\"background\":true}", "ok", "job1");
    for (size_t i = 0; i < G_N_ELEMENTS(calls); i++) {
        g_autofree char *text = run(&bench, calls[i].tool, calls[i].arguments);
        g_assert_true(g_utf8_validate(text, -1, NULL));
        g_assert_cmpuint(strlen(text), <, LIMIT + NOTES);
        g_assert_nonnull(strstr(text, calls[i].part));
    }
    end(&bench);
    bench_clear(&bench);
}

static void a_filter_refuses_what_mode_auto_would_run(void) {
    Bench bench;
    bench_prepare(&bench, APPROVAL_AUTO);
    field_clear(tool_config_fields, &bench.tools);
    static const char config[] = "{\"filters\":{\"bash\":{\"deny_patterns\":[\"\\\\bsudo\\\\b\"],"
                                 "\"deny_substrings\":[\"MKFS\"],"
                                 "\"allow_patterns\":[\"^(make|echo|sudo|mkfs)\"]}}}";
    g_assert_true(field_decode(tool_config_fields, &bench.tools, config, strlen(config),
                               FIELD_DEFAULTS, NULL));
    bench_open(&bench);
    assert_run(&bench, "bash", "{\"command\":\"echo ok\"}", "ok mode", "ok");
    assert_run(&bench, "bash", "{\"command\":\"sudo true\"}", "error", "it matches '\\bsudo\\b'");
    assert_run(&bench, "bash", "{\"command\":\"mkfs x\"}", "error", "it contains 'MKFS'");
    assert_run(&bench, "bash", "{\"command\":\"ls\"}", "error", "matches none of the patterns");
    tool_runner_free(bench.runner);

    field_clear(tool_config_fields, &bench.tools);
    static const char broken[] = "{\"filters\":{\"bash\":{\"deny_patterns\":[\"a(\"]}}}";
    g_assert_true(field_decode(tool_config_fields, &bench.tools, broken, strlen(broken),
                               FIELD_DEFAULTS, NULL));
    g_autoptr(GError) error = NULL;
    bench.runner = tool_runner_new(&bench.settings, &error);
    g_assert_null(bench.runner);
    g_assert_true(error_is(error, ERR_CONFIG));
    g_assert_true(g_str_has_prefix(error->message, "tools.filters.bash: "));
    bench_clear(&bench);
}

static void the_third_identical_call_is_not_made(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_AUTO);
    static const char same[] = "{\"command\":\"echo x >>log.txt\"}";
    assert_run(&bench, "bash", same, "ok", "Exit status: 0");
    assert_run(&bench, "bash", same, "ok", "Exit status: 0");
    assert_run(&bench, "bash", same, "error - trusted", "3 times in a row");
    assert_file(&bench, "log.txt", "x\nx\n");
    /* Another call in between, and it may be made again. */
    assert_run(&bench, "read_file", "{\"path\":\"a.txt\"}", "ok", "two");
    assert_run(&bench, "bash", same, "ok", "Exit status: 0");
    assert_run(&bench, "bash", same, "ok", "Exit status: 0");
    assert_run(&bench, "bash", same, "error", "in a row");
    assert_run(&bench, "bash", same, "error", "in a row");
    assert_run(&bench, "bash", same, "stop", "repeats the same call");
    end(&bench);
    bench_clear(&bench);
}

static void three_failures_in_a_row_are_pointed_out(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_AUTO);
    assert_run(&bench, "bash", "{\"command\":\"exit 1\"}", "error", "Exit status: 1");
    assert_run(&bench, "bash", "{\"command\":\"exit 2\"}", "error", "Exit status: 2");
    assert_run(&bench, "bash", "{\"command\":\"exit 3\"}", "error", "has now failed 3 times");
    assert_run(&bench, "bash", "{\"command\":\"exit 0\"}", "ok", "Exit status: 0");
    g_autofree char *after = run(&bench, "bash", "{\"command\":\"exit 4\"}");
    g_assert_null(strstr(after, "in a row"));
    end(&bench);
    bench_clear(&bench);
}

static void gate(const ToolCall *tool_call, const Label *session, ApprovalFloor *out,
                 void *user_data) {
    (void)user_data;
    out->may_always = true;
    if (session->integrity == INTEGRITY_TRUSTED || tool_call->ops->risk != TOOL_RISK_EXECUTE)
        return;
    *out = (ApprovalFloor){ VERDICT_ASK, "a file of strangers was read", false };
}

static void the_label_gate_sees_what_was_read(void) {
    Bench bench;
    bench_prepare(&bench, APPROVAL_AUTO);
    bench.settings.gate = gate;
    bench_open(&bench);
    assert_run(&bench, "write_file", WRITE, "ok mode untrusted", "Made");
    end(&bench);
    bench_clear(&bench);

    bench_prepare(&bench, APPROVAL_AUTO);
    bench.settings.gate = gate;
    bench_open(&bench);
    assert_run(&bench, "bash", "{\"command\":\"echo 1\"}", "ok mode untrusted", "1");
    assert_run(&bench, "bash", "{\"command\":\"echo 2\"}", "ok once", "2");
    assert_asked(&bench, 1, "why=a file of strangers was read;done=0;always=0");
    end(&bench);
    bench_clear(&bench);
}

static void what_a_turn_changed_can_be_taken_back(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_AUTO);
    assert_run(&bench, "edit_file", EDIT, "ok", "Replaced");
    assert_run(&bench, "bash", "{\"command\":\"mkdir d; echo x >d/e; rm a.txt\"}", "ok",
               "Exit status: 0");
    assert_file(&bench, "d/e", "x\n");
    assert_file(&bench, "a.txt", "(none)");
    end(&bench);
    g_autoptr(GError) error = NULL;
    g_autoptr(UndoJournal) journal =
        undo_journal_open(bench.ground->workspace, bench.ground->paths, &bench.undo, &error);
    g_assert_no_error(error);
    UndoReport report = { 0 };
    g_assert_true(undo_revert(journal, 0, 0, &report, &error));
    g_assert_no_error(error);
    undo_report_clear(&report);
    assert_file(&bench, "a.txt", "one\ntwo\n");
    g_assert_false(sandbox_ground_exists(bench.ground, "work/d"));
    bench_clear(&bench);
}

static void a_job_in_the_background_has_a_turn_of_its_own(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_AUTO);
    assert_run(&bench, "edit_file", EDIT, "ok", "Replaced");
    assert_run(&bench, "bash", "{\"command\":\"echo later >job.txt\",\"background\":true}", "ok",
               "Started in the background as job1.");
    assert_run(&bench, "bash_output", "{\"job\":\"job1\",\"wait_ms\":60000}", "ok",
               "job1: Exit status: 0");
    assert_file(&bench, "job.txt", "later\n");
    end(&bench);
    g_autoptr(GError) error = NULL;
    g_autoptr(UndoJournal) journal =
        undo_journal_open(bench.ground->workspace, bench.ground->paths, &bench.undo, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) turns = undo_list(journal, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(turns->len, ==, 2);
    for (unsigned i = 0; i < turns->len; i++) {
        const UndoTurnInfo *turn = g_ptr_array_index(turns, i);
        if (strcmp(turn->summary, "echo later >job.txt") == 0)
            g_assert_true(undo_revert(journal, turn->number, 0, NULL, &error));
    }
    g_assert_no_error(error);
    assert_file(&bench, "job.txt", "(none)");
    assert_file(&bench, "a.txt", "one\n2\n");
    bench_clear(&bench);
}

static void plan_mode_tries_shows_and_asks_at_the_end(void) {
    for (int is_yes = 0; is_yes < 2; is_yes++) {
        Bench bench;
        bench_new(&bench, APPROVAL_PLAN);
        bench.answer.choice = is_yes ? ANSWER_ONCE : ANSWER_DENY;
        assert_run(&bench, "bash", "{\"command\":\"sed -i s/two/2/ a.txt && cat a.txt\"}", "ok",
                   "one\n2\n");
        assert_run(&bench, "write_file", WRITE, "ok", "[plan mode: ");
        assert_run(&bench, "read_file", "{\"path\":\"b.txt\"}", "ok", "new");
        assert_run(&bench, "bash", "{\"command\":\"cat b.txt\"}", "ok", "new");
        assert_file(&bench, "a.txt", "one\ntwo\n");
        assert_file(&bench, "b.txt", "(none)");
        g_assert_cmpuint(bench.n_asked, ==, 0);
        end(&bench);
        assert_asked(&bench, 1, "-two\n+2\n");
        assert_asked(&bench, 1, "+new\n");
        assert_asked(&bench, 1, "done=1");
        assert_file(&bench, "a.txt", is_yes ? "one\n2\n" : "one\ntwo\n");
        assert_file(&bench, "b.txt", is_yes ? "new\n" : "(none)");
        bench_clear(&bench);
    }
}

static void plan_mode_refuses_where_it_has_no_overlay(void) {
    Bench bench;
    bench_prepare(&bench, APPROVAL_PLAN);
    bench.ground->config.level = SANDBOX_LEVEL_STANDARD;
    bench_open(&bench);
    assert_run(&bench, "bash", "{\"command\":\"echo x >a.txt\"}", "error", "level full");
    assert_run(&bench, "read_file", "{\"path\":\"a.txt\"}", "ok", "two");
    assert_file(&bench, "a.txt", "one\ntwo\n");
    end(&bench);
    bench_clear(&bench);
}

static void wrong_arguments_are_told_to_the_model(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_AUTO);
    assert_run(&bench, "read_file", "{\"file\":\"a.txt\"}", "error - trusted",
               "unknown key 'file'");
    assert_run(&bench, "bash", "{\"command\":\"pwd\",\"cwd\":\"/\"}", "error", "unknown key 'cwd'");
    end(&bench);
    bench_clear(&bench);
}

static void the_owner_runs_in_the_sandbox_of_the_tools(void) {
    Bench bench;
    bench_new(&bench, APPROVAL_ASK);
    g_autoptr(GError) error = NULL;
    SandboxProfile *profile = tool_runner_profile(bench.runner, &error);
    g_assert_no_error(error);
    g_assert_cmpint(sandbox_profile_level(profile), ==, SANDBOX_LEVEL_FULL);
    g_autofree char *read = run(&bench, "read_file", "{\"path\": \"a.txt\"}");
    g_assert_nonnull(strstr(read, "one"));
    /* Proved once: what comes later is given the same. */
    g_assert_true(tool_runner_profile(bench.runner, &error) == profile);
    bench_clear(&bench);
}

int main(int argc, char **argv) {
    int status = 0;
    if (tool_worker_is_asked(argv)) return tool_worker_main(argc, argv);
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/agent/tool_runner/mode_ask_asks_before_a_change_and_shows_it",
                    mode_ask_asks_before_a_change_and_shows_it);
    g_test_add_func("/agent/tool_runner/mode_edits_asks_about_commands_only",
                    mode_edits_asks_about_commands_only);
    g_test_add_func("/agent/tool_runner/a_standing_rule_answers_and_is_named",
                    a_standing_rule_answers_and_is_named);
    g_test_add_func("/agent/tool_runner/require_approval_holds_for_every_call",
                    require_approval_holds_for_every_call);
    g_test_add_func("/agent/tool_runner/no_tool_tells_more_than_the_limit",
                    no_tool_tells_more_than_the_limit);
    g_test_add_func("/agent/tool_runner/a_filter_refuses_what_mode_auto_would_run",
                    a_filter_refuses_what_mode_auto_would_run);
    g_test_add_func("/agent/tool_runner/the_third_identical_call_is_not_made",
                    the_third_identical_call_is_not_made);
    g_test_add_func("/agent/tool_runner/three_failures_in_a_row_are_pointed_out",
                    three_failures_in_a_row_are_pointed_out);
    g_test_add_func("/agent/tool_runner/the_label_gate_sees_what_was_read",
                    the_label_gate_sees_what_was_read);
    g_test_add_func("/agent/tool_runner/what_a_turn_changed_can_be_taken_back",
                    what_a_turn_changed_can_be_taken_back);
    g_test_add_func("/agent/tool_runner/a_job_in_the_background_has_a_turn_of_its_own",
                    a_job_in_the_background_has_a_turn_of_its_own);
    g_test_add_func("/agent/tool_runner/plan_mode_tries_shows_and_asks_at_the_end",
                    plan_mode_tries_shows_and_asks_at_the_end);
    g_test_add_func("/agent/tool_runner/plan_mode_refuses_where_it_has_no_overlay",
                    plan_mode_refuses_where_it_has_no_overlay);
    g_test_add_func("/agent/tool_runner/the_owner_runs_in_the_sandbox_of_the_tools",
                    the_owner_runs_in_the_sandbox_of_the_tools);
    g_test_add_func("/agent/tool_runner/wrong_arguments_are_told_to_the_model",
                    wrong_arguments_are_told_to_the_model);
    return g_test_run();
}

/* Tools through the real sandbox, at the levels people use: what they can do, what they cannot, and
 * that a command always says how it ended. */
#include "tool/jobs.h"
#include "tool/worker.h"

#include <sys/stat.h>

#include "../sandbox/sandbox_ground.h"
#include "base/error.h"

typedef struct {
    SandboxGround *ground;
    ToolConfig config;
    ToolJobs *jobs;
    ToolContext context;
} Bench;

static void bench_open(Bench *bench, SandboxLevel level) {
    *bench = (Bench){ .ground = sandbox_ground_prepare(level), .jobs = tool_jobs_new() };
    sandbox_ground_write(bench->ground, ".ssh/id_ed25519", "private\n");
    sandbox_ground_write(bench->ground, "work/notes.txt", "one\ntwo\n");
    sandbox_ground_write(bench->ground, "work/src/a.c", "int a;\n");
    sandbox_ground_write(bench->ground, "work/LocalGPT.md", "rules\n");
    sandbox_ground_open(bench->ground);
    field_set_defaults(tool_config_fields, &bench->config);
    bench->context = (ToolContext){ .workspace = bench->ground->workspace,
                                    .paths = bench->ground->paths,
                                    .config = &bench->config,
                                    .profile = bench->ground->profile,
                                    .jobs = bench->jobs,
                                    .request = { .max_bytes = 20000 } };
}

static void bench_clear(Bench *bench) {
    tool_jobs_free(bench->jobs);
    field_clear(tool_config_fields, &bench->config);
    sandbox_ground_free(bench->ground);
}

static bool call(Bench *bench, const char *tool, const char *arguments, ToolResult *out,
                 GError **error) {
    json_t *json = json_loads(arguments, 0, NULL);
    g_assert_nonnull(json);
    g_autoptr(ToolCall) decoded = tool_call_decode(tool_find(tool), json, error);
    json_decref(json);
    return decoded != NULL && tool_call_run(decoded, &bench->context, NULL, out, error);
}

static char *run(Bench *bench, const char *tool, const char *arguments) {
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    if (!call(bench, tool, arguments, &result, &error))
        return g_strdup_printf("error: %s", error->message);
    return g_strdup(result.text);
}

static void assert_result(Bench *bench, const char *tool, const char *arguments, const char *part) {
    g_autofree char *text = run(bench, tool, arguments);
    if (strstr(text, part) == NULL)
        g_error("%s %s: '%s' is not in: %s", tool, arguments, part, text);
}

static char *content(const Bench *bench, const char *path) {
    g_autofree char *full = g_build_filename(bench->ground->home, path, NULL);
    char *text = NULL;
    return g_file_get_contents(full, &text, NULL, NULL) ? text : g_strdup("(none)");
}

#define assert_content(bench, path, expected)                                                      \
    do {                                                                                           \
        g_autofree char *text_ = content(bench, path);                                             \
        g_assert_cmpstr(text_, ==, expected);                                                      \
    } while (0)

static const SandboxLevel levels[] = { SANDBOX_LEVEL_FULL, SANDBOX_LEVEL_STANDARD };

static void file_tools_work_in_the_workspace(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        Bench bench;
        bench_open(&bench, levels[i]);
        g_test_message("%s", sandbox_level_name(levels[i]));
        assert_result(&bench, "read_file", "{\"path\":\"notes.txt\"}", "     2\ttwo\n");
        assert_result(&bench, "write_file", "{\"path\":\"src/b.c\",\"content\":\"z\\n\"}", "Made");
        assert_result(&bench, "edit_file",
                      "{\"path\":\"notes.txt\",\"old_string\":\"two\",\"new_string\":\"2\"}",
                      "Replaced 1");
        assert_result(&bench, "grep", "{\"pattern\":\"int\"}", "src/a.c:1:int a;");
        assert_result(&bench, "glob", "{\"pattern\":\"*.c\"}", "src/a.c\nsrc/b.c\n");
        assert_result(&bench, "list_dir", "{}", "notes.txt");
        assert_content(&bench, "work/src/b.c", "z\n");
        assert_content(&bench, "work/notes.txt", "one\n2\n");
        bench_clear(&bench);
    }
}

static void new_names_at_the_top_are_made(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        Bench bench;
        bench_open(&bench, levels[i]);
        assert_result(&bench, "write_file", "{\"path\":\"new.txt\",\"content\":\"x\\n\"}", "Made");
        assert_result(&bench, "write_file", "{\"path\":\"d/e/f.txt\",\"content\":\"y\\n\"}",
                      "Made");
        assert_content(&bench, "work/new.txt", "x\n");
        assert_content(&bench, "work/d/e/f.txt", "y\n");
        bench_clear(&bench);
    }
}

static void protected_and_private_files_are_out_of_reach(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        Bench bench;
        bench_open(&bench, levels[i]);
        g_test_message("%s", sandbox_level_name(levels[i]));
        static const char *const names[] = { "LocalGPT.md", "IDENTITY.md",
                                             ".localgpt_manifest.json" };
        for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
            g_autofree char *arguments =
                g_strdup_printf("{\"path\":\"%s\",\"content\":\"evil\"}", names[k]);
            assert_result(&bench, "write_file", arguments, "error: ");
        }
        assert_result(&bench, "edit_file",
                      "{\"path\":\"LocalGPT.md\",\"old_string\":\"rules\",\"new_string\":\"none\"}",
                      "error: ");
        assert_content(&bench, "work/LocalGPT.md", "rules\n");
        g_assert_false(sandbox_ground_exists(bench.ground, "work/IDENTITY.md"));
        g_autofree char *key =
            g_strdup_printf("{\"path\":\"%s/.ssh/id_ed25519\"}", bench.ground->home);
        assert_result(&bench, "read_file", key, "error: ");
        g_autofree char *tree = g_strdup_printf(
            "{\"pattern\":\"private\",\"hidden\":true,\"path\":\"%s\"}", bench.ground->home);
        g_autofree char *found = run(&bench, "grep", tree);
        g_assert_null(strstr(found, "id_ed25519:"));
        assert_result(&bench, "read_file", "{\"path\":\"/proc/1/environ\"}", "error: ");
        bench_clear(&bench);
    }
}

/* T-FS-02: the shell plants, the file tool is asked to follow. */
static void a_link_that_the_shell_planted_leads_nowhere(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        Bench bench;
        bench_open(&bench, levels[i]);
        g_test_message("%s", sandbox_level_name(levels[i]));
        g_autofree char *plant = g_strdup_printf(
            "{\"command\":\"ln -s %s/.ssh/id_ed25519 src/a && ln -s %s/.ssh src/b\"}",
            bench.ground->home, bench.ground->home);
        assert_result(&bench, "bash", plant, "Exit status: 0");
        assert_result(&bench, "write_file", "{\"path\":\"src/a\",\"content\":\"evil\"}", "error: ");
        assert_result(&bench, "write_file", "{\"path\":\"src/b/id_ed25519\",\"content\":\"evil\"}",
                      "error: ");
        assert_result(&bench, "read_file", "{\"path\":\"src/a\"}", "error: ");
        assert_content(&bench, ".ssh/id_ed25519", "private\n");
        bench_clear(&bench);
    }
}

/* T-CWD-01: a model does not choose the folder that may be written. */
static void no_argument_moves_the_workspace(void) {
    Bench bench;
    bench_open(&bench, SANDBOX_LEVEL_FULL);
    static const char *const names[] = { "cwd", "workdir", "directory", "working_directory" };
    static const char *const values[] = { "/", "~", "/etc", ".." };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(values); k++) {
            g_autofree char *arguments =
                g_strdup_printf("{\"command\":\"pwd\",\"%s\":\"%s\"}", names[i], values[k]);
            assert_result(&bench, "bash", arguments, "unknown key");
        }
    g_autofree char *here = g_strconcat(bench.ground->workspace, "\nExit status: 0", NULL);
    assert_result(&bench, "bash", "{\"command\":\"pwd\"}", here);
    assert_result(&bench, "bash", "{\"command\":\"cd /; echo x >/etc/x || echo refused\"}",
                  "refused");
    bench_clear(&bench);
}

static void a_command_says_how_it_ended(void) {
    Bench bench;
    bench_open(&bench, SANDBOX_LEVEL_FULL);
    g_auto(ToolResult) result = { 0 };
    g_assert_true(
        call(&bench, "bash", "{\"command\":\"echo out; echo err >&2; exit 3\"}", &result, NULL));
    g_assert_cmpstr(result.text, ==, "out\nerr\nExit status: 3");
    g_assert_true(result.is_error && result.has_exit_status);
    g_assert_cmpint(result.exit_status, ==, 3);
    assert_result(&bench, "bash", "{\"command\":\"true\"}", "Exit status: 0");
    assert_result(&bench, "bash", "{\"command\":\"kill -9 $$\"}", "Ended by signal 9");
    assert_result(&bench, "bash", "{\"command\":\"sleep 60\",\"timeout_ms\":200}",
                  "its time limit");
    assert_result(&bench, "bash", "{\"command\":\"printf '\\\\033[31mred\\\\033[0m\\\\n'\"}",
                  "red\nExit");
    assert_result(&bench, "bash", "{\"command\":\"nosuchcommand\"}", "Exit status: 127");
    bench_clear(&bench);
}

static void long_output_is_cut_in_the_middle(void) {
    Bench bench;
    bench_open(&bench, SANDBOX_LEVEL_FULL);
    g_autofree char *text =
        run(&bench, "bash", "{\"command\":\"echo first; seq 1 20000; echo last\"}");
    g_assert_cmpuint(strlen(text), <, 21000);
    g_assert_true(g_str_has_prefix(text, "first\n1\n"));
    g_assert_nonnull(strstr(text, "bytes left out"));
    g_assert_true(g_str_has_suffix(text, "20000\nlast\nExit status: 0"));
    assert_result(&bench, "bash", "{\"command\":\"yes | head -c 5000000\"}", "bytes are gone]");
    bench_clear(&bench);
}

static void ctrl_c_ends_the_whole_tree(void) {
    Bench bench;
    bench_open(&bench, SANDBOX_LEVEL_FULL);
    json_t *json =
        json_pack("{s:s}", "command", "(sleep 300 & sleep 300) & touch src/started; wait");
    g_autoptr(ToolCall) decoded = tool_call_decode(tool_find("bash"), json, NULL);
    json_decref(json);
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_set_deadline_ms(cancel, 700);
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(tool_call_run(decoded, &bench.context, cancel, &result, &error));
    g_assert_true(error_is(error, ERR_TIMEOUT) || error_is(error, ERR_CANCELLED));
    bench_clear(&bench);
}

static void a_command_in_the_background_is_watched_and_ended(void) {
    Bench bench;
    bench_open(&bench, SANDBOX_LEVEL_FULL);
    assert_result(&bench, "bash", "{\"command\":\"echo begun; sleep 300\",\"background\":true}",
                  "as job1");
    assert_result(&bench, "bash", "{\"command\":\"echo done; exit 4\",\"background\":true}",
                  "as job2");
    assert_result(&bench, "bash_output", "{\"job\":\"job2\",\"wait_ms\":20000}",
                  "done\njob2: Exit status: 4");
    assert_result(&bench, "bash_output", "{\"job\":\"job2\"}", "job2: Exit status: 4");
    assert_result(&bench, "bash_output", "{\"job\":\"job1\",\"wait_ms\":300}", "still running");
    assert_result(&bench, "bash_kill", "{\"job\":\"job1\"}", "job1: ");
    assert_result(&bench, "bash_output", "{\"job\":\"job9\"}",
                  "there is no job 'job9'; there are job1, job2");
    for (int i = 0; i < TOOL_MAX_JOBS; i++)
        assert_result(&bench, "bash", "{\"command\":\"sleep 300\",\"background\":true}", "Started");
    assert_result(&bench, "bash", "{\"command\":\"sleep 300\",\"background\":true}",
                  "end one with bash_kill");
    bench_clear(&bench);
}

int main(int argc, char **argv) {
    int status = 0;
    if (tool_worker_is_asked(argv)) return tool_worker_main(argc, argv);
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/tool/sandboxed/file_tools_work_in_the_workspace",
                    file_tools_work_in_the_workspace);
    g_test_add_func("/tool/sandboxed/new_names_at_the_top_are_made", new_names_at_the_top_are_made);
    g_test_add_func("/tool/sandboxed/protected_and_private_files_are_out_of_reach",
                    protected_and_private_files_are_out_of_reach);
    g_test_add_func("/tool/sandboxed/a_link_that_the_shell_planted_leads_nowhere",
                    a_link_that_the_shell_planted_leads_nowhere);
    g_test_add_func("/tool/sandboxed/no_argument_moves_the_workspace",
                    no_argument_moves_the_workspace);
    g_test_add_func("/tool/sandboxed/a_command_says_how_it_ended", a_command_says_how_it_ended);
    g_test_add_func("/tool/sandboxed/long_output_is_cut_in_the_middle",
                    long_output_is_cut_in_the_middle);
    g_test_add_func("/tool/sandboxed/ctrl_c_ends_the_whole_tree", ctrl_c_ends_the_whole_tree);
    g_test_add_func("/tool/sandboxed/a_command_in_the_background_is_watched_and_ended",
                    a_command_in_the_background_is_watched_and_ended);
    return g_test_run();
}

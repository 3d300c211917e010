/* Tests of cli/app.c: what reaches a screen is redacted and safe; JSON is one document. */
#include "cli/app.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/command_line.h"

static App *make_app(const char *first, const char *second) {
    char *words[] = { (char *)"localgpt", (char *)first, (char *)second, NULL };
    g_autoptr(CommandLine) line = command_line_new(commands, global_options);
    g_autoptr(GError) error = NULL;
    int count = first == NULL ? 1 : second == NULL ? 2 : 3;
    g_assert_true(command_line_parse(line, count, words, &error));
    return app_new(line);
}

typedef enum { STYLE_COLOR = 1 << 0, STYLE_PLAIN = 1 << 1 } Style;

/* GLib takes one log writer per process, so each App has a process of its own. */
static unsigned style_of(const char *option) {
    pid_t pid = fork();
    if (pid == 0) {
        App *app = make_app(option, NULL);
        _exit((app->has_color ? STYLE_COLOR : 0) | (app->is_plain ? STYLE_PLAIN : 0));
    }
    int status = 0;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    return (unsigned)WEXITSTATUS(status);
}

static void report_in_child(const char *option) {
    g_autoptr(App) app = make_app(option, NULL);
    secret_set_add(app->secrets, "sk-canary-0123456789");
    g_autoptr(GError) error = NULL;
    error_set_with_hint(&error, ERR_AUTH, "Replace sk-canary-0123456789.\nThen try again.",
                        "the key sk-canary-0123456789 is \033[31mwrong\033[0m");
    _exit(app_report(app, error));
}

static void text_report(void) {
    if (g_test_subprocess()) report_in_child(NULL);
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_stderr(
        "localgpt: the key *** is wrong\n  Replace ***.\n  Then try again.\n");
    g_test_trap_assert_stderr_unmatched("*canary*");
    g_test_trap_assert_failed();
}

static void json_report(void) {
    if (g_test_subprocess()) report_in_child("--json");
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_stdout("*{\"ok\":false,\"error\":{\"code\":\"auth\",\"message\":\"the key "
                              "*** is *wrong*\",\"hint\":\"Replace ***.*\"}}\n*");
    g_test_trap_assert_stdout_unmatched("*canary*");
    g_test_trap_assert_stderr("");
}

static void note_in_child(const char *option) {
    g_autoptr(App) app = make_app(option, NULL);
    app_note(app, "one\ntwo \033]0;title\007%s", "three");
    _exit(0);
}

static void notes_are_one_line(void) {
    if (g_test_subprocess()) note_in_child(NULL);
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_stderr("one two three\n");
}

static void quiet_has_no_notes(void) {
    if (g_test_subprocess()) note_in_child("--quiet");
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_stderr("");
}

static void colors_are_for_terminals(void) {
    g_unsetenv("NO_COLOR");
    g_setenv("TERM", "xterm", TRUE);
    g_unsetenv("CLICOLOR_FORCE");
    static const struct {
        const char *option, *variable, *value;
        bool has_color;
    } cases[] = {
        { NULL, "CLICOLOR_FORCE", "1", true },
        { NULL, "CLICOLOR_FORCE", "0", false },
        { "--no-color", "CLICOLOR_FORCE", "1", false },
        { "--plain", "CLICOLOR_FORCE", "1", false },
        { "--json", "CLICOLOR_FORCE", "1", false },
        { NULL, "TERM", "dumb", false },
        { NULL, "NO_COLOR", "1", false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_setenv("CLICOLOR_FORCE", "1", TRUE);
        g_setenv(cases[i].variable, cases[i].value, TRUE);
        if (isatty(STDOUT_FILENO) == 0)
            g_assert_cmpint(style_of(cases[i].option) & STYLE_COLOR, ==,
                            cases[i].has_color ? STYLE_COLOR : 0);
        g_unsetenv("NO_COLOR");
        g_setenv("TERM", "xterm", TRUE);
    }
}

static void dumb_terminal_is_plain(void) {
    g_setenv("TERM", "dumb", TRUE);
    g_assert_cmpint(style_of(NULL) & STYLE_PLAIN, ==, STYLE_PLAIN);
    g_setenv("TERM", "xterm", TRUE);
    g_assert_cmpint(style_of(NULL) & STYLE_PLAIN, ==, 0);
    g_assert_cmpint(style_of("--plain") & STYLE_PLAIN, ==, STYLE_PLAIN);
}

typedef struct {
    int64_t count;
} Counted;

static const Field counted_fields[] = { { "count", FIELD_INT(Counted, count) }, { 0 } };
static const Field no_fields[] = { { 0 } };

static void print_outcomes(void) {
    g_autoptr(App) app = make_app("--json", NULL);
    Counted counted = { 3 };
    g_autoptr(GError) failure = NULL;
    error_set(&failure, ERR_LIMIT, "too many");
    g_assert_true(app_print_json(app, counted_fields, &counted, NULL));
    g_assert_true(app_print_json(app, no_fields, &counted, NULL));
    g_assert_true(app_print_outcome(app, NULL, counted_fields, &counted, NULL));
    g_assert_true(app_print_outcome(app, failure, counted_fields, &counted, NULL));
    g_assert_true(app_print_outcome(app, failure, no_fields, &counted, NULL));
    _exit(0);
}

static void outcome_is_one_document(void) {
    if (g_test_subprocess()) print_outcomes();
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stdout(
        "*{\"ok\":true,\"count\":3}\n{\"ok\":true}\n{\"ok\":true,\"count\":3}\n"
        "{\"ok\":false,\"error\":{\"code\":\"limit\",\"message\":\"too many\"},\"count\":3}\n"
        "{\"ok\":false,\"error\":{\"code\":\"limit\",\"message\":\"too many\"}}\n*");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/app/text_report", text_report);
    g_test_add_func("/cli/app/json_report", json_report);
    g_test_add_func("/cli/app/notes_are_one_line", notes_are_one_line);
    g_test_add_func("/cli/app/quiet_has_no_notes", quiet_has_no_notes);
    g_test_add_func("/cli/app/colors_are_for_terminals", colors_are_for_terminals);
    g_test_add_func("/cli/app/dumb_terminal_is_plain", dumb_terminal_is_plain);
    g_test_add_func("/cli/app/outcome_is_one_document", outcome_is_one_document);
    return g_test_run();
}

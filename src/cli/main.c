/*
 * cli/main.c: from argv to one command and an exit status.
 *
 * --version and --help touch no file. Everything else prepares only what the command's row says it
 * needs. An error is told here, once.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/app.h"
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "sandbox/exec/child.h"
#include "tool/worker.h"

typedef struct {
    char *version;
} VersionReply;

static const Field version_fields[] = {
    { "version", FIELD_STRING(VersionReply, version), .help = "The program's version." },
    { 0 },
};

typedef struct {
    char *text;
} TextReply;

static const Field text_fields[] = {
    { "text", FIELD_STRING(TextReply, text), .help = "The help, plain." },
    { 0 },
};

static bool print_version(const App *app, GError **error) {
    if (!app->is_json) return app_print_text(app, "localgpt " LOCALGPT_VERSION "\n", error);
    VersionReply reply = { (char *)LOCALGPT_VERSION };
    return app_print_json(app, version_fields, &reply, error);
}

static bool print_help(const App *app, const CommandLine *line, GError **error) {
    g_autofree char *text = command_line_command(line) == NULL
                                ? help_overview()
                                : help_command(command_line_path(line), command_line_help(line));
    TextReply reply = { text };
    return app->is_json ? app_print_json(app, text_fields, &reply, error)
                        : app_print_text(app, text, error);
}

/* `localgpt` alone on a terminal is the default command; elsewhere it is a mistake. */
static bool choose_default(const App *app, CommandLine *line, GError **error) {
    bool is_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    for (const Command *command = commands; is_terminal && command->name != NULL; command++) {
        if ((command->flags & COMMAND_DEFAULT) == 0) continue;
        command_line_set_command(line, command);
        return true;
    }
    if (!app->is_json) {
        g_autofree char *overview = help_overview();
        fprintf(stderr, "%s\n", overview);
    }
    error_set(error, ERR_USAGE, "no command was given");
    return false;
}

static bool run(App *app, CommandLine *line, GError **error) {
    if (command_line_flag(line, "version")) return print_version(app, error);
    if (command_line_help(line) != HELP_NONE) return print_help(app, line, error);
    if (command_line_command(line) == NULL && !choose_default(app, line, error)) return false;
    return app_prepare(app, line, error) && command_line_command(line)->run(app, line, error);
}

#ifdef __SANITIZE_ADDRESS__
#include <sys/prctl.h>

/* The leak checker traces its own process, which the sandbox forbids: a file tool under the
 * sanitizer would fail at its end. The name is the sanitizer's. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}
#endif

int main(int argc, char **argv) {
    if (sandbox_child_is_asked(argv)) return sandbox_child_main();
    if (tool_worker_is_asked(argv)) return tool_worker_main(argc, argv);
    interrupt_guard_descriptors();
    g_autoptr(GError) error = NULL;
    g_autoptr(CommandLine) line = command_line_new(commands, global_options);
    bool is_parsed = command_line_parse(line, argc, argv, &error);
    g_autoptr(App) app = app_new(line);
    interrupt_install(app->cancel, command_line_int(line, "timeout", 0));
    if (is_parsed && run(app, line, &error)) return app->exit_status;
    return app_report(app, error);
}

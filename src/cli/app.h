/*
 * cli/app.h: what lives as long as the process: paths, configuration, secrets, output style. The
 * only owner of such state. main makes one; a command borrows it.
 *
 *     bool cmd_hello_run(App *app, const CommandLine *line, GError **error) {
 *         if (app->is_json) return app_print_json(app, hello_fields, &hello, error);
 *         return app_print(app, error, "hello %s\n", hello.name);
 *     }
 */
#pragma once

#include "base/cancel.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/secret.h"
#include "cli/command.h"
#include "config/config.h"

struct App {
    /* owned */
    Paths *paths; /* NULL until app_prepare() */
    SecretSet *secrets;
    Log *log;
    Cancel *cancel; /* Ctrl-C and --timeout */
    Config *config; /* only with NEEDS_CONFIG, else NULL */
    char *config_path;
    char *agent; /* agent id, "main" */
    /* state from the global options */
    bool is_verbose;
    bool is_quiet;
    bool has_color; /* stdout is a terminal, no NO_COLOR, no --no-color, not --plain, TERM not dumb;
                       CLICOLOR_FORCE=1 counts as a terminal */
    bool is_plain;  /* --plain, or TERM=dumb: ASCII only, nothing that moves */
    bool is_json;
    int exit_status;  /* of a success; another program's, passed on */
    bool is_reported; /* the command has told its error itself: only the exit status is left */
};

/* Output style, secrets and log from the global options; reads no file. Never NULL. */
App *app_new(const CommandLine *line);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

/* What the command needs: paths, agent, and the configuration with NEEDS_CONFIG. */
bool app_prepare(App *app, const CommandLine *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Warnings and progress of the program itself go to stderr unless -q. Redacted, terminal-safe, one
 * line. */
void app_note(const App *app, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* stdout. With --json a command prints exactly one document through app_print_json() and nothing
 * else. A closed stdout is ERR_PIPE_CLOSED. */
bool app_print(const App *app, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4) G_GNUC_WARN_UNUSED_RESULT;
bool app_print_text(const App *app, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* {"ok":true, ...members of `fields`}. */
bool app_print_json(const App *app, const Field *fields, const void *object,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for an outcome that may be a failure: with `failure` (may be NULL)
 * {"ok":false,"error":{...}, ...members of `fields`}. The command then sets is_reported. */
bool app_print_outcome(const App *app, const GError *failure, const Field *fields,
                       const void *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tells an error once: "localgpt: message" and its hint on stderr or, with --json, one document on
 * stdout. Redacted and terminal-safe. Returns the exit status of its kind. */
int app_report(const App *app, const GError *error);

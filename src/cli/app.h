/*
 * cli/app.h: what lives as long as the process: paths, configuration, secrets, output style. The
 * only owner of such state.
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
    Paths *paths;
    SecretSet *secrets;
    Log *log;
    Cancel *cancel; /* Ctrl-C and --timeout */
    Config *config; /* only with NEEDS_CONFIG, else NULL */
    char *config_path;
    char *agent; /* agent id, "main" */
    /* state from the global options */
    bool is_verbose;
    bool is_quiet;
    bool has_color; /* stdout is a terminal, no NO_COLOR, no --no-color, not --plain, TERM not dumb
                     */
    bool is_plain;
    bool is_json;
};

/* Warnings and progress of the program itself go to stderr unless -q. Redacted, terminal-safe, one
 * line. */
void app_note(const App *app, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* stdout. With --json a command prints exactly one document through app_print_json() and nothing
 * else. A closed stdout is ERR_PIPE_CLOSED. */
bool app_print(const App *app, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4) G_GNUC_WARN_UNUSED_RESULT;
/* {"ok":true, ...members of `fields`}. */
bool app_print_json(const App *app, const Field *fields, const void *object,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * cli/command_line.h: turns argv into a checked CommandLine, driven by the rows of command.h.
 *
 * Understood: --name VALUE, --name=VALUE, -n VALUE, -nVALUE, -n=VALUE, grouped flags -vq, "--" (the
 * rest are arguments), "-" (an argument), global options anywhere, a command's options anywhere
 * after it. A word like -5 is an argument.
 *
 *     g_autoptr(CommandLine) line = command_line_new(commands, global_options);
 *     if (!command_line_parse(line, argc, argv, error)) ...   // ERR_USAGE, with the usage line
 *     command_line_command(line)->run(app, line, error);
 *
 * After a failure the line still tells what else was asked (command_line_is_json), because the
 * parser goes on to the end and keeps the first problem. The CommandLine owns copies of the words.
 */
#pragma once

#include "cli/command.h"

typedef enum { HELP_NONE, HELP_SHORT, HELP_LONG } HelpKind;

/* Both tables are ended by { 0 } and borrowed. */
CommandLine *command_line_new(const Command *table, const Option *globals);
void command_line_free(CommandLine *line);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CommandLine, command_line_free)

/* Once per CommandLine. With --help or --version the number of arguments is not checked. A line
 * without a command is fine: command_line_command() is NULL then. */
bool command_line_parse(CommandLine *line, int argc, char *const *argv,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* -h asks for the short help, --help for the long. */
HelpKind command_line_help(const CommandLine *line);

/* --json was given, or a choice that means the same (ask -f json). */
bool command_line_is_json(const CommandLine *line);

/* Makes `command` (of the table) the command of a line that has none. */
void command_line_set_command(CommandLine *line, const Command *command);

/* From the table's row to the subcommand; NULL-terminated. */
const Command *const *command_line_path(const CommandLine *line);

/* "config set [OPTIONS] KEY VALUE", as in "Usage: localgpt ...". `path` is NULL-terminated. New
 * string. */
char *command_usage(const Command *const *path);

/* "config set". New string. */
char *command_path_text(const Command *const *path);

/* The end of a path, or NULL for an empty one. */
const Command *command_last(const Command *const *path);

/* The row with this name, or NULL. `table` may be NULL. */
const Command *command_find(const Command *table, const char *name);

/* The nearest name for "did you mean", or NULL; hidden commands are not offered. */
const char *command_suggest(const Command *table, const char *name);

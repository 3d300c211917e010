/*
 * cli/help.h: help as plain text of at most 80 columns, made from the rows of command.h.
 *
 *     g_autofree char *text = help_command(command_line_path(line), HELP_LONG);
 *     app_print_text(app, text, error);
 */
#pragma once

#include "cli/command.h"
#include "cli/command_line.h"

/* What the program is, its commands by group, and where more is told. New string. */
char *help_overview(void);

/* One command: usage, options, examples (three at most for HELP_SHORT). `path` from the table's row
 * to the subcommand, NULL-terminated. New string. */
char *help_command(const Command *const *path, HelpKind kind);

/* "-f, --format FORMAT". New string. */
char *help_option_spelling(const Option *option);

/* The option's help with its choices, default and variable. New string. */
char *help_option_text(const Option *option);

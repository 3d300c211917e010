/*
 * tools/docgen/docgen.h: the reference pages, man pages and completions, printed from the tables
 * that the program itself runs on.
 *
 *     build/tools/docgen/docgen .     writes docs/reference/, docs/man/ and data/completions/ there
 *
 * `make docs` runs it in the checkout; tools/check-docs runs it elsewhere and compares.
 */
#pragma once

#include <glib.h>

#include "cli/command.h"

/* Calls `visit` for each row that is shown, and for its subcommands, parents first. */
typedef void (*DocgenVisitFn)(GString *out, const Command *const *path);
void docgen_walk(const Command *table, DocgenVisitFn visit, GString *out);

/* Pieces of a description: paragraphs, and blocks of lines that start with a space. */
typedef struct {
    void (*paragraph)(GString *out, const char *text);
    void (*block)(GString *out, const char *lines);
} DocgenText;
void docgen_text(GString *out, const char *text, const DocgenText *form);

/* markdown.c; new strings. */
char *markdown_commands(void);
char *markdown_errors(void);
char *markdown_config(void);
char *markdown_events(void);
char *markdown_tools(void);
char *config_example_file(void);

/* man.c; new strings. */
char *man_program(void);
char *man_command(const Command *command);
char *man_config(void);

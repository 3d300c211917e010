/*
 * cli/completion.h: what a shell offers when Tab is pressed.
 *
 * Commands, options and choices stand in the script itself, made from the rows of command.h. What
 * changes (models, sessions, ...) is asked for while typing: 'localgpt completion values KIND'
 * prints one value per line, a tab, and what it is. The scripts treat such values as bytes: a file
 * called '$(rm -rf x).gguf' is only ever a word.
 *
 *     const CompletionShell *shell = completion_shell_find("bash");
 *     g_autofree char *script = completion_script(shell);
 */
#pragma once

#include "cli/app.h"
#include "cli/command.h"

/* What the rows' `complete` may name, besides "file", which shells do themselves. */
typedef struct {
    const char *name;
    const char *summary;
    /* Appends "value\tdescription\n" lines; what cannot be read offers nothing. */
    void (*list)(const App *app, GString *out);
} CompletionKind;

/* Ended by { 0 }. */
extern const CompletionKind completion_kinds[];

const CompletionKind *completion_kind_find(const char *name);

typedef struct {
    const char *name;
    const char *file;    /* below data/completions/ and where the shell looks */
    const char *install; /* for help: how to use it now */
    void (*render)(GString *out);
} CompletionShell;

/* Ended by { 0 }. */
extern const CompletionShell completion_shells[];

const CompletionShell *completion_shell_find(const char *name);

/* New string. */
char *completion_script(const CompletionShell *shell);

/* Calls `visit` for the program itself (an empty path) and then for each command that is shown,
 * parents first. */
typedef void (*CompletionVisitFn)(const Command *const *path, GString *out);
void completion_walk(CompletionVisitFn visit, GString *out);

/* "/config/set", "" for the program itself. New string. */
char *completion_path(const Command *const *path);

/* The renderers, one file each: completion_bash.c, completion_fish.c, completion_zsh.c. */
void completion_bash_render(GString *out);
void completion_fish_render(GString *out);
void completion_zsh_render(GString *out);

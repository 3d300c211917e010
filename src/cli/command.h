/*
 * cli/command.h: one row per command. From the rows come dispatch, --help, "did you mean",
 * completions, man pages and the reference page.
 *
 * A newcomer's command is one file cmd_<name>.c with a run function and one row in commands.c
 * (docs/how-to/add-a-command.md).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct App App;
typedef struct CommandLine CommandLine;

typedef enum { OPTION_FLAG, OPTION_STRING, OPTION_INT, OPTION_CHOICE, OPTION_STRINGS } OptionType;

typedef struct {
    const char *name; /* "format": --format */
    char letter;      /* 'f': -f; 0 = none */
    OptionType type;
    const char *argument;       /* "FORMAT" in help; NULL for a flag */
    const char *const *choices; /* OPTION_CHOICE */
    const char *help;           /* one line, without a full stop */
    const char *complete;     /* what a shell offers: a name of completion_kinds[], "file", NULL */
    const char *default_text; /* shown in help, NULL = none */
    const char *environment;  /* a variable that gives the value when the option is absent */
    const char *json_choice;  /* the choice that makes stdout one JSON document, or NULL */
    int64_t min, max;         /* OPTION_INT: checked when min < max */
} Option;

typedef enum {
    NEEDS_CONFIG = 1 << 0, /* app->config is loaded before run() */
} CommandNeeds;

typedef enum {
    COMMAND_DEFAULT = 1 << 0, /* runs when no command is named on a terminal */
    COMMAND_HIDDEN = 1 << 1,  /* left out of help, completions and docs */
} CommandFlags;

typedef struct {
    const char *line;    /* what to type, without the program's name: "ask \"2+2?\"" */
    const char *comment; /* what it does */
} Example;

/* What main calls: true = exit 0. On failure the caller reports *error once (text, or one JSON
 * document with --json). */
typedef bool CommandRun(App *app, const CommandLine *line, GError **error);

typedef struct Command Command;
struct Command {
    const char *name;
    const char *group;          /* heading in help: "Talk", "Configure", ... */
    const char *arguments;      /* "[QUESTION...]", "KEY VALUE", NULL */
    const char *summary;        /* one line, without a full stop */
    const char *description;    /* paragraphs for --help and man, kept apart by an empty line */
    const Example *examples;    /* ended by { 0 }; at least one for a command that runs */
    const Option *options;      /* ended by { 0 }, or NULL */
    const Command *subcommands; /* ended by { 0 }, or NULL */
    unsigned needs;             /* CommandNeeds */
    int min_arguments;
    int max_arguments;    /* -1 = any */
    const char *complete; /* what a shell offers for arguments: a name of completion_kinds[] */
    CommandRun *run;      /* NULL: a subcommand must follow */
    unsigned flags;       /* CommandFlags */
};

/* cli/commands.c; ended by { 0 }. */
extern const Command commands[];

/* Options that every command takes; cli/commands.c. */
extern const Option global_options[];

/* What was typed for one command, already checked against its row. A name that is in neither the
 * command's options nor the global ones is a mistake in the program (asserted). */
bool command_line_flag(const CommandLine *line, const char *name);
const char *command_line_string(const CommandLine *line, const char *name); /* NULL when absent */
int64_t command_line_int(const CommandLine *line, const char *name, int64_t fallback);
/* OPTION_CHOICE: the number of its choice, from 0. */
int command_line_choice(const CommandLine *line, const char *name, int fallback);
const char *const *command_line_strings(const CommandLine *line, const char *name); /* never NULL */
const char *const *command_line_arguments(const CommandLine *line); /* NULL-terminated */
const Command *command_line_command(const CommandLine *line);

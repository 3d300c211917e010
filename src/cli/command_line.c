/* cli/command_line.c: the option parser. */
#include "cli/command_line.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

typedef struct {
    const Option *option;
    const char *text; /* borrowed from words; NULL for a flag */
    int64_t number;
    GPtrArray *texts; /* owned; OPTION_STRINGS: char *, borrowed from words; NULL-terminated */
} OptionValue;

struct CommandLine {
    /* borrowed */
    const Command *table;
    const Option *globals;
    /* owned */
    char **words;
    GPtrArray *path;      /* const Command, borrowed; NULL-terminated after parsing */
    GPtrArray *arguments; /* char *, borrowed from words; NULL-terminated after parsing */
    GArray *values;       /* OptionValue */
    GError *problem;      /* the first one */
    /* state */
    size_t next; /* index in words of the next word to look at */
    bool has_only_arguments;
    bool is_lost; /* an unknown command: what its words mean is not known */
    HelpKind help;
};

static void value_clear(gpointer data) {
    OptionValue *value = data;
    if (value->texts != NULL) g_ptr_array_unref(value->texts);
}

CommandLine *command_line_new(const Command *table, const Option *globals) {
    CommandLine *line = g_new0(CommandLine, 1);
    line->table = table;
    line->globals = globals;
    line->path = g_ptr_array_new_null_terminated(2, NULL, /* null_terminated= */ TRUE);
    line->arguments = g_ptr_array_new_null_terminated(4, NULL, /* null_terminated= */ TRUE);
    line->values = g_array_new(FALSE, FALSE, sizeof(OptionValue));
    g_array_set_clear_func(line->values, value_clear);
    return line;
}

void command_line_free(CommandLine *line) {
    if (line == NULL) return;
    g_ptr_array_unref(line->path);
    g_ptr_array_unref(line->arguments);
    g_array_unref(line->values);
    g_strfreev(line->words);
    g_clear_error(&line->problem);
    g_free(line);
}

const Command *command_find(const Command *table, const char *name) {
    for (const Command *command = table; command != NULL && command->name != NULL; command++)
        if (strcmp(command->name, name) == 0) return command;
    return NULL;
}

const char *command_suggest(const Command *table, const char *name) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const Command *command = table; command != NULL && command->name != NULL; command++)
        if ((command->flags & COMMAND_HIDDEN) == 0) g_ptr_array_add(names, (char *)command->name);
    g_ptr_array_add(names, NULL);
    return text_suggest(name, (const char *const *)names->pdata);
}

char *command_path_text(const Command *const *path) {
    GString *text = g_string_new(NULL);
    for (const Command *const *command = path; *command != NULL; command++)
        g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", (*command)->name);
    return g_string_free(text, FALSE);
}

const Command *command_last(const Command *const *path) {
    const Command *command = NULL;
    for (; *path != NULL; path++) command = *path;
    return command;
}

char *command_usage(const Command *const *path) {
    if (path[0] == NULL) return g_strdup("[OPTIONS] COMMAND [ARGUMENTS]");
    const Command *last = command_last(path);
    g_autofree char *text = command_path_text(path);
    bool needs_subcommand = last->run == NULL && last->subcommands != NULL;
    return g_strconcat(text, needs_subcommand ? " COMMAND" : "", " [OPTIONS]",
                       last->arguments != NULL ? " " : "",
                       last->arguments != NULL ? last->arguments : "", NULL);
}

const Command *const *command_line_path(const CommandLine *line) {
    return (const Command *const *)line->path->pdata;
}

const Command *command_line_command(const CommandLine *line) {
    return line->path->len > 0 ? g_ptr_array_index(line->path, line->path->len - 1) : NULL;
}

void command_line_set_command(CommandLine *line, const Command *command) {
    g_assert(line->path->len == 0);
    g_ptr_array_add(line->path, (gpointer)command);
}

/* Keeps the first problem, with the usage of the command as it is known by then. */
static void problem(CommandLine *line, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void problem(CommandLine *line, const char *format, ...) {
    if (line->problem != NULL || line->is_lost) return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *usage = command_usage(command_line_path(line));
    g_autofree char *name = command_path_text(command_line_path(line));
    g_autofree char *hint =
        line->path->len > 0
            ? g_strdup_printf("Usage: localgpt %s (more: localgpt %s --help)", usage, name)
            : g_strdup_printf("Usage: localgpt %s (more: localgpt help)", usage);
    error_set_with_hint(&line->problem, ERR_USAGE, hint, "%s", message);
}

/* Options. */

static const Option *option_in(const Option *options, const char *name, size_t length) {
    for (const Option *option = options; option != NULL && option->name != NULL; option++)
        if (strncmp(option->name, name, length) == 0 && option->name[length] == '\0') return option;
    return NULL;
}

static const Option *option_by_letter_in(const Option *options, char letter) {
    for (const Option *option = options; option != NULL && option->name != NULL; option++)
        if (option->letter == letter) return option;
    return NULL;
}

static const Option *own_options(const CommandLine *line) {
    const Command *command = command_line_command(line);
    return command != NULL ? command->options : NULL;
}

static const Option *find_option(const CommandLine *line, const char *name, size_t length) {
    const Option *option = option_in(own_options(line), name, length);
    return option != NULL ? option : option_in(line->globals, name, length);
}

static const Option *find_letter(const CommandLine *line, char letter) {
    const Option *option = option_by_letter_in(own_options(line), letter);
    return option != NULL ? option : option_by_letter_in(line->globals, letter);
}

static const char *suggest_option(const CommandLine *line, const char *name) {
    const Option *const tables[] = { own_options(line), line->globals };
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        for (const Option *option = tables[i]; option != NULL && option->name != NULL; option++)
            g_ptr_array_add(names, (char *)option->name);
    g_ptr_array_add(names, NULL);
    return text_suggest(name, (const char *const *)names->pdata);
}

static OptionValue *value_of(const CommandLine *line, const Option *option) {
    for (guint i = 0; i < line->values->len; i++) {
        OptionValue *value = &g_array_index(line->values, OptionValue, i);
        if (value->option == option) return value;
    }
    return NULL;
}

static OptionValue *value_add(CommandLine *line, const Option *option) {
    OptionValue *value = value_of(line, option);
    if (value != NULL) return value;
    OptionValue added = { .option = option };
    g_array_append_val(line->values, added);
    return &g_array_index(line->values, OptionValue, line->values->len - 1);
}

static bool check_choice(CommandLine *line, const Option *option, const char *text) {
    if (g_strv_contains(option->choices, text)) return true;
    g_autofree char *choices = g_strjoinv(", ", (char **)option->choices);
    const char *suggestion = text_suggest(text, option->choices);
    if (suggestion != NULL)
        problem(line, "option '--%s': unknown choice '%s', did you mean '%s'?", option->name, text,
                suggestion);
    else
        problem(line, "option '--%s': '%s' is not one of %s", option->name, text, choices);
    return false;
}

static bool check_int(CommandLine *line, const Option *option, const char *text, int64_t *out) {
    bool has_range = option->min < option->max;
    gint64 number;
    if (g_ascii_string_to_signed(text, 10, has_range ? option->min : G_MININT64,
                                 has_range ? option->max : G_MAXINT64, &number, NULL)) {
        *out = number;
        return true;
    }
    if (has_range)
        problem(line,
                "option '--%s': expected a whole number from %" G_GINT64_FORMAT
                " to %" G_GINT64_FORMAT ", got '%s'",
                option->name, option->min, option->max, text);
    else
        problem(line, "option '--%s': expected a whole number, got '%s'", option->name, text);
    return false;
}

static void take_value(CommandLine *line, const Option *option, const char *text) {
    int64_t number = 0;
    if (option->type == OPTION_CHOICE && !check_choice(line, option, text)) return;
    if (option->type == OPTION_INT && !check_int(line, option, text, &number)) return;
    OptionValue *value = value_add(line, option);
    value->text = text;
    value->number = number;
    if (option->type != OPTION_STRINGS) return;
    if (value->texts == NULL)
        value->texts = g_ptr_array_new_null_terminated(2, NULL, /* null_terminated= */ TRUE);
    g_ptr_array_add(value->texts, (char *)text);
}

/* The value stands in the word itself (`attached`) or is the next word. */
static void take_option(CommandLine *line, const Option *option, const char *attached) {
    if (option->type == OPTION_FLAG) {
        if (attached != NULL)
            problem(line, "option '--%s' takes no value", option->name);
        else
            value_add(line, option);
        return;
    }
    const char *text = attached != NULL ? attached : line->words[line->next];
    if (text == NULL) {
        problem(line, "option '--%s' needs a value: --%s %s", option->name, option->name,
                option->argument);
        return;
    }
    if (attached == NULL) line->next++;
    take_value(line, option, text);
}

/* Before the command only global options have a meaning. */
static const Command *command_with_option(const CommandLine *line, const char *name, char letter) {
    if (line->path->len > 0) return NULL;
    for (const Command *command = line->table; command->name != NULL; command++)
        if (name != NULL ? option_in(command->options, name, strlen(name)) != NULL
                         : option_by_letter_in(command->options, letter) != NULL)
            return command;
    return NULL;
}

static void take_long(CommandLine *line, const char *word) {
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const Option *option = find_option(line, word, length);
    if (option != NULL) {
        take_option(line, option, equals != NULL ? equals + 1 : NULL);
        if (strcmp(option->name, "help") == 0) line->help = HELP_LONG;
        return;
    }
    g_autofree char *name = g_strndup(word, length);
    const Command *command = command_with_option(line, name, 0);
    const char *suggestion = suggest_option(line, name);
    if (command != NULL)
        problem(line, "option '--%s' belongs to '%s': write it after the command", name,
                command->name);
    else if (suggestion != NULL)
        problem(line, "unknown option '--%s', did you mean '--%s'?", name, suggestion);
    else
        problem(line, "unknown option '--%s'", name);
}

static void unknown_letter(CommandLine *line, const char *at) {
    const Command *command = command_with_option(line, NULL, *at);
    g_autofree char *letter = g_utf8_validate(at, -1, NULL)
                                  ? g_strndup(at, (gsize)(g_utf8_next_char(at) - at))
                                  : g_strndup(at, 1);
    if (command != NULL)
        problem(line, "option '-%s' belongs to '%s': write it after the command", letter,
                command->name);
    else
        problem(line, "unknown option '-%s'", letter);
}

static void take_letters(CommandLine *line, const char *letters) {
    for (const char *at = letters; *at != '\0'; at++) {
        const Option *option = find_letter(line, *at);
        if (option == NULL) {
            unknown_letter(line, at);
            return;
        }
        if (option->type != OPTION_FLAG) {
            const char *rest = at[1] == '=' ? at + 2 : at + 1;
            take_option(line, option, at[1] != '\0' ? rest : NULL);
            return;
        }
        take_option(line, option, NULL);
        if (strcmp(option->name, "help") == 0) line->help = MAX(line->help, HELP_SHORT);
    }
}

/* Commands and arguments. */

static void unknown_command(CommandLine *line, const Command *table, const char *word) {
    const char *suggestion = command_suggest(table, word);
    g_autofree char *parent = command_path_text(command_line_path(line));
    const char *what = line->path->len > 0 ? "subcommand" : "command";
    const char *of = line->path->len > 0 ? " of " : "";
    if (suggestion != NULL)
        problem(line, "unknown %s '%s'%s%s, did you mean '%s'?", what, word, of, parent,
                suggestion);
    else
        problem(line, "unknown %s '%s'%s%s", what, word, of, parent);
    line->is_lost = true;
}

static void take_plain(CommandLine *line, const char *word) {
    const Command *command = command_line_command(line);
    const Command *table = command != NULL ? command->subcommands : line->table;
    if (table == NULL || line->arguments->len > 0 || line->is_lost) {
        g_ptr_array_add(line->arguments, (char *)word);
        return;
    }
    const Command *found = command_find(table, word);
    if (found != NULL)
        g_ptr_array_add(line->path, (gpointer)found);
    else if (command != NULL && command->run != NULL)
        g_ptr_array_add(line->arguments, (char *)word);
    else
        unknown_command(line, table, word);
}

static bool is_option_word(const CommandLine *line, const char *word) {
    if (line->has_only_arguments || word[0] != '-' || word[1] == '\0') return false;
    return !g_ascii_isdigit(word[1]) || find_letter(line, word[1]) != NULL;
}

static void take_word(CommandLine *line) {
    const char *word = line->words[line->next++];
    if (!is_option_word(line, word))
        take_plain(line, word);
    else if (strcmp(word, "--") == 0)
        line->has_only_arguments = true;
    else if (word[1] == '-')
        take_long(line, word + 2);
    else
        take_letters(line, word + 1);
}

static void check_arguments(CommandLine *line) {
    const Command *command = command_line_command(line);
    if (command == NULL) return;
    int count = (int)line->arguments->len;
    g_autofree char *name = command_path_text(command_line_path(line));
    if (command->run == NULL)
        problem(line, "'%s' needs a subcommand", name);
    else if (count < command->min_arguments)
        problem(line, "'%s' needs %s", name, command->arguments);
    else if (command->max_arguments == 0 && count > 0)
        problem(line, "'%s' takes no arguments, got '%s'", name,
                (const char *)g_ptr_array_index(line->arguments, 0));
    else if (command->max_arguments >= 0 && count > command->max_arguments)
        problem(line, "'%s' takes only %s, got '%s' too", name, command->arguments,
                (const char *)g_ptr_array_index(line->arguments, (guint)command->max_arguments));
}

bool command_line_parse(CommandLine *line, int argc, char *const *argv, GError **error) {
    g_assert(line->words == NULL);
    line->words = g_new0(char *, (gsize)MAX(argc, 1));
    for (int i = 1; i < argc; i++) line->words[i - 1] = g_strdup(argv[i]);
    while (line->words[line->next] != NULL) take_word(line);
    bool wants_run = line->help == HELP_NONE && !command_line_flag(line, "version");
    if (wants_run) check_arguments(line);
    if (line->problem == NULL) return true;
    g_propagate_error(error, g_steal_pointer(&line->problem));
    return false;
}

/* Reading. */

HelpKind command_line_help(const CommandLine *line) {
    return line->help;
}

bool command_line_is_json(const CommandLine *line) {
    if (command_line_flag(line, "json")) return true;
    for (guint i = 0; i < line->values->len; i++) {
        const OptionValue *value = &g_array_index(line->values, OptionValue, i);
        if (value->option->json_choice != NULL &&
            g_strcmp0(value->text, value->option->json_choice) == 0)
            return true;
    }
    return false;
}

static const OptionValue *read_value(const CommandLine *line, const char *name,
                                     const Option **out_option) {
    const Option *option = find_option(line, name, strlen(name));
    g_assert(option != NULL);
    *out_option = option;
    return value_of(line, option);
}

bool command_line_flag(const CommandLine *line, const char *name) {
    const Option *option;
    return read_value(line, name, &option) != NULL;
}

const char *command_line_string(const CommandLine *line, const char *name) {
    const Option *option;
    const OptionValue *value = read_value(line, name, &option);
    if (value != NULL) return value->text;
    const char *text = option->environment != NULL ? g_getenv(option->environment) : NULL;
    return text != NULL && text[0] != '\0' ? text : NULL;
}

int64_t command_line_int(const CommandLine *line, const char *name, int64_t fallback) {
    const Option *option;
    const OptionValue *value = read_value(line, name, &option);
    return value != NULL ? value->number : fallback;
}

int command_line_choice(const CommandLine *line, const char *name, int fallback) {
    const char *text = command_line_string(line, name);
    const Option *option;
    read_value(line, name, &option);
    for (int i = 0; text != NULL && option->choices[i] != NULL; i++)
        if (strcmp(option->choices[i], text) == 0) return i;
    return fallback;
}

const char *const *command_line_strings(const CommandLine *line, const char *name) {
    static const char *const none[] = { NULL };
    const Option *option;
    const OptionValue *value = read_value(line, name, &option);
    return value != NULL ? (const char *const *)value->texts->pdata : none;
}

const char *const *command_line_arguments(const CommandLine *line) {
    return (const char *const *)line->arguments->pdata;
}

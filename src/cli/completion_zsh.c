/*
 * cli/completion_zsh.c: a script for zsh: one function per command around _arguments.
 *
 * It works both from $fpath (#compdef) and through eval.
 */
#include <string.h>

#include "cli/command_line.h"
#include "cli/completion.h"

/* clang-format off */
static const char head[] =
    "#compdef localgpt\n"
    "# zsh completion for localgpt; made by 'localgpt completion zsh', do not edit\n"
    "\n"
    "# Offers what the program itself knows: models, sessions, keys.\n"
    "_localgpt_values() {\n"
    "    local -a found\n"
    "    local value help\n"
    "    while IFS=$'\\t' read -r value help; do\n"
    "        found+=(\"${value//:/\\\\:}:$help\")\n"
    "    done < <(\"${(Q)_localgpt_program}\" completion values $1 2>/dev/null)\n"
    "    _describe -t $1 $1 found\n"
    "}\n"
    "\n";
static const char foot[] =
    "_localgpt() {\n"
    "    local _localgpt_program=${~words[1]}\n"
    "    _localgpt_at \"$@\"\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _localgpt ]]; then\n"
    "    _localgpt \"$@\"\n"
    "else\n"
    "    compdef _localgpt localgpt\n"
    "fi\n";
/* clang-format on */

/* "_localgpt_at_config_set" */
static char *function_name(const Command *const *path) {
    GString *text = g_string_new("_localgpt_at");
    for (const Command *const *command = path; *command != NULL; command++)
        g_string_append_printf(text, "_%s", (*command)->name);
    g_strdelimit(text->str, "-", '_');
    return g_string_free(text, FALSE);
}

/* Text inside a spec of _arguments: brackets and colons have a meaning there. */
static char *escape_spec(const char *text) {
    GString *out = g_string_new(NULL);
    for (const char *at = text; *at != '\0'; at++) {
        if (strchr("[]:\\", *at) != NULL) g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    return g_string_free(out, FALSE);
}

/* ":FORMAT:(text json)" */
static char *value_action(const char *label, const char *const *choices, const char *complete) {
    g_autofree char *what = escape_spec(label);
    if (choices != NULL) {
        g_autofree char *words = g_strjoinv(" ", (char **)choices);
        return g_strdup_printf(":%s:(%s)", what, words);
    }
    if (complete == NULL) return g_strdup_printf(":%s: ", what);
    if (strcmp(complete, "file") == 0) return g_strdup_printf(":%s:_files", what);
    return g_strdup_printf(":%s:{_localgpt_values %s}", what, complete);
}

static void append_word(GString *out, const char *word) {
    g_autofree char *quoted = g_shell_quote(word);
    g_string_append_printf(out, " \\\n        %s", quoted);
}

static void append_options(GString *out, const Option *options) {
    for (const Option *option = options; option != NULL && option->name != NULL; option++) {
        g_autofree char *help = escape_spec(option->help);
        bool is_flag = option->type == OPTION_FLAG;
        g_autofree char *action =
            is_flag ? g_strdup("")
                    : value_action(option->argument, option->choices, option->complete);
        bool may_repeat = option->type == OPTION_STRINGS;
        g_autofree char *both = may_repeat ? g_strdup("*")
                                : option->letter != 0
                                    ? g_strdup_printf("(-%c --%s)", option->letter, option->name)
                                    : g_strdup("");
        g_autofree char *full =
            g_strdup_printf("%s--%s%s[%s]%s", both, option->name, is_flag ? "" : "=", help, action);
        append_word(out, full);
        if (option->letter == 0) continue;
        g_autofree char *brief = g_strdup_printf("%s-%c%s[%s]%s", both, option->letter,
                                                 is_flag ? "" : "+", help, action);
        append_word(out, brief);
    }
}

static void append_subcommands(GString *out, const Command *const *path, const Command *table) {
    g_autofree char *name = function_name(path);
    g_string_append(out, "    case $state in\n    command)\n        local -a list=(");
    for (const Command *command = table; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_autofree char *row = g_strdup_printf("%s:%s", command->name, command->summary);
        g_autofree char *quoted = g_shell_quote(row);
        g_string_append_printf(out, "\n            %s", quoted);
    }
    g_string_append(out, ")\n        _describe -t commands command list\n        ;;\n"
                         "    rest)\n        case $words[1] in\n");
    for (const Command *command = table; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_autofree char *part = g_strdelimit(g_strdup(command->name), "-", '_');
        g_string_append_printf(out, "        %s) %s_%s ;;\n", command->name, name, part);
    }
    g_string_append(out, "        esac\n        ;;\n    esac\n");
}

static bool has_shown(const Command *table) {
    for (const Command *command = table; command != NULL && command->name != NULL; command++)
        if ((command->flags & COMMAND_HIDDEN) == 0) return true;
    return false;
}

static void visit(const Command *const *path, GString *out) {
    const Command *command = command_last(path);
    const Command *table = command != NULL ? command->subcommands : commands;
    bool has_subcommands = has_shown(table);
    g_autofree char *name = function_name(path);
    g_string_append_printf(out, "%s() {\n", name);
    if (has_subcommands)
        g_string_append(out, "    local curcontext=$curcontext state line\n"
                             "    typeset -A opt_args\n");
    g_string_append_printf(out, "    _arguments -s -S%s", has_subcommands ? " -C" : "");
    if (command != NULL) append_options(out, command->options);
    append_options(out, global_options);
    if (has_subcommands) {
        append_word(out, "1: :->command");
        append_word(out, "*:: :->rest");
    } else if (command != NULL && command->max_arguments != 0) {
        g_autofree char *action = value_action(command->arguments, NULL, command->complete);
        g_autofree char *spec = g_strconcat("*", action, NULL);
        append_word(out, spec);
    }
    g_string_append(out, "\n");
    if (has_subcommands) append_subcommands(out, path, table);
    g_string_append(out, "}\n\n");
}

void completion_zsh_render(GString *out) {
    g_string_append(out, head);
    completion_walk(visit, out);
    g_string_append(out, foot);
}

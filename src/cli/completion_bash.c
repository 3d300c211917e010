/*
 * cli/completion_bash.c: a script for bash 4 and later that needs nothing else.
 *
 * The words before the cursor are walked once to find the command ("/config/set"); three case
 * statements, made from the rows, then say what may follow. Words are compared, never evaluated.
 */
#include <string.h>

#include "cli/command_line.h"
#include "cli/completion.h"

/* clang-format off */
static const char head[] =
    "# bash completion for localgpt; made by 'localgpt completion bash', do not edit\n"
    "\n"
    "# Offers those of the words that begin as the current one does.\n"
    "_localgpt_offer() {\n"
    "    local word quoted\n"
    "    for word in \"$@\"; do\n"
    "        if [[ $word == \"$cur\"* ]]; then\n"
    "            printf -v quoted %q \"$word\"\n"
    "            COMPREPLY+=(\"$quoted\")\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "\n"
    "# Offers what the program itself knows: models, sessions, keys.\n"
    "_localgpt_values() {\n"
    "    local value rest\n"
    "    while IFS=$'\\t' read -r value rest; do\n"
    "        _localgpt_offer \"$value\"\n"
    "    done < <(\"${COMP_WORDS[0]/#\\~/$HOME}\" completion values \"$1\" 2>/dev/null)\n"
    "}\n"
    "\n"
    "_localgpt_files() {\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "}\n"
    "\n";
static const char walk_words[] =
    "_localgpt() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at= word\n"
    "    local -i i skip=0 only_arguments=0\n"
    "    COMPREPLY=()\n"
    "    # bash keeps the '=' of --name=value apart.\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if ((skip)); then\n"
    "            [[ $word == = ]] || skip=0\n"
    "        elif [[ $word == -- ]]; then\n"
    "            only_arguments=1\n"
    "        elif ((!only_arguments)) && _localgpt_takes_value \"$at\" \"$word\"; then\n"
    "            skip=1\n"
    "        elif _localgpt_is_command \"$at/$word\"; then\n"
    "            at=$at/$word\n"
    "        fi\n"
    "    done\n"
    "    if ((!only_arguments)); then\n"
    "        _localgpt_value \"$at\" \"$before\" && return\n"
    "        if [[ $cur == -* ]]; then\n"
    "            _localgpt_options \"$at\"\n"
    "            return\n"
    "        fi\n"
    "    fi\n"
    "    _localgpt_arguments \"$at\"\n"
    "}\n"
    "\n"
    "complete -F _localgpt localgpt\n";
/* clang-format on */

static const Option *options_of(const Command *const *path) {
    const Command *command = command_last(path);
    return command != NULL ? command->options : global_options;
}

/* The pattern of a case: global options count everywhere. */
static void append_pattern(GString *out, const Command *const *path, const Option *option) {
    g_autofree char *at = path[0] != NULL ? completion_path(path) : g_strdup("*");
    g_string_append_printf(out, "        %s:--%s", at, option->name);
    if (option->letter != 0) g_string_append_printf(out, " | %s:-%c", at, option->letter);
    g_string_append(out, ")");
}

static void visit_takes_value(const Command *const *path, GString *out) {
    for (const Option *option = options_of(path); option != NULL && option->name != NULL;
         option++) {
        if (option->type == OPTION_FLAG) continue;
        append_pattern(out, path, option);
        g_string_append(out, " return 0 ;;\n");
    }
}

static void append_offer(GString *out, const char *complete) {
    if (complete == NULL) return;
    if (strcmp(complete, "file") == 0)
        g_string_append(out, " _localgpt_files");
    else
        g_string_append_printf(out, " _localgpt_values %s", complete);
}

static void visit_value(const Command *const *path, GString *out) {
    for (const Option *option = options_of(path); option != NULL && option->name != NULL;
         option++) {
        if (option->type == OPTION_FLAG) continue;
        append_pattern(out, path, option);
        if (option->choices != NULL) {
            g_autofree char *words = g_strjoinv(" ", (char **)option->choices);
            g_string_append_printf(out, " _localgpt_offer %s", words);
        }
        append_offer(out, option->complete);
        g_string_append(out, " ;;\n");
    }
}

static void visit_is_command(const Command *const *path, GString *out) {
    if (path[0] == NULL) return;
    g_autofree char *at = completion_path(path);
    g_string_append_printf(out, "        %s) return 0 ;;\n", at);
}

static void visit_options(const Command *const *path, GString *out) {
    const Option *options = options_of(path);
    if (path[0] == NULL || options == NULL) return;
    g_autofree char *at = completion_path(path);
    g_string_append_printf(out, "        %s) _localgpt_offer", at);
    for (const Option *option = options; option->name != NULL; option++)
        g_string_append_printf(out, " --%s", option->name);
    g_string_append(out, " ;;\n");
}

static void visit_arguments(const Command *const *path, GString *out) {
    const Command *command = command_last(path);
    const Command *table = command != NULL ? command->subcommands : commands;
    const char *complete = command != NULL ? command->complete : NULL;
    if (table == NULL && complete == NULL) return;
    g_autofree char *at = path[0] != NULL ? completion_path(path) : g_strdup("''");
    g_string_append_printf(out, "        %s)", at);
    GString *names = g_string_new(NULL);
    for (const Command *row = table; row != NULL && row->name != NULL; row++)
        if ((row->flags & COMMAND_HIDDEN) == 0) g_string_append_printf(names, " %s", row->name);
    if (names->len > 0) g_string_append_printf(out, " _localgpt_offer%s", names->str);
    if (names->len > 0 && complete != NULL) g_string_append_c(out, ';');
    g_string_free(names, TRUE);
    append_offer(out, complete);
    g_string_append(out, " ;;\n");
}

/* A shell function around one case statement. */
static void append_cases(GString *out, const char *name, const char *subject,
                         CompletionVisitFn visit, const char *otherwise) {
    g_string_append_printf(out, "%s() {\n    case %s in\n", name, subject);
    completion_walk(visit, out);
    if (otherwise != NULL) g_string_append_printf(out, "        *) %s ;;\n", otherwise);
    g_string_append(out, "    esac\n}\n\n");
}

void completion_bash_render(GString *out) {
    g_string_append(out, head);
    append_cases(out, "_localgpt_is_command", "$1", visit_is_command, "return 1");
    append_cases(out, "_localgpt_takes_value", "$1:$2", visit_takes_value, "return 1");
    g_string_append(out, "# Offers the values of an option; fails when it takes none.\n");
    append_cases(out, "_localgpt_value", "$1:$2", visit_value, "return 1");
    append_cases(out, "_localgpt_arguments", "$1", visit_arguments, NULL);
    g_string_append(out, "_localgpt_options() {\n    _localgpt_offer");
    for (const Option *option = global_options; option->name != NULL; option++)
        g_string_append_printf(out, " --%s", option->name);
    g_string_append(out, "\n    case $1 in\n");
    completion_walk(visit_options, out);
    g_string_append(out, "    esac\n}\n\n");
    g_string_append(out, walk_words);
}

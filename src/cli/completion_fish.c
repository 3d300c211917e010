/*
 * cli/completion_fish.c: a script for fish: one `complete` line per command, option and choice.
 *
 * Which command the words so far name is found by __localgpt_path; fish asks each condition once
 * per Tab.
 */
#include <string.h>

#include "cli/command_line.h"
#include "cli/completion.h"

/* clang-format off */
static const char head[] =
    "# fish completion for localgpt; made by 'localgpt completion fish', do not edit\n"
    "\n"
    "# The command that the words before the cursor name, such as 'config set'.\n"
    "function __localgpt_path\n"
    "    set -l words (commandline -opc)\n"
    "    set -l at ''\n"
    "    set -l skip 0\n"
    "    for word in $words[2..-1]\n"
    "        if test $skip = 1\n"
    "            set skip 0\n"
    "        else if test \"$word\" = --\n"
    "            break\n"
    "        else if __localgpt_takes_value \"$at\" \"$word\"\n"
    "            set skip 1\n"
    "        else if __localgpt_is_command \"$at/$word\"\n"
    "            set at \"$at/$word\"\n"
    "        end\n"
    "    end\n"
    "    echo $at\n"
    "end\n"
    "\n"
    "function __localgpt_at\n"
    "    test (__localgpt_path) = \"$argv[1]\"\n"
    "end\n"
    "\n"
    "# What the program itself knows: models, sessions, keys.\n"
    "function __localgpt_values\n"
    "    set -l program (commandline -opc)[1]\n"
    "    $program completion values $argv[1] 2>/dev/null\n"
    "end\n"
    "\n";
/* clang-format on */

/* fish knows two escapes inside single quotes. */
static char *fish_quote(const char *text) {
    GString *out = g_string_new("'");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\') g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '\'');
    return g_string_free(out, FALSE);
}

static void visit_is_command(const Command *const *path, GString *out) {
    if (path[0] == NULL) return;
    g_autofree char *at = completion_path(path);
    g_string_append_printf(out, " %s", at);
}

static void visit_takes_value(const Command *const *path, GString *out) {
    const Option *options = path[0] != NULL ? command_last(path)->options : global_options;
    g_autofree char *at = path[0] != NULL ? completion_path(path) : g_strdup("'*'");
    for (const Option *option = options; option != NULL && option->name != NULL; option++) {
        if (option->type == OPTION_FLAG) continue;
        g_string_append_printf(out, "        case %s:--%s", at, option->name);
        if (option->letter != 0) g_string_append_printf(out, " %s:-%c", at, option->letter);
        g_string_append(out, "\n            return 0\n");
    }
}

static void append_values(GString *out, const char *const *choices, const char *complete) {
    if (choices != NULL) {
        g_autofree char *words = g_strjoinv(" ", (char **)choices);
        g_autofree char *quoted = fish_quote(words);
        g_string_append_printf(out, " -a %s", quoted);
    } else if (complete != NULL && strcmp(complete, "file") != 0) {
        g_string_append_printf(out, " -a '(__localgpt_values %s)'", complete);
    }
}

/* `condition` NULL: everywhere. */
static void append_options(GString *out, const Option *options, const char *condition) {
    for (const Option *option = options; option != NULL && option->name != NULL; option++) {
        g_autofree char *help = fish_quote(option->help);
        g_string_append(out, "complete -c localgpt");
        if (condition != NULL) g_string_append_printf(out, " -n \"__localgpt_at '%s'\"", condition);
        if (option->letter != 0) g_string_append_printf(out, " -s %c", option->letter);
        g_string_append_printf(out, " -l %s", option->name);
        if (option->type != OPTION_FLAG)
            g_string_append(out, g_strcmp0(option->complete, "file") == 0 ? " -r -F" : " -x");
        append_values(out, option->choices, option->complete);
        g_string_append_printf(out, " -d %s\n", help);
    }
}

static void visit(const Command *const *path, GString *out) {
    const Command *command = command_last(path);
    g_autofree char *at = completion_path(path);
    if (command != NULL) append_options(out, command->options, at);
    const Command *table = command != NULL ? command->subcommands : commands;
    for (const Command *row = table; row != NULL && row->name != NULL; row++) {
        if (row->flags & COMMAND_HIDDEN) continue;
        g_autofree char *help = fish_quote(row->summary);
        g_string_append_printf(out, "complete -c localgpt -n \"__localgpt_at '%s'\" -a %s -d %s\n",
                               at, row->name, help);
    }
    if (command == NULL || command->complete == NULL) return;
    g_string_append_printf(out, "complete -c localgpt -n \"__localgpt_at '%s'\"", at);
    if (strcmp(command->complete, "file") == 0) g_string_append(out, " -F");
    append_values(out, NULL, command->complete);
    g_string_append_c(out, '\n');
}

void completion_fish_render(GString *out) {
    g_string_append(out, head);
    g_string_append(out, "function __localgpt_is_command\n    contains -- \"$argv[1]\"");
    completion_walk(visit_is_command, out);
    g_string_append(out, "\nend\n\nfunction __localgpt_takes_value\n"
                         "    switch \"$argv[1]:$argv[2]\"\n");
    completion_walk(visit_takes_value, out);
    g_string_append(out, "    end\n    return 1\nend\n\ncomplete -c localgpt -f\n");
    append_options(out, global_options, NULL);
    completion_walk(visit, out);
}

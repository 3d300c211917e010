/* cli/help.c: help of the program and of one command. */
#include "cli/help.h"

#include <string.h>

#include "cli/layout.h"

enum { SHORT_EXAMPLES = 3 };

char *help_option_spelling(const Option *option) {
    GString *text = g_string_new(NULL);
    if (option->letter != 0)
        g_string_append_printf(text, "-%c, ", option->letter);
    else
        g_string_append(text, "    ");
    g_string_append_printf(text, "--%s", option->name);
    if (option->argument != NULL) g_string_append_printf(text, " %s", option->argument);
    return g_string_free(text, FALSE);
}

char *help_option_text(const Option *option) {
    GString *text = g_string_new(option->help);
    if (option->choices != NULL) {
        g_autofree char *choices = g_strjoinv(", ", (char **)option->choices);
        g_string_append_printf(text, ": %s", choices);
    }
    if (option->min < option->max)
        g_string_append_printf(text, " (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ")", option->min,
                               option->max);
    if (option->default_text != NULL)
        g_string_append_printf(text, " (default: %s)", option->default_text);
    if (option->environment != NULL) g_string_append_printf(text, " [%s]", option->environment);
    if (option->type == OPTION_STRINGS) g_string_append(text, "; may be repeated");
    return g_string_free(text, FALSE);
}

static void append_options(GString *out, const char *title, const Option *options) {
    if (options == NULL || options->name == NULL) return;
    layout_heading(out, title);
    for (const Option *option = options; option->name != NULL; option++) {
        g_autofree char *spelling = help_option_spelling(option);
        g_autofree char *left = g_strconcat("  ", spelling, NULL);
        g_autofree char *right = help_option_text(option);
        layout_row(out, left, right, LAYOUT_COLUMN);
    }
}

static void append_commands(GString *out, const Command *table, const char *group) {
    for (const Command *command = table; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        if (group != NULL && g_strcmp0(command->group, group) != 0) continue;
        g_autofree char *left = g_strconcat("  ", command->name, NULL);
        layout_row(out, left, command->summary, LAYOUT_COLUMN / 2);
    }
}

/* Examples stand on two lines: what to type, and what it does. */
static void append_examples(GString *out, const Example *examples, int limit) {
    if (examples == NULL || examples->line == NULL) return;
    layout_heading(out, "Examples");
    for (int i = 0; i < limit && examples[i].line != NULL; i++) {
        g_string_append_printf(out, "  localgpt %s\n", examples[i].line);
        layout_text(out, examples[i].comment, 6);
    }
}

char *help_overview(void) {
    GString *out = g_string_new(NULL);
    g_string_append(out, "LocalGPT " LOCALGPT_VERSION ", a private AI assistant on your own "
                         "machine\n\nUsage: localgpt [OPTIONS] COMMAND [ARGUMENTS]\n");
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (const Command *command = commands; command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        if (!g_hash_table_add(seen, (gpointer)command->group)) continue;
        layout_heading(out, command->group);
        append_commands(out, commands, command->group);
    }
    append_options(out, "Options", global_options);
    g_string_append_c(out, '\n');
    layout_text(out,
                "'localgpt help COMMAND' tells about a command, 'localgpt help topics' lists what "
                "else is told.",
                0);
    return g_string_free(out, FALSE);
}

char *help_command(const Command *const *path, HelpKind kind) {
    const Command *command = command_last(path);
    g_assert(command != NULL);
    g_autofree char *usage = command_usage(path);
    g_autofree char *name = command_path_text(path);
    GString *out = g_string_new(NULL);
    g_autofree char *summary = g_strconcat(command->summary, ".", NULL);
    layout_text(out, summary, 0);
    g_string_append_printf(out, "\nUsage: localgpt %s\n", usage);
    if (kind == HELP_LONG && command->description != NULL) {
        g_string_append_c(out, '\n');
        layout_text(out, command->description, 0);
    }
    if (command->subcommands != NULL) {
        layout_heading(out, "Commands");
        append_commands(out, command->subcommands, NULL);
    }
    append_options(out, "Options", command->options);
    if (kind == HELP_LONG) append_options(out, "Global options", global_options);
    append_examples(out, command->examples, kind == HELP_LONG ? G_MAXINT : SHORT_EXAMPLES);
    if (kind == HELP_SHORT) g_string_append_printf(out, "\nMore: localgpt %s --help\n", name);
    return g_string_free(out, FALSE);
}

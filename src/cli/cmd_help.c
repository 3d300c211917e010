/* cli/cmd_help.c: `localgpt help`: the overview, a command, a topic. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/topic.h"

typedef struct {
    char *text;
} HelpReply;

static const Field reply_fields[] = {
    { "text", FIELD_STRING(HelpReply, text), .help = "The help, plain." },
    { 0 },
};

/* The commands that the words name, one below the other; as far as they do. */
static GPtrArray *find_path(const char *const *words) {
    GPtrArray *path = g_ptr_array_new_null_terminated(2, NULL, /* null_terminated= */ TRUE);
    const Command *table = commands;
    for (; *words != NULL; words++) {
        const Command *command = command_find(table, *words);
        if (command == NULL) break;
        g_ptr_array_add(path, (gpointer)command);
        table = command->subcommands;
    }
    return path;
}

static void unknown_word(const GPtrArray *path, const char *word, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const Command *parent = path->len > 0 ? g_ptr_array_index(path, path->len - 1) : NULL;
    const Command *table = parent != NULL ? parent->subcommands : commands;
    for (const Command *command = table; command != NULL && command->name != NULL; command++)
        if ((command->flags & COMMAND_HIDDEN) == 0) g_ptr_array_add(names, (char *)command->name);
    for (const Topic *topic = topics; parent == NULL && topic->name != NULL; topic++)
        g_ptr_array_add(names, (char *)topic->name);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(word, (const char *const *)names->pdata);
    const char *hint = "'localgpt help' lists the commands, 'localgpt help topics' the topics.";
    g_autofree char *name = command_path_text((const Command *const *)path->pdata);
    if (parent != NULL && suggestion != NULL)
        error_set_with_hint(error, ERR_USAGE, hint,
                            "unknown subcommand '%s' of %s, did you mean '%s'?", word, name,
                            suggestion);
    else if (parent != NULL)
        error_set_with_hint(error, ERR_USAGE, hint, "unknown subcommand '%s' of %s", word, name);
    else if (suggestion != NULL)
        error_set_with_hint(error, ERR_USAGE, hint,
                            "unknown command or topic '%s', did you mean '%s'?", word, suggestion);
    else
        error_set_with_hint(error, ERR_USAGE, hint, "unknown command or topic '%s'", word);
}

/* A topic with the name of a command (config) follows the command's help. */
static char *help_on_words(const char *const *words, GError **error) {
    g_autoptr(GPtrArray) path = find_path(words);
    const Topic *topic = topic_find(words[0]);
    const char *rest = words[path->len];
    guint n_words = g_strv_length((char **)words);
    if (topic != NULL && n_words == 2 && path->len < 2 && topic->takes_argument)
        return topic_text(topic, words[1], error);
    if (rest == NULL) {
        g_autofree char *text = help_command((const Command *const *)path->pdata, HELP_LONG);
        if (topic == NULL || n_words > 1) return g_steal_pointer(&text);
        g_autofree char *more = topic_text(topic, NULL, error);
        return more != NULL ? g_strconcat(text, "\n", more, NULL) : NULL;
    }
    if (topic != NULL && n_words == 1) return topic_text(topic, NULL, error);
    unknown_word(path, rest, error);
    return NULL;
}

bool cmd_help_run(App *app, const CommandLine *line, GError **error) {
    const char *const *words = command_line_arguments(line);
    g_autofree char *text = words[0] == NULL                  ? help_overview()
                            : g_str_equal(words[0], "topics") ? topic_list()
                                                              : help_on_words(words, error);
    if (text == NULL) return false;
    HelpReply reply = { text };
    return app->is_json ? app_print_json(app, reply_fields, &reply, error)
                        : app_print_text(app, text, error);
}

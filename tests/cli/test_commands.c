/* Tests of the tables: every command, option and topic says what help, man pages and completions
 * need; every example parses; every help fits in 80 columns. */
#include "cli/command_line.h"
#include "cli/help.h"
#include "cli/topic.h"

#include <string.h>

#include "base/text.h"

enum { MAX_COLUMNS = 80, MAX_SUMMARY = 64, MAX_DEPTH = 4 };

/* Calls `check` for every command that is shown, with the way to it. */
static void walk(const Command *table, GPtrArray *path, void (*check)(const Command *const *path)) {
    for (const Command *command = table; command != NULL && command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_assert_cmpuint(path->len, <, MAX_DEPTH);
        g_ptr_array_add(path, (gpointer)command);
        check((const Command *const *)path->pdata);
        walk(command->subcommands, path, check);
        g_ptr_array_set_size(path, (int)path->len - 1);
    }
}

static void for_every_command(void (*check)(const Command *const *path)) {
    g_autoptr(GPtrArray) path = g_ptr_array_new_null_terminated(4, NULL, TRUE);
    walk(commands, path, check);
}

/* One line that starts big and has no full stop. */
static void assert_summary(const char *text) {
    g_assert_nonnull(text);
    g_assert_cmpuint(strlen(text), >, 4);
    g_assert_cmpuint(text_width(text), <=, MAX_SUMMARY);
    g_assert_false(g_str_has_suffix(text, "."));
    g_assert_null(strchr(text, '\n'));
    g_assert_true(g_ascii_isupper(text[0]));
}

static void assert_fits(const char *text) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (text_width(*line) > MAX_COLUMNS) g_test_message("too wide: %s", *line);
        g_assert_cmpuint(text_width(*line), <=, MAX_COLUMNS);
        g_assert_false(g_str_has_suffix(*line, " "));
    }
    g_assert_true(g_str_has_suffix(text, "\n"));
    g_assert_null(strchr(text, '\033'));
}

static void check_row(const Command *const *path) {
    const Command *command = command_last(path);
    g_test_message("%s", command->name);
    assert_summary(command->summary);
    g_assert_true(path[1] != NULL || command->group != NULL);
    g_assert_nonnull(command->description);
    g_assert_true(command->run != NULL || command->subcommands != NULL);
    g_assert_true(command->max_arguments == -1 || command->max_arguments >= command->min_arguments);
    g_assert_true((command->arguments != NULL) == (command->max_arguments != 0));
    if (command->run != NULL) {
        g_assert_nonnull(command->examples);
        g_assert_nonnull(command->examples[0].line);
    }
    g_autofree char *name = command_path_text(path);
    for (const Example *example = command->examples; example != NULL && example->line != NULL;
         example++) {
        g_assert_nonnull(strstr(example->line, name));
        g_assert_true(g_str_has_suffix(example->comment, "."));
    }
}

static void every_command_is_described(void) {
    for_every_command(check_row);
}

static bool is_global(const char *name, char letter) {
    for (const Option *option = global_options; option->name != NULL; option++)
        if (strcmp(option->name, name) == 0 || (letter != 0 && option->letter == letter))
            return true;
    return false;
}

static void check_option(const Option *option) {
    g_test_message("--%s", option->name);
    g_assert_nonnull(option->help);
    g_assert_false(g_str_has_suffix(option->help, "."));
    g_assert_true((option->argument == NULL) == (option->type == OPTION_FLAG));
    g_assert_true((option->choices != NULL) == (option->type == OPTION_CHOICE));
    g_assert_true(option->json_choice == NULL ||
                  g_strv_contains(option->choices, option->json_choice));
    g_assert_true(option->environment == NULL || option->type == OPTION_STRING);
}

static void check_options(const Command *const *path) {
    const Option *options = command_last(path)->options;
    for (const Option *option = options; option != NULL && option->name != NULL; option++) {
        check_option(option);
        g_assert_false(is_global(option->name, option->letter));
        for (const Option *other = options; other < option; other++) {
            g_assert_cmpstr(other->name, !=, option->name);
            g_assert_true(other->letter == 0 || other->letter != option->letter);
        }
    }
}

static void every_option_is_described(void) {
    for (const Option *option = global_options; option->name != NULL; option++)
        check_option(option);
    for_every_command(check_options);
}

/* What a shell would make of it; of a pipeline, the part that runs this program. */
static void assert_parses(const char *text) {
    g_autofree char *whole = g_strconcat("localgpt ", text, NULL);
    char *pipe = strstr(whole, " | localgpt ");
    char *from = pipe != NULL ? pipe + 3 : whole;
    char *end = strpbrk(from, "|>");
    if (end != NULL) *end = '\0';
    g_auto(GStrv) words = NULL;
    int count = 0;
    g_assert_true(g_shell_parse_argv(from, &count, &words, NULL));
    g_autoptr(CommandLine) line = command_line_new(commands, global_options);
    g_autoptr(GError) error = NULL;
    bool is_parsed = command_line_parse(line, count, words, &error);
    g_assert_no_error(error);
    g_assert_true(is_parsed);
}

static void check_examples(const Command *const *path) {
    for (const Example *example = command_last(path)->examples;
         example != NULL && example->line != NULL; example++)
        assert_parses(example->line);
}

static void every_example_parses(void) {
    for_every_command(check_examples);
}

static void check_width(const Command *const *path) {
    g_autofree char *brief = help_command(path, HELP_SHORT);
    assert_fits(brief);
    g_autofree char *full = help_command(path, HELP_LONG);
    assert_fits(full);
}

static void every_help_fits(void) {
    for_every_command(check_width);
    g_autofree char *overview = help_overview();
    assert_fits(overview);
    g_autofree char *list = topic_list();
    assert_fits(list);
}

static void every_topic_is_told(void) {
    for (const Topic *topic = topics; topic->name != NULL; topic++) {
        assert_summary(topic->summary);
        g_assert_true(topic->text != NULL || topic->render != NULL);
        g_autofree char *text = topic_text(topic, NULL, NULL);
        g_assert_nonnull(text);
        assert_fits(text);
        if (topic > topics) g_assert_cmpint(strcmp(topic[-1].name, topic->name), <, 0);
    }
}

static void one_command_is_the_default_at_most(void) {
    int count = 0;
    for (const Command *command = commands; command->name != NULL; command++)
        if (command->flags & COMMAND_DEFAULT) count++;
    g_assert_cmpint(count, <=, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/commands/every_command_is_described", every_command_is_described);
    g_test_add_func("/cli/commands/every_option_is_described", every_option_is_described);
    g_test_add_func("/cli/commands/every_example_parses", every_example_parses);
    g_test_add_func("/cli/commands/every_help_fits", every_help_fits);
    g_test_add_func("/cli/commands/every_topic_is_told", every_topic_is_told);
    g_test_add_func("/cli/commands/one_command_is_the_default_at_most",
                    one_command_is_the_default_at_most);
    return g_test_run();
}

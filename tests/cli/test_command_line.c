/* Tests of cli/command_line.c: every spelling that is understood, and every mistake that is told.
 */
#include "cli/command_line.h"

#include <string.h>

#include "base/error.h"

static const char *const formats[] = { "text", "json", "stream-json", NULL };

static bool never_run(App *app, const CommandLine *line, GError **error) {
    (void)app;
    (void)line;
    (void)error;
    g_assert_not_reached();
}

/* clang-format off */
static const Option globals[] = {
    { "verbose", 'v', OPTION_FLAG },
    { "quiet",   'q', OPTION_FLAG },
    { "json",    0,   OPTION_FLAG },
    { "agent",   'a', OPTION_STRING, .argument = "ID", .environment = "LOCALGPT_TEST_AGENT" },
    { "timeout", 0,   OPTION_INT, .argument = "SECONDS", .min = 1, .max = 3600 },
    { "help",    'h', OPTION_FLAG },
    { "version", 0,   OPTION_FLAG },
    { 0 }
};
static const Option ask_options[] = {
    { "format", 'f', OPTION_CHOICE, .argument = "FORMAT", .choices = formats, .json_choice = "json" },
    { "image",  'i', OPTION_STRINGS, .argument = "FILE" },
    { "seed",   's', OPTION_INT, .argument = "N" },
    { 0 }
};
static const Command config_table[] = {
    { "get", .arguments = "KEY", .min_arguments = 1, .max_arguments = 1, .run = never_run },
    { "set", .arguments = "KEY VALUE", .min_arguments = 2, .max_arguments = 2, .run = never_run },
    { "secret", .run = never_run, .flags = COMMAND_HIDDEN },
    { 0 }
};
static const Command table[] = {
    { "ask",    .arguments = "[QUESTION...]", .options = ask_options, .max_arguments = -1, .run = never_run },
    { "config", .subcommands = config_table },
    { "paths",  .run = never_run },
    { "shell",  .arguments = "NAME", .min_arguments = 1, .max_arguments = 1, .subcommands = config_table, .run = never_run },
    { 0 }
};
/* clang-format on */

/* `text` is split at spaces; an argument in quotes may hold some. */
static CommandLine *parse(const char *text, GError **error) {
    g_autofree char *whole = g_strconcat("localgpt ", text, NULL);
    g_auto(GStrv) words = NULL;
    int count = 0;
    g_assert_true(g_shell_parse_argv(whole, &count, &words, NULL));
    CommandLine *line = command_line_new(table, globals);
    (void)!command_line_parse(line, count, words, error);
    return line;
}

static CommandLine *parse_good(const char *text) {
    g_autoptr(GError) error = NULL;
    CommandLine *line = parse(text, &error);
    g_assert_no_error(error);
    return line;
}

static void options_stand_anywhere(void) {
    static const char *const spellings[] = {
        "-v ask -f json --seed 7 -a x hello world",
        "-a x ask hello -fjson world -v -s7",
        "--agent=x ask hello world --format=json --seed=7 --verbose",
        "ask -vf json hello -a=x world -s=7",
        "--verbose --agent x ask --seed 9 --seed 7 --format text -f json -- hello world",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_autoptr(CommandLine) line = parse_good(spellings[i]);
        g_assert_cmpstr(command_line_command(line)->name, ==, "ask");
        g_assert_true(command_line_flag(line, "verbose"));
        g_assert_false(command_line_flag(line, "quiet"));
        g_assert_cmpstr(command_line_string(line, "agent"), ==, "x");
        g_assert_cmpstr(command_line_string(line, "format"), ==, "json");
        g_assert_cmpint(command_line_int(line, "seed", 1), ==, 7);
        g_assert_true(command_line_is_json(line));
        g_autofree char *rest = g_strjoinv("|", (char **)command_line_arguments(line));
        g_assert_cmpstr(rest, ==, "hello|world");
    }
}

static void absent_options_have_fallbacks(void) {
    g_autoptr(CommandLine) line = parse_good("ask");
    g_assert_null(command_line_string(line, "format"));
    g_assert_cmpint(command_line_int(line, "seed", 42), ==, 42);
    g_assert_null(command_line_strings(line, "image")[0]);
    g_assert_null(command_line_arguments(line)[0]);
    g_assert_false(command_line_is_json(line));
    g_assert_null(command_line_string(line, "agent"));
}

static void environment_gives_what_is_absent(void) {
    g_setenv("LOCALGPT_TEST_AGENT", "env", TRUE);
    g_autoptr(CommandLine) silent = parse_good("ask");
    g_assert_cmpstr(command_line_string(silent, "agent"), ==, "env");
    g_autoptr(CommandLine) loud = parse_good("ask -a typed");
    g_assert_cmpstr(command_line_string(loud, "agent"), ==, "typed");
    g_setenv("LOCALGPT_TEST_AGENT", "", TRUE);
    g_assert_null(command_line_string(silent, "agent"));
    g_unsetenv("LOCALGPT_TEST_AGENT");
}

static void repeated_strings_keep_their_order(void) {
    g_autoptr(CommandLine) line = parse_good("ask -i a --image b -ic --image=");
    g_autofree char *all = g_strjoinv("|", (char **)command_line_strings(line, "image"));
    g_assert_cmpstr(all, ==, "a|b|c|");
}

static void words_that_only_look_like_options(void) {
    g_autoptr(CommandLine) stdin_dash = parse_good("ask -");
    g_assert_cmpstr(command_line_arguments(stdin_dash)[0], ==, "-");
    g_autoptr(CommandLine) number = parse_good("config set x -5");
    g_assert_cmpstr(command_line_arguments(number)[1], ==, "-5");
    g_autoptr(CommandLine) after = parse_good("config set -- --json -v");
    g_assert_cmpstr(command_line_arguments(after)[0], ==, "--json");
    g_assert_false(command_line_is_json(after));
    g_autoptr(CommandLine) twice = parse_good("ask -- a -- b");
    g_assert_cmpstr(command_line_arguments(twice)[1], ==, "--");
    g_autoptr(CommandLine) value = parse_good("ask -a -v hi");
    g_assert_cmpstr(command_line_string(value, "agent"), ==, "-v");
    g_autoptr(CommandLine) empty = parse_good("config get ''");
    g_assert_cmpstr(command_line_arguments(empty)[0], ==, "");
}

static void subcommand_or_argument(void) {
    g_autoptr(CommandLine) set = parse_good("config set get get");
    g_autofree char *path = command_path_text(command_line_path(set));
    g_assert_cmpstr(path, ==, "config set");
    g_autoptr(CommandLine) sub = parse_good("shell get x");
    g_assert_cmpstr(command_line_command(sub)->name, ==, "get");
    g_autoptr(CommandLine) argument = parse_good("shell bash");
    g_assert_cmpstr(command_line_command(argument)->name, ==, "shell");
}

static void help_and_version_ask_for_no_arguments(void) {
    g_autoptr(CommandLine) brief = parse_good("config get -h");
    g_assert_cmpint(command_line_help(brief), ==, HELP_SHORT);
    g_autoptr(CommandLine) full = parse_good("config get -h --help");
    g_assert_cmpint(command_line_help(full), ==, HELP_LONG);
    g_autoptr(CommandLine) parent = parse_good("config --help");
    g_assert_cmpint(command_line_help(parent), ==, HELP_LONG);
    g_autoptr(CommandLine) version = parse_good("config get --version");
    g_assert_true(command_line_flag(version, "version"));
    g_autoptr(CommandLine) nothing = parse_good("");
    g_assert_null(command_line_command(nothing));
}

static const struct {
    const char *line, *message, *hint;
} mistakes[] = {
    { "cofnig", "unknown command 'cofnig', did you mean 'config'?",
      "Usage: localgpt [OPTIONS] COMMAND [ARGUMENTS] (more: localgpt help)" },
    { "xyzzy --json --frob", "unknown command 'xyzzy'",
      "Usage: localgpt [OPTIONS] COMMAND [ARGUMENTS] (more: localgpt help)" },
    { "config gte", "unknown subcommand 'gte' of config, did you mean 'get'?",
      "Usage: localgpt config COMMAND [OPTIONS] (more: localgpt config --help)" },
    { "config secert", "unknown subcommand 'secert' of config",
      "Usage: localgpt config COMMAND [OPTIONS] (more: localgpt config --help)" },
    { "config", "'config' needs a subcommand",
      "Usage: localgpt config COMMAND [OPTIONS] (more: localgpt config --help)" },
    { "config get", "'config get' needs KEY",
      "Usage: localgpt config get [OPTIONS] KEY (more: localgpt config get --help)" },
    { "config set a", "'config set' needs KEY VALUE",
      "Usage: localgpt config set [OPTIONS] KEY VALUE (more: localgpt config set --help)" },
    { "config get a b", "'config get' takes only KEY, got 'b' too", NULL },
    { "paths a", "'paths' takes no arguments, got 'a'", NULL },
    { "ask --fromat json", "unknown option '--fromat', did you mean '--format'?", NULL },
    { "ask --frob", "unknown option '--frob'", NULL },
    { "ask --frob=1", "unknown option '--frob'", NULL },
    { "ask -vz", "unknown option '-z'", NULL },
    { "ask -\xc3\xa9", "unknown option '-\xc3\xa9'", NULL },
    { "-f json ask", "option '-f' belongs to 'ask': write it after the command", NULL },
    { "--format json ask", "option '--format' belongs to 'ask': write it after the command", NULL },
    { "ask -f jsno", "option '--format': unknown choice 'jsno', did you mean 'json'?", NULL },
    { "ask -f xml", "option '--format': 'xml' is not one of text, json, stream-json", NULL },
    { "ask --format", "option '--format' needs a value: --format FORMAT", NULL },
    { "ask -f", "option '--format' needs a value: --format FORMAT", NULL },
    { "ask -vf", "option '--format' needs a value: --format FORMAT", NULL },
    { "ask --verbose=yes", "option '--verbose' takes no value", NULL },
    { "--timeout 0 paths", "option '--timeout': expected a whole number from 1 to 3600, got '0'",
      NULL },
    { "--timeout 1e3 paths",
      "option '--timeout': expected a whole number from 1 to 3600, got '1e3'", NULL },
    { "--timeout '' paths", "option '--timeout': expected a whole number from 1 to 3600, got ''",
      NULL },
    { "ask -s 99999999999999999999",
      "option '--seed': expected a whole number, got '99999999999999999999'", NULL },
    /* The first mistake is the one that is told. */
    { "ask --frob -z --timeout x", "unknown option '--frob'", NULL },
};

static void mistakes_are_told_word_for_word(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(CommandLine) line = parse(mistakes[i].line, &error);
        g_assert_error(error, ERR, ERR_USAGE);
        g_assert_cmpstr(error->message, ==, mistakes[i].message);
        if (mistakes[i].hint != NULL) g_assert_cmpstr(error_hint(error), ==, mistakes[i].hint);
    }
}

static void json_is_known_after_a_mistake(void) {
    static const char *const lines[] = { "cofnig --json",         "--json cofnig x y",
                                         "ask --frob -f json",    "paths a b --json",
                                         "config get --json",     "ask -z --json",
                                         "ask --timeout x --json" };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(CommandLine) line = parse(lines[i], &error);
        g_assert_error(error, ERR, ERR_USAGE);
        g_assert_true(command_line_is_json(line));
    }
}

static void a_choice_is_a_number(void) {
    g_autoptr(GError) error = NULL;
    g_autoptr(CommandLine) given = parse("ask -f stream-json hi", &error);
    g_autoptr(CommandLine) absent = parse("ask hi", &error);
    g_assert_no_error(error);
    g_assert_cmpint(command_line_choice(given, "format", 0), ==, 2);
    g_assert_cmpint(command_line_choice(absent, "format", 1), ==, 1);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/command_line/options_stand_anywhere", options_stand_anywhere);
    g_test_add_func("/cli/command_line/a_choice_is_a_number", a_choice_is_a_number);
    g_test_add_func("/cli/command_line/absent_options_have_fallbacks",
                    absent_options_have_fallbacks);
    g_test_add_func("/cli/command_line/environment_gives_what_is_absent",
                    environment_gives_what_is_absent);
    g_test_add_func("/cli/command_line/repeated_strings_keep_their_order",
                    repeated_strings_keep_their_order);
    g_test_add_func("/cli/command_line/words_that_only_look_like_options",
                    words_that_only_look_like_options);
    g_test_add_func("/cli/command_line/subcommand_or_argument", subcommand_or_argument);
    g_test_add_func("/cli/command_line/help_and_version_ask_for_no_arguments",
                    help_and_version_ask_for_no_arguments);
    g_test_add_func("/cli/command_line/mistakes_are_told_word_for_word",
                    mistakes_are_told_word_for_word);
    g_test_add_func("/cli/command_line/json_is_known_after_a_mistake",
                    json_is_known_after_a_mistake);
    return g_test_run();
}

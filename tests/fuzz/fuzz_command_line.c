/* Any words as a command line of the real table: one word per line of the input. What comes out is
 * within the row's limits, or is one usage error. */
#include "cli/command_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const CommandLine *line) {
    const Command *command = command_line_command(line);
    if (command == NULL || command_line_help(line) != HELP_NONE ||
        command_line_flag(line, "version"))
        return;
    int count = (int)g_strv_length((char **)command_line_arguments(line));
    if (command->run == NULL || count < command->min_arguments) abort();
    if (command->max_arguments >= 0 && count > command->max_arguments) abort();
    for (const Option *option = command->options; option != NULL && option->name != NULL;
         option++) {
        const char *text =
            option->type == OPTION_FLAG ? NULL : command_line_string(line, option->name);
        if (option->type == OPTION_CHOICE && text != NULL &&
            !g_strv_contains(option->choices, text))
            abort();
        int64_t number = command_line_int(line, option->name, option->min);
        if (option->min < option->max && (number < option->min || number > option->max)) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_malloc0(size + 1);
    for (size_t i = 0; i < size; i++) text[i] = data[i] != 0 ? (char)data[i] : '\n';
    g_auto(GStrv) words = g_strsplit(text, "\n", -1);
    g_autoptr(CommandLine) line = command_line_new(commands, global_options);
    g_autoptr(GError) error = NULL;
    if (command_line_parse(line, (int)g_strv_length(words), words, &error))
        check_line(line);
    else if (!error_is(error, ERR_USAGE) || error_hint(error) == NULL)
        abort();
    command_line_is_json(line);
    g_autofree char *usage = command_usage(command_line_path(line));
    return 0;
}

/* cli/cmd_ask.c: `localgpt ask`: one question, one answer, then the end. */
#include "cli/commands.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer_printer.h"
#include "cli/approval_prompt.h"
#include "cli/attachment.h"
#include "cli/conversation.h"
#include "cli/standard_input.h"

/* More than any model's window; a larger input is a mistake. */
#define MAX_STDIN_BYTES ((size_t)16 << 20)

/* Standard input is read when it is a pipe, a socket or a file; a terminal and /dev/null are left
 * alone. */
static bool stdin_has_text(void) {
    struct stat info;
    if (fstat(STDIN_FILENO, &info) != 0) return false;
    return S_ISFIFO(info.st_mode) || S_ISREG(info.st_mode) || S_ISSOCK(info.st_mode);
}

/* All of it as valid UTF-8. New string, or NULL with *error. */
static char *read_stdin(App *app, GError **error) {
    g_autoptr(GString) bytes = standard_input_read_all(app, MAX_STDIN_BYTES, error);
    return bytes != NULL ? text_make_valid(bytes->str, bytes->len) : NULL;
}

typedef struct {
    char *question;
    GPtrArray *attachments; /* Attachment */
} AskInput;

static void ask_input_clear(AskInput *input) {
    g_free(input->question);
    g_clear_pointer(&input->attachments, g_ptr_array_unref);
}

static bool is_blank(const char *text) {
    while (g_ascii_isspace(*text)) text++;
    return *text == '\0';
}

static bool attach_stdin(App *app, GPtrArray *attachments, GError **error) {
    if (!stdin_has_text()) return true;
    g_autofree char *text = read_stdin(app, error);
    if (text == NULL) return false;
    if (!is_blank(text))
        g_ptr_array_add(attachments, attachment_new_text("standard input", g_steal_pointer(&text)));
    return true;
}

static bool attach_files(App *app, const CommandLine *line, GPtrArray *attachments,
                         GError **error) {
    const char *const *paths = command_line_strings(line, "input");
    for (; *paths != NULL; paths++) {
        Attachment *attachment = attachment_load(*paths, app->paths, error);
        if (attachment == NULL) return false;
        g_ptr_array_add(attachments, attachment);
    }
    return true;
}

/* "-" or no words at all: the question is standard input; otherwise standard input is attached to
 * the words. */
static bool gather(App *app, const CommandLine *line, AskInput *out, GError **error) {
    const char *const *arguments = command_line_arguments(line);
    bool is_stdin_question =
        arguments[0] == NULL || (strcmp(arguments[0], "-") == 0 && arguments[1] == NULL);
    AskInput input = { 0 };
    input.attachments = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
    bool is_ok = attach_files(app, line, input.attachments, error);
    if (is_ok && is_stdin_question && (arguments[0] != NULL || stdin_has_text())) {
        input.question = read_stdin(app, error);
        is_ok = input.question != NULL;
    } else if (is_ok && !is_stdin_question) {
        g_autofree char *words = g_strjoinv(" ", (char **)arguments);
        input.question = text_make_valid(words, strlen(words));
        is_ok = attach_stdin(app, input.attachments, error);
    }
    if (!is_ok) {
        ask_input_clear(&input);
        return false;
    }
    if (input.question == NULL || is_blank(input.question)) {
        ask_input_clear(&input);
        error_set_with_hint(error, ERR_USAGE,
                            "Try: localgpt ask \"What is the capital of France?\"",
                            "there is no question");
        return false;
    }
    *out = input;
    return true;
}

static AnswerFormat format_of(const App *app, const CommandLine *line) {
    return (AnswerFormat)command_line_choice(line, "format",
                                             app->is_json ? ANSWER_JSON : ANSWER_TEXT);
}

static void report_in_stream(AnswerPrinter *printer, const GError *error) {
    AgentEvent event = { .kind = EVENT_ERROR,
                         .text = error->message,
                         .code = (char *)error_kind(error)->name,
                         .hint = (char *)error_hint(error) };
    answer_printer_on_event(&event, printer);
}

bool cmd_ask_run(App *app, const CommandLine *line, GError **error) {
    AnswerFormat format = format_of(app, line);
    /* From here on an error is one JSON document too. */
    app->is_json = format == ANSWER_JSON;
    g_autoptr(AnswerPrinter) printer = answer_printer_new(app, format);
    ApprovalTerminal person = { .fd = -1 };
    ConversationOptions options = { .model = command_line_string(line, "model"),
                                    .session = command_line_string(line, "session"),
                                    .directory = command_line_string(line, "directory"),
                                    .mode = command_line_string(line, "mode"),
                                    .max_rounds = command_line_int(line, "max-turns", 0),
                                    .key = "ask" };
    AskInput input = { 0 };
    g_autoptr(GError) turn_error = NULL;
    g_autoptr(Conversation) conversation = NULL;
    bool is_ok = gather(app, line, &input, &turn_error);
    if (is_ok) conversation = conversation_open(app, &options, &turn_error);
    if (conversation != NULL) {
        conversation_listen(conversation, answer_printer_on_event, printer);
        /* Where nobody can be asked, what needs a yes is refused. */
        if (approval_terminal_open(&person, app))
            conversation_tools_ask_with(conversation_tools(conversation), approval_prompt_ask,
                                        &person.prompt);
        is_ok = conversation_say(conversation, input.question, input.attachments, &turn_error);
        /* A question that stands alone is nothing that goes on; it need not wait for the disk. */
        if (is_ok && options.session != NULL) conversation_register(conversation);
    }
    ask_input_clear(&input);
    approval_terminal_close(&person);
    if (turn_error != NULL && format == ANSWER_STREAM_JSON) report_in_stream(printer, turn_error);
    /* A closed stdout is why the turn was stopped, so it is told instead of the cancellation. */
    if (!answer_printer_finish(printer, error)) return false;
    if (turn_error != NULL) g_propagate_error(error, g_steal_pointer(&turn_error));
    return is_ok && (error == NULL || *error == NULL);
}

/* clang-format off */
const Option cmd_ask_options[] = {
    { "model",   'm', OPTION_STRING, .argument = "MODEL", .complete = "model", .help = "Answer with this model instead of agent.default_model" },
    { "format",  'f', OPTION_CHOICE, .argument = "FORMAT", .choices = answer_format_names, .default_text = "text", .json_choice = "json", .help = "How to print the answer" },
    { "input",   'i', OPTION_STRINGS, .argument = "FILE", .complete = "file", .help = "Send this file along: text, or a PNG, JPEG, GIF or WebP image" },
    { "max-turns", 0, OPTION_INT, .argument = "N", .min = 1, .max = 1000, .help = "Ask the model at most N times, as when it calls tools (agent.max_turns)" },
    CONVERSATION_TOOL_OPTIONS,
    { "session", 's', OPTION_STRING, .argument = "ID", .complete = "session", .help = "Continue this session (a prefix of its id is enough)" },
    { 0 }
};
/* clang-format on */

/* cli/cmd_chat.c: the loop of a conversation on a terminal or a pipe. */
#include "cli/commands.h"

#include <unistd.h>

#include "base/error.h"
#include "cli/answer_printer.h"
#include "cli/approval_prompt.h"
#include "cli/chat_branch_commands.h"
#include "cli/chat_commands.h"
#include "cli/chat_screen.h"
#include "cli/chat_session_commands.h"
#include "cli/chat_show.h"
#include "cli/chat_tool_commands.h"
#include "cli/line_reader.h"
#include "cli/terminal/terminal.h"

/* clang-format off */
const Option cmd_chat_options[] = {
    { "model",   'm', OPTION_STRING, .argument = "MODEL", .complete = "model", .help = "Answer with this model instead of agent.default_model" },
    CONVERSATION_TOOL_OPTIONS,
    { "session", 's', OPTION_STRING, .argument = "ID", .complete = "session", .help = "Continue this session (a prefix of its id is enough)" },
    { "resume",  'r', OPTION_FLAG, .help = "Continue the most recent session" },
    { 0 }
};
/* clang-format on */

static bool print_banner(Chat *chat, const ConversationOptions *options, GError **error) {
    const Conversation *conversation = chat->conversation;
    const Transcript *transcript = conversation_transcript(conversation);
    if (!app_print(chat->app, error, "LocalGPT %s · %s (%s) · session %.8s\n", LOCALGPT_VERSION,
                   conversation_model(conversation),
                   conversation_is_offline(conversation) ? "offline" : "over the network",
                   transcript_id(transcript)))
        return false;
    unsigned n_messages = transcript_messages(transcript)->len;
    if (options->session != NULL || options->is_resumed) {
        bool is_ok = n_messages > 0
                         ? app_print(chat->app, error, "Resumed session %.8s (%u messages)\n",
                                     transcript_id(transcript), n_messages)
                         : app_print(chat->app, error,
                                     "There is no session to resume; this is a new one.\n");
        if (!is_ok) return false;
    }
    if (!app_print(chat->app, error, "Type /help for commands, /quit to exit.\n\n")) return false;
    bool is_seen = n_messages > 0 && chat->is_terminal;
    return !is_seen || chat_show_last(chat, error);
}

/* What went wrong with one message. A person is told, and the conversation goes on; a script must
 * not take silence for an answer, so a chat over a pipe ends with it. Takes `problem`. */
static bool report(Chat *chat, GError *problem, GError **error) {
    if (!chat->is_terminal) {
        g_propagate_error(error, problem);
        return false;
    }
    const char *hint = error_hint(problem);
    app_note(chat->app, "%s", problem->message);
    if (hint != NULL) app_note(chat->app, "  %s", hint);
    g_error_free(problem);
    return true;
}

static bool answer(Chat *chat, AnswerPrinter *printer, const char *text, GError **error) {
    g_autoptr(GError) problem = NULL;
    bool is_ok = chat_say(chat, text, &problem);
    if (!answer_printer_finish(printer, error)) return false;
    /* In plain output the name of the speaker stands there even without an answer. */
    if ((is_ok || chat->app->is_plain) && !app_print(chat->app, error, "\n")) return false;
    if (is_ok) return true;
    bool is_stopped = error_is(problem, ERR_CANCELLED);
    if (is_stopped && cancel_reason(chat->app->cancel) == CANCEL_BY_USER) {
        cancel_reset(chat->app->cancel);
        app_note(chat->app, "stopped; what was said is kept");
        return true;
    }
    if (error_is(problem, ERR_TIMEOUT) && cancel_reason(chat->app->cancel) == CANCEL_BY_DEADLINE) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    return report(chat, g_steal_pointer(&problem), error);
}

static bool handle_line(Chat *chat, AnswerPrinter *printer, char *line, GError **error) {
    g_strstrip(line);
    if (*line == '\0') return true;
    if (!chat_is_command(line)) return answer(chat, printer, line, error);
    g_autoptr(GError) problem = NULL;
    bool is_ok = chat_run_line(chat, line, &problem);
    /* Ctrl-C was the command's. */
    bool is_stopped = chat->is_terminal && cancel_reason(chat->app->cancel) == CANCEL_BY_USER;
    if (is_stopped) cancel_reset(chat->app->cancel);
    if (is_ok) return true;
    if (error_is(problem, ERR_PIPE_CLOSED)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    return report(chat, g_steal_pointer(&problem), error);
}

/* Ctrl-C at the prompt clears the line; main() ends the program on the second one. */
static bool interrupted_at_prompt(Chat *chat, GError **error) {
    if (cancel_reason(chat->app->cancel) != CANCEL_BY_USER || !chat->is_terminal) {
        if (cancel_check(chat->app->cancel, error)) error_set(error, ERR_CANCELLED, "interrupted");
        return false;
    }
    cancel_reset(chat->app->cancel);
    if (!app_print(chat->app, error, "\n")) return false;
    app_note(chat->app, "press Ctrl-C again, Ctrl-D or type /quit to leave");
    return true;
}

static bool converse(Chat *chat, AnswerPrinter *printer, GError **error) {
    g_autoptr(LineReader) reader = line_reader_new(STDIN_FILENO);
    const char *prompt = chat->app->is_plain ? "You: " : "› ";
    ApprovalPrompt asking = { .app = chat->app, .reader = reader };
    if (chat->is_terminal)
        conversation_tools_ask_with(conversation_tools(chat->conversation), approval_prompt_ask,
                                    &asking);
    while (!chat->is_over) {
        if (chat->is_terminal && !app_print(chat->app, error, "%s", prompt)) return false;
        g_autofree char *line = NULL;
        switch (line_reader_next(reader, chat->app->cancel, &line, error)) {
        case LINE_READ:
            if (!handle_line(chat, printer, line, error)) return false;
            break;
        case LINE_INTERRUPTED:
            if (!interrupted_at_prompt(chat, error)) return false;
            break;
        case LINE_END:
            chat->is_over = true;
            if (chat->is_terminal && !app_print(chat->app, error, "\n")) return false;
            break;
        case LINE_ERROR: return false;
        }
    }
    return true;
}

/* ---- the screen's host ---- */

static bool run_job(void *user_data, JobKind kind, const char *text, ChatWorker *worker,
                    GError **error) {
    Chat *chat = user_data;
    chat_listen(chat, chat_worker_on_event, worker);
    conversation_tools_ask_with(conversation_tools(chat->conversation), chat_worker_ask, worker);
    if (kind == JOB_COMMAND) return chat_run_line(chat, text, error);
    return chat_say(chat, text, error);
}

/* What the last answer took: no counting, which might load the model. */
static int64_t used_tokens(const Transcript *transcript) {
    const GPtrArray *messages = transcript_messages(transcript);
    for (guint i = messages->len; i > 0; i--) {
        const Message *message = g_ptr_array_index(messages, i - 1);
        const Usage *usage = &message->usage;
        int64_t used = usage_read_tokens(usage) + usage->output_tokens;
        if (message->role == ROLE_ASSISTANT && used > 0) return used;
    }
    return 0;
}

static ChatStatus chat_status(void *user_data) {
    const Chat *chat = user_data;
    const Conversation *conversation = chat->conversation;
    return (ChatStatus){ .model = conversation_model(conversation),
                         .tier = conversation_tier(conversation)->name,
                         .used_tokens = used_tokens(conversation_transcript(conversation)),
                         .window_tokens = conversation_facts(conversation)->context_tokens };
}

static ChatRequestKind take_request(void *user_data) {
    Chat *chat = user_data;
    ChatRequestKind request = chat->is_over ? CHAT_REQUEST_QUIT : chat->request;
    chat->request = CHAT_REQUEST_NONE;
    return request;
}

static void fill_choices(void *user_data, ChatRequestKind request, Menu *menu) {
    if (request == CHAT_REQUEST_PICK_SESSION)
        chat_fill_sessions(user_data, menu);
    else
        chat_fill_messages(user_data, menu);
}

static char *dup_edited(void *user_data) {
    return chat_dup_edited(user_data);
}

static void stop_editing(void *user_data) {
    ((Chat *)user_data)->edits = 0;
}

static const char *mode_of(void *user_data) {
    return chat_mode_name(user_data);
}

static const char *cycle_mode(void *user_data) {
    return chat_mode_cycle(user_data);
}

static bool show_screen(Chat *chat, GError **error) {
    ChatHost host = { .user_data = chat,
                      .run = run_job,
                      .status = chat_status,
                      .take_request = take_request,
                      .fill_choices = fill_choices,
                      .dup_edited = dup_edited,
                      .stop_editing = stop_editing,
                      .is_command = chat_is_command,
                      .mode = mode_of,
                      .cycle_mode = cycle_mode };
    return chat_screen_run(chat->app, &host, error);
}

/* The end of a conversation is a note; one that cannot be kept is told, for the session itself is.
 */
static void keep_note(Chat *chat) {
    g_autofree char *name = NULL;
    g_autoptr(GError) problem = NULL;
    if (!conversation_keep_note(chat->conversation, &name, &problem))
        app_note(chat->app, "no note of the conversation: %s", problem->message);
}

bool cmd_chat_run(App *app, const CommandLine *line, GError **error) {
    ConversationOptions options = { .model = command_line_string(line, "model"),
                                    .session = command_line_string(line, "session"),
                                    .directory = command_line_string(line, "directory"),
                                    .mode = command_line_string(line, "mode"),
                                    .is_resumed = command_line_flag(line, "resume") };
    if (app->is_json) {
        error_set_with_hint(error, ERR_USAGE, "Use: localgpt ask --json QUESTION",
                            "chat is a conversation, not one document");
        return false;
    }
    bool has_terminal = terminal_is_capable();
    /* Who wants no colours gets no drawing and nothing that moves either. */
    if (has_terminal && !app->has_color) app->is_plain = true;
    g_autoptr(Conversation) conversation = conversation_open(app, &options, error);
    if (conversation == NULL) return false;
    g_autoptr(AnswerPrinter) printer = answer_printer_new(app, ANSWER_TEXT);
    if (app->is_plain) answer_printer_name_speaker(printer, "Assistant: ");
    Chat chat = { .app = app,
                  .conversation = conversation,
                  .is_terminal = isatty(STDIN_FILENO),
                  .has_screen = has_terminal && app->has_color };
    chat_listen(&chat, answer_printer_on_event, printer);
    if (!app->is_quiet && !print_banner(&chat, &options, error)) return false;
    bool is_ok = chat.has_screen ? show_screen(&chat, error) : converse(&chat, printer, error);
    if (is_ok) keep_note(&chat);
    chat_clear(&chat);
    return is_ok;
}

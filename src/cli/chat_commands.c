/* cli/chat_commands.c: /help, /quit, /model, /status, /context. */
#include "cli/chat_commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/chat_branch_commands.h"
#include "cli/chat_history_commands.h"
#include "cli/chat_memory_commands.h"
#include "cli/chat_session_commands.h"
#include "cli/chat_tool_commands.h"
#include "cli/chat_undo_commands.h"
#include "cli/model_view.h"
#include "provider/model_id.h"

static bool run_help(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    if (!app_print(chat->app, error, "Commands:\n")) return false;
    for (const ChatCommand *row = chat_commands; row->name != NULL; row++) {
        g_autofree char *usage =
            g_strdup_printf("/%s%s%s", row->name, row->arguments != NULL ? " " : "",
                            row->arguments != NULL ? row->arguments : "");
        if (!app_print(chat->app, error, "  %-20s - %s\n", usage, row->summary)) return false;
    }
    return app_print(chat->app, error,
                     "Anything else is a message. Ctrl-C stops an answer, Ctrl-D ends the chat.\n"
                     "!COMMAND runs a command in the sandbox and tells the model of it; !!COMMAND "
                     "does not tell. #TEXT is kept in the memory.\n");
}

static bool run_quit(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    (void)error;
    chat->is_over = true;
    return true;
}

static bool run_model(Chat *chat, const char *argument, GError **error) {
    if (*argument == '\0')
        return app_print(chat->app, error, "Current model: %s\n",
                         conversation_model(chat->conversation));
    if (!conversation_switch_model(chat->conversation, argument, error)) return false;
    return app_print(chat->app, error, "Switched to model: %s\n",
                     conversation_model(chat->conversation));
}

static bool run_models(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    g_autoptr(GPtrArray) views = model_view_list(chat->app, MODEL_VIEW_INSTALLED, error);
    if (views == NULL) return false;
    if (!app_print(chat->app, error, "On this machine:\n")) return false;
    for (guint i = 0; i < views->len; i++) {
        const ModelView *view = g_ptr_array_index(views, i);
        g_autofree char *size = text_format_size((unsigned long long)view->size_bytes);
        if (!app_print(chat->app, error, "  local/%-32s %s, %s\n", view->name, size, view->tier))
            return false;
    }
    g_auto(GStrv) providers = model_id_configured(chat->app->config);
    for (char **name = providers; *name != NULL; name++)
        if (strcmp(*name, "local") != 0 &&
            !app_print(chat->app, error, "Set up: %s; a model of it is %s/NAME\n", *name, *name))
            return false;
    return app_print(chat->app, error,
                     "Use /model <name> to switch. More: localgpt model list --all\n");
}

static Usage usage_of(const Chat *chat) {
    const GPtrArray *messages = transcript_messages(conversation_transcript(chat->conversation));
    Usage usage = { 0 };
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        usage_add(&usage, &message->usage);
    }
    return usage;
}

static bool run_cost(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    Usage usage = usage_of(chat);
    if (!app_print(chat->app, error,
                   "Tokens read: %" G_GINT64_FORMAT ", of them from a cache: %" G_GINT64_FORMAT
                   ", written: %" G_GINT64_FORMAT "\n",
                   (gint64)usage_read_tokens(&usage), (gint64)usage.cache_read_tokens,
                   (gint64)usage.output_tokens))
        return false;
    if (conversation_is_offline(chat->conversation) && usage.cost_usd <= 0)
        return app_print(chat->app, error, "Cost: none, the model runs on this machine.\n");
    if (usage.cost_usd <= 0)
        return app_print(chat->app, error, "Cost: the prices of the model are not known.\n");
    return app_print(chat->app, error, "Cost: about $%.4f\n", usage.cost_usd);
}

static bool run_status(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    const Conversation *conversation = chat->conversation;
    const ModelFacts *facts = conversation_facts(conversation);
    const Transcript *transcript = conversation_transcript(conversation);
    const GPtrArray *messages = transcript_messages(transcript);
    Usage usage = usage_of(chat);
    g_autofree char *size = text_format_size((unsigned long long)facts->size_bytes);
    g_autofree char *path = paths_shorten_home(chat->app->paths, transcript_path(transcript));
    return app_print(chat->app, error,
                     "Session Status:\n"
                     "  ID:        %s\n"
                     "  File:      %s\n"
                     "  Model:     %s (%s, tier %s, %s)\n"
                     "  Messages:  %u\n"
                     "  Tokens:    %" G_GINT64_FORMAT " read, %" G_GINT64_FORMAT " written\n",
                     transcript_id(transcript), path, conversation_model(conversation),
                     conversation_is_offline(conversation) ? "offline" : "over the network",
                     conversation_tier(conversation)->name, size, messages->len,
                     (gint64)usage_read_tokens(&usage), (gint64)usage.output_tokens);
}

static bool run_why(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    g_autofree char *why = conversation_why(chat->conversation);
    g_autofree char *safe = text_strip_terminal(why, strlen(why));
    return app_print(chat->app, error, "%s", safe);
}

static bool print_items(const App *app, const TurnBudget *budget, GError **error) {
    for (unsigned i = 0; i < budget->items->len; i++) {
        const BudgetItem *item = g_ptr_array_index(budget->items, i);
        g_autofree char *name = text_strip_terminal(item->name, strlen(item->name));
        if (!app_print(app, error, "    %-20s %7" G_GINT64_FORMAT "\n", name, (gint64)item->tokens))
            return false;
    }
    return true;
}

static bool print_context(const Chat *chat, const TurnBudget *budget, GError **error) {
    int64_t used = budget->system_tokens + budget->tool_tokens + budget->history_tokens;
    int64_t usable = budget->window_tokens - budget->reserve_tokens;
    int percent = (int)(used * 100 / MAX(usable, 1));
    if (!app_print(chat->app, error, "Context:\n") || !print_items(chat->app, budget, error) ||
        !app_print(
            chat->app, error,
            "  Used:          %7" G_GINT64_FORMAT " tokens (%d %% of usable; %" G_GINT64_FORMAT
            " of %" G_GINT64_FORMAT " messages)\n"
            "  Usable:        %7" G_GINT64_FORMAT " tokens\n"
            "  For the answer:%7" G_GINT64_FORMAT " tokens\n"
            "  Window:        %7" G_GINT64_FORMAT " tokens\n",
            (gint64)used, percent, (gint64)budget->n_sent_messages, (gint64)budget->n_messages,
            (gint64)usable, (gint64)budget->reserve_tokens, (gint64)budget->window_tokens))
        return false;
    int64_t limit = conversation_tier(chat->conversation)->prompt_tokens;
    if (limit > 0)
        return app_print(chat->app, error,
                         "A %s model is sent at most %" G_GINT64_FORMAT
                         " tokens of prompt and older messages.\n",
                         conversation_tier(chat->conversation)->name, (gint64)limit);
    return percent <= 80 ||
           app_print(chat->app, error, "Context nearly full. Consider /compact or /new.\n");
}

static bool run_context(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    TurnBudget budget = conversation_budget(chat->conversation);
    bool is_ok = print_context(chat, &budget, error);
    turn_budget_clear(&budget);
    return is_ok;
}

static bool ask_screen(Chat *chat, ChatRequestKind request, GError **error) {
    if (!chat->has_screen) {
        error_set(error, ERR_USAGE, "this command needs a terminal with its screen");
        return false;
    }
    chat->request = request;
    return true;
}

static bool run_copy(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    return ask_screen(chat, CHAT_REQUEST_COPY, error);
}

static bool run_editor(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    return ask_screen(chat, CHAT_REQUEST_EDITOR, error);
}

static bool run_think(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    return ask_screen(chat, CHAT_REQUEST_THINK, error);
}

/* clang-format off */
const ChatCommand chat_commands[] = {
    { "attach",      NULL,     "FILE",   "send a file with the next message",           chat_attach },
    { "attachments", NULL,     NULL,     "list what the next message takes along",      chat_attachments },
    { "branch",      NULL,     "[[N] K]", "go to another version of a message",         chat_branch },
    { "clear",       NULL,     NULL,     "forget what was said in this session so far", chat_clear_context },
    { "clear-attachments", NULL, NULL,   "attach nothing after all",                    chat_clear_attachments },
    { "compact",     NULL,     NULL,     "sum up the older part of the session",        chat_compact },
    { "context",     NULL,     NULL,     "show where the tokens of a request go",       run_context },
    { "cost",        NULL,     NULL,     "show what this session cost",                 run_cost },
    { "copy",        NULL,     NULL,     "copy the last answer",                        run_copy },
    { "diff",        NULL,     "[N]",    "show what the tools changed, now or in turn N", chat_diff },
    { "editor",      NULL,     NULL,     "write the message in $EDITOR",                run_editor },
    { "export",      NULL,     "[FILE]", "print the session as Markdown, or write it",  chat_export },
    { "fork",        NULL,     "[N]",    "go on in a copy of the first N messages",     chat_fork_session },
    { "help",        "h ?",    NULL,     "show this help",                              run_help },
    { "memory",      NULL,     "WORDS",  "find notes in the memory",                    chat_memory },
    { "mode",        NULL,     "[NAME]", "show or change what tools may do unasked",    chat_mode },
    { "model",       NULL,     "[NAME]", "show the model, or answer with another one",  run_model },
    { "models",      NULL,     NULL,     "list the models that can answer",             run_models },
    { "new",         NULL,     NULL,     "begin a new session",                         chat_new_session },
    { "quit",        "exit q", NULL,     "end the chat",                                run_quit },
    { "redo",        NULL,     "[N]",    "do again what was taken back",                chat_redo },
    { "reindex",     NULL,     NULL,     "make the index of the memory anew",           chat_reindex },
    { "remember",    NULL,     "TEXT",   "add a note to the memory; #TEXT does, too",   chat_remember },
    { "resume",      NULL,     "[ID]",   "go on with another session",                  chat_resume },
    { "rewind",      NULL,     "[N]",    "go back to your message N and say it anew",   chat_rewind },
    { "sandbox",     NULL,     NULL,     "show what commands can reach",                chat_sandbox },
    { "save",        NULL,     NULL,     "show where the session is saved",             chat_save },
    { "search",      NULL,     "WORDS",  "find words in all sessions",                  chat_search },
    { "sessions",    NULL,     NULL,     "list the latest sessions",                    chat_sessions },
    { "status",      NULL,     NULL,     "show session, model and tokens used",         run_status },
    { "think",       NULL,     NULL,     "show or hide what the model thinks",          run_think },
    { "tools",       NULL,     NULL,     "list the tools, and which would ask",         chat_tools },
    { "undo",        NULL,     "[N]",    "take back what the tools changed",            chat_undo },
    { "why",         NULL,     NULL,     "show why the last answer is what it is",      run_why },
    { 0 }
};
/* clang-format on */

static bool has_alias(const ChatCommand *row, const char *name) {
    if (row->aliases == NULL) return false;
    g_auto(GStrv) aliases = g_strsplit(row->aliases, " ", -1);
    return g_strv_contains((const char *const *)aliases, name);
}

static void set_unknown(const char *name, GError **error) {
    const char *names[64] = { NULL };
    size_t n = 0;
    for (const ChatCommand *row = chat_commands; row->name != NULL && n + 1 < G_N_ELEMENTS(names);
         row++)
        names[n++] = row->name;
    const char *suggestion = text_suggest(name, names);
    if (suggestion != NULL)
        error_set_with_hint(error, ERR_USAGE, "/help lists the commands.",
                            "unknown command /%s, did you mean /%s?", name, suggestion);
    else
        error_set_with_hint(error, ERR_USAGE, "/help lists the commands.", "unknown command /%s",
                            name);
}

static const ChatCommand *find_command(const char *name) {
    for (const ChatCommand *row = chat_commands; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0 || has_alias(row, name)) return row;
    return NULL;
}

bool chat_command_exists(const char *name) {
    g_autofree char *lower = g_ascii_strdown(name, -1);
    return find_command(lower) != NULL;
}

bool chat_command_run(Chat *chat, const char *line, GError **error) {
    size_t length = strcspn(line + 1, " \t");
    g_autofree char *name = g_ascii_strdown(line + 1, (gssize)length);
    g_autofree char *argument = g_strdup(line + 1 + length);
    g_strstrip(argument);
    const ChatCommand *row = find_command(name);
    if (row != NULL) return row->run(chat, argument, error);
    set_unknown(name, error);
    return false;
}

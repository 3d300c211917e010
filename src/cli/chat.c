/* cli/chat.c: see the header. */
#include "cli/chat.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/chat_branch_commands.h"
#include "cli/chat_commands.h"
#include "cli/chat_memory_commands.h"
#include "cli/chat_shell.h"

void chat_clear(Chat *chat) {
    g_clear_pointer(&chat->attachments, g_ptr_array_unref);
}

void chat_listen(Chat *chat, AgentEventFn on_event, void *event_data) {
    chat->on_event = on_event;
    chat->event_data = event_data;
    conversation_listen(chat->conversation, on_event, event_data);
}

static void notice(const Chat *chat, char *text) {
    AgentEvent event = { .kind = EVENT_NOTICE, .text = text };
    if (chat->on_event != NULL) chat->on_event(&event, chat->event_data);
}

static void tell(const Chat *chat, const Attachment *attachment) {
    g_autofree char *size = text_format_size(attachment->n_bytes);
    g_autofree char *text = g_strdup_printf(
        "⎿ %s %s (%s)", attachment_is_image(attachment) ? "image" : "file", attachment->path, size);
    notice(chat, text);
}

static void tell_branch(const Chat *chat) {
    g_autofree char *branch = chat_describe_branch(chat);
    if (branch == NULL) return;
    g_autofree char *text = g_strdup_printf(
        "⎿ %s · %s", branch,
        chat->has_screen ? "Esc Esc, then ← →, switches" : "/branch next, /branch previous switch");
    notice(chat, text);
}

/* As a new message, or in place of the one that is being edited. */
static bool say(Chat *chat, const char *text, const GPtrArray *files, GError **error) {
    unsigned number = chat->edits;
    if (number == 0) return conversation_say(chat->conversation, text, files, error);
    chat->edits = 0;
    const Transcript *transcript = conversation_transcript(chat->conversation);
    g_autofree char *before = g_strdup(transcript_leaf(transcript));
    bool is_ok = conversation_say_anew(chat->conversation, number, text, files, error);
    /* What could not even be said can be mended. */
    bool is_unsaid = g_strcmp0(transcript_leaf(transcript), before) == 0;
    if (is_unsaid) chat->edits = number;
    if (!is_unsaid) tell_branch(chat);
    return is_ok;
}

bool chat_say(Chat *chat, const char *text, GError **error) {
    g_autoptr(GPtrArray) files = attachments_in(text, chat->app->paths, error);
    if (files == NULL) return false;
    guint n_named = files->len;
    /* Borrowed until the turn took them. */
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (guint i = 0; i < n_named; i++) g_ptr_array_add(all, files->pdata[i]);
    for (guint i = 0; chat->attachments != NULL && i < chat->attachments->len; i++)
        g_ptr_array_add(all, chat->attachments->pdata[i]);
    for (guint i = 0; i < all->len; i++) tell(chat, all->pdata[i]);
    g_autoptr(GError) problem = NULL;
    bool is_ok = say(chat, text, all, &problem);
    if (is_ok || error_is(problem, ERR_CANCELLED))
        g_clear_pointer(&chat->attachments, g_ptr_array_unref);
    if (is_ok) conversation_register(chat->conversation);
    if (is_ok) return true;
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

bool chat_is_command(const char *line) {
    return line[0] == '/' || line[0] == '!' || (line[0] == '#' && strchr(line, '\n') == NULL);
}

bool chat_run_line(Chat *chat, const char *line, GError **error) {
    if (line[0] == '!') return chat_shell_run(chat, line, error);
    if (line[0] == '/') return chat_command_run(chat, line, error);
    g_autofree char *note = g_strdup(line + 1);
    return chat_remember(chat, g_strstrip(note), error);
}

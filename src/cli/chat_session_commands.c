/* cli/chat_session_commands.c: see the header. */
#include "cli/chat_session_commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/chat_show.h"
#include "session/session_store.h"

enum { MAX_LISTED = 10, MAX_CHOICES = 500 };

bool chat_attach(Chat *chat, const char *argument, GError **error) {
    if (*argument == '\0') {
        error_set(error, ERR_USAGE, "name the file: /attach FILE");
        return false;
    }
    Attachment *attachment = attachment_load(argument, chat->app->paths, error);
    if (attachment == NULL) return false;
    if (chat->attachments == NULL)
        chat->attachments = g_ptr_array_new_with_free_func((GDestroyNotify)attachment_free);
    g_ptr_array_add(chat->attachments, attachment);
    return app_print(chat->app, error, "Attached%s: %s (%zu bytes)\n",
                     attachment_is_image(attachment) ? " image" : "", attachment->path,
                     attachment->n_bytes);
}

bool chat_attachments(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    if (chat->attachments == NULL || chat->attachments->len == 0)
        return app_print(chat->app, error, "Nothing is attached.\n");
    for (guint i = 0; i < chat->attachments->len; i++) {
        const Attachment *attachment = g_ptr_array_index(chat->attachments, i);
        if (!app_print(chat->app, error, "  %u. [%s] %s (%zu bytes)\n", i + 1,
                       attachment_is_image(attachment) ? attachment->mime_type : "text",
                       attachment->path, attachment->n_bytes))
            return false;
    }
    return true;
}

bool chat_clear_attachments(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    guint n = chat->attachments != NULL ? chat->attachments->len : 0;
    g_clear_pointer(&chat->attachments, g_ptr_array_unref);
    return app_print(chat->app, error, "Cleared %u attachment%s.\n", n, n == 1 ? "" : "s");
}

static const char *shown_path(const Chat *chat, char **out) {
    const char *path = transcript_path(conversation_transcript(chat->conversation));
    *out = paths_shorten_home(chat->app->paths, path);
    return *out;
}

static bool has_messages(const Chat *chat) {
    return transcript_messages(conversation_transcript(chat->conversation))->len > 0;
}

bool chat_save(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    g_autofree char *path = NULL;
    if (!has_messages(chat))
        return app_print(chat->app, error,
                         "Nothing was said yet; every message is saved as it is sent.\n");
    return app_print(chat->app, error, "Session saved to: %s\n", shown_path(chat, &path));
}

bool chat_new_session(Chat *chat, const char *argument, GError **error) {
    g_autofree char *path = NULL;
    g_autofree char *note = NULL;
    if (has_messages(chat) && !chat_save(chat, argument, error)) return false;
    if (!conversation_keep_note(chat->conversation, &note, error)) return false;
    if (note != NULL && !app_print(chat->app, error, "Noted in: %s\n", note)) return false;
    if (!conversation_begin_session(chat->conversation, error)) return false;
    return app_print(chat->app, error, "New session started.\n");
}

/* "" = all of `n_messages`; else a number from 0 to that. */
static bool parse_fork_point(const char *argument, unsigned n_messages, unsigned *out,
                             GError **error) {
    guint64 value = n_messages;
    if (*argument != '\0' &&
        !g_ascii_string_to_unsigned(argument, 10, 0, n_messages, &value, NULL)) {
        error_set_with_hint(error, ERR_USAGE, "/fork alone keeps them all.",
                            "'%s' is no number of messages from 0 to %u", argument, n_messages);
        return false;
    }
    *out = (unsigned)value;
    return true;
}

bool chat_fork_session(Chat *chat, const char *argument, GError **error) {
    const Transcript *transcript = conversation_transcript(chat->conversation);
    g_autofree char *parent = g_strdup(transcript_id(transcript));
    unsigned n_kept = 0;
    if (!parse_fork_point(argument, transcript_messages(transcript)->len, &n_kept, error) ||
        !conversation_fork_session(chat->conversation, n_kept, error))
        return false;
    transcript = conversation_transcript(chat->conversation);
    return app_print(
        chat->app, error,
        "Forked session %.8s from %.8s (%u messages kept); the first one stays as it is.\n",
        transcript_id(transcript), parent, n_kept);
}

static GPtrArray *list_sessions(const Chat *chat, GError **error) {
    g_autofree char *folder = session_store_folder(chat->app->paths, chat->app->agent, error);
    return folder != NULL ? session_store_list(folder, NULL, error) : NULL;
}

static char *when(int64_t changed_ms) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(changed_ms / 1000);
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("?");
}

/* "12 messages, 2026-11-24 14:05" */
static char *facts_of(const SessionSummary *session) {
    g_autofree char *time = when(session->changed_ms);
    if (session->n_messages < 0) return g_steal_pointer(&time);
    return g_strdup_printf("%" G_GINT64_FORMAT " message%s, %s", (gint64)session->n_messages,
                           session->n_messages == 1 ? "" : "s", time);
}

bool chat_sessions(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    g_autoptr(GPtrArray) sessions = list_sessions(chat, error);
    if (sessions == NULL) return false;
    if (sessions->len == 0) return app_print(chat->app, error, "No saved sessions found.\n");
    for (guint i = 0; i < sessions->len && i < MAX_LISTED; i++) {
        const SessionSummary *session = g_ptr_array_index(sessions, i);
        g_autofree char *facts = facts_of(session);
        g_autofree char *title = text_ellipsize(session->title, 40);
        if (!app_print(chat->app, error, "  %u. %.8s (%s) %s\n", i + 1, session->id, facts, title))
            return false;
    }
    if (sessions->len > MAX_LISTED &&
        !app_print(chat->app, error, "  ... and %u more\n", sessions->len - MAX_LISTED))
        return false;
    return app_print(chat->app, error, "Use /resume <id> to resume a session.\n");
}

bool chat_resume(Chat *chat, const char *argument, GError **error) {
    if (*argument == '\0' && chat->has_screen) {
        chat->request = CHAT_REQUEST_PICK_SESSION;
        return true;
    }
    if (*argument == '\0') {
        error_set_with_hint(error, ERR_USAGE, "/sessions lists them.",
                            "name the session: /resume ID");
        return false;
    }
    if (!conversation_resume_session(chat->conversation, argument, error)) return false;
    const Transcript *transcript = conversation_transcript(chat->conversation);
    return app_print(chat->app, error, "Resumed session %.8s (%u messages)\n",
                     transcript_id(transcript), transcript_messages(transcript)->len) &&
           (!chat->is_terminal || chat_show_last(chat, error));
}

void chat_fill_sessions(Chat *chat, Menu *menu) {
    g_autoptr(GPtrArray) sessions = list_sessions(chat, NULL);
    for (guint i = 0; sessions != NULL && i < sessions->len && i < MAX_CHOICES; i++) {
        const SessionSummary *session = g_ptr_array_index(sessions, i);
        g_autofree char *facts = facts_of(session);
        g_autofree char *title = text_ellipsize(session->title, 48);
        g_autofree char *value = g_strdup_printf("/resume %s", session->id);
        menu_add(menu, title[0] != '\0' ? title : session->id, facts, value);
    }
}

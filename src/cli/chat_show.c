/* cli/chat_show.c: see the header. */
#include "cli/chat_show.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "markdown/markdown.h"

char *chat_show_words(const Message *message) {
    GString *words = g_string_new(NULL);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TEXT || part->label.origin != ORIGIN_OWNER) continue;
        g_string_append_printf(words, "%s%s", words->len > 0 ? "\n\n" : "", part->text);
    }
    return g_string_free(words, FALSE);
}

char *chat_show_line(const Message *message, size_t n_columns) {
    g_autofree char *text = chat_show_words(message);
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    g_strdelimit(safe, "\n\t", ' ');
    return text_ellipsize(g_strstrip(safe), n_columns);
}

static size_t screen_columns(void) {
    struct winsize size = { 0 };
    bool is_known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
    return is_known ? (size_t)size.ws_col - 1 : 80;
}

/* Rows of Markdown behind a prefix for the first and one for the others. */
static bool print_markdown(const Chat *chat, const char *text, const char *speaker,
                           GError **error) {
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    if (g_strstrip(safe)[0] == '\0') return true;
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    const MarkdownStyle style = { .n_columns = screen_columns(),
                                  .format = chat->app->has_color ? STYLED_ANSI : STYLED_PLAIN };
    markdown_render(safe, -1, &style, rows);
    for (guint i = 0; i < rows->len; i++)
        if (!app_print(chat->app, error, "%s%s\n", i == 0 ? speaker : "", (char *)rows->pdata[i]))
            return false;
    return app_print(chat->app, error, "\n");
}

static bool print_question(const Chat *chat, const Message *message, GError **error) {
    g_autofree char *text = chat_show_words(message);
    if (text[0] == '\0') return true;
    g_autofree char *safe = text_strip_terminal(text, strlen(text));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(safe), "\n", -1);
    bool has_color = chat->app->has_color;
    const char *prompt = chat->app->is_plain ? "You: " : "› ";
    for (unsigned i = 0; lines[i] != NULL; i++)
        if (!app_print(chat->app, error, "%s%s%s%s\n", has_color ? "\033[1m" : "",
                       i == 0 ? prompt : "  ", lines[i], has_color ? "\033[0m" : ""))
            return false;
    return true;
}

static bool print_calls(const Chat *chat, const Message *message, GError **error) {
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TOOL_CALL) continue;
        g_autofree char *name = text_strip_terminal(part->call_name, strlen(part->call_name));
        if (!app_print(chat->app, error, "%s %s\n", chat->app->is_plain ? "-" : "⎿", name))
            return false;
    }
    return true;
}

static bool print_message(const Chat *chat, const Message *message, GError **error) {
    if (message->role == ROLE_USER) return print_question(chat, message, error);
    if (message->role != ROLE_ASSISTANT) return true;
    g_autofree char *text = message_text(message);
    const char *speaker = chat->app->is_plain ? "Assistant: " : "";
    return print_markdown(chat, text, speaker, error) && print_calls(chat, message, error);
}

bool chat_show_messages(const Chat *chat, unsigned first, GError **error) {
    const GPtrArray *messages = transcript_messages(conversation_transcript(chat->conversation));
    for (unsigned i = first; i < messages->len; i++)
        if (!print_message(chat, g_ptr_array_index(messages, i), error)) return false;
    return true;
}

bool chat_show_last(const Chat *chat, GError **error) {
    const GPtrArray *messages = transcript_messages(conversation_transcript(chat->conversation));
    for (unsigned i = messages->len; i > 0; i--) {
        const Message *message = g_ptr_array_index(messages, i - 1);
        if (message->role != ROLE_USER) continue;
        g_autofree char *words = chat_show_words(message);
        if (words[0] != '\0')
            return app_print(chat->app, error, "\n") && chat_show_messages(chat, i - 1, error);
    }
    return true;
}

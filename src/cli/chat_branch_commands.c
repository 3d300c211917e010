/* cli/chat_branch_commands.c: see the header. */
#include "cli/chat_branch_commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/chat_show.h"

enum { LINE_COLUMNS = 60 };

static const Message *message_of(const Chat *chat, const TranscriptAsked *asked) {
    const Transcript *transcript = conversation_transcript(chat->conversation);
    return g_ptr_array_index(transcript_messages(transcript), asked->index);
}

/* "2/3" */
static char *version_of(const TranscriptAsked *asked) {
    return g_strdup_printf("%u/%u", asked->version + 1, asked->versions->len);
}

static bool parse_number(const char *word, unsigned max, const char *what, unsigned *out,
                         GError **error) {
    guint64 value = 0;
    if (!g_ascii_string_to_unsigned(word, 10, 1, MAX(max, 1), &value, NULL) || value > max) {
        error_set_with_hint(error, ERR_USAGE, "/branch and /rewind alone list them.",
                            "'%s' is no number of a %s from 1 to %u", word, what, max);
        return false;
    }
    *out = (unsigned)value;
    return true;
}

static bool list_messages(const Chat *chat, const GPtrArray *all, GError **error) {
    for (guint i = 0; i < all->len; i++) {
        const TranscriptAsked *asked = g_ptr_array_index(all, i);
        g_autofree char *line = chat_show_line(message_of(chat, asked), LINE_COLUMNS);
        if (line[0] == '\0') continue; /* a command they ran */
        g_autofree char *version = version_of(asked);
        bool has_versions = asked->versions->len > 1;
        if (!app_print(chat->app, error, "  %u. %s%s%s%s\n", i + 1, line,
                       has_versions ? " (branch " : "", has_versions ? version : "",
                       has_versions ? ")" : ""))
            return false;
    }
    if (all->len == 0) return app_print(chat->app, error, "Nothing was said yet.\n");
    return app_print(chat->app, error,
                     "/rewind N says message N anew; /branch N K goes to branch K of it.\n");
}

bool chat_rewind(Chat *chat, const char *argument, GError **error) {
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, error);
    if (all == NULL) return false;
    if (*argument == '\0' && chat->has_screen && all->len > 0) {
        chat->request = CHAT_REQUEST_PICK_MESSAGE;
        return true;
    }
    if (*argument == '\0') return list_messages(chat, all, error);
    unsigned number = 0;
    if (!parse_number(argument, all->len, "message", &number, error)) return false;
    chat->edits = number;
    if (chat->has_screen) {
        chat->request = CHAT_REQUEST_EDIT_MESSAGE;
        return true;
    }
    g_autofree char *line =
        chat_show_line(message_of(chat, g_ptr_array_index(all, number - 1)), LINE_COLUMNS);
    return app_print(chat->app, error,
                     "What you say next takes the place of message %u (%s).\n"
                     "What was said there stays as another branch.\n",
                     number, line);
}

/* The newest message that has several versions, or 0. */
static unsigned newest_fork(const GPtrArray *all) {
    for (guint i = all->len; i > 0; i--)
        if (((const TranscriptAsked *)g_ptr_array_index(all, i - 1))->versions->len > 1) return i;
    return 0;
}

/* From 1: "2", "next" or "previous", round at the ends. */
static bool parse_version(const TranscriptAsked *asked, const char *word, unsigned *out,
                          GError **error) {
    unsigned n = asked->versions->len;
    if (strcmp(word, "next") == 0)
        *out = (asked->version + 1) % n + 1;
    else if (strcmp(word, "previous") == 0)
        *out = (asked->version + n - 1) % n + 1;
    else
        return parse_number(word, n, "branch", out, error);
    return true;
}

static bool switch_branch(Chat *chat, unsigned number, unsigned version, GError **error) {
    if (!conversation_switch_branch(chat->conversation, number, version, error)) return false;
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, error);
    if (all == NULL || number > all->len) return all != NULL;
    const TranscriptAsked *asked = g_ptr_array_index(all, number - 1);
    return app_print(chat->app, error, "Branch %u/%u of message %u:\n\n", asked->version + 1,
                     asked->versions->len, number) &&
           chat_show_messages(chat, asked->index, error);
}

bool chat_branch(Chat *chat, const char *argument, GError **error) {
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, error);
    if (all == NULL) return false;
    if (*argument == '\0') return list_messages(chat, all, error);
    g_auto(GStrv) words = g_strsplit_set(argument, " \t", 2);
    unsigned number = newest_fork(all), version = 0;
    const char *wanted = words[0];
    if (words[1] != NULL) {
        if (!parse_number(words[0], all->len, "message", &number, error)) return false;
        wanted = g_strstrip(words[1]);
    }
    if (number == 0) {
        error_set_with_hint(error, ERR_USAGE, "/rewind goes back to a message to say it anew.",
                            "this conversation has no branches yet");
        return false;
    }
    const TranscriptAsked *asked = g_ptr_array_index(all, number - 1);
    return parse_version(asked, wanted, &version, error) &&
           switch_branch(chat, number, version, error);
}

void chat_fill_messages(Chat *chat, Menu *menu) {
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, NULL);
    for (guint i = all != NULL ? all->len : 0; i > 0; i--) {
        const TranscriptAsked *asked = g_ptr_array_index(all, i - 1);
        g_autofree char *line = chat_show_line(message_of(chat, asked), LINE_COLUMNS);
        if (line[0] == '\0') continue; /* a command they ran */
        g_autofree char *version = version_of(asked);
        g_autofree char *detail = asked->versions->len > 1
                                      ? g_strdup_printf("message %u · ‹ %s ›", i, version)
                                      : g_strdup_printf("message %u", i);
        g_autofree char *value = g_strdup_printf("/rewind %u", i);
        menu_add(menu, line, detail, value);
    }
}

char *chat_dup_edited(const Chat *chat) {
    if (chat->edits == 0) return NULL;
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, NULL);
    if (all == NULL || chat->edits > all->len) return NULL;
    return chat_show_words(message_of(chat, g_ptr_array_index(all, chat->edits - 1)));
}

char *chat_describe_branch(const Chat *chat) {
    g_autoptr(GPtrArray) all = conversation_asked(chat->conversation, NULL);
    if (all == NULL || all->len == 0) return NULL;
    const TranscriptAsked *asked = g_ptr_array_index(all, all->len - 1);
    g_autofree char *version = version_of(asked);
    return asked->versions->len > 1 ? g_strdup_printf("branch %s of message %u", version, all->len)
                                    : NULL;
}

/* cli/chat_undo_commands.c: see the header. */
#include "cli/chat_undo_commands.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/approval_text.h"
#include "undo/journal.h"

/* More of a diff than anybody reads; the file on the disk has all of it. */
enum { MAX_DIFF_LINES = 1000 };

static UndoJournal *open_journal(const Chat *chat, GError **error) {
    const ConversationTools *tools = conversation_tools(chat->conversation);
    if (tools == NULL) {
        error_set(error, ERR_USAGE, "this chat has no tools, so there is nothing to take back");
        return NULL;
    }
    const UndoConfig *config = config_section(chat->app->config, "undo");
    return undo_journal_open(conversation_tools_directory(tools), chat->app->paths, config, error);
}

/* "" = 0, the newest. */
static bool parse_turn(const char *argument, int64_t *out, GError **error) {
    guint64 turn = 0;
    if (*argument != '\0' &&
        !g_ascii_string_to_unsigned(argument, 10, 1, G_MAXINT64, &turn, NULL)) {
        error_set_with_hint(error, ERR_USAGE, "Without a number it is the newest one.",
                            "'%s' is no number of a turn", argument);
        return false;
    }
    *out = (int64_t)turn;
    return true;
}

/* A row of a report: "  modified add.c", "  left as it is: add.c (changed meanwhile)". */
static bool print_item(const Chat *chat, const UndoItem *item, GError **error) {
    g_autofree char *path = approval_text_visible(item->path[0] != '\0' ? item->path : ".");
    const char *what = item->what != NULL ? item->what : "";
    switch ((UndoFate)item->fate) {
    case UNDO_WITHHELD:
        return app_print(chat->app, error, "  left as it is: %s (%s)\n", path, what);
    case UNDO_LOST:
        return app_print(chat->app, error, "  cannot be restored: %s (%s)\n", path, what);
    case UNDO_CHANGED: break;
    }
    return app_print(chat->app, error, "  %-10s %s\n", what, path);
}

static bool print_report(const Chat *chat, const char *verb, const UndoReport *report,
                         GError **error) {
    if (!app_print(chat->app, error, "%s turn %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT " path%s.\n",
                   verb, (gint64)report->turn, (gint64)report->n_changed,
                   report->n_changed == 1 ? "" : "s"))
        return false;
    for (unsigned i = 0; report->items != NULL && i < report->items->len; i++)
        if (!print_item(chat, g_ptr_array_index(report->items, i), error)) return false;
    return true;
}

/* The model believes what it did: it is told with the next message. */
static bool tell_model(Chat *chat, const char *verb, const UndoReport *report, GError **error) {
    if (report->n_changed == 0) return true;
    GString *text = g_string_new(NULL);
    g_string_append_printf(text,
                           "The user %s what the tools had changed in turn %" G_GINT64_FORMAT
                           ". These files are different now:",
                           verb, (gint64)report->turn);
    for (unsigned i = 0; i < report->items->len; i++) {
        const UndoItem *item = g_ptr_array_index(report->items, i);
        if (item->fate != UNDO_CHANGED) continue;
        g_autofree char *path = approval_text_visible(item->path);
        g_string_append_printf(text, "\n- %s", path);
    }
    g_autoptr(Message) message = message_new(ROLE_USER);
    /* Names of files may be anybody's words. */
    message_add_text(message, label_new(ORIGIN_TOOL, "undo"), text->str, -1);
    g_string_free(text, TRUE);
    return conversation_note(chat->conversation, message, error);
}

bool chat_undo(Chat *chat, const char *argument, GError **error) {
    int64_t turn = 0;
    g_autoptr(UndoJournal) journal =
        parse_turn(argument, &turn, error) ? open_journal(chat, error) : NULL;
    UndoReport report = { 0 };
    if (journal == NULL || !undo_revert(journal, turn, 0, &report, error)) return false;
    bool is_ok = print_report(chat, "Took back", &report, error) &&
                 tell_model(chat, "took back", &report, error);
    undo_report_clear(&report);
    return is_ok;
}

bool chat_redo(Chat *chat, const char *argument, GError **error) {
    int64_t turn = 0;
    g_autoptr(UndoJournal) journal =
        parse_turn(argument, &turn, error) ? open_journal(chat, error) : NULL;
    UndoReport report = { 0 };
    if (journal == NULL || !undo_redo(journal, turn, 0, &report, error)) return false;
    bool is_ok = print_report(chat, "Did again", &report, error) &&
                 tell_model(chat, "did again", &report, error);
    undo_report_clear(&report);
    return is_ok;
}

bool chat_diff(Chat *chat, const char *argument, GError **error) {
    int64_t turn = 0;
    g_autoptr(UndoJournal) journal =
        parse_turn(argument, &turn, error) ? open_journal(chat, error) : NULL;
    g_autofree char *diff = journal != NULL ? undo_diff(journal, turn, error) : NULL;
    if (diff == NULL) return false;
    if (diff[0] == '\0') return app_print(chat->app, error, "Nothing was changed.\n");
    g_autofree char *safe = text_strip_terminal(diff, strlen(diff));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(safe), "\n", -1);
    guint n = g_strv_length(lines);
    for (guint i = 0; i < MIN(n, (guint)MAX_DIFF_LINES); i++) {
        const char *style = chat->app->has_color ? approval_text_diff_style(lines[i]) : "";
        if (!app_print(chat->app, error, "%s%s%s\n", style, lines[i], *style ? "\033[0m" : ""))
            return false;
    }
    return n <= MAX_DIFF_LINES ||
           app_print(chat->app, error, "... and %u more lines\n", n - MAX_DIFF_LINES);
}

/* cli/chat_history_commands.c: see the header. */
#include "cli/chat_history_commands.h"

#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "session/session_export.h"
#include "session/session_search.h"

/* Rows shown of a list. */
#define MAX_ROWS 10

static const Transcript *transcript_of(const Chat *chat) {
    return conversation_transcript(chat->conversation);
}

static bool has_file(const Chat *chat) {
    return g_file_test(transcript_path(transcript_of(chat)), G_FILE_TEST_EXISTS);
}

bool chat_clear_context(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    return conversation_clear(chat->conversation, error) &&
           app_print(chat->app, error, "Session cleared. Its file keeps what was said.\n");
}

bool chat_compact(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    TurnBudget before = conversation_budget(chat->conversation);
    bool is_ok = conversation_compact(chat->conversation, error);
    TurnBudget after = conversation_budget(chat->conversation);
    if (is_ok)
        is_ok = app_print(chat->app, error,
                          "Session compacted. Token count: %" G_GINT64_FORMAT " → %" G_GINT64_FORMAT
                          "\n",
                          (gint64)(before.system_tokens + before.history_tokens),
                          (gint64)(after.system_tokens + after.history_tokens));
    turn_budget_clear(&before);
    turn_budget_clear(&after);
    return is_ok;
}

bool chat_export(Chat *chat, const char *argument, GError **error) {
    if (!has_file(chat)) {
        error_set(error, ERR_NOT_FOUND, "nothing was said yet; there is nothing to export");
        return false;
    }
    g_autofree char *text = session_export_markdown(transcript_path(transcript_of(chat)), error);
    if (text == NULL) return false;
    if (argument[0] == '\0') return app_print_text(chat->app, text, error);
    g_autofree char *path = paths_expand_home(chat->app->paths, argument);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set_with_hint(error, ERR_EXISTS, "Choose another name.", "'%s' is there already",
                            path);
        return false;
    }
    return file_replace(path, text, strlen(text), 0600, error) &&
           app_print(chat->app, error, "Session exported to: %s\n", path);
}

static char *format_time(int64_t time_ms, const char *format) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_ms / 1000);
    return time != NULL ? g_date_time_format(time, format) : g_strdup("?");
}

static bool print_hit(const Chat *chat, unsigned number, const SessionHit *hit, GError **error) {
    g_autofree char *day = format_time(hit->changed_ms, "%Y-%m-%d");
    return app_print(chat->app, error, "  %u. %.8s (%u %s, %s)\n     \"%s\"\n", number, hit->id,
                     hit->n_matches, hit->n_matches == 1 ? "match" : "matches", day, hit->snippet);
}

bool chat_search(Chat *chat, const char *argument, GError **error) {
    if (argument[0] == '\0') {
        error_set(error, ERR_USAGE, "/search needs the words to look for");
        return false;
    }
    g_autoptr(GPtrArray) hits =
        session_search(conversation_folder(chat->conversation), argument, error);
    if (hits == NULL) return false;
    if (hits->len == 0)
        return app_print(chat->app, error, "No sessions found matching '%s'.\n", argument);
    for (unsigned i = 0; i < MIN(hits->len, MAX_ROWS); i++)
        if (!print_hit(chat, i + 1, g_ptr_array_index(hits, i), error)) return false;
    if (hits->len > MAX_ROWS &&
        !app_print(chat->app, error, "  ... and %u more\n", hits->len - MAX_ROWS))
        return false;
    return app_print(chat->app, error, "Use /resume <id> to resume a session.\n");
}

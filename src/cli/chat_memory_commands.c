/* cli/chat_memory_commands.c: see the header. */
#include "cli/chat_memory_commands.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/memory_access.h"

enum { MAX_HITS = 5, MAX_SNIPPET_CHARACTERS = 120 };

bool chat_remember(Chat *chat, const char *argument, GError **error) {
    if (*argument == '\0') {
        error_set_with_hint(error, ERR_USAGE, "Try: #I like short answers",
                            "there is nothing to remember");
        return false;
    }
    g_autoptr(MemoryAccess) access = memory_access_open(chat->app, error);
    if (access == NULL) return false;
    const NoteOrigin origin = { .session =
                                    transcript_id(conversation_transcript(chat->conversation)),
                                .label = NOTE_OWNER };
    g_autofree char *citation = NULL;
    if (!memory_append(access->memory, &origin, argument, &citation, error)) return false;
    memory_access_tell(chat->app, access);
    return app_print(chat->app, error, "Remembered in %s\n", citation);
}

static bool print_hit(const Chat *chat, unsigned number, const MemoryHit *hit, GError **error) {
    g_autofree char *snippet = text_ellipsize(hit->snippet, MAX_SNIPPET_CHARACTERS);
    return app_print(chat->app, error, "%u. [%s:%d] %s\n", number, hit->path, (int)hit->start_line,
                     snippet);
}

bool chat_memory(Chat *chat, const char *argument, GError **error) {
    if (*argument == '\0') {
        error_set(error, ERR_USAGE, "/memory needs the words to look for");
        return false;
    }
    g_autoptr(MemoryAccess) access = memory_access_open(chat->app, error);
    if (access == NULL) return false;
    const MemoryRequest request = { .query = argument, .limit = MAX_HITS };
    g_autoptr(MemoryAnswer) answer =
        memory_search(access->memory, &request, chat->app->cancel, error);
    if (answer == NULL) return false;
    memory_access_tell(chat->app, access);
    if (answer->hits->len == 0)
        return app_print(chat->app, error, "No notes found for '%s'.\n", argument);
    if (!app_print(chat->app, error, "Notes on '%s':\n", argument)) return false;
    for (unsigned i = 0; i < answer->hits->len; i++)
        if (!print_hit(chat, i + 1, g_ptr_array_index(answer->hits, i), error)) return false;
    return true;
}

bool chat_reindex(Chat *chat, const char *argument, GError **error) {
    (void)argument;
    g_autoptr(MemoryAccess) access = memory_access_open(chat->app, error);
    SyncReport report = { 0 };
    if (access == NULL ||
        !memory_reindex(access->memory, /* is_forced= */ true, chat->app->cancel, &report, error))
        return false;
    memory_access_tell(chat->app, access);
    return app_print(chat->app, error,
                     "Memory index rebuilt: %" G_GINT64_FORMAT " files, %" G_GINT64_FORMAT
                     " chunks\n",
                     (gint64)report.n_seen, (gint64)report.n_chunks);
}

/* cli/cmd_session.c: `localgpt session list|search|show|export`. */
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "session/session_export.h"
#include "session/session_search.h"
#include "session/session_store.h"

/* clang-format off */
static const Option list_options[] = {
    { "limit", 'n', OPTION_INT, .argument = "N", .min = 0, .max = 1000000, .default_text = "20", .help = "Sessions shown at most; 0 means all" },
    { 0 }
};
static const Example list_examples[] = {
    { "session list",      "The newest ones." },
    { "session list -n 0", "All of them." },
    { 0 }
};
static const Example search_examples[] = {
    { "session search \"train to Vienna\"", "Finds where that was said." },
    { 0 }
};
static const Example show_examples[] = {
    { "session show 3f2a", "The beginning of the id is enough." },
    { 0 }
};
static const Example export_examples[] = {
    { "session export 3f2a > trip.md", "A conversation as Markdown." },
    { "session export 3f2a trip.md",   "The same; a file that is there is left alone." },
    { 0 }
};

const Command cmd_session_subcommands[] = {
    { "list", .summary = "List the sessions of the agent",
      .description = "Newest first: the beginning of the id, the number of messages, when it was last changed, how it began.",
      .examples = list_examples, .options = list_options, .run = cmd_session_list_run },
    { "search", .arguments = "WORDS...", .summary = "Find words in what was said",
      .description = "Looks through the messages of every session, in any case; most matches first.",
      .examples = search_examples, .min_arguments = 1, .max_arguments = -1, .run = cmd_session_search_run },
    { "show", .arguments = "ID", .summary = "Show what is known about a session",
      .description = "Its file, its messages and the tokens they took.",
      .examples = show_examples, .min_arguments = 1, .max_arguments = 1, .complete = "session", .run = cmd_session_show_run },
    { "export", .arguments = "ID [FILE]", .summary = "Print a session as Markdown",
      .description = "Every message of the newest branch, also those that were summed up. A comment tells the origin of what "
                     "is neither the owner's nor the model's.",
      .examples = export_examples, .min_arguments = 1, .max_arguments = 2, .complete = "session", .run = cmd_session_export_run },
    { 0 }
};

static const Field summary_fields[] = {
    { "id",       FIELD_STRING(SessionSummary, id),      .help = "Id of the session." },
    { "path",     FIELD_STRING(SessionSummary, path),    .help = "Its file." },
    { "title",    FIELD_STRING(SessionSummary, title),   .help = "How it began." },
    { "changed",  FIELD_INT(SessionSummary, changed_ms), .help = "When it was last changed, in milliseconds since 1970." },
    { "messages", FIELD_INT(SessionSummary, n_messages), .help = "Messages in it; -1 when the file is too large to count." },
    { 0 }
};
typedef struct {
    GPtrArray *sessions;
    int64_t n_unreadable;
} ListReply;
static const Field list_fields[] = {
    { "sessions",   FIELD_STRUCTS(ListReply, sessions, SessionSummary, summary_fields), .help = "Newest first." },
    { "unreadable", FIELD_INT(ListReply, n_unreadable), .help = "Files named like a session that are none." },
    { 0 }
};
typedef struct {
    char *id;
    char *path;
    char *snippet;
    int64_t changed_ms;
    int64_t n_matches;
} HitReply;
static const Field hit_fields[] = {
    { "id",      FIELD_STRING(HitReply, id),      .help = "Id of the session." },
    { "path",    FIELD_STRING(HitReply, path),    .help = "Its file." },
    { "snippet", FIELD_STRING(HitReply, snippet), .help = "Text around the first match." },
    { "changed", FIELD_INT(HitReply, changed_ms), .help = "When it was last changed, in milliseconds since 1970." },
    { "matches", FIELD_INT(HitReply, n_matches),  .help = "How often the words were said." },
    { 0 }
};
typedef struct {
    GPtrArray *sessions;
} SearchReply;
static const Field search_fields[] = {
    { "sessions", FIELD_STRUCTS(SearchReply, sessions, HitReply, hit_fields), .help = "Most matches first." },
    { 0 }
};
typedef struct {
    char *id;
    char *path;
    int64_t n_messages;
    int64_t n_in_context;
    Usage usage;
} ShowReply;
static const Field show_fields[] = {
    { "id",         FIELD_STRING(ShowReply, id),        .help = "Id of the session." },
    { "path",       FIELD_STRING(ShowReply, path),      .help = "Its file." },
    { "messages",   FIELD_INT(ShowReply, n_messages),   .help = "Messages of the newest branch." },
    { "in_context", FIELD_INT(ShowReply, n_in_context), .help = "Messages that a model is still shown, at most." },
    { "usage",      FIELD_STRUCT(ShowReply, usage, usage_fields), .help = "Tokens used in all." },
    { 0 }
};
typedef struct {
    char *id;
    char *markdown;
} ExportReply;
static const Field export_fields[] = {
    { "id",       FIELD_STRING(ExportReply, id),       .help = "Id of the session." },
    { "markdown", FIELD_STRING(ExportReply, markdown), .help = "The conversation." },
    { 0 }
};
/* clang-format on */

static char *format_time(int64_t time_ms) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_ms / 1000);
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("?");
}

static bool print_list(const App *app, const GPtrArray *list, GError **error) {
    if (list->len == 0) return app_print(app, error, "No saved sessions found.\n");
    for (unsigned i = 0; i < list->len; i++) {
        const SessionSummary *row = g_ptr_array_index(list, i);
        g_autofree char *time = format_time(row->changed_ms);
        g_autofree char *count =
            row->n_messages < 0 ? g_strdup("many")
                                : g_strdup_printf("%" G_GINT64_FORMAT, (gint64)row->n_messages);
        if (!app_print(app, error, "%.8s  %s  %5s  %s\n", row->id, time, count, row->title))
            return false;
    }
    return true;
}

bool cmd_session_list_run(App *app, const CommandLine *line, GError **error) {
    g_autofree char *folder = session_store_folder(app->paths, app->agent, error);
    if (folder == NULL) return false;
    unsigned n_unreadable = 0;
    g_autoptr(GPtrArray) list = session_store_list(folder, &n_unreadable, error);
    if (list == NULL) return false;
    int64_t limit = command_line_int(line, "limit", 20);
    if (limit > 0 && list->len > limit) g_ptr_array_set_size(list, (int)limit);
    const ListReply reply = { .sessions = list, .n_unreadable = n_unreadable };
    if (app->is_json) return app_print_json(app, list_fields, &reply, error);
    if (n_unreadable > 0) app_note(app, "%u files in '%s' are no sessions", n_unreadable, folder);
    return print_list(app, list, error);
}

static bool print_hits(const App *app, const GPtrArray *hits, GError **error) {
    for (unsigned i = 0; i < hits->len; i++) {
        const SessionHit *hit = g_ptr_array_index(hits, i);
        g_autofree char *time = format_time(hit->changed_ms);
        if (!app_print(app, error, "%.8s  %s  %u %s\n    %s\n", hit->id, time, hit->n_matches,
                       hit->n_matches == 1 ? "match" : "matches", hit->snippet))
            return false;
    }
    return true;
}

static bool print_hits_json(const App *app, const GPtrArray *hits, GError **error) {
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < hits->len; i++) {
        const SessionHit *hit = g_ptr_array_index(hits, i);
        HitReply *row = g_new(HitReply, 1);
        *row = (HitReply){ .id = hit->id,
                           .path = hit->path,
                           .snippet = hit->snippet,
                           .changed_ms = hit->changed_ms,
                           .n_matches = hit->n_matches };
        g_ptr_array_add(rows, row);
    }
    const SearchReply reply = { .sessions = rows };
    return app_print_json(app, search_fields, &reply, error);
}

bool cmd_session_search_run(App *app, const CommandLine *line, GError **error) {
    g_autofree char *folder = session_store_folder(app->paths, app->agent, error);
    if (folder == NULL) return false;
    g_autofree char *words = g_strjoinv(" ", (char **)command_line_arguments(line));
    g_autoptr(GPtrArray) hits = session_search(folder, words, error);
    if (hits == NULL) return false;
    if (app->is_json) return print_hits_json(app, hits, error);
    if (hits->len == 0) return app_print(app, error, "No sessions found.\n");
    return print_hits(app, hits, error);
}

static char *find_session(const App *app, const CommandLine *line, GError **error) {
    g_autofree char *folder = session_store_folder(app->paths, app->agent, error);
    if (folder == NULL) return NULL;
    return session_store_find(folder, command_line_arguments(line)[0], error);
}

bool cmd_session_show_run(App *app, const CommandLine *line, GError **error) {
    g_autofree char *path = find_session(app, line, error);
    if (path == NULL) return false;
    g_autoptr(Transcript) transcript = transcript_open_recent(path, error);
    if (transcript == NULL) return false;
    g_autoptr(GPtrArray) history = transcript_read_history(path, error);
    if (history == NULL) return false;
    g_autofree char *id = g_strdup(transcript_id(transcript));
    ShowReply reply = { .id = id,
                        .path = path,
                        .n_messages = history->len,
                        .n_in_context = transcript_messages(transcript)->len };
    for (unsigned i = 0; i < history->len; i++)
        usage_add(&reply.usage, &((const Message *)g_ptr_array_index(history, i))->usage);
    if (app->is_json) return app_print_json(app, show_fields, &reply, error);
    g_autofree char *shown = paths_shorten_home(app->paths, path);
    return app_print(app, error,
                     "ID:       %s\nFile:     %s\nMessages: %" G_GINT64_FORMAT " (%" G_GINT64_FORMAT
                     " in the context)\nTokens:   %" G_GINT64_FORMAT " read, %" G_GINT64_FORMAT
                     " written\n",
                     id, shown, (gint64)reply.n_messages, (gint64)reply.n_in_context,
                     (gint64)usage_read_tokens(&reply.usage), (gint64)reply.usage.output_tokens);
}

static bool write_export(const App *app, const char *path, const char *text, GError **error) {
    if (g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set_with_hint(error, ERR_EXISTS, "Choose another name.", "'%s' is there already",
                            path);
        return false;
    }
    if (!file_replace(path, text, strlen(text), 0600, error)) return false;
    app_note(app, "exported to %s", path);
    return true;
}

bool cmd_session_export_run(App *app, const CommandLine *line, GError **error) {
    g_autofree char *path = find_session(app, line, error);
    if (path == NULL) return false;
    g_autofree char *text = session_export_markdown(path, error);
    if (text == NULL) return false;
    const char *target = command_line_arguments(line)[1];
    if (target != NULL && !write_export(app, target, text, error)) return false;
    g_autofree char *id = g_path_get_basename(path);
    id[strcspn(id, ".")] = '\0';
    const ExportReply reply = { .id = id, .markdown = text };
    if (app->is_json) return app_print_json(app, export_fields, &reply, error);
    return target != NULL || app_print_text(app, text, error);
}

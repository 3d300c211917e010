/* cli/cmd_memory_notes.c: `localgpt memory show|add|edit|forget|where|why`: the notes themselves.
 */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/memory_access.h"
#include "cli/owner_editor.h"
#include "cli/standard_input.h"
#include "session/session_search.h"

/* clang-format off */
const Option cmd_memory_forget_options[] = {
    { "dry-run", 'n', OPTION_FLAG, .help = "Only say what would go" },
    { "yes",     'y', OPTION_FLAG, .help = "Do not ask" },
    { 0 }
};

typedef struct {
    char *path;
    char *text;
} ShowReply;
static const Field show_fields[] = {
    { "path", FIELD_STRING(ShowReply, path), .help = "What was asked for." },
    { "text", FIELD_STRING(ShowReply, text), .help = "The lines." },
    { 0 }
};
typedef struct {
    char *citation;
} AddReply;
static const Field add_fields[] = {
    { "citation", FIELD_STRING(AddReply, citation), .help = "File and lines of the note." },
    { 0 }
};
typedef struct {
    ForgetReport report;
    int64_t n_sessions;
    bool is_dry_run;
} ForgetReply;
static const Field forget_fields[] = {
    { "files",     FIELD_INT(ForgetReply, report.n_files),     .help = "Files in which it stood." },
    { "places",    FIELD_INT(ForgetReply, report.n_places),    .help = "Notes that had it." },
    { "remaining", FIELD_INT(ForgetReply, report.n_remaining), .help = "Hits of a search for it afterwards." },
    { "sessions",  FIELD_INT(ForgetReply, n_sessions),         .help = "Conversations in which it was said; they stay." },
    { "dry_run",   FIELD_BOOL(ForgetReply, is_dry_run),        .help = "Nothing was changed." },
    { 0 }
};
typedef struct {
    char *workspace, *index, *vectors, *sessions;
} WhereReply;
static const Field where_fields[] = {
    { "workspace", FIELD_STRING(WhereReply, workspace), .help = "The notes." },
    { "index",     FIELD_STRING(WhereReply, index),     .help = "What is made from them." },
    { "vectors",   FIELD_STRING(WhereReply, vectors),   .help = "The same, by meaning." },
    { "sessions",  FIELD_STRING(WhereReply, sessions),  .help = "Conversations." },
    { 0 }
};
typedef struct {
    bool is_found;
    char *path;
    int64_t start_line, end_line;
    char *text, *origin, *session, *turn, *tool;
} WhyReply;
static const Field why_fields[] = {
    { "found",      FIELD_BOOL(WhyReply, is_found),   .help = "Whether a note bears it out." },
    { "path",       FIELD_STRING(WhyReply, path),     .help = "The note." },
    { "start_line", FIELD_INT(WhyReply, start_line),  .help = "First line." },
    { "end_line",   FIELD_INT(WhyReply, end_line),    .help = "Last line." },
    { "text",       FIELD_STRING(WhyReply, text),     .help = "What stands there." },
    { "origin",     FIELD_STRING(WhyReply, origin),   .help = "owner, agent or untrusted." },
    { "session",    FIELD_STRING(WhyReply, session),  .help = "Conversation that wrote it, \"\" when by hand." },
    { "turn",       FIELD_STRING(WhyReply, turn),     .help = "Message that led to it." },
    { "tool",       FIELD_STRING(WhyReply, tool),     .help = "Tool that wrote it." },
    { 0 }
};
/* clang-format on */

bool cmd_memory_show_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    const char *path = command_line_arguments(line)[0];
    g_autofree char *text =
        memory_get(access->memory, path != NULL ? path : "MEMORY.md", 0, 0, error);
    if (text == NULL) return false;
    const ShowReply reply = { .path = (char *)(path != NULL ? path : "MEMORY.md"), .text = text };
    if (app->is_json) return app_print_json(app, show_fields, &reply, error);
    return app_print_text(app, text, error);
}

/* More than that is a file, not a note. */
#define MAX_NOTE_BYTES ((size_t)1 << 20)

static char *read_note(App *app, GError **error) {
    g_autoptr(GError) problem = NULL;
    g_autoptr(GString) text = standard_input_read_all(app, MAX_NOTE_BYTES, &problem);
    if (text != NULL) return g_string_free(g_steal_pointer(&text), FALSE);
    if (error_is(problem, ERR_LIMIT))
        error_set_with_hint(error, ERR_LIMIT, "Put a file of that size into the workspace itself.",
                            "the note is larger than 1 MB");
    else
        g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

bool cmd_memory_add_run(App *app, const CommandLine *line, GError **error) {
    const char *const *arguments = command_line_arguments(line);
    bool is_piped = arguments[0] == NULL || (strcmp(arguments[0], "-") == 0 && !arguments[1]);
    g_autofree char *text = is_piped ? read_note(app, error) : g_strjoinv(" ", (char **)arguments);
    if (text == NULL) return false;
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    g_autofree char *citation = NULL;
    const NoteOrigin origin = { .label = NOTE_OWNER };
    if (!memory_append(access->memory, &origin, text, &citation, error)) return false;
    const AddReply reply = { .citation = citation };
    if (app->is_json) return app_print_json(app, add_fields, &reply, error);
    return app_print(app, error, "Noted in %s\n", citation);
}

bool cmd_memory_edit_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    const char *name = command_line_arguments(line)[0];
    g_autofree char *path =
        g_canonicalize_filename(name != NULL ? name : "MEMORY.md", access->workspace);
    g_autofree char *folder = g_path_get_dirname(path);
    if (!file_make_folders(folder, error) || !owner_editor_run(path, "editor", error)) return false;
    SyncReport report;
    if (!memory_refresh(access->memory, app->cancel, &report, error)) return false;
    memory_access_tell(app, access);
    if (app->is_json) {
        const ShowReply reply = { .path = path, .text = (char *)"" };
        return app_print_json(app, show_fields, &reply, error);
    }
    return true;
}

/* A person at a terminal is asked. */
static bool confirm(const App *app, const ForgetReport *report, GError **error) {
    if (!app_print(app, error,
                   "It stands in %" G_GINT64_FORMAT " notes of %" G_GINT64_FORMAT
                   " files. Remove them? [y/N] ",
                   (gint64)report->n_places, (gint64)report->n_files))
        return false;
    char answer[16] = "";
    ssize_t n = read(STDIN_FILENO, answer, sizeof answer - 1);
    if (n > 0 && (answer[0] == 'y' || answer[0] == 'Y')) return true;
    error_set(error, ERR_CANCELLED, "nothing was changed");
    return false;
}

static bool may_forget(App *app, const CommandLine *line, const ForgetReport *report,
                       GError **error) {
    if (command_line_flag(line, "yes") || report->n_files == 0) return true;
    if (!app->is_json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return confirm(app, report, error);
    error_set_with_hint(error, ERR_USAGE, "Add --yes, or --dry-run to see what would go.",
                        "removing %" G_GINT64_FORMAT " notes needs a yes",
                        (gint64)report->n_places);
    return false;
}

static bool print_forgotten(const App *app, const ForgetReply *reply, GError **error) {
    if (app->is_json) return app_print_json(app, forget_fields, reply, error);
    if (reply->n_sessions > 0)
        app_note(app, "%" G_GINT64_FORMAT " conversations still have it: 'localgpt session search'",
                 (gint64)reply->n_sessions);
    if (reply->report.n_places == 0) return app_print(app, error, "No note has it.\n");
    return app_print(app, error,
                     reply->is_dry_run ? "%" G_GINT64_FORMAT " notes of %" G_GINT64_FORMAT
                                         " files have it\n"
                                       : "Removed %" G_GINT64_FORMAT " notes from %" G_GINT64_FORMAT
                                         " files; a search finds it no more\n",
                     (gint64)reply->report.n_places, (gint64)reply->report.n_files);
}

bool cmd_memory_forget_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    g_autofree char *text = g_strjoinv(" ", (char **)command_line_arguments(line));
    ForgetReply reply = { .is_dry_run = command_line_flag(line, "dry-run") };
    if (!memory_forget(access->memory, text, /* is_dry_run= */ true, &reply.report, error))
        return false;
    if (!reply.is_dry_run) {
        if (!may_forget(app, line, &reply.report, error)) return false;
        if (!memory_forget(access->memory, text, /* is_dry_run= */ false, &reply.report, error))
            return false;
    }
    if (reply.report.n_remaining > 0) {
        error_set(error, ERR_FAILED, "a search still finds it in %" G_GINT64_FORMAT " places",
                  (gint64)reply.report.n_remaining);
        return false;
    }
    g_autoptr(GPtrArray) sessions = session_search(access->sessions, text, NULL);
    reply.n_sessions = sessions != NULL ? sessions->len : 0;
    memory_access_tell(app, access);
    return print_forgotten(app, &reply, error);
}

bool cmd_memory_where_run(App *app, const CommandLine *line, GError **error) {
    (void)line;
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    g_autofree char *vectors = g_strconcat(access->database, ".vectors", NULL);
    const WhereReply reply = { access->workspace, access->database, vectors, access->sessions };
    if (app->is_json) return app_print_json(app, where_fields, &reply, error);
    return app_print(app, error, "Notes:    %s\nIndex:    %s\nVectors:  %s\nSessions: %s\n",
                     reply.workspace, reply.index, reply.vectors, reply.sessions);
}

static bool print_reason(const App *app, const MemoryReason *reason, GError **error) {
    const MemoryHit *hit = reason->hit;
    if (hit == NULL) return app_print(app, error, "No note bears that out.\n");
    g_autofree char *text = text_strip_terminal(hit->text, strlen(hit->text));
    g_autofree char *wrote =
        reason->session[0] != '\0'
            ? g_strdup_printf("session %s%s%s%s%s", reason->session,
                              reason->turn[0] != '\0' ? ", message " : "", reason->turn,
                              reason->tool[0] != '\0' ? ", by " : "", reason->tool)
            : g_strdup("by hand");
    return app_print(
        app, error,
        "%s#L%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\nOrigin: %s\nWritten: %s\n\n%s\n", hit->path,
        (gint64)hit->start_line, (gint64)hit->end_line, note_label_names[hit->label], wrote, text);
}

static bool print_reason_json(const App *app, const MemoryReason *reason, GError **error) {
    const MemoryHit *hit = reason->hit;
    if (hit == NULL) {
        char nothing[] = "";
        const WhyReply reply = { .path = nothing,
                                 .text = nothing,
                                 .origin = nothing,
                                 .session = nothing,
                                 .turn = nothing,
                                 .tool = nothing };
        return app_print_json(app, why_fields, &reply, error);
    }
    const WhyReply reply = { .is_found = true,
                             .path = hit->path,
                             .start_line = hit->start_line,
                             .end_line = hit->end_line,
                             .text = hit->text,
                             .origin = (char *)note_label_names[hit->label],
                             .session = reason->session,
                             .turn = reason->turn,
                             .tool = reason->tool };
    return app_print_json(app, why_fields, &reply, error);
}

bool cmd_memory_why_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(MemoryAccess) access = memory_access_open(app, error);
    if (access == NULL) return false;
    g_autofree char *claim = g_strjoinv(" ", (char **)command_line_arguments(line));
    MemoryReason reason = { 0 };
    if (!memory_why(access->memory, claim, &reason, error)) return false;
    memory_access_tell(app, access);
    bool is_ok =
        app->is_json ? print_reason_json(app, &reason, error) : print_reason(app, &reason, error);
    memory_reason_clear(&reason);
    return is_ok;
}

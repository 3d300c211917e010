/* cli/cmd_undo.c: `localgpt undo`, `localgpt redo`, `localgpt diff`. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/memory_access.h"
#include "undo/journal.h"

/* clang-format off */
#define TURN_OPTION      { "turn", 't', OPTION_INT, .argument = "N", .min = 1, .max = 1000000000, .help = "The turn with this number (see 'undo --list')" }
#define DIRECTORY_OPTION { "directory", 'C', OPTION_STRING, .argument = "DIR", .complete = "file", .help = "Of this folder instead of the workspace" }
const Option cmd_undo_options[] = {
    TURN_OPTION,
    { "dry-run", 'n', OPTION_FLAG, .help = "Only tell what would happen" },
    { "list",    'l', OPTION_FLAG, .help = "List the turns that changed something" },
    DIRECTORY_OPTION,
    { 0 }
};
const Option cmd_redo_options[] = {
    TURN_OPTION,
    { "dry-run", 'n', OPTION_FLAG, .help = "Only tell what would happen" },
    DIRECTORY_OPTION,
    { 0 }
};
const Option cmd_diff_options[] = { TURN_OPTION, DIRECTORY_OPTION, { 0 } };

typedef struct {
    GPtrArray *turns;
} ListReply;
static const Field list_fields[] = {
    { "turns", FIELD_STRUCTS(ListReply, turns, UndoTurnInfo, undo_turn_info_fields), .help = "Newest first." },
    { 0 }
};
typedef struct {
    char *diff;
} DiffReply;
static const Field diff_fields[] = {
    { "diff", FIELD_STRING(DiffReply, diff), .help = "A unified diff; lines with # tell what has no lines." },
    { 0 }
};
/* clang-format on */

static UndoJournal *open_journal(App *app, const CommandLine *line, GError **error) {
    const char *directory = command_line_string(line, "directory");
    g_autofree char *workspace = directory != NULL ? g_canonicalize_filename(directory, NULL)
                                                   : memory_access_workspace(app, error);
    if (workspace == NULL) return NULL;
    return undo_journal_open(workspace, app->paths, config_section(app->config, "undo"), error);
}

/* A path may hold any bytes. */
static char *show_path(const char *path) {
    g_autofree char *valid = g_utf8_make_valid(*path == '\0' ? "." : path, -1);
    char *shown = text_strip_terminal(valid, strlen(valid));
    return g_strdelimit(shown, "\n\t", '?');
}

static void make_valid(char **text) {
    char *valid = g_utf8_make_valid(*text, -1);
    g_free(*text);
    *text = valid;
}

static bool print_items(const App *app, const UndoReport *report, UndoFate fate, GError **error) {
    for (unsigned i = 0; i < report->items->len; i++) {
        const UndoItem *item = report->items->pdata[i];
        if (item->fate != (int)fate) continue;
        g_autofree char *path = show_path(item->path);
        bool is_ok = fate == UNDO_CHANGED ? app_print(app, error, "  %-10s  %s\n", item->what, path)
                                          : app_print(app, error, "  %s: %s\n", path, item->what);
        if (!is_ok) return false;
    }
    return true;
}

static bool print_report(const App *app, const UndoReport *report, const char *verb,
                         GError **error) {
    if (!app_print(app, error, "Turn %" G_GINT64_FORMAT ": %s %" G_GINT64_FORMAT " %s\n",
                   (gint64)report->turn, verb, (gint64)report->n_changed,
                   report->n_changed == 1 ? "change" : "changes") ||
        !print_items(app, report, UNDO_CHANGED, error))
        return false;
    if (report->n_withheld > 0 && (!app_print(app, error, "Left alone:\n") ||
                                   !print_items(app, report, UNDO_WITHHELD, error)))
        return false;
    return report->n_lost == 0 || (app_print(app, error, "Cannot be restored:\n") &&
                                   print_items(app, report, UNDO_LOST, error));
}

static char *format_time(int64_t time_ms) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_ms / 1000);
    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("?");
}

static bool print_list(const App *app, const GPtrArray *turns, GError **error) {
    static const char *const states[] = { "runs", "", "undone", "interrupted" };
    if (turns->len == 0) return app_print(app, error, "No turn has changed a file.\n");
    for (unsigned i = 0; i < turns->len; i++) {
        const UndoTurnInfo *info = turns->pdata[i];
        g_autofree char *time = format_time(info->time_ms);
        g_autofree char *summary = text_ellipsize(info->summary, 50);
        g_autofree char *shown = show_path(summary);
        if (!app_print(app, error,
                       "%5" G_GINT64_FORMAT "  %s  %4" G_GINT64_FORMAT " %s  %-11s  %s\n",
                       (gint64)info->number, time, (gint64)info->n_changed,
                       info->n_changed == 1 ? "path " : "paths", states[info->state], shown))
            return false;
    }
    return true;
}

static bool list_turns(App *app, UndoJournal *journal, GError **error) {
    g_autoptr(GPtrArray) turns = undo_list(journal, error);
    if (turns == NULL) return false;
    if (!app->is_json) return print_list(app, turns, error);
    for (unsigned i = 0; i < turns->len; i++)
        make_valid(&((UndoTurnInfo *)turns->pdata[i])->summary);
    const ListReply reply = { turns };
    return app_print_json(app, list_fields, &reply, error);
}

static bool tell(App *app, UndoReport *report, const char *verb, GError **error) {
    bool is_ok;
    if (app->is_json) {
        for (unsigned i = 0; i < report->items->len; i++)
            make_valid(&((UndoItem *)report->items->pdata[i])->path);
        is_ok = app_print_json(app, undo_report_fields, report, error);
    } else {
        is_ok = print_report(app, report, verb, error);
    }
    undo_report_clear(report);
    return is_ok;
}

bool cmd_undo_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(UndoJournal) journal = open_journal(app, line, error);
    if (journal == NULL) return false;
    if (command_line_flag(line, "list")) return list_turns(app, journal, error);
    bool is_dry = command_line_flag(line, "dry-run");
    UndoReport report = { 0 };
    return undo_revert(journal, command_line_int(line, "turn", 0), is_dry ? UNDO_DRY_RUN : 0,
                       &report, error) &&
           tell(app, &report, is_dry ? "would take back" : "took back", error);
}

bool cmd_redo_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(UndoJournal) journal = open_journal(app, line, error);
    if (journal == NULL) return false;
    bool is_dry = command_line_flag(line, "dry-run");
    UndoReport report = { 0 };
    return undo_redo(journal, command_line_int(line, "turn", 0), is_dry ? UNDO_DRY_RUN : 0, &report,
                     error) &&
           tell(app, &report, is_dry ? "would do again" : "did again", error);
}

bool cmd_diff_run(App *app, const CommandLine *line, GError **error) {
    g_autoptr(UndoJournal) journal = open_journal(app, line, error);
    if (journal == NULL) return false;
    g_autofree char *diff = undo_diff(journal, command_line_int(line, "turn", 0), error);
    if (diff == NULL) return false;
    make_valid(&diff);
    const DiffReply reply = { diff };
    if (app->is_json) return app_print_json(app, diff_fields, &reply, error);
    return app_print_text(app, diff, error);
}

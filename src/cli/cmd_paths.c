/* cli/cmd_paths.c: `localgpt paths`: where everything is kept. */
#include <stddef.h>
#include <string.h>

#include "agent/workspace.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/layout.h"

/* One thing on the disk: below one of the folders of Paths. */
typedef struct {
    const char *group;
    const char *name;     /* in JSON and as shown, with '_' for a space */
    size_t base;          /* offset in Paths */
    const char *relative; /* "%s" is the agent; NULL = the base itself */
} PathRow;

/* clang-format off */
static const PathRow path_rows[] = {
    { "Config",  "config",         offsetof(Paths, config),  NULL },
    { "Config",  "config_file",    offsetof(Paths, config),  "config.toml" },
    { "Data",    "data",           offsetof(Paths, data),    NULL },
    { "Data",    "workspace",      offsetof(Paths, data),    "workspace" },
    { "Data",    "skills",         offsetof(Paths, data),    "skills" },
    { "Data",    "device_key",     offsetof(Paths, data),    "localgpt.device.key" },
    { "Data",    "engine",         offsetof(Paths, data),    "engine" },
    { "Data",    "models",         offsetof(Paths, data),    "models" },
    { "State",   "state",          offsetof(Paths, state),   NULL },
    { "State",   "sessions",       offsetof(Paths, state),   "agents/%s/sessions" },
    { "State",   "audit_log",      offsetof(Paths, state),   "localgpt.audit.jsonl" },
    { "State",   "logs",           offsetof(Paths, state),   "logs" },
    { "Cache",   "cache",          offsetof(Paths, cache),   NULL },
    { "Cache",   "search_index",   offsetof(Paths, cache),   "memory/%s.sqlite" },
    { "Cache",   "embeddings",     offsetof(Paths, cache),   "embeddings" },
    { "Runtime", "runtime",        offsetof(Paths, runtime), NULL },
    { "Runtime", "pid_file",       offsetof(Paths, runtime), "daemon.pid" },
    { "Runtime", "workspace_lock", offsetof(Paths, runtime), "workspace.lock" },
};

typedef struct {
    GHashTable *paths;
    char *profile;
    char *agent;
} PathsReply;

static const Field reply_fields[] = {
    { "profile", FIELD_STRING(PathsReply, profile), .help = "The profile, \"\" when none." },
    { "agent",   FIELD_STRING(PathsReply, agent),   .help = "The agent." },
    { "paths",   FIELD_MAP(PathsReply, paths),      .help = "Absolute paths by name." },
    { 0 }
};
/* clang-format on */

static char *row_path(const App *app, const PathRow *row) {
    if (g_str_equal(row->name, "config_file")) return g_strdup(app->config_path);
    if (g_str_equal(row->name, "workspace")) return workspace_folder(app->paths, NULL);
    const char *base = *(char *const *)((const char *)app->paths + row->base);
    if (row->relative == NULL) return g_strdup(base);
    const char *slot = g_strrstr(row->relative, "%s");
    if (slot == NULL) return g_build_filename(base, row->relative, NULL);
    g_autofree char *before = g_strndup(row->relative, (gsize)(slot - row->relative));
    g_autofree char *relative = g_strconcat(before, app->agent, slot + 2, NULL);
    return g_build_filename(base, relative, NULL);
}

static char *paths_text(const App *app) {
    GString *out = g_string_new("LocalGPT paths");
    if (app->paths->profile[0] != '\0')
        g_string_append_printf(out, " (profile %s)", app->paths->profile);
    g_string_append_c(out, '\n');
    const char *group = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(path_rows); i++) {
        const PathRow *row = &path_rows[i];
        if (row->group != group) layout_heading(out, row->group);
        group = row->group;
        g_autofree char *path = row_path(app, row);
        g_autofree char *brief = paths_shorten_home(app->paths, path);
        g_autofree char *shown = text_strip_terminal(brief, strlen(brief));
        g_autofree char *name = g_strdelimit(g_strdup(row->name), "_", ' ');
        bool exists = g_file_test(path, G_FILE_TEST_EXISTS);
        g_string_append_printf(out, "  %-16s%s%s\n", name, shown,
                               exists ? "" : "  (not there yet)");
    }
    return g_string_free(out, FALSE);
}

bool cmd_paths_run(App *app, const CommandLine *line, GError **error) {
    (void)line;
    if (!app->is_json) {
        g_autofree char *text = paths_text(app);
        return app_print_text(app, text, error);
    }
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(path_rows); i++)
        g_hash_table_insert(table, (gpointer)path_rows[i].name, row_path(app, &path_rows[i]));
    PathsReply reply = { .paths = table, .profile = app->paths->profile, .agent = app->agent };
    return app_print_json(app, reply_fields, &reply, error);
}

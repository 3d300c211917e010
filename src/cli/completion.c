/* cli/completion.c: the tables of shells and of values that change. */
#include "cli/completion.h"

#include <string.h>

#include "cli/command_line.h"
#include "cli/config_sections.h"
#include "cli/topic.h"
#include "provider/model_catalog.h"
#include "provider/model_store.h"
#include "session/session_store.h"

/* One line; what could end it early is left out. */
static void append_value(GString *out, const char *value, const char *description) {
    if (value == NULL || strpbrk(value, "\t\n") != NULL) return;
    g_autofree char *line = g_strdup(description != NULL ? description : "");
    g_strdelimit(line, "\t\n", ' ');
    g_string_append_printf(out, "%s\t%s\n", value, line);
}

static void list_agents(const App *app, GString *out) {
    g_autofree char *folder = g_build_filename(app->paths->state, "agents", NULL);
    GDir *entries = g_dir_open(folder, 0, NULL);
    const char *name;
    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL)
        append_value(out, name, "agent");
    if (entries != NULL) g_dir_close(entries);
}

static void list_keys(const App *app, GString *out) {
    (void)app;
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    for (guint i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        append_value(out, key->key, key->field->help);
    }
}

/* What is there first, then what could be fetched. */
static void list_models(const App *app, GString *out) {
    g_autoptr(GPtrArray) models = model_store_list(app->paths, NULL);
    for (guint i = 0; models != NULL && i < models->len; i++) {
        const StoredModel *model = g_ptr_array_index(models, i);
        append_value(out, model->name, "installed");
    }
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++) {
        bool is_installed = false;
        for (guint i = 0; models != NULL && i < models->len && !is_installed; i++) {
            const StoredModel *model = g_ptr_array_index(models, i);
            is_installed = g_strcmp0(model->name, row->name) == 0;
        }
        if (!is_installed) append_value(out, row->name, row->good_for);
    }
}

static void list_sessions(const App *app, GString *out) {
    g_autofree char *folder = session_store_folder(app->paths, app->agent, NULL);
    g_autoptr(GPtrArray) sessions = folder != NULL ? session_store_list(folder, NULL, NULL) : NULL;
    for (guint i = 0; sessions != NULL && i < sessions->len; i++) {
        const SessionSummary *session = g_ptr_array_index(sessions, i);
        append_value(out, session->id, session->title);
    }
}

static void list_shells(const App *app, GString *out) {
    (void)app;
    for (const CompletionShell *shell = completion_shells; shell->name != NULL; shell++)
        append_value(out, shell->name, shell->file);
}

static void list_topics(const App *app, GString *out) {
    (void)app;
    for (const Command *command = commands; command->name != NULL; command++)
        if ((command->flags & COMMAND_HIDDEN) == 0)
            append_value(out, command->name, command->summary);
    for (const Topic *topic = topics; topic->name != NULL; topic++)
        if (command_find(commands, topic->name) == NULL)
            append_value(out, topic->name, topic->summary);
    append_value(out, "topics", "The list of topics");
}

/* clang-format off */
const CompletionKind completion_kinds[] = {
    { "agent",   "Agents that have sessions",         list_agents },
    { "key",     "Keys of the configuration",         list_keys },
    { "model",   "Models, installed and to be had",   list_models },
    { "session", "Sessions of the agent",             list_sessions },
    { "shell",   "Shells with completion",            list_shells },
    { "topic",   "What 'localgpt help' tells about",  list_topics },
    { 0 }
};

const CompletionShell completion_shells[] = {
    { "bash", "localgpt.bash", "eval \"$(localgpt completion bash)\"",    completion_bash_render },
    { "fish", "localgpt.fish", "localgpt completion fish | source",       completion_fish_render },
    { "zsh",  "_localgpt",     "eval \"$(localgpt completion zsh)\"",     completion_zsh_render },
    { 0 }
};
/* clang-format on */

const CompletionKind *completion_kind_find(const char *name) {
    for (const CompletionKind *kind = completion_kinds; kind->name != NULL; kind++)
        if (strcmp(kind->name, name) == 0) return kind;
    return NULL;
}

const CompletionShell *completion_shell_find(const char *name) {
    for (const CompletionShell *shell = completion_shells; shell->name != NULL; shell++)
        if (strcmp(shell->name, name) == 0) return shell;
    return NULL;
}

char *completion_script(const CompletionShell *shell) {
    GString *out = g_string_new(NULL);
    shell->render(out);
    return g_string_free(out, FALSE);
}

char *completion_path(const Command *const *path) {
    GString *text = g_string_new(NULL);
    for (const Command *const *command = path; *command != NULL; command++)
        g_string_append_printf(text, "/%s", (*command)->name);
    return g_string_free(text, FALSE);
}

static void walk(const Command *table, GPtrArray *path, CompletionVisitFn visit, GString *out) {
    for (const Command *command = table; command != NULL && command->name != NULL; command++) {
        if (command->flags & COMMAND_HIDDEN) continue;
        g_ptr_array_add(path, (gpointer)command);
        visit((const Command *const *)path->pdata, out);
        walk(command->subcommands, path, visit, out);
        g_ptr_array_set_size(path, (int)path->len - 1);
    }
}

void completion_walk(CompletionVisitFn visit, GString *out) {
    g_autoptr(GPtrArray) path =
        g_ptr_array_new_null_terminated(4, NULL, /* null_terminated= */ TRUE);
    visit((const Command *const *)path->pdata, out);
    walk(commands, path, visit, out);
}

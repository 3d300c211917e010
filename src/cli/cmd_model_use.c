/* cli/cmd_model_use.c: `localgpt model use` and `remove`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/config_sections.h"
#include "cli/download_bar.h"
#include "cli/model_view.h"
#include "provider/model_id.h"

typedef struct {
    char *model;
    char *config_file;
} UseReply;

typedef struct {
    char *name;
    char *path;
    int64_t freed_bytes;
} RemoveReply;

/* clang-format off */
static const Field use_fields[] = {
    { "model",       FIELD_STRING(UseReply, model),       .help = "What agent.default_model is now." },
    { "config_file", FIELD_STRING(UseReply, config_file), .help = "The file that was changed." },
    { 0 }
};
static const Field remove_fields[] = {
    { "name",        FIELD_STRING(RemoveReply, name),      .help = "The model." },
    { "path",        FIELD_STRING(RemoveReply, path),      .help = "Its file." },
    { "freed_bytes", FIELD_INT(RemoveReply, freed_bytes),  .help = "What became free; 0 for a file that lies elsewhere." },
    { 0 }
};
/* clang-format on */

/* "local/NAME" of a local model that is there. A file that lies elsewhere gets a record, so that it
 * has a name. New string. */
static char *local_id(App *app, const char *name, GError **error) {
    g_autoptr(StoredModel) model = model_store_resolve(app->paths, name, error);
    if (model == NULL) return NULL;
    if (model->is_embedder) {
        error_set(error, ERR_USAGE, "'%s' gives vectors, not answers", model->name);
        return NULL;
    }
    if (!model->has_record && g_path_is_absolute(model->file)) {
        DownloadBar bar = { .app = app, .title = model->name };
        HashProgress progress = { download_bar_on_hash, &bar };
        bool is_ok = model_store_adopt(app->paths, model, &progress, app->cancel, error);
        download_bar_end(&bar);
        if (!is_ok) return NULL;
    }
    return g_strdup_printf("local/%s", model->name);
}

bool cmd_model_use_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    g_auto(GStrv) configured = model_id_configured(app->config);
    ModelIdContext context = { .configured = (const char *const *)configured, .paths = app->paths };
    g_auto(ModelId) id = { 0 };
    if (!model_id_parse(name, &context, &id, error)) return false;
    bool is_local = strcmp(id.provider, "local") == 0;
    g_autofree char *text = is_local ? local_id(app, id.model, error) : model_id_text(&id);
    if (text == NULL) return false;
    if (!config_set(app->config_path, config_sections, "agent.default_model", text, error))
        return false;
    if (app->is_json) {
        UseReply reply = { .model = text, .config_file = app->config_path };
        return app_print_json(app, use_fields, &reply, error);
    }
    g_autofree char *shown = paths_shorten_home(app->paths, app->config_path);
    return app_print(app, error, "%s answers from now on (agent.default_model in %s)\n", text,
                     shown);
}

static bool ask_first(const App *app, const StoredModel *model, GError **error) {
    g_autofree char *size = text_format_size((unsigned long long)model->size_bytes);
    bool is_elsewhere = g_path_is_absolute(model->file);
    if (isatty(STDIN_FILENO) != 1 || app->is_json) {
        error_set_with_hint(error, ERR_USAGE, "Say so beforehand: localgpt model remove -y NAME",
                            "there is nobody to ask whether to remove '%s'", model->name);
        return false;
    }
    fprintf(stderr, is_elsewhere ? "Forget %s (its file stays)? [y/N] " : "Remove %s (%s)? [y/N] ",
            model->name, size);
    fflush(stderr);
    char answer[16] = "";
    ssize_t length = read(STDIN_FILENO, answer, sizeof answer - 1);
    if (length > 0 && (answer[0] == 'y' || answer[0] == 'Y')) return true;
    if (length <= 0) fputc('\n', stderr);
    if (!cancel_check(app->cancel, error)) return false;
    error_set(error, ERR_DENIED, "'%s' was not removed", model->name);
    return false;
}

/* Also a file that cannot be used has to be removable. */
static StoredModel *find(const App *app, const char *name, GError **error) {
    g_autoptr(GError) problem = NULL;
    StoredModel *model = model_store_resolve(app->paths, name, &problem);
    if (model != NULL) return model;
    g_autoptr(GPtrArray) models = model_store_list(app->paths, NULL);
    for (guint i = 0; models != NULL && i < models->len; i++) {
        const StoredModel *broken = g_ptr_array_index(models, i);
        bool is_it = strcmp(broken->name, name) == 0 || strcmp(broken->file, name) == 0;
        if (is_it && broken->problem != NULL) return g_ptr_array_steal_index(models, i);
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

bool cmd_model_remove_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    g_autoptr(StoredModel) model = find(app, name, error);
    if (model == NULL) return false;
    bool is_elsewhere = g_path_is_absolute(model->file);
    if (is_elsewhere && !model->has_record) {
        error_set_with_hint(error, ERR_USAGE, "See what is installed: localgpt model list",
                            "'%s' is not an installed model; its file is yours to remove", name);
        return false;
    }
    if (!command_line_flag(line, "yes") && !ask_first(app, model, error)) return false;
    g_autofree char *default_path = model_view_default_path(app);
    bool was_default = strcmp(default_path, model->path) == 0;
    if (!model_store_remove(app->paths, model, error)) return false;
    RemoveReply reply = { .name = model->name,
                          .path = model->path,
                          .freed_bytes = is_elsewhere ? 0 : model->size_bytes };
    if (app->is_json) return app_print_json(app, remove_fields, &reply, error);
    if (was_default && config_is_set(app->config, "agent.default_model"))
        app_note(app,
                 "agent.default_model still names it; choose another: localgpt model use NAME");
    g_autofree char *size = text_format_size((unsigned long long)reply.freed_bytes);
    return app_print(app, error,
                     is_elsewhere ? "%s is forgotten; its file stays\n"
                                  : "%s is removed, %s are free\n",
                     model->name, size);
}

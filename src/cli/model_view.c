/* cli/model_view.c: gathers what is known of models. */
#include "cli/model_view.h"

#include <string.h>

#include "agent/tier.h"
#include "provider/model_id.h"

/* clang-format off */
const Field model_view_fields[] = {
    { "name",           FIELD_STRING(ModelView, name),           .help = "What to type." },
    { "is_installed",   FIELD_BOOL(ModelView, is_installed),     .help = "It is on this machine." },
    { "is_default",     FIELD_BOOL(ModelView, is_default),       .help = "It answers when nobody says otherwise." },
    { "size_bytes",     FIELD_INT(ModelView, size_bytes),        .help = "Size of the file." },
    { "n_parameters",   FIELD_INT(ModelView, n_parameters),      .help = "Number of parameters." },
    { "tier",           FIELD_STRING(ModelView, tier),           .help = "How much it can be asked: tiny, small or full." },
    { "licence",        FIELD_STRING(ModelView, licence),        .help = "Licence." },
    { "source",         FIELD_STRING(ModelView, source),         .help = "Where it comes from." },
    { "good_for",       FIELD_STRING(ModelView, good_for),       .help = "What it is good for.",            .flags = FIELD_OMIT_EMPTY },
    { "path",           FIELD_STRING(ModelView, path),           .help = "The file.",                       .flags = FIELD_OMIT_EMPTY },
    { "architecture",   FIELD_STRING(ModelView, architecture),   .help = "Family.",                         .flags = FIELD_OMIT_EMPTY },
    { "quantisation",   FIELD_STRING(ModelView, quantisation),   .help = "How its numbers are stored.",     .flags = FIELD_OMIT_EMPTY },
    { "context_tokens", FIELD_INT(ModelView, context_tokens),    .help = "Its context window.",             .flags = FIELD_OMIT_EMPTY },
    { "sha256",         FIELD_STRING(ModelView, sha256),         .help = "Hash of the file.",               .flags = FIELD_OMIT_EMPTY },
    { "installed_at",   FIELD_STRING(ModelView, installed_at),   .help = "When it came.",                   .flags = FIELD_OMIT_EMPTY },
    { "problem",        FIELD_STRING(ModelView, problem),        .help = "Why it cannot be used.",          .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* clang-format on */

void model_view_free(ModelView *view) {
    if (view == NULL) return;
    field_clear(model_view_fields, view);
    g_free(view);
}

static char *tier_of(int64_t n_parameters) {
    return g_strdup(model_tier_for(n_parameters, /* is_local= */ true)->name);
}

ModelView *model_view_of_stored(const StoredModel *model) {
    const CatalogModel *row = model_catalog_find(model->name);
    ModelView *view = g_new0(ModelView, 1);
    *view = (ModelView){
        .name = g_strdup(model->name),
        .is_installed = true,
        .size_bytes = model->size_bytes,
        .n_parameters = model->n_parameters,
        .tier = model->problem == NULL ? tier_of(model->n_parameters) : g_strdup(""),
        .licence = g_strdup(model->licence),
        .source = g_strdup(model->source),
        .good_for = g_strdup(row != NULL ? row->good_for : NULL),
        .path = g_strdup(model->path),
        .architecture = g_strdup(model->architecture),
        .quantisation = g_strdup(model->quantisation),
        .context_tokens = model->context_tokens,
        .sha256 = g_strdup(model->sha256),
        .installed_at = g_strdup(model->installed_at),
        .problem = g_strdup(model->problem),
    };
    return view;
}

ModelView *model_view_of_catalog(const CatalogModel *row) {
    ModelView *view = g_new0(ModelView, 1);
    *view = (ModelView){
        .name = g_strdup(row->name),
        .size_bytes = row->size_bytes,
        .n_parameters = row->n_parameters,
        .tier = tier_of(row->n_parameters),
        .licence = g_strdup(row->licence),
        .source = g_strdup(row->source),
        .good_for = g_strdup(row->good_for),
        .sha256 = g_strdup(row->sha256),
    };
    return view;
}

char *model_view_default_path(const App *app) {
    g_autofree char *wanted =
        app->config != NULL ? config_get_expanded(app->config, "agent.default_model", NULL) : NULL;
    g_auto(GStrv) configured = model_id_configured(app->config);
    ModelIdContext context = { .configured = (const char *const *)configured, .paths = app->paths };
    g_auto(ModelId) id = { 0 };
    if (!model_id_parse(wanted != NULL ? wanted : "", &context, &id, NULL) ||
        strcmp(id.provider, "local") != 0)
        return g_strdup("");
    g_autoptr(StoredModel) model = model_store_resolve(app->paths, id.model, NULL);
    return g_strdup(model != NULL ? model->path : "");
}

static bool has_name(const GPtrArray *views, const char *name) {
    for (guint i = 0; i < views->len; i++)
        if (strcmp(((ModelView *)g_ptr_array_index(views, i))->name, name) == 0) return true;
    return false;
}

GPtrArray *model_view_list(const App *app, ModelViewScope scope, GError **error) {
    g_autoptr(GPtrArray) models = model_store_list(app->paths, error);
    if (models == NULL) return NULL;
    GPtrArray *views = g_ptr_array_new_with_free_func((GDestroyNotify)model_view_free);
    g_autofree char *default_path = model_view_default_path(app);
    for (guint i = 0; i < models->len; i++) {
        ModelView *view = model_view_of_stored(g_ptr_array_index(models, i));
        view->is_default = strcmp(view->path, default_path) == 0;
        g_ptr_array_add(views, view);
    }
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++)
        if (scope == MODEL_VIEW_ALL && !has_name(views, row->name))
            g_ptr_array_add(views, model_view_of_catalog(row));
    return views;
}

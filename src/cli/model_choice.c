/* cli/model_choice.c: which provider answers, and the section of the configuration it gets. */
#include "cli/model_choice.h"

#include <string.h>

#include "base/text.h"
#include "provider/engine_config.h"
#include "provider/model_catalog.h"
#include "provider/model_id.h"

/* ---- the settings of one provider ---- */

/* NULL without *error when the provider has no section. */
static void *expand_section(App *app, const char *provider, GError **error) {
    const ProviderOps *ops = provider_find(provider);
    if (ops == NULL || ops->setup == NULL || app->config == NULL) return NULL;
    if (ops->caps & PROVIDER_NAMED) { /* one server: only its own variables have to be set */
        g_autofree char *key = config_key_join("providers.custom", provider + strlen("custom."));
        return config_item_expand(app->config, key, app->secrets, error);
    }
    g_autofree char *section = provider_section_name(ops);
    return config_section_expand(app->config, section, app->secrets, error);
}

/* ---- the choice ---- */

static char *wanted_model(const App *app, const char *typed, GError **error) {
    if (typed != NULL) return g_strdup(typed);
    if (app->config == NULL) return g_strdup("");
    return config_get_expanded(app->config, "agent.default_model", error);
}

/* "tiny built-in model, may be wrong; a better one: localgpt model pull qwen3-1.7b (1.2 GB)" */
static char *notice_of(const ModelTier *tier) {
    if (tier->notice == NULL) return NULL;
    const CatalogModel *better = model_catalog_upgrade();
    g_autofree char *size = text_format_size((unsigned long long)better->size_bytes);
    return g_strdup_printf("%s; a better one: localgpt model pull %s (%s)", tier->notice,
                           better->name, size);
}

static bool open_provider(App *app, const ModelId *id, ModelChoice *out, GError **error) {
    GError *problem = NULL;
    if (app->config != NULL) {
        out->engine = config_section_expand(app->config, "engine", app->secrets, error);
        if (out->engine == NULL) return false;
    }
    out->config = expand_section(app, id->provider, &problem);
    if (problem != NULL) {
        g_propagate_error(error, problem);
        return false;
    }
    const ProviderOps *ops = provider_find(id->provider);
    out->config_fields = ops != NULL ? ops->config : NULL;
    ProviderSettings settings = {
        .provider = id->provider,
        .model = id->model,
        .paths = app->paths,
        .secrets = app->secrets,
        .config = out->config,
        .shared = out->engine,
    };
    out->provider = provider_open(&settings, error);
    return out->provider != NULL && provider_facts(out->provider, app->cancel, &out->facts, error);
}

bool model_choice_open(App *app, const char *typed, ModelChoice *out, GError **error) {
    g_autofree char *wanted = wanted_model(app, typed, error);
    if (wanted == NULL) return false;
    g_auto(GStrv) configured = model_id_configured(app->config);
    ModelIdContext context = { .configured = (const char *const *)configured, .paths = app->paths };
    g_auto(ModelId) id = { 0 };
    if (!model_id_parse(wanted, &context, &id, error)) return false;
    ModelChoice choice = { 0 };
    if (!open_provider(app, &id, &choice, error)) {
        model_choice_clear(&choice);
        return false;
    }
    bool is_local = choice.provider->ops->caps & PROVIDER_LOCAL;
    choice.tier = model_tier_for(choice.facts.n_parameters, is_local);
    choice.notice = notice_of(choice.tier);
    choice.label = g_strdup_printf("%s/%s", choice.provider->name, choice.facts.name);
    *out = choice;
    return true;
}

/* ---- nobody ---- */

typedef struct {
    GError *why;
} Nobody;

static bool nobody_stream(Provider *self, const ChatRequest *request, StreamFn on_stream,
                          void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    (void)request, (void)on_stream, (void)user_data, (void)cancel, (void)out;
    g_propagate_error(error, g_error_copy(((Nobody *)self->priv)->why));
    return false;
}

static void nobody_close(Provider *self) {
    g_clear_error(&((Nobody *)self->priv)->why);
}

static const ProviderOps nobody_ops = {
    .name = "none", .caps = PROVIDER_LOCAL, .stream = nobody_stream, .close = nobody_close
};

void model_choice_nobody(GError *why, ModelChoice *out) {
    Nobody *nobody = g_new0(Nobody, 1);
    nobody->why = why;
    Provider *provider = g_new0(Provider, 1);
    *provider = (Provider){
        .ops = &nobody_ops, .name = g_strdup("none"), .model = g_strdup("none"), .priv = nobody
    };
    *out = (ModelChoice){ .provider = provider,
                          .facts = { .name = g_strdup("none") },
                          .tier = model_tier_for(0, /* is_local= */ true),
                          .label = g_strdup("no model") };
}

void model_choice_clear(ModelChoice *choice) {
    g_clear_pointer(&choice->provider, provider_close);
    field_clear(choice->config_fields, choice->config);
    g_clear_pointer(&choice->config, g_free);
    field_clear(engine_config_fields, choice->engine);
    g_clear_pointer(&choice->engine, g_free);
    model_facts_clear(&choice->facts);
    g_clear_pointer(&choice->label, g_free);
    g_clear_pointer(&choice->notice, g_free);
}

/* cli/model_choice.c: which provider answers, and the section of the configuration it gets. */
#include "cli/model_choice.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/model_catalog.h"
#include "provider/model_id.h"
#include "provider/provider_config.h"

/* ---- the settings of one provider ---- */

/* Replaces *text by its expanded self. */
static bool expand_text(const Config *config, const char *table, const char *name, char **text,
                        GError **error) {
    if (*text == NULL) return true;
    g_autofree char *key = g_strjoin(".", table, name, NULL);
    char *expanded = config_expand(config, key, *text, error);
    if (expanded == NULL) return false;
    secret_free(*text);
    *text = expanded;
    return true;
}

static bool expand_headers(const App *app, const char *table, GHashTable *headers, GError **error) {
    GHashTableIter iterator;
    void *name, *value;
    if (headers == NULL) return true;
    g_hash_table_iter_init(&iterator, headers);
    while (g_hash_table_iter_next(&iterator, &name, &value)) {
        g_autofree char *key = g_strjoin(".", table, "extra_headers", name, NULL);
        char *expanded = config_expand(app->config, key, value, error);
        if (expanded == NULL) return false;
        secret_set_add(app->secrets, expanded);
        g_free(value);
        g_hash_table_iter_replace(&iterator, expanded);
    }
    return true;
}

/* One server of [providers.custom]: only its own variables have to be set. */
static void *expand_custom(App *app, const char *name, GError **error) {
    const ProvidersConfig *providers = config_section(app->config, "providers");
    g_autofree char *table = g_strconcat("providers.custom.", name, NULL);
    json_t *tree = field_to_json(openai_compatible_config_fields,
                                 g_hash_table_lookup(providers->custom, name));
    CompatibleProviderConfig *copy = g_new0(CompatibleProviderConfig, 1);
    bool is_ok =
        field_from_json(openai_compatible_config_fields, copy, tree, FIELD_TEMPLATES, error) &&
        expand_text(app->config, table, "base_url", &copy->base_url, error) &&
        expand_text(app->config, table, "api_key", &copy->api_key, error) &&
        expand_text(app->config, table, "model", &copy->model, error) &&
        expand_headers(app, table, copy->extra_headers, error);
    json_decref(tree);
    if (is_ok) {
        secret_set_add(app->secrets, copy->api_key);
        return copy;
    }
    field_clear(openai_compatible_config_fields, copy);
    g_free(copy);
    return NULL;
}

/* NULL without *error when the provider has no section. */
static void *expand_section(App *app, const char *provider, GError **error) {
    const ProviderOps *ops = provider_find(provider);
    if (ops == NULL || ops->setup == NULL || app->config == NULL) return NULL;
    if (ops->caps & PROVIDER_NAMED) return expand_custom(app, provider + strlen("custom."), error);
    g_autofree char *section = provider_section_name(ops);
    return config_section_expand(app->config, section, app->secrets, error);
}

/* ---- the choice ---- */

static char *wanted_model(const App *app, const char *typed) {
    if (typed != NULL) return g_strdup(typed);
    if (app->config == NULL) return g_strdup("");
    return config_get(app->config, "agent.default_model", NULL, NULL);
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
    out->config = expand_section(app, id->provider, &problem);
    if (problem != NULL) {
        g_propagate_error(error, problem);
        return false;
    }
    ProviderSettings settings = {
        .provider = id->provider,
        .model = id->model,
        .paths = app->paths,
        .secrets = app->secrets,
        .config = out->config,
        .shared = app->config != NULL ? config_section(app->config, "engine") : NULL,
    };
    out->provider = provider_open(&settings, error);
    return out->provider != NULL && provider_facts(out->provider, app->cancel, &out->facts, error);
}

bool model_choice_open(App *app, const char *typed, ModelChoice *out, GError **error) {
    g_autofree char *wanted = wanted_model(app, typed);
    g_auto(GStrv) configured = model_id_configured(app->config);
    ModelIdContext context = { .configured = (const char *const *)configured, .paths = app->paths };
    g_auto(ModelId) id = { 0 };
    if (!model_id_parse(wanted != NULL ? wanted : "", &context, &id, error)) return false;
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

void model_choice_clear(ModelChoice *choice) {
    const Field *fields = choice->provider != NULL ? choice->provider->ops->config : NULL;
    g_clear_pointer(&choice->provider, provider_close);
    if (fields != NULL) field_clear(fields, choice->config);
    g_clear_pointer(&choice->config, g_free);
    model_facts_clear(&choice->facts);
    g_clear_pointer(&choice->label, g_free);
    g_clear_pointer(&choice->notice, g_free);
}

/* provider/model_id.c: the registry, two tables (aliases, beginnings) and one order of asking them.
 */
#include "provider/model_id.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/model_catalog.h"
#include "provider/model_store.h"
#include "provider/provider.h"
#include "provider/provider_config.h"

/* clang-format off */
/* Known by name, but this program has no way to reach them yet; opening one says so. */
static const struct { const char *name; const char *default_model; } others[] = {
    { "gemini",     "gemini-2.5-flash" },
    { "vertex",     "" },
    { "claude-cli", "opus" },
    { "codex-cli",  "o4-mini" },
    { "gemini-cli", "" },
};

static const struct { const char *alias; const char *provider; const char *model; } aliases[] = {
    { "opus",     "anthropic", "claude-opus-4-6" },
    { "sonnet",   "anthropic", "claude-sonnet-4-6" },
    { "haiku",    "anthropic", "claude-haiku-4-5-20251001" },
    { "gpt",      "openai",    "gpt-4o" },
    { "gpt-mini", "openai",    "gpt-4o-mini" },
    { "glm",      "glm",       "glm-4.7" },
    { "grok",     "xai",       "grok-3-mini" },
    { "codex",    "codex-cli", "o4-mini" },
};

static const struct { const char *start; const char *provider; } beginnings[] = {
    { "gpt-",    "openai" },
    { "o1",      "openai" },
    { "o3",      "openai" },
    { "o4-",     "openai" },
    { "claude-", "anthropic" },
    { "glm-",    "glm" },
    { "grok-",   "xai" },
    { "gemini-", "gemini" },
};

/* Who takes a bare name that nothing else explains. */
static const char *const takers[] = { "ollama", "anthropic", "claude-cli" };
/* clang-format on */

static bool is_text(const char *text) {
    return text != NULL && text[0] != '\0';
}

static bool is_configured(const ModelIdContext *context, const char *provider) {
    return context->configured != NULL && g_strv_contains(context->configured, provider);
}

/* The names a provider can be written by, without those of the user's own. */
static void add_provider_names(GPtrArray *names) {
    for (const ProviderOps *const *ops = provider_registry; *ops != NULL; ops++)
        if (!((*ops)->caps & PROVIDER_NAMED)) g_ptr_array_add(names, (char *)(*ops)->name);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_ptr_array_add(names, (char *)others[i].name);
}

/* Lower case; '_' and '-' are the same. */
static bool find_provider(const char *text, const char **out_name, const char **out_model) {
    g_autofree char *name = g_strdelimit(g_strdup(text), "_", '-');
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        const ProviderOps *ops = *row;
        bool is_match = strcmp(ops->name, name) == 0 || g_strcmp0(ops->other_name, name) == 0;
        if (!is_match || (ops->caps & PROVIDER_NAMED)) continue;
        *out_name = ops->name;
        *out_model = ops->default_model != NULL ? ops->default_model : "";
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (strcmp(others[i].name, name) != 0) continue;
        *out_name = others[i].name;
        *out_model = others[i].default_model;
        return true;
    }
    return false;
}

static bool fill(ModelId *out_id, const char *provider, const char *model) {
    char *copy = g_strdup(model); /* either may point into *out_id */
    char *name = g_strdup(provider);
    model_id_clear(out_id);
    out_id->provider = name;
    out_id->model = copy;
    return true;
}

static bool choose_automatically(const ModelIdContext *context, ModelId *out_id) {
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++)
        if (is_configured(context, (*row)->name))
            return fill(out_id, (*row)->name,
                        (*row)->default_model != NULL ? (*row)->default_model : "");
    for (size_t i = 0; context->configured != NULL && context->configured[i] != NULL; i++)
        if (g_str_has_prefix(context->configured[i], "custom."))
            return fill(out_id, context->configured[i], "");
    return fill(out_id, "local", "");
}

/* "custom.NAME" for the name of a server that is configured as [providers.custom.NAME]. */
static char *find_custom(const ModelIdContext *context, const char *name) {
    g_autofree char *custom =
        g_str_has_prefix(name, "custom.") ? g_strdup(name) : g_strconcat("custom.", name, NULL);
    return is_configured(context, custom) ? g_steal_pointer(&custom) : NULL;
}

static bool fail_unknown_provider(const ModelIdContext *context, const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    add_provider_names(names);
    for (size_t i = 0; context->configured != NULL && context->configured[i] != NULL; i++)
        g_ptr_array_add(names, (char *)context->configured[i]);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    g_autofree char *question =
        suggestion != NULL ? g_strdup_printf("; did you mean '%s'?", suggestion) : g_strdup("");
    error_set_with_hint(error, ERR_NOT_FOUND,
                        "A model is written as provider/model; see: localgpt help models",
                        "there is no provider '%s'%s", name, question);
    return false;
}

static bool parse_qualified(const char *text, const char *slash, const ModelIdContext *context,
                            ModelId *out_id, GError **error) {
    g_autofree char *raw = g_strndup(text, (size_t)(slash - text));
    g_autofree char *name = g_ascii_strdown(raw, -1);
    const char *provider = NULL, *model = NULL;
    if (find_provider(name, &provider, &model))
        return fill(out_id, provider, slash[1] != '\0' ? slash + 1 : model);
    g_autofree char *custom = find_custom(context, raw);
    if (custom != NULL) return fill(out_id, custom, slash + 1);
    return fail_unknown_provider(context, raw, error);
}

static bool is_installed(const ModelIdContext *context, const char *name) {
    if (context->paths == NULL) return false;
    g_autoptr(StoredModel) model = model_store_resolve(context->paths, name, NULL);
    return model != NULL;
}

static bool fail_unknown_model(const ModelIdContext *context, const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
        g_ptr_array_add(names, (char *)aliases[i].alias);
    add_provider_names(names);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    if (suggestion == NULL && context->paths != NULL) {
        /* The store knows the installed models and the catalog. */
        g_autoptr(StoredModel) model = model_store_resolve(context->paths, name, error);
        g_assert(model == NULL);
        return false;
    }
    g_autofree char *question =
        suggestion != NULL ? g_strdup_printf("; did you mean '%s'?", suggestion) : g_strdup("");
    error_set_with_hint(error, ERR_NOT_FOUND,
                        "A model is written as provider/model, or a local one by its name: "
                        "localgpt model list",
                        "there is no model '%s'%s", name, question);
    return false;
}

static bool parse_bare(const char *text, const ModelIdContext *context, ModelId *out_id,
                       GError **error) {
    g_autofree char *lower = g_ascii_strdown(text, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(aliases); i++)
        if (strcmp(aliases[i].alias, lower) == 0)
            return fill(out_id, aliases[i].provider, aliases[i].model);
    const char *provider = NULL, *model = NULL;
    if (find_provider(lower, &provider, &model)) return fill(out_id, provider, model);
    g_autofree char *custom = find_custom(context, text);
    if (custom != NULL) return fill(out_id, custom, "");
    if (is_installed(context, text)) return fill(out_id, "local", text);
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
        if (!g_str_has_prefix(lower, beginnings[i].start)) continue;
        /* "gpt-oss-20b" is a local model that is not there yet, unless OpenAI was meant. */
        bool is_local =
            !is_configured(context, beginnings[i].provider) && model_catalog_find(text) != NULL;
        if (!is_local) return fill(out_id, beginnings[i].provider, text);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(takers); i++)
        if (is_configured(context, takers[i])) return fill(out_id, takers[i], text);
    return fail_unknown_model(context, text, error);
}

static bool is_path(const char *text) {
    return text[0] == '/' || text[0] == '~' || g_str_has_prefix(text, "./") ||
           g_str_has_prefix(text, "../");
}

bool model_id_parse(const char *text, const ModelIdContext *context, ModelId *out_id,
                    GError **error) {
    static const ModelIdContext nothing = { 0 };
    if (context == NULL) context = &nothing;
    g_autofree char *trimmed = g_strstrip(g_strdup(text != NULL ? text : ""));
    if (trimmed[0] == '\0') return choose_automatically(context, out_id);
    if (is_path(trimmed)) return fill(out_id, "local", trimmed);
    const char *slash = strchr(trimmed, '/');
    if (slash != NULL) return parse_qualified(trimmed, slash, context, out_id, error);
    return parse_bare(trimmed, context, out_id, error);
}

/* A key that names an unset variable is no key. */
static bool has_value(const Config *config, const ProviderOps *ops, const char *section) {
    if (!config_is_set(config, ops->setup)) return false;
    void *expanded = config_section_expand(config, section, NULL, NULL);
    if (expanded == NULL) return false;
    const Field *field = field_find(ops->config, strrchr(ops->setup, '.') + 1);
    bool has = field == NULL || is_text(*(char **)((char *)expanded + field->offset));
    config_section_free(config, section, expanded);
    return has;
}

/* A server of the user's own often wants no key. */
static bool has_address(const Config *config, const char *section) {
    g_autofree char *address = g_strconcat(section, ".base_url", NULL);
    g_autofree char *model = g_strconcat(section, ".model", NULL);
    return config_is_set(config, address) || config_is_set(config, model);
}

static bool is_set_up(const Config *config, const ProviderOps *ops) {
    if (ops->setup == NULL || (ops->caps & PROVIDER_NAMED)) return false;
    if (ops->env != NULL && is_text(g_getenv(ops->env))) return true;
    if (config == NULL) return false;
    g_autofree char *section = provider_section_name(ops);
    return has_value(config, ops, section) || has_address(config, section);
}

static void add_custom_names(const Config *config, GPtrArray *names) {
    const ProvidersConfig *providers = config != NULL ? config_section(config, "providers") : NULL;
    if (providers == NULL || providers->custom == NULL) return;
    g_autoptr(GList) keys =
        g_list_sort(g_hash_table_get_keys(providers->custom), (GCompareFunc)strcmp);
    for (const GList *key = keys; key != NULL; key = key->next)
        g_ptr_array_add(names, g_strconcat("custom.", key->data, NULL));
}

char **model_id_configured(const Config *config) {
    GPtrArray *names = g_ptr_array_new();
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++)
        if (is_set_up(config, *row)) g_ptr_array_add(names, g_strdup((*row)->name));
    add_custom_names(config, names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

char *model_id_text(const ModelId *id) {
    if (id->model == NULL || id->model[0] == '\0') return g_strdup(id->provider);
    return g_strdup_printf("%s/%s", id->provider, id->model);
}

void model_id_clear(ModelId *id) {
    g_clear_pointer(&id->provider, g_free);
    g_clear_pointer(&id->model, g_free);
}

/* provider/model_id.c: three tables (providers, aliases, beginnings) and one order of asking them.
 */
#include "provider/model_id.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/model_catalog.h"
#include "provider/model_store.h"
#include "provider/provider.h"

/* clang-format off */
const ModelProvider model_providers[] = {
    { "anthropic",    NULL,            "claude-sonnet-4-6", "providers.anthropic.api_key" },
    { "openai",       NULL,            "gpt-4o",            "providers.openai.api_key" },
    { "gemini",       NULL,            "gemini-2.5-flash",  "providers.gemini.api_key" },
    { "xai",          NULL,            "grok-3-mini",       "providers.xai.api_key" },
    { "glm",          NULL,            "glm-4.7",           "providers.glm.api_key" },
    { "openrouter",   NULL,            "",                  "providers.openrouter.api_key" },
    { "openai-compat", "openai_compat", "",                 "providers.openai_compatible.base_url" },
    { "ollama",       NULL,            "",                  "providers.ollama.endpoint" },
    { "vertex",       NULL,            "",                  "providers.vertex.project_id" },
    { "claude-cli",   "claude_cli",    "opus",              "providers.claude_cli.command" },
    { "codex-cli",    "codex_cli",     "o4-mini",           "providers.codex_cli.command" },
    { "gemini-cli",   "gemini_cli",    "",                  "providers.gemini_cli.command" },
    { "local",        "builtin",       "",                  NULL },
    { NULL, NULL, NULL, NULL },
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

static bool is_configured(const ModelIdContext *context, const char *provider) {
    return context->configured != NULL && g_strv_contains(context->configured, provider);
}

static const ModelProvider *find_provider(const char *name) {
    for (const ModelProvider *row = model_providers; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0 || g_strcmp0(row->other_name, name) == 0) return row;
    return NULL;
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
    for (const ModelProvider *row = model_providers; row->name != NULL; row++)
        if (is_configured(context, row->name)) return fill(out_id, row->name, row->default_model);
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
    for (const ModelProvider *row = model_providers; row->name != NULL; row++)
        g_ptr_array_add(names, (char *)row->name);
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
    const ModelProvider *row = find_provider(name);
    if (row != NULL)
        return fill(out_id, row->name, slash[1] != '\0' ? slash + 1 : row->default_model);
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
    for (const ModelProvider *row = model_providers; row->name != NULL; row++)
        g_ptr_array_add(names, (char *)row->name);
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
    const ModelProvider *row = find_provider(lower);
    if (row != NULL) return fill(out_id, row->name, row->default_model);
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

char **model_id_configured(const Config *config) {
    GPtrArray *names = g_ptr_array_new();
    for (const ModelProvider *row = model_providers; row->name != NULL; row++) {
        if (row->setup == NULL || config == NULL || provider_find(row->name) == NULL) continue;
        if (config_is_set(config, row->setup)) g_ptr_array_add(names, g_strdup(row->name));
    }
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

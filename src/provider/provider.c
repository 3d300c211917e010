/* provider/provider.c: the front of every provider; only it tests for operations that MAY be
 * missing. */
#include "provider/provider.h"

#include <string.h>

#include "base/error.h"
#include "provider/tool_images.h"
#include "provider/tool_pairs.h"

const ProviderOps *provider_find(const char *name) {
    bool is_named = g_str_has_prefix(name, "custom.");
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        bool takes_named = (*row)->caps & PROVIDER_NAMED;
        if (is_named ? takes_named : !takes_named && strcmp((*row)->name, name) == 0) return *row;
    }
    return NULL;
}

char *provider_section_name(const ProviderOps *ops) {
    const char *dot = strrchr(ops->setup, '.');
    return g_strndup(ops->setup, (size_t)(dot - ops->setup));
}

static const char **provider_names(void) {
    GPtrArray *names = g_ptr_array_new();
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++)
        if (!((*row)->caps & PROVIDER_NAMED)) g_ptr_array_add(names, (char *)(*row)->name);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}

Provider *provider_open(const ProviderSettings *settings, GError **error) {
    const ProviderOps *ops = provider_find(settings->provider);
    if (ops == NULL) {
        g_autofree const char **names = provider_names();
        g_autofree char *known = g_strjoinv(", ", (char **)names);
        error_set(error, ERR_NO_PROVIDER, "there is no provider '%s'; known are %s",
                  settings->provider, known);
        return NULL;
    }
    Provider *provider = g_new0(Provider, 1);
    provider->ops = ops;
    provider->settings = *settings;
    provider->name = g_strdup(settings->provider);
    provider->model = g_strdup(settings->model != NULL ? settings->model : "");
    provider->settings.provider = provider->name;
    provider->settings.model = provider->model;
    provider->priv = g_malloc0(MAX(ops->private_size, 1));
    if (ops->open(provider, error)) return provider;
    provider_close(provider);
    return NULL;
}

void provider_close(Provider *provider) {
    if (provider == NULL) return;
    if (provider->ops->close != NULL) provider->ops->close(provider);
    g_free(provider->priv);
    g_free(provider->name);
    g_free(provider->model);
    g_free(provider);
}

bool provider_stream(Provider *provider, const ChatRequest *request, StreamFn on_stream,
                     void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    if (request->n_tools > 0 && !(provider->ops->caps & PROVIDER_TOOLS)) {
        error_set(error, ERR_PROVIDER, "the provider '%s' cannot call tools", provider->name);
        return false;
    }
    if (request->grammar != NULL && !(provider->ops->caps & PROVIDER_GRAMMAR)) {
        error_set(error, ERR_PROVIDER, "the provider '%s' cannot follow a grammar", provider->name);
        return false;
    }
    if (!cancel_check(cancel, error)) return false;
    out->first_token_ms = -1;
    ChatRequest safe = *request;
    g_autoptr(GPtrArray) mended = tool_pairs_mend(request->messages);
    if (mended != NULL) safe.messages = mended;
    bool takes_images = provider->ops->caps & PROVIDER_IMAGES;
    g_autoptr(GPtrArray) lifted = tool_images_lift(safe.messages, takes_images);
    if (lifted != NULL) safe.messages = lifted;
    return provider->ops->stream(provider, &safe, on_stream, user_data, cancel, out, error);
}

int64_t provider_count_tokens(Provider *provider, const char *text) {
    if (provider->ops->count_tokens != NULL) {
        g_autoptr(GError) error = NULL;
        int64_t count = provider->ops->count_tokens(provider, text, &error);
        if (count >= 0) return count;
        g_debug("counting tokens: %s", error->message);
    }
    return (int64_t)((double)strlen(text) / 3.5) + (text[0] != '\0');
}

bool provider_facts(Provider *provider, Cancel *cancel, ModelFacts *out, GError **error) {
    if (provider->ops->facts != NULL) return provider->ops->facts(provider, cancel, out, error);
    *out = (ModelFacts){ .name = g_strdup(provider->model) };
    return true;
}

void model_facts_clear(ModelFacts *facts) {
    g_clear_pointer(&facts->name, g_free);
    g_clear_pointer(&facts->architecture, g_free);
}

const char *const thinking_levels[] = { [THINKING_DEFAULT] = "default",
                                        [THINKING_LOW] = "low",
                                        [THINKING_MEDIUM] = "medium",
                                        [THINKING_HIGH] = "high",
                                        NULL };

void chat_result_clear(ChatResult *result) {
    g_clear_pointer(&result->message, message_free);
}

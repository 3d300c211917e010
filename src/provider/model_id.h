/*
 * provider/model_id.h: what a person may write for a model, and which provider that is.
 *
 *     "anthropic/claude-opus-4-6"   provider, slash, model (split at the first slash)
 *     "opus"                        an alias, whatever the case
 *     "gpt-4o"                      a bare name with a known beginning
 *     "qwen3-1.7b", "local/x.gguf", "/path/x.gguf"   a local model
 *     "local"                       the local model that model_store_default() chooses
 *     ""                            automatic: the first configured provider, else "local"
 *
 *     g_auto(ModelId) id = { 0 };
 *     ModelIdContext context = { .configured = names, .paths = app->paths };
 *     if (!model_id_parse(text, &context, &id, error)) return false;
 *     provider_open(&(ProviderSettings){ .provider = id.provider, .model = id.model, ... }, error);
 *
 * Nothing is silently replaced: an unknown name is ERR_NOT_FOUND with the nearest one.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "base/paths.h"
#include "config/config.h"

typedef struct {
    /* owned */
    char *provider; /* "local", "openai", "custom.NAME" */
    char *model;    /* "" = the provider's own choice */
} ModelId;

/* What decides about a name that does not say it. All borrowed. */
typedef struct {
    const char *const *configured; /* providers that are set up (ProviderOps.setup, .env), as in
                                      ModelId; NULL-terminated, or NULL for none */
    const Paths *paths;            /* of the installed models; NULL = none are looked for */
} ModelIdContext;

bool model_id_parse(const char *text, const ModelIdContext *context, ModelId *out_id,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The providers that are set up: by a key or an address in `config` (may be NULL), or by their
 * variable of the environment. For ModelIdContext.configured; new NULL-terminated array. */
char **model_id_configured(const Config *config);

/* "provider/model", or "provider" alone; new string. */
char *model_id_text(const ModelId *id);

void model_id_clear(ModelId *id);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ModelId, model_id_clear)

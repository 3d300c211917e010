/*
 * provider/local.h: the provider "local": a GGUF model on this machine, through localgpt-engine.
 *
 * The model is a name, file or path as model_store_resolve() takes it; "" is the default one.
 * Nothing is loaded before the first answer is asked for; the worker then stays until its idle time
 * is over or the provider is closed.
 */
#pragma once

#include "provider/engine_client.h"
#include "provider/engine_config.h"
#include "provider/model_store.h"
#include "provider/provider.h"

extern const ProviderOps local_provider_ops;

/* A client for one model with the user's settings: for local.c, and for `doctor`, which measures.
 * The folder of the library is <data>/engine unless the config names one; states are kept in
 * <cache>/engine. */
EngineClient *local_engine_client_new(const Paths *paths, const EngineConfig *config,
                                      const StoredModel *model);

/* Context that a model of this size gets when the config leaves it open. */
int64_t local_context_tokens(const EngineConfig *config, const StoredModel *model);

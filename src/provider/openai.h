/*
 * provider/openai.h: providers that speak OpenAI's chat completions: OpenAI itself and every server
 * that offers the same interface. One row each; what differs is the address, the key and a name.
 */
#pragma once

#include "provider/provider.h"

extern const ProviderOps openai_provider_ops;
extern const ProviderOps xai_provider_ops;
extern const ProviderOps glm_provider_ops;
extern const ProviderOps openrouter_provider_ops;
extern const ProviderOps openai_compatible_provider_ops;
extern const ProviderOps custom_provider_ops; /* each [providers.custom.NAME] */

/* provider/registry.c: every provider, one line each, in the order of the automatic choice: the
 * first one that is set up, and "local" when none is. */
#include "provider/anthropic.h"
#include "provider/local.h"
#include "provider/ollama.h"
#include "provider/openai.h"
#include "provider/provider.h"

const ProviderOps *const provider_registry[] = {
    &anthropic_provider_ops,  &openai_provider_ops,
    &xai_provider_ops,        &glm_provider_ops,
    &openrouter_provider_ops, &openai_compatible_provider_ops,
    &custom_provider_ops,     &ollama_provider_ops,
    &local_provider_ops,      NULL,
};

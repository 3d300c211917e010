/* provider/registry.c: every provider, one line each. */
#include "provider/local.h"
#include "provider/provider.h"

const ProviderOps *const provider_registry[] = {
    &local_provider_ops,
    NULL,
};

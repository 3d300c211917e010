/* provider/registry.c: every provider, one line each. */
#include "provider/provider.h"

const ProviderOps *const provider_registry[] = {
    NULL,
};

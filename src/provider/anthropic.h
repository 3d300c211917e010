/*
 * provider/anthropic.h: the provider "anthropic": the messages API of Claude, streamed.
 *
 * System prompt and conversation carry cache marks, so that the next turn reads them from the
 * server's cache. Thinking comes back with its signature as it came. A model id that no table knows
 * goes to the server as it is.
 */
#pragma once

#include "provider/provider.h"

extern const ProviderOps anthropic_provider_ops;

/*
 * provider/ollama.h: the provider "ollama": its own /api/chat, one JSON document per line.
 *
 * Its own interface instead of the copy of OpenAI's, because only that one takes the window
 * (options.num_ctx): without it the server silently drops what does not fit a small default.
 */
#pragma once

#include "provider/provider.h"

extern const ProviderOps ollama_provider_ops;

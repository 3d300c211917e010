/*
 * embed/ollama_embedder.h: the embedder "ollama": POST <providers.ollama.endpoint>/api/embed.
 * Without a model it asks for nomic-embed-text.
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps ollama_embedder_ops;

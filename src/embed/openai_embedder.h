/*
 * embed/openai_embedder.h: the embedder "openai": POST <providers.openai.base_url>/embeddings,
 * which many servers speak. Without a model it asks for text-embedding-3-small.
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps openai_embedder_ops;

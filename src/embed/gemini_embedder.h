/*
 * embed/gemini_embedder.h: the embedder "gemini": Google's batchEmbedContents. Its key is
 * memory.gemini_api_key. Without a model it asks for gemini-embedding-001.
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps gemini_embedder_ops;

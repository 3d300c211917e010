/*
 * embed/gguf_embedder.h: the embedder "gguf": a GGUF model on this machine, through the confined
 * engine worker. The model is a name, file or path as model_store_resolve() takes it; without one,
 * the first model of the store that was made for vectors.
 *
 * Families of models that were trained with words before the text (nomic, e5, bge, mxbai,
 * embeddinggemma) get them: gguf_embedder_prefix().
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps gguf_embedder_ops;

/* What stands before a text for a model of this name; "" for most. Static. */
const char *gguf_embedder_prefix(const char *model_name, EmbedPurpose purpose);

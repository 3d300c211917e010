/*
 * embed/none_embedder.h: the embedder "none": no text has a vector, the search goes by words only.
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps none_embedder_ops;

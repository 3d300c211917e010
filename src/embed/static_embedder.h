/*
 * embed/static_embedder.h: the embedder "static": a table of word pieces, added up. English, no
 * network, no set-up, about ten microseconds a page. data/static-embedding/SPEC.md says what it
 * computes.
 *
 * A text of which less than half of the pieces are known gets no vector: Chinese, Japanese and
 * Korean are found by words.
 */
#pragma once

#include "embed/embedder.h"

extern const EmbedderOps static_embedder_ops;

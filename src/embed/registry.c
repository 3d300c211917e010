/* embed/registry.c: every embedder, one line each; the first is the default. */
#include "embed/embedder.h"
#include "embed/gemini_embedder.h"
#include "embed/gguf_embedder.h"
#include "embed/none_embedder.h"
#include "embed/ollama_embedder.h"
#include "embed/openai_embedder.h"
#include "embed/static_embedder.h"

const EmbedderOps *const embedder_registry[] = {
    &static_embedder_ops,
    &gguf_embedder_ops,
    &ollama_embedder_ops,
    &openai_embedder_ops,
    &gemini_embedder_ops,
    &none_embedder_ops,
    NULL,
};

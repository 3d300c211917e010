/*
 * memory/memory_config.h: the [memory] section: the workspace and how it is indexed.
 */
#pragma once

#include "base/field.h"

typedef enum {
    EMBEDDING_LOCAL,
    EMBEDDING_OPENAI,
    EMBEDDING_GGUF,
    EMBEDDING_GEMINI,
    EMBEDDING_NONE,
    EMBEDDING_STATIC, /* the same as EMBEDDING_LOCAL */
    EMBEDDING_OLLAMA,
} EmbeddingProvider;

typedef enum { MEMORY_SQLITE, MEMORY_MARKDOWN, MEMORY_NONE } MemoryBackend;

typedef struct {
    char *path; /* below the workspace */
    char *pattern;
} MemoryPathConfig;

typedef struct {
    char *workspace;        /* "~" and ${VAR} are not expanded yet */
    int embedding_provider; /* EmbeddingProvider */
    char *embedding_model;
    char *embedding_cache_dir;
    int64_t chunk_size; /* tokens */
    int64_t chunk_overlap;
    GPtrArray *paths; /* MemoryPathConfig */
    int64_t session_max_messages;
    int64_t session_max_chars;
    int backend; /* MemoryBackend */
    double temporal_decay_lambda;
    bool indexes_sessions;
    bool has_multimodal_embeddings;
    bool expands_queries;
    char *gemini_api_key;
    bool is_wiki_enabled;
    int64_t wiki_fresh_days;
    int64_t wiki_stale_days;
} MemoryConfig;

extern const Field memory_config_fields[];

/* `embedding_provider` as embedder_open() takes it. Static. */
const char *memory_config_embedder(const MemoryConfig *config);

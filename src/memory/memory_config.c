/* memory/memory_config.c: the rows of [memory]. */
#include "memory/memory_config.h"

#include "base/check.h"

static const char *const embedding_providers[] = { "local", "openai", "gguf",   "gemini",
                                                   "none",  "static", "ollama", NULL };
static const char *const backends[] = { "sqlite", "markdown", "none", NULL };

/* clang-format off */
static const Field path_fields[] = {
    { "path",    FIELD_STRING(MemoryPathConfig, path),    .check = check_one_line, .flags = FIELD_REQUIRED, .help = "Folder below the workspace, or an absolute one." },
    { "pattern", FIELD_STRING(MemoryPathConfig, pattern), .default_text = "**/*.md", .check = check_one_line, .help = "Files of it." },
    { 0 }
};

const Field memory_config_fields[] = {
    { "workspace",             FIELD_STRING(MemoryConfig, workspace),             .default_text = "~/.local/share/localgpt/workspace", .check = check_whole_path, .help = "Folder of the notes (MEMORY.md and the rest)." },
    { "embedding_provider",    FIELD_ENUM(MemoryConfig, embedding_provider, embedding_providers), .default_text = "local", .help = "What turns text into vectors for the search by meaning: local and static are the table that comes with the program, gguf a model file of yours, openai, ollama and gemini a server, none searches by words only." },
    { "embedding_model",       FIELD_STRING(MemoryConfig, embedding_model),       .default_text = "all-MiniLM-L6-v2", .check = check_one_line, .help = "Model for it; all-MiniLM-L6-v2 means its own choice." },
    { "embedding_cache_dir",   FIELD_STRING(MemoryConfig, embedding_cache_dir),   .default_text = "~/.cache/localgpt/embeddings", .check = check_one_line, .flags = FIELD_INERT, .help = "Folder of its files." },
    { "chunk_size",            FIELD_INT(MemoryConfig, chunk_size),               .default_text = "400", .min = 16, .max = 8192, .help = "Tokens of one piece of a note." },
    { "chunk_overlap",         FIELD_INT(MemoryConfig, chunk_overlap),            .default_text = "80", .min = 0, .max = 4096, .help = "Tokens that neighbouring pieces share." },
    { "paths",                 FIELD_STRUCTS(MemoryConfig, paths, MemoryPathConfig, path_fields), .default_text = "[{\"path\": \"knowledge\", \"pattern\": \"**/*.md\"}]", .help = "Further folders that are indexed, each with path and pattern." },
    { "session_max_messages",  FIELD_INT(MemoryConfig, session_max_messages),     .default_text = "15", .min = 0, .max = 100000, .help = "Messages of a session kept in its note; 0 means all." },
    { "session_max_chars",     FIELD_INT(MemoryConfig, session_max_chars),        .default_text = "0", .min = 0, .max = 1e9, .help = "Characters of each; 0 means all." },
    { "backend",               FIELD_ENUM(MemoryConfig, backend, backends),       .default_text = "sqlite", .flags = FIELD_INERT, .help = "Where the index lives." },
    { "temporal_decay_lambda", FIELD_DOUBLE(MemoryConfig, temporal_decay_lambda), .default_text = "0.0", .min = 0, .max = 100, .help = "How fast old notes lose weight; 0 means not." },
    { "index_sessions",        FIELD_BOOL(MemoryConfig, indexes_sessions),        .default_text = "false", .help = "Search old conversations too." },
    { "multimodal_embeddings", FIELD_BOOL(MemoryConfig, has_multimodal_embeddings), .default_text = "false", .flags = FIELD_INERT, .help = "Vectors of images too." },
    { "llm_query_expansion",   FIELD_BOOL(MemoryConfig, expands_queries),         .default_text = "false", .flags = FIELD_INERT, .help = "Let the model add words to a search." },
    { "gemini_api_key",        FIELD_STRING(MemoryConfig, gemini_api_key),        .default_text = "", .flags = FIELD_SECRET, .help = "Key for embedding_provider \"gemini\"." },
    { "wiki_enabled",          FIELD_BOOL(MemoryConfig, is_wiki_enabled),         .default_text = "false", .flags = FIELD_INERT, .help = "Keep a wiki of what is known." },
    { "wiki_fresh_days",       FIELD_INT(MemoryConfig, wiki_fresh_days),          .default_text = "7", .min = 0, .max = 36500, .flags = FIELD_INERT, .help = "Days a page counts as fresh." },
    { "wiki_stale_days",       FIELD_INT(MemoryConfig, wiki_stale_days),          .default_text = "30", .min = 0, .max = 36500, .flags = FIELD_INERT, .help = "Days until a page counts as stale." },
    { 0 }
};
/* clang-format on */

const char *memory_config_embedder(const MemoryConfig *config) {
    return embedding_providers[config->embedding_provider];
}

/*
 * agent/agent_config.h: the [agent] section: which model answers, and how much of everything.
 */
#pragma once

#include "base/field.h"

/* What is recalled into every prompt without being asked. */
typedef struct {
    bool is_enabled;
    int64_t max_results;
    double min_score;
    int64_t max_chars;
    int64_t cache_ttl_ms;
} ActiveMemoryConfig;

typedef enum { REFLEXES_AUTO, REFLEXES_ON, REFLEXES_OFF } ReflexMode;
typedef enum { PERMISSION_SAFE, PERMISSION_ELEVATED, PERMISSION_ADMIN } PermissionLevel;

typedef struct {
    char *default_model;    /* "provider/model"; "" = automatic */
    char **fallback_models; /* tried in order when the model fails */
    int64_t context_window; /* tokens; the model's own window when it is smaller */
    int64_t reserve_tokens;
    int64_t max_tokens; /* of one answer */
    int thinking;       /* ThinkingLevel */
    int reflexes;       /* ReflexMode */
    char *subagent_model;
    int64_t max_spawn_depth;
    int64_t max_tool_repeats;
    int64_t max_tool_errors;
    int64_t max_turns;
    bool retries_malformed_tool_calls;
    int64_t session_max_age; /* seconds */
    int64_t session_max_count;
    char **post_compaction_sections;
    bool has_checkpoints;
    int64_t max_checkpoints;
    int permission_level; /* PermissionLevel */
    ActiveMemoryConfig active_memory;
} AgentConfig;

extern const Field agent_config_fields[];

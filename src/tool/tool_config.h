/*
 * tool/tool_config.h: the [tools] section: limits of what the agent runs and reads.
 */
#pragma once

#include "base/field.h"

/* What one tool's input may hold. */
typedef struct {
    char **deny_patterns;
    char **allow_patterns;
    char **deny_substrings;
} ToolFilterConfig;

typedef struct {
    int64_t bash_timeout_ms;
    int64_t web_fetch_max_bytes;
    char **require_approval; /* names of tools */
    int64_t tool_output_max_chars;
    bool logs_injection_warnings;
    bool uses_content_delimiters;
    GHashTable *document_loaders; /* file ending to command */
    int64_t document_max_bytes;
    json_t *stt;
    int64_t image_max_dimension;
    bool is_media_cache_enabled;
    int64_t media_cache_max_mb;
    bool is_browser_enabled;
    int64_t browser_port;
    GHashTable *filters; /* name of a tool to ToolFilterConfig */
} ToolConfig;

extern const Field tool_config_fields[];

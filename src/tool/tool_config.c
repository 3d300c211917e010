/* tool/tool_config.c: the rows of [tools]. */
#include "tool/tool_config.h"

/* clang-format off */
static const Field filter_fields[] = {
    { "deny_patterns",   FIELD_STRINGS(ToolFilterConfig, deny_patterns),   .default_text = "[]", .help = "Regular expressions; a match is refused." },
    { "allow_patterns",  FIELD_STRINGS(ToolFilterConfig, allow_patterns),  .default_text = "[]", .help = "Regular expressions; when there are any, one must match." },
    { "deny_substrings", FIELD_STRINGS(ToolFilterConfig, deny_substrings), .default_text = "[]", .help = "Plain text that is refused." },
    { 0 }
};

const Field tool_config_fields[] = {
    { "bash_timeout_ms",        FIELD_INT(ToolConfig, bash_timeout_ms),         .default_text = "30000", .min = 100, .max = 86400000, .help = "Milliseconds a shell command may take." },
    { "web_fetch_max_bytes",    FIELD_INT(ToolConfig, web_fetch_max_bytes),     .default_text = "10000", .min = 100, .max = 104857600, .flags = FIELD_INERT, .help = "Bytes of a web page handed to the model." },
    { "require_approval",       FIELD_STRINGS(ToolConfig, require_approval),    .default_text = "[]", .help = "Tools that always ask first, by name." },
    { "tool_output_max_chars",  FIELD_INT(ToolConfig, tool_output_max_chars),   .default_text = "50000", .min = 0, .max = 1e9, .help = "Characters of a tool's output handed to the model; 0 means all." },
    { "log_injection_warnings", FIELD_BOOL(ToolConfig, logs_injection_warnings), .default_text = "true", .flags = FIELD_INERT, .help = "Warn when a tool's output looks like orders to the model." },
    { "use_content_delimiters", FIELD_BOOL(ToolConfig, uses_content_delimiters), .default_text = "true", .flags = FIELD_INERT, .help = "Mark outside text as such for the model." },
    { "document_loaders",       FIELD_MAP(ToolConfig, document_loaders),        .default_text = "{}", .flags = FIELD_INERT, .help = "Commands that turn a document into text, by file ending." },
    { "document_max_bytes",     FIELD_INT(ToolConfig, document_max_bytes),      .default_text = "10485760", .min = 1024, .max = 1073741824, .help = "Bytes of a document at most." },
    { "stt",                    FIELD_JSON(ToolConfig, stt),                    .flags = FIELD_INERT, .help = "Settings for turning speech into text." },
    { "image_max_dimension",    FIELD_INT(ToolConfig, image_max_dimension),     .default_text = "1568", .min = 16, .max = 16384, .flags = FIELD_INERT, .help = "Pixels of an image's longer side; larger ones are scaled down." },
    { "media_cache_enabled",    FIELD_BOOL(ToolConfig, is_media_cache_enabled), .default_text = "true", .flags = FIELD_INERT, .help = "Keep images and audio that were fetched." },
    { "media_cache_max_mb",     FIELD_INT(ToolConfig, media_cache_max_mb),      .default_text = "100", .min = 0, .max = 1048576, .flags = FIELD_INERT, .help = "Megabytes kept at most." },
    { "browser_enabled",        FIELD_BOOL(ToolConfig, is_browser_enabled),     .default_text = "false", .flags = FIELD_INERT, .help = "Let the agent drive a web browser." },
    { "browser_port",           FIELD_INT(ToolConfig, browser_port),            .default_text = "9222", .min = 1, .max = 65535, .flags = FIELD_INERT, .help = "Debugging port of that browser." },
    { "filters",                FIELD_STRUCT_MAP(ToolConfig, filters, ToolFilterConfig, filter_fields), .default_text = "{}", .help = "What each tool's input may hold: [tools.filters.NAME]." },
    { 0 }
};
/* clang-format on */

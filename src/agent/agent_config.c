/* agent/agent_config.c: the rows of [agent]. */
#include "agent/agent_config.h"

#include "base/check.h"
#include "provider/provider.h"

static const char *const reflex_modes[] = { "auto", "on", "off", NULL };
static const char *const permission_levels[] = { "safe", "elevated", "admin", NULL };

/* clang-format off */
static const Field active_memory_fields[] = {
    { "enabled",      FIELD_BOOL(ActiveMemoryConfig, is_enabled),  .default_text = "false", .flags = FIELD_INERT, .help = "Recall matching notes into every prompt." },
    { "max_results",  FIELD_INT(ActiveMemoryConfig, max_results),  .default_text = "3",     .min = 1, .max = 50, .flags = FIELD_INERT, .help = "Notes recalled at most." },
    { "min_score",    FIELD_DOUBLE(ActiveMemoryConfig, min_score), .default_text = "0.3",   .min = 0, .max = 1, .flags = FIELD_INERT, .help = "Notes that match less are left out." },
    { "max_chars",    FIELD_INT(ActiveMemoryConfig, max_chars),    .default_text = "2000",  .min = 0, .max = 1000000, .flags = FIELD_INERT, .help = "Characters recalled at most." },
    { "cache_ttl_ms", FIELD_INT(ActiveMemoryConfig, cache_ttl_ms), .default_text = "15000", .min = 0, .max = 86400000, .flags = FIELD_INERT, .help = "How long a recall is reused, in milliseconds." },
    { 0 }
};

const Field agent_config_fields[] = {
    { "default_model",   FIELD_STRING(AgentConfig, default_model),    .default_text = "",       .check = check_model_id, .help = "Model that answers, as provider/model; empty means automatic: the local model, or the provider whose key is set. (The original's default is claude-cli/opus.)" },
    { "fallback_models", FIELD_STRINGS(AgentConfig, fallback_models), .default_text = "[]",     .help = "Models tried in this order when the first one fails before its first word." },
    { "context_window",  FIELD_INT(AgentConfig, context_window),      .default_text = "128000", .min = 512, .max = 10000000, .help = "Tokens a conversation may fill; a model with a smaller window uses its own." },
    { "reserve_tokens",  FIELD_INT(AgentConfig, reserve_tokens),      .default_text = "8000",   .min = 0, .max = 1000000, .help = "Tokens kept free for the answer before old messages are summed up." },
    { "max_tokens",      FIELD_INT(AgentConfig, max_tokens),          .default_text = "4096",   .min = 1, .max = 1000000, .help = "Tokens of one answer at most." },
    { "thinking",        FIELD_ENUM(AgentConfig, thinking, thinking_levels), .default_text = "default", .help = "How hard the model thinks before it answers, where it can be told." },
    { "reflexes",        FIELD_ENUM(AgentConfig, reflexes, reflex_modes), .default_text = "auto", .help = "Answer what needs no model (a sum, a date, a note, the manual) without one: auto does so where the model is tiny." },
    { "subagent_model",  FIELD_STRING(AgentConfig, subagent_model),   .default_text = "",       .check = check_model_id, .flags = FIELD_INERT, .help = "Model of sub-agents; empty means the default model." },
    { "max_spawn_depth", FIELD_INT(AgentConfig, max_spawn_depth),     .default_text = "1",      .min = 0, .max = 10, .help = "How deep sub-agents may start further ones; 0 means none." },
    { "max_tool_repeats", FIELD_INT(AgentConfig, max_tool_repeats),   .default_text = "3",      .min = 0, .max = 100, .help = "The same tool call is not made again when it comes this often in a row; the model is told why. 0 means never." },
    { "max_tool_errors", FIELD_INT(AgentConfig, max_tool_errors),     .default_text = "3",      .min = 0, .max = 100, .help = "After this many failures of a tool in a row the model is told to find another way; 0 means never." },
    { "max_turns",       FIELD_INT(AgentConfig, max_turns),           .default_text = "25",     .min = 1, .max = 1000, .help = "Requests to the model for one message, as when it calls tools." },
    { "tool_retry_on_malformed", FIELD_BOOL(AgentConfig, retries_malformed_tool_calls), .default_text = "true", .flags = FIELD_INERT, .help = "Ask the model again when its tool call does not parse." },
    { "session_max_age", FIELD_INT(AgentConfig, session_max_age),     .default_text = "2592000", .min = 0, .max = 1e12, .flags = FIELD_INERT, .help = "Seconds after which an untouched session may be removed; 0 means never." },
    { "session_max_count", FIELD_INT(AgentConfig, session_max_count), .default_text = "500",    .min = 0, .max = 1000000, .flags = FIELD_INERT, .help = "Sessions kept at most; 0 means all." },
    { "post_compaction_sections", FIELD_STRINGS(AgentConfig, post_compaction_sections), .default_text = "[\"Session Startup\", \"Red Lines\"]", .flags = FIELD_INERT, .help = "Headings of the workspace's rules that are read again after old messages were summed up." },
    { "checkpoints_enabled", FIELD_BOOL(AgentConfig, has_checkpoints), .default_text = "true",  .flags = FIELD_INERT, .help = "Keep checkpoints of a session before it is summed up." },
    { "max_checkpoints", FIELD_INT(AgentConfig, max_checkpoints),     .default_text = "5",      .min = 0, .max = 1000, .flags = FIELD_INERT, .help = "Checkpoints kept per session." },
    { "permission_level", FIELD_ENUM(AgentConfig, permission_level, permission_levels), .default_text = "safe", .help = "What tools may do without asking: safe asks before anything changes, elevated changes files of the workspace, admin does whatever the sandbox allows. --mode says otherwise for once." },
    { "active_memory",   FIELD_STRUCT(AgentConfig, active_memory, active_memory_fields), .help = "Notes recalled into every prompt." },
    { 0 }
};
/* clang-format on */

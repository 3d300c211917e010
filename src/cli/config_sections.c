/* cli/config_sections.c: every section of the configuration, gathered from its owners. */
#include "cli/config_sections.h"

#include "agent/agent_config.h"
#include "agent/cron_config.h"
#include "agent/heartbeat_config.h"
#include "agent/hooks_config.h"
#include "channel/telegram_config.h"
#include "cli/logging_config.h"
#include "memory/memory_config.h"
#include "policy/security_config.h"
#include "provider/engine_config.h"
#include "provider/model_config.h"
#include "provider/provider_config.h"
#include "sandbox/sandbox_config.h"
#include "server/server_config.h"
#include "tool/mcp_config.h"
#include "tool/tool_config.h"
#include "undo/undo_config.h"
#include "websearch/websearch_config.h"

/* clang-format off */
const ConfigSection config_sections[] = {
    { "agent",                       "Which model answers, and how much of everything.",    agent_config_fields,             sizeof(AgentConfig) },
    { "engine",                      "How local models run.",                               engine_config_fields,            sizeof(EngineConfig) },
    { "models",                      "Where local models come from.",                       models_config_fields,            sizeof(ModelsConfig) },
    { "providers",                   "Servers of your own choice, by name.",                providers_config_fields,         sizeof(ProvidersConfig) },
    { "providers.anthropic",         "Anthropic (Claude).",                                 anthropic_config_fields,         sizeof(KeyProviderConfig) },
    { "providers.openai",            "OpenAI, or any server that speaks its API.",          openai_config_fields,            sizeof(KeyProviderConfig) },
    { "providers.xai",               "xAI (Grok).",                                         xai_config_fields,               sizeof(KeyProviderConfig) },
    { "providers.ollama",            "Ollama.",                                             ollama_config_fields,            sizeof(OllamaConfig) },
    { "providers.claude_cli",        "The claude program (models claude-cli/...).",         claude_cli_config_fields,        sizeof(CliProviderConfig) },
    { "providers.glm",               "Z.AI (GLM).",                                         glm_config_fields,               sizeof(KeyProviderConfig) },
    { "providers.anthropic_oauth",   "A Claude Pro or Max subscription.",                   anthropic_oauth_config_fields,   sizeof(OauthProviderConfig) },
    { "providers.gemini_oauth",      "A Gemini subscription.",                              gemini_oauth_config_fields,      sizeof(OauthProviderConfig) },
    { "providers.gemini",            "Google Gemini.",                                      gemini_config_fields,            sizeof(KeyProviderConfig) },
    { "providers.gemini_cli",        "The gemini program (models gemini-cli/...).",         gemini_cli_config_fields,        sizeof(CliProviderConfig) },
    { "providers.codex_cli",         "The codex program (models codex-cli/...).",           codex_cli_config_fields,         sizeof(CliProviderConfig) },
    { "providers.openai_compatible", "Another server that speaks OpenAI's API.",            openai_compatible_config_fields, sizeof(CompatibleProviderConfig) },
    { "providers.openrouter",        "OpenRouter.",                                         openrouter_config_fields,        sizeof(KeyProviderConfig) },
    { "providers.vertex",            "Google Vertex AI.",                                   vertex_config_fields,            sizeof(VertexConfig) },
    { "heartbeat",                   "Work without being asked.",                           heartbeat_config_fields,         sizeof(HeartbeatConfig) },
    { "cron",                        "Prompts at set times.",                               cron_config_fields,              sizeof(CronConfig) },
    { "memory",                      "The workspace and how it is indexed.",                memory_config_fields,            sizeof(MemoryConfig) },
    { "server",                      "The daemon's HTTP API and web page.",                 server_config_fields,            sizeof(ServerConfig) },
    { "logging",                     "The log.",                                            logging_config_fields,           sizeof(LoggingConfig) },
    { "tools",                       "Limits of what the agent runs and reads.",            tool_config_fields,              sizeof(ToolConfig) },
    { "tools.web_search",            "Searching the web.",                                  websearch_config_fields,         sizeof(WebsearchConfig) },
    { "security",                    "Signed rules and the fence around files.",            security_config_fields,          sizeof(SecurityConfig) },
    { "sandbox",                     "The kernel sandbox around every command.",            sandbox_config_fields,           sizeof(SandboxConfig) },
    { "undo",                        "Taking back what the agent did to files.",            undo_config_fields,              sizeof(UndoConfig) },
    { "telegram",                    "The Telegram bot.",                                   telegram_config_fields,          sizeof(TelegramConfig) },
    { "hooks",                       "Commands that run on events.",                        hooks_config_fields,             sizeof(HooksConfig) },
    { "mcp",                         "Servers whose tools the agent may use.",              mcp_config_fields,               sizeof(McpConfig) },
    { 0 }
};
/* clang-format on */

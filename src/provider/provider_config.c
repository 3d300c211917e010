/* provider/provider_config.c: the rows of [providers.*]. */
#include "provider/provider_config.h"

#include "base/check.h"

/* clang-format off */
#define API_KEY(S, inert) { "api_key", FIELD_STRING(S, api_key), .default_text = "", .flags = FIELD_SECRET | (inert), .help = "Key, or a variable that holds it." }
#define BASE_URL(S, address, inert) { "base_url", FIELD_STRING(S, base_url), .default_text = (address), .check = check_http_url, .flags = (inert), .help = "Address of the server." }

#define KEY_PROVIDER(address, inert) { \
    API_KEY(KeyProviderConfig, inert), \
    BASE_URL(KeyProviderConfig, address, inert), \
    { 0 } \
}

const Field anthropic_config_fields[] = KEY_PROVIDER("https://api.anthropic.com", 0);
const Field gemini_config_fields[] = KEY_PROVIDER("https://generativelanguage.googleapis.com", FIELD_INERT);
const Field glm_config_fields[] = KEY_PROVIDER("https://api.z.ai/api/coding/paas/v4", 0);
const Field openai_config_fields[] = KEY_PROVIDER("https://api.openai.com/v1", 0);
const Field openrouter_config_fields[] = KEY_PROVIDER("https://openrouter.ai/api/v1", 0);
const Field xai_config_fields[] = KEY_PROVIDER("https://api.x.ai/v1", 0);

#define TOKENS \
    { "access_token",  FIELD_STRING(OauthProviderConfig, access_token),  .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Access token of the subscription; preferred over api_key." }, \
    { "refresh_token", FIELD_STRING(OauthProviderConfig, refresh_token), .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Token that renews access_token." }

const Field anthropic_oauth_config_fields[] = {
    TOKENS,
    BASE_URL(OauthProviderConfig, "https://api.anthropic.com", FIELD_INERT),
    { 0 }
};

const Field gemini_oauth_config_fields[] = {
    TOKENS,
    BASE_URL(OauthProviderConfig, "https://generativelanguage.googleapis.com", FIELD_INERT),
    { "project_id", FIELD_STRING(OauthProviderConfig, project_id), .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Google Cloud project, for enterprise accounts." },
    { 0 }
};

#define COMMAND_AND_MODEL(program, name) \
    { "command", FIELD_STRING(CliProviderConfig, command), .default_text = (program), .check = check_one_line, .flags = FIELD_INERT, .help = "Program to run, by name or path." }, \
    { "model",   FIELD_STRING(CliProviderConfig, model),   .default_text = (name),    .check = check_model_id, .flags = FIELD_INERT, .help = "Model when the id names none." }

const Field claude_cli_config_fields[] = {
    COMMAND_AND_MODEL("claude", "opus"),
    { "effort",              FIELD_STRING(CliProviderConfig, effort),            .default_text = "max", .check = check_one_line, .flags = FIELD_INERT, .help = "How hard it thinks." },
    { "mcp_config_override", FIELD_JSON(CliProviderConfig, mcp_config_override), .flags = FIELD_INERT, .help = "MCP configuration handed to the program." },
    { "builtin_tools",       FIELD_JSON(CliProviderConfig, builtin_tools),       .flags = FIELD_INERT, .help = "Tools of its own that the program may use." },
    { 0 }
};

const Field codex_cli_config_fields[] = {
    COMMAND_AND_MODEL("codex", "o4-mini"),
    { 0 }
};

const Field gemini_cli_config_fields[] = {
    COMMAND_AND_MODEL("gemini", "gemini-3.1-pro-preview"),
    { 0 }
};

const Field ollama_config_fields[] = {
    { "endpoint", FIELD_STRING(OllamaConfig, endpoint), .default_text = "http://localhost:11434", .check = check_http_url, .help = "Address of the server." },
    { "model",    FIELD_STRING(OllamaConfig, model),    .default_text = "llama3", .check = check_model_id, .help = "Model when the id names none." },
    { 0 }
};

const Field openai_compatible_config_fields[] = {
    BASE_URL(CompatibleProviderConfig, "", 0),
    API_KEY(CompatibleProviderConfig, 0),
    { "model",         FIELD_STRING(CompatibleProviderConfig, model),      .default_text = "", .check = check_model_id, .help = "Model when the id names none." },
    { "extra_headers", FIELD_MAP(CompatibleProviderConfig, extra_headers), .default_text = "{}", .flags = FIELD_SECRET, .help = "Further headers of every request, by name." },
    { 0 }
};

const Field providers_config_fields[] = {
    { "custom", FIELD_STRUCT_MAP(ProvidersConfig, custom, CompatibleProviderConfig, openai_compatible_config_fields), .default_text = "{}", .help = "Servers that speak OpenAI's API, by a name of your own: [providers.custom.NAME]." },
    { 0 }
};

const Field vertex_config_fields[] = {
    { "service_account_key", FIELD_STRING(VertexConfig, service_account_key), .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Key of the service account: the JSON text or its file." },
    { "project_id",          FIELD_STRING(VertexConfig, project_id),          .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Google Cloud project." },
    { "location",            FIELD_STRING(VertexConfig, location),            .default_text = "us-central1", .check = check_one_line, .flags = FIELD_INERT, .help = "Region of the endpoint." },
    { 0 }
};
/* clang-format on */

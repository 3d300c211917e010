/*
 * provider/provider_config.h: the [providers.*] sections: addresses and keys of the models'
 * servers.
 *
 * A string is "" when the file does not set it. Keys are often ${VAR}: read them from the struct of
 * config_section_expand().
 */
#pragma once

#include "base/field.h"

/* anthropic, gemini, glm, openai, openrouter, xai. */
typedef struct {
    char *api_key;
    char *base_url;
} KeyProviderConfig;

/* anthropic_oauth, gemini_oauth: a subscription instead of a key. */
typedef struct {
    char *access_token;
    char *refresh_token;
    char *base_url;
    char *project_id; /* gemini_oauth only */
} OauthProviderConfig;

typedef struct {
    char *endpoint;
    char *model;
} OllamaConfig;

/* claude_cli, codex_cli, gemini_cli: another program that answers. */
typedef struct {
    char *command;
    char *model;
    char *effort;
    json_t *mcp_config_override;
    json_t *builtin_tools;
} CliProviderConfig;

/* openai_compatible, and each [providers.custom.NAME]. */
typedef struct {
    char *base_url;
    char *api_key;
    char *model;
    GHashTable *extra_headers; /* char * to char * */
} CompatibleProviderConfig;

typedef struct {
    char *service_account_key;
    char *project_id;
    char *location;
} VertexConfig;

/* [providers]: what is named by the user. */
typedef struct {
    GHashTable *custom; /* char * to CompatibleProviderConfig; NULL when there is none */
} ProvidersConfig;

extern const Field anthropic_config_fields[];       /* KeyProviderConfig */
extern const Field anthropic_oauth_config_fields[]; /* OauthProviderConfig */
extern const Field claude_cli_config_fields[];      /* CliProviderConfig */
extern const Field codex_cli_config_fields[];       /* CliProviderConfig */
extern const Field gemini_cli_config_fields[];      /* CliProviderConfig */
extern const Field gemini_config_fields[];          /* KeyProviderConfig */
extern const Field gemini_oauth_config_fields[];    /* OauthProviderConfig */
extern const Field glm_config_fields[];             /* KeyProviderConfig */
extern const Field ollama_config_fields[];
extern const Field openai_compatible_config_fields[]; /* CompatibleProviderConfig */
extern const Field openai_config_fields[];            /* KeyProviderConfig */
extern const Field openrouter_config_fields[];        /* KeyProviderConfig */
extern const Field providers_config_fields[];
extern const Field vertex_config_fields[];
extern const Field xai_config_fields[]; /* KeyProviderConfig */

/*
 * tool/mcp_config.h: the [mcp] section: servers whose tools the agent may use.
 */
#pragma once

#include "base/field.h"

typedef enum { MCP_STDIO, MCP_SSE, MCP_HTTP } McpTransport;

typedef struct {
    char *name;
    int transport; /* McpTransport */
    char *command;
    char **args;
    GHashTable *env; /* char * to char * */
    char *url;
    bool is_enabled;
} McpServerConfig;

typedef struct {
    GPtrArray *servers; /* McpServerConfig */
} McpConfig;

extern const Field mcp_config_fields[];

/* tool/mcp_config.c: the rows of [mcp]. */
#include "tool/mcp_config.h"

#include "base/check.h"

static const char *const transports[] = { "stdio", "sse", "http", NULL };

/* clang-format off */
static const Field server_fields[] = {
    { "name",      FIELD_STRING(McpServerConfig, name),                .check = check_one_line, .flags = FIELD_REQUIRED, .help = "Name of the server." },
    { "transport", FIELD_ENUM(McpServerConfig, transport, transports), .default_text = "stdio", .help = "How to talk to it." },
    { "command",   FIELD_STRING(McpServerConfig, command),             .default_text = "", .help = "Program to start, for stdio." },
    { "args",      FIELD_STRINGS(McpServerConfig, args),               .default_text = "[]", .help = "Its arguments." },
    { "env",       FIELD_MAP(McpServerConfig, env),                    .default_text = "{}", .flags = FIELD_SECRET, .help = "Its environment." },
    { "url",       FIELD_STRING(McpServerConfig, url),                 .default_text = "", .check = check_http_url, .help = "Address, for sse and http." },
    { "enabled",   FIELD_BOOL(McpServerConfig, is_enabled),            .default_text = "true", .help = "Whether it is used." },
    { 0 }
};

const Field mcp_config_fields[] = {
    { "servers", FIELD_STRUCTS(McpConfig, servers, McpServerConfig, server_fields), .default_text = "[]", .flags = FIELD_INERT, .help = "Servers with name, transport, command, args, env, url and enabled; write each as a [[mcp.servers]] table." },
    { 0 }
};
/* clang-format on */

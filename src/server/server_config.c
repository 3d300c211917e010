/* server/server_config.c: the rows of [server]. */
#include "server/server_config.h"

#include "base/check.h"

/* clang-format off */
static const Field rate_limit_fields[] = {
    { "enabled",             FIELD_BOOL(RateLimitConfig, is_enabled),         .default_text = "true", .flags = FIELD_INERT | FIELD_RESTART, .help = "Limit how often one caller may ask." },
    { "requests_per_minute", FIELD_INT(RateLimitConfig, requests_per_minute), .default_text = "60", .min = 1, .max = 1000000, .flags = FIELD_INERT | FIELD_RESTART, .help = "Requests of one caller in a minute." },
    { "burst",               FIELD_INT(RateLimitConfig, burst),               .default_text = "10", .min = 1, .max = 1000000, .flags = FIELD_INERT | FIELD_RESTART, .help = "Requests at once." },
    { 0 }
};

const Field server_config_fields[] = {
    { "enabled",          FIELD_BOOL(ServerConfig, is_enabled),       .default_text = "true", .flags = FIELD_INERT | FIELD_RESTART, .help = "Serve the HTTP API and the web page." },
    { "port",             FIELD_INT(ServerConfig, port),              .default_text = "31327", .min = 1, .max = 65535, .flags = FIELD_INERT | FIELD_RESTART, .help = "TCP port to listen on." },
    { "bind",             FIELD_STRING(ServerConfig, bind),           .default_text = "127.0.0.1", .check = check_bind_address, .flags = FIELD_INERT | FIELD_RESTART, .help = "Address to listen on; other than this machine's needs auth_token." },
    { "auth_token",       FIELD_STRING(ServerConfig, auth_token),     .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Token a caller must send; empty means none is asked for on this machine." },
    { "cors_origins",     FIELD_STRINGS(ServerConfig, cors_origins),  .default_text = "[]", .flags = FIELD_INERT | FIELD_RESTART, .help = "Web pages of other origins that may call." },
    { "max_request_body", FIELD_INT(ServerConfig, max_request_body),  .default_text = "10485760", .min = 1024, .max = 1073741824, .flags = FIELD_INERT | FIELD_RESTART, .help = "Bytes of one request at most." },
    { "rate_limit",       FIELD_STRUCT(ServerConfig, rate_limit, rate_limit_fields), .help = "How often one caller may ask." },
    { "webhook_secret",   FIELD_STRING(ServerConfig, webhook_secret), .default_text = "", .flags = FIELD_SECRET | FIELD_INERT, .help = "Secret that signs incoming webhooks." },
    { "tls_enabled",      FIELD_BOOL(ServerConfig, is_tls_enabled),   .default_text = "false", .flags = FIELD_INERT | FIELD_RESTART, .help = "Serve HTTPS." },
    { "tls_cert_dir",     FIELD_STRING(ServerConfig, tls_cert_dir),   .default_text = "", .check = check_one_line, .flags = FIELD_INERT | FIELD_RESTART, .help = "Folder of the certificate; empty means below the data folder." },
    { "tls_renew_threshold_days", FIELD_INT(ServerConfig, tls_renew_threshold_days), .default_text = "30", .min = 1, .max = 3650, .flags = FIELD_INERT, .help = "Days before its end at which a certificate is renewed." },
    { 0 }
};
/* clang-format on */

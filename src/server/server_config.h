/*
 * server/server_config.h: the [server] section: the daemon's HTTP API and web page.
 */
#pragma once

#include "base/field.h"

typedef struct {
    bool is_enabled;
    int64_t requests_per_minute;
    int64_t burst;
} RateLimitConfig;

typedef struct {
    bool is_enabled;
    int64_t port;
    char *bind;
    char *auth_token;
    char **cors_origins;
    int64_t max_request_body; /* bytes */
    RateLimitConfig rate_limit;
    char *webhook_secret;
    bool is_tls_enabled;
    char *tls_cert_dir;
    int64_t tls_renew_threshold_days;
} ServerConfig;

extern const Field server_config_fields[];

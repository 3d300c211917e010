/*
 * sandbox/sandbox_config.h: the [sandbox] section: the kernel sandbox around every tool.
 */
#pragma once

#include "base/field.h"

typedef enum {
    SANDBOX_LEVEL_AUTO,
    SANDBOX_LEVEL_FULL,
    SANDBOX_LEVEL_STANDARD,
    SANDBOX_LEVEL_MINIMAL,
    SANDBOX_LEVEL_NONE,
} SandboxLevel;

typedef enum { SANDBOX_NETWORK_DENY, SANDBOX_NETWORK_PROXY } SandboxNetwork;

typedef struct {
    char **read;
    char **write;
} SandboxPathsConfig;

typedef struct {
    int policy;           /* SandboxNetwork */
    char **allow_domains; /* sandbox/proxy_rule.h */
    bool allows_private;
} SandboxNetworkConfig;

typedef struct {
    bool is_enabled;
    int level; /* SandboxLevel */
    int64_t timeout_secs;
    int64_t kill_after_ms;
    int64_t max_output_bytes;
    int64_t max_file_size_bytes;
    int64_t max_processes;
    int64_t max_memory_bytes;
    int64_t max_temp_bytes;
    int64_t max_disk_bytes;
    SandboxPathsConfig allow_paths;
    SandboxNetworkConfig network;
} SandboxConfig;

extern const Field sandbox_config_fields[];

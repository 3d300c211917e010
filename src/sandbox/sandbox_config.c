/* sandbox/sandbox_config.c: the rows of [sandbox]. */
#include "sandbox/sandbox_config.h"

static const char *const levels[] = { "auto", "full", "standard", "minimal", "none", NULL };
static const char *const network_policies[] = { "deny", "proxy", NULL };

/* clang-format off */
static const Field path_fields[] = {
    { "read",  FIELD_STRINGS(SandboxPathsConfig, read),  .default_text = "[]", .flags = FIELD_INERT, .help = "Further folders a command may read." },
    { "write", FIELD_STRINGS(SandboxPathsConfig, write), .default_text = "[]", .flags = FIELD_INERT, .help = "Further folders a command may write." },
    { 0 }
};

static const Field network_fields[] = {
    { "policy", FIELD_ENUM(SandboxNetworkConfig, policy, network_policies), .default_text = "deny", .flags = FIELD_INERT, .help = "Whether a command reaches the network." },
    { 0 }
};

const Field sandbox_config_fields[] = {
    { "enabled",             FIELD_BOOL(SandboxConfig, is_enabled),            .default_text = "true", .flags = FIELD_INERT, .help = "Run every command inside the sandbox." },
    { "level",               FIELD_ENUM(SandboxConfig, level, levels),         .default_text = "auto", .flags = FIELD_INERT, .help = "How much is required; auto takes all that the kernel has." },
    { "timeout_secs",        FIELD_INT(SandboxConfig, timeout_secs),           .default_text = "120", .min = 1, .max = 86400, .flags = FIELD_INERT, .help = "Seconds a command may run." },
    { "max_output_bytes",    FIELD_INT(SandboxConfig, max_output_bytes),       .default_text = "1048576", .min = 1024, .max = 1073741824, .flags = FIELD_INERT, .help = "Bytes of output kept." },
    { "max_file_size_bytes", FIELD_INT(SandboxConfig, max_file_size_bytes),    .default_text = "52428800", .min = 0, .max = 1e12, .flags = FIELD_INERT, .help = "Size of a file a command may write." },
    { "max_processes",       FIELD_INT(SandboxConfig, max_processes),          .default_text = "64", .min = 1, .max = 32768, .flags = FIELD_INERT, .help = "Processes a command may start." },
    { "allow_paths",         FIELD_STRUCT(SandboxConfig, allow_paths, path_fields), .help = "Further folders." },
    { "network",             FIELD_STRUCT(SandboxConfig, network, network_fields), .help = "Network of commands." },
    { 0 }
};
/* clang-format on */

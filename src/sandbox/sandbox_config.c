/* sandbox/sandbox_config.c: the rows of [sandbox]. */
#include "sandbox/sandbox_config.h"

static const char *const levels[] = { "auto", "full", "standard", "minimal", "none", NULL };
static const char *const network_policies[] = { "deny", "proxy", NULL };

/* clang-format off */
static const Field path_fields[] = {
    { "read",  FIELD_STRINGS(SandboxPathsConfig, read),  .default_text = "[]", .help = "Further folders or files a command may read; credentials below stay hidden." },
    { "write", FIELD_STRINGS(SandboxPathsConfig, write), .default_text = "[]", .help = "Further folders or files a command may change." },
    { 0 }
};

static const Field network_fields[] = {
    { "policy", FIELD_ENUM(SandboxNetworkConfig, policy, network_policies), .default_text = "deny", .help = "deny: a command reaches no network. proxy: at level full, it reaches the hosts of allow_domains through a proxy of ours." },
    { "allow_domains", FIELD_STRINGS(SandboxNetworkConfig, allow_domains), .default_text = "[]", .help = "Hosts like \"example.com\", \"*.example.com\", \"example.com:8080\"; ports 80 and 443 unless one is named. An empty list allows nothing." },
    { "allow_private", FIELD_BOOL(SandboxNetworkConfig, allows_private), .default_text = "false", .help = "Whether an allowed name may lead to this machine or into a private network." },
    { 0 }
};

const Field sandbox_config_fields[] = {
    { "enabled",             FIELD_BOOL(SandboxConfig, is_enabled),            .default_text = "true", .help = "Run every command inside the sandbox; false is the same as level = \"none\"." },
    { "level",               FIELD_ENUM(SandboxConfig, level, levels),         .default_text = "auto", .help = "full, standard, minimal or none; auto takes full or standard, whichever the kernel proves, and refuses below." },
    { "timeout_secs",        FIELD_INT(SandboxConfig, timeout_secs),           .default_text = "120", .min = 1, .max = 86400, .help = "Seconds a command may run." },
    { "kill_after_ms",       FIELD_INT(SandboxConfig, kill_after_ms),          .default_text = "500", .min = 0, .max = 60000, .help = "Milliseconds between asking a command to end and killing all of it." },
    { "max_output_bytes",    FIELD_INT(SandboxConfig, max_output_bytes),       .default_text = "1048576", .min = 1024, .max = 1073741824, .help = "Bytes of output kept: the last ones." },
    { "max_file_size_bytes", FIELD_INT(SandboxConfig, max_file_size_bytes),    .default_text = "52428800", .min = 0, .max = 1e12, .help = "Size of a file a command may write; 0 is no limit." },
    { "max_processes",       FIELD_INT(SandboxConfig, max_processes),          .default_text = "64", .min = 1, .max = 32768, .help = "Processes and threads a command may have at once." },
    { "max_memory_bytes",    FIELD_INT(SandboxConfig, max_memory_bytes),       .default_text = "2147483648", .min = 0, .max = 1e15, .help = "Memory of each process of a command; 0 is no limit." },
    { "max_temp_bytes",      FIELD_INT(SandboxConfig, max_temp_bytes),         .default_text = "536870912", .min = 1048576, .max = 1e15, .help = "Level full: room in the command's own /tmp, home and /dev/shm together." },
    { "max_disk_bytes",      FIELD_INT(SandboxConfig, max_disk_bytes),         .default_text = "4294967296", .min = 0, .max = 1e15, .help = "A command is stopped when the workspace's disk lost that much while it ran; 0 is no limit." },
    { "allow_paths",         FIELD_STRUCT(SandboxConfig, allow_paths, path_fields), .help = "Further folders." },
    { "network",             FIELD_STRUCT(SandboxConfig, network, network_fields), .help = "Network of commands." },
    { 0 }
};
/* clang-format on */

/* policy/security_config.c: the rows of [security]. */
#include "policy/security_config.h"

#include "base/check.h"

static const char *const backends[] = { "disabled", "auto", "docker", "podman", NULL };

/* clang-format off */
const Field security_config_fields[] = {
    { "strict_policy",       FIELD_BOOL(SecurityConfig, is_strict),              .default_text = "false", .flags = FIELD_INERT, .help = "Refuse to start when LocalGPT.md was tampered with." },
    { "disable_policy",      FIELD_BOOL(SecurityConfig, is_policy_disabled),     .default_text = "false", .flags = FIELD_INERT, .help = "Do not read LocalGPT.md." },
    { "disable_suffix",      FIELD_BOOL(SecurityConfig, is_suffix_disabled),     .default_text = "false", .flags = FIELD_INERT, .help = "Leave out the built-in safety rules at the end of the prompt." },
    { "allowed_directories", FIELD_STRINGS(SecurityConfig, allowed_directories), .default_text = "[]", .flags = FIELD_INERT, .help = "Folders the file tools may touch; none means no limit beyond the sandbox." },
    { "encryption",          FIELD_BOOL(SecurityConfig, is_encrypted),           .default_text = "false", .flags = FIELD_INERT, .help = "Encrypt sessions on disk." },
    { "encryption_key_path", FIELD_STRING(SecurityConfig, encryption_key_path),  .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "File of the key for it." },
    { "sandbox_backend",     FIELD_ENUM(SecurityConfig, sandbox_backend, backends), .default_text = "disabled", .flags = FIELD_INERT, .help = "Run tools in a container on top of the kernel sandbox." },
    { "sandbox_image",       FIELD_STRING(SecurityConfig, sandbox_image),        .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Image of that container." },
    { "sandbox_memory",      FIELD_STRING(SecurityConfig, sandbox_memory),       .default_text = "", .check = check_one_line, .flags = FIELD_INERT, .help = "Memory of that container, like 512m." },
    { 0 }
};
/* clang-format on */

/*
 * policy/security_config.h: the [security] section: signed rules and the fence around files.
 */
#pragma once

#include "base/field.h"

typedef enum {
    CONTAINER_DISABLED,
    CONTAINER_AUTO,
    CONTAINER_DOCKER,
    CONTAINER_PODMAN
} ContainerBackend;

typedef struct {
    bool is_strict;
    bool is_policy_disabled;
    bool is_suffix_disabled;
    char **allowed_directories; /* empty = no fence */
    bool is_encrypted;
    char *encryption_key_path;
    int sandbox_backend; /* ContainerBackend */
    char *sandbox_image;
    char *sandbox_memory;
} SecurityConfig;

extern const Field security_config_fields[];

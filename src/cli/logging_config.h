/*
 * cli/logging_config.h: the [logging] section. Here and not in base: base knows no product.
 */
#pragma once

#include "base/field.h"

typedef enum {
    LOGGING_TRACE,
    LOGGING_DEBUG,
    LOGGING_INFO,
    LOGGING_WARN,
    LOGGING_ERROR
} LoggingLevel;

typedef struct {
    int level; /* LoggingLevel */
    char *file;
    int64_t retention_days;
} LoggingConfig;

extern const Field logging_config_fields[];

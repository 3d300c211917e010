/*
 * undo/undo_config.h: the [undo] section: taking back what the agent did to files.
 */
#pragma once

#include "base/field.h"

typedef struct {
    bool is_enabled;
    int64_t max_bytes;
    int64_t max_age_days;
    int64_t max_file_bytes;
} UndoConfig;

extern const Field undo_config_fields[];

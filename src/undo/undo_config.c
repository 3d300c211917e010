/* undo/undo_config.c: the rows of [undo]. */
#include "undo/undo_config.h"

/* clang-format off */
const Field undo_config_fields[] = {
    { "enabled",        FIELD_BOOL(UndoConfig, is_enabled),    .default_text = "true", .help = "Remember how files were before a turn changed them." },
    { "max_bytes",      FIELD_INT(UndoConfig, max_bytes),      .default_text = "2147483648", .min = 0, .max = 1e15, .help = "Bytes kept for each workspace; the oldest turns go first." },
    { "max_age_days",   FIELD_INT(UndoConfig, max_age_days),   .default_text = "30", .min = 0, .max = 36500, .help = "Days a turn can be undone; 0 means always." },
    { "max_file_bytes", FIELD_INT(UndoConfig, max_file_bytes), .default_text = "67108864", .min = 0, .max = 1e15, .help = "A larger file that is written in place without an overlay is named as one that cannot be restored." },
    { 0 }
};
/* clang-format on */

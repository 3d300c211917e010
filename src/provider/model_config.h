/*
 * provider/model_config.h: the [models] section: where local models come from.
 */
#pragma once

#include "base/field.h"

typedef struct {
    char *hub; /* base address, as of a mirror; "" = MODEL_CATALOG_HUB */
} ModelsConfig;

extern const Field models_config_fields[];

/*
 * provider/engine_config.h: the [engine] section: how the local engine runs.
 */
#pragma once

#include "base/field.h"

typedef struct {
    int64_t threads;      /* 0 = physical cores minus the load, at least 1 */
    int64_t gpu_layers;   /* 0 = CPU only */
    int64_t context;      /* tokens; 0 = what the tier and the model allow */
    int64_t idle_timeout; /* seconds until the worker is stopped */
    char *library;        /* folder of the engine library; "" = <data>/engine */
} EngineConfig;

extern const Field engine_config_fields[];

/* provider/engine_config.c: the rows of [engine]. */
#include "provider/engine_config.h"

/* clang-format off */
const Field engine_config_fields[] = {
    { "threads",      FIELD_INT(EngineConfig, threads),           .default_text = "0",  .min = 0, .max = 512,     .help = "Threads of the local engine; 0 means the free physical cores, at least 1." },
    { "gpu_layers",   FIELD_INT(EngineConfig, gpu_layers),        .default_text = "0",  .min = 0, .max = 9999,    .help = "Layers of the model to put on a GPU, when the engine library has a GPU back end." },
    { "context",      FIELD_INT(EngineConfig, context),           .default_text = "0",  .min = 0, .max = 1048576, .help = "Context window in tokens; 0 means what the model and its tier allow." },
    { "idle_timeout", FIELD_DURATION(EngineConfig, idle_timeout), .default_text = "5m", .help = "How long an unused engine keeps the model in memory." },
    { "library",      FIELD_STRING(EngineConfig, library),        .default_text = "",   .help = "Folder of the engine library (libllama and ggml); empty means <data>/engine." },
    { 0 }
};
/* clang-format on */

/*
 * engine/worker_confinement.h: what localgpt-engine may still do once it reads a model.
 *
 * Read the library folder and the model (all parts of a split one), compute with threads, talk over
 * the socket it has. No other file, no network, no program, no process, no new executable memory. A
 * GPU driver needs more: its devices and code of its own.
 */
#pragma once

#include "sandbox/exec/confine.h"

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    const char *library_folder;
    const char *model_path;
    bool uses_gpu;
    const int *descriptors; /* kept open */
    size_t n_descriptors;
} EngineConfinementNeeds;

/* Fills `confinement`. The strings of its grants are in `paths` (strings, owned), which must
 * outlive confine_apply(). */
void engine_confinement_fill(Confinement *confinement, const EngineConfinementNeeds *needs,
                             GPtrArray *paths);

/* Plays it; ERR_DENIED with the layer's reason when it cannot be put in place. *out_landlock_abi
 * tells the kernel's. */
bool engine_confinement_apply(const EngineConfinementNeeds *needs, int64_t *out_landlock_abi,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

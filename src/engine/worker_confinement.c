/* engine/worker_confinement.c: the engine's Confinement as data. */
#include "engine/worker_confinement.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

enum { MAX_SPLITS = 48 };

static void grant(Confinement *confinement, GPtrArray *paths, char *path, unsigned rights) {
    g_ptr_array_add(paths, path);
    confine_grant(confinement, path, rights);
}

/* "x-00001-of-00003.gguf" brings its siblings along. */
static void grant_model(Confinement *confinement, GPtrArray *paths, const char *model_path) {
    static const char tail[] = "-00001-of-00001.gguf";
    grant(confinement, paths, g_strdup(model_path), CONFINE_READ);
    size_t length = strlen(model_path);
    if (length < sizeof tail) return;
    const char *suffix = model_path + length - (sizeof tail - 1);
    int index = 0, count = 0, end = 0;
    if (sscanf(suffix, "-%5d-of-%5d.gguf%n", &index, &count, &end) != 2 || suffix[end] != '\0')
        return;
    for (int i = 1; i <= count && i <= MAX_SPLITS; i++) {
        g_autofree char *sibling = g_strdup_printf(
            "%.*s-%05d-of-%05d.gguf", (int)(suffix - model_path), model_path, i, count);
        if (i != index && access(sibling, R_OK) == 0)
            grant(confinement, paths, g_steal_pointer(&sibling), CONFINE_READ);
    }
}

static void grant_gpu(Confinement *confinement, GPtrArray *paths) {
    static const char *const patterns[] = { "/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/dxg" };
    glob_t found = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++)
        glob(patterns[i], i == 0 ? 0 : GLOB_APPEND, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc && confinement->n_grants < CONFINE_MAX_GRANTS; i++)
        grant(confinement, paths, g_strdup(found.gl_pathv[i]),
              CONFINE_READ | CONFINE_WRITE | CONFINE_DEVICE);
    globfree(&found);
    confinement->allows |= CONFINE_ALLOW_DEVICES | CONFINE_ALLOW_CODE;
    confinement->max_open_files = 1024;
}

void engine_confinement_fill(Confinement *confinement, const EngineConfinementNeeds *needs,
                             GPtrArray *paths) {
    grant(confinement, paths, g_strdup(needs->library_folder), CONFINE_READ | CONFINE_EXECUTE);
    grant_model(confinement, paths, needs->model_path);
    for (size_t i = 0; i < needs->n_descriptors; i++)
        confine_keep_descriptor(confinement, needs->descriptors[i]);
    if (needs->uses_gpu) grant_gpu(confinement, paths);
    /* ABI 1 is enough here: what later ones add (truncate, TCP, signals, ioctl) the system call
     * list refuses anyway. Debian 12's own kernel has ABI 2. */
    confinement->min_landlock_abi = 1;
#ifndef __SANITIZE_ADDRESS__
    /* A file that claims terabytes gets "out of memory" instead of the machine. The shadow memory
     * of the address sanitizer would count too. */
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page_bytes > 0)
        confinement->max_data_bytes = (uint64_t)pages * (uint64_t)page_bytes / 16 * 15;
#endif
}

bool engine_confinement_apply(const EngineConfinementNeeds *needs, int64_t *out_landlock_abi,
                              GError **error) {
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    Confinement confinement = { 0 };
    engine_confinement_fill(&confinement, needs, paths);
    ConfineReport report;
    if (!confine_apply(&confinement, &report)) {
        error_set_with_hint(error, ERR_DENIED,
                            "The engine never reads a model unconfined; see 'localgpt doctor'.",
                            "the local engine cannot lock itself in: %s", report.reason);
        return false;
    }
    *out_landlock_abi = report.landlock_abi;
    return true;
}

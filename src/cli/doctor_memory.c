/* cli/doctor_memory.c: the check of what finds notes by meaning. */
#include <string.h>

#include "base/error.h"
#include "cli/doctor.h"
#include "embed/embedder.h"
#include "embed/static_table.h"
#include "memory/memory_config.h"

#define USE_STATIC "localgpt config set memory.embedding_provider static"

/* The built-in table is read whole: a damaged byte would make searches wrong, not fail. */
static void check_table(const Doctor *doctor, DoctorFinding *out) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = static_table_find(doctor->app->paths, &error);
    g_autoptr(StaticTable) table = path != NULL ? static_table_open(path, &error) : NULL;
    if (table == NULL || !static_table_check(table, &error)) {
        doctor_failed(out, error);
        return;
    }
    g_autofree char *name = paths_shorten_home(doctor->app->paths, path);
    doctor_found(out, DOCTOR_OK, NULL, "built in, %u word pieces in %s", table->n_entries, name);
}

/* Opening asks no server and loads no model: it finds the key, the address, the file. */
static void check_embedder(const Doctor *doctor, const MemoryConfig *config, DoctorFinding *out) {
    const App *app = doctor->app;
    EmbedderSettings settings = { .provider = memory_config_embedder(config),
                                  .model = config->embedding_model,
                                  .api_key = config->gemini_api_key,
                                  .paths = app->paths,
                                  .config = app->config,
                                  .secrets = app->secrets };
    g_autoptr(GError) error = NULL;
    g_autoptr(Embedder) embedder = embedder_open(&settings, &error);
    if (embedder == NULL)
        doctor_found(out, DOCTOR_WARNING, USE_STATIC, "%s", error->message);
    else if (embedder_has(embedder, EMBEDDER_NONE))
        doctor_found(out, DOCTOR_OK, NULL, "off: notes are found by their words");
    else
        doctor_found(out, DOCTOR_OK, NULL, "%s, model %s", embedder->ops->name, embedder->model);
}

void doctor_check_meaning(Doctor *doctor, DoctorFinding *out) {
    App *app = doctor->app;
    if (app->config == NULL) {
        doctor_found(out, DOCTOR_SKIPPED, NULL, "the configuration cannot be read");
        return;
    }
    g_autoptr(GError) error = NULL;
    MemoryConfig *config = config_section_expand(app->config, "memory", app->secrets, &error);
    if (config == NULL) {
        doctor_failed(out, error);
        return;
    }
    const EmbedderOps *ops = embedder_find(memory_config_embedder(config));
    if (ops == embedder_registry[0])
        check_table(doctor, out);
    else
        check_embedder(doctor, config, out);
    config_section_free(app->config, "memory", config);
}

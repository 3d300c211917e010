/* cli/doctor_engine.c: checks of the local engine: program, library, model, an answer. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/doctor.h"
#include "cli/model_choice.h"
#include "provider/engine_process.h"
#include "provider/local.h"
#include "provider/model_catalog.h"
#include "provider/model_id.h"

#define GET_ENGINE "localgpt model pull"

enum { ANSWER_TOKENS = 16, HASH_SHOWN = 12 };

/* Who would answer `localgpt ask`, and could it? A local model has checks of its own. */
void doctor_check_provider(Doctor *doctor, DoctorFinding *out) {
    App *app = doctor->app;
    g_autoptr(GError) error = NULL;
    g_autofree char *wanted = app->config != NULL
                                  ? config_get_expanded(app->config, "agent.default_model", &error)
                                  : g_strdup("");
    g_auto(GStrv) configured = model_id_configured(app->config);
    ModelIdContext context = { .configured = (const char *const *)configured, .paths = app->paths };
    g_auto(ModelId) id = { 0 };
    if (wanted != NULL && model_id_parse(wanted, &context, &id, &error)) {
        ModelChoice choice = { 0 };
        if (strcmp(id.provider, "local") == 0) {
            doctor->local_name = g_strdup(id.model);
            doctor_found(out, DOCTOR_OK, NULL, "a local model answers: no key, no network");
            return;
        }
        if (model_choice_open(app, NULL, &choice, &error)) {
            doctor_found(out, DOCTOR_OK, NULL, "%s answers (it was not asked)", choice.label);
            model_choice_clear(&choice);
            return;
        }
    }
    doctor_failed(out, error);
}

static bool is_needed(const Doctor *doctor, DoctorFinding *out) {
    if (doctor->local_name != NULL) return true;
    doctor_found(out, DOCTOR_SKIPPED, NULL, "no local model is asked for");
    return false;
}

void doctor_check_program(Doctor *doctor, DoctorFinding *out) {
    if (!is_needed(doctor, out)) return;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = engine_process_find_program(&error);
    doctor->has_program = path != NULL && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE);
    if (path == NULL) {
        doctor_found(out, DOCTOR_PROBLEM, "make", "%s", error->message);
        return;
    }
    g_autofree char *name = paths_shorten_home(doctor->app->paths, path);
    if (doctor->has_program)
        doctor_found(out, DOCTOR_OK, NULL, "%s", name);
    else
        doctor_found(out, DOCTOR_PROBLEM, "unset LOCALGPT_ENGINE", "%s is not a program", name);
}

static char *library_folder(const Doctor *doctor) {
    const EngineConfig *config = doctor->engine;
    const Paths *paths = doctor->app->paths;
    if (config != NULL && config->library != NULL && config->library[0] != '\0')
        return paths_expand_home(paths, config->library);
    return g_build_filename(paths->data, "engine", NULL);
}

static bool has_file(const char *folder, const char *prefix) {
    GDir *entries = g_dir_open(folder, 0, NULL);
    bool found = false;
    const char *name;
    while (entries != NULL && !found && (name = g_dir_read_name(entries)) != NULL)
        found = g_str_has_prefix(name, prefix) && strstr(name, ".so") != NULL;
    if (entries != NULL) g_dir_close(entries);
    return found;
}

void doctor_check_library(Doctor *doctor, DoctorFinding *out) {
    if (!is_needed(doctor, out)) return;
    App *app = doctor->app;
    g_autoptr(GError) error = NULL;
    if (app->config != NULL && doctor->engine == NULL)
        doctor->engine = config_section_expand(app->config, "engine", app->secrets, &error);
    if (error != NULL) {
        doctor_failed(out, error);
        return;
    }
    g_autofree char *folder = library_folder(doctor);
    g_autofree char *name = paths_shorten_home(doctor->app->paths, folder);
    static const char *const needed[] = { "libllama", "libggml-base", "libggml-cpu" };
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
        if (has_file(folder, needed[i])) continue;
        doctor_found(out, DOCTOR_PROBLEM, GET_ENGINE, "there is no %s in %s", needed[i], name);
        return;
    }
    doctor->has_library = true;
    doctor_found(out, DOCTOR_OK, NULL, "%s", name);
}

/* model */

/* The hash that the file must have, or NULL when nobody said one. Borrowed. */
static const char *expected_hash(const StoredModel *model) {
    if (model->has_record && model->sha256 != NULL && model->sha256[0] != '\0')
        return model->sha256;
    const CatalogModel *row = model_catalog_find(model->file);
    return row != NULL ? row->sha256 : NULL;
}

/* Why the model is not whole, or NULL. New string. */
static char *find_damage(const Doctor *doctor, const StoredModel *model) {
    if (model->problem != NULL) return g_strdup(model->problem);
    g_autofree char *record = g_strconcat(model->path, ".json", NULL);
    if (!model->has_record && g_file_test(record, G_FILE_TEST_EXISTS))
        return g_strdup_printf("%s changed since it was recorded", model->file);
    const CatalogModel *row = model_catalog_find(model->file);
    if (row != NULL && row->has_been_checked && row->size_bytes != model->size_bytes)
        return g_strdup_printf("%s has %" G_GINT64_FORMAT " bytes, expected %" G_GINT64_FORMAT,
                               model->file, (gint64)model->size_bytes, (gint64)row->size_bytes);
    const char *expected = expected_hash(model);
    if (expected == NULL) return NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = NULL;
    if (!hash_file_sha256(model->path, NULL, doctor->app->cancel, &hash, &error))
        return g_strdup(error->message);
    if (hash_is_equal(hash, expected)) return NULL;
    return g_strdup_printf("%s has SHA-256 %.*s..., expected %.*s...", model->file, HASH_SHOWN,
                           hash, HASH_SHOWN, expected);
}

void doctor_check_model(Doctor *doctor, DoctorFinding *out) {
    if (!is_needed(doctor, out)) return;
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) model =
        model_store_resolve(doctor->app->paths, doctor->local_name, &error);
    if (model == NULL) {
        bool is_broken = error_is(error, ERR_DATA);
        doctor_found(out, DOCTOR_PROBLEM,
                     is_broken ? "localgpt model pull --force" : "localgpt model pull", "%s",
                     error->message);
        return;
    }
    g_autofree char *damage = find_damage(doctor, model);
    if (damage != NULL) {
        const CatalogModel *row = model_catalog_find(model->file);
        g_autofree char *fix = row != NULL
                                   ? g_strdup_printf("localgpt model pull --force %s", row->name)
                                   : g_strdup_printf("localgpt model remove %s", model->name);
        doctor_found(out, DOCTOR_PROBLEM, fix, "%s", damage);
        return;
    }
    g_autofree char *size = text_format_size((unsigned long long)model->size_bytes);
    g_autofree char *parameters = model_catalog_format_parameters(model->n_parameters);
    doctor_found(out, DOCTOR_OK, NULL, "%s, %s%sparameters, %s%s", model->name, parameters,
                 parameters[0] != '\0' ? " " : "", size,
                 expected_hash(model) != NULL ? ", hash checked" : "");
    doctor->model = g_steal_pointer(&model);
}

/* answer */

static bool generate(const Doctor *doctor, EngineDone *out_done, EngineFacts *out_facts,
                     GError **error) {
    g_autoptr(EngineClient) client =
        local_engine_client_new(doctor->app->paths, doctor->engine, doctor->model);
    EngineGenerate request;
    engine_generate_init(&request);
    request.prompt.text = (char *)"The capital of France is";
    request.max_tokens = ANSWER_TOKENS;
    request.temperature = 0;
    EngineListener listener = { 0 };
    return engine_client_generate(client, &request, &listener, out_done, doctor->app->cancel,
                                  error) &&
           engine_client_facts(client, out_facts, error);
}

void doctor_check_answer(Doctor *doctor, DoctorFinding *out) {
    if (!is_needed(doctor, out)) return;
    if (doctor->model == NULL || !doctor->has_program || !doctor->has_library) {
        doctor_found(out, DOCTOR_SKIPPED, NULL, "program, library and model come first");
        return;
    }
    g_autoptr(GError) error = NULL;
    EngineDone done = { 0 };
    EngineFacts facts = { 0 };
    int64_t start_us = g_get_monotonic_time();
    if (!generate(doctor, &done, &facts, &error)) {
        const char *hint = error_hint(error);
        doctor_found(out, DOCTOR_PROBLEM, hint != NULL ? hint : "localgpt ask -v hello", "%s",
                     error->message);
        return;
    }
    double seconds = (double)(g_get_monotonic_time() - start_us) / 1e6;
    double speed =
        done.generation_ms > 0 ? (double)done.n_generated * 1000 / done.generation_ms : 0;
    g_autofree char *memory = text_format_size((unsigned long long)facts.resident_bytes);
    doctor_found(out, DOCTOR_OK, NULL,
                 "%s answered in %.1f s, %.0f tokens/s, %" G_GINT64_FORMAT " %s, %s of memory",
                 doctor->model->name, seconds, speed, (gint64)done.n_threads,
                 done.n_threads == 1 ? "thread" : "threads", memory);
}

/* provider/model_store.c: records beside files; the files decide. */
#include "provider/model_store.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "provider/gguf.h"
#include "provider/model_catalog.h"

#define MAX_RECORD_BYTES (64 * 1024)

/* clang-format off */
const Field stored_model_fields[] = {
    { "name",           FIELD_STRING(StoredModel, name),         .flags = FIELD_REQUIRED,   .help = "What a person types." },
    { "file",           FIELD_STRING(StoredModel, file),         .flags = FIELD_REQUIRED,   .help = "File in the models folder, or the path of one elsewhere." },
    { "size_bytes",     FIELD_INT(StoredModel, size_bytes),      .flags = FIELD_REQUIRED,   .help = "Size of the file.", .min = 0, .max = 9e18 },
    { "modified_us",    FIELD_INT(StoredModel, modified_us),                                .help = "When the file changed, in microseconds since 1970." },
    { "sha256",         FIELD_STRING(StoredModel, sha256),                                  .help = "Hash of the file; empty until it is computed." },
    { "n_parameters",   FIELD_INT(StoredModel, n_parameters),                               .help = "Number of parameters.", .min = 0, .max = 9e18 },
    { "context_tokens", FIELD_INT(StoredModel, context_tokens),                             .help = "Context window of the model.", .min = 0, .max = 9e18 },
    { "architecture",   FIELD_STRING(StoredModel, architecture),                            .help = "Family of the model." },
    { "quantisation",   FIELD_STRING(StoredModel, quantisation),                            .help = "How its numbers are stored." },
    { "licence",        FIELD_STRING(StoredModel, licence),                                 .help = "Licence of the model." },
    { "source",         FIELD_STRING(StoredModel, source),                                  .help = "Where it came from." },
    { "installed_at",   FIELD_STRING(StoredModel, installed_at),                            .help = "When it was recorded." },
    { "is_embedder",    FIELD_BOOL(StoredModel, is_embedder),    .flags = FIELD_OMIT_EMPTY, .help = "Made to give vectors, not answers." },
    { 0 }
};
/* clang-format on */

void stored_model_free(StoredModel *model) {
    if (model == NULL) return;
    field_clear(stored_model_fields, model);
    g_free(model->path);
    g_free(model->problem);
    g_free(model);
}

char *model_store_folder(const Paths *paths) {
    return g_build_filename(paths->data, "models", NULL);
}

static char *name_of_file(const char *path) {
    char *name = g_path_get_basename(path);
    if (g_str_has_suffix(name, ".gguf")) name[strlen(name) - strlen(".gguf")] = '\0';
    return name;
}

static bool is_external(const StoredModel *model) {
    return g_path_is_absolute(model->file);
}

static char *record_path(const Paths *paths, const StoredModel *model) {
    g_autofree char *folder = model_store_folder(paths);
    g_autofree char *base = g_path_get_basename(model->file);
    if (!is_external(model)) {
        g_autofree char *name = g_strdup_printf("%s.json", base);
        return g_build_filename(folder, name, NULL);
    }
    /* Files of one name may lie in several folders. */
    g_autofree char *hash = hash_sha256_of(model->file, strlen(model->file));
    g_autofree char *name = g_strdup_printf("%s.%.8s.elsewhere.json", base, hash);
    return g_build_filename(folder, name, NULL);
}

static int64_t modified_us(const struct stat *status) {
    return (int64_t)status->st_mtim.tv_sec * G_USEC_PER_SEC + status->st_mtim.tv_nsec / 1000;
}

static void fill_from_gguf(StoredModel *model, GgufFacts *facts) {
    model->architecture = g_steal_pointer(&facts->architecture);
    model->quantisation =
        facts->quantisation != NULL ? g_steal_pointer(&facts->quantisation) : g_strdup("");
    model->licence = facts->licence != NULL ? g_steal_pointer(&facts->licence) : g_strdup("");
    model->n_parameters = facts->n_parameters;
    model->context_tokens = facts->context_tokens;
    model->is_embedder = facts->is_embedder;
    if (facts->n_files > 1)
        model->problem = g_strdup_printf("it is one of %" G_GINT64_FORMAT
                                         " files of a split model; join them to one file first",
                                         facts->n_files);
}

static void take_catalog_row(StoredModel *model, const CatalogModel *row) {
    if (row == NULL) return;
    g_free(model->name);
    model->name = g_strdup(row->name);
    g_free(model->licence);
    model->licence = g_strdup(row->licence);
}

/* Everything but the record; a file that is no model gets its problem. */
static StoredModel *look_at(const char *path, GError **error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return NULL;
    }
    g_auto(GgufFacts) facts = { 0 };
    g_autoptr(GError) problem = NULL;
    StoredModel *model = g_new0(StoredModel, 1);
    model->path = g_strdup(path);
    model->file = g_strdup(path);
    model->name = name_of_file(path);
    model->sha256 = g_strdup("");
    model->source = g_strdup("");
    model->size_bytes = status.st_size;
    model->modified_us = modified_us(&status);
    if (gguf_read(path, &facts, &problem))
        fill_from_gguf(model, &facts);
    else
        model->problem = g_strdup(problem->message);
    if (model->problem == NULL)
        take_catalog_row(model,
                         model_catalog_find_file(strrchr(path, '/') + 1, status.st_size, NULL));
    return model;
}

StoredModel *model_store_describe(const char *path, GError **error) {
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autoptr(StoredModel) model = look_at(absolute, error);
    if (model == NULL) return NULL;
    if (model->problem != NULL) {
        error_set(error, ERR_DATA, "%s", model->problem);
        return NULL;
    }
    return g_steal_pointer(&model);
}

/* The record at `path`, or NULL when there is none or it is not one. */
static StoredModel *read_record(const char *path) {
    g_autofree char *text = NULL;
    size_t length = 0;
    g_autoptr(GError) error = NULL;
    if (!file_read(path, MAX_RECORD_BYTES, &text, &length, &error)) return NULL;
    StoredModel *model = g_new0(StoredModel, 1);
    if (field_decode(stored_model_fields, model, text, length, FIELD_DEFAULTS, &error))
        return model;
    g_debug("'%s' is not a model's record, ignoring: %s", path, error->message);
    stored_model_free(model);
    return NULL;
}

static bool is_of_file(const StoredModel *model, const struct stat *status) {
    return model->size_bytes == status->st_size && model->modified_us == modified_us(status);
}

/* A file in the models folder: from its record when that is still about this very file. */
static StoredModel *stored_file(const char *folder, const char *name) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *record = g_strconcat(path, ".json", NULL);
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
    g_autoptr(StoredModel) model = read_record(record);
    if (model != NULL && strcmp(model->file, name) == 0 && is_of_file(model, &status)) {
        model->path = g_steal_pointer(&path);
        model->has_record = true;
        return g_steal_pointer(&model);
    }
    StoredModel *found = look_at(path, NULL);
    if (found == NULL) return NULL;
    g_free(found->file);
    found->file = g_strdup(name);
    g_free(found->source);
    found->source = g_strdup(MODEL_STORE_FOUND);
    return found;
}

/* A record of a file that lies elsewhere. */
static StoredModel *stored_elsewhere(const char *folder, const char *name) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autoptr(StoredModel) model = read_record(path);
    struct stat status;
    if (model == NULL || !is_external(model)) return NULL;
    if (stat(model->file, &status) == 0 && is_of_file(model, &status)) {
        model->path = g_strdup(model->file);
        model->has_record = true;
        return g_steal_pointer(&model);
    }
    StoredModel *found = look_at(model->file, NULL);
    if (found == NULL) {
        model->path = g_strdup(model->file);
        model->problem = g_strdup_printf("the file '%s' is gone", model->file);
        model->has_record = true;
        return g_steal_pointer(&model);
    }
    g_free(found->name);
    found->name = g_strdup(model->name);
    return found;
}

static int compare_size(gconstpointer left, gconstpointer right) {
    const StoredModel *one = *(StoredModel *const *)left;
    const StoredModel *other = *(StoredModel *const *)right;
    if (one->size_bytes != other->size_bytes) return one->size_bytes < other->size_bytes ? -1 : 1;
    return strcmp(one->file, other->file);
}

GPtrArray *model_store_list(const Paths *paths, GError **error) {
    g_autoptr(GPtrArray) models = g_ptr_array_new_with_free_func((GDestroyNotify)stored_model_free);
    g_autofree char *folder = model_store_folder(paths);
    g_autoptr(GError) problem = NULL;
    g_autoptr(GDir) listing = g_dir_open(folder, 0, &problem);
    if (listing == NULL && !g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        error_set(error, ERR_IO, "reading the models folder: %s", problem->message);
        return NULL;
    }
    for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;) {
        StoredModel *model = NULL;
        if (name[0] == '.') continue;
        if (g_str_has_suffix(name, ".gguf")) model = stored_file(folder, name);
        if (g_str_has_suffix(name, ".elsewhere.json")) model = stored_elsewhere(folder, name);
        if (model != NULL) g_ptr_array_add(models, model);
    }
    g_ptr_array_sort(models, compare_size);
    return g_steal_pointer(&models);
}

static int64_t memory_bytes(void) {
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_size = sysconf(_SC_PAGE_SIZE);
    return pages > 0 && page_size > 0 ? (int64_t)pages * page_size : INT64_MAX;
}

static guint default_index(const GPtrArray *models) {
    int64_t most_bytes = memory_bytes() / 4 * 3;
    guint best = G_MAXUINT;
    for (guint i = 0; i < models->len; i++) {
        const StoredModel *model = g_ptr_array_index(models, i);
        if (model->problem != NULL || model->is_embedder) continue;
        const StoredModel *so_far = best < models->len ? g_ptr_array_index(models, best) : NULL;
        bool is_better = so_far != NULL && model->size_bytes <= most_bytes &&
                         model->n_parameters > so_far->n_parameters;
        if (so_far == NULL || is_better) best = i;
    }
    return best;
}

StoredModel *model_store_default(const Paths *paths, GError **error) {
    g_autoptr(GPtrArray) models = model_store_list(paths, error);
    if (models == NULL) return NULL;
    guint best = default_index(models);
    if (best < models->len) return g_ptr_array_steal_index(models, best);
    for (guint i = 0; i < models->len; i++) {
        const StoredModel *model = g_ptr_array_index(models, i);
        if (model->problem == NULL) continue;
        error_set_with_hint(error, ERR_DATA, "Get it again: localgpt model pull --force",
                            "the local model '%s' cannot be used: %s", model->name, model->problem);
        return NULL;
    }
    error_set_with_hint(error, ERR_NO_PROVIDER, "Get the default one: localgpt model pull",
                        "there is no local model");
    return NULL;
}

static bool is_path(const char *name) {
    return g_path_is_absolute(name) || g_str_has_prefix(name, "./") ||
           g_str_has_prefix(name, "../") || g_str_has_prefix(name, "~/");
}

static bool is_named(const StoredModel *model, const char *name) {
    g_autofree char *stem = name_of_file(model->file);
    g_autofree char *base = g_path_get_basename(model->file);
    return g_ascii_strcasecmp(model->name, name) == 0 || g_ascii_strcasecmp(base, name) == 0 ||
           g_ascii_strcasecmp(stem, name) == 0;
}

static void set_not_found(const GPtrArray *models, const char *name, GError **error) {
    const CatalogModel *row = model_catalog_find(name);
    if (row != NULL) {
        g_autofree char *size = text_format_size((unsigned long long)row->size_bytes);
        g_autofree char *hint =
            g_strdup_printf("Get it (%s): localgpt model pull %s", size, row->name);
        error_set_with_hint(error, ERR_NOT_FOUND, hint, "the model '%s' is not installed",
                            row->name);
        return;
    }
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < models->len; i++)
        g_ptr_array_add(names, ((StoredModel *)g_ptr_array_index(models, i))->name);
    for (row = model_catalog; row->name != NULL; row++) g_ptr_array_add(names, (char *)row->name);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    g_autofree char *question =
        suggestion != NULL ? g_strdup_printf("; did you mean '%s'?", suggestion) : g_strdup("");
    error_set_with_hint(error, ERR_NOT_FOUND, "See which there are: localgpt model list --all",
                        "there is no local model named '%s'%s", name, question);
}

StoredModel *model_store_resolve(const Paths *paths, const char *name, GError **error) {
    if (name == NULL || name[0] == '\0') return model_store_default(paths, error);
    g_autofree char *path = paths_expand_home(paths, name);
    g_autoptr(GPtrArray) models = model_store_list(paths, error);
    if (models == NULL) return NULL;
    g_autofree char *absolute = is_path(name) ? g_canonicalize_filename(path, NULL) : NULL;
    const CatalogModel *row = model_catalog_find(name);
    for (guint i = 0; i < models->len; i++) {
        StoredModel *model = g_ptr_array_index(models, i);
        bool is_it = absolute != NULL ? strcmp(model->path, absolute) == 0
                                      : is_named(model, name) ||
                                            (row != NULL && strcmp(model->name, row->name) == 0);
        if (!is_it) continue;
        if (model->problem == NULL) return g_ptr_array_steal_index(models, i);
        error_set(error, ERR_DATA, "the model '%s' cannot be used: %s", model->name,
                  model->problem);
        return NULL;
    }
    if (absolute != NULL) return model_store_describe(absolute, error);
    set_not_found(models, name, error);
    return NULL;
}

bool model_store_record(const Paths *paths, const StoredModel *model, GError **error) {
    g_autofree char *folder = model_store_folder(paths);
    if (!file_make_folders(folder, error)) return false;
    g_autofree char *path = record_path(paths, model);
    g_autofree char *json = field_encode(stored_model_fields, model, FIELD_PRETTY);
    g_autofree char *text = g_strconcat(json, "\n", NULL);
    return file_replace(path, text, strlen(text), 0600, error);
}

bool model_store_adopt(const Paths *paths, StoredModel *model, const HashProgress *progress,
                       Cancel *cancel, GError **error) {
    if (model->has_record && hash_is_sha256_hex(model->sha256)) return true;
    char *hash = NULL;
    if (!hash_file_sha256(model->path, progress, cancel, &hash, error)) return false;
    g_free(model->sha256);
    model->sha256 = hash;
    const CatalogModel *row =
        model_catalog_find_file(strrchr(model->path, '/') + 1, model->size_bytes, model->sha256);
    if (row != NULL && row->sha256 != NULL) {
        take_catalog_row(model, row);
        g_free(model->source);
        model->source = g_strdup(row->source);
    }
    if (model->installed_at == NULL || model->installed_at[0] == '\0') {
        g_autoptr(GDateTime) now = g_date_time_new_now_utc();
        g_free(model->installed_at);
        model->installed_at = g_date_time_format_iso8601(now);
    }
    model->has_record = true;
    return model_store_record(paths, model, error);
}

static bool remove_file(const char *path, GError **error) {
    if (unlink(path) == 0 || errno == ENOENT) return true;
    error_set_errno(error, errno, "removing '%s'", path);
    return false;
}

bool model_store_remove(const Paths *paths, const StoredModel *model, GError **error) {
    /* The file first: a record without a file is nothing, a file without a record is a model. */
    if (!is_external(model) && !remove_file(model->path, error)) return false;
    g_autofree char *path = record_path(paths, model);
    return remove_file(path, error);
}

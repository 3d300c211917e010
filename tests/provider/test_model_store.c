/* Tests of provider/model_store.c and the catalog: files with and without records, changed and
 * broken ones, names and paths. */
#include "provider/model_store.h"

#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "base/file.h"
#include "provider/gguf_builder.h"
#include "provider/model_catalog.h"

typedef struct {
    Paths paths;
    char *root;
    char *models;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data) {
    (void)data;
    fixture->root = g_dir_make_tmp("models-XXXXXX", NULL);
    fixture->paths = (Paths){ .home = fixture->root, .data = fixture->root };
    fixture->models = g_build_filename(fixture->root, "models", NULL);
    g_assert_cmpint(g_mkdir(fixture->models, 0700), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    (void)data;
    for (int i = 0; i < 2; i++) {
        const char *folder = i == 0 ? fixture->models : fixture->root;
        g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
        for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;) {
            g_autofree char *path = g_build_filename(folder, name, NULL);
            g_unlink(path);
        }
        g_rmdir(folder);
    }
    g_free(fixture->models);
    g_free(fixture->root);
}

/* A model file of `n_parameters` (a multiple of 64). */
static char *put_model(const char *folder, const char *file, uint64_t n_parameters) {
    g_autoptr(GByteArray) bytes = gguf_builder_new(3, 1, 1);
    gguf_builder_text(bytes, "general.architecture", "llama");
    gguf_builder_tensor(bytes, "w", n_parameters, 24);
    gguf_builder_data(bytes, (guint)n_parameters);
    char *path = g_build_filename(folder, file, NULL);
    g_assert_true(g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL));
    return path;
}

static void put_text(const char *folder, const char *file, const char *text) {
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void nothing_installed_names_the_command(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    g_assert_null(model_store_resolve(&fixture->paths, "", &error));
    g_assert_true(error_is(error, ERR_NO_PROVIDER));
    g_assert_nonnull(strstr(error_hint(error), "localgpt model pull"));
    g_clear_error(&error);

    g_assert_null(model_store_resolve(&fixture->paths, "qwen3:1.7B", &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_cmpstr(error->message, ==, "the model 'qwen3-1.7b' is not installed");
    g_assert_cmpstr(error_hint(error), ==, "Get it (1.3 GB): localgpt model pull qwen3-1.7b");
    g_clear_error(&error);

    g_assert_null(model_store_resolve(&fixture->paths, "qwen3-1.7", &error));
    g_assert_nonnull(strstr(error->message, "did you mean 'qwen3-1.7b'?"));
    g_clear_error(&error);
    g_assert_null(model_store_resolve(&fixture->paths, "nonsense", &error));
    g_assert_cmpstr(error->message, ==, "there is no local model named 'nonsense'");

    g_rmdir(fixture->models);
    g_autoptr(GPtrArray) none = model_store_list(&fixture->paths, NULL);
    g_assert_cmpuint(none->len, ==, 0);
}

static void default_model_is_found_by_every_name(Fixture *fixture, gconstpointer data) {
    (void)data;
    const char *path = g_getenv("LOCALGPT_TEST_MODEL");
    g_autofree char *here =
        g_build_filename(fixture->models, "SmolLM2-135M-Instruct.Q4_1.gguf", NULL);
    if (path == NULL || symlink(path, here) != 0 || g_access(here, R_OK) != 0) {
        g_test_skip("the default model is not in .deps (tools/fetch models)");
        return;
    }
    static const char *const names[] = { "",
                                         "smollm2-135m",
                                         "SmolLM2-135M",
                                         "tiny",
                                         "SmolLM2-135M-Instruct.Q4_1.gguf",
                                         "smollm2-135m-instruct.q4_1" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(StoredModel) model = model_store_resolve(&fixture->paths, names[i], &error);
        g_assert_no_error(error);
        g_assert_cmpstr(model->path, ==, here);
        g_assert_cmpstr(model->name, ==, "smollm2-135m");
        g_assert_cmpstr(model->licence, ==, "Apache-2.0");
        g_assert_false(model->has_record);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) model = model_store_default(&fixture->paths, &error);
    g_assert_true(model_store_adopt(&fixture->paths, model, NULL, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(model->sha256, ==, model_catalog[0].sha256);
    g_assert_cmpstr(model->source, ==, model_catalog[0].source);
}

static void hash_is_computed_once(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_free(put_model(fixture->models, "Mine.gguf", 64));
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) first = model_store_resolve(&fixture->paths, "mine", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(first->sha256, ==, "");
    g_assert_true(model_store_adopt(&fixture->paths, first, NULL, NULL, &error));
    g_assert_cmpint((int)strlen(first->sha256), ==, 64);

    /* With a record in place the file's content is not looked at again: it is not even readable. */
    g_autoptr(StoredModel) second = model_store_resolve(&fixture->paths, "Mine", &error);
    g_assert_true(second->has_record);
    g_assert_cmpstr(second->sha256, ==, first->sha256);
    g_assert_cmpstr(second->source, ==, "found in the models folder");

    /* Another file in its place is a new model. */
    g_free(put_model(fixture->models, "Mine.gguf", 128));
    g_autoptr(StoredModel) third = model_store_resolve(&fixture->paths, "Mine", &error);
    g_assert_false(third->has_record);
    g_assert_cmpstr(third->sha256, ==, "");
    g_assert_cmpint(third->n_parameters, ==, 128);

    /* A cancelled hash leaves no record. */
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_false(model_store_adopt(&fixture->paths, third, NULL, cancel, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_false(third->has_record);
}

static void corrupt_records_are_ignored(Fixture *fixture, gconstpointer data) {
    (void)data;
    static const char *const records[] = {
        "",
        "{",
        "[]",
        "{\"name\":\"evil\",\"file\":\"../../etc/passwd\",\"size_bytes\":1}",
        "{\"name\":7,\"file\":\"Mine.gguf\",\"size_bytes\":1}",
        "{\"name\":\"x\",\"file\":\"Mine.gguf\",\"size_bytes\":-1}",
    };
    g_free(put_model(fixture->models, "Mine.gguf", 64));
    for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
        put_text(fixture->models, "Mine.gguf.json", records[i]);
        put_text(fixture->models, "Gone.gguf.elsewhere.json", records[i]);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) models = model_store_list(&fixture->paths, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(models->len, ==, 1);
        StoredModel *model = g_ptr_array_index(models, 0);
        g_assert_cmpstr(model->name, ==, "Mine");
        g_assert_false(model->has_record);
        g_assert_true(model_store_adopt(&fixture->paths, model, NULL, NULL, &error));
        g_autoptr(StoredModel) mended = model_store_resolve(&fixture->paths, "Mine", &error);
        g_assert_true(mended->has_record);
    }
}

static void broken_files_are_listed_and_refused(Fixture *fixture, gconstpointer data) {
    (void)data;
    put_text(fixture->models, "half.gguf", "GGUF");
    put_text(fixture->models, "notes.txt", "not a model");
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) models = model_store_list(&fixture->paths, &error);
    g_assert_cmpuint(models->len, ==, 1);
    g_assert_nonnull(strstr(((StoredModel *)g_ptr_array_index(models, 0))->problem, "byte 4"));
    g_assert_null(model_store_resolve(&fixture->paths, "half", &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_clear_error(&error);
    g_assert_null(model_store_default(&fixture->paths, &error));
    g_assert_true(error_is(error, ERR_DATA));
}

static void largest_model_that_fits_is_the_default(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_free(put_model(fixture->models, "small.gguf", 64));
    g_free(put_model(fixture->models, "large.gguf", 640));
    /* As large as no memory is. */
    g_autofree char *monster = put_model(fixture->models, "monster.gguf", 6400);
    g_assert_cmpint(truncate(monster, (off_t)1 << 42), ==, 0);
    put_text(fixture->models, "broken.gguf", "GGUF");
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) model = model_store_default(&fixture->paths, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(model->name, ==, "large");
    g_assert_cmpint(model->n_parameters, ==, 640);
}

static void model_elsewhere_is_used_and_forgotten(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_autofree char *path = put_model(fixture->root, "Far.gguf", 64);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) model = model_store_resolve(&fixture->paths, "~/Far.gguf", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(model->path, ==, path);
    g_assert_null(model_store_resolve(&fixture->paths, "Far", NULL));

    g_assert_true(model_store_adopt(&fixture->paths, model, NULL, NULL, &error));
    g_autoptr(StoredModel) by_name = model_store_resolve(&fixture->paths, "far", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(by_name->path, ==, path);
    g_assert_true(by_name->has_record);

    g_assert_true(model_store_remove(&fixture->paths, by_name, &error));
    g_assert_cmpint(g_access(path, F_OK), ==, 0);
    g_assert_null(model_store_resolve(&fixture->paths, "far", NULL));

    g_assert_true(model_store_record(&fixture->paths, by_name, &error));
    g_unlink(path);
    g_assert_null(model_store_resolve(&fixture->paths, "far", &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_assert_nonnull(strstr(error->message, "is gone"));
}

static void removed_model_is_gone(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_autofree char *path = put_model(fixture->models, "Mine.gguf", 64);
    g_autoptr(GError) error = NULL;
    g_autoptr(StoredModel) model = model_store_resolve(&fixture->paths, "Mine", &error);
    g_assert_true(model_store_adopt(&fixture->paths, model, NULL, NULL, &error));
    g_assert_true(model_store_remove(&fixture->paths, model, &error));
    g_autofree char *record = g_strconcat(path, ".json", NULL);
    g_assert_cmpint(g_access(path, F_OK), !=, 0);
    g_assert_cmpint(g_access(record, F_OK), !=, 0);
}

static void catalog_rows_are_whole(void) {
    for (const CatalogModel *row = model_catalog; row->name != NULL; row++) {
        g_assert_cmpint(row->size_bytes, >, 0);
        g_assert_cmpint(row->n_parameters, >, 0);
        g_assert_true(g_str_has_suffix(row->file, ".gguf"));
        g_assert_true(row->licence[0] != '\0' && row->source[0] != '\0' &&
                      row->good_for[0] != '\0');
        g_assert_true(row->sha256 == NULL || hash_is_sha256_hex(row->sha256));
        g_assert_true((row->origin == MODEL_FROM_HUB) == (row->repository != NULL));
        g_assert_true(model_catalog_find(row->name) == row);
        g_assert_true(model_catalog_find(row->file) == row);
        for (const char *const *alias = row->aliases; *alias != NULL; alias++)
            g_assert_true(model_catalog_find(*alias) == row);
        if (row != model_catalog) g_assert_cmpint(row->size_bytes, >=, row[-1].size_bytes);
    }
    g_autofree char *url = model_catalog_url(model_catalog_upgrade(), "http://127.0.0.1:1//");
    g_assert_cmpstr(
        url, ==, "http://127.0.0.1:1/ggml-org/Qwen3-1.7B-GGUF/resolve/main/Qwen3-1.7B-Q4_K_M.gguf");
    static const struct {
        int64_t n;
        const char *text;
    } counts[] = { { 0, "" },
                   { 134515008, "135 M" },
                   { 999600000, "1.0 B" },
                   { 1720000000, "1.7 B" },
                   { 120000000000, "120 B" } };
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autofree char *text = model_catalog_format_parameters(counts[i].n);
        g_assert_cmpstr(text, ==, counts[i].text);
    }
}

#define ADD(name) g_test_add("/provider/model_store/" #name, Fixture, NULL, set_up, name, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(nothing_installed_names_the_command);
    ADD(default_model_is_found_by_every_name);
    ADD(hash_is_computed_once);
    ADD(corrupt_records_are_ignored);
    ADD(broken_files_are_listed_and_refused);
    ADD(largest_model_that_fits_is_the_default);
    ADD(model_elsewhere_is_used_and_forgotten);
    ADD(removed_model_is_gone);
    g_test_add_func("/provider/model_catalog/rows_are_whole", catalog_rows_are_whole);
    return g_test_run();
}

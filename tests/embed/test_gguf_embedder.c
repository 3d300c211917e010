/* Tests of the embedder "gguf": the real engine and model. The default model was made to answer,
 * not for vectors, but gives some all the same: what is tested is the way through the worker. */
#include "embed/gguf_embedder.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "scratch_folder.h"

typedef struct {
    ScratchFolder *folder;
    Paths *paths;
} Ground;

static void set_up(Ground *ground, gconstpointer data) {
    (void)data;
    ground->folder = scratch_folder_new();
    g_setenv("LOCALGPT_DATA_DIR", ground->folder->path, TRUE);
    g_setenv("LOCALGPT_CACHE_DIR", ground->folder->path, TRUE);
    ground->paths = paths_new(NULL, NULL);
    g_autofree char *engine = g_build_filename(ground->folder->path, "engine", NULL);
    g_assert_cmpint(symlink(g_getenv("LOCALGPT_TEST_LIBRARY"), engine), ==, 0);
}

static void tear_down(Ground *ground, gconstpointer data) {
    (void)data;
    paths_free(ground->paths);
    scratch_folder_free(ground->folder);
}

static bool has_model(void) {
    const char *model = g_getenv("LOCALGPT_TEST_MODEL");
    const char *engine = g_getenv("LOCALGPT_ENGINE");
    if (model != NULL && access(model, R_OK) == 0 && engine != NULL && access(engine, X_OK) == 0)
        return true;
    g_test_skip("the default model or the engine is not there (make run)");
    return false;
}

static double cosine(const EmbedVectors *vectors, size_t a, size_t b) {
    double sum = 0;
    for (size_t i = 0; i < vectors->n_dimensions; i++)
        sum += (double)vectors->values[a * vectors->n_dimensions + i] *
               vectors->values[b * vectors->n_dimensions + i];
    return sum;
}

static void vectors_through_the_engine(Ground *ground, gconstpointer data) {
    (void)data;
    if (!has_model()) return;
    GError *error = NULL;
    EmbedderSettings settings = { .provider = "gguf",
                                  .model = g_getenv("LOCALGPT_TEST_MODEL"),
                                  .paths = ground->paths };
    g_autoptr(Embedder) embedder = embedder_open(&settings, &error);
    g_assert_no_error(error);
    g_autofree char *fingerprint = g_strdup(embedder_fingerprint(embedder));
    g_autoptr(GString) long_text = g_string_new(NULL);
    for (int i = 0; i < 800; i++) g_string_append(long_text, "a long story ");
    EmbedText texts[] = { { "a red apple", 11 },
                          { "", 0 },
                          { "a red apple", 11 },
                          { "segmentation fault", 18 },
                          { long_text->str, long_text->len } };
    EmbedRequest request = { .texts = texts, .n = G_N_ELEMENTS(texts) };
    g_auto(EmbedVectors) vectors = { 0 };
    g_assert_true(embedder_embed(embedder, &request, &vectors, NULL, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(vectors.n_dimensions, ==, 576);
    g_assert_cmpuint(embedder_dimensions(embedder, NULL, &error), ==, 576);
    g_assert_null(embed_vectors_at(&vectors, 1));
    g_assert_cmpfloat_with_epsilon(cosine(&vectors, 0, 2), 1, 1e-4);
    g_assert_cmpfloat(cosine(&vectors, 0, 3), <, 0.999);
    g_assert_cmpfloat_with_epsilon(cosine(&vectors, 4, 4), 1, 1e-4);
    g_assert_cmpstr(embedder_fingerprint(embedder), ==, fingerprint);
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_false(embedder_embed(embedder, &request, &vectors, cancel, &error));
    g_assert_error(error, ERR, ERR_CANCELLED);
    g_clear_error(&error);
}

static void no_model_says_what_to_do(Ground *ground, gconstpointer data) {
    (void)data;
    g_autoptr(GError) error = NULL;
    EmbedderSettings settings = { .provider = "gguf", .paths = ground->paths };
    g_assert_null(embedder_open(&settings, &error));
    g_assert_error(error, ERR, ERR_NOT_FOUND);
    g_assert_nonnull(strstr(error_hint(error), "memory.embedding_model"));
}

static void words_before_the_text(void) {
    g_assert_cmpstr(gguf_embedder_prefix("Nomic-Embed-Text-v1.5.Q8_0", EMBED_QUERY), ==,
                    "search_query: ");
    g_assert_cmpstr(gguf_embedder_prefix("multilingual-e5-small", EMBED_PASSAGE), ==, "passage: ");
    g_assert_cmpstr(gguf_embedder_prefix("bge-m3-q8", EMBED_QUERY), ==, "");
    g_assert_cmpstr(gguf_embedder_prefix("all-minilm-l6-v2", EMBED_QUERY), ==, "");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add("/embed/gguf/vectors_through_the_engine", Ground, NULL, set_up,
               vectors_through_the_engine, tear_down);
    g_test_add("/embed/gguf/no_model_says_what_to_do", Ground, NULL, set_up,
               no_model_says_what_to_do, tear_down);
    g_test_add_func("/embed/gguf/words_before_the_text", words_before_the_text);
    return g_test_run();
}

/* What every embedder of the registry must do: vectors of length 1 in the order of the texts, none
 * for an empty text, a fingerprint at once, an end when cancelled. Those behind a server are played
 * by tests/fake/model_server.py, "gguf" by the real engine (test_gguf_embedder.c). */
#include <math.h>
#include <string.h>

#include "../fake/fake_server.h"
#include "base/error.h"
#include "embed/embedder.h"
#include "provider/provider_config.h"
#include "scratch_folder.h"

#define KEY "sk-canary-0123456789"

static const ConfigSection sections[] = {
    { "providers.gemini", "", gemini_config_fields, sizeof(KeyProviderConfig) },
    { "providers.ollama", "", ollama_config_fields, sizeof(OllamaConfig) },
    { "providers.openai", "", openai_config_fields, sizeof(KeyProviderConfig) },
    { 0 }
};

/* How the server of a row says things; each %s is one list of numbers. */
typedef struct {
    const char *embedder;
    const char *path; /* of its address */
    const char *asks; /* path of the request */
    const char *before, *vector, *after;
    const char *authorization; /* header and value, or NULL */
    const char *texts;         /* member of the request that has the texts */
} Dialect;

/* clang-format off */
static const Dialect dialects[] = {
    { "openai", "/v1", "/v1/embeddings", "{\"data\":[", "{\"embedding\":[%s]}", "]}", "Authorization: Bearer " KEY, "input" },
    { "ollama", "",    "/api/embed", "{\"embeddings\":[", "[%s]", "]}", NULL, "input" },
    { "gemini", "",    "/v1beta/models/some-model:batchEmbedContents", "{\"embeddings\":[", "{\"values\":[%s]}", "]}", "x-goog-api-key: " KEY, "requests" },
};
/* clang-format on */

static const Dialect *dialect_of(const char *embedder) {
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++)
        if (strcmp(dialects[i].embedder, embedder) == 0) return &dialects[i];
    return NULL;
}

typedef struct {
    ScratchFolder *folder;
    FakeServer *server; /* NULL for a row without one */
    Config *config;
    SecretSet *secrets;
    Embedder *embedder;
} Ground;

static void write_config(Ground *ground, const char *address) {
    GError *error = NULL;
    g_autofree char *text = g_strdup_printf(
        "[providers.openai]\napi_key = \"" KEY "\"\nbase_url = \"%s/v1\"\n"
        "[providers.ollama]\nendpoint = \"%s\"\n[providers.gemini]\nbase_url = \"%s\"\n",
        address, address, address);
    g_autofree char *path = scratch_folder_write(ground->folder, "config.toml", text, -1);
    ground->config = config_load(path, sections, NULL, NULL, &error);
    g_assert_no_error(error);
}

static void ground_init(Ground *ground, const EmbedderOps *ops) {
    GError *error = NULL;
    *ground = (Ground){ .folder = scratch_folder_new(), .secrets = secret_set_new() };
    if (dialect_of(ops->name) != NULL) {
        ground->server = fake_server_start();
        g_autofree char *address = fake_server_url(ground->server, "");
        write_config(ground, address);
    }
    EmbedderSettings settings = { .provider = ops->name,
                                  .model = "some-model",
                                  .api_key = KEY,
                                  .config = ground->config,
                                  .secrets = ground->secrets };
    ground->embedder = embedder_open(&settings, &error);
    g_assert_no_error(error);
}

static void ground_clear(Ground *ground) {
    embedder_close(ground->embedder);
    if (ground->config != NULL) config_free(ground->config);
    if (ground->server != NULL) fake_server_stop(ground->server);
    secret_set_free(ground->secrets);
    scratch_folder_free(ground->folder);
}

/* Plays one reply with these vectors ("3,4" and the like). */
static void play(const Ground *ground, const char *embedder, const char *const *vectors) {
    const Dialect *dialect = dialect_of(embedder);
    if (dialect == NULL) return;
    g_autoptr(GString) body = g_string_new(dialect->before);
    for (size_t i = 0; vectors[i] != NULL; i++) {
        g_auto(GStrv) around = g_strsplit(dialect->vector, "%s", 2);
        g_string_append_printf(body, "%s%s%s%s", i > 0 ? "," : "", around[0], vectors[i],
                               around[1]);
    }
    g_string_append(body, dialect->after);
    g_autofree char *quoted = g_strescape(body->str, NULL);
    g_autofree char *script =
        g_strdup_printf("[{\"type\":\"application/json\",\"body\":[\"%s\"]}]", quoted);
    fake_server_play(ground->server, script);
}

static bool embed(Ground *ground, const char *const *texts, EmbedVectors *out, GError **error) {
    EmbedText list[16];
    size_t n = 0;
    for (; texts[n] != NULL; n++) list[n] = (EmbedText){ texts[n], strlen(texts[n]) };
    EmbedRequest request = { .texts = list, .n = n };
    return embedder_embed(ground->embedder, &request, out, NULL, error);
}

static double length_of(const float *vector, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)vector[i] * vector[i];
    return sqrt(sum);
}

static void vectors_in_order(Ground *ground, const EmbedderOps *ops) {
    GError *error = NULL;
    const char *const texts[] = { "a cat sat", "", " \n ", "the kernel panics", NULL };
    const char *const replies[] = { "3,0,0,4", "0,2,0,0", NULL };
    play(ground, ops->name, replies);
    g_auto(EmbedVectors) vectors = { 0 };
    g_assert_true(embed(ground, texts, &vectors, &error));
    g_assert_no_error(error);
    g_assert_cmpuint(vectors.n, ==, 4);
    g_assert_null(embed_vectors_at(&vectors, 1));
    g_assert_null(embed_vectors_at(&vectors, 2));
    if (embedder_has(ground->embedder, EMBEDDER_NONE)) {
        g_assert_null(embed_vectors_at(&vectors, 0));
        return;
    }
    for (size_t i = 0; i < 4; i += 3)
        g_assert_cmpfloat_with_epsilon(
            length_of(embed_vectors_at(&vectors, i), vectors.n_dimensions), 1, 1e-5);
    g_assert_cmpuint(embedder_dimensions(ground->embedder, NULL, NULL), ==, vectors.n_dimensions);
    if (ground->server == NULL) return;
    g_assert_cmpfloat_with_epsilon(vectors.values[0], 0.6, 1e-6);
    g_assert_cmpfloat_with_epsilon(vectors.values[3 * 4 + 1], 1, 1e-6);
}

/* Only what says something is sent, with the key where it belongs. */
static void requests_are_right(Ground *ground, const EmbedderOps *ops) {
    const Dialect *dialect = dialect_of(ops->name);
    if (dialect == NULL) return;
    json_auto_t *requests = fake_server_requests(ground->server, 1);
    const json_t *request = json_array_get(requests, 0);
    g_assert_cmpuint(json_array_size(requests), ==, 1);
    g_assert_cmpstr(json_string_value(json_object_get(request, "path")), ==, dialect->asks);
    g_autofree char *text = json_dumps(request, 0);
    const json_t *body = json_object_get(request, "body");
    json_auto_t *parsed =
        json_is_string(body) ? json_loads(json_string_value(body), 0, NULL) : json_deep_copy(body);
    g_assert_cmpuint(json_array_size(json_object_get(parsed, dialect->texts)), ==, 2);
    g_assert_nonnull(strstr(text, "the kernel panics"));
    g_assert_nonnull(strstr(text, "some-model"));
    if (dialect->authorization == NULL) {
        g_assert_null(strstr(text, KEY));
        return;
    }
    g_auto(GStrv) header = g_strsplit(dialect->authorization, ": ", 2);
    const json_t *headers = json_object_get(request, "headers");
    const char *name;
    json_t *value;
    bool is_found = false;
    json_object_foreach ((json_t *)headers, name, value)
        is_found |= g_ascii_strcasecmp(name, header[0]) == 0 &&
                    g_strcmp0(json_string_value(value), header[1]) == 0;
    g_assert_true(is_found);
}

static void cancelled_ends(Ground *ground, const EmbedderOps *ops) {
    (void)ops;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    cancel_trigger(cancel, CANCEL_BY_USER);
    EmbedText text = { "word", 4 };
    EmbedRequest request = { .texts = &text, .n = 1 };
    g_auto(EmbedVectors) vectors = { 0 };
    g_assert_false(embedder_embed(ground->embedder, &request, &vectors, cancel, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
}

/* A server that errs: what it says is told, the key is not. */
static void failures_are_told(Ground *ground, const EmbedderOps *ops) {
    if (dialect_of(ops->name) == NULL) return;
    static const struct {
        const char *script;
        ErrorCode code;
    } cases[] = {
        { "[{\"status\":401,\"type\":\"application/"
          "json\",\"body\":[\"{\\\"error\\\":{\\\"message\\\":\\\"bad key " KEY "\\\"}}\"]}]",
          ERR_AUTH },
        { "[{\"status\":404,\"type\":\"application/json\",\"body\":[\"{\\\"error\\\":\\\"no "
          "model\\\"}\"]}]",
          ERR_NOT_FOUND },
        { "[{\"type\":\"application/json\",\"body\":[\"{}\"]}]", ERR_PROVIDER },
        { "[{\"type\":\"text/html\",\"body\":[\"<html>\"]}]", ERR_PROVIDER },
    };
    const char *const texts[] = { "one", "two", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        fake_server_play(ground->server, cases[i].script);
        g_auto(EmbedVectors) vectors = { 0 };
        g_assert_false(embed(ground, texts, &vectors, &error));
        g_assert_error(error, ERR, (gint)cases[i].code);
        if (dialect_of(ops->name)->authorization != NULL)
            g_assert_null(strstr(error->message, KEY));
        g_assert_nonnull(strstr(error->message, ops->name));
    }
    /* Too few vectors, and vectors that do not belong together. */
    const char *const short_reply[] = { "1,0", NULL };
    const char *const odd_reply[] = { "1,0", "1,0,0", NULL };
    const char *const *const replies[] = { short_reply, odd_reply };
    for (size_t i = 0; i < G_N_ELEMENTS(replies); i++) {
        g_autoptr(GError) error = NULL;
        play(ground, ops->name, replies[i]);
        g_auto(EmbedVectors) vectors = { 0 };
        g_assert_false(embed(ground, texts, &vectors, &error));
        g_assert_error(error, ERR, ERR_PROVIDER);
    }
}

static void is_described(Ground *ground, const EmbedderOps *ops) {
    g_assert_cmpuint(strlen(ops->summary), >, 10);
    g_assert_true(embedder_find(ops->name) == ops);
    if (ops->other_name != NULL) g_assert_true(embedder_find(ops->other_name) == ops);
    g_assert_true(g_str_has_prefix(embedder_fingerprint(ground->embedder), ops->name));
    g_assert_null(strstr(embedder_fingerprint(ground->embedder), KEY));
}

static void whole_registry(gconstpointer data) {
    const EmbedderOps *ops = data;
    Ground ground;
    ground_init(&ground, ops);
    is_described(&ground, ops);
    vectors_in_order(&ground, ops);
    requests_are_right(&ground, ops);
    cancelled_ends(&ground, ops);
    ground_clear(&ground);
    ground_init(&ground, ops);
    failures_are_told(&ground, ops);
    ground_clear(&ground);
}

/* 130 texts go in three requests of at most 64; each vector comes to its text. */
static void many_texts_in_batches(void) {
    GError *error = NULL;
    Ground ground;
    ground_init(&ground, embedder_find("openai"));
    g_autoptr(GString) script = g_string_new("[");
    const size_t sizes[] = { 64, 64, 2 };
    for (size_t r = 0; r < 3; r++) {
        g_string_append(script, r > 0 ? "," : "");
        g_string_append(script, "{\"type\":\"application/json\",\"body\":[\"{\\\"data\\\":[");
        /* In reverse, each with its place. */
        for (size_t i = sizes[r]; i-- > 0;)
            g_string_append_printf(script, "{\\\"index\\\":%zu,\\\"embedding\\\":[1,%zu]}%s", i,
                                   r * 64 + i, i > 0 ? "," : "");
        g_string_append(script, "]}\"]}");
    }
    g_string_append(script, "]");
    fake_server_play(ground.server, script->str);
    EmbedText texts[130];
    for (size_t i = 0; i < 130; i++) texts[i] = (EmbedText){ "word", 4 };
    EmbedRequest request = { .texts = texts, .n = 130 };
    g_auto(EmbedVectors) vectors = { 0 };
    g_assert_true(embedder_embed(ground.embedder, &request, &vectors, NULL, &error));
    g_assert_no_error(error);
    for (size_t i = 0; i < 130; i++)
        g_assert_cmpfloat_with_epsilon(vectors.values[i * 2 + 1] / vectors.values[i * 2], (double)i,
                                       0.01);
    ground_clear(&ground);
}

static void no_key_says_what_to_do(void) {
    g_autoptr(GError) error = NULL;
    g_unsetenv("OPENAI_API_KEY");
    EmbedderSettings settings = { .provider = "openai" };
    g_assert_null(embedder_open(&settings, &error));
    g_assert_error(error, ERR, ERR_AUTH);
    g_assert_nonnull(strstr(error_hint(error), "OPENAI_API_KEY"));
}

static void unknown_name_says_which_there_are(void) {
    g_autoptr(GError) error = NULL;
    EmbedderSettings settings = { .provider = "word2vec" };
    g_assert_null(embedder_open(&settings, &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_assert_nonnull(strstr(error->message, "static"));
    g_assert_nonnull(strstr(error->message, "word2vec"));
}

static void defaults(void) {
    GError *error = NULL;
    EmbedderSettings settings = { .provider = "", .model = "all-MiniLM-L6-v2" };
    g_autoptr(Embedder) first = embedder_open(&settings, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(first->ops->name, ==, "static");
    settings.provider = "local";
    g_autoptr(Embedder) old_name = embedder_open(&settings, &error);
    g_assert_cmpstr(embedder_fingerprint(old_name), ==, embedder_fingerprint(first));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (const EmbedderOps *const *ops = embedder_registry; *ops != NULL; ops++) {
        if (strcmp((*ops)->name, "gguf") == 0) continue;
        g_autofree char *path = g_strconcat("/embed/conformance/", (*ops)->name, NULL);
        g_test_add_data_func(path, *ops, whole_registry);
    }
    g_test_add_func("/embed/conformance/many_texts_in_batches", many_texts_in_batches);
    g_test_add_func("/embed/conformance/no_key_says_what_to_do", no_key_says_what_to_do);
    g_test_add_func("/embed/conformance/unknown_name", unknown_name_says_which_there_are);
    g_test_add_func("/embed/conformance/defaults", defaults);
    return g_test_run();
}

/*
 * Show 3: a hostile model file never takes the program down. Truncated, with huge counts, or with
 * its header changed in 200 ways, it gives an error or a working model; never a crash of the
 * client, never a hang.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "provider/engine_ground.h"

/* The data lies behind this; what comes before is the header. */
#define HEADER_BYTES (4 * 1024 * 1024)
enum { N_MUTATIONS = 200, ATTEMPT_LIMIT_MS = 120000 };

typedef struct {
    char *path;
    char *header; /* the first HEADER_BYTES of the real model */
    gsize header_length;
    off_t size;
    unsigned n_errors, n_working;
} Ground;

static void copy_model(const char *from, const char *to) {
    g_autofree char *bytes = NULL;
    gsize length = 0;
    g_assert_true(g_file_get_contents(from, &bytes, &length, NULL));
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    for (gsize done = 0; done < length;) {
        ssize_t n = write(fd, bytes + done, length - done);
        g_assert_cmpint(n, >, 0);
        done += (gsize)n;
    }
    close(fd);
}

static Ground ground_new(void) {
    Ground ground = { 0 };
    g_autofree char *folder = g_dir_make_tmp("hostile-XXXXXX", NULL);
    ground.path = g_build_filename(folder, "model.gguf", NULL);
    copy_model(engine_ground_model(), ground.path);
    struct stat status;
    g_assert_cmpint(stat(ground.path, &status), ==, 0);
    ground.size = status.st_size;
    ground.header_length = MIN((gsize)HEADER_BYTES, (gsize)status.st_size);
    ground.header = g_malloc(ground.header_length);
    int fd = open(ground.path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(read(fd, ground.header, ground.header_length), ==,
                    (gssize)ground.header_length);
    close(fd);
    return ground;
}

static void ground_clear(Ground *ground) {
    g_test_message("%u errors, %u working models", ground->n_errors, ground->n_working);
    g_unlink(ground->path);
    g_autofree char *folder = g_path_get_dirname(ground->path);
    g_rmdir(folder);
    g_free(ground->path);
    g_free(ground->header);
}

static void put(const Ground *ground, const void *bytes, gsize length, off_t offset) {
    int fd = open(ground->path, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint(pwrite(fd, bytes, length, offset), ==, (gssize)length);
    close(fd);
}

static void restore_header(const Ground *ground) {
    put(ground, ground->header, ground->header_length, 0);
}

/* Loads and answers a little, or tells an error. Both are fine; nothing else is. */
static void try_model(Ground *ground, const char *what) {
    EngineOptions options = engine_ground_options();
    options.model_path = ground->path;
    options.context_tokens = 128;
    g_autoptr(EngineClient) client = engine_client_new(&options);
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_set_deadline_ms(cancel, ATTEMPT_LIMIT_MS);
    g_autoptr(GError) error = NULL;
    EngineGenerate request;
    engine_ground_greedy(&request, 2);
    request.prompt.text = (char *)(uintptr_t) "Hello";
    EngineDone done = { 0 };
    if (engine_client_generate(client, &request, NULL, &done, cancel, &error)) {
        g_assert_no_error(error);
        ground->n_working++;
        return;
    }
    g_assert_nonnull(error);
    g_assert_true(error->domain == ERR);
    g_assert_cmpuint(strlen(error->message), >, 10);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    if (g_getenv("LOCALGPT_TEST_SHOW") != NULL) g_test_message("%s: %s", what, error->message);
    if (error_is(error, ERR_TIMEOUT)) g_error("%s: it hung: %s", what, error->message);
    ground->n_errors++;
}

static void truncated_anywhere(void) {
    Ground ground = ground_new();
    static const off_t lengths[] = { 0, 3, 4, 8, 16, 23, 24, 25, 100, 1000, 5000, 100000, 1000000 };
    /* Down from the end, as a file cannot grow its content back. */
    for (int percent = 99; percent >= 10; percent -= 30) {
        g_assert_cmpint(truncate(ground.path, ground.size / 100 * percent), ==, 0);
        g_autofree char *what = g_strdup_printf("%d percent", percent);
        try_model(&ground, what);
    }
    for (size_t i = G_N_ELEMENTS(lengths); i-- > 0;) {
        g_assert_cmpint(truncate(ground.path, lengths[i]), ==, 0);
        g_autofree char *what = g_strdup_printf("%ld bytes", (long)lengths[i]);
        try_model(&ground, what);
    }
    g_assert_cmpuint(ground.n_working, ==, 0);
    ground_clear(&ground);
}

/* The offset behind `text` in the header. */
static off_t behind(const Ground *ground, const char *text) {
    const char *found = memmem(ground->header, ground->header_length, text, strlen(text));
    g_assert_nonnull(found);
    return found - ground->header + (off_t)strlen(text);
}

static void huge_and_tiny_counts(void) {
    Ground ground = ground_new();
    static const uint64_t values[] = {
        UINT64_MAX, INT64_MAX, UINT64_C(1) << 40, UINT32_MAX, INT32_MAX, 100000000, 65536, 1, 0,
    };
    const struct {
        const char *what;
        off_t offset;
        gsize size; /* of the number */
    } fields[] = {
        { "tensor count", 8, 8 },
        { "key count", 16, 8 },
        { "length of the first key", 24, 8 },
        /* key, type (4 bytes), then the value */
        { "string length", behind(&ground, "general.architecture") + 4, 8 },
        { "array length", behind(&ground, "tokenizer.ggml.tokens") + 8, 8 },
        { "layers", behind(&ground, "llama.block_count") + 4, 4 },
        { "embedding length", behind(&ground, "llama.embedding_length") + 4, 4 },
        { "head count", behind(&ground, "llama.attention.head_count") + 4, 4 },
        { "heads of keys", behind(&ground, "llama.attention.head_count_kv") + 4, 4 },
        { "rope dimensions", behind(&ground, "llama.rope.dimension_count") + 4, 4 },
        { "feed forward length", behind(&ground, "llama.feed_forward_length") + 4, 4 },
        { "end token", behind(&ground, "tokenizer.ggml.eos_token_id") + 4, 4 },
        { "context length", behind(&ground, "llama.context_length") + 4, 4 },
        /* name, dimensions (4 bytes), first dimension */
        { "dimensions", behind(&ground, "token_embd.weight"), 4 },
        { "first dimension", behind(&ground, "token_embd.weight") + 4, 8 },
        { "second dimension", behind(&ground, "token_embd.weight") + 12, 8 },
        { "tensor type", behind(&ground, "token_embd.weight") + 20, 4 },
        { "tensor offset", behind(&ground, "blk.0.attn_q.weight") + 24, 8 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(values); k++) {
            put(&ground, &values[k], fields[i].size, fields[i].offset);
            g_autofree char *what =
                g_strdup_printf("%s = %" G_GUINT64_FORMAT, fields[i].what, values[k]);
            try_model(&ground, what);
            restore_header(&ground);
        }
    g_assert_cmpuint(ground.n_errors, >, G_N_ELEMENTS(fields) * G_N_ELEMENTS(values) / 2);
    ground_clear(&ground);
}

typedef struct {
    gint32 start, end;
} Zone;

static void mutated_headers(void) {
    Ground ground = ground_new();
    g_autoptr(GRand) random = g_rand_new_with_seed(20261124);
    /* The keys and numbers at the start, the vocabulary, the tensors' entries at the end. */
    const Zone zones[] = {
        { 4, 2000 },
        { (gint32)behind(&ground, "tokenizer.ggml.tokens"),
          (gint32)behind(&ground, "token_embd.weight") - 30 },
        { (gint32)behind(&ground, "token_embd.weight") - 30,
          (gint32)behind(&ground, "blk.20.ffn_down.weight") },
    };
    for (int i = 0; i < N_MUTATIONS; i++) {
        for (int n_edits = g_rand_int_range(random, 1, 4); n_edits > 0; n_edits--) {
            const Zone *zone = &zones[g_rand_int_range(random, 0, G_N_ELEMENTS(zones))];
            unsigned char byte = (unsigned char)g_rand_int_range(random, 0, 256);
            put(&ground, &byte, 1, g_rand_int_range(random, zone->start, zone->end));
        }
        g_autofree char *what = g_strdup_printf("mutation %d", i);
        try_model(&ground, what);
        restore_header(&ground);
    }
    g_assert_cmpuint(ground.n_errors, >, 0);
    g_assert_cmpuint(ground.n_working, >, 0);
    ground_clear(&ground);
}

static void unchanged_file_still_works(void) {
    Ground ground = ground_new();
    try_model(&ground, "unchanged");
    g_assert_cmpuint(ground.n_working, ==, 1);
    ground_clear(&ground);
}

static void what_is_no_file_is_refused(void) {
    static const char *const paths[] = { "/dev/zero", "/dev/null", "/", "/proc/self/mem" };
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        EngineOptions options = engine_ground_options();
        options.model_path = paths[i];
        g_autoptr(EngineClient) client = engine_client_new(&options);
        g_autoptr(GError) error = NULL;
        g_assert_false(engine_client_start(client, NULL, NULL, NULL, &error));
        g_assert_nonnull(strstr(error->message, paths[i]));
    }
}

#define ADD(name) g_test_add_func("/provider/engine_hostile/" #name, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(unchanged_file_still_works);
    ADD(what_is_no_file_is_refused);
    ADD(truncated_anywhere);
    ADD(huge_and_tiny_counts);
    ADD(mutated_headers);
    return g_test_run();
}

/* Tests of the static embedder: every row of golden.jsonl, ids and vectors, and what a user sees of
 * it: near texts, no vector for what it cannot read, any bytes. */
#include "embed/static_embedder.h"

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "embed/pooling.h"
#include "embed/static_table.h"
#include "embed/wordpiece.h"

#define TOLERANCE 2e-6

static StaticTable *open_table(void) {
    GError *error = NULL;
    g_autofree char *path = static_table_find(NULL, &error);
    g_assert_no_error(error);
    StaticTable *table = static_table_open(path, &error);
    g_assert_no_error(error);
    return table;
}

static Embedder *open_static(void) {
    GError *error = NULL;
    EmbedderSettings settings = { .provider = "static" };
    Embedder *embedder = embedder_open(&settings, &error);
    g_assert_no_error(error);
    return embedder;
}

static void embed(Embedder *embedder, const char *const *texts, size_t n, EmbedVectors *out) {
    GError *error = NULL;
    g_autofree EmbedText *list = g_new(EmbedText, n);
    for (size_t i = 0; i < n; i++) list[i] = (EmbedText){ texts[i], strlen(texts[i]) };
    EmbedRequest request = { .texts = list, .n = n };
    g_assert_true(embedder_embed(embedder, &request, out, NULL, &error));
    g_assert_no_error(error);
}

static double cosine(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

static void check_golden_row(const StaticTable *table, WordPiece *pieces, Pooling *pooling,
                             const char *line) {
    json_auto_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);
    g_assert_nonnull(row);
    const json_t *text = json_object_get(row, "text");
    const json_t *expected_ids = json_object_get(row, "ids");
    const json_t *expected = json_object_get(row, "vec");
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    wordpiece_append_ids(pieces, json_string_value(text), json_string_length(text), ids);
    g_assert_cmpuint(ids->len, ==, json_array_size(expected_ids));
    for (guint i = 0; i < ids->len; i++)
        g_assert_cmpint(g_array_index(ids, uint32_t, i), ==,
                        json_integer_value(json_array_get(expected_ids, i)));
    g_autofree float *vector = g_new(float, table->n_dimensions);
    pooling_sum(pooling, (const uint32_t *)(const void *)ids->data, ids->len, vector);
    embed_vectors_normalise(vector, table->n_dimensions);
    for (size_t i = 0; i < table->n_dimensions; i++)
        g_assert_cmpfloat_with_epsilon(vector[i], json_number_value(json_array_get(expected, i)),
                                       TOLERANCE);
}

static void golden_rows(void) {
    g_autoptr(StaticTable) table = open_table();
    g_autoptr(WordPiece) pieces = wordpiece_new(table);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(g_getenv("LOCALGPT_TEST_GOLDEN"), &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 330);
    for (const PoolKernel *kernel = pooling_kernels; kernel->pool != NULL; kernel++) {
        if (!pooling_suits(kernel, table)) continue;
        g_autoptr(Pooling) pooling = pooling_new(table);
        pooling_set_kernel(pooling, kernel);
        /* Twice: the second time most words are remembered. */
        for (int pass = 0; pass < 2; pass++)
            for (char **line = lines; *line != NULL; line++)
                check_golden_row(table, pieces, pooling, *line);
    }
}

static void near_texts_are_near(void) {
    g_autoptr(Embedder) embedder = open_static();
    const char *const texts[] = { "the doctor prescribed medicine for my illness",
                                  "a physician gave me drugs because I was sick",
                                  "compile the kernel with debugging symbols" };
    g_auto(EmbedVectors) vectors = { 0 };
    embed(embedder, texts, 3, &vectors);
    g_assert_cmpuint(vectors.n_dimensions, ==, 256);
    const float *first = embed_vectors_at(&vectors, 0);
    double near = cosine(first, embed_vectors_at(&vectors, 1), 256);
    double far = cosine(first, embed_vectors_at(&vectors, 2), 256);
    g_assert_cmpfloat(near, >, far + 0.2);
    g_assert_cmpfloat_with_epsilon(cosine(first, first, 256), 1, 1e-5);
}

static void texts_without_vector(void) {
    g_autoptr(Embedder) embedder = open_static();
    const char *const texts[] = { "", "  \n\t ", "我喜欢在早上喝咖啡然后去公园散步", "\xff\xfe\x80",
                                  "coffee in the morning" };
    g_auto(EmbedVectors) vectors = { 0 };
    embed(embedder, texts, 5, &vectors);
    for (size_t i = 0; i < 4; i++) g_assert_null(embed_vectors_at(&vectors, i));
    g_assert_nonnull(embed_vectors_at(&vectors, 4));
}

static void invalid_bytes_are_skipped(void) {
    g_autoptr(Embedder) embedder = open_static();
    const char *const texts[] = { "a re\xff"
                                  "d apple\xc3",
                                  "a red apple" };
    g_auto(EmbedVectors) vectors = { 0 };
    embed(embedder, texts, 2, &vectors);
    g_assert_cmpfloat_with_epsilon(
        cosine(embed_vectors_at(&vectors, 0), embed_vectors_at(&vectors, 1), 256), 1, 1e-5);
}

static void long_words_and_texts(void) {
    g_autoptr(StaticTable) table = open_table();
    g_autoptr(WordPiece) pieces = wordpiece_new(table);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autofree char *word = g_strnfill(1 << 20, 'a');
    wordpiece_append_ids(pieces, word, 1 << 20, ids);
    g_assert_cmpuint(ids->len, ==, 1);
    g_assert_cmpuint(g_array_index(ids, uint32_t, 0), ==, table->unknown_id);
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; i < 100000; i++) g_string_append(text, "ab ");
    g_array_set_size(ids, 0);
    wordpiece_append_ids(pieces, text->str, text->len, ids);
    g_assert_cmpuint(ids->len, ==, 100000);
}

static void checksum_is_right(void) {
    GError *error = NULL;
    g_autoptr(StaticTable) table = open_table();
    g_assert_true(static_table_check(table, &error));
    g_assert_no_error(error);
}

static void refuses(const uint8_t *bytes, size_t length) {
    g_autoptr(GError) error = NULL;
    g_assert_null(static_table_new(bytes, length, &error));
    g_assert_true(error_is(error, ERR_DATA));
}

static void damaged_tables_are_refused(void) {
    g_autoptr(StaticTable) table = open_table();
    refuses(table->bytes, 0);
    refuses(table->bytes, 127);
    refuses(table->bytes, table->length - 1);
    /* Each number of the header, made huge. */
    for (size_t at = 8; at < 68; at += 4) {
        if (at == 36) continue; /* more bytes of pieces than there are is found by the section */
        g_autofree uint8_t *copy = g_memdup2(table->bytes, table->length);
        memset(copy + at, 0xfe, 4);
        refuses(copy, table->length);
    }
    g_autofree uint8_t *copy = g_memdup2(table->bytes, table->length);
    copy[table->length - 1] ^= 1;
    g_autoptr(GError) error = NULL;
    g_autoptr(StaticTable) wrong = static_table_new(copy, table->length, &error);
    g_assert_no_error(error);
    g_assert_false(static_table_check(wrong, &error));
    g_assert_true(error_is(error, ERR_INTEGRITY));
}

static void cancelled(void) {
    g_autoptr(Embedder) embedder = open_static();
    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_auto(EmbedVectors) vectors = { 0 };
    g_autoptr(GError) error = NULL;
    EmbedRequest request = { 0 };
    g_assert_false(embedder_embed(embedder, &request, &vectors, cancel, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/embed/static/golden_rows", golden_rows);
    g_test_add_func("/embed/static/near_texts_are_near", near_texts_are_near);
    g_test_add_func("/embed/static/texts_without_vector", texts_without_vector);
    g_test_add_func("/embed/static/invalid_bytes_are_skipped", invalid_bytes_are_skipped);
    g_test_add_func("/embed/static/long_words_and_texts", long_words_and_texts);
    g_test_add_func("/embed/static/checksum_is_right", checksum_is_right);
    g_test_add_func("/embed/static/damaged_tables_are_refused", damaged_tables_are_refused);
    g_test_add_func("/embed/static/cancelled", cancelled);
    return g_test_run();
}

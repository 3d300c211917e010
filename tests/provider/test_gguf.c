/* Tests of provider/gguf.c: the real default model, small files of every kind of value, and files
 * that lie. */
#include "provider/gguf.h"

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "provider/gguf_builder.h"

static void assert_refused(const GByteArray *file, const char *word) {
    GgufFacts facts = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(gguf_read_bytes(file->data, file->len, &facts, &error));
    g_assert_true(error_is(error, ERR_DATA));
    if (strstr(error->message, word) == NULL)
        g_error("expected '%s' in '%s'", word, error->message);
    g_assert_nonnull(strstr(error->message, "byte "));
    g_assert_null(facts.architecture);
}

static void default_model_is_read(void) {
    const char *path = g_getenv("LOCALGPT_TEST_MODEL");
    if (path == NULL || g_access(path, R_OK) != 0) {
        g_test_skip("the default model is not in .deps (tools/fetch models)");
        return;
    }
    g_auto(GgufFacts) facts = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_true(gguf_read(path, &facts, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(facts.architecture, ==, "llama");
    g_assert_cmpint(facts.n_parameters, >, 134400000);
    g_assert_cmpint(facts.n_parameters, <, 134600000);
    g_assert_cmpint(facts.context_tokens, ==, 8192);
    g_assert_cmpint(facts.n_layers, ==, 30);
    g_assert_cmpint(facts.size_bytes, ==, 98362432);
    g_assert_cmpstr(facts.quantisation, ==, "Q4_1");
    g_assert_cmpstr(facts.tokenizer, ==, "gpt2");
    g_assert_nonnull(strstr(facts.chat_template, "<|im_start|>"));
    g_assert_false(facts.is_embedder);
}

static void cut_model_is_refused(void) {
    const char *path = g_getenv("LOCALGPT_TEST_MODEL");
    char *data = NULL;
    gsize length = 0;
    if (path == NULL || !g_file_get_contents(path, &data, &length, NULL)) {
        g_test_skip("the default model is not in .deps (tools/fetch models)");
        return;
    }
    static const gsize cuts[] = { 0, 3, 4, 10, 24, 100, 5000, 1000000, 1800000, 98362431 };
    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        GgufFacts facts = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_false(gguf_read_bytes(data, cuts[i], &facts, &error));
        g_assert_true(error_is(error, ERR_DATA));
    }
    g_free(data);
}

static void both_versions_and_every_value_are_read(void) {
    static const uint8_t sizes[] = { 1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8 };
    for (uint32_t version = 2; version <= 3; version++) {
        g_autoptr(GByteArray) file = gguf_builder_new(version, 1, 11 + 5);
        for (uint32_t type = 0; type < G_N_ELEMENTS(sizes); type++) {
            if (sizes[type] == 0) continue;
            gguf_builder_key(file, "some.value", type);
            gguf_builder_number(file, 1, sizes[type]);
        }
        /* The number stands before the architecture that it belongs to. */
        gguf_builder_key(file, "tiny.context_length", 10);
        gguf_builder_number(file, 4096, 8);
        gguf_builder_text(file, "general.architecture", "tiny");
        gguf_builder_text(file, "general.name", "A\033[31mB\nC");
        gguf_builder_key(file, "words", 9); /* two strings */
        gguf_builder_number(file, 8, 4);
        gguf_builder_number(file, 2, 8);
        gguf_builder_string(file, "one");
        gguf_builder_string(file, "");
        gguf_builder_key(file, "nested", 9); /* [[1, 2], []] of u16 */
        gguf_builder_number(file, 9, 4);
        gguf_builder_number(file, 2, 8);
        gguf_builder_number(file, 2, 4);
        gguf_builder_number(file, 2, 8);
        gguf_builder_number(file, 0x00020001, 4);
        gguf_builder_number(file, 2, 4);
        gguf_builder_number(file, 0, 8);
        gguf_builder_tensor(file, "w", 64, 8);
        gguf_builder_data(file, 2 * 34);

        g_auto(GgufFacts) facts = { 0 };
        g_autoptr(GError) error = NULL;
        g_assert_true(gguf_read_bytes(file->data, file->len, &facts, &error));
        g_assert_no_error(error);
        g_assert_cmpint(facts.version, ==, version);
        g_assert_cmpint(facts.context_tokens, ==, 4096);
        g_assert_cmpint(facts.n_parameters, ==, 64);
        g_assert_cmpstr(facts.quantisation, ==, "Q8_0");
        g_assert_cmpstr(facts.name, ==, "AB C");
        g_assert_null(facts.chat_template);

        g_byte_array_set_size(file, file->len - 1);
        assert_refused(file, "cut off");
    }
}

static void start_of_the_file_is_checked(void) {
    g_autoptr(GByteArray) empty = g_byte_array_new();
    assert_refused(empty, "not a GGUF file");
    g_autoptr(GByteArray) other = g_byte_array_new();
    g_byte_array_append(other, (const uint8_t *)"PK\3\4 and more bytes of a zip", 26);
    assert_refused(other, "not a GGUF file");
    g_autoptr(GByteArray) old = gguf_builder_new(1, 0, 0);
    assert_refused(old, "version 1");
    g_autoptr(GByteArray) swapped = gguf_builder_new(0x03000000, 0, 0);
    assert_refused(swapped, "big-endian");
    g_autoptr(GByteArray) many_tensors = gguf_builder_new(3, UINT64_MAX, 0);
    assert_refused(many_tensors, "tensors are announced");
    g_autoptr(GByteArray) many_keys = gguf_builder_new(3, 0, 1000000);
    assert_refused(many_keys, "keys are announced");
    g_autoptr(GByteArray) nameless = gguf_builder_new(3, 0, 0);
    assert_refused(nameless, "architecture");
}

static void lies_about_lengths_are_refused(void) {
    static const uint64_t lengths[] = { 1000, UINT64_MAX, UINT64_MAX - 7, (uint64_t)INT64_MAX + 1 };
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        g_autoptr(GByteArray) key = gguf_builder_new(3, 0, 1);
        gguf_builder_number(key, lengths[i], 8);
        assert_refused(key, "key 1");

        g_autoptr(GByteArray) value = gguf_builder_new(3, 0, 1);
        gguf_builder_key(value, "general.name", 8);
        gguf_builder_number(value, lengths[i], 8);
        assert_refused(value, "announced");

        for (uint32_t type = 0; type <= 12; type++) {
            g_autoptr(GByteArray) array = gguf_builder_new(3, 0, 1);
            gguf_builder_key(array, "words", 9);
            gguf_builder_number(array, type, 4);
            gguf_builder_number(array, lengths[i], 8);
            assert_refused(array, "an array of");
        }
    }
}

static void odd_values_are_refused(void) {
    g_autoptr(GByteArray) type = gguf_builder_new(3, 0, 1);
    gguf_builder_key(type, "x", 13);
    assert_refused(type, "unknown type 13");

    g_autoptr(GByteArray) item = gguf_builder_new(3, 0, 1);
    gguf_builder_key(item, "x", 9);
    gguf_builder_number(item, 99, 4);
    gguf_builder_number(item, 0, 8);
    assert_refused(item, "unknown type 99");

    g_autoptr(GByteArray) deep = gguf_builder_new(3, 0, 1);
    gguf_builder_key(deep, "x", 9);
    for (int i = 0; i < 100; i++) {
        gguf_builder_number(deep, 9, 4);
        gguf_builder_number(deep, 1, 8);
    }
    assert_refused(deep, "nested deeper");

    g_autoptr(GByteArray) negative = gguf_builder_new(3, 0, 1);
    gguf_builder_key(negative, "llama.context_length", 5);
    gguf_builder_number(negative, UINT32_MAX, 4);
    assert_refused(negative, "negative");

    g_autoptr(GByteArray) twice = gguf_builder_new(3, 0, 2);
    gguf_builder_text(twice, "general.name", "a");
    gguf_builder_text(twice, "general.name", "b");
    assert_refused(twice, "second time");

    g_autoptr(GByteArray) crooked = gguf_builder_new(3, 0, 1);
    gguf_builder_u32(crooked, "general.alignment", 3);
    assert_refused(crooked, "alignment");
}

static void impossible_tensors_are_refused(void) {
    g_autoptr(GByteArray) wide = gguf_builder_new(3, 1, 0);
    gguf_builder_string(wide, "w");
    gguf_builder_number(wide, 5, 4);
    assert_refused(wide, "5 dimensions");

    g_autoptr(GByteArray) huge = gguf_builder_new(3, 1, 0);
    gguf_builder_string(huge, "w");
    gguf_builder_number(huge, 2, 4);
    gguf_builder_number(huge, UINT64_C(1) << 40, 8);
    gguf_builder_number(huge, UINT64_C(1) << 40, 8);
    assert_refused(huge, "more elements");

    g_autoptr(GByteArray) sum = gguf_builder_new(3, 2, 0);
    gguf_builder_tensor(sum, "a", INT64_MAX, 200);
    gguf_builder_tensor(sum, "b", 1, 200);
    assert_refused(sum, "tensor 2: more elements");

    g_autoptr(GByteArray) bytes = gguf_builder_new(3, 1, 0);
    gguf_builder_tensor(bytes, "a", INT64_MAX, 28);
    assert_refused(bytes, "behind the end");
}

static void huge_sparse_file_costs_nothing(void) {
    g_autofree char *folder = g_dir_make_tmp("gguf-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "sparse.gguf", NULL);
    g_autoptr(GByteArray) file = gguf_builder_new(3, 65536, 65536);
    g_assert_true(g_file_set_contents(path, (const char *)file->data, file->len, NULL));
    g_assert_cmpint(truncate(path, (off_t)1 << 40), ==, 0);
    GgufFacts facts = { 0 };
    g_autoptr(GError) error = NULL;
    g_assert_false(gguf_read(path, &facts, &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_assert_nonnull(strstr(error->message, path));

    g_clear_error(&error);
    g_unlink(path);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    g_assert_false(gguf_read(path, &facts, &error));
    g_assert_true(error_is(error, ERR_DATA));
    g_clear_error(&error);
    g_unlink(path);
    g_assert_false(gguf_read(path, &facts, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_rmdir(folder);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/gguf/default_model_is_read", default_model_is_read);
    g_test_add_func("/provider/gguf/cut_model_is_refused", cut_model_is_refused);
    g_test_add_func("/provider/gguf/both_versions_and_every_value_are_read",
                    both_versions_and_every_value_are_read);
    g_test_add_func("/provider/gguf/start_of_the_file_is_checked", start_of_the_file_is_checked);
    g_test_add_func("/provider/gguf/lies_about_lengths_are_refused",
                    lies_about_lengths_are_refused);
    g_test_add_func("/provider/gguf/odd_values_are_refused", odd_values_are_refused);
    g_test_add_func("/provider/gguf/impossible_tensors_are_refused",
                    impossible_tensors_are_refused);
    g_test_add_func("/provider/gguf/huge_sparse_file_costs_nothing",
                    huge_sparse_file_costs_nothing);
    return g_test_run();
}

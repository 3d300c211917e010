/* Tests of base/hash.c: the published vectors, files, progress and cancellation. */
#include "base/hash.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"

#define EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_HEX "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void published_vectors(void) {
    g_autofree char *empty = hash_sha256_of("", 0);
    g_assert_cmpstr(empty, ==, EMPTY_HEX);
    g_autofree char *abc = hash_sha256_of("abc", 3);
    g_assert_cmpstr(abc, ==, ABC_HEX);
}

static void pieces_equal_the_whole(void) {
    char data[1000];
    for (size_t i = 0; i < sizeof data; i++) data[i] = (char)(i * 31);
    g_autofree char *expected =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, sizeof data);
    for (size_t piece = 1; piece < 130; piece += 7) {
        HashSha256 hash;
        hash_sha256_init(&hash);
        for (size_t at = 0; at < sizeof data; at += piece)
            hash_sha256_update(&hash, data + at, MIN(piece, sizeof data - at));
        g_autofree char *hex = hash_sha256_finish(&hash);
        g_assert_cmpstr(hex, ==, expected);
    }
}

static void remember_progress(int64_t done_bytes, int64_t total_bytes, void *user_data) {
    int64_t *last = user_data;
    g_assert_cmpint(done_bytes, >, *last);
    g_assert_cmpint(done_bytes, <=, total_bytes);
    *last = done_bytes;
}

static void file_is_hashed_with_progress(void) {
    g_autofree char *folder = g_dir_make_tmp("hash-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "big", NULL);
    g_autofree char *data = g_malloc0(1000001);
    memset(data, 'x', 1000001);
    g_assert_true(g_file_set_contents(path, data, 1000001, NULL));
    g_autofree char *expected =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)data, 1000001);

    int64_t last = 0;
    HashProgress progress = { remember_progress, &last };
    g_autoptr(GError) error = NULL;
    g_autofree char *hex = NULL;
    g_assert_true(hash_file_sha256(path, &progress, NULL, &hex, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(hex, ==, expected);
    g_assert_cmpint(last, ==, 1000001);

    g_autoptr(Cancel) cancel = cancel_new();
    cancel_trigger(cancel, CANCEL_BY_USER);
    char *untouched = NULL;
    g_assert_false(hash_file_sha256(path, NULL, cancel, &untouched, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_null(untouched);
    g_unlink(path);
    g_rmdir(folder);
}

static void odd_files_are_refused(void) {
    g_autofree char *folder = g_dir_make_tmp("hash-XXXXXX", NULL);
    g_autofree char *fifo = g_build_filename(folder, "fifo", NULL);
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autoptr(GError) fifo_error = NULL;
    g_autoptr(GError) folder_error = NULL;
    g_autoptr(GError) missing_error = NULL;
    char *hex = NULL;
    g_assert_false(hash_file_sha256(fifo, NULL, NULL, &hex, &fifo_error));
    g_assert_true(error_is(fifo_error, ERR_DATA));
    g_assert_false(hash_file_sha256(folder, NULL, NULL, &hex, &folder_error));
    g_assert_true(error_is(folder_error, ERR_DATA));
    g_assert_false(hash_file_sha256(missing, NULL, NULL, &hex, &missing_error));
    g_assert_true(error_is(missing_error, ERR_NOT_FOUND));
    g_unlink(fifo);
    g_rmdir(folder);
}

static void hex_is_compared_strictly(void) {
    g_autofree char *upper = g_ascii_strup(ABC_HEX, -1);
    g_assert_true(hash_is_equal(ABC_HEX, upper));
    g_assert_false(hash_is_equal(ABC_HEX, EMPTY_HEX));
    g_assert_false(hash_is_equal("", ""));
    g_assert_false(hash_is_equal(NULL, NULL));
    g_assert_false(hash_is_sha256_hex("xyz"));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/hash/published_vectors", published_vectors);
    g_test_add_func("/base/hash/pieces_equal_the_whole", pieces_equal_the_whole);
    g_test_add_func("/base/hash/file_is_hashed_with_progress", file_is_hashed_with_progress);
    g_test_add_func("/base/hash/odd_files_are_refused", odd_files_are_refused);
    g_test_add_func("/base/hash/hex_is_compared_strictly", hex_is_compared_strictly);
    return g_test_run();
}

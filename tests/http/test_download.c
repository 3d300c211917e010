/* Tests of http/download.c: resume, restart, hash, and what is on the disk after each failure. */
#include "http/download.h"

#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <glib/gstdio.h>

#include "base/file.h"
#include "base/hash.h"
#include "loopback.h"

#define SIZE 3000000
#define SIZE_TEXT "3000000"

typedef struct {
    Loopback *loopback;
    HttpClient *client;
    char *sha256; /* of the SIZE bytes that /big serves */
} Fixture;

/* One download into a folder of its own. */
typedef struct {
    const Fixture *fixture;
    char *folder;
    char *target;
    char *part;
    char *url;
    HttpDownload download;
    char *sha256;
} Case;

static char *pattern_bytes(size_t length) {
    char *data = g_malloc(length);
    for (size_t i = 0; i < length; i++) data[i] = (char)(i % 256);
    return data;
}

static Case *case_new(const void *fixture, const char *path) {
    Case *test = g_new0(Case, 1);
    test->fixture = fixture;
    test->folder = g_dir_make_tmp("download-XXXXXX", NULL);
    test->target = g_build_filename(test->folder, "made", "model.gguf", NULL);
    test->part = g_strconcat(test->target, ".part", NULL);
    test->url = loopback_url(test->fixture->loopback, path);
    test->download = (HttpDownload){ .url = test->url, .target = test->target };
    return test;
}

static void case_free(Case *test) {
    g_autofree char *record = g_strconcat(test->part, ".json", NULL);
    g_autofree char *made = g_path_get_dirname(test->target);
    g_unlink(record);
    g_unlink(test->part);
    g_unlink(test->target);
    g_rmdir(made);
    g_assert_cmpint(g_rmdir(test->folder), ==, 0); /* nothing else was left */
    g_free(test->sha256);
    g_free(test->folder);
    g_free(test->target);
    g_free(test->part);
    g_free(test->url);
    g_free(test);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Case, case_free)

static GError *run(Case *test) {
    GError *error = NULL;
    g_clear_pointer(&test->sha256, g_free);
    bool is_done =
        http_download(test->fixture->client, &test->download, NULL, &test->sha256, &error);
    g_assert_cmpint(is_done, ==, error == NULL);
    if (error != NULL) g_test_message("%s", error->message);
    return error;
}

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

static void assert_whole(Case *test) {
    g_autoptr(GError) error = run(test);
    g_assert_no_error(error);
    g_assert_cmpstr(test->sha256, ==, test->fixture->sha256);
    g_autofree char *on_disk = NULL;
    g_assert_true(hash_file_sha256(test->target, NULL, NULL, &on_disk, NULL));
    g_assert_cmpstr(on_disk, ==, test->fixture->sha256);
    g_assert_false(exists(test->part));
}

/* The Range header of the last request for this path; new string or NULL. */
static char *last_range(const Case *test, const char *path) {
    json_t *log = loopback_log(test->fixture->loopback, path);
    g_assert_cmpuint(json_array_size(log), >, 0);
    char *range = g_strdup(loopback_header(json_array_get(log, json_array_size(log) - 1), "Range"));
    json_decref(log);
    return range;
}

static void whole_file_arrives(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/whole?size=" SIZE_TEXT);
    test->download.expected_sha256 = test->fixture->sha256;
    test->download.expected_bytes = SIZE;
    assert_whole(test);
    struct stat status;
    g_assert_cmpint(stat(test->target, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void hash_is_told_when_none_was_expected(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/told?size=" SIZE_TEXT "&length=0");
    assert_whole(test);
}

static void empty_file_arrives(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/empty?size=0");
    g_autoptr(GError) error = run(test);
    g_assert_no_error(error);
    g_autofree char *expected = hash_sha256_of("", 0);
    g_assert_cmpstr(test->sha256, ==, expected);
    g_assert_true(exists(test->target));
}

static void next_call_resumes(const void *data) {
    static const char path[] = "/big/resumes?size=" SIZE_TEXT "&cut=1234567";
    g_autoptr(Case) test = case_new(data, path);
    g_autoptr(GError) cut = run(test);
    g_assert_true(error_is(cut, ERR_NETWORK));
    g_assert_false(exists(test->target));
    g_assert_cmpint(http_download_partial_bytes(test->target), ==, 1234567);
    assert_whole(test);
    g_autofree char *range = last_range(test, path);
    g_assert_cmpstr(range, ==, "bytes=1234567-");
    json_t *log = loopback_log(test->fixture->loopback, path);
    g_assert_cmpstr(loopback_header(json_array_get(log, 1), "If-Range"), ==, "\"v1\"");
    json_decref(log);
}

static void count_notice(const HttpRetryNotice *notice, void *user_data) {
    (void)notice;
    ++*(int *)user_data;
}

static void same_call_resumes_with_retries(const void *data) {
    static const char path[] = "/big/retries?size=" SIZE_TEXT "&cut=700000&cuts=2";
    g_autoptr(Case) test = case_new(data, path);
    int n_notices = 0;
    HttpRetry retry = { .first_wait_ms = 2, .on_retry = count_notice, .user_data = &n_notices };
    test->download.retry = &retry;
    test->download.expected_sha256 = test->fixture->sha256;
    assert_whole(test);
    g_assert_cmpint(n_notices, ==, 2);
    g_autofree char *range = last_range(test, path);
    g_assert_cmpstr(range, ==, "bytes=1400000-");
}

static void server_without_ranges_starts_again(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/noranges?size=" SIZE_TEXT "&cut=1234567&ranges=0");
    g_autoptr(GError) cut = run(test);
    g_assert_true(error_is(cut, ERR_NETWORK));
    assert_whole(test);
}

/* Writes a part and its record as a call that broke would have left them. */
static void leave_part(Case *test, const char *bytes, size_t length, const char *validator) {
    g_autofree char *folder = g_path_get_dirname(test->target);
    g_autofree char *record_path = g_strconcat(test->part, ".json", NULL);
    g_autofree char *url_sha256 = hash_sha256_of(test->url, strlen(test->url));
    g_autofree char *record =
        g_strdup_printf("{\"url_sha256\":\"%s\",\"validator\":\"%s\"}", url_sha256, validator);
    g_assert_true(file_make_folders(folder, NULL));
    g_assert_true(g_file_set_contents(test->part, bytes, (gssize)length, NULL));
    g_assert_true(g_file_set_contents(record_path, record, -1, NULL));
}

static void part_of_another_file_is_not_continued(const void *data) {
    static const struct {
        const char *path;
        const char *validator;
        size_t length;
    } cases[] = {
        { "/big/changed?size=" SIZE_TEXT, "\\\"old\\\"", 500 },
        { "/big/careless?size=" SIZE_TEXT "&careless=1", "\\\"old\\\"", 500 },
        { "/big/lies?size=" SIZE_TEXT "&lie=1", "\\\"v1\\\"", 500 },
        { "/big/shorter?size=" SIZE_TEXT, "\\\"v1\\\"", SIZE + 7 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Case) test = case_new(data, cases[i].path);
        g_autofree char *wrong = g_strnfill(cases[i].length, '?');
        leave_part(test, wrong, cases[i].length, cases[i].validator);
        g_test_message("%s", cases[i].path);
        assert_whole(test);
    }
}

static void part_without_a_record_is_not_continued(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/norecord?size=" SIZE_TEXT);
    g_autofree char *record_path = g_strconcat(test->part, ".json", NULL);
    leave_part(test, "?????", 5, "\\\"v1\\\"");
    g_assert_true(g_file_set_contents(record_path, "{ broken", -1, NULL));
    assert_whole(test);
}

static void complete_part_needs_no_byte(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/complete?size=" SIZE_TEXT);
    g_autofree char *bytes = pattern_bytes(SIZE);
    leave_part(test, bytes, SIZE, "\\\"v1\\\"");
    assert_whole(test);
}

static void wrong_hash_is_refused(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/wrong?size=" SIZE_TEXT);
    g_autofree char *expected = g_strnfill(64, 'a');
    g_autofree char *folder = g_path_get_dirname(test->target);
    test->download.expected_sha256 = expected;
    g_assert_true(file_make_folders(folder, NULL));
    g_assert_true(g_file_set_contents(test->target, "the old one", -1, NULL));
    g_autoptr(GError) error = run(test);
    g_assert_true(error_is(error, ERR_INTEGRITY));
    g_assert_nonnull(strstr(error->message, expected));
    g_assert_nonnull(strstr(error->message, test->fixture->sha256));
    g_assert_false(exists(test->part));
    g_autofree char *old = NULL;
    g_assert_true(g_file_get_contents(test->target, &old, NULL, NULL));
    g_assert_cmpstr(old, ==, "the old one");

    test->download.expected_sha256 = "abc";
    g_autoptr(GError) usage = run(test);
    g_assert_true(error_is(usage, ERR_USAGE));
}

static void wrong_sizes_are_refused(const void *data) {
    g_autoptr(Case) other = case_new(data, "/big/size?size=" SIZE_TEXT);
    other->download.expected_bytes = SIZE + 1;
    g_autoptr(GError) size = run(other);
    g_assert_true(error_is(size, ERR_INTEGRITY));
    g_assert_false(exists(other->part));
    g_autoptr(Case) big = case_new(data, "/big/max?size=" SIZE_TEXT "&length=0");
    big->download.max_bytes = 1000000;
    g_autoptr(GError) limit = run(big);
    g_assert_true(error_is(limit, ERR_LIMIT));
    /* More bytes than there is room on any disk. */
    g_autoptr(Case) huge = case_new(data, "/big/huge?size=4000000000000000000");
    g_autoptr(GError) room = run(huge);
    g_assert_true(error_is(room, ERR_IO));
    g_assert_nonnull(strstr(room->message, "of disk space"));
    g_assert_false(exists(huge->target));
}

/* A limit on the size of files stands for the full disk: the same write() fails. */
static void failed_write_keeps_the_part(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/full?size=" SIZE_TEXT);
    struct rlimit before;
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    struct rlimit small = { .rlim_cur = 1000000, .rlim_max = before.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    g_autoptr(GError) error = run(test);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
    signal(SIGXFSZ, handler);
    g_assert_true(error_is(error, ERR_IO));
    g_autofree char *sentence = g_strdup_printf("writing '%s': File too large", test->part);
    g_assert_cmpstr(error->message, ==, sentence);
    g_assert_cmpint(http_download_partial_bytes(test->target), ==, 1000000);
    assert_whole(test);
}

static void errors_of_the_server_leave_nothing(const void *data) {
    g_autoptr(Case) missing = case_new(data, "/status/404?body=gone");
    g_autoptr(GError) error = run(missing);
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_false(exists(missing->part));
    g_autoptr(Case) moved = case_new(data, "/status/204");
    g_autoptr(GError) odd = run(moved);
    g_assert_true(error_is(odd, ERR_DATA));
}

static void second_download_of_a_target_is_refused(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/locked?size=" SIZE_TEXT);
    leave_part(test, "?", 1, "\\\"v1\\\"");
    int fd = open(test->part, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    g_autoptr(GError) error = run(test);
    g_assert_true(error_is(error, ERR_EXISTS));
    close(fd);
}

static void link_in_the_place_of_the_part_is_refused(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/link?size=" SIZE_TEXT);
    g_autofree char *folder = g_path_get_dirname(test->target);
    g_autofree char *victim = g_build_filename(test->folder, "victim", NULL);
    g_assert_true(file_make_folders(folder, NULL));
    g_assert_true(g_file_set_contents(victim, "precious", -1, NULL));
    g_assert_cmpint(symlink(victim, test->part), ==, 0);
    g_autoptr(GError) error = run(test);
    g_assert_true(error_is(error, ERR_IO));
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(victim, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "precious");
    g_unlink(victim);
}

typedef struct {
    Cancel *cancel;
    int64_t cancel_at_bytes;
    HttpDownloadProgress last;
    int n_reports;
} Watch;

static void watch_progress(const HttpDownloadProgress *progress, void *user_data) {
    Watch *watch = user_data;
    g_assert_cmpint(progress->total_bytes, ==, SIZE);
    if (!progress->is_checking) g_assert_cmpint(progress->done_bytes, >=, watch->last.done_bytes);
    watch->last = *progress;
    watch->n_reports++;
    if (watch->cancel_at_bytes > 0) cancel_trigger(watch->cancel, CANCEL_BY_USER);
}

static void progress_is_told_to_the_end(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/progress?size=" SIZE_TEXT);
    Watch watch = { 0 };
    test->download.on_progress = watch_progress;
    test->download.user_data = &watch;
    assert_whole(test);
    g_assert_cmpint(watch.n_reports, >=, 2);
    g_assert_true(watch.last.is_checking);
    g_assert_cmpint(watch.last.done_bytes, ==, SIZE);
}

static void cancelled_download_goes_on_later(const void *data) {
    g_autoptr(Case) test = case_new(data, "/big/cancelled?size=" SIZE_TEXT);
    g_autoptr(Cancel) cancel = cancel_new();
    Watch watch = { .cancel = cancel, .cancel_at_bytes = 1 };
    test->download.on_progress = watch_progress;
    test->download.user_data = &watch;
    g_autoptr(GError) error = NULL;
    g_assert_false(http_download(test->fixture->client, &test->download, cancel, NULL, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_cmpint(http_download_partial_bytes(test->target), >, 0);
    test->download.on_progress = NULL;
    assert_whole(test);
}

static void redirect_to_another_host_is_followed_without_keys(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *there =
        loopback_url_at(fixture->loopback->other_port, "/big/mirror?size=" SIZE_TEXT);
    g_autofree char *escaped = g_uri_escape_string(there, NULL, FALSE);
    g_autofree char *path = g_strdup_printf("/redirect/302?to=%s", escaped);
    g_autoptr(Case) test = case_new(data, path);
    const char *headers[] = { "Authorization: Bearer canary", NULL };
    test->download.headers = headers;
    assert_whole(test);
    json_t *log = loopback_log(fixture->loopback, "/big/mirror");
    g_assert_cmpuint(json_array_size(log), ==, 1);
    g_assert_null(loopback_header(json_array_get(log, 0), "Authorization"));
    json_decref(log);
}

#define ADD(name) g_test_add_data_func("/http/download/" #name, &fixture, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_autofree char *bytes = pattern_bytes(SIZE);
    g_autofree char *sha256 = hash_sha256_of(bytes, SIZE);
    Fixture fixture = { .loopback = loopback_start(NULL),
                        .client = http_client_new(NULL),
                        .sha256 = sha256 };
    ADD(whole_file_arrives);
    ADD(hash_is_told_when_none_was_expected);
    ADD(empty_file_arrives);
    ADD(next_call_resumes);
    ADD(same_call_resumes_with_retries);
    ADD(server_without_ranges_starts_again);
    ADD(part_of_another_file_is_not_continued);
    ADD(part_without_a_record_is_not_continued);
    ADD(complete_part_needs_no_byte);
    ADD(wrong_hash_is_refused);
    ADD(wrong_sizes_are_refused);
    ADD(failed_write_keeps_the_part);
    ADD(errors_of_the_server_leave_nothing);
    ADD(second_download_of_a_target_is_refused);
    ADD(link_in_the_place_of_the_part_is_refused);
    ADD(progress_is_told_to_the_end);
    ADD(cancelled_download_goes_on_later);
    ADD(redirect_to_another_host_is_followed_without_keys);
    int status = g_test_run();
    http_client_free(fixture.client);
    loopback_stop(fixture.loopback);
    return status;
}

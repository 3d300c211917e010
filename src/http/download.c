/* http/download.c: part file, record, resume, hash, rename. */
#include "http/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/field.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#define REPORT_US 100000
#define SPARE_BYTES (1024 * 1024)    /* left free for everybody else */
#define PROGRESS_BYTES (1024 * 1024) /* an attempt that brought this much was worth it */
#define MAX_RECORD_BYTES 65536

/* What the bytes of a part file are part of. The address may hold a key: only its hash is kept. */
typedef struct {
    char *url_sha256;
    char *validator; /* strong ETag or Last-Modified, for If-Range; NULL = none */
} Record;

/* clang-format off */
static const Field record_fields[] = {
    { "url_sha256", FIELD_STRING(Record, url_sha256), .help = "SHA-256 of the address." },
    { "validator",  FIELD_STRING(Record, validator),  .help = "ETag or Last-Modified.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* clang-format on */

typedef struct {
    /* borrowed */
    HttpClient *client;
    const HttpDownload *download;
    Cancel *cancel;
    /* owned */
    char *part;
    char *record_path;
    Record record;
    int fd;          /* of the part, locked; -1 = not open */
    GError *failure; /* of the callback: why it stopped the transfer */
    /* state */
    int64_t done_bytes;
    int64_t total_bytes; /* -1 = unknown */
    bool has_begun;      /* the current answer was looked at */
    bool must_restart;   /* the answer does not continue what we have */
    int64_t start_us;
    int64_t start_bytes;
    int64_t reported_us;
} Job;

static void job_clear(Job *job) {
    if (job->fd >= 0) close(job->fd);
    field_clear(record_fields, &job->record);
    g_clear_error(&job->failure);
    g_free(job->record_path);
    g_free(job->part);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Job, job_clear)

/* ---- the part file and its record ---- */

static bool lock_part(Job *job, GError **error) {
    for (;;) {
        job->fd = open(job->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (job->fd < 0) {
            error_set_errno(error, errno, "opening '%s'", job->part);
            return false;
        }
        if (flock(job->fd, LOCK_EX | LOCK_NB) < 0) {
            error_set_with_hint(error, ERR_EXISTS, "Wait until it is done.",
                                "another download of '%s' is running", job->download->target);
            return false;
        }
        /* Another process may have renamed the part to the target between open and lock. */
        struct stat opened;
        struct stat named;
        if (fstat(job->fd, &opened) == 0 && stat(job->part, &named) == 0 &&
            opened.st_ino == named.st_ino && opened.st_dev == named.st_dev) {
            job->done_bytes = opened.st_size;
            return true;
        }
        close(job->fd);
        job->fd = -1;
    }
}

static bool truncate_part(Job *job, GError **error) {
    job->done_bytes = 0;
    job->must_restart = false;
    if (ftruncate(job->fd, 0) == 0) return true;
    error_set_errno(error, errno, "emptying '%s'", job->part);
    return false;
}

/* Bytes of another address, or without a record, are not ours to continue. */
static bool load_record(Job *job, GError **error) {
    g_autofree char *text = NULL;
    size_t length = 0;
    Record record = { 0 };
    bool is_read = file_read(job->record_path, MAX_RECORD_BYTES, &text, &length, NULL) &&
                   field_decode(record_fields, &record, text, length, 0, NULL);
    char *url_sha256 = hash_sha256_of(job->download->url, strlen(job->download->url));
    if (is_read && hash_is_equal(record.url_sha256, url_sha256)) {
        g_free(url_sha256);
        job->record = record;
        return true;
    }
    field_clear(record_fields, &record);
    job->record.url_sha256 = url_sha256;
    return truncate_part(job, error);
}

static bool save_record(Job *job, const HttpResponse *response, GError **error) {
    const char *etag = http_response_header(response, "ETag");
    /* A weak ETag promises the same meaning, not the same bytes. */
    const char *validator = etag != NULL && !g_str_has_prefix(etag, "W/")
                                ? etag
                                : http_response_header(response, "Last-Modified");
    if (validator != NULL || response->status != 206) {
        g_free(job->record.validator);
        job->record.validator = g_strdup(validator);
    }
    g_autofree char *json = field_encode(record_fields, &job->record, FIELD_COMPACT);
    return file_replace(job->record_path, json, strlen(json), 0600, error);
}

static void remove_part(const Job *job) {
    unlink(job->part);
    unlink(job->record_path);
}

/* ---- the answer ---- */

/* "bytes 5-9/10" or "bytes *" "/10"; -1 for what is not told. */
static void parse_content_range(const HttpResponse *response, int64_t *out_start,
                                int64_t *out_total) {
    const char *text = http_response_header(response, "Content-Range");
    *out_start = -1;
    *out_total = -1;
    if (text == NULL || g_ascii_strncasecmp(text, "bytes ", 6) != 0) return;
    if (g_ascii_isdigit(text[6])) *out_start = g_ascii_strtoll(text + 6, NULL, 10);
    const char *slash = strchr(text, '/');
    if (slash != NULL && g_ascii_isdigit(slash[1]))
        *out_total = g_ascii_strtoll(slash + 1, NULL, 10);
}

static bool check_room(const Job *job, GError **error) {
    struct statvfs disk;
    int64_t needed_bytes = job->total_bytes - job->done_bytes;
    if (job->total_bytes < 0 || fstatvfs(job->fd, &disk) < 0) return true;
    double free_bytes = (double)disk.f_bavail * (double)disk.f_frsize;
    if ((double)needed_bytes + SPARE_BYTES <= free_bytes) return true;
    g_autofree char *needed = text_format_size((unsigned long long)needed_bytes);
    g_autofree char *available = text_format_size((unsigned long long)free_bytes);
    error_set_with_hint(error, ERR_IO, "Free some space, then try again.",
                        "'%s' needs %s of disk space, and %s are free", job->download->target,
                        needed, available);
    return false;
}

static bool check_size(const Job *job, GError **error) {
    const HttpDownload *download = job->download;
    int64_t size = MAX(job->total_bytes, job->done_bytes);
    if (download->max_bytes > 0 && size > download->max_bytes) {
        g_autofree char *limit = text_format_size((unsigned long long)download->max_bytes);
        error_set(error, ERR_LIMIT, "'%s' would be larger than %s", download->target, limit);
        return false;
    }
    bool is_wrong =
        download->expected_bytes > 0 && (job->total_bytes >= 0 ? size != download->expected_bytes
                                                               : size > download->expected_bytes);
    if (!is_wrong) return true;
    error_set(error, ERR_INTEGRITY,
              "'%s' should be %" G_GINT64_FORMAT " bytes, the server has %" G_GINT64_FORMAT
              ": it is another file",
              download->target, download->expected_bytes, size);
    return false;
}

/* For servers that continue without having read If-Range. */
static bool has_changed(const Job *job, const HttpResponse *response) {
    const char *etag = http_response_header(response, "ETag");
    const char *known = job->record.validator;
    return etag != NULL && known != NULL && etag[0] == '"' && known[0] == '"' &&
           strcmp(etag, known) != 0;
}

/* Looks at status and headers before the first byte of the body is used. */
static bool begin(Job *job, const HttpResponse *response, GError **error) {
    const char *length = http_response_header(response, "Content-Length");
    job->has_begun = true;
    if (response->status == 206) {
        int64_t start = -1;
        parse_content_range(response, &start, &job->total_bytes);
        job->must_restart = start != job->done_bytes || has_changed(job, response);
        if (job->must_restart) return false;
    } else {
        if (!truncate_part(job, error)) return false;
        job->total_bytes = length != NULL ? g_ascii_strtoll(length, NULL, 10) : -1;
    }
    job->start_us = g_get_monotonic_time();
    job->start_bytes = job->done_bytes;
    return check_size(job, error) && check_room(job, error) && save_record(job, response, error);
}

static void report(Job *job) {
    int64_t now_us = g_get_monotonic_time();
    bool is_last = job->done_bytes == job->total_bytes;
    if (job->download->on_progress == NULL) return;
    if (!is_last && now_us - job->reported_us < REPORT_US) return;
    job->reported_us = now_us;
    double seconds = (double)(now_us - job->start_us) / G_USEC_PER_SEC;
    double rate = seconds > 0.0 ? (double)(job->done_bytes - job->start_bytes) / seconds : 0.0;
    bool is_known = rate > 0.0 && job->total_bytes >= 0;
    HttpDownloadProgress progress = {
        .done_bytes = job->done_bytes,
        .total_bytes = job->total_bytes,
        .bytes_per_second = rate,
        .seconds_left = is_known ? (double)(job->total_bytes - job->done_bytes) / rate : -1.0,
    };
    job->download->on_progress(&progress, job->download->user_data);
}

static bool write_all(Job *job, const char *data, size_t length, GError **error) {
    while (length > 0) {
        ssize_t n_written = pwrite(job->fd, data, length, job->done_bytes);
        if (n_written < 0 && errno == EINTR) continue;
        if (n_written < 0) {
            error_set_errno(error, errno, "writing '%s'", job->part);
            return false;
        }
        data += n_written;
        length -= (size_t)n_written;
        job->done_bytes += n_written;
    }
    return true;
}

static bool on_body(const HttpResponse *response, const char *data, size_t length,
                    void *user_data) {
    Job *job = user_data;
    bool is_good = (job->has_begun || begin(job, response, &job->failure)) &&
                   write_all(job, data, length, &job->failure) && check_size(job, &job->failure);
    if (is_good) report(job);
    return is_good;
}

/* ---- attempts ---- */

static GPtrArray *make_headers(const Job *job) {
    GPtrArray *headers = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
    const char *const *given = job->download->headers;
    for (size_t i = 0; given != NULL && given[i] != NULL; i++)
        g_ptr_array_add(headers, g_strdup(given[i]));
    if (job->done_bytes > 0 && job->record.validator != NULL)
        g_ptr_array_add(headers, g_strconcat("If-Range: ", job->record.validator, NULL));
    g_ptr_array_add(headers, NULL);
    return headers;
}

/* 416: either all bytes are here already, or the part is of a longer file. */
static bool take_range_refusal(Job *job, const HttpResponse *response) {
    int64_t start = -1;
    int64_t total = -1;
    parse_content_range(response, &start, &total);
    if (total != job->done_bytes) return false;
    job->total_bytes = total;
    return true;
}

typedef enum { FETCH_DONE, FETCH_RESTART, FETCH_FAILED } FetchResult;

static FetchResult judge_answer(Job *job, const HttpResponse *response, GError **error) {
    if (response->status == 416 && job->done_bytes > 0)
        return take_range_refusal(job, response) ? FETCH_DONE : FETCH_RESTART;
    if (!http_response_check(job->client, response, error)) return FETCH_FAILED;
    if (response->status != 200 && response->status != 206) {
        error_set(error, ERR_DATA, "the server answered %d instead of a file", response->status);
        return FETCH_FAILED;
    }
    /* No byte came: an empty file. */
    if (!job->has_begun && !begin(job, response, error))
        return job->must_restart ? FETCH_RESTART : FETCH_FAILED;
    report(job);
    return FETCH_DONE;
}

static FetchResult fetch(Job *job, GError **error) {
    /* Without validator and hash nothing would tell that the file changed in between. */
    bool can_resume = job->record.validator != NULL || job->download->expected_sha256 != NULL;
    if (!can_resume && !truncate_part(job, error)) return FETCH_FAILED;
    g_autoptr(GPtrArray) headers = make_headers(job);
    HttpRequest request = { .url = job->download->url,
                            .headers = (const char *const *)headers->pdata,
                            .on_body = on_body,
                            .user_data = job,
                            .retry = job->download->retry,
                            .max_body_bytes = HTTP_NO_LIMIT,
                            .resume_from = job->done_bytes,
                            .redirects = HTTP_REDIRECT_FOLLOW,
                            .addresses = job->download->addresses };
    g_auto(HttpResponse) response = { 0 };
    job->has_begun = false;
    bool is_done = http_client_request(job->client, &request, job->cancel, &response, error);
    if (job->failure != NULL) {
        g_clear_error(error);
        g_propagate_error(error, g_steal_pointer(&job->failure));
        return FETCH_FAILED;
    }
    if (job->must_restart) {
        g_clear_error(error);
        return FETCH_RESTART;
    }
    return is_done ? judge_answer(job, &response, error) : FETCH_FAILED;
}

/* The connection broke in the middle: true when it was waited for, and may be taken up again. */
static bool wait_for_resume(Job *job, int n_failed, GError *failure, GError **error) {
    const HttpRetry *retry = job->download->retry;
    bool may_pass = error_is(failure, ERR_NETWORK) || error_is(failure, ERR_TIMEOUT);
    bool is_worth_it = job->has_begun && may_pass && !cancel_is_triggered(job->cancel) &&
                       n_failed < http_retry_max_attempts(retry);
    if (!is_worth_it) {
        g_propagate_error(error, failure);
        return false;
    }
    HttpRetryNotice notice = { .attempt = n_failed,
                               .max_attempts = http_retry_max_attempts(retry),
                               .wait_ms = http_retry_wait_ms(retry, n_failed, -1),
                               .reason = failure->message };
    if (retry->on_retry != NULL) retry->on_retry(&notice, retry->user_data);
    g_error_free(failure);
    return http_retry_pause(notice.wait_ms, job->cancel, error);
}

static bool fetch_all(Job *job, GError **error) {
    int n_failed = 0;
    bool has_restarted = false;
    for (;;) {
        GError *failure = NULL;
        int64_t before_bytes = job->done_bytes;
        FetchResult result = fetch(job, &failure);
        if (result == FETCH_DONE) return true;
        if (result == FETCH_FAILED) {
            n_failed = job->done_bytes - before_bytes >= PROGRESS_BYTES ? 1 : n_failed + 1;
            if (!wait_for_resume(job, n_failed, failure, error)) return false;
            continue;
        }
        if (has_restarted) {
            error_set(error, ERR_DATA, "the server does not continue '%s' where it should",
                      job->download->target);
            return false;
        }
        has_restarted = true;
        if (!truncate_part(job, error)) return false;
    }
}

/* ---- the end ---- */

static void report_check(int64_t done_bytes, int64_t total_bytes, void *user_data) {
    Job *job = user_data;
    int64_t now_us = g_get_monotonic_time();
    if (job->download->on_progress == NULL) return;
    if (done_bytes < total_bytes && now_us - job->reported_us < REPORT_US) return;
    job->reported_us = now_us;
    HttpDownloadProgress progress = { .done_bytes = done_bytes,
                                      .total_bytes = total_bytes,
                                      .seconds_left = -1.0,
                                      .is_checking = true };
    job->download->on_progress(&progress, job->download->user_data);
}

static bool check_hash(Job *job, char **out_sha256, GError **error) {
    HashProgress progress = { report_check, job };
    const char *expected = job->download->expected_sha256;
    g_autofree char *sha256 = NULL;
    if (!hash_file_sha256(job->part, &progress, job->cancel, &sha256, error)) return false;
    if (expected == NULL || hash_is_equal(sha256, expected)) {
        *out_sha256 = g_steal_pointer(&sha256);
        return true;
    }
    error_set_with_hint(error, ERR_INTEGRITY,
                        "What arrived was removed. Try again; if it stays wrong, do not trust it.",
                        "'%s' is not what it should be: its SHA-256 is %s, expected %s",
                        job->download->target, sha256, expected);
    return false;
}

static bool sync_folder(const char *path, GError **error) {
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (!is_synced) error_set_errno(error, errno, "saving the folder '%s'", folder);
    if (fd >= 0) close(fd);
    return is_synced;
}

static bool move_into_place(Job *job, GError **error) {
    if (rename(job->part, job->download->target) < 0) {
        error_set_errno(error, errno, "renaming '%s' to '%s'", job->part, job->download->target);
        return false;
    }
    unlink(job->record_path);
    return sync_folder(job->download->target, error);
}

static bool finish(Job *job, char **out_sha256, GError **error) {
    g_autofree char *sha256 = NULL;
    if (fsync(job->fd) < 0) {
        error_set_errno(error, errno, "saving '%s'", job->part);
        return false;
    }
    if (!check_hash(job, &sha256, error) || !move_into_place(job, error)) return false;
    if (out_sha256 != NULL) *out_sha256 = g_steal_pointer(&sha256);
    return true;
}

bool http_download(HttpClient *client, const HttpDownload *download, Cancel *cancel,
                   char **out_sha256, GError **error) {
    if (download->expected_sha256 != NULL && !hash_is_sha256_hex(download->expected_sha256)) {
        error_set(error, ERR_USAGE, "'%s' is not a SHA-256 (64 hex digits)",
                  download->expected_sha256);
        return false;
    }
    g_auto(Job) job = { .client = client,
                        .download = download,
                        .cancel = cancel,
                        .part = g_strconcat(download->target, ".part", NULL),
                        .record_path = g_strconcat(download->target, ".part.json", NULL),
                        .fd = -1,
                        .total_bytes = -1 };
    g_autofree char *folder = g_path_get_dirname(download->target);
    if (!file_make_folders(folder, error) || !lock_part(&job, error) || !load_record(&job, error))
        return false;
    GError *failure = NULL;
    if (fetch_all(&job, &failure) && finish(&job, out_sha256, &failure)) return true;
    /* An empty part is worth nothing either. */
    if (error_is(failure, ERR_INTEGRITY) || job.done_bytes == 0) remove_part(&job);
    g_propagate_error(error, failure);
    return false;
}

int64_t http_download_partial_bytes(const char *target) {
    g_autofree char *part = g_strconcat(target, ".part", NULL);
    struct stat status;
    return lstat(part, &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
}

/*
 * http/download.h: one big file, fetched so that nothing is lost and nothing wrong is kept.
 *
 * Bytes go to "<target>.part", beside it "<target>.part.json" remembers what they are part of. A
 * broken connection is taken up where it broke, within the call (HttpRetry) and by the next call. A
 * server that cannot resume, or whose file has changed, starts again from the first byte. The
 * target appears by rename once all bytes are on the disk and their SHA-256 is right; until then it
 * is left alone.
 *
 *     HttpDownload download = { .url = url, .target = path, .expected_sha256 = row->sha256,
 *                               .retry = &http_retry_default, .on_progress = draw_bar };
 *     g_autofree char *sha256 = NULL;
 *     if (!http_download(client, &download, cancel, &sha256, error)) return false;
 *
 * ERR_INTEGRITY: the hash or the size is wrong (the part is removed). ERR_IO: disk full and the
 * like (the part is kept). ERR_EXISTS: another process downloads the same target. ERR_LIMIT: larger
 * than max_bytes. Else as http_client_request() and http_response_check().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "http/http_client.h"

typedef struct {
    int64_t done_bytes;
    int64_t total_bytes;     /* -1 = unknown */
    double bytes_per_second; /* of this call; 0 = not yet known */
    double seconds_left;     /* -1 = unknown */
    bool is_checking;        /* all is here; the hash is being taken of done_bytes so far */
} HttpDownloadProgress;

/* Zero means default. All borrowed. */
typedef struct {
    const char *url;
    const char *target;          /* its folder is made */
    const char *const *headers;  /* "Name: value", NULL-terminated; stay at the url's own origin */
    const char *expected_sha256; /* 64 hex digits; NULL = any, told by out_sha256 */
    int64_t expected_bytes;      /* 0 = any */
    int64_t max_bytes;           /* 0 = no limit */
    HttpAddressRule addresses;
    const HttpRetry *retry; /* NULL = one attempt */
    void (*on_progress)(const HttpDownloadProgress *progress, void *user_data); /* ~10 a second */
    void *user_data;
} HttpDownload;

/* `out_sha256` may be NULL; else a new string, untouched on failure. */
bool http_download(HttpClient *client, const HttpDownload *download, Cancel *cancel,
                   char **out_sha256, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What an earlier call left of this target, in bytes; 0 when nothing. */
int64_t http_download_partial_bytes(const char *target);

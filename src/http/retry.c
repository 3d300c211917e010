/* http/retry.c: waits between attempts. */
#include "http/retry.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define DEFAULT_ATTEMPTS 3
#define DEFAULT_FIRST_WAIT_MS 500
#define DEFAULT_MAX_WAIT_MS 30000
#define DEFAULT_MAX_RETRY_AFTER_MS 60000
#define MAX_RETRY_AFTER_S (365LL * 24 * 3600)

const HttpRetry http_retry_default = { .max_attempts = DEFAULT_ATTEMPTS };

int http_retry_max_attempts(const HttpRetry *retry) {
    if (retry == NULL) return 1;
    return retry->max_attempts > 0 ? retry->max_attempts : DEFAULT_ATTEMPTS;
}

static int64_t or_default(int64_t value, int64_t fallback) {
    return value > 0 ? value : fallback;
}

int64_t http_retry_wait_ms(const HttpRetry *retry, int attempt, int64_t retry_after_ms) {
    if (retry_after_ms >= 0)
        return MIN(retry_after_ms,
                   or_default(retry->max_retry_after_ms, DEFAULT_MAX_RETRY_AFTER_MS));
    int64_t cap_ms = or_default(retry->max_wait_ms, DEFAULT_MAX_WAIT_MS);
    int64_t wait_ms = MIN(or_default(retry->first_wait_ms, DEFAULT_FIRST_WAIT_MS), cap_ms);
    for (int i = 1; i < attempt && wait_ms < cap_ms; i++) wait_ms = MIN(wait_ms * 2, cap_ms);
    int64_t half_ms = wait_ms / 2;
    return half_ms + (int64_t)(g_random_double() * (double)(wait_ms - half_ms));
}

bool http_retry_is_status(int status) {
    return status == 429 || (status >= 500 && status <= 599 && status != 501);
}

static int month_number(const char *name) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *found = strlen(name) == 3 ? strstr(names, name) : NULL;
    return found == NULL || (found - names) % 3 != 0 ? 0 : (int)(found - names) / 3 + 1;
}

/* RFC 9110 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6
 * 08:49:37 1994". */
static GDateTime *parse_http_date(const char *text) {
    char month[4] = "";
    int year = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d", &day, month, &year, &hour,
               &minute, &second) != 6 &&
        sscanf(text, "%*[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d", &day, month, &year, &hour,
               &minute, &second) != 6 &&
        sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d", month, &day, &hour, &minute,
               &second, &year) != 6)
        return NULL;
    if (year < 100) year += year < 70 ? 2000 : 1900;
    return g_date_time_new_utc(year, month_number(month), day, hour, minute, (double)second);
}

int64_t http_retry_parse_after_ms(const char *text, int64_t now_seconds) {
    if (text == NULL) return -1;
    while (g_ascii_isspace(*text)) text++;
    if (g_ascii_isdigit(*text)) {
        char *end = NULL;
        guint64 seconds = g_ascii_strtoull(text, &end, 10);
        while (g_ascii_isspace(*end)) end++;
        if (*end != '\0') return -1;
        return (int64_t)MIN(seconds, (guint64)MAX_RETRY_AFTER_S) * 1000;
    }
    g_autoptr(GDateTime) date = parse_http_date(text);
    if (date == NULL) return -1;
    return CLAMP(g_date_time_to_unix(date) - now_seconds, 0, MAX_RETRY_AFTER_S) * 1000;
}

bool http_retry_pause(int64_t wait_ms, Cancel *cancel, GError **error) {
    int64_t end_us = g_get_monotonic_time() + wait_ms * 1000;
    while (cancel_check(cancel, error)) {
        int64_t left_ms = (end_us - g_get_monotonic_time() + 999) / 1000;
        if (left_ms <= 0) return true;
        struct pollfd poll_fd = { .fd = cancel_fd(cancel), .events = POLLIN };
        int timeout_ms = cancel_poll_timeout_ms(cancel, (int)MIN(left_ms, G_MAXINT));
        if (poll(&poll_fd, 1, timeout_ms) < 0 && errno != EINTR) {
            error_set_errno(error, errno, "waiting");
            return false;
        }
    }
    return false;
}

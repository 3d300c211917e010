/*
 * http/retry.h: when a failed request is tried again, and how long to wait before.
 *
 * Tried again are 429, 5xx (but 501), and connections that are refused, reset or closed without an
 * answer; never once a byte of the body was handed to the caller. The wait doubles with every
 * attempt, with jitter, so that many clients do not come back at the same moment; a Retry-After of
 * the server counts instead, up to a cap.
 *
 *     HttpRetry retry = { .max_attempts = 4, .on_retry = show_notice, .user_data = sink };
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"

typedef struct {
    int attempt;        /* the one that failed, from 1 */
    int max_attempts;   /* of the policy */
    int64_t wait_ms;    /* before the next one */
    const char *reason; /* "429 Too Many Requests", or the error; redacted, borrowed */
} HttpRetryNotice;

typedef struct {
    int max_attempts;           /* all in all; 0 = 3 */
    int64_t first_wait_ms;      /* 0 = 500 */
    int64_t max_wait_ms;        /* cap of the doubling; 0 = 30 s */
    int64_t max_retry_after_ms; /* cap of what a server may ask for; 0 = 60 s */
    void (*on_retry)(const HttpRetryNotice *notice, void *user_data); /* before the wait; or NULL */
    void *user_data;
} HttpRetry;

/* Three attempts, nobody told. */
extern const HttpRetry http_retry_default;

int http_retry_max_attempts(const HttpRetry *retry);

/* The wait after the failed attempt number `attempt` (from 1): between half of and the whole
 * doubled time. `retry_after_ms` < 0 when the server named none. */
int64_t http_retry_wait_ms(const HttpRetry *retry, int attempt, int64_t retry_after_ms);

/* "120", or an HTTP date in any of its three forms, counted from `now_seconds` (Unix time); at
 * least 0. -1 when the text is neither, or NULL. */
int64_t http_retry_parse_after_ms(const char *text, int64_t now_seconds);

/* Does this status make a second try worth it? */
bool http_retry_is_status(int status);

/* Waits, or returns false at once when cancelled or past the deadline. */
bool http_retry_pause(int64_t wait_ms, Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Tests of http/retry.c: waits grow within their bounds, and Retry-After is read in all its forms.
 */
#include "http/retry.h"

#include <glib.h>

#include "base/error.h"

static void waits_double_with_jitter_up_to_the_cap(void) {
    HttpRetry retry = { .first_wait_ms = 100, .max_wait_ms = 1000 };
    static const int64_t whole[] = { 100, 200, 400, 800, 1000, 1000 };
    for (int attempt = 1; attempt <= 6; attempt++) {
        for (int i = 0; i < 200; i++) {
            int64_t wait_ms = http_retry_wait_ms(&retry, attempt, -1);
            g_assert_cmpint(wait_ms, >=, whole[attempt - 1] / 2);
            g_assert_cmpint(wait_ms, <=, whole[attempt - 1]);
        }
    }
    g_assert_cmpint(http_retry_wait_ms(&retry, 1000000, -1), <=, 1000);
    g_assert_cmpint(http_retry_wait_ms(&http_retry_default, 1, -1), >=, 250);
}

static void server_is_obeyed_up_to_the_cap(void) {
    HttpRetry retry = { .max_retry_after_ms = 5000 };
    g_assert_cmpint(http_retry_wait_ms(&retry, 1, 0), ==, 0);
    g_assert_cmpint(http_retry_wait_ms(&retry, 3, 4000), ==, 4000);
    g_assert_cmpint(http_retry_wait_ms(&retry, 3, 3600000), ==, 5000);
    g_assert_cmpint(http_retry_wait_ms(&http_retry_default, 1, 3600000), ==, 60000);
}

static void retry_after_is_read_in_every_form(void) {
    static const int64_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *text;
        int64_t wait_ms;
    } cases[] = {
        { "0", 0 },
        { "120", 120000 },
        { " 7 ", 7000 },
        { "99999999999999999999999", 365LL * 24 * 3600 * 1000 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
        { "Sun, 06 Nov 1994 08:50:07 GMT", 30000 },
        { "Sunday, 06-Nov-94 08:49:47 GMT", 10000 },
        { "Sun Nov  6 08:49:57 1994", 20000 },
        { "Mon, 07 Nov 1994 08:49:37 GMT", 86400000 },
        { "Sun, 06 Nov 1994 08:00:00 GMT", 0 },
        { "", -1 },
        { "soon", -1 },
        { "-5", -1 },
        { "12s", -1 },
        { "Sun, 99 Nov 1994 08:49:37 GMT", -1 },
        { "Sun, 06 Xxx 1994 08:49:37 GMT", -1 },
        { "Sun, 06 anF 1994 08:49:37 GMT", -1 },
        { "Sun, 06 Nov 1994", -1 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("'%s'", cases[i].text);
        g_assert_cmpint(http_retry_parse_after_ms(cases[i].text, now), ==, cases[i].wait_ms);
    }
    g_assert_cmpint(http_retry_parse_after_ms(NULL, now), ==, -1);
}

static void attempts_and_statuses(void) {
    g_assert_cmpint(http_retry_max_attempts(NULL), ==, 1);
    g_assert_cmpint(http_retry_max_attempts(&http_retry_default), ==, 3);
    g_assert_cmpint(http_retry_max_attempts(&(HttpRetry){ .max_attempts = 7 }), ==, 7);
    for (int status = 100; status < 700; status++) {
        bool is_expected = status == 429 || (status >= 500 && status < 600 && status != 501);
        g_assert_cmpint(http_retry_is_status(status), ==, is_expected);
    }
}

static void pause_ends_or_is_ended(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(http_retry_pause(0, cancel, &error));
    g_assert_true(http_retry_pause(2, NULL, &error));
    cancel_set_deadline_ms(cancel, 5);
    g_assert_false(http_retry_pause(3600000, cancel, &error));
    g_assert_true(error_is(error, ERR_TIMEOUT));
    g_clear_error(&error);
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_false(http_retry_pause(3600000, cancel, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/retry/waits_double_with_jitter_up_to_the_cap",
                    waits_double_with_jitter_up_to_the_cap);
    g_test_add_func("/http/retry/server_is_obeyed_up_to_the_cap", server_is_obeyed_up_to_the_cap);
    g_test_add_func("/http/retry/retry_after_is_read_in_every_form",
                    retry_after_is_read_in_every_form);
    g_test_add_func("/http/retry/attempts_and_statuses", attempts_and_statuses);
    g_test_add_func("/http/retry/pause_ends_or_is_ended", pause_ends_or_is_ended);
    return g_test_run();
}

/* Tests of base/cancel.c: first reason wins, the descriptor wakes a poll, deadlines count. */
#include "base/cancel.h"

#include <poll.h>
#include <signal.h>

#include "base/error.h"

static void null_never_triggers(void) {
    g_autoptr(GError) error = NULL;
    cancel_trigger(NULL, CANCEL_BY_USER);
    cancel_set_deadline_ms(NULL, 1);
    g_assert_false(cancel_is_triggered(NULL));
    g_assert_true(cancel_check(NULL, &error));
    g_assert_cmpint(cancel_fd(NULL), ==, -1);
    g_assert_cmpint(cancel_poll_timeout_ms(NULL, -1), ==, -1);
    cancel_unref(NULL);
}

static void first_reason_wins(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    g_assert_true(cancel_check(cancel, &error));
    cancel_trigger(cancel, CANCEL_BY_USER);
    cancel_trigger(cancel, CANCEL_BY_DEADLINE);
    g_assert_cmpint(cancel_reason(cancel), ==, CANCEL_BY_USER);
    g_assert_false(cancel_check(cancel, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_cmpint(cancel_poll_timeout_ms(cancel, -1), ==, 0);
}

static bool fd_is_readable(const Cancel *cancel) {
    struct pollfd poll_fd = { .fd = cancel_fd(cancel), .events = POLLIN };
    return poll(&poll_fd, 1, 0) == 1;
}

static void descriptor_follows_the_switch(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    g_assert_false(fd_is_readable(cancel));
    cancel_trigger(cancel, CANCEL_BY_USER);
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_true(fd_is_readable(cancel));
    cancel_reset(cancel);
    g_assert_false(fd_is_readable(cancel));
    g_assert_false(cancel_is_triggered(cancel));
    cancel_trigger(cancel, CANCEL_BY_USER);
    g_assert_true(fd_is_readable(cancel));
}

static void deadline_is_a_timeout(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(GError) error = NULL;
    cancel_set_deadline_ms(cancel, 1500);
    g_assert_true(cancel_check(cancel, &error));
    int left_ms = cancel_poll_timeout_ms(cancel, -1);
    g_assert_cmpint(left_ms, >, 0);
    g_assert_cmpint(left_ms, <=, 1500);
    g_assert_cmpint(cancel_poll_timeout_ms(cancel, 1), ==, 1);
    cancel_set_deadline_ms(cancel, 1);
    /* poll() is the clock here: it returns when the deadline has passed, however late. */
    while (!cancel_is_triggered(cancel)) poll(NULL, 0, cancel_poll_timeout_ms(cancel, -1));
    g_assert_cmpint(cancel_reason(cancel), ==, CANCEL_BY_DEADLINE);
    g_assert_false(cancel_check(cancel, &error));
    g_assert_true(error_is(error, ERR_TIMEOUT));
    g_assert_cmpstr(error->message, ==, "the time limit of 0.001 s passed");
    cancel_set_deadline_ms(cancel, 0);
    g_assert_false(cancel_is_triggered(cancel));
    cancel_set_deadline_ms(cancel, G_MAXINT64);
    g_assert_false(cancel_is_triggered(cancel));
}

static Cancel *volatile signal_target; /* a handler has no argument to carry it */

static void on_signal(int number) {
    (void)number;
    cancel_trigger(signal_target, CANCEL_BY_USER);
}

static void signal_handler_may_trigger(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    signal_target = cancel;
    struct sigaction action = { .sa_handler = on_signal };
    struct sigaction before;
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    signal_target = NULL;
    g_assert_true(fd_is_readable(cancel));
}

static gpointer trigger_from_thread(gpointer data) {
    cancel_trigger(data, CANCEL_BY_USER);
    cancel_unref(data);
    return NULL;
}

static void other_thread_wakes_a_poll(void) {
    g_autoptr(Cancel) cancel = cancel_new();
    GThread *thread = g_thread_new("trigger", trigger_from_thread, cancel_ref(cancel));
    struct pollfd poll_fd = { .fd = cancel_fd(cancel), .events = POLLIN };
    g_assert_cmpint(poll(&poll_fd, 1, 30000), ==, 1);
    g_thread_join(thread);
    g_assert_true(cancel_is_triggered(cancel));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/base/cancel/null_never_triggers", null_never_triggers);
    g_test_add_func("/base/cancel/first_reason_wins", first_reason_wins);
    g_test_add_func("/base/cancel/descriptor_follows_the_switch", descriptor_follows_the_switch);
    g_test_add_func("/base/cancel/deadline_is_a_timeout", deadline_is_a_timeout);
    g_test_add_func("/base/cancel/signal_handler_may_trigger", signal_handler_may_trigger);
    g_test_add_func("/base/cancel/other_thread_wakes_a_poll", other_thread_wakes_a_poll);
    return g_test_run();
}

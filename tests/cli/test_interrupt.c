/* Tests of cli/interrupt.c: what a signal, a second one and a time limit do to the process. */
#include "cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `child` in a process of its own; its exit status. */
static int status_of(void (*child)(Cancel *cancel)) {
    pid_t pid = fork();
    if (pid == 0) {
        child(cancel_new());
        _exit(0);
    }
    int status = 0;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void signal_once(Cancel *cancel) {
    interrupt_install(cancel, 0);
    raise(SIGINT);
    _exit(cancel_reason(cancel) == CANCEL_BY_USER ? 0 : 1);
}

static void terminate_once(Cancel *cancel) {
    interrupt_install(cancel, 0);
    raise(SIGTERM);
    _exit(cancel_reason(cancel) == CANCEL_BY_USER ? 0 : 1);
}

static void first_signal_asks_to_stop(void) {
    g_assert_cmpint(status_of(signal_once), ==, 0);
    g_assert_cmpint(status_of(terminate_once), ==, 0);
}

static void signal_twice(Cancel *cancel) {
    interrupt_install(cancel, 0);
    raise(SIGINT);
    raise(SIGINT);
}

/* As chat does between two turns. */
static void signal_reset_signal(Cancel *cancel) {
    interrupt_install(cancel, 0);
    raise(SIGINT);
    cancel_reset(cancel);
    raise(SIGINT);
}

static void second_signal_ends_at_once(void) {
    g_assert_cmpint(status_of(signal_twice), ==, 130);
    g_assert_cmpint(status_of(signal_reset_signal), ==, 130);
}

static void wait_for_cancel(Cancel *cancel) {
    interrupt_install(cancel, 1);
    while (cancel_reason(cancel) == CANCEL_NONE) pause();
    _exit(cancel_reason(cancel) == CANCEL_BY_DEADLINE ? 0 : 1);
}

/* Work that does not listen. */
static void wait_for_ever(Cancel *cancel) {
    interrupt_install(cancel, 1);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, STDERR_FILENO);
    for (;;) pause();
}

static void time_limit_asks_and_then_ends(void) {
    g_assert_cmpint(status_of(wait_for_cancel), ==, 0);
    g_assert_cmpint(status_of(wait_for_ever), ==, 124);
}

static void write_to_closed_pipe(Cancel *cancel) {
    interrupt_install(cancel, 0);
    int ends[2];
    if (pipe(ends) != 0) _exit(1);
    close(ends[0]);
    _exit(write(ends[1], "x", 1) == -1 ? 0 : 1);
}

static void closed_pipe_is_an_error_not_a_death(void) {
    g_assert_cmpint(status_of(write_to_closed_pipe), ==, 0);
}

static void open_after_guard(Cancel *cancel) {
    (void)cancel;
    for (int descriptor = 0; descriptor <= 2; descriptor++) close(descriptor);
    interrupt_guard_descriptors();
    if (write(STDOUT_FILENO, "lost", 4) != -1) _exit(1); /* an answer must not get lost */
    if (write(STDERR_FILENO, "told", 4) != 4) _exit(2);
    char byte;
    if (read(STDIN_FILENO, &byte, 1) != 0) _exit(3);
    _exit(open("/dev/null", O_RDONLY) > 2 ? 0 : 4);
}

static void no_file_lands_on_a_standard_stream(void) {
    g_assert_cmpint(status_of(open_after_guard), ==, 0);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/interrupt/first_signal_asks_to_stop", first_signal_asks_to_stop);
    g_test_add_func("/cli/interrupt/second_signal_ends_at_once", second_signal_ends_at_once);
    g_test_add_func("/cli/interrupt/time_limit_asks_and_then_ends", time_limit_asks_and_then_ends);
    g_test_add_func("/cli/interrupt/closed_pipe_is_an_error_not_a_death",
                    closed_pipe_is_an_error_not_a_death);
    g_test_add_func("/cli/interrupt/no_file_lands_on_a_standard_stream",
                    no_file_lands_on_a_standard_stream);
    return g_test_run();
}

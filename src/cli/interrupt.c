/* cli/interrupt.c: signal handlers. Everything they call is async-signal-safe. */
#include "cli/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

enum { PATIENCE_SECONDS = 2 };

static Cancel *interrupt_cancel;           /* global: a signal handler has no other way to it */
static volatile sig_atomic_t last_seconds; /* global: written by the signal handler only */
static volatile sig_atomic_t is_overdue;   /* global: written by the signal handler only */

static void on_stop(int number) {
    (void)number;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    bool is_second = last_seconds != 0 && now.tv_sec - last_seconds < PATIENCE_SECONDS;
    if (is_second || cancel_is_triggered(interrupt_cancel))
        _exit(error_kinds[ERR_CANCELLED].exit_status);
    last_seconds = (sig_atomic_t)now.tv_sec;
    cancel_trigger(interrupt_cancel, CANCEL_BY_USER);
}

static void on_alarm(int number) {
    (void)number;
    static const char text[] = "localgpt: the time limit passed\n";
    if (is_overdue) {
        (void)!write(STDERR_FILENO, text, sizeof text - 1);
        _exit(error_kinds[ERR_TIMEOUT].exit_status);
    }
    is_overdue = 1;
    cancel_trigger(interrupt_cancel, CANCEL_BY_DEADLINE);
}

static void handle(int number, void (*handler)(int)) {
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void interrupt_install(Cancel *cancel, int64_t timeout_seconds) {
    interrupt_cancel = cancel;
    handle(SIGPIPE, SIG_IGN);
    /* Also where a shell had it ignored for a job in the background: `kill -INT` means it. */
    handle(SIGINT, on_stop);
    handle(SIGTERM, on_stop);
    if (timeout_seconds <= 0) return;
    handle(SIGALRM, on_alarm);
    struct itimerval timer = { .it_value = { .tv_sec = timeout_seconds },
                               .it_interval = { .tv_sec = PATIENCE_SECONDS } };
    setitimer(ITIMER_REAL, &timer, NULL);
}

void interrupt_guard_descriptors(void) {
    for (int descriptor = 0; descriptor <= 2; descriptor++) {
        if (fcntl(descriptor, F_GETFD) >= 0) continue;
        /* The lowest free number is the one that is missing. */
        /* cppcheck-suppress leakReturnValNotUsed; it stays open on purpose */
        (void)!open("/dev/null", descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    }
}

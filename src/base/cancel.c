/* base/cancel.c: an atomic flag, an eventfd and a deadline. */
#include "base/cancel.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/error.h"

struct Cancel {
    atomic_int references;
    atomic_int reason;                /* CancelReason; only ever leaves NONE by compare-and-swap */
    atomic_int_least64_t deadline_us; /* monotonic; 0 = none */
    atomic_int_least64_t limit_ms;    /* what the deadline was set to, for the message */
    int fd;                           /* owned eventfd; -1 when the process ran out of them */
};

Cancel *cancel_new(void) {
    Cancel *cancel = g_new0(Cancel, 1);
    atomic_init(&cancel->references, 1);
    atomic_init(&cancel->reason, CANCEL_NONE);
    atomic_init(&cancel->deadline_us, 0);
    atomic_init(&cancel->limit_ms, 0);
    cancel->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return cancel;
}

Cancel *cancel_ref(Cancel *cancel) {
    if (cancel != NULL) atomic_fetch_add(&cancel->references, 1);
    return cancel;
}

void cancel_unref(Cancel *cancel) {
    if (cancel == NULL || atomic_fetch_sub(&cancel->references, 1) != 1) return;
    if (cancel->fd >= 0) close(cancel->fd);
    g_free(cancel);
}

void cancel_trigger(Cancel *cancel, CancelReason reason) {
    if (cancel == NULL || reason == CANCEL_NONE) return;
    int expected = CANCEL_NONE;
    if (!atomic_compare_exchange_strong(&cancel->reason, &expected, (int)reason)) return;
    if (cancel->fd < 0) return;
    /* May run inside a signal handler: only write(), and errno as it was. */
    int saved_errno = errno;
    uint64_t one = 1;
    ssize_t written;
    do written = write(cancel->fd, &one, sizeof one);
    while (written < 0 && errno == EINTR);
    errno = saved_errno;
}

void cancel_reset(Cancel *cancel) {
    if (cancel == NULL) return;
    uint64_t count;
    while (cancel->fd >= 0 && read(cancel->fd, &count, sizeof count) < 0 && errno == EINTR)
        continue;
    atomic_store(&cancel->deadline_us, 0);
    atomic_store(&cancel->reason, CANCEL_NONE);
}

void cancel_set_deadline_ms(Cancel *cancel, int64_t milliseconds) {
    if (cancel == NULL) return;
    /* A limit of centuries is no limit, and must not overflow. */
    int64_t limit_ms = CLAMP(milliseconds, 0, G_MAXINT64 / 4000);
    atomic_store(&cancel->limit_ms, limit_ms);
    atomic_store(&cancel->deadline_us,
                 limit_ms == 0 ? 0 : g_get_monotonic_time() + limit_ms * 1000);
}

CancelReason cancel_reason(const Cancel *cancel) {
    if (cancel == NULL) return CANCEL_NONE;
    int reason = atomic_load(&cancel->reason);
    if (reason != CANCEL_NONE) return (CancelReason)reason;
    int64_t deadline_us = atomic_load(&cancel->deadline_us);
    bool is_late = deadline_us != 0 && g_get_monotonic_time() >= deadline_us;
    return is_late ? CANCEL_BY_DEADLINE : CANCEL_NONE;
}

bool cancel_is_triggered(const Cancel *cancel) {
    return cancel_reason(cancel) != CANCEL_NONE;
}

int cancel_fd(const Cancel *cancel) {
    return cancel == NULL ? -1 : cancel->fd;
}

int cancel_poll_timeout_ms(const Cancel *cancel, int milliseconds) {
    if (cancel == NULL) return milliseconds;
    if (atomic_load(&cancel->reason) != CANCEL_NONE) return 0;
    int64_t deadline_us = atomic_load(&cancel->deadline_us);
    if (deadline_us == 0) return milliseconds;
    /* Rounded up, so that the caller does not spin through the last millisecond. */
    int64_t left_ms = (MAX(deadline_us - g_get_monotonic_time(), 0) + 999) / 1000;
    if (milliseconds >= 0 && milliseconds < left_ms) return milliseconds;
    return (int)MIN(left_ms, G_MAXINT);
}

bool cancel_check(Cancel *cancel, GError **error) {
    switch (cancel_reason(cancel)) {
    case CANCEL_BY_USER: error_set(error, ERR_CANCELLED, "interrupted"); return false;
    case CANCEL_BY_DEADLINE: {
        int64_t limit_ms = atomic_load(&cancel->limit_ms);
        if (limit_ms > 0)
            error_set(error, ERR_TIMEOUT, "the time limit of %.10g s passed",
                      (double)limit_ms / 1000.0);
        else
            error_set(error, ERR_TIMEOUT, "the time limit passed");
        return false;
    }
    case CANCEL_NONE: break;
    }
    return true;
}

/*
 * base/cancel.h: one switch that stops work, from a key press, a signal handler or a deadline.
 *
 * A Cancel is an atomic flag and an eventfd, so that blocking loops can both test it and poll it,
 * and a signal handler may trigger it (GCancellable can do neither safely; see docs/decisions/).
 * Shared by reference count; passed down as the parameter before `error`.
 *
 *     struct pollfd fds[] = { { socket_fd, POLLIN }, { cancel_fd(cancel), POLLIN } };
 *     if (!cancel_check(cancel, error)) return false;      // sets ERR_CANCELLED or ERR_TIMEOUT
 *
 * A NULL Cancel is never triggered.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct Cancel Cancel;

typedef enum { CANCEL_NONE, CANCEL_BY_USER, CANCEL_BY_DEADLINE } CancelReason;

Cancel *cancel_new(void);
Cancel *cancel_ref(Cancel *cancel);
void cancel_unref(Cancel *cancel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Cancel, cancel_unref)

/* Async-signal-safe and thread-safe. The first reason wins until cancel_reset(). */
void cancel_trigger(Cancel *cancel, CancelReason reason);

/* Makes the switch usable for the next turn; only when no work is using it. */
void cancel_reset(Cancel *cancel);

/* Deadline in ms from now, 0 = none. Checked by cancel_check() and cancel_remaining_ms(). */
void cancel_set_deadline_ms(Cancel *cancel, int64_t milliseconds);

bool cancel_is_triggered(const Cancel *cancel);
CancelReason cancel_reason(const Cancel *cancel);

/* Readable once triggered (not by a deadline); -1 for NULL. Borrowed: never read or close it. */
int cancel_fd(const Cancel *cancel);

/* A poll() timeout that honours the deadline: min(milliseconds, time left); -1 stays "for ever". */
int cancel_poll_timeout_ms(const Cancel *cancel, int milliseconds);

/* true = go on; false = *error is ERR_CANCELLED or ERR_TIMEOUT. */
bool cancel_check(Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

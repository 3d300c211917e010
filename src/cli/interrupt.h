/*
 * cli/interrupt.h: what stops the program from outside: Ctrl-C, SIGTERM, --timeout, a reader that
 * went away.
 *
 * The first SIGINT or SIGTERM triggers the Cancel, so that work ends in order. A second one within
 * two seconds, or while the first has not been dealt with (cancel_reset), ends the process at once
 * with 130. A time limit triggers the Cancel too; work that has not ended two seconds later is
 * ended with 124. SIGPIPE is ignored: a write tells ERR_PIPE_CLOSED instead.
 */
#pragma once

#include <stdint.h>

#include "base/cancel.h"

/* Once per process; `cancel` must live until it ends. `timeout_seconds` 0 = none. */
void interrupt_install(Cancel *cancel, int64_t timeout_seconds);

/* Descriptors 0, 1 and 2 that were closed by the caller become /dev/null (stdout: one that cannot
 * be written, so that a lost answer is an error), so that no file we open lands there. */
void interrupt_guard_descriptors(void);

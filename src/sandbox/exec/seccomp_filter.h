/*
 * sandbox/exec/seccomp_filter.h: the system calls a confined process may make, as an allowlist.
 *
 * Everything that is not in the table of seccomp_filter.c gets EPERM; clone3 gets ENOSYS so that
 * libc falls back to clone, whose flags can be looked at; another architecture's entry (int 0x80,
 * x32) ends the process.
 */
#pragma once

#include <stdbool.h>

#include "sandbox/exec/confine.h"

/* Loads the filter into this process (all of its threads). no_new_privs must be set. */
bool seccomp_filter_apply(const Confinement *confinement, ConfineReport *report);

/*
 * sandbox/exec/landlock.h: the kernel's own file access list (Landlock), by raw system calls.
 *
 * Debian 12's kernel headers stop at ABI 2, so the constants are ours. The ABI is asked from the
 * kernel; every right it knows is handled (that is: denied unless granted), TCP bind and connect
 * are handled without any rule, and both scopes (signals, abstract sockets) are set where they
 * exist.
 */
#pragma once

#include <stdbool.h>

#include "sandbox/exec/confine.h"

/* The kernel's ABI (0 when Landlock is missing or off) and its errata bits. */
int landlock_probe(unsigned *out_errata);

/* Restricts the calling thread to the grants. no_new_privs must be set. */
bool landlock_apply(const Confinement *confinement, ConfineReport *report);

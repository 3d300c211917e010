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
#include <stdint.h>

#include "sandbox/exec/confine.h"

/* The kernel's ABI (0 when Landlock is missing or off) and its errata bits. */
int landlock_probe(unsigned *out_errata);

/* The same in steps, for any number of grants: open, allow, enter. */
typedef struct {
    int fd;              /* -1 = none */
    uint64_t handled_fs; /* rights that are denied unless granted */
    uint64_t handled_net;
} LandlockRules;

bool landlock_open(int min_abi, LandlockRules *out_rules, ConfineReport *report);
/* `rights` are ConfineRights. False with errno. */
bool landlock_allow(const LandlockRules *rules, int descriptor, unsigned rights);
/* TCP connections to a port; true where the kernel (before ABI 4) has no such rules. */
bool landlock_allow_connect(const LandlockRules *rules, uint16_t port);
/* The calling thread keeps to the rules, which are closed. */
bool landlock_enter(LandlockRules *rules, ConfineReport *report);
void landlock_close(LandlockRules *rules);

/* Only that no signal leaves the process and its descendants; false where the kernel (before ABI 6)
 * cannot. Files stay as they are. */
bool landlock_scope_signals(void);

/* Restricts the calling thread to the grants. no_new_privs must be set. */
bool landlock_apply(const Confinement *confinement, ConfineReport *report);

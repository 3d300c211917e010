/*
 * sandbox/exec/namespaces.h: the six walls of level full (and a seventh for control groups).
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <sys/types.h>

#include "sandbox/exec/confine.h"

#define NAMESPACES_ALL                                                                             \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |     \
     CLONE_NEWCGROUP)

/* First thing in the new namespaces: the user keeps its numbers, which own its files; the machine
 * has a name that tells nothing. */
bool namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report);

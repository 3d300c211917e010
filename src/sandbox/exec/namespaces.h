/*
 * sandbox/exec/namespaces.h: the six walls of level full (and a seventh for control groups).
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sandbox/exec/confine.h"

/* All but the network's, which takes as long as all the others together and is made beside them. */
#define NAMESPACES_AT_FORK                                                                         \
    (CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* First thing in the new namespaces: the user keeps its numbers, which own its files; the machine
 * has a name that tells nothing. */
bool namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report);

/* A process beside ours that makes the network namespace while we mount. */
typedef struct {
    pid_t pid;
    int pidfd;
    int ready[2];    /* a pipe: one byte when it is made, or could not be */
    int errno_value; /* written by that process, which shares our memory */
} NetworkMaker;

bool namespaces_begin_network(NetworkMaker *maker, ConfineReport *report);

/* Loopback up and a TCP listener on it; -1 with `report`. */
int namespaces_listen(uint16_t port, ConfineReport *report);

/* Waits for it and moves in. */
bool namespaces_enter_network(NetworkMaker *maker, ConfineReport *report);

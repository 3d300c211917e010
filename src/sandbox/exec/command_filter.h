/*
 * sandbox/exec/command_filter.h: the system calls a sandboxed command may not make.
 *
 * A command is any program, so this is a list of what is refused (EPERM), not of what is allowed:
 * tracing, other processes' memory, mounts, namespaces, kernel modules, keys, io_uring, bpf,
 * System V memory, sockets, limits and priorities of others, ... Unknown newer calls and clone3 get
 * ENOSYS, so that libraries fall back to what can be looked at; another architecture's entry
 * (int 0x80, x32) ends the process.
 *
 * Built once in the parent as plain bytes; the child loads it with command_filter_load().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <linux/filter.h>

#include "sandbox/exec/confine.h"

typedef enum {
    COMMAND_FILTER_WATCHES = 1 << 0, /* inotify: only where foreign paths are not there at all */
    COMMAND_FILTER_NETWORK = 1 << 1, /* TCP sockets: only in a network namespace of its own */
} CommandFilterAllows;

enum { COMMAND_FILTER_MAX = 2048 };

/* Fills `program` (room for COMMAND_FILTER_MAX) and *out_length. `report` tells a failure. */
bool command_filter_build(unsigned allows, struct sock_filter *program, size_t *out_length,
                          ConfineReport *report);

/* Loads it into the calling process. no_new_privs must be set. */
bool command_filter_load(const struct sock_filter *program, size_t length, ConfineReport *report);

/*
 * sandbox/exec/server.h: the process that sandbox children are forked from.
 *
 * Executing a program costs several times what a fork of a tiny process costs. So each profile has
 * one process of our binary under the name "localgpt-sandbox" that does nothing but wait on
 * descriptor 3: a packet with five descriptors (standard input, output, errors, control, plan) is
 * one command. It forks, and its child locks itself in (child.h); the parent gets a descriptor of
 * that process (PLAN_REPORT_PID on the control socket). It ends when descriptor 3 closes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sandbox/exec/plan.h"

enum { SERVER_FD = 3, SERVER_N_FILES = PLAN_FD + 1, SERVER_MAX_FILES = SERVER_N_FILES };

/* Descriptors that travel with a packet. */
typedef struct {
    int fds[SERVER_MAX_FILES];
    size_t n;
} ServerFiles;

/* One packet; the descriptors are copied into it. */
bool server_send(int socket, const void *bytes, size_t length, const ServerFiles *files);

/* As recv(); *out_files are close-on-exec and the caller's. */
ssize_t server_receive(int socket, void *bytes, size_t size, ServerFiles *out_files);

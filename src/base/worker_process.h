/*
 * base/worker_process.h: starts one of our own programs as a worker that talks to us over a socket.
 *
 *     WorkerProgram program = { .path = path, .arguments = argv, .environment = environ,
 *                               .socket = pair[1], .errors = -1 };
 *     int problem = worker_process_spawn(&program, &pid);         // 0, or an errno
 *
 * The worker has the socket as descriptor 3, nothing on standard input and output, its own session,
 * no signal blocked or ignored, and no other descriptor of ours. posix_spawn(): a large parent pays
 * nothing.
 */
#pragma once

#include <sys/types.h>

enum { WORKER_SOCKET_FD = 3 };

typedef struct {
    const char *path;
    char *const *arguments;   /* NULL-terminated, with the name first */
    char *const *environment; /* NULL-terminated: all it gets */
    int socket;
    int errors; /* becomes standard error; -1 = nothing does */
} WorkerProgram;

/* 0 and *out_pid, or the errno of what went wrong. All descriptors stay the caller's. */
int worker_process_spawn(const WorkerProgram *program, pid_t *out_pid);

/* base/worker_process.c: posix_spawn() with its actions and attributes. */
#include "base/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int worker_process_spawn(const WorkerProgram *program, pid_t *out_pid) {
    /* dup2() onto itself would leave it close-on-exec. */
    int socket = fcntl(program->socket, F_DUPFD_CLOEXEC, WORKER_SOCKET_FD + 1);
    if (socket < 0) return errno;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(
        &actions, program->errors >= 0 ? program->errors : STDIN_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions, socket, WORKER_SOCKET_FD);
    posix_spawn_file_actions_addclosefrom_np(&actions, WORKER_SOCKET_FD + 1);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    int result = posix_spawn(out_pid, program->path, &actions, &attributes, program->arguments,
                             program->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(socket);
    return result;
}

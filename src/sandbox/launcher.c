/* sandbox/launcher.c: pipes, the server as a worker, one packet for each command. */
#include "sandbox/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/worker_process.h"
#include "sandbox/exec/child.h"
#include "sandbox/exec/server.h"

_Static_assert((int)SERVER_FD == (int)WORKER_SOCKET_FD,
               "the server reads where a worker's socket is");

void launcher_init(Launcher *launcher) {
    g_mutex_init(&launcher->lock);
    launcher->socket = -1;
    launcher->pid = -1;
}

static void stop_server(Launcher *launcher) {
    if (launcher->socket >= 0) close(launcher->socket);
    while (launcher->pid > 0 && waitpid(launcher->pid, NULL, 0) < 0 && errno == EINTR) continue;
    launcher->socket = -1;
    launcher->pid = -1;
}

void launcher_clear(Launcher *launcher) {
    stop_server(launcher);
    g_mutex_clear(&launcher->lock);
}

/* ---- the server ---- */

static bool start_server(Launcher *launcher, GError **error) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        error_set_errno(error, errno, "starting the sandbox");
        return false;
    }
    char name[] = SANDBOX_CHILD_NAME;
    char *arguments[] = { name, NULL }, *environment[] = { NULL };
    const WorkerProgram server = { .path = "/proc/self/exe",
                                   .arguments = arguments,
                                   .environment = environment,
                                   .socket = pair[1],
                                   .errors = -1 };
    int result = worker_process_spawn(&server, &launcher->pid);
    close(pair[1]);
    if (result == 0) {
        launcher->socket = pair[0];
        return true;
    }
    close(pair[0]);
    launcher->pid = -1;
    error_set_errno(error, result, "starting the sandbox");
    return false;
}

/* A server that somebody killed is started once more. */
static bool send_files(Launcher *launcher, const ServerFiles *files, GError **error) {
    static const char request = 1;
    g_mutex_lock(&launcher->lock);
    bool is_sent = launcher->socket >= 0 && server_send(launcher->socket, &request, 1, files);
    if (!is_sent) {
        stop_server(launcher);
        is_sent = start_server(launcher, error);
        if (is_sent && !server_send(launcher->socket, &request, 1, files)) {
            error_set_errno(error, errno, "asking the sandbox");
            is_sent = false;
        }
    }
    g_mutex_unlock(&launcher->lock);
    return is_sent;
}

/* ---- a command ---- */

static void close_all(const int *fds, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0) close(fds[i]);
}

/* The command's descriptors into `files` and ours into `child`; false with errno. */
static bool make_channels(const LaunchRequest *request, ServerFiles *files, LaunchedChild *child) {
    int control[2], output[2], input[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) return false;
    child->control = control[0];
    files->fds[PLAN_CONTROL_FD] = control[1];
    if (pipe2(output, O_CLOEXEC) != 0) return false;
    child->output = output[0];
    files->fds[STDOUT_FILENO] = output[1];
    if (request->has_input) {
        if (pipe2(input, O_CLOEXEC) != 0) return false;
        child->input = input[1];
        files->fds[STDIN_FILENO] = input[0];
    } else {
        files->fds[STDIN_FILENO] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (request->separates_errors) {
        if (pipe2(errors, O_CLOEXEC) != 0) return false;
        child->errors = errors[0];
        files->fds[STDERR_FILENO] = errors[1];
    } else {
        files->fds[STDERR_FILENO] = fcntl(output[1], F_DUPFD_CLOEXEC, 0);
    }
    files->fds[PLAN_FD] = fcntl(request->plan, F_DUPFD_CLOEXEC, 0);
    return files->fds[STDIN_FILENO] >= 0 && files->fds[STDERR_FILENO] >= 0 &&
           files->fds[PLAN_FD] >= 0;
}

static void set_nonblocking(const LaunchedChild *child) {
    const int ours[] = { child->control, child->input, child->output, child->errors };
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (ours[i] >= 0) fcntl(ours[i], F_SETFL, O_NONBLOCK);
}

bool launcher_start(Launcher *launcher, const LaunchRequest *request, LaunchedChild *out_child,
                    GError **error) {
    ServerFiles files = { { -1, -1, -1, -1, -1 }, SERVER_N_FILES };
    LaunchedChild child = { .control = -1, .input = -1, .output = -1, .errors = -1 };
    bool is_ok = make_channels(request, &files, &child);
    if (is_ok) {
        set_nonblocking(&child);
        is_ok = send_files(launcher, &files, error);
    } else {
        error_set_errno(error, errno, "making pipes for the sandbox");
    }
    close_all(files.fds, SERVER_N_FILES);
    if (is_ok) {
        *out_child = child;
        return true;
    }
    const int ours[] = { child.control, child.input, child.output, child.errors };
    close_all(ours, G_N_ELEMENTS(ours));
    return false;
}

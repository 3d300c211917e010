/* sandbox/launcher.c: pipes and posix_spawn(). */
#include "sandbox/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/exec/child.h"
#include "sandbox/exec/plan.h"

/* Above every descriptor number of the child, so that none is overwritten before it is copied. */
enum { FIRST_SAFE_FD = PLAN_FD + 1, N_ENDS = PLAN_FD + 1 };

static void close_ends(int *ends, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (ends[i] >= 0) close(ends[i]);
}

/* The child's five descriptors and our four, in `ends` and `child`. */
static bool make_channels(const LaunchRequest *request, int ends[N_ENDS], LaunchedChild *child) {
    int control[2], output[2], input[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0) return false;
    child->control = control[0];
    ends[PLAN_CONTROL_FD] = control[1];
    if (pipe2(output, O_CLOEXEC) != 0) return false;
    child->output = output[0];
    ends[STDOUT_FILENO] = output[1];
    if (request->has_input) {
        if (pipe2(input, O_CLOEXEC) != 0) return false;
        child->input = input[1];
        ends[STDIN_FILENO] = input[0];
    } else {
        ends[STDIN_FILENO] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if (request->separates_errors) {
        if (pipe2(errors, O_CLOEXEC) != 0) return false;
        child->errors = errors[0];
        ends[STDERR_FILENO] = errors[1];
    } else {
        ends[STDERR_FILENO] = fcntl(output[1], F_DUPFD_CLOEXEC, FIRST_SAFE_FD);
    }
    ends[PLAN_FD] = fcntl(request->plan, F_DUPFD_CLOEXEC, FIRST_SAFE_FD);
    return ends[STDIN_FILENO] >= 0 && ends[STDERR_FILENO] >= 0 && ends[PLAN_FD] >= 0;
}

static bool lift(int ends[N_ENDS]) {
    for (size_t i = 0; i < N_ENDS; i++) {
        if (ends[i] >= FIRST_SAFE_FD) continue;
        int lifted = fcntl(ends[i], F_DUPFD_CLOEXEC, FIRST_SAFE_FD);
        if (lifted < 0) return false;
        close(ends[i]);
        ends[i] = lifted;
    }
    return true;
}

static void set_nonblocking(const LaunchedChild *child) {
    const int ours[] = { child->input, child->output, child->errors };
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (ours[i] >= 0) fcntl(ours[i], F_SETFL, O_NONBLOCK);
}

static int spawn(const int ends[N_ENDS], pid_t *out_pid) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    for (int fd = 0; fd < N_ENDS; fd++) posix_spawn_file_actions_adddup2(&actions, ends[fd], fd);
    posix_spawn_file_actions_addclosefrom_np(&actions, N_ENDS);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    char name[] = SANDBOX_CHILD_NAME;
    char *arguments[] = { name, NULL }, *environment[] = { NULL };
    int result =
        posix_spawn(out_pid, "/proc/self/exe", &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

bool launcher_start(const LaunchRequest *request, LaunchedChild *out_child, GError **error) {
    int ends[N_ENDS] = { -1, -1, -1, -1, -1 };
    LaunchedChild child = { .pid = -1, .control = -1, .input = -1, .output = -1, .errors = -1 };
    int result = 0;
    if (!make_channels(request, ends, &child) || !lift(ends)) result = errno;
    if (result == 0) {
        set_nonblocking(&child);
        result = spawn(ends, &child.pid);
    }
    close_ends(ends, N_ENDS);
    if (result == 0) {
        *out_child = child;
        return true;
    }
    int ours[] = { child.control, child.input, child.output, child.errors };
    close_ends(ours, G_N_ELEMENTS(ours));
    error_set_errno(error, result, "starting the sandbox");
    return false;
}

/* sandbox/exec/reaper.c: one poll loop over the end of children and the parent's orders. */
#include "sandbox/exec/reaper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/exec/landlock.h"

enum { WATCH_INTERVAL_MS = 100, LIST_BYTES = 8 << 10, MAX_DEPTH = 64 };

bool reaper_prepare(const PlanHeader *plan, ReaperPowers *powers, ConfineReport *report) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    powers->max_processes = plan->max_processes;
    if (powers->is_init) {
        if (geteuid() != 0) powers->max_processes = 0; /* RLIMIT_NPROC does it */
        return true;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return confine_fail(report, CONFINE_LAYER_REQUEST, errno, "becoming the subreaper");
    if (plan->level >= PLAN_MINIMAL &&
        (!confine_drop_capabilities(report) || !confine_refuse_new_privileges(report)))
        return false;
    powers->is_scoped = plan->level >= PLAN_MINIMAL && landlock_scope_signals();
    return true;
}

static void tell(PlanReportKind kind, int value, const char *text) {
    PlanReport report = { .kind = kind, .value = value };
    if (text != NULL) snprintf(report.text, sizeof report.text, "%s", text);
    while (send(PLAN_CONTROL_FD, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* Reads the children of a process, "12 34 "; 0 when it has none or is gone. */
static size_t read_children(pid_t pid, char *list, size_t size) {
    char path[64];
    list[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t n = read(fd, list, size - 1);
    close(fd);
    size_t length = n > 0 ? (size_t)n : 0;
    list[length] = '\0';
    return length;
}

/* Threads count as the kernel's own limit counts them. */
static unsigned count_tasks(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    struct stat status;
    return stat(path, &status) == 0 && status.st_nlink > 2 ? (unsigned)status.st_nlink - 2 : 1;
}

static unsigned count_below(pid_t pid, unsigned depth) {
    char list[LIST_BYTES];
    unsigned count = 0;
    if (depth == MAX_DEPTH || read_children(pid, list, sizeof list) == 0) return 0;
    for (char *at = list, *end; *at != '\0'; at = end) {
        pid_t child = (pid_t)strtol(at, &end, 10);
        if (end == at) break;
        while (*end == ' ') end++;
        count += count_tasks(child) + count_below(child, depth + 1);
    }
    return count;
}

static void signal_all(const ReaperPowers *powers, int number) {
    if (powers->is_init || powers->is_scoped) {
        kill(-1, number);
        return;
    }
    char list[LIST_BYTES];
    read_children(getpid(), list, sizeof list);
    for (char *at = list, *end; *at != '\0'; at = end) {
        pid_t child = (pid_t)strtol(at, &end, 10);
        if (end == at) break;
        while (*end == ' ') end++;
        if (child > 1) kill(child, number);
    }
}

/* Each round kills all that is there; orphans of the killed come to us and are in the next one. */
static void kill_all(const ReaperPowers *powers) {
    /* Process 1 need only end, but its own wait tells that nobody is left. */
    for (;;) {
        signal_all(powers, SIGKILL);
        pid_t pid = waitpid(-1, NULL, __WALL);
        if (pid < 0 && errno == ECHILD) return;
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0) continue;
    }
}

/* Reaps what has ended; true and *out_status once the command itself has. */
static bool reap(pid_t command, int *out_status) {
    bool is_over = false;
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0;) {
        if (pid != command) continue;
        *out_status = status;
        is_over = true;
    }
    return is_over;
}

static bool is_over_limit(const ReaperPowers *powers) {
    return powers->max_processes > 0 && count_below(getpid(), 0) > powers->max_processes;
}

/* False when the parent wants the end now, or is gone. */
static bool obey(const ReaperPowers *powers, const struct pollfd *control) {
    char order = PLAN_ORDER_KILL;
    if (control->revents == 0) return true;
    ssize_t n = recv(PLAN_CONTROL_FD, &order, 1, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (n <= 0 || order != PLAN_ORDER_TERMINATE) return false;
    signal_all(powers, SIGTERM);
    return true;
}

void reaper_run(const ReaperPowers *powers, pid_t command) {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    int ended = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd fds[] = { { ended, POLLIN, 0 }, { PLAN_CONTROL_FD, POLLIN, 0 } };
    int status = SIGKILL; /* as a wait status: ended by it */
    int interval = powers->max_processes > 0 ? WATCH_INTERVAL_MS : -1;
    while (!reap(command, &status)) {
        int n = poll(fds, 2, interval);
        struct signalfd_siginfo told;
        while (fds[0].revents != 0 && read(ended, &told, sizeof told) > 0) continue;
        if (n > 0 && !obey(powers, &fds[1])) break;
        if (n == 0 && is_over_limit(powers)) {
            tell(PLAN_REPORT_LIMIT, (int)powers->max_processes, "processes");
            break;
        }
        fds[0].revents = fds[1].revents = 0;
    }
    if (powers->is_init) {
        tell(PLAN_REPORT_ENDED, status, NULL);
    } else {
        kill_all(powers);
        tell(PLAN_REPORT_ENDED, status, NULL);
    }
    _exit(0);
}

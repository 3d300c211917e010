/* sandbox/exec/child.c: from the plan to the running command. */
#include "sandbox/exec/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/exec/command_filter.h"
#include "sandbox/exec/grants.h"
#include "sandbox/exec/landlock.h"
#include "sandbox/exec/namespaces.h"
#include "sandbox/exec/plan.h"
#include "sandbox/exec/reaper.h"
#include "sandbox/exec/server.h"
#include "sandbox/exec/small_root.h"
#include "sandbox/exec/watch_filter.h"

enum {
    STACK_BYTES = 256 << 10, /* grants.c walks folders with buffers on it */
    EXIT_NOT_STARTED = 125,
    PATH_BYTES = 4096,
};

/* Everything of the one command this process is for. The command's process shares our memory until
 * it executes, so it tells its failure by writing it here. */
typedef struct {
    const PlanHeader *plan;
    char **arguments;
    char **environment;
    int self; /* our own binary, or -1 */
    ReaperPowers powers;
    ConfineReport report;
    bool has_failed;
} Child;

/* Of the command's process until it executes; not in Child, for the alignment. */
static char command_stack[STACK_BYTES] __attribute__((aligned(64)));

bool sandbox_child_is_asked(char *const *argv) {
    return argv[0] != NULL && strcmp(argv[0], SANDBOX_CHILD_NAME) == 0;
}

static void tell(PlanReportKind kind, int value) {
    PlanReport report = { .kind = kind, .value = value };
    while (send(PLAN_CONTROL_FD, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* From here on the process stops at each call that changes a file, until the parent answers. */
static bool watch(Child *child) {
    int listener = watch_filter_load();
    if (listener < 0)
        return confine_fail(&child->report, CONFINE_LAYER_SECCOMP, errno, "the watch for undo");
    const PlanReport report = { .kind = PLAN_REPORT_WATCHED };
    const ServerFiles files = { { listener }, 1 };
    bool is_sent = server_send(PLAN_CONTROL_FD, &report, sizeof report, &files);
    if (!is_sent)
        confine_fail(&child->report, CONFINE_LAYER_SECCOMP, errno, "handing the watch over");
    close(listener);
    return is_sent;
}

static void give_up(const Child *child) __attribute__((noreturn));
static void give_up(const Child *child) {
    PlanReport report = { .kind = PLAN_REPORT_FAILED, .value = child->report.errno_value };
    report.layer = child->report.failed_layer;
    snprintf(report.text, sizeof report.text, "%s", child->report.reason);
    while (send(PLAN_CONTROL_FD, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
    _exit(EXIT_NOT_STARTED);
}

static bool limit(Child *child) {
    const PlanHeader *plan = child->plan;
    ConfineReport *report = &child->report;
    if ((plan->max_file_bytes > 0 && !confine_limit(RLIMIT_FSIZE, plan->max_file_bytes, report)) ||
        (plan->max_data_bytes > 0 && !confine_limit(RLIMIT_DATA, plan->max_data_bytes, report)) ||
        (plan->max_open_files > 0 && !confine_limit(RLIMIT_NOFILE, plan->max_open_files, report)) ||
        (plan->max_cpu_seconds > 0 && !confine_limit(RLIMIT_CPU, plan->max_cpu_seconds, report)))
        return false;
    /* Inside its own user namespace only the sandbox's processes count, elsewhere all of the
     * user's: there the watch counts. */
    if (plan->level == PLAN_FULL && plan->max_processes > 0 &&
        !confine_limit(RLIMIT_NPROC, plan->max_processes + 1 /* the reaper */, report))
        return false;
    return confine_limit(RLIMIT_CORE, 0, report) && confine_limit(RLIMIT_MEMLOCK, 0, report) &&
           confine_limit(RLIMIT_MSGQUEUE, 0, report);
}

static bool enter_folder(Child *child) {
    const char *path = plan_text(child->plan, child->plan->working_directory);
    if (chdir(path) == 0) return true;
    char text[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(text, sizeof text, "going to the folder '%.180s'", path);
    return confine_fail(&child->report, CONFINE_LAYER_PROGRAM, errno_value, text);
}

/* When memory runs out, the command goes before anything else of the user. Optional. */
static void volunteer_for_oom(void) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    ssize_t n = write(fd, "1000", 4);
    (void)n;
    close(fd);
}

/* The layers of the command itself; the reaper stays outside of them. */
static bool lock_in(Child *child) {
    const PlanHeader *plan = child->plan;
    ConfineReport *report = &child->report;
    if (plan->level == PLAN_NONE) return true;
    if (!confine_drop_capabilities(report) || !confine_refuse_new_privileges(report)) return false;
    /* So that the reaper is outside of what the command can signal. Standard's rules do it too. */
    if (plan->level == PLAN_MINIMAL) landlock_scope_signals();
    if (plan->level >= PLAN_STANDARD && !grants_enter(plan, child->self, report)) return false;
    const struct sock_filter *filter =
        (const struct sock_filter *)((const char *)plan + plan->filter);
    return command_filter_load(filter, plan->n_filter, report);
}

/* Looks from inside whether the walls stand; a probe ends here. */
static bool look_around(Child *child) {
    const PlanHeader *plan = child->plan;
    if (plan->level == PLAN_NONE) return true;
    if ((plan->flags & PLAN_HAS_NETWORK) == 0 &&
        /* cppcheck-suppress leakReturnValNotUsed; one that exists is the failure, and the end */
        (socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 || errno != EPERM))
        return confine_fail(&child->report, CONFINE_LAYER_CHECK, 0, "a socket could be made");
    if (plan->level < PLAN_STANDARD) return true;
    const char *closed = plan->level == PLAN_FULL ? "/.probe" : "/";
    int flags = plan->level == PLAN_FULL ? O_WRONLY | O_CREAT : O_RDONLY | O_DIRECTORY;
    /* cppcheck-suppress leakReturnValNotUsed; the same */
    if (open(closed, flags | O_CLOEXEC, 0600) >= 0 || errno != EACCES)
        return confine_fail(&child->report, CONFINE_LAYER_CHECK, 0,
                            "the root folder could still be used");
    return true;
}

static void execute_by_path(Child *child, const char *name) {
    const char *path = "/usr/local/bin:/usr/bin:/bin";
    for (char **variable = child->environment; *variable != NULL; variable++)
        if (strncmp(*variable, "PATH=", 5) == 0) path = *variable + 5;
    int errno_value = ENOENT;
    while (*path != '\0') {
        char program[PATH_BYTES];
        int length = (int)strcspn(path, ":");
        int n = snprintf(program, sizeof program, "%.*s/%s", length, path, name);
        if (length > 0 && path[0] == '/' && n < (int)sizeof program) {
            execve(program, child->arguments, child->environment);
            if (errno != ENOENT && errno != ENOTDIR) errno_value = errno;
        }
        path += length + (path[length] == ':');
    }
    errno = errno_value;
}

static void execute(Child *child) {
    const char *name = child->arguments[0];
    if (child->self >= 0)
        execveat(child->self, "", child->arguments, child->environment, AT_EMPTY_PATH);
    else if (strchr(name, '/') != NULL)
        execve(name, child->arguments, child->environment);
    else
        execute_by_path(child, name);
    char text[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(text, sizeof text, "running '%.180s'", name);
    confine_fail(&child->report, CONFINE_LAYER_PROGRAM, errno_value, text);
}

/* Nothing but 0, 1, 2 and our own binary, which execve() closes. */
static bool close_files(Child *child) {
    enum { SELF_FD = 3 };
    if (child->self >= 0 && child->self != SELF_FD) {
        if (dup3(child->self, SELF_FD, O_CLOEXEC) < 0)
            return confine_fail(&child->report, CONFINE_LAYER_DESCRIPTORS, errno, "keeping one");
        child->self = SELF_FD;
    }
    unsigned first = child->self >= 0 ? SELF_FD + 1 : SELF_FD;
    if (syscall(SYS_close_range, first, ~0U, 0) != 0)
        return confine_fail(&child->report, CONFINE_LAYER_DESCRIPTORS, errno, "closing the others");
    return true;
}

/* The command's process, until it executes. It has its own descriptors but our memory. */
static int become_command(void *data) {
    Child *child = data;
    sigset_t none;
    sigemptyset(&none);
    setsid();
    sigprocmask(SIG_SETMASK, &none, NULL);
    bool is_watched = (child->plan->flags & PLAN_IS_WATCHED) != 0;
    if ((!is_watched || watch(child)) && limit(child) && close_files(child) &&
        enter_folder(child) && lock_in(child)) {
        bool is_probe = (child->plan->flags & PLAN_IS_PROBE) != 0;
        if (!is_probe)
            execute(child);
        else if (look_around(child))
            _exit(0);
    }
    child->has_failed = true;
    _exit(EXIT_NOT_STARTED);
}

/* Starts the command and stays as its reaper. */
static void run(Child *child) __attribute__((noreturn));
static void run(Child *child) {
    /* Nobody traces the reaper or reads its memory. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (!reaper_prepare(child->plan, &child->powers, &child->report)) give_up(child);
    int self = child->self;
    pid_t pid =
        clone(become_command, command_stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD, child);
    if (pid < 0) {
        confine_fail(&child->report, CONFINE_LAYER_PROGRAM, errno, "starting a process");
        give_up(child);
    }
    if (child->has_failed) give_up(child);
    tell(PLAN_REPORT_RUNNING, 0);
    /* The reaper holds nothing open: the end of the command is the end of its output. */
    if (self >= 0) close(self);
    close(PLAN_FD);
    for (int fd = 0; fd <= 2; fd++) close(fd);
    reaper_run(&child->powers, pid);
}

/* Where the parent's proxy will answer: on the loopback of the command's own network. */
static bool hand_over_listener(Child *child) {
    if ((child->plan->flags & PLAN_HAS_NETWORK) == 0) return true;
    int listener = namespaces_listen(PLAN_PROXY_PORT, &child->report);
    if (listener < 0) return false;
    const PlanReport report = { .kind = PLAN_REPORT_LISTENER };
    const ServerFiles files = { { listener }, 1 };
    bool is_sent = server_send(PLAN_CONTROL_FD, &report, sizeof report, &files);
    if (!is_sent)
        confine_fail(&child->report, CONFINE_LAYER_NAMESPACES, errno, "handing the listener over");
    close(listener);
    return is_sent;
}

/* Process 1 of the new namespaces. */
static void settle_as_init(Child *child, const ChildIdentity *identity) {
    /* Its kill(-1) would mean everybody if it were not. */
    child->powers.is_init = getpid() == 1;
    NetworkMaker network;
    if (!namespaces_begin_network(&network, &child->report) ||
        !namespaces_settle(identity->uid, identity->gid, &child->report) ||
        !small_root_enter(child->plan, &child->report) ||
        !namespaces_enter_network(&network, &child->report) || !hand_over_listener(child) ||
        !confine_drop_capabilities(&child->report) ||
        !confine_refuse_new_privileges(&child->report))
        give_up(child);
}

void sandbox_child_run(const PlanHeader *plan, const ChildIdentity *identity) {
    Child child = { .plan = plan, .self = -1 };
    setsid();
    child.arguments = plan_vector(plan, plan->arguments, plan->n_arguments);
    child.environment = plan_vector(plan, plan->environment, plan->n_environment);
    if (child.arguments == NULL || child.environment == NULL) {
        confine_fail(&child.report, CONFINE_LAYER_REQUEST, ENOMEM, "reading the plan");
        give_up(&child);
    }
    if (plan->flags & PLAN_RUNS_SELF) child.self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
    volunteer_for_oom();
    if (plan->level == PLAN_FULL) settle_as_init(&child, identity);
    run(&child);
}

/* sandbox/exec/seccomp_filter.c: one table row per system call that stays; the rest is refused. */
#include "sandbox/exec/seccomp_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <seccomp.h>

/* Which value an argument must have for the call to pass. */
typedef enum {
    ANY_ARGUMENTS = 0,
    EQUALS,      /* argument == value, on the low 32 bits */
    MASK_EQUALS, /* (argument & mask) == value */
    IS_NULL,     /* argument == 0, on all 64 bits */
    IS_SELF,     /* argument == our process id */
} ArgumentTest;

typedef struct {
    const char *name;
    unsigned needs; /* ConfineAllows, any one of them; 0 = always there */
    ArgumentTest test;
    unsigned argument;
    uint64_t mask, value;
} CallRow;

#define CLONE_NEW_ANYTHING                                                                         \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define MAY_ADD_CODE (CONFINE_ALLOW_CODE | CONFINE_ALLOW_PROGRAMS)

/* Alphabetical inside each group. A call with several rows passes when one of them fits. */
/* clang-format off */
static const CallRow rows[] = {
    /* memory; executable only where the caller may add code */
    { "brk" }, { "madvise" }, { "mincore" }, { "mremap" }, { "munmap" },
    { "mmap", 0, MASK_EQUALS, 2, PROT_EXEC, 0 },
    { "mmap", MAY_ADD_CODE },
    { "mprotect", 0, MASK_EQUALS, 2, PROT_EXEC, 0 },
    { "mprotect", MAY_ADD_CODE },
    /* open files; which ones can be opened is Landlock's word */
    { "close" }, { "dup" }, { "fadvise64" }, { "fstat" }, { "lseek" }, { "open" }, { "openat" },
    { "pread64" }, { "preadv" }, { "read" }, { "readv" }, { "write" }, { "writev" },
    { "fcntl", 0, EQUALS, 1, 0, F_GETFD }, { "fcntl", 0, EQUALS, 1, 0, F_SETFD },
    { "fcntl", 0, EQUALS, 1, 0, F_GETFL }, { "fcntl", 0, EQUALS, 1, 0, F_DUPFD_CLOEXEC },
    { "newfstatat", 0, MASK_EQUALS, 3, AT_EMPTY_PATH, AT_EMPTY_PATH },
    { "newfstatat", CONFINE_ALLOW_PROGRAMS },
    /* messages over sockets that exist already */
    { "poll" }, { "ppoll" }, { "recvfrom" }, { "recvmsg" }, { "sendmsg" }, { "shutdown" },
    { "sendto", 0, IS_NULL, 4 }, /* an address would make a connection (MSG_FASTOPEN) */
    { "sendto", CONFINE_ALLOW_NETWORK },
    /* threads of this process */
    { "clone", 0, MASK_EQUALS, 0, CLONE_THREAD | CLONE_NEW_ANYTHING, CLONE_THREAD },
    { "exit" }, { "exit_group" }, { "futex" }, { "get_robust_list" }, { "membarrier" }, { "rseq" },
    { "sched_getaffinity" }, { "sched_yield" }, { "set_robust_list" }, { "set_tid_address" },
    { "prctl", 0, EQUALS, 0, 0, PR_SET_NAME }, { "prctl", 0, EQUALS, 0, 0, PR_GET_NAME },
    /* signals, to ourselves only */
    { "restart_syscall" }, { "rt_sigaction" }, { "rt_sigprocmask" }, { "rt_sigreturn" },
    { "sigaltstack" },
    { "kill", 0, IS_SELF, 0 }, { "tgkill", 0, IS_SELF, 0 },
    /* clocks and facts */
    { "clock_getres" }, { "clock_gettime" }, { "clock_nanosleep" }, { "getcpu" }, { "getegid" },
    { "geteuid" }, { "getgid" }, { "getpid" }, { "getppid" }, { "getrandom" }, { "getrlimit" },
    { "getrusage" }, { "gettid" }, { "gettimeofday" }, { "getuid" }, { "nanosleep" },
    { "sysinfo" }, { "time" }, { "times" }, { "uname" },
    { "prlimit64", 0, EQUALS, 0, 0, 0 },
    /* network */
    { "accept4", CONFINE_ALLOW_NETWORK }, { "bind", CONFINE_ALLOW_NETWORK },
    { "connect", CONFINE_ALLOW_NETWORK }, { "getpeername", CONFINE_ALLOW_NETWORK },
    { "getsockname", CONFINE_ALLOW_NETWORK }, { "getsockopt", CONFINE_ALLOW_NETWORK },
    { "listen", CONFINE_ALLOW_NETWORK }, { "setsockopt", CONFINE_ALLOW_NETWORK },
    { "socket", CONFINE_ALLOW_NETWORK },
    /* processes */
    { "clone", CONFINE_ALLOW_PROCESSES, MASK_EQUALS, 0, CLONE_NEW_ANYTHING, 0 },
    { "dup2", CONFINE_ALLOW_PROCESSES }, { "dup3", CONFINE_ALLOW_PROCESSES },
    { "fork", CONFINE_ALLOW_PROCESSES }, { "pipe", CONFINE_ALLOW_PROCESSES },
    { "pipe2", CONFINE_ALLOW_PROCESSES }, { "vfork", CONFINE_ALLOW_PROCESSES },
    { "wait4", CONFINE_ALLOW_PROCESSES }, { "waitid", CONFINE_ALLOW_PROCESSES },
    /* programs, and what a program's start needs */
    { "access", CONFINE_ALLOW_PROGRAMS }, { "arch_prctl", CONFINE_ALLOW_PROGRAMS },
    { "execve", CONFINE_ALLOW_PROGRAMS }, { "getcwd", CONFINE_ALLOW_PROGRAMS },
    { "getdents64", CONFINE_ALLOW_PROGRAMS }, { "readlink", CONFINE_ALLOW_PROGRAMS },
    { "stat", CONFINE_ALLOW_PROGRAMS },
    /* devices */
    { "ioctl", CONFINE_ALLOW_DEVICES },
};
/* clang-format on */

static int add_row(scmp_filter_ctx filter, const CallRow *row) {
    int number = seccomp_syscall_resolve_name(row->name);
    /* A call that this architecture does not have (open on arm64) needs no row. */
    if (number < 0) return 0;
    switch (row->test) {
    case ANY_ARGUMENTS: return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
    case EQUALS:
        return seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, number, 1,
            SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, row->value));
    case MASK_EQUALS:
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
                                SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value));
    case IS_NULL:
        return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1,
                                SCMP_CMP(row->argument, SCMP_CMP_EQ, 0));
    case IS_SELF:
        return seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, number, 1,
            SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)getpid()));
    }
    return -EINVAL;
}

/* Is there a row of the same call before `index` that lets every argument pass? libseccomp refuses
 * a rule that can never matter. */
static bool is_covered(const CallRow *row, unsigned allows) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_active = rows[i].needs == 0 || (rows[i].needs & allows) != 0;
        if (&rows[i] != row && is_active && rows[i].test == ANY_ARGUMENTS &&
            __builtin_strcmp(rows[i].name, row->name) == 0)
            return true;
    }
    return false;
}

static int fill(scmp_filter_ctx filter, const Confinement *confinement) {
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (size_t i = 0; result == 0 && i < sizeof rows / sizeof rows[0]; i++) {
        bool is_active = rows[i].needs == 0 || (rows[i].needs & confinement->allows) != 0;
        if (is_active && !is_covered(&rows[i], confinement->allows))
            result = add_row(filter, &rows[i]);
    }
    if (result == 0) result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return result;
}

bool seccomp_filter_apply(const Confinement *confinement, ConfineReport *report) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return confine_fail(report, CONFINE_LAYER_SECCOMP, ENOMEM, "making the filter");
    int result = fill(filter, confinement);
    if (result == 0) result = seccomp_load(filter);
    seccomp_release(filter);
    if (result != 0)
        return confine_fail(report, CONFINE_LAYER_SECCOMP, -result, "loading the filter");
    return true;
}

/* sandbox/exec/command_filter.c: one table row per refused system call. */
#include "sandbox/exec/command_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

/* When the call is refused. Comparisons look at the low 32 bits: the kernel ignores the others. */
typedef enum {
    ALWAYS = 0,
    EQUALS,     /* argument == value */
    DIFFERS,    /* argument != value, on all 64 */
    HAS_BIT_OF, /* (argument & value) != 0, a row per bit is made */
} WhenRefused;

typedef struct {
    const char *name;
    WhenRefused when;
    unsigned argument;
    uint32_t value;
    unsigned unless; /* CommandFilterAllows */
} RefusedCall;

#define CLONE_NEW_ANYTHING                                                                         \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)
#define TIOCLINUX_REQUEST 0x541C
#define PERSONALITY_QUERY 0xffffffff
/* set_mempolicy_home_node, the same number on every architecture. */
#define LAST_KNOWN_CALL 450
#define FIRST_X32_CALL 0x40000000

/* clang-format off */
static const RefusedCall rows[] = {
    /* other processes: their memory, descriptors, limits, priorities */
    { "kcmp" }, { "migrate_pages" }, { "move_pages" }, { "pidfd_getfd" }, { "process_madvise" },
    { "process_mrelease" }, { "process_vm_readv" }, { "process_vm_writev" }, { "ptrace" },
    { "ioprio_set" }, { "sched_setattr", DIFFERS, 0, 0 }, { "sched_setaffinity", DIFFERS, 0, 0 },
    { "sched_setparam", DIFFERS, 0, 0 }, { "sched_setscheduler", DIFFERS, 0, 0 },
    { "setpriority", DIFFERS, 1, 0 }, { "prlimit64", DIFFERS, 0, 0 },
    { "fcntl", EQUALS, 1, F_SETOWN }, { "fcntl", EQUALS, 1, F_SETOWN_EX },
    /* the kernel's own machinery */
    { "acct" }, { "add_key" }, { "bpf" }, { "delete_module" }, { "fanotify_init" },
    { "fanotify_mark" }, { "finit_module" }, { "init_module" }, { "io_uring_enter" },
    { "io_uring_register" }, { "io_uring_setup" }, { "ioperm" }, { "iopl" },
    { "kexec_file_load" }, { "kexec_load" }, { "keyctl" }, { "lookup_dcookie" }, { "modify_ldt" },
    { "perf_event_open" }, { "personality", DIFFERS, 0, PERSONALITY_QUERY }, { "quotactl" },
    { "quotactl_fd" }, { "reboot" }, { "request_key" }, { "seccomp" }, { "swapoff" },
    { "swapon" }, { "syslog" }, { "userfaultfd" }, { "uselib" }, { "ustat" }, { "vhangup" },
    { "prctl", EQUALS, 0, PR_SET_SECCOMP },
    { "inotify_add_watch", .unless = COMMAND_FILTER_WATCHES },
    /* names, clocks */
    { "adjtimex" }, { "clock_adjtime" }, { "clock_settime" }, { "sethostname" },
    { "setdomainname" }, { "settimeofday" },
    /* what is mounted where, and namespaces */
    { "chroot" }, { "fsconfig" }, { "fsmount" }, { "fsopen" }, { "fspick" }, { "mount" },
    { "mount_setattr" }, { "move_mount" }, { "name_to_handle_at" }, { "open_by_handle_at" },
    { "open_tree" }, { "pivot_root" }, { "setns" }, { "umount2" }, { "unshare" },
    { "clone", HAS_BIT_OF, 0, CLONE_NEW_ANYTHING },
    { "mknod", HAS_BIT_OF, 1, 0020000 /* character and block devices, not FIFOs and files */ },
    { "mknodat", HAS_BIT_OF, 2, 0020000 },
    /* System V and POSIX queues: visible to every process of the user */
    { "mq_open" }, { "msgget" }, { "semget" }, { "shmat" }, { "shmget" },
    /* a terminal's input */
    { "ioctl", EQUALS, 1, TIOCSTI }, { "ioctl", EQUALS, 1, TIOCLINUX_REQUEST },
    /* network; socketpair() stays, which pipes between processes are made of */
    { "accept", .unless = COMMAND_FILTER_NETWORK }, { "accept4", .unless = COMMAND_FILTER_NETWORK },
    { "bind", .unless = COMMAND_FILTER_NETWORK }, { "connect", .unless = COMMAND_FILTER_NETWORK },
    { "listen", .unless = COMMAND_FILTER_NETWORK },
    { "socket", .unless = COMMAND_FILTER_NETWORK },
    { "socket", DIFFERS, 0, AF_INET },
    { "socket", HAS_BIT_OF, 1, SOCK_DGRAM /* and SOCK_RAW */ },
    { "socket", HAS_BIT_OF, 2, 0x100 /* IPPROTO_MPTCP: Landlock's TCP rules do not see it */ },
    { "socketpair", DIFFERS, 0, AF_UNIX },
    { "socketpair", HAS_BIT_OF, 1, SOCK_DGRAM /* could send to a path; SOCK_RAW is the same */ },
    { "sendto", DIFFERS, 4, 0, .unless = COMMAND_FILTER_NETWORK },
    { "sendmmsg", .unless = COMMAND_FILTER_NETWORK },
};
/* clang-format on */

static int refuse(scmp_filter_ctx filter, const RefusedCall *row, int number) {
    uint32_t action = SCMP_ACT_ERRNO(EPERM);
    int result = 0;
    switch (row->when) {
    case ALWAYS: return seccomp_rule_add(filter, action, number, 0);
    case EQUALS:
        return seccomp_rule_add(
            filter, action, number, 1,
            SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, row->value));
    case DIFFERS: /* on all 64 bits, which refuses rather too much */
        return seccomp_rule_add(filter, action, number, 1,
                                SCMP_CMP(row->argument, SCMP_CMP_NE, row->value));
    case HAS_BIT_OF:
        for (unsigned bit = 0; result == 0 && bit < 32; bit++)
            if (row->value & (1U << bit))
                result = seccomp_rule_add(
                    filter, action, number, 1,
                    SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, 1U << bit, 1U << bit));
        return result;
    }
    return -EINVAL;
}

/* A call that another row refuses whatever its arguments: libseccomp wants no second rule. */
static bool is_covered(const RefusedCall *row, unsigned allows) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (&rows[i] != row && rows[i].when == ALWAYS && (rows[i].unless & allows) == 0 &&
            __builtin_strcmp(rows[i].name, row->name) == 0)
            return true;
    return false;
}

static int fill(scmp_filter_ctx filter, unsigned allows) {
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    /* A tree instead of a list: the kernel runs it once for each known call when it is loaded. */
    if (result == 0) result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    for (size_t i = 0; result == 0 && i < sizeof rows / sizeof rows[0]; i++) {
        int number = seccomp_syscall_resolve_name(rows[i].name);
        /* A call that this architecture does not have (iopl on arm64) needs no row. */
        if (number >= 0 && (rows[i].unless & allows) == 0 && !is_covered(&rows[i], allows))
            result = refuse(filter, &rows[i], number);
    }
    if (result == 0) result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    return result;
}

/* libseccomp 2.5 writes the finished program to a descriptor only. Returns its length in bytes or a
 * negative errno. */
static ssize_t export_bytes(scmp_filter_ctx filter, struct sock_filter *program, size_t room) {
    int fd = memfd_create("filter", MFD_CLOEXEC);
    if (fd < 0) return -errno;
    int result = seccomp_export_bpf(filter, fd);
    ssize_t n = result == 0 ? pread(fd, program, room * sizeof *program, 0) : result;
    if (n < 0 && result == 0) n = -errno;
    if (result == 0 && lseek(fd, 0, SEEK_END) != n) n = -E2BIG;
    close(fd);
    return n;
}

bool command_filter_build(unsigned allows, struct sock_filter *program, size_t *out_length,
                          ConfineReport *report) {
    /* Calls that are newer than this table (the x32 ones, far above, are killed below). */
    const struct sock_filter newer[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, LAST_KNOWN_CALL, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_X32_CALL, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    enum { N_NEWER = sizeof newer / sizeof newer[0] };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return confine_fail(report, CONFINE_LAYER_SECCOMP, ENOMEM, "making the filter");
    ssize_t n = fill(filter, allows);
    if (n == 0) n = export_bytes(filter, program + N_NEWER, COMMAND_FILTER_MAX - N_NEWER);
    seccomp_release(filter);
    if (n < 0) return confine_fail(report, CONFINE_LAYER_SECCOMP, (int)-n, "making the filter");
    __builtin_memcpy(program, newer, sizeof newer);
    *out_length = N_NEWER + (size_t)n / sizeof *program;
    return true;
}

bool command_filter_load(const struct sock_filter *program, size_t length, ConfineReport *report) {
    struct sock_fprog loaded = { (unsigned short)length, (struct sock_filter *)program };
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) != 0)
        return confine_fail(report, CONFINE_LAYER_SECCOMP, errno, "loading the filter");
    return true;
}

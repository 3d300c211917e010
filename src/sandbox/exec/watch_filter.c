/* sandbox/exec/watch_filter.c: the table of calls, and the program made of it. */
#include "sandbox/exec/watch_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the number of this architecture is missing here"
#endif

/* Younger than the headers of Debian 12. */
enum {
    CALL_FCHMODAT2 = 452,
    CALL_SETXATTRAT = 463,
    CALL_REMOVEXATTRAT = 466,
    CALL_FILE_SETATTR = 469
};

/* clang-format off */
const WatchCall watch_calls[] = {
#ifdef SYS_open
    { SYS_chmod,     WATCH_SET,      0 },
    { SYS_chown,     WATCH_SET,      0 },
    { SYS_creat,     WATCH_CREAT,    0 },
    { SYS_futimesat, WATCH_SET_AT,   0 },
    { SYS_lchown,    WATCH_SET_LINK, 0 },
    { SYS_link,      WATCH_LINK,     0 },
    { SYS_mkdir,     WATCH_NAME,     0 },
    { SYS_mknod,     WATCH_NAME,     0 },
    { SYS_open,      WATCH_OPEN,     0 },
    { SYS_rename,    WATCH_RENAME,   0 },
    { SYS_rmdir,     WATCH_NAME,     0 },
    { SYS_symlink,   WATCH_NAME_1,   0 },
    { SYS_unlink,    WATCH_NAME,     0 },
    { SYS_utime,     WATCH_SET,      0 },
    { SYS_utimes,    WATCH_SET,      0 },
#endif
    { SYS_bind,           WATCH_BIND,      0 },
    { SYS_fchmod,         WATCH_SET_FD,    0 },
    { SYS_fchmodat,       WATCH_SET_AT,    0 },
    { CALL_FCHMODAT2,     WATCH_SET_AT,    3 },
    { SYS_fchown,         WATCH_SET_FD,    0 },
    { SYS_fchownat,       WATCH_SET_AT,    4 },
    { CALL_FILE_SETATTR,  WATCH_SET_AT,    4 },
    { SYS_fremovexattr,   WATCH_SET_FD,    0 },
    { SYS_fsetxattr,      WATCH_SET_FD,    0 },
    { SYS_linkat,         WATCH_LINKAT,    4 },
    { SYS_lremovexattr,   WATCH_SET_LINK,  0 },
    { SYS_lsetxattr,      WATCH_SET_LINK,  0 },
    { SYS_mkdirat,        WATCH_NAME_AT,   0 },
    { SYS_mknodat,        WATCH_NAME_AT,   0 },
    { SYS_openat,         WATCH_OPENAT,    0 },
    { SYS_openat2,        WATCH_OPENAT2,   0 },
    { SYS_removexattr,    WATCH_SET,       0 },
    { CALL_REMOVEXATTRAT, WATCH_SET_AT,    2 },
#ifdef SYS_renameat
    { SYS_renameat,       WATCH_RENAMEAT,  0 },
#endif
    { SYS_renameat2,      WATCH_RENAMEAT,  0 },
    { SYS_setxattr,       WATCH_SET,       0 },
    { CALL_SETXATTRAT,    WATCH_SET_AT,    2 },
    { SYS_symlinkat,      WATCH_NAME_AT_1, 0 },
    { SYS_truncate,       WATCH_CONTENT,   0 },
    { SYS_unlinkat,       WATCH_NAME_AT,   0 },
    { SYS_utimensat,      WATCH_SET_AT,    3 },
};
/* clang-format on */
const size_t n_watch_calls = sizeof watch_calls / sizeof *watch_calls;

/* Calls that would change files unseen. */
static const struct {
    int number;
    int errno_value;
} refused[] = {
    { SYS_io_uring_setup, ENOSYS },
    { SYS_open_by_handle_at, EPERM },
};

enum {
    WRITES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC,
    X32_BIT = 0x40000000,
    MAX_INSTRUCTIONS = 16 + 5 * 64,
};

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))

typedef struct {
    struct sock_filter rows[MAX_INSTRUCTIONS];
    unsigned short length;
} Program;

static void add(Program *program, struct sock_filter row) {
    if (program->length < MAX_INSTRUCTIONS) program->rows[program->length++] = row;
}

/* The low half of an argument: both architectures are little-endian. */
static void add_argument(Program *program, int argument) {
    add(program, (struct sock_filter)BPF_STMT(
                     BPF_LD | BPF_W | BPF_ABS,
                     (uint32_t)(offsetof(struct seccomp_data, args) + 8 * (size_t)argument)));
}

/* An open stops only when it can change something. */
static void add_call(Program *program, const WatchCall *call) {
    bool is_open = call->shape == WATCH_OPEN || call->shape == WATCH_OPENAT;
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 0,
                                              is_open ? 4 : 1));
    if (is_open) {
        add_argument(program, call->shape == WATCH_OPEN ? 1 : 2);
        add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WRITES, 1, 0));
        add(program, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
    }
    add(program, (struct sock_filter)RETURN(SECCOMP_RET_USER_NOTIF));
}

static void build(Program *program) {
    add(program, (struct sock_filter)LOAD(arch));
    add(program,
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0));
    add(program, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
    add(program, (struct sock_filter)LOAD(nr));
#if defined(__x86_64__)
    add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
    add(program, (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS));
#endif
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                  (uint32_t)refused[i].number, 0, 1));
        add(program,
            (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | (uint32_t)refused[i].errno_value));
    }
    for (size_t i = 0; i < n_watch_calls; i++) add_call(program, &watch_calls[i]);
    add(program, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
}

int watch_filter_load(void) {
    Program program = { .length = 0 };
    build(&program);
    struct sock_fprog loaded = { .len = program.length, .filter = program.rows };
    unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &loaded);
    if (listener < 0 && errno == EINVAL) /* before Linux 5.19 */
        listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &loaded);
    return listener;
}

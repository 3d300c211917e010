/* Runs a program on a kernel that does not know one system call, or does not allow it:
 *
 *     without_syscall landlock_create_ruleset PROGRAM [ARGUMENT...]
 *     without_syscall seccomp:EPERM PROGRAM [ARGUMENT...]
 *     without_syscall namespaces:EPERM PROGRAM [ARGUMENT...]     every way to make one
 */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

static int refuse_namespaces(scmp_filter_ctx filter, uint32_t action) {
    int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    for (unsigned bit = 0; result == 0 && bit < 32; bit++) {
        uint32_t flag = UINT32_C(1) << bit;
        if ((NAMESPACES & flag) == 0) continue;
        const int calls[] = { SCMP_SYS(clone), SCMP_SYS(unshare) };
        for (size_t i = 0; result == 0 && i < sizeof calls / sizeof calls[0]; i++)
            result = seccomp_rule_add(filter, action, calls[i], 1,
                                      SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    return result;
}

static int refuse(scmp_filter_ctx filter, const char *name, uint32_t action) {
    if (strcmp(name, "namespaces") == 0) return refuse_namespaces(filter, action);
    int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? -EINVAL : seccomp_rule_add(filter, action, number, 0);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    char *reason = strchr(argv[1], ':');
    if (reason != NULL) *reason = '\0';
    uint32_t action = SCMP_ACT_ERRNO(reason != NULL ? EPERM : ENOSYS);
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL || refuse(filter, argv[1], action) != 0 || seccomp_load(filter) != 0) {
        perror("without_syscall");
        return 125;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 126;
}

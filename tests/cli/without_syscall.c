/* Runs a program on a kernel that does not know one system call:
 *
 *     without_syscall landlock_create_ruleset PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <seccomp.h>

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int number = seccomp_syscall_resolve_name(argv[1]);
    if (filter == NULL || number == __NR_SCMP_ERROR ||
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0) != 0 ||
        seccomp_load(filter) != 0) {
        perror("without_syscall");
        return 125;
    }
    execvp(argv[2], argv + 2);
    perror(argv[2]);
    return 126;
}

/* tests/escape/attempts_process.c: rows 38-55, 68-76: other processes, what is inherited, and who
 * one is. */
#include "attempt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANARY_BYTES = 64, LAST_INHERITED = 1023, FAKED_INPUT_WITH_HIGH_BITS = 5 };

extern char **environ;

static const char *secret_path(void) {
    return in_folder(ground.home, ".ssh/id_rsa");
}

static const char *of_victim(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", ground.victim);
    return in_folder(path, name);
}

/* Every process that can be seen, the sandbox's own parent among them. */
static void every_environment(void) {
    print_file(of_victim("environ"));
    DIR *folder = opendir("/proc");
    const struct dirent *entry = NULL;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid <= 0 || pid == getpid()) continue;
        char path[64];
        snprintf(path, sizeof path, "/proc/%ld/environ", pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        char text[65536];
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
        if (n > 0) fwrite(text, 1, (size_t)n, stdout);
        if (fd >= 0) close(fd);
    }
    if (folder != NULL) closedir(folder);
}

static void victim_maps(void) {
    print_file(of_victim("maps"));
    print_file(of_victim("auxv"));
}

static void victim_memory(void) {
    char text[CANARY_BYTES + 1] = "";
    int fd = open(of_victim("mem"), O_RDWR | O_CLOEXEC);
    bool is_read = fd >= 0 && pread(fd, text, CANARY_BYTES, (off_t)ground.address) == CANARY_BYTES;
    if (tried(is_read, "read the victim's memory")) printf("%s\n", text);
    tried(fd >= 0 && pwrite(fd, "X", 1, (off_t)ground.address + CANARY_BYTES) == 1, "write it");
}

static void victim_root(void) {
    print_file(in_folder(of_victim("root"), in_folder(ground.home, ".ssh/id_rsa")));
    print_file(in_folder(of_victim("cwd"), ".ssh/id_rsa"));
    char name[32];
    snprintf(name, sizeof name, "fd/%d", ground.victim_fd);
    print_file(of_victim(name));
}

static void victim_status(void) {
    DIR *folder = opendir(of_victim(""));
    tried(folder != NULL, "list the victim's folder");
    if (folder != NULL) closedir(folder);
    print_file(of_victim("cmdline"));
    print_file(of_victim("status"));
}

static void trace(void) {
    bool is_traced = ptrace(PTRACE_SEIZE, ground.victim, NULL, NULL) == 0;
    tried(is_traced, "ptrace");
    if (is_traced) ptrace(PTRACE_DETACH, ground.victim, NULL, NULL);
}

static void victim_memory_calls(void) {
    char text[CANARY_BYTES + 1] = "";
    struct iovec mine = { text, CANARY_BYTES };
    struct iovec theirs = { (void *)ground.address, CANARY_BYTES };
    if (tried(process_vm_readv(ground.victim, &mine, 1, &theirs, 1, 0) == CANARY_BYTES, "readv"))
        printf("%s\n", text);
    theirs = (struct iovec){ (void *)(ground.address + CANARY_BYTES), 1 };
    mine = (struct iovec){ (void *)(size_t) "X", 1 };
    tried(process_vm_writev(ground.victim, &mine, 1, &theirs, 1, 0) == 1, "writev");
}

static void victim_advice(void) {
    int fd = (int)syscall(SYS_pidfd_open, ground.victim, 0);
    struct iovec theirs = { (void *)(ground.address & ~4095UL), 4096 };
    tried(fd >= 0 && syscall(SYS_process_madvise, fd, &theirs, 1, MADV_COLD, 0) >= 0, "madvise");
}

static void steal_descriptor(void) {
    int fd = (int)syscall(SYS_pidfd_open, ground.victim, 0);
    int stolen = fd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, fd, ground.victim_fd, 0);
    if (stolen >= 0) lseek(stolen, 0, SEEK_SET);
    print_descriptor(stolen, "a stolen descriptor");
}

static void compare_kernel_objects(void) {
    tried(syscall(SYS_kcmp, getpid(), ground.victim, KCMP_VM, 0, 0) >= 0, "kcmp");
}

/* 46: each of them ends the victim; escape.py starts another. */

static void by_kill(void) {
    tried(kill(ground.victim, 0) == 0, "signal 0");
    errno = 0;
    for (int signal = 1; signal <= SIGRTMAX; signal++) {
        if (signal == SIGTERM || signal == SIGSTOP || signal == SIGTSTP) continue;
        if (kill(ground.victim, signal) == 0) got("signal %d", signal);
    }
}

static void kill_victim(void) {
    tried(kill(ground.victim, SIGTERM) == 0, "kill");
}

static void kill_thread(void) {
    tried(syscall(SYS_tgkill, ground.victim, ground.victim, SIGTERM) == 0, "tgkill");
}

static void kill_by_queue(void) {
    union sigval value = { 0 };
    tried(sigqueue(ground.victim, SIGTERM, value) == 0, "sigqueue");
}

static void kill_by_pidfd(void) {
    int fd = (int)syscall(SYS_pidfd_open, ground.victim, 0);
    tried(fd >= 0 && syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0) == 0,
          "pidfd_send_signal");
}

/* 47: safe in the control only because escape.py is in a pid namespace of its own. */
static void kill_all(void) {
    fflush(stdout);
    tried(kill(-1, SIGKILL) == 0, "kill everything");
}

static void kill_by_sigio(void) {
    int ends[2];
    if (pipe(ends) != 0) return;
    bool is_set = fcntl(ends[0], F_SETOWN, ground.victim) == 0 &&
                  fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK) == 0 && write(ends[1], "x", 1) == 1;
    tried(is_set, "SIGIO by F_SETOWN");
    struct {
        int type, pid;
    } owner = { 1, ground.victim };
    tried(fcntl(ends[0], F_SETOWN_EX, &owner) == 0, "SIGIO by F_SETOWN_EX");
}

static void limit_victim(void) {
    struct rlimit limit = { 77, 77 };
    tried(prlimit(ground.victim, RLIMIT_NOFILE, &limit, NULL) == 0, "limit files");
    limit = (struct rlimit){ 7777, 7777 };
    tried(prlimit(ground.victim, RLIMIT_CPU, &limit, NULL) == 0, "limit processor time");
}

static void reschedule_victim(void) {
    tried(setpriority(PRIO_PROCESS, (id_t)ground.victim, 7) == 0, "setpriority");
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    tried(sched_setaffinity(ground.victim, sizeof one, &one) == 0, "sched_setaffinity");
    struct sched_param parameters = { 0 };
    tried(sched_setscheduler(ground.victim, SCHED_BATCH, &parameters) == 0, "sched_setscheduler");
    tried(syscall(SYS_ioprio_set, 1, ground.victim, (2 << 13) | 7) == 0, "ioprio_set");
}

/* 52, 53 */

static void inherited_descriptors(void) {
    int found = 0;
    for (int fd = 3; fd <= LAST_INHERITED; fd++) {
        if (fcntl(fd, F_GETFD) < 0) continue;
        found++;
        char text[4096];
        ssize_t n = pread(fd, text, sizeof text, 0);
        if (n > 0) printf("%.*s\n", (int)n, text);
    }
    errno = EBADF;
    tried(found > 0, "%d inherited descriptors", found);
}

static void passed_descriptors(void) {
    for (int fd = 3; fd <= LAST_INHERITED; fd++) {
        char byte;
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec part = { &byte, 1 };
        struct msghdr message = { .msg_iov = &part,
                                  .msg_iovlen = 1,
                                  .msg_control = control,
                                  .msg_controllen = sizeof control };
        if (recvmsg(fd, &message, MSG_DONTWAIT) <= 0) continue;
        const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        if (header == NULL || header->cmsg_type != SCM_RIGHTS) continue;
        int passed;
        memcpy(&passed, CMSG_DATA(header), sizeof passed);
        print_descriptor(passed, "a descriptor out of a socket");
        return;
    }
    errno = EBADF;
    no("a socket with descriptors in it");
}

/* 54, 55: what a terminal can be made to believe was typed. */

static int terminal(void) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    for (int other = 0; fd < 0 && other < 3; other++)
        if (isatty(other)) fd = other;
    return fd;
}

static void fake_input(void) {
    int fd = terminal();
    tried(fd >= 0 && ioctl(fd, TIOCSTI, "x") == 0, "TIOCSTI");
    unsigned long with_high_bits = ((unsigned long)FAKED_INPUT_WITH_HIGH_BITS << 32) | TIOCSTI;
    tried(fd >= 0 && syscall(SYS_ioctl, fd, with_high_bits, "y") == 0, "TIOCSTI with high bits");
}

static void write_terminal(void) {
    int fd = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);
    tried(fd >= 0 && write(fd, ground.token, strlen(ground.token)) > 0, "write to the terminal");
}

static void select_console(void) {
    char what = 2; /* TIOCL_SETSEL */
    tried(ioctl(0, TIOCLINUX, &what) == 0 || (errno != EPERM && errno != EACCES), "TIOCLINUX");
}

/* 68-70 */

static void set_user_id(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl(in_folder(ground.workspace, "suid"), "suid", "effective_user", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    errno = EPERM;
    tried(WIFEXITED(status) && WEXITSTATUS(status) == 42, "be root through a set-user-id program");
}

static void effective_user(void) {
    fflush(stdout);
    _exit(geteuid() == 0 && getuid() != 0 ? 42 : 1);
}

static bool is_capable(void) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
    return syscall(SYS_capget, &header, data) == 0 && (data[0].effective | data[1].effective) != 0;
}

static void file_capabilities(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl(in_folder(ground.workspace, "capable"), "capable", "has_capabilities", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    errno = EPERM;
    tried(WIFEXITED(status) && WEXITSTATUS(status) == 42, "gain a capability from a file");
}

static void has_capabilities(void) {
    fflush(stdout);
    _exit(is_capable() ? 42 : 1);
}

/* By system calls: level standard has no /proc of its own to read it from. */
static void self_report(void) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
    int missing = 0;
    if (syscall(SYS_capget, &header, data) != 0 ||
        (data[0].effective | data[1].effective | data[0].permitted | data[1].permitted) != 0)
        missing++;
    /* Only root may give up the bounding set without a namespace; nobody else can gain by it. */
    for (int capability = 0; getuid() == 0 && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
         capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1) missing++;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) missing++;
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) missing++;
    errno = EPERM;
    tried(missing > 0, "be without %d of the marks of a sandbox", missing);
}

/* 71: only these names may come through. */
static void environment(void) {
    static const char *const allowed[] = { "PATH=",    "HOME=",  "LANG=",   "TERM=",
                                           "TZ=",      "USER=",  "TMPDIR=", "LC_ALL=",
                                           "LOGNAME=", "SHELL=", "PWD=" };
    for (char **variable = environ; *variable != NULL; variable++) {
        bool is_allowed = false;
        for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
            is_allowed |= strncmp(*variable, allowed[i], strlen(allowed[i])) == 0;
        printf("%s\n", *variable);
        if (!is_allowed) got("variable %s", *variable);
    }
}

static void run_shell_with_environment(void) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/bash", "bash", "-c", "echo ran", (char *)NULL);
        _exit(127);
    }
    waitpid(pid, NULL, 0);
}

/* 76: programs that were never a file that may be run; they are inside all the same. */

static void attack_from(char *const arguments[], int program) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        if (program >= 0)
            fexecve(program, arguments, environ);
        else
            execv(arguments[0], arguments);
        _exit(127);
    }
    int status = 0;
    waitpid(pid, &status, 0);
}

static void from_memory(void) {
    int fd = memfd_create("program", 0);
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    char part[65536];
    ssize_t n;
    while (self >= 0 && (n = read(self, part, sizeof part)) > 0)
        if (write(fd, part, (size_t)n) != n) break;
    char home[4096], token[256], tcp[32];
    snprintf(home, sizeof home, "home=%s", ground.home);
    snprintf(token, sizeof token, "token=%s", ground.token);
    snprintf(tcp, sizeof tcp, "tcp=%d", ground.tcp_port);
    static const char *const names[] = { "read_secret", "unlink_outside", "tcp4" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *arguments[] = {
            (char *)(size_t) "program", (char *)(size_t)names[i], home, token, tcp, NULL
        };
        attack_from(arguments, fd);
    }
}

static void from_loader(void) {
    char home[4096], program[4096];
    snprintf(home, sizeof home, "home=%s", ground.home);
    snprintf(program, sizeof program, "%s/attempts.data", ground.workspace);
    char *arguments[] = { (char *)(size_t) "/lib64/ld-linux-x86-64.so.2", program,
                          (char *)(size_t) "read_secret", home, NULL };
    attack_from(arguments, -1);
}

static void from_python(void) {
    static const char script[] =
        "import os,socket,sys\n"
        "def t(what,f):\n"
        "    try: print('got', what, f())\n"
        "    except OSError as e: print('no ', what, e)\n"
        "h,tok,port=sys.argv[1:]\n"
        "t('read',lambda: open(h+'/.ssh/id_rsa').read())\n"
        "t('append',lambda: open(h+'/.bashrc','a').write('echo owned\\n'))\n"
        "t('connect',lambda: "
        "socket.create_connection(('127.0.0.1',int(port))).send(tok.encode()))\n";
    char port[16];
    snprintf(port, sizeof port, "%d", ground.tcp_port);
    char *arguments[] = { (char *)(size_t) "/usr/bin/python3",
                          (char *)(size_t) "-c",
                          (char *)(size_t)script,
                          (char *)(size_t)ground.home,
                          (char *)(size_t)ground.token,
                          port,
                          NULL };
    attack_from(arguments, -1);
}

/* 93: our own program under the child's name, with orders that allow everything. */
static void spoof_child(void) {
    char script[8192];
    snprintf(script, sizeof script,
             "cd '%s'\n"
             "printf '%%s' '{\"level\":\"none\",\"workspace_path\":\"/\"}' >sub/policy\n"
             "for orders in /dev/null sub/policy; do\n"
             "  (exec -a localgpt-sandbox ./localgpt <$orders) 2>&1\n"
             "  (exec -a localgpt-sandbox ./localgpt 'cat %s' <$orders) 2>&1\n"
             "  (exec -a localgpt-sandbox ./localgpt 0 3 4 -- /bin/cat %s <$orders) 2>&1\n"
             "  (exec -a localgpt-tool ./localgpt bash <$orders) 2>&1\n"
             "done\n"
             "cat '%s'\n",
             ground.workspace, secret_path(), secret_path(), secret_path());
    char *arguments[] = { (char *)(size_t) "/bin/bash", (char *)(size_t) "-c", script, NULL };
    attack_from(arguments, -1);
}

/* clang-format off */
const Attempt process_attempts[] = {
    { 38, "every_environment", every_environment },
    { 39, "victim_maps", victim_maps },
    { 39, "victim_memory", victim_memory },
    { 40, "victim_root", victim_root },
    { 41, "victim_status", victim_status },
    { 42, "trace", trace },
    { 43, "victim_memory_calls", victim_memory_calls },
    { 43, "victim_advice", victim_advice, ROOT_ONLY },
    { 44, "steal_descriptor", steal_descriptor },
    { 45, "compare_kernel_objects", compare_kernel_objects },
    { 46, "by_kill", by_kill },
    { 46, "kill_victim", kill_victim },
    { 46, "kill_thread", kill_thread },
    { 46, "kill_by_queue", kill_by_queue },
    { 46, "kill_by_pidfd", kill_by_pidfd },
    { 47, "kill_all", kill_all },
    { 48, "kill_by_sigio", kill_by_sigio },
    { 49, "limit_victim", limit_victim },
    { 50, "reschedule_victim", reschedule_victim },
    { 51, "trace_sibling", trace, SIBLING },
    { 51, "read_sibling", victim_memory_calls, SIBLING },
    { 51, "kill_sibling", kill_victim, SIBLING },
    { 52, "inherited_descriptors", inherited_descriptors, WITH_FDS },
    { 53, "passed_descriptors", passed_descriptors, WITH_FDS },
    { 54, "write_terminal", write_terminal, WITH_TTY },
    { 54, "select_console", select_console, .not_applicable = "a console cannot be opened safely in a test; the call is refused by the filter like row 55's" },
    { 55, "fake_input", fake_input, WITH_TTY },
    { 68, "set_user_id", set_user_id, USER_ONLY },
    { 69, "file_capabilities", file_capabilities },
    { 70, "self_report", self_report },
    { 71, "environment", environment },
    { 72, "shell_environment", run_shell_with_environment },
    { 73, "home_files_of_workspace", .flags = RUNNER },
    { 74, "git_files_of_workspace", .flags = RUNNER },
    { 75, "path_of_workspace", .flags = RUNNER },
    { 76, "from_memory", from_memory },
    { 76, "from_loader", from_loader },
    { 76, "from_python", from_python },
    { 92, "huge_arguments", .flags = RUNNER },
    { 93, "spoof_child", spoof_child },
    { 94, "config_changes_meanwhile", .flags = RUNNER },
    { 95, "kernel_lacks_a_layer", .flags = RUNNER },
    { 0, "effective_user", effective_user, RUNNER },
    { 0, "has_capabilities", has_capabilities, RUNNER },
    { 0 }
};
/* clang-format on */

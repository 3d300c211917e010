/*
 * Tests of sandbox/exec: what a confined process tries and does not get.
 *
 * Every attempt runs twice in a child of its own: free, where it must succeed (else the row proves
 * nothing and fails), and confined, where the kernel must refuse it.
 */
#include "sandbox/exec/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "sandbox/exec/landlock.h"

/* Made before the fork; the attempts use them. */
typedef struct {
    char *folder;      /* ours, not granted */
    char *secret;      /* <folder>/.ssh/id_test */
    char *victim;      /* <folder>/victim, not granted */
    char *granted;     /* <folder>/granted: READ */
    int unix_socket;   /* open and kept */
    int listening_tcp; /* its address is in `address` */
    int free_tcp;      /* open and kept, not connected */
    int growing_file;  /* open for writing and kept */
    struct sockaddr_in address;
} Ground;

static Ground ground;

static int result_of(long value) {
    return value >= 0 ? 0 : errno;
}

static int try_socket_inet(void) {
    return result_of(socket(AF_INET, SOCK_STREAM, 0));
}
static int try_socket_inet6(void) {
    return result_of(socket(AF_INET6, SOCK_DGRAM, 0));
}
static int try_socket_unix(void) {
    return result_of(socket(AF_UNIX, SOCK_STREAM, 0));
}
static int try_socket_netlink(void) {
    return result_of(socket(AF_NETLINK, SOCK_RAW, 0));
}
static int try_socketpair(void) {
    int pair[2];
    return result_of(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}
static int try_connect(void) {
    return result_of(
        connect(ground.free_tcp, (struct sockaddr *)&ground.address, sizeof ground.address));
}
static int try_fast_open(void) {
    return result_of(sendto(ground.free_tcp, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL,
                            (struct sockaddr *)&ground.address, sizeof ground.address));
}
static int try_bind(void) {
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    return result_of(bind(ground.free_tcp, (struct sockaddr *)&any, sizeof any));
}
static int try_read_passwd(void) {
    return result_of(open("/etc/passwd", O_RDONLY));
}
static int try_read_secret(void) {
    return result_of(open(ground.secret, O_RDONLY));
}
static int try_list_root(void) {
    return result_of(open("/", O_RDONLY | O_DIRECTORY));
}
static int try_read_parent_environment(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", getppid());
    return result_of(open(path, O_RDONLY));
}
static int try_write_file(void) {
    return result_of(open(ground.victim, O_WRONLY));
}
static int try_write_granted(void) {
    return result_of(open(ground.granted, O_WRONLY));
}
static int try_truncate(void) {
    return result_of(truncate(ground.victim, 0));
}
static int try_grow_file(void) {
    return result_of(write(ground.growing_file, "more", 4));
}
static int try_create_file(void) {
    g_autofree char *path = g_build_filename(ground.folder, "new", NULL);
    return result_of(open(path, O_WRONLY | O_CREAT, 0600));
}
static int try_unlink(void) {
    g_autofree char *path = g_build_filename(ground.folder, "unlink-me", NULL);
    return result_of(unlink(path));
}
static int try_rename(void) {
    g_autofree char *path = g_build_filename(ground.folder, "renamed", NULL);
    return result_of(rename(ground.victim, path));
}
static int try_mkdir(void) {
    g_autofree char *path = g_build_filename(ground.folder, "made", NULL);
    return result_of(mkdir(path, 0700));
}
static int try_symlink(void) {
    g_autofree char *path = g_build_filename(ground.folder, "link", NULL);
    return result_of(symlink("/etc/passwd", path));
}
static int try_chmod(void) {
    return result_of(chmod(ground.victim, 0777));
}
static int try_stat(void) {
    struct stat status;
    return result_of(stat(ground.secret, &status));
}
static int try_execve(void) {
    char name[] = "true", *arguments[] = { name, NULL };
    execv("/bin/true", arguments);
    return errno;
}
static int try_fork(void) {
    pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) _exit(0);
    return result_of(child);
}
static int try_libc_fork(void) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    return result_of(child);
}
#ifdef SYS_vfork
static int try_vfork(void) {
    pid_t child = vfork();
    if (child == 0) _exit(0);
    return result_of(child);
}
#endif
static int try_new_user_namespace(void) {
    return result_of(unshare(CLONE_NEWUSER));
}
static int try_ptrace_parent(void) {
    return result_of(ptrace(PTRACE_SEIZE, getppid(), 0, 0));
}
static int try_read_parent_memory(void) {
    char byte = 0;
    struct iovec here = { &byte, 1 }, there = { &ground, 1 };
    return result_of(process_vm_readv(getppid(), &here, 1, &there, 1, 0));
}
static int try_kill_parent(void) {
    return result_of(kill(getppid(), SIGURG));
}
static int try_queue_signal(void) {
    return result_of(sigqueue(getppid(), SIGURG, (union sigval){ 0 }));
}
static int try_prlimit_parent(void) {
    struct rlimit limit;
    return result_of(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit));
}
static int try_setpriority_parent(void) {
    return result_of(setpriority(PRIO_PROCESS, getppid(), 0));
}
static int try_affinity_of_parent(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
    return result_of(sched_setaffinity(getppid(), sizeof set, &set));
}
static int try_io_uring(void) {
    char parameters[120] = { 0 };
    return result_of(syscall(SYS_io_uring_setup, 1, parameters));
}
static int try_memfd(void) {
    return result_of(memfd_create("x", 0));
}
static int try_memfd_exec(void) {
    int source = open("/bin/true", O_RDONLY | O_CLOEXEC);
    int target = (int)syscall(SYS_memfd_create, "program", MFD_CLOEXEC);
    char block[4096];
    for (ssize_t n; source >= 0 && (n = read(source, block, sizeof block)) > 0;)
        if (write(target, block, (size_t)n) != n) return errno;
    char name[] = "true", *arguments[] = { name, NULL }, *environment[] = { NULL };
    fexecve(target, arguments, environment);
    return errno;
}
static int try_executable_memory(void) {
    void *memory =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED ? 0 : errno;
}
static int try_make_executable(void) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 0;
    return result_of(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}
static int try_set_name_of_group(void) {
    return result_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}
static int try_own_signals(void) {
    return result_of(fcntl(ground.unix_socket, F_SETOWN, getppid()));
}
static int try_inotify(void) {
    return result_of(syscall(SYS_inotify_init1, 0));
}
static int try_keyring(void) {
    return result_of(syscall(SYS_keyctl, 0, -3, 1));
}
static int try_userfaultfd(void) {
    return result_of(syscall(SYS_userfaultfd, 1));
}
/* Root's business. */
static int try_mount(void) {
    return result_of(mount("none", ground.folder, "tmpfs", 0, NULL));
}
static int try_chroot(void) {
    return result_of(chroot(ground.folder));
}
static int try_bpf(void) {
    struct {
        unsigned type, key_size, value_size, entries, flags;
        char rest[100];
    } map = { 2, 4, 4, 1, 0, { 0 } };
    return result_of(syscall(SYS_bpf, 0, &map, sizeof map));
}
static int try_perf(void) {
    struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes };
    return result_of(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}
static int try_open_by_handle(void) {
    struct {
        struct file_handle handle;
        unsigned char bytes[128];
    } file = { .handle = { .handle_bytes = 128 } };
    int mount_id = 0;
    /* /proc/self has no handle; the folder's file system is used. */
    int folder = open(ground.granted, O_RDONLY);
    if (name_to_handle_at(AT_FDCWD, ground.granted, &file.handle, &mount_id, 0) != 0) return errno;
    return result_of(open_by_handle_at(folder, &file.handle, O_RDONLY));
}
#ifdef __x86_64__
/* The 32-bit entry: socket(AF_INET, SOCK_STREAM, 0) is call 359 there. */
static int try_int80_socket(void) {
    long result = 359;
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(2L), "c"(1L), "d"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    return result >= 0 ? 0 : (int)-result;
}
/* The x32 entry: the same calls with a bit set. */
static int try_x32_socket(void) {
    return result_of(syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0));
}
#endif

typedef struct {
    const char *name;
    int (*attempt)(void); /* 0 = it worked, else errno */
    /* A free process may be refused it too: it takes root, or the machine has it switched off
     * (containers do that with io_uring, keyrings, user namespaces). Then there is nothing to prove
     * here, and the test says so. */
    bool may_be_forbidden;
} Row;

/* clang-format off */
static const Row rows[] = {
    { "socket_inet", try_socket_inet, false },
    { "socket_inet6", try_socket_inet6, false },
    { "socket_unix", try_socket_unix, false },
    { "socket_netlink", try_socket_netlink, false },
    { "socketpair", try_socketpair, false },
    { "connect", try_connect, false },
    { "connect_by_fast_open", try_fast_open, false },
    { "bind", try_bind, false },
    { "read_etc_passwd", try_read_passwd, false },
    { "read_ssh_key", try_read_secret, false },
    { "list_root", try_list_root, false },
    { "read_environment_of_parent", try_read_parent_environment, false },
    { "write_a_file", try_write_file, false },
    { "write_a_file_granted_for_reading", try_write_granted, false },
    { "truncate_a_file", try_truncate, false },
    { "grow_an_open_file", try_grow_file, false },
    { "create_a_file", try_create_file, false },
    { "unlink_a_file", try_unlink, false },
    { "rename_a_file", try_rename, false },
    { "make_a_folder", try_mkdir, false },
    { "make_a_symlink", try_symlink, false },
    { "chmod", try_chmod, false },
    { "stat", try_stat, false },
    { "execve", try_execve, false },
    { "fork_by_clone", try_fork, false },
    { "fork", try_libc_fork, false },
#ifdef SYS_vfork
    { "vfork", try_vfork, false },
#endif
    { "new_user_namespace", try_new_user_namespace, true },
    { "ptrace_parent", try_ptrace_parent, false },
    { "read_memory_of_parent", try_read_parent_memory, false },
    { "kill_parent", try_kill_parent, false },
    { "queue_signal_to_parent", try_queue_signal, false },
    { "prlimit_of_parent", try_prlimit_parent, false },
    { "setpriority_of_parent", try_setpriority_parent, false },
    { "affinity_of_parent", try_affinity_of_parent, false },
    { "io_uring_setup", try_io_uring, true },
    { "memfd", try_memfd, false },
    { "memfd_exec", try_memfd_exec, false },
    { "executable_memory", try_executable_memory, false },
    { "make_memory_executable", try_make_executable, false },
    { "become_dumpable", try_set_name_of_group, false },
    { "send_io_signals_to_parent", try_own_signals, false },
    { "watch_files", try_inotify, false },
    { "keyring", try_keyring, true },
    { "userfaultfd", try_userfaultfd, true },
    { "mount", try_mount, true },
    { "chroot", try_chroot, true },
    { "bpf", try_bpf, true },
    { "perf_event_open", try_perf, true },
    { "open_by_handle", try_open_by_handle, true },
#ifdef __x86_64__
    { "socket_by_int_0x80", try_int80_socket, true },
    { "socket_by_x32", try_x32_socket, true },
#endif
};
/* clang-format on */

static void fill_confinement(Confinement *confinement) {
    confine_grant(confinement, ground.granted, CONFINE_READ);
    confine_keep_descriptor(confinement, ground.unix_socket);
    confine_keep_descriptor(confinement, ground.free_tcp);
    confine_keep_descriptor(confinement, ground.growing_file);
}

enum { EXIT_CONFINE_FAILED = 254, KILLED_BY_FILTER = 255 };

/* Runs `attempt` in a child; 0 = it worked, else errno, KILLED_BY_FILTER or EXIT_CONFINE_FAILED. */
static int run_attempt(int (*attempt)(void), const Confinement *confinement) {
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        ConfineReport report;
        if (confinement != NULL && !confine_apply(confinement, &report)) {
            if (write(2, report.reason, strlen(report.reason)) < 0) _exit(EXIT_CONFINE_FAILED);
            _exit(EXIT_CONFINE_FAILED);
        }
        _exit(attempt());
    }
    int status = 0;
    while (waitpid(child, &status, __WALL) < 0) g_assert_cmpint(errno, ==, EINTR);
    if (WIFSIGNALED(status)) {
        /* SIGSEGV: int 0x80 where the kernel has no 32-bit entry. */
        g_assert_true(WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV);
        return KILLED_BY_FILTER;
    }
    return WEXITSTATUS(status);
}

static void ground_init(void) {
    g_autoptr(GError) error = NULL;
    ground.folder = g_dir_make_tmp("confine-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *ssh = g_build_filename(ground.folder, ".ssh", NULL);
    g_assert_cmpint(g_mkdir(ssh, 0700), ==, 0);
    ground.secret = g_build_filename(ssh, "id_test", NULL);
    ground.victim = g_build_filename(ground.folder, "victim", NULL);
    ground.granted = g_build_filename(ground.folder, "granted", NULL);
    g_autofree char *unlink_me = g_build_filename(ground.folder, "unlink-me", NULL);
    g_autofree char *growing = g_build_filename(ground.folder, "growing", NULL);
    const char *files[] = { ground.secret, ground.victim, ground.granted, unlink_me, growing };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_assert_true(g_file_set_contents(files[i], "canary", -1, NULL));
    ground.growing_file = open(growing, O_WRONLY | O_APPEND | O_CLOEXEC);
    ground.unix_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ground.listening_tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ground.free_tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ground.address.sin_family = AF_INET;
    ground.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof ground.address;
    g_assert_cmpint(bind(ground.listening_tcp, (struct sockaddr *)&ground.address, length), ==, 0);
    g_assert_cmpint(listen(ground.listening_tcp, 16), ==, 0);
    g_assert_cmpint(getsockname(ground.listening_tcp, (struct sockaddr *)&ground.address, &length),
                    ==, 0);
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
            remove_tree(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

static void ground_clear(void) {
    remove_tree(ground.folder);
    close(ground.unix_socket);
    close(ground.listening_tcp);
    close(ground.free_tcp);
    close(ground.growing_file);
    g_free(ground.folder);
    g_free(ground.secret);
    g_free(ground.victim);
    g_free(ground.granted);
    memset(&ground, 0, sizeof ground);
}

static void row_is_refused(const void *data) {
    const Row *row = data;
    ground_init();
    Confinement confinement = { 0 };
    fill_confinement(&confinement);
    /* Confined first: the free run changes the ground. */
    int confined = run_attempt(row->attempt, &confinement);
    int unconfined = run_attempt(row->attempt, NULL);
    ground_clear();
    g_assert_cmpint(confined, !=, EXIT_CONFINE_FAILED);
    if (unconfined != 0 && row->may_be_forbidden) {
        g_assert_cmpint(confined, !=, 0);
        g_test_skip("not applicable: this machine forbids it to free processes as well");
        return;
    }
    g_assert_cmpint(unconfined, ==, 0);
    g_assert_cmpint(confined, !=, 0);
    g_test_message("refused with %s",
                   confined == KILLED_BY_FILTER ? "SIGSYS" : g_strerror(confined));
}

static void *thread_main(void *data) {
    *(int *)data = 42;
    return NULL;
}

static int do_honest_work(void) {
    char text[16] = "";
    int fd = open(ground.granted, O_RDONLY);
    if (fd < 0 || read(fd, text, sizeof text - 1) != 6 || strcmp(text, "canary") != 0) return 1;
    pthread_t thread;
    int seen = 0;
    if (pthread_create(&thread, NULL, thread_main, &seen) != 0) return 2;
    pthread_join(thread, NULL);
    if (seen != 42) return 3;
    char *memory = malloc(8 << 20);
    if (memory == NULL) return 4;
    memset(memory, 1, 8 << 20);
    free(memory);
    return kill(getpid(), 0) == 0 ? 0 : 5;
}

static void honest_work_goes_on(void) {
    ground_init();
    Confinement confinement = { 0 };
    fill_confinement(&confinement);
    g_assert_cmpint(run_attempt(do_honest_work, &confinement), ==, 0);
    ground_clear();
}

static int run_program_then_exit(void) {
    pid_t child = fork();
    if (child == 0) _exit(try_execve());
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static void groups_open_what_they_name(void) {
    ground_init();
    Confinement confinement = { 0 };
    fill_confinement(&confinement);
    confinement.allows = CONFINE_ALLOW_PROCESSES | CONFINE_ALLOW_PROGRAMS;
    confine_grant(&confinement, "/usr", CONFINE_READ | CONFINE_EXECUTE);
    confine_grant(&confinement, "/lib", CONFINE_READ | CONFINE_EXECUTE);
    if (g_file_test("/lib64", G_FILE_TEST_EXISTS))
        confine_grant(&confinement, "/lib64", CONFINE_READ | CONFINE_EXECUTE);
    confine_grant(&confinement, "/bin", CONFINE_READ | CONFINE_EXECUTE);
    g_assert_cmpint(run_attempt(run_program_then_exit, &confinement), ==, 0);
    g_assert_cmpint(run_attempt(try_socket_inet, &confinement), ==, EPERM);
    ground_clear();
}

static int apply_and_compare(const Confinement *confinement, ConfineLayer layer,
                             const char *expected) {
    ConfineReport report;
    if (confine_apply(confinement, &report)) return 1;
    if (report.failed_layer != layer) return 2;
    return strstr(report.reason, expected) != NULL ? 0 : 3;
}

static int too_new_abi(void) {
    Confinement confinement = { .min_landlock_abi = 1000 };
    return apply_and_compare(&confinement, CONFINE_LAYER_LANDLOCK, "needed is 1000");
}

static int missing_path(void) {
    Confinement confinement = { 0 };
    confine_grant(&confinement, "/nowhere/at/all", CONFINE_READ);
    return apply_and_compare(&confinement, CONFINE_LAYER_LANDLOCK, "/nowhere/at/all");
}

static int too_many(void) {
    Confinement confinement = { 0 };
    for (int i = 0; i <= CONFINE_MAX_GRANTS; i++) confine_grant(&confinement, "/usr", CONFINE_READ);
    return apply_and_compare(&confinement, CONFINE_LAYER_REQUEST, "more grants");
}

static void *wait_forever(void *data) {
    (void)data;
    for (;;) pause();
    return NULL;
}

static int second_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, wait_forever, NULL) != 0) return 9;
    Confinement confinement = { 0 };
    return apply_and_compare(&confinement, CONFINE_LAYER_REQUEST, "other threads");
}

static void failures_name_their_layer(void) {
    g_assert_cmpint(run_attempt(too_new_abi, NULL), ==, 0);
    g_assert_cmpint(run_attempt(missing_path, NULL), ==, 0);
    g_assert_cmpint(run_attempt(too_many, NULL), ==, 0);
    g_assert_cmpint(run_attempt(second_thread, NULL), ==, 0);
}

static int every_layer_reported(void) {
    Confinement confinement = { 0 };
    ConfineReport report;
    if (!confine_apply(&confinement, &report)) return 1;
    if (report.applied != (1U << CONFINE_N_APPLIED) - 1) return 2;
    return report.landlock_abi >= 1 ? 0 : 3;
}

static void report_tells_every_layer(void) {
    g_assert_cmpint(run_attempt(every_layer_reported, NULL), ==, 0);
}

static void prints_what_it_grants(void) {
    Confinement confinement = { 0 };
    confine_grant(&confinement, "/models/a.gguf", CONFINE_READ);
    confine_grant(&confinement, "/engine", CONFINE_READ | CONFINE_EXECUTE);
    char text[256];
    size_t length = confine_print(&confinement, text, sizeof text);
    g_assert_cmpstr(text, ==,
                    "read /models/a.gguf\nread execute /engine\ndeny network\ndeny processes\n"
                    "deny programs\ndeny code\ndeny devices\n");
    char cut[8];
    g_assert_cmpuint(confine_print(&confinement, cut, sizeof cut), ==, length);
    g_assert_cmpstr(cut, ==, "read /m");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    signal(SIGURG, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    /* Where Yama lets only parents look into processes, our children may look into us. */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/sandbox/exec/confine/refuses/", rows[i].name, NULL);
        g_test_add_data_func(path, &rows[i], row_is_refused);
    }
    g_test_add_func("/sandbox/exec/confine/honest_work_goes_on", honest_work_goes_on);
    g_test_add_func("/sandbox/exec/confine/groups_open_what_they_name", groups_open_what_they_name);
    g_test_add_func("/sandbox/exec/confine/failures_name_their_layer", failures_name_their_layer);
    g_test_add_func("/sandbox/exec/confine/report_tells_every_layer", report_tells_every_layer);
    g_test_add_func("/sandbox/exec/confine/prints_what_it_grants", prints_what_it_grants);
    return g_test_run();
}

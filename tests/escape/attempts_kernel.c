/* tests/escape/attempts_kernel.c: rows 30-35, 64-67, 87-91: mounts, namespaces, and the corners of
 * the kernel that no command needs. */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_LANDLOCK_LAYERS = 64 };

static const char *secret(void) {
    return in_folder(ground.home, ".ssh/id_rsa");
}

/* 30: in the control this is the mount namespace of the whole test, never the machine's. */
static void bind_mount(void) {
    const char *place = in_folder(ground.workspace, "sub/mounted");
    mkdir(place, 0700);
    bool is_mounted = mount(ground.home, place, NULL, MS_BIND, NULL) == 0;
    if (tried(is_mounted, "bind mount")) print_file(in_folder(place, ".ssh/id_rsa"));
    if (is_mounted) umount2(place, MNT_DETACH);
    is_mounted = mount("none", place, "tmpfs", 0, NULL) == 0;
    tried(is_mounted, "mount a tmpfs");
    if (is_mounted) {
        tried(mount(NULL, place, NULL, MS_REMOUNT | MS_BIND, NULL) == 0, "remount");
        tried(umount2(place, MNT_DETACH) == 0, "unmount");
    } else {
        tried(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0, "remount");
        tried(umount2("/tmp", MNT_DETACH) == 0, "unmount");
    }
}

static bool unshare_user(void) {
    return unshare(CLONE_NEWUSER) == 0;
}

static bool clone_user(void) {
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
    return pid > 0;
}

static bool clone3_user(void) {
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    } arguments = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
    return pid > 0;
}

static bool mount_in_user_namespace(void) {
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
           mount("none", "/mnt", "tmpfs", 0, NULL) == 0;
}

static void user_namespace(void) {
    tried(in_child(unshare_user), "unshare a user namespace");
    tried(in_child(clone_user), "clone into one");
    tried(in_child(clone3_user), "clone3 into one");
    tried(in_child(mount_in_user_namespace), "mount in one");
}

static bool change_root(void) {
    return chroot(ground.workspace) == 0;
}

static bool pivot(void) {
    const char *place = in_folder(ground.workspace, "sub/mounted");
    mkdir(place, 0700);
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", place, "tmpfs", 0, NULL) != 0 || chdir(place) != 0)
        return false;
    return syscall(SYS_pivot_root, ".", ".") == 0;
}

static void new_root(void) {
    tried(in_child(change_root), "chroot");
    tried(in_child(pivot), "pivot_root");
}

static void join_namespace(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", ground.victim);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (tried(fd >= 0, "open %s", path))
        tried(setns(fd, CLONE_NEWNS) == 0, "setns");
    else
        tried(setns(0, CLONE_NEWNS) == 0, "setns");
}

static void new_mount_calls(void) {
    long fd = syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    tried(fd >= 0, "open_tree");
    tried(syscall(SYS_move_mount, fd, "", AT_FDCWD, in_folder(ground.workspace, "sub/nowhere"),
                  4) == 0 ||
              errno == ENOENT,
          "move_mount");
    tried(syscall(SYS_fsopen, "tmpfs", 0) >= 0, "fsopen");
    tried(syscall(SYS_fspick, AT_FDCWD, "/proc", 0) >= 0, "fspick");
}

/* Writes back what stands there: it is whether it may, that counts. */
static void write_back(const char *path) {
    char value[512];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, value, sizeof value);
    if (fd >= 0) close(fd);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    tried(n >= 0 && fd >= 0 && write(fd, value, (size_t)n) == n, "write %s", path);
    if (fd >= 0) close(fd);
}

static void kernel_settings(void) {
    write_back("/proc/sys/kernel/core_pattern");
    write_back("/proc/sys/kernel/hostname");
    write_back("/proc/sys/vm/overcommit_memory");
}

static void cgroup_move(void) {
    static const char *const places[] = { "/sys/fs/cgroup/cgroup.procs",
                                          "/sys/fs/cgroup/unified/cgroup.procs" };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int fd = open(places[i], O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT) continue;
        tried(fd >= 0 && write(fd, "0", 1) == 1, "move to the top cgroup");
        if (fd >= 0) close(fd);
        return;
    }
    na("no cgroup v2 is mounted");
}

/* 64: without liburing: one entry in each ring is enough. */

typedef struct {
    int fd;
    struct io_uring_params parameters;
    char *submit, *complete;
    struct io_uring_sqe *entries;
} Ring;

static bool ring_open(Ring *ring) {
    memset(ring, 0, sizeof *ring);
    ring->fd = (int)syscall(SYS_io_uring_setup, 4, &ring->parameters);
    if (ring->fd < 0) return false;
    const struct io_uring_params *p = &ring->parameters;
    size_t submit_size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    size_t complete_size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    int flags = MAP_SHARED | MAP_POPULATE;
    ring->submit =
        mmap(NULL, submit_size, PROT_READ | PROT_WRITE, flags, ring->fd, IORING_OFF_SQ_RING);
    ring->complete =
        mmap(NULL, complete_size, PROT_READ | PROT_WRITE, flags, ring->fd, IORING_OFF_CQ_RING);
    ring->entries = mmap(NULL, p->sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                         flags, ring->fd, IORING_OFF_SQES);
    return ring->submit != MAP_FAILED && ring->complete != MAP_FAILED &&
           ring->entries != MAP_FAILED;
}

static int ring_do(Ring *ring, const struct io_uring_sqe *what) {
    const struct io_uring_params *p = &ring->parameters;
    ring->entries[0] = *what;
    uint32_t *tail = (uint32_t *)(void *)(ring->submit + p->sq_off.tail);
    uint32_t *array = (uint32_t *)(void *)(ring->submit + p->sq_off.array);
    array[*tail & (p->sq_entries - 1)] = 0;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
        return -errno;
    uint32_t *head = (uint32_t *)(void *)(ring->complete + p->cq_off.head);
    const struct io_uring_cqe *done =
        (struct io_uring_cqe *)(void *)(ring->complete + p->cq_off.cqes) +
        (*head & (p->cq_entries - 1));
    int result = done->res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
    return result;
}

static void io_uring_ways(void) {
    Ring ring;
    if (!tried(ring_open(&ring), "io_uring_setup")) return;
    const char *path = secret();
    struct io_uring_sqe open_secret = { .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD };
    open_secret.addr = (uint64_t)(uintptr_t)path;
    print_descriptor(ring_do(&ring, &open_secret), "through io_uring");
    struct io_uring_sqe make_socket = { .opcode = 45 /* IORING_OP_SOCKET */, .fd = AF_INET };
    make_socket.off = SOCK_STREAM;
    tried(ring_do(&ring, &make_socket) >= 0, "a socket through io_uring");
}

/* 65: the entries of other architectures, which a filter that does not look at it lets through. */
#if defined(__x86_64__)
static bool open_by_int80(void) {
    /* The 32-bit entry takes 32-bit addresses. */
    char *low =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return false;
    snprintf(low, 4096, "%s", secret());
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(5L), "b"(low), "c"(0L), "d"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    if (result < 0) errno = (int)-result;
    return result >= 0 && print_descriptor((int)result, "through int 0x80");
}

static bool socket_by_int80(void) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(359L), "b"(2L), "c"(1L), "d"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    if (result < 0) errno = (int)-result;
    return result >= 0;
}

static void other_entries(void) {
    tried(in_child(open_by_int80), "open by int 0x80");
    tried(in_child(socket_by_int80), "socket by int 0x80");
}

static bool x32_getpid(void) {
    return syscall(0x40000000 + SYS_getpid) > 0;
}

static void x32_entry(void) {
    bool has_worked = in_child(x32_getpid);
    if (!has_worked && errno == ENOSYS)
        na("this kernel has no x32");
    else
        tried(has_worked, "getpid by x32");
}
#else
static void other_entries(void) {
    na("this processor has one entry");
}
static void x32_entry(void) {
    na("this processor has one entry");
}
#endif

static long load_bpf(void) {
    union bpf_attr map = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
    };
    return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map);
}

static void bpf_map(void) {
    tried(load_bpf() >= 0, "bpf");
}

static void perf_events(void) {
    struct perf_event_attr attributes = { .type = PERF_TYPE_SOFTWARE, .size = sizeof attributes };
    attributes.config = PERF_COUNT_SW_TASK_CLOCK;
    attributes.exclude_kernel = 1;
    tried(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0) >= 0, "perf_event_open");
}

static void user_faults(void) {
    tried(syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */) >= 0, "userfaultfd");
}

static void keyrings(void) {
    tried(syscall(SYS_add_key, "user", ground.shm, "x", 1, -3 /* session */) >= 0, "add_key");
    tried(syscall(SYS_keyctl, 0 /* get id */, -3, 1) >= 0, "keyctl");
}

static void fanotify_watch(void) {
    tried(fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY) >= 0, "fanotify");
}

static void fanotify_mount(void) {
    int fd = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);
    tried(fd >= 0 && fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "/") == 0,
          "watch the whole mount");
}

static void shared_objects(void) {
    int id = shmget(ground.shm_key, 0, 0);
    const char *memory = id < 0 ? (char *)-1 : shmat(id, NULL, SHM_RDONLY);
    if (tried(memory != (char *)-1, "attach the victim's memory")) printf("%.64s\n", memory);
    tried(semget(ground.shm_key + 1, 1, IPC_CREAT | 0600) >= 0, "semget");
    tried(msgget(ground.shm_key + 2, IPC_CREAT | 0600) >= 0, "msgget");
    char name[64];
    snprintf(name, sizeof name, "/%.40s", ground.shm);
    tried(mq_open(name, O_CREAT | O_RDWR, 0600, NULL) != (mqd_t)-1, "mq_open");
    mq_unlink(name);
}

/* 87, 88: what may be called at all; the values themselves are left as they are. */

static void personalities(void) {
    tried(personality(ADDR_NO_RANDOMIZE) != -1, "personality");
#ifdef SYS_modify_ldt
    char entries[16];
    tried(syscall(SYS_modify_ldt, 0, entries, sizeof entries) >= 0, "modify_ldt");
#endif
}

static void io_ports(void) {
#ifdef SYS_ioperm
    long result = syscall(SYS_ioperm, 0x80, 1, 1);
    if (result != 0 && errno == ENOSYS) {
        na("this kernel has no I/O ports");
        return;
    }
    tried(result == 0, "ioperm");
    tried(syscall(SYS_iopl, 3) == 0, "iopl");
#else
    na("this processor has no I/O ports");
#endif
}

static void machine_settings(void) {
    struct timex no_change = { .modes = ADJ_SETOFFSET };
    tried(adjtimex(&no_change) >= 0, "adjtimex");
    char name[65] = "";
    gethostname(name, sizeof name - 1);
    tried(sethostname(name, strlen(name)) == 0, "sethostname");
    tried(swapon(in_folder(ground.workspace, "sub/nothing"), 0) == 0 || errno == ENOENT, "swapon");
    bool has_come_far =
        syscall(SYS_init_module, "x", 1, "") == 0 || errno == ENOEXEC || errno == EFAULT;
    if (!has_come_far && errno == ENOSYS)
        na("this kernel takes no modules");
    else
        tried(has_come_far, "init_module");
    /* A wrong magic number: EINVAL behind the check of privileges, EPERM at it. */
    bool may_reboot = syscall(SYS_reboot, 0xfee1dead, 1, 0, NULL) == 0 || errno == EINVAL;
    tried(may_reboot, "reboot");
    tried(acct(NULL) == 0, "acct");
}

static void kernel_log(void) {
    char text[4096];
    tried(klogctl(3, text, sizeof text) >= 0, "read the kernel's log");
}

static void kernel_addresses(void) {
    FILE *file = fopen("/proc/kallsyms", "re");
    unsigned long long address = 0;
    bool is_read = file != NULL && fscanf(file, "%llx", &address) == 1 && address != 0;
    tried(is_read, "read the kernel's addresses");
    if (file != NULL) fclose(file);
}

static void seccomp_listener(void) {
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = { .len = 1, .filter = &allow };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    tried(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                  &program) >= 0,
          "a listener of one's own");
}

/* 91: as many layers as the kernel takes; what matters is that nobody else notices. */
static void landlock_layers(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    struct {
        uint64_t fs;
    } attributes = { 1 };
    int n = 0;
    for (; n < MAX_LANDLOCK_LAYERS; n++) {
        long fd = syscall(444, &attributes, sizeof attributes, 0);
        if (fd < 0 || syscall(446, fd, 0) != 0) break;
        close((int)fd);
    }
    printf("%d layers of Landlock\n", n);
}

/* clang-format off */
const Attempt kernel_attempts[] = {
    { 30, "bind_mount", bind_mount, ROOT_ONLY },
    { 31, "user_namespace", user_namespace },
    { 32, "new_root", new_root, ROOT_ONLY },
    { 32, "join_namespace", join_namespace, ROOT_ONLY },
    { 33, "new_mount_calls", new_mount_calls, ROOT_ONLY },
    { 34, "kernel_settings", kernel_settings, ROOT_ONLY },
    { 35, "cgroup_move", cgroup_move, ROOT_ONLY },
    { 64, "io_uring_ways", io_uring_ways },
    { 65, "other_entries", other_entries },
    { 65, "x32_entry", x32_entry },
    { 66, "bpf_map", bpf_map, ROOT_ONLY },
    { 66, "perf_events", perf_events },
    { 66, "user_faults", user_faults },
    { 66, "keyrings", keyrings },
    { 66, "fanotify_watch", fanotify_watch },
    { 66, "fanotify_mount", fanotify_mount, ROOT_ONLY },
    { 67, "shared_objects", shared_objects },
    { 87, "personalities", personalities },
    { 87, "io_ports", io_ports, ROOT_ONLY },
    { 88, "machine_settings", machine_settings, ROOT_ONLY },
    { 89, "kernel_log", kernel_log, ROOT_ONLY },
    { 89, "kernel_addresses", kernel_addresses, ROOT_ONLY },
    { 90, "seccomp_listener", seccomp_listener },
    { 91, "landlock_layers", landlock_layers, RUNNER },
    { 0 }
};
/* clang-format on */

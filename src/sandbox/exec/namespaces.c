/* sandbox/exec/namespaces.c: the maps of the user namespace. */
#include "sandbox/exec/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text, ConfineReport *report) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int errno_value = errno;
    if (fd >= 0) close(fd);
    if (is_ok) return true;
    char what[CONFINE_REASON_BYTES];
    snprintf(what, sizeof what, "writing '%s'", path);
    return confine_fail(report, CONFINE_LAYER_NAMESPACES, errno_value, what);
}

bool namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report) {
    char users[32], groups[32];
    snprintf(users, sizeof users, "%u %u 1", (unsigned)uid, (unsigned)uid);
    snprintf(groups, sizeof groups, "%u %u 1", (unsigned)gid, (unsigned)gid);
    if (!write_file("/proc/self/setgroups", "deny", report) ||
        !write_file("/proc/self/uid_map", users, report) ||
        !write_file("/proc/self/gid_map", groups, report))
        return false;
    static const char name[] = "sandbox";
    if (sethostname(name, sizeof name - 1) != 0)
        return confine_fail(report, CONFINE_LAYER_NAMESPACES, errno, "naming the machine");
    return true;
}

/* ---- the network ---- */

enum { MAKER_STACK_BYTES = 16 << 10 };

static char maker_stack[MAKER_STACK_BYTES] __attribute__((aligned(64)));

/* It shares our memory but nothing else; it stays until we have moved in. */
static int make_network(void *data) {
    NetworkMaker *maker = data;
    if (unshare(CLONE_NEWNET) != 0) maker->errno_value = errno;
    if (write(maker->ready[1], "", 1) == 1)
        for (;;) pause();
    _exit(1);
}

bool namespaces_begin_network(NetworkMaker *maker, ConfineReport *report) {
    *maker = (NetworkMaker){ .pid = -1, .pidfd = -1, .ready = { -1, -1 } };
    if (pipe2(maker->ready, O_CLOEXEC) == 0)
        maker->pid = clone(make_network, maker_stack + MAKER_STACK_BYTES,
                           CLONE_VM | CLONE_PIDFD | SIGCHLD, maker, &maker->pidfd);
    return maker->pid > 0 || confine_fail(report, CONFINE_LAYER_NAMESPACES, errno,
                                          "starting the maker of the network namespace");
}

bool namespaces_enter_network(NetworkMaker *maker, ConfineReport *report) {
    char byte = 0;
    ssize_t n;
    close(maker->ready[1]);
    do n = read(maker->ready[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    int errno_value = n == 1 ? maker->errno_value : ECHILD;
    if (errno_value == 0 && setns(maker->pidfd, CLONE_NEWNET) != 0) errno_value = errno;
    kill(maker->pid, SIGKILL);
    while (waitpid(maker->pid, NULL, 0) < 0 && errno == EINTR) continue;
    close(maker->pidfd);
    close(maker->ready[0]);
    return errno_value == 0 || confine_fail(report, CONFINE_LAYER_NAMESPACES, errno_value,
                                            "making the network namespace");
}

int namespaces_listen(uint16_t port, ConfineReport *report) {
    enum { BACKLOG = 64 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0 &&
        bind(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    confine_fail(report, CONFINE_LAYER_NAMESPACES, errno, "listening for the proxy");
    if (fd >= 0) close(fd);
    return -1;
}

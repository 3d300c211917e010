/* sandbox/exec/server.c: a loop of one packet, one process. */
#include "sandbox/exec/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/exec/child.h"
#include "sandbox/exec/namespaces.h"

enum { EXIT_NOT_STARTED = 125, FIRST_RECEIVED_FD = SERVER_FD + 1 };

bool server_send(int socket, const void *bytes, size_t length, const ServerFiles *files) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(SERVER_MAX_FILES * sizeof(int))];
    } space = { 0 };
    struct iovec piece = { (void *)bytes, length };
    struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
    if (files->n > 0) {
        size_t size = files->n * sizeof(int);
        message.msg_control = &space;
        message.msg_controllen = CMSG_SPACE(size);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(size);
        memcpy(CMSG_DATA(header), files->fds, size);
    }
    ssize_t n;
    do n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)length;
}

ssize_t server_receive(int socket, void *bytes, size_t size, ServerFiles *out_files) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(SERVER_MAX_FILES * sizeof(int))];
    } space = { 0 };
    struct iovec piece = { bytes, size };
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space
    };
    *out_files = (ServerFiles){ 0 };
    ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = n >= 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        out_files->n = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(out_files->fds, CMSG_DATA(header), out_files->n * sizeof(int));
    }
    return n;
}

/* ---- the server ---- */

/* The received descriptors come in a row, above those that they are copied to. */
static void place_files(const ServerFiles *files) {
    for (int fd = 0; fd < SERVER_N_FILES; fd++)
        if (dup2(files->fds[fd], fd) < 0) _exit(EXIT_NOT_STARTED);
    syscall(SYS_close_range, SERVER_N_FILES, ~0U, 0);
}

static bool is_in_order(const ServerFiles *files) {
    for (size_t i = 0; i < files->n; i++)
        if (files->fds[i] < FIRST_RECEIVED_FD + (int)i) return false;
    return files->n == SERVER_N_FILES;
}

static void refuse(int control, const ConfineReport *why) {
    PlanReport report = { .kind = PLAN_REPORT_FAILED,
                          .value = why->errno_value,
                          .layer = why->failed_layer };
    snprintf(report.text, sizeof report.text, "%s", why->reason);
    const ServerFiles none = { 0 };
    server_send(control, &report, sizeof report, &none);
}

/* A fork, at level full with its namespaces at once. */
static pid_t start(const PlanHeader *plan, int *out_pidfd) {
    unsigned long flags = CLONE_PIDFD | SIGCHLD;
    if (plan->level == PLAN_FULL) flags |= NAMESPACES_AT_FORK;
    return (pid_t)syscall(SYS_clone, flags, NULL, out_pidfd, NULL, NULL);
}

static void serve(const ServerFiles *files) {
    ChildIdentity identity = { geteuid(), getegid() };
    ConfineReport report = { 0 };
    int control = files->fds[PLAN_CONTROL_FD], pidfd = -1;
    const PlanHeader *plan = plan_open(files->fds[PLAN_FD], &report);
    pid_t pid = plan != NULL ? start(plan, &pidfd) : -1;
    if (pid == 0) {
        signal(SIGCHLD, SIG_DFL);
        place_files(files);
        sandbox_child_run(plan, &identity);
    }
    if (plan != NULL && pid < 0)
        confine_fail(&report,
                     plan->level == PLAN_FULL ? CONFINE_LAYER_NAMESPACES : CONFINE_LAYER_REQUEST,
                     errno, "making a process");
    if (pid < 0) refuse(control, &report);
    if (plan != NULL) munmap((void *)plan, plan->size);
    if (pid < 0) return;
    const ServerFiles sent = { { pidfd }, 1 };
    const PlanReport started = { .kind = PLAN_REPORT_PID, .value = pid };
    server_send(control, &started, sizeof started, &sent);
    close(pidfd);
}

static bool is_from_parent(void) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(SERVER_FD, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           peer.pid == getppid();
}

int sandbox_child_main(void) {
    if (!is_from_parent()) {
        static const char words[] = SANDBOX_CHILD_NAME ": only localgpt starts this\n";
        if (write(STDERR_FILENO, words, sizeof words - 1) < 0) return EXIT_NOT_STARTED;
        return EXIT_NOT_STARTED;
    }
    /* Nobody waits for the processes here; the parent has a descriptor of each. */
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        char request = 0;
        ServerFiles files;
        ssize_t n = server_receive(SERVER_FD, &request, 1, &files);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        if (is_in_order(&files)) serve(&files);
        for (size_t i = 0; i < files.n; i++) close(files.fds[i]);
    }
}

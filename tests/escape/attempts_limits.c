/* tests/escape/attempts_limits.c: rows 77-86: taking more than one's share, each with an end of its
 * own, for the sake of the control. The test's configuration sets small limits. */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* max_processes is 64 and max_file_size_bytes 1 MiB in the test's configuration. */
enum {
    PROCESSES = 200,
    ALLOWED_PROCESSES = 64,
    MEMORY_MB = 64 * 1024,
    MEMORY_STEP_MB = 64,
    FILE_BYTES = 4 << 20,
    ALLOWED_FILE_BYTES = 1 << 20,
    DEPTH = 4000,
    STAY_MS = 1000,
};

/* Where the kernel does not count, a watch does: what it lets be for a second, it lets be. */
static void stay_a_second(void) {
    fflush(stdout);
    poll(NULL, 0, STAY_MS);
}

static void fork_bomb(void) {
    static pid_t pids[PROCESSES]; /* global: scratch of one process */
    int n = 0;
    for (; n < PROCESSES; n++) {
        pids[n] = fork();
        if (pids[n] < 0) break;
        if (pids[n] == 0)
            for (;;) pause();
    }
    int why = errno;
    stay_a_second();
    for (int i = 0; i < n; i++) kill(pids[i], SIGKILL);
    for (int i = 0; i < n; i++) waitpid(pids[i], NULL, 0);
    errno = why;
    tried(n > ALLOWED_PROCESSES, "%d processes at once", n);
}

static void *wait_for_ever(void *unused) {
    (void)unused;
    for (;;) pause();
    return NULL;
}

static void thread_bomb(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    pthread_t thread;
    int n = 0, why = 0;
    while (n < PROCESSES && (why = pthread_create(&thread, &attributes, wait_for_ever, NULL)) == 0)
        n++;
    stay_a_second();
    errno = why;
    tried(n > ALLOWED_PROCESSES, "%d threads at once", n);
    fflush(stdout);
}

/* Reserved, not touched: the limit counts what could be written. */
static void memory_bomb(void) {
    int taken = 0;
    for (; taken < MEMORY_MB; taken += MEMORY_STEP_MB) {
        void *more = mmap(NULL, (size_t)MEMORY_STEP_MB << 20, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (more == MAP_FAILED) break;
    }
    tried(taken >= MEMORY_MB, "%d MB of memory", taken);
}

static void big_file(void) {
    signal(SIGXFSZ, SIG_IGN);
    int fd = open(in_folder(ground.workspace, "sub/big"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC,
                  0600);
    static char block[65536]; /* global: scratch of one process */
    int written = 0;
    ssize_t n;
    while (fd >= 0 && written < FILE_BYTES && (n = write(fd, block, sizeof block)) > 0)
        written += (int)n;
    tried(written > ALLOWED_FILE_BYTES, "a file of %d bytes", written);
    tried(ftruncate(fd, FILE_BYTES) == 0, "a sparse file");
    tried(posix_fallocate(fd, 0, FILE_BYTES) == 0, "a preallocated file");
    if (fd >= 0) close(fd);
    unlink(in_folder(ground.workspace, "sub/big"));
}

/* 81: bounded by itself; what counts is that the next command works and all of it can be removed.
 */
static void deep_folders(void) {
    if (chdir(in_folder(ground.workspace, "sub")) != 0) return;
    int depth = 0;
    while (depth < DEPTH && mkdir("d", 0700) == 0 && chdir("d") == 0) depth++;
    printf("%d folders deep\n", depth);
}

static void zombies(void) {
    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        if (pid == 0) _exit(0);
        if (pid < 0) break;
    }
    printf("left zombies\n");
}

/* `attempts linger HOW`: a process that would outlive its command. Its name is in its arguments,
 * by which orphans.py finds what is left. */
int linger_main(const char *how) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    if (strcmp(how, "spin") == 0)
        for (;;) getppid();
    if (strcmp(how, "stop") == 0) raise(SIGSTOP);
    for (;;) pause();
    return 0;
}

/* clang-format off */
const Attempt limit_attempts[] = {
    { 77, "fork_bomb", fork_bomb },
    { 78, "thread_bomb", thread_bomb },
    { 79, "memory_bomb", memory_bomb },
    { 80, "big_file", big_file },
    { 81, "deep_folders", deep_folders, RUNNER },
    { 82, "output_flood", .flags = RUNNER },
    { 83, "output_after_timeout", .flags = RUNNER },
    { 84, "daemonising", .flags = RUNNER },
    { 85, "stopped_tree", .flags = RUNNER },
    { 86, "zombies", zombies, RUNNER },
    { 0 }
};
/* clang-format on */

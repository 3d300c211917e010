/*
 * A library to preload: counts the calls with which a process changes files, and at call CRASH_AT
 * does what CRASH_MODE says:
 *
 *     count    nothing, but every counted call is a line of CRASH_TALLY
 *     before   the process is killed before the call
 *     torn     a write does its first half, another call all of its work, then the kill
 *     after    the call is done, then the kill
 *     ENOSPC   the disk is full from here on: half of this write fits, then nothing does
 *     EIO      this one call fails
 *     EROFS    from here on nothing can be changed
 *     power    nothing, but what a power cut would lose at a moment when something is written to
 *              stdout is a line "unsynced ..." of CRASH_TALLY: file content without fsync, a name
 *              whose folder was not synced
 *
 * Counted are write, pwrite, writev, fsync, fdatasync and ftruncate on regular files and folders,
 * and every rename, unlink, mkdir and open that may create. Processes that this one starts are left
 * alone.
 */
/* Both spellings of each name, open() and open64(), are defined below. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* The C library's own declarations name the parameters otherwise. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

#define SHIM __attribute__((visibility("default")))

typedef enum {
    MODE_COUNT,
    MODE_BEFORE,
    MODE_TORN,
    MODE_AFTER,
    MODE_FULL,
    MODE_IO,
    MODE_READ_ONLY,
    MODE_POWER
} Mode;

static Mode mode;
static long crash_at;
static int tally = -1;
static atomic_long n_calls;

__attribute__((constructor)) static void start(void) {
    static const char *const names[] = { "count",  "before", "torn",  "after",
                                         "ENOSPC", "EIO",    "EROFS", "power" };
    const char *name = getenv("CRASH_MODE"), *at = getenv("CRASH_AT"),
               *path = getenv("CRASH_TALLY");
    for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0) mode = (Mode)i;
    crash_at = at != NULL ? strtol(at, NULL, 10) : 0;
    if (path != NULL)
        tally = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                             0600);
    unsetenv("LD_PRELOAD");
}

static void note(const char *what, const char *name) {
    char line[512];
    int length = snprintf(line, sizeof line, "%s%s\n", what, name);
    if (length > (int)sizeof line) length = sizeof line;
    if (tally >= 0) syscall(SYS_write, tally, line, length);
}

/* What is not on the disk yet. Few at a time: a program that syncs has one or two. */
typedef struct {
    dev_t device;
    ino_t inode;
    char name[256];
} Unsynced;

enum { MAX_UNSYNCED = 64 };
static Unsynced unsynced[MAX_UNSYNCED];
static int n_unsynced;
static atomic_flag unsynced_lock = ATOMIC_FLAG_INIT;

static void lock_unsynced(void) {
    while (atomic_flag_test_and_set(&unsynced_lock)) continue;
}

static void forget(const struct stat *info) {
    for (int i = 0; i < n_unsynced; i++)
        if (unsynced[i].device == info->st_dev && unsynced[i].inode == info->st_ino)
            unsynced[i--] = unsynced[--n_unsynced];
}

static void remember(const struct stat *info, const char *name) {
    if (mode != MODE_POWER || n_unsynced == MAX_UNSYNCED) return;
    lock_unsynced();
    forget(info);
    Unsynced *entry = &unsynced[n_unsynced++];
    *entry = (Unsynced){ .device = info->st_dev, .inode = info->st_ino };
    snprintf(entry->name, sizeof entry->name, "%s", name);
    atomic_flag_clear(&unsynced_lock);
}

static void remember_file(int fd, const char *name) {
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 0) remember(&info, name);
}

/* The folder in which `path` got its name. */
static void remember_folder(int folder_fd, const char *path) {
    char folder[4096] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) snprintf(folder, sizeof folder, "%.*s", (int)(slash - path + 1), path);
    struct stat info;
    if (fstatat(folder_fd, folder, &info, 0) == 0) remember(&info, path);
}

static void synced(int fd) {
    struct stat info;
    if (mode != MODE_POWER || fstat(fd, &info) != 0) return;
    lock_unsynced();
    forget(&info);
    atomic_flag_clear(&unsynced_lock);
}

/* The reader of stdout learns of something: all before it must be safe. */
static void acknowledge(int fd) {
    if (mode != MODE_POWER || fd != STDOUT_FILENO) return;
    lock_unsynced();
    for (int i = 0; i < n_unsynced; i++) note("unsynced ", unsynced[i].name);
    atomic_flag_clear(&unsynced_lock);
}

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) syscall(SYS_pause);
}

typedef enum { DO_IT, DO_AND_DIE, DO_HALF, DO_HALF_AND_DIE, FAIL } Plan;

/* What is to become of this call; for FAIL, errno is set. `frees` tells a call that needs no room
 * on the disk. */
static Plan plan(const char *name, bool frees) {
    long call = atomic_fetch_add(&n_calls, 1) + 1;
    if (mode == MODE_COUNT) note("", name);
    if (mode == MODE_COUNT || mode == MODE_POWER || crash_at == 0 || call < crash_at) return DO_IT;
    if (mode == MODE_FULL) {
        errno = ENOSPC;
        return frees ? DO_IT : call == crash_at ? DO_HALF : FAIL;
    }
    if (mode == MODE_READ_ONLY) {
        errno = EROFS;
        return FAIL;
    }
    if (call > crash_at) return DO_IT;
    if (mode == MODE_IO) {
        errno = EIO;
        return FAIL;
    }
    if (mode == MODE_BEFORE) die();
    return mode == MODE_TORN ? DO_HALF_AND_DIE : DO_AND_DIE;
}

/* After a call that has no halves. */
static int finish(Plan planned, long result) {
    if (planned == DO_AND_DIE || planned == DO_HALF_AND_DIE) die();
    return (int)result;
}

static bool is_file(int fd) {
    struct stat info;
    int saved = errno;
    bool is_counted = fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode));
    errno = saved;
    return is_counted;
}

/* One write of any kind. `offset` -1: where the file stands. */
static ssize_t play_write(const char *name, int fd, const void *data, size_t length, off_t offset) {
    acknowledge(fd);
    Plan planned = is_file(fd) ? plan(name, false) : DO_IT;
    if (planned == FAIL) return -1;
    if (planned == DO_HALF || planned == DO_HALF_AND_DIE) length /= 2;
    if (planned == DO_HALF && length == 0) return -1;
    ssize_t n = offset < 0 ? syscall(SYS_write, fd, data, length)
                           : syscall(SYS_pwrite64, fd, data, length, offset);
    if (planned == DO_AND_DIE || planned == DO_HALF_AND_DIE) die();
    if (n > 0) remember_file(fd, name);
    return n;
}

SHIM ssize_t write(int fd, const void *data, size_t length) {
    return play_write("write", fd, data, length, -1);
}

SHIM ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    return play_write("pwrite", fd, data, length, offset);
}

SHIM ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    return play_write("pwrite", fd, data, length, offset);
}

/* A short count is what the kernel may answer too: the first piece is written, the caller goes on.
 */
SHIM ssize_t writev(int fd, const struct iovec *pieces, int n_pieces) {
    if (!is_file(fd)) {
        acknowledge(fd);
        return syscall(SYS_writev, fd, pieces, n_pieces);
    }
    for (int i = 0; i < n_pieces; i++)
        if (pieces[i].iov_len > 0)
            return play_write("writev", fd, pieces[i].iov_base, pieces[i].iov_len, -1);
    return 0;
}

SHIM int fsync(int fd) {
    Plan planned = is_file(fd) ? plan("fsync", true) : DO_IT;
    if (planned == FAIL) return -1;
    int result = finish(planned, syscall(SYS_fsync, fd));
    if (result == 0) synced(fd);
    return result;
}

SHIM int fdatasync(int fd) {
    Plan planned = is_file(fd) ? plan("fdatasync", true) : DO_IT;
    if (planned == FAIL) return -1;
    int result = finish(planned, syscall(SYS_fdatasync, fd));
    if (result == 0) synced(fd);
    return result;
}

static int play_truncate(int fd, off64_t length) {
    Plan planned = is_file(fd) ? plan("ftruncate", true) : DO_IT;
    if (planned == FAIL) return -1;
    int result = finish(planned, syscall(SYS_ftruncate, fd, length));
    if (result == 0) remember_file(fd, "ftruncate");
    return result;
}

SHIM int ftruncate(int fd, off_t length) {
    return play_truncate(fd, length);
}

SHIM int ftruncate64(int fd, off64_t length) {
    return play_truncate(fd, length);
}

static int play_rename(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    Plan planned = plan("rename", true);
    if (planned == FAIL) return -1;
    int result = finish(planned, syscall(SYS_renameat2, from_fd, from, to_fd, to, flags));
    if (result == 0) remember_folder(to_fd, to);
    return result;
}

SHIM int rename(const char *from, const char *to) {
    return play_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

SHIM int renameat(int from_fd, const char *from, int to_fd, const char *to) {
    return play_rename(from_fd, from, to_fd, to, 0);
}

SHIM int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    return play_rename(from_fd, from, to_fd, to, flags);
}

SHIM int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags) {
    Plan planned = plan("link", false);
    if (planned == FAIL || planned == DO_HALF) return -1;
    int result = finish(planned, syscall(SYS_linkat, from_fd, from, to_fd, to, flags));
    if (result == 0) remember_folder(to_fd, to);
    return result;
}

static int play_unlink(int folder_fd, const char *path, int flags) {
    Plan planned = plan("unlink", true);
    return planned == FAIL ? -1 : finish(planned, syscall(SYS_unlinkat, folder_fd, path, flags));
}

SHIM int symlinkat(const char *target, int folder_fd, const char *path) {
    Plan planned = plan("symlink", false);
    if (planned == FAIL || planned == DO_HALF) return -1;
    int result = finish(planned, syscall(SYS_symlinkat, target, folder_fd, path));
    if (result == 0) remember_folder(folder_fd, path);
    return result;
}

SHIM int unlink(const char *path) {
    return play_unlink(AT_FDCWD, path, 0);
}

SHIM int unlinkat(int folder_fd, const char *path, int flags) {
    return play_unlink(folder_fd, path, flags);
}

static int play_mkdir(int folder_fd, const char *path, mode_t permissions) {
    Plan planned = plan("mkdir", false);
    if (planned == FAIL || planned == DO_HALF) return -1;
    int result = finish(planned, syscall(SYS_mkdirat, folder_fd, path, permissions));
    if (result == 0) remember_folder(folder_fd, path);
    return result;
}

SHIM int mkdir(const char *path, mode_t permissions) {
    return play_mkdir(AT_FDCWD, path, permissions);
}

SHIM int mkdirat(int folder_fd, const char *path, mode_t permissions) {
    return play_mkdir(folder_fd, path, permissions);
}

static int play_open(int folder_fd, const char *path, int flags, mode_t permissions) {
    Plan planned = flags & O_CREAT ? plan("open", false) : DO_IT;
    if (planned == FAIL || planned == DO_HALF) return -1;
    bool is_new = flags & O_CREAT && faccessat(folder_fd, path, F_OK, AT_EACCESS) != 0;
    int fd = finish(planned, syscall(SYS_openat, folder_fd, path, flags, permissions));
    if (fd >= 0 && is_new) remember_folder(folder_fd, path);
    return fd;
}

static mode_t permissions_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(name)                                                                          \
    SHIM int name(const char *path, int flags, ...) {                                              \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t permissions = permissions_of(flags, arguments);                                     \
        va_end(arguments);                                                                         \
        return play_open(AT_FDCWD, path, flags, permissions);                                      \
    }
#define DEFINE_OPENAT(name)                                                                        \
    SHIM int name(int folder_fd, const char *path, int flags, ...) {                               \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode_t permissions = permissions_of(flags, arguments);                                     \
        va_end(arguments);                                                                         \
        return play_open(folder_fd, path, flags, permissions);                                     \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)

/* Its own open() does not pass through here. */
static int play_mkostemps(char *pattern, int suffix_length, int flags) {
    static int (*real)(char *, int, int);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "mkostemps");
    Plan planned = plan("mkostemps", false);
    if (planned == FAIL || planned == DO_HALF) return -1;
    int fd = finish(planned, real(pattern, suffix_length, flags));
    if (fd >= 0) remember_folder(AT_FDCWD, pattern);
    return fd;
}

SHIM int mkostemps(char *pattern, int suffix_length, int flags) {
    return play_mkostemps(pattern, suffix_length, flags);
}

SHIM int mkostemps64(char *pattern, int suffix_length, int flags) {
    return play_mkostemps(pattern, suffix_length, flags);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* undo/content.c: see content.h. */
#include "undo/content.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/hash.h"
#include "undo/place.h"

enum { PIECE_BYTES = 128 * 1024 };

int undo_content_open(UndoSpot spot) {
    struct stat info;
    /* Opening a FIFO or a device would be felt at its other end. */
    if (fstatat(spot.folder_fd, spot.name, &info, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    int fd = -1;
    errno = EINVAL;
    if (S_ISREG(info.st_mode))
        fd = openat(spot.folder_fd, spot.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || (fstat(fd, &info) == 0 && S_ISREG(info.st_mode))) return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

static bool write_all_at(int fd, const char *bytes, size_t length, off_t at) {
    while (length > 0) {
        ssize_t n = pwrite(fd, bytes, length, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        bytes += n;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

/* The bytes [at, end). Plain reads: copy_file_range() was no faster here without shared blocks. */
static bool copy_range(int from, int to, off_t at, off_t end) {
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    while (at < end) {
        size_t wanted = (size_t)MIN(end - at, (off_t)PIECE_BYTES);
        ssize_t n = pread(from, buffer, wanted, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 || !write_all_at(to, buffer, (size_t)MAX(n, 0), at)) return false;
        if (n == 0) break; /* it shrank */
        at += n;
    }
    return true;
}

static bool copy_data(int from, int to) {
    struct stat info;
    if (fstat(from, &info) != 0 || ftruncate(to, info.st_size) != 0) return false;
    off_t at = 0;
    while (at < info.st_size) {
        off_t data = lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO) break; /* the rest is a hole */
        if (data < 0) data = at;
        off_t hole = lseek(from, data, SEEK_HOLE);
        if (hole < 0) hole = info.st_size;
        if (!copy_range(from, to, data, hole)) return false;
        at = hole;
    }
    return true;
}

static int create(UndoSpot to) {
    unlinkat(to.folder_fd, to.name, 0);
    return openat(to.folder_fd, to.name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool undo_content_clone(int fd, UndoSpot to) {
    int copy = create(to);
    if (copy < 0) return false;
    bool is_cloned = ioctl(copy, FICLONE, fd) == 0;
    close(copy);
    if (!is_cloned) unlinkat(to.folder_fd, to.name, 0);
    return is_cloned;
}

bool undo_content_copy(int fd, UndoSpot to, GError **error) {
    int copy = create(to);
    if (copy < 0) {
        error_set_errno(error, errno, "making '%s'", to.name);
        return false;
    }
    bool is_ok = ioctl(copy, FICLONE, fd) == 0 || copy_data(fd, copy);
    if (!is_ok) {
        error_set_errno(error, errno, "copying to '%s'", to.name);
        unlinkat(to.folder_fd, to.name, 0);
    }
    close(copy);
    return is_ok;
}

bool undo_content_overwrite(int fd, UndoSpot to, GError **error) {
    int target = openat(to.folder_fd, to.name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool is_ok = target >= 0 && ftruncate(target, 0) == 0 && copy_data(fd, target);
    if (!is_ok) error_set_errno(error, errno, "writing '%s'", to.name);
    if (target >= 0) close(target);
    return is_ok;
}

char *undo_content_sha256(int fd, GError **error) {
    HashSha256 hash;
    hash_sha256_init(&hash);
    g_autofree char *buffer = g_malloc(PIECE_BYTES);
    for (off_t at = 0;;) {
        ssize_t n = pread(fd, buffer, PIECE_BYTES, at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            error_set_errno(error, errno, "reading a file of the workspace");
            return NULL;
        }
        if (n == 0) return hash_sha256_finish(&hash);
        hash_sha256_update(&hash, buffer, (size_t)n);
        at += n;
    }
}

/* ---- Moving names ---- */

static int64_t inode_at(UndoSpot spot) {
    struct stat info;
    if (fstatat(spot.folder_fd, spot.name, &info, AT_SYMLINK_NOFOLLOW) != 0) return 0;
    return (int64_t)info.st_ino;
}

/* A read lease on a file: refused while somebody has it open for writing, and broken by an open for
 * writing, which waits until we close. -1 = no lease is to be had (no file, not ours, not on this
 * file system): then nobody watches. *is_open tells of a writer. */
static int watch(UndoSpot spot, bool *is_open) {
    *is_open = false;
    int fd = undo_content_open(spot);
    if (fd < 0) return -1;
    /* A breach is told by a signal: SIGIO would end the process, SIGURG is ignored. */
    if (fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) return fd;
    *is_open = errno == EAGAIN;
    close(fd);
    return -1;
}

static bool is_breached(int watch_fd) {
    return watch_fd >= 0 && fcntl(watch_fd, F_GETLEASE) != F_RDLCK;
}

static void unwatch(int watch_fd) {
    if (watch_fd < 0) return;
    fcntl(watch_fd, F_SETLEASE, F_UNLCK);
    close(watch_fd);
}

static UndoMove fail(GError **error, const char *what, const char *name) {
    undo_place_fail(error, what, name);
    return UNDO_FAILED;
}

static int rename_flags(UndoSpot from, UndoSpot to, unsigned flags) {
    return renameat2(from.folder_fd, from.name, to.folder_fd, to.name, flags);
}

/* NOREPLACE, also where the file system does not know it. */
static int rename_to_nothing(UndoSpot from, UndoSpot to) {
    if (rename_flags(from, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL) return -1;
    if (inode_at(to) != 0) {
        errno = EEXIST;
        return -1;
    }
    return rename_flags(from, to, 0);
}

/* Where names cannot be exchanged: the old one is linked, then replaced. A version that came in
 * between the look and the rename would be lost; such file systems are rare. */
static UndoMove swap_by_link(UndoSpot fresh, UndoSpot place, UndoSpot old, int64_t inode,
                             GError **error) {
    unlinkat(old.folder_fd, old.name, 0);
    if (linkat(place.folder_fd, place.name, old.folder_fd, old.name, 0) != 0)
        return fail(error, "keeping", place.name);
    if (inode_at(old) != inode) {
        unlinkat(old.folder_fd, old.name, 0);
        return UNDO_OTHERS;
    }
    return rename_flags(fresh, place, 0) == 0 ? UNDO_MOVED : fail(error, "replacing", place.name);
}

static UndoMove exchange(UndoSpot fresh, UndoSpot place, UndoSpot old, int64_t inode,
                         GError **error) {
    bool is_open;
    int watch_fd = watch(place, &is_open);
    if (is_open) return UNDO_OTHERS;
    if (rename_flags(fresh, place, RENAME_EXCHANGE) != 0) {
        int saved = errno;
        unwatch(watch_fd);
        if (saved == EINVAL) return swap_by_link(fresh, place, old, inode, error);
        if (saved == ENOENT && inode_at(place) == 0) return UNDO_OTHERS;
        errno = saved;
        return fail(error, "replacing", place.name);
    }
    UndoMove result = UNDO_MOVED;
    if (inode_at(fresh) != inode || is_breached(watch_fd))
        result = rename_flags(fresh, place, RENAME_EXCHANGE) == 0
                     ? UNDO_OTHERS
                     : fail(error, "putting back", place.name);
    unwatch(watch_fd);
    if (result == UNDO_MOVED && rename_flags(fresh, old, 0) != 0)
        return fail(error, "keeping", place.name);
    return result;
}

UndoMove undo_swap(UndoSpot fresh, UndoSpot place, UndoSpot old, int64_t inode, GError **error) {
    /* A killed process had got as far as the exchange. */
    if (inode != 0 && inode_at(fresh) == inode)
        return rename_flags(fresh, old, 0) == 0 ? UNDO_MOVED : fail(error, "keeping", place.name);
    if (inode != 0) return exchange(fresh, place, old, inode, error);
    if (rename_to_nothing(fresh, place) == 0) return UNDO_MOVED;
    return errno == EEXIST ? UNDO_OTHERS : fail(error, "making", place.name);
}

UndoMove undo_take(UndoSpot place, UndoSpot old, int64_t inode, GError **error) {
    bool is_open;
    int watch_fd = watch(place, &is_open);
    if (is_open) return UNDO_OTHERS;
    UndoMove result = UNDO_MOVED;
    if (rename_flags(place, old, 0) != 0)
        result = fail(error, "removing", place.name);
    else if (inode_at(old) != inode || is_breached(watch_fd))
        result = rename_to_nothing(old, place) == 0 ? UNDO_OTHERS
                                                    : fail(error, "putting back", place.name);
    unwatch(watch_fd);
    return result;
}

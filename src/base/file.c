/* base/file.c: reading with limits, atomic replacement, append-only logs. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* A temporary file nobody holds a lock on, and this old, was left by a process that died. */
#define STALE_SECONDS 10

struct FileLog {
    char *path;
    int fd;
};

bool file_write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        data += n;
        length -= (size_t)n;
    }
    return true;
}

bool file_sync_folder_of(const char *path) {
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    /* Some file systems cannot sync a folder (EINVAL); then there is nothing more to do. */
    bool is_ok = fsync(fd) == 0 || errno == EINVAL || errno == EROFS;
    int saved = errno;
    close(fd);
    errno = saved;
    return is_ok;
}

/* Up to `length` bytes from the start of `fd`; the count, or -1. */
static ssize_t read_up_to(int fd, char *buffer, size_t length) {
    size_t done = 0;
    while (done < length) {
        ssize_t n = read(fd, buffer + done, length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        if (n == 0) break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static bool read_open_file(int fd, const char *path, size_t max_bytes, GString *text,
                           GError **error) {
    struct stat info;
    if (fstat(fd, &info) != 0) {
        error_set_errno(error, errno, "reading '%s'", path);
        return false;
    }
    if (!S_ISREG(info.st_mode)) {
        error_set(error, ERR_DATA, "'%s' is not a regular file", path);
        return false;
    }
    if ((uint64_t)info.st_size > max_bytes) {
        error_set(error, ERR_LIMIT, "'%s' has %lld bytes, more than the limit of %zu", path,
                  (long long)info.st_size, max_bytes);
        return false;
    }
    g_string_set_size(text, (size_t)info.st_size);
    ssize_t n = read_up_to(fd, text->str, text->len);
    if (n < 0) {
        error_set_errno(error, errno, "reading '%s'", path);
        return false;
    }
    g_string_truncate(text, (size_t)n);
    return true;
}

bool file_read(const char *path, size_t max_bytes, char **out_text, size_t *out_length,
               GError **error) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_set_errno(error, errno, "reading '%s'", path);
        return false;
    }
    GString *text = g_string_new(NULL);
    bool is_ok = read_open_file(fd, path, max_bytes, text, error);
    close(fd);
    if (!is_ok) {
        g_string_free(text, TRUE);
        return false;
    }
    if (out_length != NULL) *out_length = text->len;
    *out_text = g_string_free(text, FALSE);
    return true;
}

bool file_make_folders(const char *path, GError **error) {
    struct stat info;
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) return true;
        error_set_errno(error, ENOTDIR, "making the folder '%s'", path);
        return false;
    }
    g_autofree char *parent = g_path_get_dirname(path);
    if (strcmp(parent, path) != 0 && !file_make_folders(parent, error)) return false;
    /* Another process may make it at the same moment. */
    bool is_made = mkdir(path, 0700) == 0;
    if ((is_made && file_sync_folder_of(path)) || (!is_made && errno == EEXIST)) return true;
    error_set_errno(error, errno, "making the folder '%s'", path);
    return false;
}

static void remove_if_stale(const char *folder, const char *name) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return;
    struct stat info;
    bool is_old = fstat(fd, &info) == 0 &&
                  g_get_real_time() / G_USEC_PER_SEC - info.st_mtime >= STALE_SECONDS;
    if (is_old && flock(fd, LOCK_EX | LOCK_NB) == 0) unlink(path);
    close(fd);
}

/* ".<anything>.<six characters>.tmp", as file_replace() names them. */
static bool is_temporary(const char *name, const char *prefix) {
    static const char pattern[] = ".XXXXXX.tmp";
    return g_str_has_prefix(name, prefix) && g_str_has_suffix(name, ".tmp") &&
           strlen(name) > strlen(pattern) && name[strlen(name) - strlen(pattern)] == '.';
}

static void remove_stale(const char *folder, const char *prefix) {
    DIR *listing = opendir(folder);
    if (listing == NULL) return;
    for (struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing))
        if (is_temporary(entry->d_name, prefix)) remove_if_stale(folder, entry->d_name);
    closedir(listing);
}

void file_remove_stale(const char *folder) {
    remove_stale(folder, ".");
}

/* Writes and syncs the whole content into the open temporary file. */
static bool fill_temporary(int fd, const char *data, size_t length, mode_t mode) {
    return flock(fd, LOCK_EX) == 0 && fchmod(fd, mode) == 0 && file_write_all(fd, data, length) &&
           fsync(fd) == 0;
}

static mode_t replacement_mode(const struct stat *info, unsigned mode) {
    mode_t kept = info->st_mode & 0777;
    return mode == 0600 ? kept & 0700 : kept;
}

/* Where a chain of symbolic links leads, also when nothing is there yet. New string; NULL with
 * errno for a circle. */
static char *resolve_links(const char *path) {
    g_autofree char *target = g_strdup(path);
    for (int i = 0; i < 40; i++) {
        g_autofree char *link = g_file_read_link(target, NULL);
        if (link == NULL) return g_steal_pointer(&target);
        g_autofree char *folder = g_path_get_dirname(target);
        g_free(target);
        target = g_path_is_absolute(link) ? g_strdup(link) : g_build_filename(folder, link, NULL);
    }
    errno = ELOOP;
    return NULL;
}

/* Writes beside `target`, renames over it and syncs the folder. False with errno. */
static bool replace_target(const char *target, const char *data, size_t length, mode_t mode) {
    g_autofree char *folder = g_path_get_dirname(target);
    g_autofree char *name = g_path_get_basename(target);
    g_autofree char *prefix = g_strdup_printf(".%s.", name);
    g_autofree char *temporary = g_strdup_printf("%s/%sXXXXXX.tmp", folder, prefix);
    remove_stale(folder, prefix);
    int fd = mkostemps(temporary, 4, O_CLOEXEC);
    if (fd < 0) return false;
    bool is_ok = fill_temporary(fd, data, length, mode) && rename(temporary, target) == 0;
    int saved = errno;
    close(fd);
    if (!is_ok) unlink(temporary);
    errno = saved;
    return is_ok && file_sync_folder_of(target);
}

bool file_replace(const char *path, const char *data, size_t length, unsigned mode,
                  GError **error) {
    g_autofree char *target = resolve_links(path);
    struct stat info;
    bool is_there = target != NULL && stat(target, &info) == 0;
    if (is_there && !S_ISREG(info.st_mode)) {
        error_set(error, ERR_DATA, "'%s' is not a regular file", path);
        return false;
    }
    if (is_there) mode = replacement_mode(&info, mode);
    if (target != NULL && replace_target(target, data, length, mode)) return true;
    error_set_errno(error, errno, "writing '%s'", path);
    return false;
}

/* The offset after the last newline below `size`, or -1. */
static off_t find_whole_length(int fd, off_t size) {
    char block[65536];
    for (off_t end = size; end > 0;) {
        size_t count = (size_t)MIN(end, (off_t)sizeof block);
        if (pread(fd, block, count, end - (off_t)count) != (ssize_t)count) return -1;
        for (size_t i = count; i > 0; i--)
            if (block[i - 1] == '\n') return end - (off_t)count + (off_t)i;
        end -= (off_t)count;
    }
    return 0;
}

/* Copies the torn bytes beside the log before they are cut: nothing is ever thrown away. */
static bool save_torn_tail(const FileLog *log, off_t from, off_t size, GError **error) {
    size_t length = (size_t)MIN(size - from, (off_t)16 << 20);
    g_autofree char *tail = g_malloc(length + 1);
    if (pread(log->fd, tail, length, from) != (ssize_t)length) {
        error_set_errno(error, errno, "reading the end of '%s'", log->path);
        return false;
    }
    g_autofree char *copy = g_strconcat(log->path, ".torn", NULL);
    return file_replace(copy, tail, length, 0600, error);
}

/* With the lock held: makes the log end with a newline. Its length afterwards, or -1. */
static off_t cut_torn_tail(FileLog *log, int64_t *out_torn_bytes, GError **error) {
    struct stat info;
    if (fstat(log->fd, &info) != 0) {
        error_set_errno(error, errno, "reading '%s'", log->path);
        return -1;
    }
    /* What is appended to a file without a name is gone when we close it. */
    if (info.st_nlink == 0) {
        error_set(error, ERR_IO, "'%s' was removed while it was in use", log->path);
        return -1;
    }
    char last = '\n';
    if (info.st_size > 0 && pread(log->fd, &last, 1, info.st_size - 1) != 1) last = '\0';
    off_t whole = last == '\n' ? info.st_size : find_whole_length(log->fd, info.st_size);
    if (whole < 0) {
        error_set_errno(error, errno, "reading '%s'", log->path);
        return -1;
    }
    if (out_torn_bytes != NULL) *out_torn_bytes = info.st_size - whole;
    if (whole == info.st_size) return whole;
    if (!save_torn_tail(log, whole, info.st_size, error)) return -1;
    if (ftruncate(log->fd, whole) == 0 && fdatasync(log->fd) == 0) return whole;
    error_set_errno(error, errno, "mending '%s'", log->path);
    return -1;
}

bool file_log_end_line(const char *path, int64_t size_bytes, GError **error) {
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return false;
    }
    struct stat info;
    char last = '\n';
    bool is_ok = flock(fd, LOCK_EX) == 0 && fstat(fd, &info) == 0;
    /* Only when nobody wrote since the caller looked. */
    if (is_ok && S_ISREG(info.st_mode) && info.st_size == size_bytes && size_bytes > 0)
        is_ok = pread(fd, &last, 1, size_bytes - 1) == 1;
    if (is_ok && last != '\n') is_ok = file_write_all(fd, "\n", 1) && fdatasync(fd) == 0;
    if (!is_ok) error_set_errno(error, errno, "mending '%s'", path);
    close(fd);
    return is_ok;
}

FileLog *file_log_open(const char *path, int64_t *out_torn_bytes, GError **error) {
    bool is_new = access(path, F_OK) != 0;
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return NULL;
    }
    g_autoptr(FileLog) log = g_new0(FileLog, 1);
    log->path = g_strdup(path);
    log->fd = fd;
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        error_set(error, ERR_DATA, "'%s' is not a regular file", path);
        return NULL;
    }
    if (is_new && !file_sync_folder_of(path)) {
        error_set_errno(error, errno, "making '%s'", path);
        return NULL;
    }
    if (flock(fd, LOCK_EX) != 0) {
        error_set_errno(error, errno, "locking '%s'", path);
        return NULL;
    }
    off_t length = cut_torn_tail(log, out_torn_bytes, error);
    flock(fd, LOCK_UN);
    return length < 0 ? NULL : g_steal_pointer(&log);
}

bool file_log_append(FileLog *log, const char *line, GError **error) {
    g_assert(strchr(line, '\n') == NULL);
    if (flock(log->fd, LOCK_EX) != 0) {
        error_set_errno(error, errno, "locking '%s'", log->path);
        return false;
    }
    /* Another process may have died in the middle of its line since we opened. */
    off_t length = cut_torn_tail(log, NULL, error);
    bool is_ok = length >= 0;
    if (is_ok) {
        g_autofree char *record = g_strconcat(line, "\n", NULL);
        is_ok = file_write_all(log->fd, record, strlen(record)) && fdatasync(log->fd) == 0;
        if (!is_ok) {
            error_set_errno(error, errno, "writing '%s'", log->path);
            if (ftruncate(log->fd, length) != 0)
                g_debug("cutting '%s' back failed: %s", log->path, g_strerror(errno));
        }
    }
    flock(log->fd, LOCK_UN);
    return is_ok;
}

void file_log_close(FileLog *log) {
    if (log == NULL) return;
    close(log->fd);
    g_free(log->path);
    g_free(log);
}

/* memory/daily_log.c: see the header. */
#include "memory/daily_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "memory/provenance.h"

struct DailyLog {
    /* owned */
    char *workspace;
    char *name; /* of the open file, below the workspace; NULL: none */
    int fd;
    /* state */
    ino_t inode;
    off_t size_bytes; /* of which the lines are counted */
    int64_t n_lines;
    bool ends_in_newline;
};

DailyLog *daily_log_new(const char *workspace) {
    DailyLog *log = g_new0(DailyLog, 1);
    log->workspace = g_strdup(workspace);
    log->fd = -1;
    return log;
}

static void close_file(DailyLog *log) {
    if (log->fd >= 0) close(log->fd);
    log->fd = -1;
    g_clear_pointer(&log->name, g_free);
}

void daily_log_free(DailyLog *log) {
    if (log == NULL) return;
    close_file(log);
    g_free(log->workspace);
    g_free(log);
}

static char *file_name(const NoteOrigin *origin, GDateTime *now) {
    if (origin->label != NOTE_UNTRUSTED) return g_date_time_format(now, "memory/%Y-%m-%d.md");
    g_autofree char *session = g_strdup(origin->session != NULL ? origin->session : "");
    g_strcanon(session, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", '-');
    return g_strdup_printf("memory/inbox/%.64s.md", session[0] != '\0' ? session : "unknown");
}

char *daily_log_path(const DailyLog *log, const NoteOrigin *origin) {
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *name = file_name(origin, now);
    return g_build_filename(log->workspace, name, NULL);
}

/* The new name must be on the disk as well as what it names. */
static bool sync_folder(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return is_ok;
}

/* O_NONBLOCK: a FIFO in the place of the file is an error, not a wait. */
static bool open_file(DailyLog *log, const char *name, GError **error) {
    g_autofree char *path = g_build_filename(log->workspace, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    close_file(log);
    if (!file_make_folders(folder, error)) return false;
    int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK;
    log->fd = open(path, flags);
    bool is_new = log->fd < 0 && errno == ENOENT;
    if (is_new) log->fd = open(path, flags | O_CREAT, 0600);
    struct stat info = { 0 };
    bool is_ok = log->fd >= 0 && fstat(log->fd, &info) == 0 && (!is_new || sync_folder(folder));
    if (is_ok && !S_ISREG(info.st_mode)) {
        errno = EINVAL;
        is_ok = false;
    }
    if (!is_ok) {
        error_set_errno(error, errno, "opening '%s'", path);
        close_file(log);
        return false;
    }
    log->name = g_strdup(name);
    log->inode = info.st_ino;
    log->size_bytes = 0;
    log->n_lines = 0;
    log->ends_in_newline = true;
    return true;
}

/* Whether the open file is still the one of that name: an editor may have replaced it. */
static bool is_current(const DailyLog *log, const char *name) {
    if (log->name == NULL || strcmp(log->name, name) != 0) return false;
    g_autofree char *path = g_build_filename(log->workspace, name, NULL);
    struct stat info;
    return stat(path, &info) == 0 && info.st_ino == log->inode;
}

/* Under the lock: lines up to the end, of which the first `size_bytes` were counted before. */
static bool count_lines(DailyLog *log) {
    struct stat info;
    if (fstat(log->fd, &info) != 0) return false;
    if (info.st_size < log->size_bytes) {
        log->size_bytes = 0;
        log->n_lines = 0;
        log->ends_in_newline = true;
    }
    char buffer[16384];
    while (log->size_bytes < info.st_size) {
        ssize_t n = pread(log->fd, buffer, sizeof buffer, log->size_bytes);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n == 0;
        for (ssize_t i = 0; i < n; i++) log->n_lines += buffer[i] == '\n';
        log->ends_in_newline = buffer[n - 1] == '\n';
        log->size_bytes += n;
    }
    return true;
}

/* Whole or not at all. */
static bool write_block(DailyLog *log, const char *block, size_t length) {
    ssize_t n;
    do n = write(log->fd, block, length);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)length && fdatasync(log->fd) == 0) return true;
    int why = n >= 0 && n < (ssize_t)length ? ENOSPC : errno;
    if (ftruncate(log->fd, log->size_bytes) != 0) g_debug("a torn note stays in its file");
    errno = why;
    return false;
}

static int64_t count_newlines(const char *text) {
    int64_t n = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++) n++;
    return n;
}

/* What stands before the text: the day in a new file, the time, the mark. */
static char *format_head(const DailyLog *log, const NoteOrigin *origin, GDateTime *now) {
    GString *head = g_string_new(log->ends_in_newline ? NULL : "\n");
    if (log->size_bytes == 0) {
        g_autofree char *day = g_date_time_format(now, "# %Y-%m-%d\n");
        g_string_append(head, day);
    }
    g_autofree char *time = g_date_time_format(now, "\n## %H:%M\n\n");
    g_string_append(head, time);
    if (origin->label != NOTE_OWNER || origin->session != NULL || origin->tool != NULL) {
        g_autofree char *mark = provenance_format(origin);
        g_string_append_printf(head, "%s\n", mark);
    }
    return g_string_free(head, FALSE);
}

typedef struct {
    int64_t start_line, end_line;
} LineRange;

static bool append_locked(DailyLog *log, const NoteOrigin *origin, const char *text, GDateTime *now,
                          LineRange *out_range) {
    if (!count_lines(log)) return false;
    g_autofree char *head = format_head(log, origin, now);
    g_autofree char *block = g_strconcat(head, text, "\n", NULL);
    if (!write_block(log, block, strlen(block))) return false;
    int64_t n_before = log->n_lines;
    log->n_lines += count_newlines(block);
    log->size_bytes += (off_t)strlen(block);
    log->ends_in_newline = true;
    *out_range = (LineRange){ n_before + count_newlines(head) + 1, log->n_lines };
    return true;
}

bool daily_log_append(DailyLog *log, const NoteOrigin *origin, const char *text,
                      char **out_citation, GError **error) {
    g_autofree char *clean = provenance_clean_text(text);
    if (clean[0] == '\0') {
        error_set(error, ERR_USAGE, "the note is empty");
        return false;
    }
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *name = file_name(origin, now);
    if (!is_current(log, name) && !open_file(log, name, error)) return false;
    LineRange range = { 0 };
    bool is_ok = flock(log->fd, LOCK_EX) == 0;
    is_ok = is_ok && append_locked(log, origin, clean, now, &range);
    int why = errno;
    flock(log->fd, LOCK_UN);
    if (!is_ok) {
        error_set_errno(error, why, "writing '%s/%s'", log->workspace, name);
        return false;
    }
    if (out_citation != NULL)
        *out_citation = g_strdup_printf("%s#L%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, name,
                                        range.start_line, range.end_line);
    return true;
}

/* agent/workspace.c: reading the owner's files, appending notes. */
#include "agent/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

/* No note of a person is larger; a larger file says so instead of being read. */
#define MAX_FILE_BYTES ((size_t)64 << 20)

/* In the order of the prompt; NULL: the daily logs of yesterday and today. */
static const struct {
    const char *name;
    int rank;
} rows[] = { { "IDENTITY.md", 4 }, { "USER.md", 0 },   { "SOUL.md", 3 }, { "AGENTS.md", 5 },
             { "TOOLS.md", 6 },    { "MEMORY.md", 1 }, { NULL, 2 },      { "HEARTBEAT.md", 8 } };

enum { RANK_OF_YESTERDAY = 7 };

void workspace_file_free(WorkspaceFile *file) {
    if (file == NULL) return;
    label_clear(&file->label);
    g_free(file->name);
    g_free(file->original);
    g_free(file->text);
    g_free(file);
}

char *workspace_folder(const Paths *paths, const char *configured) {
    const char *variable = g_getenv("LOCALGPT_WORKSPACE");
    if (variable != NULL && variable[0] != '\0') {
        g_autofree char *expanded = paths_expand_home(paths, variable);
        if (g_path_is_absolute(expanded)) return g_steal_pointer(&expanded);
    }
    if (configured != NULL && configured[0] != '\0') {
        g_autofree char *expanded = paths_expand_home(paths, configured);
        if (g_path_is_absolute(expanded)) return g_steal_pointer(&expanded);
    }
    return g_build_filename(paths->data, "workspace", NULL);
}

void workspace_file_cut(WorkspaceFile *file, int64_t max_characters) {
    g_free(file->text);
    file->n_left_out = 0;
    if (file->n_characters <= max_characters) {
        file->text = g_strdup(file->original);
        return;
    }
    /* Rules stand at the beginning of a file, the newest notes at its end. */
    int64_t n_head = max_characters / 2, n_tail = max_characters - n_head;
    file->n_left_out = file->n_characters - n_head - n_tail;
    const char *head_end = g_utf8_offset_to_pointer(file->original, n_head);
    const char *tail = g_utf8_offset_to_pointer(head_end, file->n_left_out);
    file->text = g_strdup_printf("%.*s\n[... %s: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                                 " characters left out here ...]\n%s",
                                 (int)(head_end - file->original), file->original, file->name,
                                 (gint64)file->n_left_out, (gint64)file->n_characters, tail);
}

/* NULL when there is nothing to show. */
static WorkspaceFile *read_one(const char *folder, const char *name, int rank) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *bytes = NULL;
    size_t length = 0;
    g_autoptr(GError) problem = NULL;
    g_autofree char *text = NULL;
    if (file_read(path, MAX_FILE_BYTES, &bytes, &length, &problem)) {
        text = text_make_valid(bytes, length);
        g_strchomp(text);
        if (text[strspn(text, " \t\r\n")] == '\0') return NULL;
    } else if (error_is(problem, ERR_NOT_FOUND)) {
        return NULL;
    } else {
        text = g_strdup_printf("[%s could not be read: %s]", name, problem->message);
    }
    WorkspaceFile *file = g_new0(WorkspaceFile, 1);
    file->name = g_strdup(name);
    file->n_characters = g_utf8_strlen(text, -1);
    file->original = g_steal_pointer(&text);
    file->rank = rank;
    file->label = label_new(ORIGIN_FILE, name);
    file->label.integrity = INTEGRITY_TRUSTED;
    return file;
}

static void add_file(GPtrArray *files, const char *folder, const char *name, int rank) {
    WorkspaceFile *file = read_one(folder, name, rank);
    if (file != NULL) g_ptr_array_add(files, file);
}

static void add_daily_log(GPtrArray *files, const char *folder, GDateTime *day, int rank) {
    g_autofree char *name = g_date_time_format(day, "memory/%Y-%m-%d.md");
    add_file(files, folder, name, rank);
}

static int compare_rank(const void *left, const void *right) {
    const WorkspaceFile *a = *(WorkspaceFile *const *)left, *b = *(WorkspaceFile *const *)right;
    return a->rank - b->rank;
}

/* The caps: each file's own, and what the more important ones left of the common one. */
static void apply_caps(const GPtrArray *files) {
    g_autoptr(GPtrArray) by_rank = g_ptr_array_new();
    for (unsigned i = 0; i < files->len; i++) g_ptr_array_add(by_rank, g_ptr_array_index(files, i));
    g_ptr_array_sort(by_rank, compare_rank);
    int64_t room = WORKSPACE_ALL_CHARACTERS;
    for (unsigned i = 0; i < by_rank->len; i++) {
        WorkspaceFile *file = g_ptr_array_index(by_rank, i);
        file->n_allowed = MIN(room, WORKSPACE_FILE_CHARACTERS);
        workspace_file_cut(file, file->n_allowed);
        room -= file->n_characters - file->n_left_out;
    }
}

static void free_file(void *file) {
    workspace_file_free(file);
}

GPtrArray *workspace_load(const char *folder, GDateTime *now) {
    GPtrArray *files = g_ptr_array_new_with_free_func(free_file);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].name != NULL) {
            add_file(files, folder, rows[i].name, rows[i].rank);
            continue;
        }
        g_autoptr(GDateTime) yesterday = g_date_time_add_days(now, -1);
        add_daily_log(files, folder, yesterday, RANK_OF_YESTERDAY);
        add_daily_log(files, folder, now, rows[i].rank);
    }
    apply_caps(files);
    return files;
}

/* Appending. */

static bool ends_in_newline(int fd, int64_t size_bytes) {
    char last = '\n';
    return size_bytes == 0 || (pread(fd, &last, 1, (off_t)size_bytes - 1) == 1 && last == '\n');
}

/* One write and one sync; what did not fit is cut back. */
static bool append_bytes(int fd, const char *text, int64_t size_bytes) {
    g_autofree char *block = g_strconcat(ends_in_newline(fd, size_bytes) ? "" : "\n", text, NULL);
    size_t length = strlen(block);
    ssize_t n;
    do n = write(fd, block, length);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)length && fdatasync(fd) == 0) return true;
    int why = n >= 0 && n < (ssize_t)length ? ENOSPC : errno;
    if (ftruncate(fd, (off_t)size_bytes) != 0) g_debug("a torn note stays in its file");
    errno = why;
    return false;
}

static bool has_mark(const char *path, const char *mark) {
    g_autofree char *text = NULL;
    size_t length = 0;
    return file_read(path, MAX_FILE_BYTES, &text, &length, NULL) && strstr(text, mark) != NULL;
}

/* O_NONBLOCK: a FIFO in the place of the file is an error, not a wait. */
static bool append_locked(const char *path, const char *text, GError **error) {
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    struct stat info = { 0 };
    bool is_ok = fd >= 0 && flock(fd, LOCK_EX) == 0 && fstat(fd, &info) == 0;
    if (is_ok && !S_ISREG(info.st_mode)) {
        errno = EINVAL;
        is_ok = false;
    }
    is_ok = is_ok && append_bytes(fd, text, info.st_size) &&
            (info.st_size > 0 || file_sync_folder_of(path));
    int why = errno;
    if (fd >= 0) close(fd);
    if (!is_ok) error_set_errno(error, why, "writing '%s'", path);
    return is_ok;
}

bool workspace_append(const char *folder, const char *name, const char *mark, const char *text,
                      GError **error) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);
    if (!file_make_folders(parent, error)) return false;
    if (has_mark(path, mark)) return true;
    return append_locked(path, text, error);
}

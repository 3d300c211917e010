/* tool/file_change.c: what was there, what shall be there. */
#include "tool/file_change.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/diff.h"
#include "base/error.h"

#define MAX_FILE_BYTES ((off_t)16 << 20)

static bool read_before(FileChange *change, GError **error) {
    const ToolTarget *target = &change->target;
    if (target->info.st_size > MAX_FILE_BYTES) {
        error_set(error, ERR_LIMIT, "'%s' has more than %d MB", change->path,
                  (int)(MAX_FILE_BYTES >> 20));
        return false;
    }
    int fd = openat(target->folder_fd, target->name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "'%s'", change->path);
        return false;
    }
    size_t size = (size_t)target->info.st_size;
    g_free(change->before);
    change->before = g_malloc0(size + 1);
    change->before_length = 0;
    while (change->before_length < size) {
        ssize_t n = read(fd, change->before + change->before_length, size - change->before_length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        change->before_length += (size_t)n;
    }
    close(fd);
    return true;
}

bool file_change_open(const char *path, const ToolRequest *request, FileChangeNeed need,
                      FileChange *out, GError **error) {
    static const TargetNeed needs[] = { [CHANGE_MUST_EXIST] = TARGET_MUST_EXIST,
                                        [CHANGE_MAY_EXIST] = TARGET_MAY_EXIST,
                                        [CHANGE_MAKE_FOLDERS] = TARGET_MAKE_FOLDERS };
    g_auto(FileChange) change = FILE_CHANGE_NONE;
    change.path = g_strdup(path);
    change.before = g_strdup("");
    g_autoptr(GError) problem = NULL;
    bool is_ok = tool_target_open(path, request, needs[need], &change.target, &problem);
    bool is_missing_folder = need == CHANGE_MAY_EXIST && error_is(problem, ERR_NOT_FOUND);
    if (!is_ok && !is_missing_folder) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    change.is_new = !change.target.has_file;
    if (!change.is_new && !read_before(&change, error)) return false;
    *out = change;
    change = (FileChange)FILE_CHANGE_NONE;
    return true;
}

void file_change_clear(FileChange *change) {
    tool_target_clear(&change->target);
    g_free(change->path);
    g_free(change->before);
    g_free(change->after);
    *change = (FileChange)FILE_CHANGE_NONE;
}

char *file_change_diff(const FileChange *change) {
    const char *path = change->path;
    g_autofree char *old_name = g_strconcat("a/", path[0] == '/' ? path + 1 : path, NULL);
    g_autofree char *new_name = g_strconcat("b/", path[0] == '/' ? path + 1 : path, NULL);
    return diff_unified(&(DiffInput){ .old_text = change->before,
                                      .old_length = change->before_length,
                                      .new_text = change->after,
                                      .new_length = change->after_length,
                                      .old_name = change->is_new ? "/dev/null" : old_name,
                                      .new_name = new_name });
}

static bool is_as_opened(const FileChange *change) {
    struct stat now;
    const struct stat *then = &change->target.info;
    bool is_there =
        fstatat(change->target.folder_fd, change->target.name, &now, AT_SYMLINK_NOFOLLOW) == 0;
    if (change->is_new || !is_there) return change->is_new && !is_there;
    return now.st_ino == then->st_ino && now.st_dev == then->st_dev &&
           now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

bool file_change_write(const FileChange *change, GError **error) {
    if (!is_as_opened(change)) {
        error_set(error, ERR_FAILED, "'%s' was changed by somebody else meanwhile; read it again",
                  change->path);
        return false;
    }
    return tool_target_write(&change->target, change->after, change->after_length, error);
}

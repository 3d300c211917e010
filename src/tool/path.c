/* tool/path.c: openat2() and renameat(): the kernel walks, not we. */
#include "tool/path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

#define MAX_PATH_BYTES 4096
#define MAX_PATH_PARTS 256
#define MAX_NAME_BYTES 255
#define MAX_LINKS 10

static int open_how(int folder_fd, const char *path, int flags, unsigned resolve) {
    struct open_how how = { .flags = (unsigned)flags | O_CLOEXEC, .resolve = resolve };
    return (int)syscall(SYS_openat2, folder_fd, path, &how, sizeof how);
}

bool tool_path_check(const char *path, GError **error) {
    if (path[0] == '\0') {
        error_set(error, ERR_USAGE, "the path is empty");
        return false;
    }
    if (strlen(path) > MAX_PATH_BYTES) {
        error_set(error, ERR_USAGE, "the path has more than %d bytes", MAX_PATH_BYTES);
        return false;
    }
    for (const char *at = path; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            error_set(error, ERR_USAGE, "the path holds a control character");
            return false;
        }
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    bool is_ok = g_strv_length(parts) <= MAX_PATH_PARTS;
    for (char **part = parts; *part != NULL; part++)
        is_ok = is_ok && strlen(*part) <= MAX_NAME_BYTES;
    if (!is_ok) error_set(error, ERR_USAGE, "the path has too many parts, or one that is too long");
    return is_ok;
}

static void set_open_error(GError **error, const char *path) {
    if (errno == EXDEV || errno == ELOOP)
        error_set(error, ERR_DENIED, "'%s' leads out of the workspace", path);
    else if (errno == EACCES || errno == EPERM)
        error_set(error, ERR_DENIED, "'%s': the sandbox does not allow it", path);
    else if (errno == EROFS)
        error_set(error, ERR_DENIED, "'%s' is protected: it cannot be changed by a tool", path);
    else
        error_set_errno(error, errno, "'%s'", path);
}

int tool_path_open_read(const char *path, struct stat *out_info, GError **error) {
    if (!tool_path_check(path, error)) return -1;
    int fd = open_how(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, RESOLVE_NO_MAGICLINKS);
    if (fd < 0) {
        if (errno == ELOOP)
            error_set(error, ERR_DENIED, "'%s' is a link that is not followed", path);
        else
            set_open_error(error, path);
        return -1;
    }
    struct stat info;
    if (fstat(fd, &info) == 0 && (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) {
        *out_info = info;
        return fd;
    }
    close(fd);
    error_set(error, ERR_DATA, "'%s' is neither a file nor a folder", path);
    return -1;
}

/* ---- places to write ---- */

/* `path` as a name below `root`; NULL when it does not begin with it. Only saves the model from
 * naming relative paths: what counts is RESOLVE_BENEATH afterwards. */
static const char *below(const char *path, const char *root) {
    size_t length = strlen(root);
    while (length > 1 && root[length - 1] == '/') length--;
    if (strncmp(path, root, length) != 0 || path[length] != '/') return NULL;
    while (path[length] == '/') length++;
    return path + length;
}

/* The root a path belongs to, opened; *out_rest is what follows. */
static int open_root(const char *path, const ToolRequest *request, const char **out_rest,
                     GError **error) {
    g_autofree char *workspace = g_get_current_dir();
    const char *root = NULL;
    const char *rest = path;
    if (path[0] != '/') {
        root = ".";
    } else if ((rest = below(path, workspace)) != NULL) {
        root = workspace;
    } else {
        for (char **folder = request->write_folders; root == NULL && folder != NULL && *folder;
             folder++)
            if ((rest = below(path, *folder)) != NULL) root = *folder;
    }
    if (root == NULL) {
        error_set(error, ERR_DENIED,
                  "'%s' is outside of the workspace '%s'; use a path relative to it", path,
                  workspace);
        return -1;
    }
    int fd = open_how(AT_FDCWD, root, O_PATH | O_DIRECTORY, 0);
    if (fd < 0) set_open_error(error, root);
    *out_rest = rest;
    return fd;
}

enum { BENEATH = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };

/* Makes the folders of `path` one by one; each is opened beneath the root before the next. */
static int make_folders(int root_fd, const char *path, GError **error) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) so_far = g_string_new(NULL);
    int fd = open_how(root_fd, ".", O_PATH | O_DIRECTORY, BENEATH);
    for (char **part = parts; fd >= 0 && *part != NULL; part++) {
        if ((*part)[0] == '\0') continue;
        if (mkdirat(fd, *part, 0777) != 0 && errno != EEXIST) {
            set_open_error(error, path);
            close(fd);
            return -1;
        }
        close(fd);
        g_string_append_printf(so_far, "%s%s", so_far->len > 0 ? "/" : "", *part);
        fd = open_how(root_fd, so_far->str, O_PATH | O_DIRECTORY, BENEATH);
    }
    if (fd < 0) set_open_error(error, path);
    return fd;
}

static int open_folder(int root_fd, const char *folder, TargetNeed need, GError **error) {
    int fd = open_how(root_fd, folder, O_PATH | O_DIRECTORY, BENEATH);
    if (fd >= 0) return fd;
    if (errno == ENOENT && need == TARGET_MAKE_FOLDERS) return make_folders(root_fd, folder, error);
    set_open_error(error, folder);
    return -1;
}

/* What a link in `folder` points to, as a path from the same root; NULL when it is absolute. */
static char *follow(int folder_fd, const char *folder, const char *name) {
    char target[MAX_PATH_BYTES];
    ssize_t n = readlinkat(folder_fd, name, target, sizeof target - 1);
    if (n <= 0 || target[0] == '/') return NULL;
    target[n] = '\0';
    return strcmp(folder, ".") == 0 ? g_strdup(target) : g_strconcat(folder, "/", target, NULL);
}

static bool is_plain_name(const char *name) {
    return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* One step: opens the folder of *path. When a link is there, *path becomes what it points to. */
static bool step(int root_fd, char **path, TargetNeed need, ToolTarget *out, bool *out_is_link,
                 GError **error) {
    g_autofree char *folder = g_path_get_dirname(*path);
    const char *slash = strrchr(*path, '/');
    const char *name = slash != NULL ? slash + 1 : *path;
    if (!is_plain_name(name)) {
        error_set(error, ERR_USAGE, "'%s' does not name a file", *path);
        return false;
    }
    out->folder_fd = open_folder(root_fd, folder, need, error);
    if (out->folder_fd < 0) return false;
    out->name = g_strdup(name);
    *out_is_link = false;
    if (fstatat(out->folder_fd, name, &out->info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT && need != TARGET_MUST_EXIST) return true;
        set_open_error(error, *path);
        return false;
    }
    if (S_ISREG(out->info.st_mode)) {
        out->has_file = true;
        return true;
    }
    char *next = S_ISLNK(out->info.st_mode) ? follow(out->folder_fd, folder, name) : NULL;
    if (next == NULL) {
        if (S_ISLNK(out->info.st_mode))
            error_set(error, ERR_DENIED, "'%s' is a link out of the workspace", *path);
        else
            error_set(error, ERR_DATA, "'%s' is %s, not a file", *path,
                      S_ISDIR(out->info.st_mode) ? "a folder" : "a device");
        return false;
    }
    *out_is_link = true;
    g_free(*path);
    *path = next;
    return true;
}

bool tool_target_open(const char *path, const ToolRequest *request, TargetNeed need,
                      ToolTarget *out, GError **error) {
    const char *rest = NULL;
    if (!tool_path_check(path, error)) return false;
    int root_fd = open_root(path, request, &rest, error);
    if (root_fd < 0) return false;
    g_autofree char *at = g_strdup(rest);
    g_auto(ToolTarget) target = TOOL_TARGET_NONE;
    bool is_link = true;
    bool is_ok = true;
    for (int i = 0; is_ok && is_link; i++) {
        tool_target_clear(&target);
        if (i == MAX_LINKS) {
            error_set(error, ERR_DENIED, "'%s' is a chain of too many links", path);
            is_ok = false;
        } else {
            is_ok = step(root_fd, &at, need, &target, &is_link, error);
        }
    }
    close(root_fd);
    if (!is_ok) return false;
    *out = target;
    target = (ToolTarget)TOOL_TARGET_NONE;
    return true;
}

void tool_target_clear(ToolTarget *target) {
    if (target->folder_fd >= 0) close(target->folder_fd);
    g_free(target->name);
    *target = (ToolTarget)TOOL_TARGET_NONE;
}

static bool set_write_error(GError **error, const ToolTarget *target, int problem) {
    errno = problem;
    if (problem == EBUSY || problem == EROFS)
        error_set(error, ERR_DENIED, "'%s' is protected: it cannot be changed by a tool",
                  target->name);
    else
        set_open_error(error, target->name);
    return false;
}

/* At level standard the workspace's own folder takes no new name, so no temporary either. */
static bool write_in_place(const ToolTarget *target, const char *data, size_t length,
                           GError **error) {
    int fd = openat(target->folder_fd, target->name,
                    O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return set_write_error(error, target, errno);
    bool is_ok = file_write_all(fd, data, length) && fsync(fd) == 0;
    int problem = errno;
    if (close(fd) == 0 && is_ok) return true;
    return set_write_error(error, target, problem);
}

/* The temporary, filled and with the mode and owner of what it replaces; takes `fd`. */
static bool fill(int fd, const ToolTarget *target, const char *data, size_t length) {
    bool is_ok = file_write_all(fd, data, length);
    if (is_ok && target->has_file) {
        if (fchown(fd, target->info.st_uid, target->info.st_gid) != 0)
            g_debug("the owner of '%s' was not kept, ignoring", target->name);
        is_ok = fchmod(fd, target->info.st_mode & 07777) == 0;
    }
    is_ok = is_ok && fsync(fd) == 0;
    int problem = errno;
    if (close(fd) != 0) return false;
    errno = problem;
    return is_ok;
}

bool tool_target_write(const ToolTarget *target, const char *data, size_t length, GError **error) {
    g_autofree char *temporary = g_strdup_printf(".%.200s.%08x.tmp", target->name, g_random_int());
    int fd = openat(target->folder_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EACCES && target->has_file)
        return write_in_place(target, data, length, error);
    if (fd < 0) return set_write_error(error, target, errno);
    if (fill(fd, target, data, length) &&
        renameat(target->folder_fd, temporary, target->folder_fd, target->name) == 0)
        return true;
    int problem = errno;
    unlinkat(target->folder_fd, temporary, 0);
    return set_write_error(error, target, problem);
}

/* sandbox/exec/protect.c: read-only mounts over names, existing or not. */
#include "sandbox/exec/protect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_ONLY = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };

/* Mounts a copy of `source` (below `source_folder`) upon `path` below `folder`. */
static bool cover(int source_folder, const char *source, int folder, const char *path,
                  uint64_t attributes) {
    int tree = small_root_clone(source_folder, source, attributes);
    if (tree < 0) return false;
    bool is_ok = move_mount(tree, "", folder, path, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    int errno_value = errno;
    close(tree);
    errno = errno_value;
    return is_ok;
}

/* On a mount without devices a device cannot be opened, not even by root; git, grep and find pass
 * over one in silence. */
static bool cover_with_device(int folder, const char *path) {
    return cover(AT_FDCWD, "/dev/null", folder, path, READ_ONLY);
}

static bool hold_missing(int workspace, const char *path, ConfineReport *report) {
    int fd = openat(workspace, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0);
    if (fd >= 0) close(fd);
    if ((fd < 0 && errno != EEXIST) || !cover_with_device(workspace, path))
        return small_root_fail(report, "holding the place of the protected name", path);
    return true;
}

static bool is_mount_point(int workspace, const char *path) {
    struct statx status;
    return statx(workspace, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* `path` exists. A placeholder that another command holds is covered like a missing name. */
static bool hold_existing(int workspace, const char *path, const struct stat *status,
                          ConfineReport *report) {
    bool is_placeholder =
        S_ISREG(status->st_mode) && status->st_size == 0 && (status->st_mode & 07777) == 0;
    bool is_ok = is_placeholder ? cover_with_device(workspace, path)
                                : cover(workspace, path, workspace, path, READ_ONLY);
    return is_ok || small_root_fail(report, "protecting", path);
}

/* On an overlay a missing name need not be held: it is withheld when changes are taken over. */
static bool protect_missing(const PlanHeader *plan, int workspace, const char *path,
                            ConfineReport *report) {
    return plan->overlay_upper != 0 || hold_missing(workspace, path, report);
}

static bool protect_below(const PlanHeader *plan, int workspace, const char *path,
                          ConfineReport *report) {
    char prefix[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof prefix) {
        errno = ENAMETOOLONG;
        return small_root_fail(report, "protecting", path);
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        struct stat status;
        if (fstatat(workspace, prefix, &status, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT ? protect_missing(plan, workspace, prefix, report)
                                   : small_root_fail(report, "looking at", prefix);
        if (path[i] == '\0' || !S_ISDIR(status.st_mode))
            return hold_existing(workspace, prefix, &status, report);
        if (!is_mount_point(workspace, prefix) &&
            !cover(workspace, prefix, workspace, prefix, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV))
            return small_root_fail(report, "pinning", prefix);
    }
    return true;
}

static const char *workspace_path(const PlanHeader *plan) {
    for (uint32_t i = 0; i < plan->n_items; i++)
        if (plan_item(plan, i)->kind == PLAN_WORKSPACE)
            return plan_text(plan, plan_item(plan, i)->path);
    return NULL;
}

bool protect_name(const PlanHeader *plan, int root, const PlanItem *item, ConfineReport *report) {
    const char *path = workspace_path(plan);
    int workspace = path == NULL ? -1 : openat(root, path + 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (workspace < 0) return small_root_fail(report, "opening", path == NULL ? "/" : path);
    bool is_ok = protect_below(plan, workspace, plan_text(plan, item->path), report);
    close(workspace);
    return is_ok;
}

bool protect_hide(int root, const PlanItem *item, const char *path, ConfineReport *report) {
    (void)item;
    static const char empty_folder[] = ".nothing";
    struct stat status;
    if (fstatat(root, path + 1, &status, AT_SYMLINK_NOFOLLOW) != 0) return true;
    bool is_ok = false;
    if (!S_ISDIR(status.st_mode))
        is_ok = cover_with_device(root, path + 1);
    else
        is_ok = (mkdirat(root, empty_folder, 0555) == 0 || errno == EEXIST) &&
                cover(root, empty_folder, root, path + 1, READ_ONLY);
    return is_ok || small_root_fail(report, "hiding", path);
}

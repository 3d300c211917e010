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

#define CLOSED_DEVICE "/.closed" /* in the small root: a device that cannot be opened */
#define EMPTY_FOLDER "/.empty"

/* What the items of one plan share. */
typedef struct {
    const PlanHeader *plan;
    ConfineReport *report;
    const char *workspace_path;
    int workspace;   /* O_PATH */
    int placeholder; /* a nameless empty file of mode 0 on the workspace's disk; -1 = none */
    bool has_closed_device;
} Protection;

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
 * over one in silence. The first one is made step by step, the others are its copies. */
static bool cover_with_device(Protection *protection, const char *path) {
    if (!protection->has_closed_device) {
        int fd = open(CLOSED_DEVICE, O_CREAT | O_WRONLY | O_CLOEXEC, 0);
        if (fd >= 0) close(fd);
        protection->has_closed_device =
            cover(AT_FDCWD, "/dev/null", AT_FDCWD, CLOSED_DEVICE, READ_ONLY);
    }
    return protection->has_closed_device && mount(CLOSED_DEVICE, path, NULL, MS_BIND, NULL) == 0;
}

/* A name for the one nameless file: on ext4 a tenth of the price of a file. Where the disk knows no
 * nameless or no second names, a file each. */
static bool make_placeholder(const Protection *protection, const char *path) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", protection->placeholder);
    if (protection->placeholder >= 0 &&
        (linkat(AT_FDCWD, link, protection->workspace, path, AT_SYMLINK_FOLLOW) == 0 ||
         errno == EEXIST))
        return true;
    int flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(protection->workspace, path, flags, 0);
    if (fd >= 0) close(fd);
    return fd >= 0 || errno == EEXIST;
}

static bool hold_missing(Protection *protection, const char *path) {
    char full[PATH_MAX];
    int n = snprintf(full, sizeof full, "%s/%s", protection->workspace_path, path);
    if (n >= (int)sizeof full) errno = ENAMETOOLONG;
    return (n < (int)sizeof full && make_placeholder(protection, path) &&
            cover_with_device(protection, full)) ||
           small_root_fail(protection->report, "holding the place of the protected name", path);
}

static bool is_mount_point(int workspace, const char *path) {
    struct statx status;
    return statx(workspace, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* `path` exists. A placeholder that another command holds is covered like a missing name. */
static bool hold_existing(Protection *protection, const char *path, const struct stat *status) {
    bool is_placeholder =
        S_ISREG(status->st_mode) && status->st_size == 0 && (status->st_mode & 07777) == 0;
    if (is_placeholder) return hold_missing(protection, path);
    int workspace = protection->workspace;
    return cover(workspace, path, workspace, path, READ_ONLY) ||
           small_root_fail(protection->report, "protecting", path);
}

static bool protect_name(Protection *protection, const char *path) {
    int workspace = protection->workspace;
    char prefix[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof prefix) {
        errno = ENAMETOOLONG;
        return small_root_fail(protection->report, "protecting", path);
    }
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        struct stat status;
        if (fstatat(workspace, prefix, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT) return small_root_fail(protection->report, "looking at", prefix);
            /* On an overlay a missing name need not be held: it is withheld when the changes are
             * taken over. */
            return protection->plan->overlay_upper != 0 || hold_missing(protection, prefix);
        }
        if (path[i] == '\0' || !S_ISDIR(status.st_mode))
            return hold_existing(protection, prefix, &status);
        if (!is_mount_point(workspace, prefix) &&
            !cover(workspace, prefix, workspace, prefix, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV))
            return small_root_fail(protection->report, "pinning", prefix);
    }
    return true;
}

/* Covers `path` when it exists below something that was granted. */
static bool hide(Protection *protection, const char *path) {
    struct stat status;
    if (lstat(path, &status) != 0) return true;
    bool is_ok = false;
    if (!S_ISDIR(status.st_mode))
        is_ok = cover_with_device(protection, path);
    else
        is_ok = (mkdir(EMPTY_FOLDER, 0555) == 0 || errno == EEXIST) &&
                cover(AT_FDCWD, EMPTY_FOLDER, AT_FDCWD, path, READ_ONLY);
    return is_ok || small_root_fail(protection->report, "hiding", path);
}

static bool play(Protection *protection) {
    const PlanHeader *plan = protection->plan;
    for (uint32_t i = 0; i < plan->n_items; i++) {
        const PlanItem *item = plan_item(plan, i);
        const char *path = plan_text(plan, item->path);
        if (item->kind == PLAN_PROTECT && !protect_name(protection, path)) return false;
        if (item->kind == PLAN_HIDE && !hide(protection, path)) return false;
    }
    return true;
}

bool protect_all(const PlanHeader *plan, ConfineReport *report) {
    Protection protection = { .plan = plan, .report = report, .workspace = -1, .placeholder = -1 };
    for (uint32_t i = 0; i < plan->n_items; i++)
        if (plan_item(plan, i)->kind == PLAN_WORKSPACE)
            protection.workspace_path = plan_text(plan, plan_item(plan, i)->path);
    if (protection.workspace_path == NULL) return true;
    protection.workspace = open(protection.workspace_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (protection.workspace < 0)
        return small_root_fail(report, "opening", protection.workspace_path);
    if (plan->overlay_upper == 0)
        protection.placeholder =
            openat(protection.workspace, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0);
    bool is_ok = play(&protection);
    close(protection.workspace);
    if (protection.placeholder >= 0) close(protection.placeholder);
    return is_ok;
}

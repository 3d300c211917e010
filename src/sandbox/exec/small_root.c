/* sandbox/exec/small_root.c: mounts, by descriptors, so that no path is looked up twice. */
#include "sandbox/exec/small_root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/exec/overlay.h"
#include "sandbox/exec/protect.h"

/* Processes below this number are the kernel's reserve once numbers wrap (RESERVED_PIDS). */
enum { RESERVED_PROCESS_NUMBERS = 300 };

bool small_root_fail(ConfineReport *report, const char *what, const char *path) {
    char text[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(text, sizeof text, "%s '%.160s'", what, path);
    return confine_fail(report, CONFINE_LAYER_ROOT, errno_value, text);
}

int small_root_clone(int folder, const char *path, uint64_t attributes) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW;
    int tree = open_tree(folder, path, flags);
    if (tree < 0) return -1;
    struct mount_attr set = { .attr_set = attributes };
    if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &set, sizeof set) == 0) return tree;
    int errno_value = errno;
    close(tree);
    errno = errno_value;
    return -1;
}

/* The root's own descriptor, a tmpfs that is not attached yet. */
static int make_tmpfs(uint64_t bytes) {
    int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (context < 0) return -1;
    char size[32];
    snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
    int root = -1;
    if ((bytes == 0 || fsconfig(context, FSCONFIG_SET_STRING, "size", size, 0) == 0) &&
        fsconfig(context, FSCONFIG_SET_STRING, "mode", "0755", 0) == 0 &&
        fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
    int errno_value = errno;
    close(context);
    errno = errno_value;
    return root;
}

/* Makes the folders above the last name of `path` (absolute) below `root`. */
static bool make_parents(int root, const char *path) {
    char prefix[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof prefix) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (size_t i = 1; i < length; i++) {
        if (path[i] != '/') continue;
        memcpy(prefix, path + 1, i - 1);
        prefix[i - 1] = '\0';
        if (mkdirat(root, prefix, 0755) != 0 && errno != EEXIST) return false;
    }
    return true;
}

/* An empty folder or file to mount upon. What is there already (inside another grant) will do. */
static bool make_mount_point(int root, const char *path, bool is_folder) {
    if (!make_parents(root, path)) return false;
    if (is_folder) return mkdirat(root, path + 1, 0755) == 0 || errno == EEXIST;
    int fd = openat(root, path + 1, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd >= 0) close(fd);
    return fd >= 0 || errno == EEXIST;
}

/* A copy of the workspace that only this command sees, until its changes are taken over. */
static int mount_overlay(const PlanHeader *plan, const char *path, ConfineReport *report) {
    OverlayFolders folders = { .lower = path,
                               .upper = plan_text(plan, plan->overlay_upper),
                               .work = plan_text(plan, plan->overlay_work) };
    char reason[OVERLAY_REASON_BYTES];
    int tree = overlay_open(&folders, reason);
    if (tree < 0) confine_fail(report, CONFINE_LAYER_OVERLAY, errno, reason);
    return tree;
}

static bool place_tree(int tree, int root, const char *path, ConfineReport *report) {
    struct stat status;
    bool is_ok = fstat(tree, &status) == 0 &&
                 make_mount_point(root, path, S_ISDIR(status.st_mode)) &&
                 move_mount(tree, "", root, path + 1, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    if (!is_ok) small_root_fail(report, "placing", path);
    close(tree);
    return is_ok;
}

static bool bind_item(const PlanHeader *plan, const PlanItem *item, int root,
                      ConfineReport *report) {
    const char *path = plan_text(plan, item->path);
    if (item->kind == PLAN_WORKSPACE && plan->overlay_upper != 0) {
        int overlay = mount_overlay(plan, path, report);
        return overlay >= 0 && place_tree(overlay, root, path, report);
    }
    uint64_t attributes = MOUNT_ATTR_NOSUID;
    if (item->kind == PLAN_READ) attributes |= MOUNT_ATTR_RDONLY;
    if (item->kind != PLAN_DEVICE) attributes |= MOUNT_ATTR_NODEV;
    int tree = small_root_clone(AT_FDCWD, path, attributes);
    if (tree < 0) {
        bool is_missing = errno == ENOENT || errno == ENOTDIR || errno == EACCES;
        if (is_missing && (item->flags & PLAN_IS_OPTIONAL)) return true;
        return small_root_fail(report, "taking along", path);
    }
    return place_tree(tree, root, path, report);
}

static bool write_number(int folder, const char *path, unsigned number) {
    int fd = openat(folder, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char text[16];
    int length = snprintf(text, sizeof text, "%u", number);
    bool is_ok = write(fd, text, (size_t)length) == length;
    close(fd);
    return is_ok;
}

/* Since Linux 6.14 each pid namespace has its own highest number. With the numbers below the
 * reserve used up, exactly `max` processes fit, for root too, whom RLIMIT_NPROC does not bind.
 * Where it fails, the watch (watch.h) counts. */
static void limit_numbers(int processes, unsigned max) {
    if (write_number(processes, "sys/kernel/pid_max", RESERVED_PROCESS_NUMBERS + max))
        write_number(processes, "sys/kernel/ns_last_pid", RESERVED_PROCESS_NUMBERS);
}

static bool place_processes(const PlanHeader *plan, int root, const char *path,
                            ConfineReport *report) {
    int context = fsopen("proc", FSOPEN_CLOEXEC);
    if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        return small_root_fail(report, "making a new", path);
    int tree =
        fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (tree < 0)
        return small_root_fail(report, "mounting a new (does a container hide it?)", path);
    if (plan->max_processes > 0) limit_numbers(tree, plan->max_processes);
    struct mount_attr set = { .attr_set = MOUNT_ATTR_RDONLY };
    bool is_ok = mount_setattr(tree, "", AT_EMPTY_PATH, &set, sizeof set) == 0 &&
                 make_mount_point(root, path, true) &&
                 move_mount(tree, "", root, path + 1, MOVE_MOUNT_F_EMPTY_PATH) == 0;
    if (!is_ok) small_root_fail(report, "placing", path);
    close(tree);
    close(context);
    return is_ok;
}

static bool place_link(int root, const char *path, const char *target, ConfineReport *report) {
    if (make_parents(root, path) && symlinkat(target, root, path + 1) == 0) return true;
    return errno == EEXIST || small_root_fail(report, "linking", path);
}

static bool place_folder(int root, const char *path, ConfineReport *report) {
    if (make_parents(root, path) && (mkdirat(root, path + 1, 0700) == 0 || errno == EEXIST))
        return true;
    return small_root_fail(report, "making", path);
}

static bool place_item(const PlanHeader *plan, const PlanItem *item, int root,
                       ConfineReport *report) {
    const char *path = plan_text(plan, item->path);
    switch (item->kind) {
    case PLAN_READ:
    case PLAN_WRITE:
    case PLAN_WORKSPACE:
    case PLAN_DEVICE: return bind_item(plan, item, root, report);
    case PLAN_LINK: return place_link(root, path, plan_text(plan, item->value), report);
    case PLAN_FOLDER: return place_folder(root, path, report);
    case PLAN_PROCESSES: return place_processes(plan, root, path, report);
    default: return true; /* protect.c's */
    }
}

/* The new root lies on top of the old one, where no absolute path reaches it until we step in. */
static bool change_root(int root, ConfineReport *report) {
    if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
        return small_root_fail(report, "entering", "/");
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return small_root_fail(report, "letting go of the old", "/");
    return true;
}

bool small_root_enter(const PlanHeader *plan, ConfineReport *report) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return small_root_fail(report, "keeping apart", "/");
    int root = make_tmpfs(plan->private_bytes);
    if (root < 0 || move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0)
        return small_root_fail(report, "making a new", "/");
    bool is_ok = true;
    for (uint32_t i = 0; is_ok && i < plan->n_items; i++)
        is_ok = place_item(plan, plan_item(plan, i), root, report);
    is_ok = is_ok && change_root(root, report) && protect_all(plan, report);
    close(root);
    return is_ok;
}

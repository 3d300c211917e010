/* sandbox/exec/grants.c: plan items to rules; walks split folders by descriptors. */
#include "sandbox/exec/grants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/exec/landlock.h"

enum {
    /* What each level promises: standard has nothing else that keeps truncate() and signals in. */
    MIN_ABI_STANDARD = 6,
    MIN_ABI_FULL = 1,
    ENTRY_BYTES = 16 << 10,
    READABLE = CONFINE_READ | CONFINE_EXECUTE,
    WRITABLE = READABLE | CONFINE_WRITE | CONFINE_CREATE,
};

typedef struct {
    const PlanHeader *plan;
    const char *workspace; /* NULL = none */
    LandlockRules landlock;
    ConfineReport *report;
} Rules;

static bool fail(const Rules *rules, const char *path) {
    char text[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(text, sizeof text, "granting '%.180s'", path);
    return confine_fail(rules->report, CONFINE_LAYER_LANDLOCK, errno_value, text);
}

/* "below" of "/home/me/work/below" for the workspace "/home/me/work"; "" for the workspace, NULL
 * for what is not in it. */
static const char *below_workspace(const Rules *rules, const char *path) {
    size_t length = rules->workspace != NULL ? strlen(rules->workspace) : 0;
    if (length == 0 || strncmp(path, rules->workspace, length) != 0) return NULL;
    if (path[length] == '\0') return path + length;
    return path[length] == '/' ? path + length + 1 : NULL;
}

typedef enum { IS_FREE, IS_PROTECTED, IS_HIDDEN, HAS_PROTECTED_BELOW, HAS_HIDDEN_BELOW } Standing;

/* `path` against one special path, both of the same root. */
static Standing standing_against(const char *path, const char *special, bool is_hidden) {
    size_t length = strlen(special);
    if (strncmp(path, special, length) == 0 && (path[length] == '\0' || path[length] == '/'))
        return is_hidden ? IS_HIDDEN : IS_PROTECTED;
    if (path[0] == '\0' || plan_is_below(special, path))
        return is_hidden ? HAS_HIDDEN_BELOW : HAS_PROTECTED_BELOW;
    return IS_FREE;
}

/* What a path is, in the order of what matters most: hidden, protected, above one, free. */
static Standing standing_of(const Rules *rules, const char *path) {
    const char *relative = below_workspace(rules, path);
    bool has_hidden_below = false, has_protected_below = false, is_protected = false;
    for (uint32_t i = 0; i < rules->plan->n_items; i++) {
        const PlanItem *item = plan_item(rules->plan, i);
        const char *special = plan_text(rules->plan, item->path);
        Standing standing = IS_FREE;
        if (item->kind == PLAN_HIDE) standing = standing_against(path, special, true);
        if (item->kind == PLAN_PROTECT && relative != NULL)
            standing = standing_against(relative, special, false);
        if (item->kind == PLAN_PROTECT && relative == NULL && rules->workspace != NULL &&
            plan_is_below(rules->workspace, path))
            standing = HAS_PROTECTED_BELOW;
        if (standing == IS_HIDDEN) return IS_HIDDEN;
        is_protected |= standing == IS_PROTECTED;
        has_hidden_below |= standing == HAS_HIDDEN_BELOW;
        has_protected_below |= standing == HAS_PROTECTED_BELOW;
    }
    if (has_hidden_below) return HAS_HIDDEN_BELOW;
    if (is_protected) return IS_PROTECTED;
    return has_protected_below ? HAS_PROTECTED_BELOW : IS_FREE;
}

static bool grant_tree(const Rules *rules, int fd, const char *path, unsigned rights);

static bool grant_entry(const Rules *rules, int folder, const char *path, const char *name,
                        unsigned rights) {
    char below[PATH_MAX];
    if (snprintf(below, sizeof below, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name) >=
        (int)sizeof below)
        return true;
    int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || errno == EACCES || fail(rules, below);
    struct stat status;
    /* A symbolic link grants nothing; where it leads to has its own rule or none. */
    bool is_ok =
        fstat(fd, &status) != 0 || S_ISLNK(status.st_mode) || grant_tree(rules, fd, below, rights);
    close(fd);
    return is_ok;
}

static bool is_dot(const char *name) {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static bool grant_entries(const Rules *rules, int fd, const char *path, unsigned rights) {
    int folder = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno == EACCES || fail(rules, path);
    char buffer[ENTRY_BYTES] __attribute__((aligned(8)));
    bool is_ok = true;
    for (ssize_t n; is_ok && (n = syscall(SYS_getdents64, folder, buffer, sizeof buffer)) > 0;) {
        for (ssize_t at = 0; is_ok && at < n;) {
            const struct dirent64 *entry = (const struct dirent64 *)(buffer + at);
            at += entry->d_reclen;
            if (!is_dot(entry->d_name))
                is_ok = grant_entry(rules, folder, path, entry->d_name, rights);
        }
    }
    close(folder);
    return is_ok;
}

/* Grants `rights` on all below, less what is special there. */
static bool grant_tree(const Rules *rules, int fd, const char *path, unsigned rights) {
    switch (rules->plan->level == PLAN_FULL ? IS_FREE : standing_of(rules, path)) {
    case IS_HIDDEN: return true;
    case IS_PROTECTED: rights &= READABLE; break;
    case IS_FREE: break;
    case HAS_PROTECTED_BELOW:
        if ((rights & ~(unsigned)READABLE) == 0) break;
        if (!landlock_allow(&rules->landlock, fd, rights & READABLE)) return fail(rules, path);
        return grant_entries(rules, fd, path, rights);
    case HAS_HIDDEN_BELOW: return grant_entries(rules, fd, path, rights);
    }
    return landlock_allow(&rules->landlock, fd, rights) || fail(rules, path);
}

static bool grant_path(const Rules *rules, const PlanItem *item, unsigned rights) {
    const char *path = plan_text(rules->plan, item->path);
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return (item->flags & PLAN_IS_OPTIONAL) != 0 || fail(rules, path);
    bool is_ok = grant_tree(rules, fd, path, rights);
    close(fd);
    return is_ok;
}

static bool grant_item(const Rules *rules, const PlanItem *item) {
    switch (item->kind) {
    case PLAN_READ: return grant_path(rules, item, READABLE);
    case PLAN_PROCESSES: return grant_path(rules, item, CONFINE_READ);
    case PLAN_WRITE:
    case PLAN_FOLDER:
    case PLAN_WORKSPACE: return grant_path(rules, item, WRITABLE);
    case PLAN_DEVICE: return grant_path(rules, item, CONFINE_READ | CONFINE_WRITE);
    default: return true;
    }
}

/* The small root's own folders hold nothing but what was granted; `ls /` may work. */
static bool grant_listing(const Rules *rules) {
    if (rules->plan->level != PLAN_FULL) return true;
    int fd = open("/", O_PATH | O_CLOEXEC);
    bool is_ok = fd >= 0 && landlock_allow(&rules->landlock, fd, CONFINE_LIST);
    if (!is_ok) fail(rules, "/");
    if (fd >= 0) close(fd);
    return is_ok;
}

bool grants_enter(const PlanHeader *plan, int self, ConfineReport *report) {
    int min_abi = plan->level == PLAN_FULL ? MIN_ABI_FULL : MIN_ABI_STANDARD;
    Rules rules = { .plan = plan, .report = report };
    if (!landlock_open(min_abi, &rules.landlock, report)) return false;
    for (uint32_t i = 0; i < plan->n_items; i++)
        if (plan_item(plan, i)->kind == PLAN_WORKSPACE)
            rules.workspace = plan_text(plan, plan_item(plan, i)->path);
    bool is_ok = grant_listing(&rules);
    if (is_ok && self >= 0 && !landlock_allow(&rules.landlock, self, READABLE))
        is_ok = fail(&rules, "this program");
    if (is_ok && (plan->flags & PLAN_HAS_NETWORK) != 0 &&
        !landlock_allow_connect(&rules.landlock, PLAN_PROXY_PORT))
        is_ok = fail(&rules, "the proxy's port");
    for (uint32_t i = 0; is_ok && i < plan->n_items; i++)
        is_ok = grant_item(&rules, plan_item(plan, i));
    if (is_ok) return landlock_enter(&rules.landlock, report);
    landlock_close(&rules.landlock);
    return false;
}

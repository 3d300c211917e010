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
    int ruleset;
    ConfineReport *report;
} Rules;

static bool fail(const Rules *rules, const char *path) {
    char text[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(text, sizeof text, "granting '%.180s'", path);
    return confine_fail(rules->report, CONFINE_LAYER_LANDLOCK, errno_value, text);
}

/* The absolute path of an item; protected ones are below the workspace. False when too long. */
static bool item_path(const Rules *rules, const PlanItem *item, char path[PATH_MAX]) {
    const char *text = plan_text(rules->plan, item->path);
    int n = item->kind == PLAN_PROTECT ? snprintf(path, PATH_MAX, "%s/%s", rules->workspace, text)
                                       : snprintf(path, PATH_MAX, "%s", text);
    return n > 0 && n < PATH_MAX;
}

typedef enum { IS_FREE, IS_PROTECTED, IS_HIDDEN, HAS_PROTECTED_BELOW, HAS_HIDDEN_BELOW } Standing;

/* What a path is, in the order of what matters most: hidden, protected, above one, free. */
static Standing standing_of(const Rules *rules, const char *path) {
    Standing standing = IS_FREE;
    for (uint32_t i = 0; i < rules->plan->n_items; i++) {
        const PlanItem *item = plan_item(rules->plan, i);
        char special[PATH_MAX];
        if ((item->kind != PLAN_PROTECT && item->kind != PLAN_HIDE) ||
            !item_path(rules, item, special))
            continue;
        bool is_hidden = item->kind == PLAN_HIDE;
        if (strcmp(path, special) == 0 || plan_is_below(path, special)) {
            if (is_hidden) return IS_HIDDEN;
            standing = IS_PROTECTED;
        } else if (plan_is_below(special, path) && standing != IS_PROTECTED) {
            if (is_hidden)
                standing = HAS_HIDDEN_BELOW;
            else if (standing == IS_FREE)
                standing = HAS_PROTECTED_BELOW;
        }
    }
    return standing;
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
        if (!landlock_allow(rules->ruleset, fd, rights & READABLE)) return fail(rules, path);
        return grant_entries(rules, fd, path, rights);
    case HAS_HIDDEN_BELOW: return grant_entries(rules, fd, path, rights);
    }
    return landlock_allow(rules->ruleset, fd, rights) || fail(rules, path);
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
    bool is_ok = fd >= 0 && landlock_allow(rules->ruleset, fd, CONFINE_LIST);
    if (!is_ok) fail(rules, "/");
    if (fd >= 0) close(fd);
    return is_ok;
}

bool grants_enter(const PlanHeader *plan, int self, ConfineReport *report) {
    int min_abi = plan->level == PLAN_FULL ? MIN_ABI_FULL : MIN_ABI_STANDARD;
    Rules rules = { .plan = plan, .report = report };
    rules.ruleset = landlock_new(min_abi, report);
    if (rules.ruleset < 0) return false;
    for (uint32_t i = 0; i < plan->n_items; i++)
        if (plan_item(plan, i)->kind == PLAN_WORKSPACE)
            rules.workspace = plan_text(plan, plan_item(plan, i)->path);
    bool is_ok = grant_listing(&rules);
    if (is_ok && self >= 0 && !landlock_allow(rules.ruleset, self, READABLE))
        is_ok = fail(&rules, "this program");
    for (uint32_t i = 0; is_ok && i < plan->n_items; i++)
        is_ok = grant_item(&rules, plan_item(plan, i));
    if (is_ok) return landlock_enter(rules.ruleset, report);
    close(rules.ruleset);
    return false;
}

/* sandbox/exec/landlock.c: grants to Landlock rules. Each ABI adds rights; see the ladder below. */
#include "sandbox/exec/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
    CREATE_RULESET_VERSION = 1 << 0,
    CREATE_RULESET_ERRATA = 1 << 1,
    RULE_PATH_BENEATH = 1,
    RULE_NET_PORT = 2
};

#define FS_EXECUTE (UINT64_C(1) << 0)
#define FS_WRITE_FILE (UINT64_C(1) << 1)
#define FS_READ_FILE (UINT64_C(1) << 2)
#define FS_READ_DIR (UINT64_C(1) << 3)
#define FS_CHANGE_ENTRIES (UINT64_C(0x1ff0)) /* bits 4-12: remove and make every kind of entry */
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define FS_RESOLVE_UNIX (UINT64_C(1) << 16)
#define NET_BIND_CONNECT_TCP (UINT64_C(3))
#define NET_CONNECT_TCP (UINT64_C(2))
#define SCOPE_SIGNAL (UINT64_C(2))
#define SCOPE_ABSTRACT_UNIX_AND_SIGNAL (UINT64_C(3))

/* Rights that may stand on a rule for a file; the others are for folders only. */
#define FS_OF_A_FILE                                                                               \
    (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV | FS_RESOLVE_UNIX)

typedef struct {
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
} RulesetAttributes;

typedef struct {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed)) PathBeneath;

/* What ABI n adds to n - 1. */
static const RulesetAttributes ladder[] = {
    { FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_CHANGE_ENTRIES, 0, 0 },
    { FS_REFER, 0, 0 },
    { FS_TRUNCATE, 0, 0 },
    { 0, NET_BIND_CONNECT_TCP, 0 },
    { FS_IOCTL_DEV, 0, 0 },
    { 0, 0, SCOPE_ABSTRACT_UNIX_AND_SIGNAL },
    { 0, 0, 0 }, /* 7: log flags only */
    { 0, 0, 0 }, /* 8: all threads at once */
    { FS_RESOLVE_UNIX, 0, 0 },
};

int landlock_probe(unsigned *out_errata) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    if (abi < 0) return 0;
    long errata = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_ERRATA);
    if (out_errata != NULL) *out_errata = errata > 0 ? (unsigned)errata : 0;
    return (int)abi;
}

static RulesetAttributes handled_at(int abi) {
    RulesetAttributes handled = { 0 };
    for (int i = 0; i < abi && i < (int)(sizeof ladder / sizeof ladder[0]); i++) {
        handled.handled_fs |= ladder[i].handled_fs;
        handled.handled_net |= ladder[i].handled_net;
        handled.scoped |= ladder[i].scoped;
    }
    return handled;
}

static uint64_t landlock_rights(unsigned rights) {
    uint64_t allowed = 0;
    if (rights & CONFINE_READ) allowed |= FS_READ_FILE | FS_READ_DIR;
    if (rights & CONFINE_EXECUTE) allowed |= FS_EXECUTE;
    if (rights & CONFINE_WRITE) allowed |= FS_WRITE_FILE | FS_TRUNCATE;
    if (rights & CONFINE_CREATE) allowed |= FS_CHANGE_ENTRIES | FS_REFER;
    if (rights & CONFINE_DEVICE) allowed |= FS_IOCTL_DEV;
    if (rights & CONFINE_LIST) allowed |= FS_READ_DIR;
    return allowed;
}

static bool fail_at_path(ConfineReport *report, const char *path) {
    char what[CONFINE_REASON_BYTES];
    int errno_value = errno;
    snprintf(what, sizeof what, "granting '%.180s'", path == NULL ? "an open file" : path);
    return confine_fail(report, CONFINE_LAYER_LANDLOCK, errno_value, what);
}

bool landlock_allow(const LandlockRules *rules, int descriptor, unsigned rights) {
    struct stat status;
    if (fstat(descriptor, &status) != 0) return false;
    PathBeneath rule = { .parent_fd = descriptor };
    rule.allowed = landlock_rights(rights) & rules->handled_fs;
    if (!S_ISDIR(status.st_mode)) rule.allowed &= FS_OF_A_FILE;
    /* A grant whose every right is newer than this kernel's ABI needs no rule there. */
    if (rule.allowed == 0) return true;
    return syscall(SYS_landlock_add_rule, rules->fd, RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool landlock_allow_connect(const LandlockRules *rules, uint16_t port) {
    struct {
        uint64_t allowed;
        uint64_t port;
    } rule = { NET_CONNECT_TCP, port };
    return (rules->handled_net & NET_CONNECT_TCP) == 0 ||
           syscall(SYS_landlock_add_rule, rules->fd, RULE_NET_PORT, &rule, 0) == 0;
}

static bool add_grant(const LandlockRules *rules, const ConfineGrant *grant,
                      ConfineReport *report) {
    int fd = grant->descriptor;
    if (grant->path != NULL) fd = open(grant->path, O_PATH | O_CLOEXEC);
    if (fd < 0) return fail_at_path(report, grant->path);
    bool is_ok = landlock_allow(rules, fd, grant->rights);
    if (!is_ok) fail_at_path(report, grant->path);
    if (grant->path != NULL) close(fd);
    return is_ok;
}

bool landlock_open(int min_abi, LandlockRules *out_rules, ConfineReport *report) {
    report->landlock_abi = landlock_probe(&report->landlock_errata);
    int needed = min_abi > 0 ? min_abi : 1;
    if (report->landlock_abi < needed) {
        char what[CONFINE_REASON_BYTES];
        snprintf(what, sizeof what, "the kernel offers Landlock ABI %d, needed is %d (see lsm=)",
                 report->landlock_abi, needed);
        return confine_fail(report, CONFINE_LAYER_LANDLOCK, 0, what);
    }
    RulesetAttributes attributes = handled_at(report->landlock_abi);
    /* Older kernels take the longer struct as long as the fields they do not know are zero. */
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (fd < 0) return confine_fail(report, CONFINE_LAYER_LANDLOCK, errno, "making the rule set");
    *out_rules = (LandlockRules){ fd, attributes.handled_fs, attributes.handled_net };
    return true;
}

void landlock_close(LandlockRules *rules) {
    if (rules->fd >= 0) close(rules->fd);
    rules->fd = -1;
}

bool landlock_enter(LandlockRules *rules, ConfineReport *report) {
    bool is_ok = syscall(SYS_landlock_restrict_self, rules->fd, 0) == 0;
    if (!is_ok) confine_fail(report, CONFINE_LAYER_LANDLOCK, errno, "entering the rule set");
    landlock_close(rules);
    return is_ok;
}

bool landlock_scope_signals(void) {
    RulesetAttributes attributes = { .scoped = SCOPE_SIGNAL };
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0) return false;
    bool is_ok = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return is_ok;
}

bool landlock_apply(const Confinement *confinement, ConfineReport *report) {
    LandlockRules rules = { .fd = -1 };
    if (!landlock_open(confinement->min_landlock_abi, &rules, report)) return false;
    for (size_t i = 0; i < confinement->n_grants; i++) {
        if (add_grant(&rules, &confinement->grants[i], report)) continue;
        landlock_close(&rules);
        return false;
    }
    return landlock_enter(&rules, report);
}

/* sandbox/exec/namespaces.c: the maps of the user namespace. */
#include "sandbox/exec/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool write_file(const char *path, const char *text, ConfineReport *report) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int errno_value = errno;
    if (fd >= 0) close(fd);
    if (is_ok) return true;
    char what[CONFINE_REASON_BYTES];
    snprintf(what, sizeof what, "writing '%s'", path);
    return confine_fail(report, CONFINE_LAYER_NAMESPACES, errno_value, what);
}

bool namespaces_settle(uid_t uid, gid_t gid, ConfineReport *report) {
    char users[32], groups[32];
    snprintf(users, sizeof users, "%u %u 1", (unsigned)uid, (unsigned)uid);
    snprintf(groups, sizeof groups, "%u %u 1", (unsigned)gid, (unsigned)gid);
    if (!write_file("/proc/self/setgroups", "deny", report) ||
        !write_file("/proc/self/uid_map", users, report) ||
        !write_file("/proc/self/gid_map", groups, report))
        return false;
    static const char name[] = "sandbox";
    if (sethostname(name, sizeof name - 1) != 0)
        return confine_fail(report, CONFINE_LAYER_NAMESPACES, errno, "naming the machine");
    return true;
}

/* sandbox/exec/confine.c: the layers in their order, each one's failure told by name. */
#include "sandbox/exec/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/exec/landlock.h"
#include "sandbox/exec/seccomp_filter.h"

enum { DEFAULT_OPEN_FILES = 64, LAST_CAPABILITY = 63 };

static const char *const layer_names[CONFINE_N_LAYERS] = {
    "request", "no new privileges", "descriptors", "limits",  "capabilities", "landlock", "seccomp",
    "check",   "namespaces",        "small root",  "overlay", "program",
};

const char *confine_layer_name(ConfineLayer layer) {
    return layer < CONFINE_N_LAYERS ? layer_names[layer] : "unknown";
}

bool confine_fail(ConfineReport *report, ConfineLayer layer, int errno_value, const char *what) {
    report->failed_layer = layer;
    report->errno_value = errno_value;
    snprintf(report->reason, sizeof report->reason, "confinement (%s): %s%s%s",
             confine_layer_name(layer), what, errno_value != 0 ? ": " : "",
             errno_value != 0 ? strerror(errno_value) : "");
    return false;
}

void confine_grant(Confinement *confinement, const char *path, unsigned rights) {
    if (path == NULL || confinement->n_grants == CONFINE_MAX_GRANTS) {
        confinement->is_overfull = true;
        return;
    }
    confinement->grants[confinement->n_grants++] =
        (ConfineGrant){ .path = path, .descriptor = -1, .rights = rights };
}

void confine_grant_descriptor(Confinement *confinement, int descriptor, unsigned rights) {
    if (descriptor < 0 || confinement->n_grants == CONFINE_MAX_GRANTS) {
        confinement->is_overfull = true;
        return;
    }
    confinement->grants[confinement->n_grants++] =
        (ConfineGrant){ .path = NULL, .descriptor = descriptor, .rights = rights };
}

void confine_keep_descriptor(Confinement *confinement, int descriptor) {
    if (descriptor < 0 || confinement->n_descriptors == CONFINE_MAX_DESCRIPTORS) {
        confinement->is_overfull = true;
        return;
    }
    confinement->descriptors[confinement->n_descriptors++] = descriptor;
}

static bool check_request(const Confinement *confinement, ConfineReport *report) {
    if (confinement->is_overfull)
        return confine_fail(report, CONFINE_LAYER_REQUEST, 0,
                            "more grants or descriptors than fit, or one that is not valid");
    struct stat status;
    if (stat("/proc/self/task", &status) != 0)
        return confine_fail(report, CONFINE_LAYER_REQUEST, errno, "counting the threads");
    /* A folder has two links more than it has folders in it, one per thread. */
    if (status.st_nlink != 3)
        return confine_fail(report, CONFINE_LAYER_REQUEST, 0,
                            "the process has other threads already, which would stay free");
    return true;
}

bool confine_refuse_new_privileges(ConfineReport *report) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return confine_fail(report, CONFINE_LAYER_PRIVILEGES, errno, "setting no_new_privs");
    return true;
}

static bool is_kept(const Confinement *confinement, unsigned descriptor) {
    for (size_t i = 0; i < confinement->n_descriptors; i++)
        if ((unsigned)confinement->descriptors[i] == descriptor) return true;
    for (size_t i = 0; i < confinement->n_grants; i++)
        if (confinement->grants[i].path == NULL &&
            (unsigned)confinement->grants[i].descriptor == descriptor)
            return true;
    return false;
}

/* Closes the gaps between the kept descriptors. */
static bool close_others(const Confinement *confinement, ConfineReport *report) {
    unsigned highest = 2;
    for (size_t i = 0; i < confinement->n_descriptors; i++)
        if ((unsigned)confinement->descriptors[i] > highest)
            highest = (unsigned)confinement->descriptors[i];
    for (size_t i = 0; i < confinement->n_grants; i++)
        if (confinement->grants[i].descriptor > (int)highest)
            highest = (unsigned)confinement->grants[i].descriptor;
    for (unsigned fd = 3; fd < highest; fd++)
        if (!is_kept(confinement, fd)) close((int)fd);
    if (syscall(SYS_close_range, highest + 1, ~0U, 0) != 0)
        return confine_fail(report, CONFINE_LAYER_DESCRIPTORS, errno, "closing the other files");
    return true;
}

bool confine_limit(int resource, uint64_t value, ConfineReport *report) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return confine_fail(report, CONFINE_LAYER_LIMITS, errno, "reading a limit");
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > value) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(resource, &limit) != 0)
        return confine_fail(report, CONFINE_LAYER_LIMITS, errno, "setting a limit");
    return true;
}

static bool limit_resources(const Confinement *confinement, ConfineReport *report) {
    unsigned files = confinement->max_open_files > 0 ? confinement->max_open_files
                                                     : (unsigned)DEFAULT_OPEN_FILES;
    if (confinement->max_data_bytes > 0 &&
        !confine_limit(RLIMIT_DATA, confinement->max_data_bytes, report))
        return false;
    return confine_limit(RLIMIT_CORE, 0, report) &&
           confine_limit(RLIMIT_FSIZE, confinement->max_file_bytes, report) &&
           confine_limit(RLIMIT_MSGQUEUE, 0, report) && confine_limit(RLIMIT_NOFILE, files, report);
}

/* All of them, for root too: uid 0 without capabilities is an ordinary owner of files. */
bool confine_drop_capabilities(ConfineReport *report) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); /* EINVAL before Linux 4.3 */
    for (int capability = 0; capability <= LAST_CAPABILITY; capability++) {
        int is_in_bounding_set = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (is_in_bounding_set < 0) break; /* past the kernel's last one */
        /* Without CAP_SETPCAP the bounding set stays; no_new_privs makes it unreachable. */
        if (is_in_bounding_set == 1 && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 &&
            errno != EPERM)
            return confine_fail(report, CONFINE_LAYER_CAPABILITIES, errno,
                                "dropping the bounding set");
    }
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
    if (syscall(SYS_capset, &header, none) != 0)
        return confine_fail(report, CONFINE_LAYER_CAPABILITIES, errno, "dropping capabilities");
    return true;
}

static bool refuse_new_privileges(const Confinement *confinement, ConfineReport *report) {
    (void)confinement;
    return confine_refuse_new_privileges(report);
}

static bool drop_capabilities(const Confinement *confinement, ConfineReport *report) {
    (void)confinement;
    return confine_drop_capabilities(report);
}

/* One look from inside at the two walls that matter most. */
static bool check_walls(const Confinement *confinement, ConfineReport *report) {
    if ((confinement->allows & CONFINE_ALLOW_NETWORK) == 0) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 || errno != EPERM) {
            if (fd >= 0) close(fd);
            return confine_fail(report, CONFINE_LAYER_CHECK, 0, "a socket could still be made");
        }
    }
    for (size_t i = 0; i < confinement->n_grants; i++) {
        const char *path = confinement->grants[i].path;
        if (path == NULL || strcmp(path, "/") == 0) return true; /* may well cover all */
    }
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 || errno != EACCES) {
        if (fd >= 0) close(fd);
        return confine_fail(report, CONFINE_LAYER_CHECK, 0, "the root folder could still be read");
    }
    return true;
}

bool confine_apply(const Confinement *confinement, ConfineReport *report) {
    static const struct {
        ConfineLayer layer;
        bool (*apply)(const Confinement *confinement, ConfineReport *report);
    } steps[] = {
        { CONFINE_LAYER_REQUEST, check_request },
        { CONFINE_LAYER_PRIVILEGES, refuse_new_privileges },
        { CONFINE_LAYER_DESCRIPTORS, close_others },
        { CONFINE_LAYER_LIMITS, limit_resources },
        { CONFINE_LAYER_CAPABILITIES, drop_capabilities },
        { CONFINE_LAYER_LANDLOCK, landlock_apply },
        { CONFINE_LAYER_SECCOMP, seccomp_filter_apply },
        { CONFINE_LAYER_CHECK, check_walls },
    };
    memset(report, 0, sizeof *report);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (!steps[i].apply(confinement, report)) return false;
        report->applied |= 1U << steps[i].layer;
    }
    return true;
}

/* Appends to a buffer that may already be full; always counts. */
static void append(char *buffer, size_t size, size_t *length, const char *text) {
    size_t n = strlen(text);
    if (*length < size) {
        size_t room = size - *length - 1;
        size_t copied = n < room ? n : room;
        memcpy(buffer + *length, text, copied);
        buffer[*length + copied] = '\0';
    }
    *length += n;
}

size_t confine_print(const Confinement *confinement, char *buffer, size_t size) {
    static const char *const rights[] = { "read", "execute", "write", "create", "device", "list" };
    static const char *const allows[] = { "network", "processes", "programs", "code", "devices" };
    size_t length = 0;
    if (size > 0) buffer[0] = '\0';
    for (size_t i = 0; i < confinement->n_grants; i++) {
        const ConfineGrant *grant = &confinement->grants[i];
        for (size_t bit = 0; bit < sizeof rights / sizeof rights[0]; bit++) {
            if ((grant->rights & (1U << bit)) == 0) continue;
            append(buffer, size, &length, rights[bit]);
            append(buffer, size, &length, " ");
        }
        append(buffer, size, &length, grant->path != NULL ? grant->path : "(an open file)");
        append(buffer, size, &length, "\n");
    }
    for (size_t bit = 0; bit < sizeof allows / sizeof allows[0]; bit++) {
        bool is_allowed = (confinement->allows & (1U << bit)) != 0;
        append(buffer, size, &length, is_allowed ? "allow " : "deny ");
        append(buffer, size, &length, allows[bit]);
        append(buffer, size, &length, "\n");
    }
    return length;
}

/* sandbox/exec/overlay.c: see overlay.h. */
#include "sandbox/exec/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int fail(char *reason, const char *what) {
    int saved = errno;
    snprintf(reason, OVERLAY_REASON_BYTES, "overlay: %s: %s", what, strerror(saved));
    errno = saved;
    return -1;
}

/* The folders are named by descriptors: a ':', ',' or '\' in their paths would be syntax, and a
 * value is cut at 256 bytes. */
static int set_folder(int context, const char *option, const char *path) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    int result = fsconfig(context, FSCONFIG_SET_STRING, option, name, 0);
    int saved = errno;
    close(fd);
    errno = saved;
    return result;
}

/* The attributes of copied-up files are kept as user.overlay.*: trusted.* needs privilege.
 * Volatile: the end of the mount would write all of the disk's caches, also for a command that
 * changed nothing; the commit writes them when there is something. */
static int configure(int context, const OverlayFolders *folders, char *reason) {
    if (fsconfig(context, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) != 0)
        return fail(reason, "userxattr");
    if (fsconfig(context, FSCONFIG_SET_FLAG, "volatile", NULL, 0) != 0)
        return fail(reason, "volatile");
    if (set_folder(context, "lowerdir", folders->lower) != 0) return fail(reason, folders->lower);
    if (set_folder(context, "upperdir", folders->upper) != 0) return fail(reason, folders->upper);
    if (set_folder(context, "workdir", folders->work) != 0) return fail(reason, folders->work);
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
        return fail(reason, "cannot be made here");
    return 0;
}

int overlay_open(const OverlayFolders *folders, char *reason) {
    int context = fsopen("overlay", FSOPEN_CLOEXEC);
    if (context < 0) return fail(reason, "not known to the kernel, or no user namespace");
    int mount_fd = -1;
    if (configure(context, folders, reason) == 0) {
        mount_fd = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        if (mount_fd < 0) fail(reason, "cannot be mounted");
    }
    int saved = errno;
    close(context);
    errno = saved;
    return mount_fd;
}

/* mountinfo spells ' ', '\t', '\n' and '\\' as three octal digits. */
static void unescape(char *text) {
    char *out = text;
    for (const char *at = text; *at != '\0'; at++) {
        if (at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] != '\0' && at[3] != '\0') {
            *out++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
            at += 3;
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
}

/* "36 35 98:0 /root /mount/point options ...": the fifth word. */
static char *mount_point(char *line) {
    char *at = line;
    for (int i = 0; i < 4 && at != NULL; i++) {
        at = strchr(at, ' ');
        if (at != NULL) at++;
    }
    if (at == NULL) return NULL;
    at[strcspn(at, " \n")] = '\0';
    unescape(at);
    return at;
}

bool overlay_has_submounts(const char *folder) {
    FILE *file = fopen("/proc/self/mountinfo", "re");
    if (file == NULL) return true;
    char *line = NULL;
    size_t size = 0, length = strlen(folder);
    bool found = false;
    while (!found && getline(&line, &size, file) > 0) {
        const char *point = mount_point(line);
        found = point != NULL && strncmp(point, folder, length) == 0 && point[length] == '/';
    }
    free(line);
    fclose(file);
    return found;
}

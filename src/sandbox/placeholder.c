/* sandbox/placeholder.c: an empty file of mode 0 under a protected name is ours. */
#include "sandbox/placeholder.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

int placeholder_hold(const char *lock_path) {
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && TEMP_FAILURE_RETRY(flock(fd, LOCK_SH)) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static void remove_placeholder(int workspace, const char *path) {
    struct stat status;
    if (fstatat(workspace, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
        (status.st_mode & 07777) == 0 && status.st_size == 0)
        unlinkat(workspace, path, 0);
}

static void sweep(const char *workspace, const char *const *names) {
    int fd = open(workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    for (; *names != NULL; names++) {
        remove_placeholder(fd, *names);
        /* Where a folder was missing, its name was held instead. */
        for (const char *slash = strchr(*names, '/'); slash != NULL;
             slash = strchr(slash + 1, '/')) {
            g_autofree char *folder = g_strndup(*names, (size_t)(slash - *names));
            remove_placeholder(fd, folder);
        }
    }
    close(fd);
}

void placeholder_release(int hold, const char *workspace, const char *const *names) {
    if (hold < 0) return;
    if (flock(hold, LOCK_EX | LOCK_NB) == 0) sweep(workspace, names);
    close(hold);
}

/* undo/place.c: see place.h. */
#include "undo/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

int undo_place_open_folder(int root_fd, const char *path, int flags) {
    const struct open_how how = {
        .flags = (unsigned long long)(O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | flags),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, root_fd, *path == '\0' ? "." : path, &how, sizeof how);
}

void undo_place_fail(GError **error, const char *doing, const char *path) {
    switch (errno) {
    case EACCES:
    case EPERM:
    case EBUSY:
    case EROFS:
    case ENAMETOOLONG:
        error_set(error, ERR_DENIED, "%s '%s': %s", doing, path, g_strerror(errno));
        break;
    default: error_set_errno(error, errno, "%s '%s'", doing, path);
    }
}

bool undo_place_open(int root_fd, const char *path, UndoPlace *out_place, GError **error) {
    const char *slash = strrchr(path, '/');
    g_autofree char *folder = undo_place_parent(path);
    int fd = undo_place_open_folder(root_fd, folder, O_PATH);
    if (fd < 0) {
        if (errno == ENOTDIR || errno == ELOOP) errno = ENOENT;
        undo_place_fail(error, "opening the folder", folder);
        return false;
    }
    const char *name = slash != NULL ? slash + 1 : path;
    *out_place = (UndoPlace){ .folder_fd = fd, .name = *name == '\0' ? "." : name };
    return true;
}

void undo_place_close(UndoPlace *place) {
    close(place->folder_fd);
    place->folder_fd = -1;
}

char *undo_place_parent(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? g_strndup(path, (size_t)(slash - path)) : g_strdup("");
}

char *undo_place_join(const char *folder, const char *name) {
    return *folder == '\0' ? g_strdup(name) : g_strconcat(folder, "/", name, NULL);
}

bool undo_place_is_within(const char *path, const char *ancestor) {
    size_t length = strlen(ancestor);
    if (length == 0) return true;
    return strncmp(path, ancestor, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

GPtrArray *undo_place_list(int folder_fd) {
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return NULL;
    DIR *folder = fdopendir(fd);
    if (folder == NULL) {
        close(fd);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
    closedir(folder);
    text_array_sort(names);
    return names;
}

/* sandbox/caller_path.c: see caller_path.h. */
#include "sandbox/caller_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_LINKS = 40, PAGE_BYTES = 4096 };

ssize_t caller_read(pid_t caller, uint64_t address, void *buffer, size_t length) {
    struct iovec ours = { buffer, length };
    struct iovec theirs = { (void *)(uintptr_t)address, length };
    return process_vm_readv(caller, &ours, 1, &theirs, 1, 0);
}

/* Page by page: the one after the string may not be there. */
static char *read_text(pid_t caller, uint64_t address) {
    g_autofree char *text = g_malloc(PATH_MAX + 1);
    size_t length = 0;
    while (length < PATH_MAX) {
        uint64_t at = address + length;
        size_t piece = MIN(PAGE_BYTES - at % PAGE_BYTES, PATH_MAX - length);
        ssize_t n = caller_read(caller, at, text + length, piece);
        if (n <= 0) return NULL;
        if (memchr(text + length, '\0', (size_t)n) != NULL) return g_steal_pointer(&text);
        length += (size_t)n;
    }
    return NULL;
}

/* "/proc/self" would be ourselves. */
static char *translate(pid_t caller, const char *text) {
    static const struct {
        const char *prefix, *replacement;
    } rows[] = {
        { "/proc/self/", "" },    { "/proc/thread-self/", "" }, { "/dev/fd/", "fd/" },
        { "/dev/stdin", "fd/0" }, { "/dev/stdout", "fd/1" },    { "/dev/stderr", "fd/2" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_str_has_prefix(text, rows[i].prefix))
            return g_strdup_printf("/proc/%d/%s%s", (int)caller, rows[i].replacement,
                                   text + strlen(rows[i].prefix));
    if (g_str_has_prefix(text, "/proc/")) return g_strdup(text);
    return g_strdup_printf("/proc/%d/root%s", (int)caller, text);
}

static char *start_folder(const CallerPath *request) {
    if (request->folder_fd == AT_FDCWD)
        return g_strdup_printf("/proc/%d/cwd", (int)request->caller);
    return g_strdup_printf("/proc/%d/fd/%d", (int)request->caller, request->folder_fd);
}

/* The name of what is open as `fd` here. */
static char *name_of(int fd) {
    g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
    char target[PATH_MAX];
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0) return NULL;
    target[length] = '\0';
    return g_strdup(target);
}

static CallerPathResult place(const CallerPath *request, const char *absolute, char **out_path) {
    size_t length = strlen(request->workspace);
    if (strncmp(absolute, request->workspace, length) != 0 ||
        (absolute[length] != '/' && absolute[length] != '\0'))
        return CALLER_PATH_OUTSIDE;
    *out_path = g_strdup(absolute + length + (absolute[length] == '/'));
    return CALLER_PATH_INSIDE;
}

static CallerPathResult from_errno(void) {
    return errno == EACCES || errno == EPERM ? CALLER_PATH_UNREADABLE : CALLER_PATH_NOWHERE;
}

/* What is above a path that is not there. */
static CallerPathResult place_missing(const CallerPath *request, const char *path) {
    CallerPathResult result = from_errno();
    g_autofree char *above = g_strdup(path);
    while (result == CALLER_PATH_NOWHERE && errno == ENOENT) {
        char *slash = strrchr(above, '/');
        if (slash == NULL || slash == above) return result;
        *slash = '\0';
        int fd = open(above, O_PATH | O_CLOEXEC);
        if (fd < 0) continue;
        g_autofree char *name = name_of(fd);
        close(fd);
        g_autofree char *below = NULL;
        bool is_inside = name != NULL && place(request, name, &below) == CALLER_PATH_INSIDE;
        return is_inside ? CALLER_PATH_MISSING : result;
    }
    return result;
}

/* All of the path exists and is followed to its end. */
static CallerPathResult place_whole(const CallerPath *request, const char *path, char **out_path) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) return place_missing(request, path);
    g_autofree char *name = name_of(fd);
    close(fd);
    return name == NULL ? CALLER_PATH_UNREADABLE : place(request, name, out_path);
}

static CallerPathResult find(const CallerPath *request, const char *path, int n_links,
                             char **out_path);

/* The last name is a link, also one to nothing: O_CREAT makes its target. */
static CallerPathResult follow(const CallerPath *request, int folder, const char *name, int n_links,
                               char **out_path) {
    char target[PATH_MAX];
    ssize_t length = readlinkat(folder, name, target, sizeof target - 1);
    if (length < 0) return from_errno();
    target[length] = '\0';
    g_autofree char *path = *target == '/' ? translate(request->caller, target)
                                           : g_strdup_printf("/proc/self/fd/%d/%s", folder, target);
    return find(request, path, n_links + 1, out_path);
}

static bool is_link(int folder, const char *name) {
    struct stat info;
    return fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

/* `path` is one that we can open. */
static CallerPathResult find(const CallerPath *request, const char *path, int n_links,
                             char **out_path) {
    if (n_links > MAX_LINKS) return CALLER_PATH_NOWHERE;
    g_autofree char *trimmed = g_strdup(path);
    for (size_t n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--) trimmed[n - 1] = '\0';
    char *slash = strrchr(trimmed, '/');
    const char *name = slash + 1;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return place_whole(request, trimmed, out_path);
    g_autofree char *above = g_strndup(trimmed, (size_t)(slash - trimmed) + 1);
    int folder = open(above, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return place_missing(request, above);
    CallerPathResult result = CALLER_PATH_UNREADABLE;
    g_autofree char *folder_name = name_of(folder);
    /* What is open in a process is a link of another kind. */
    if (g_str_has_prefix(above, "/proc/") && g_str_has_suffix(above, "/fd/"))
        result = place_whole(request, trimmed, out_path);
    else if (request->is_followed && is_link(folder, name))
        result = follow(request, folder, name, n_links, out_path);
    else if (folder_name != NULL) {
        g_autofree char *absolute =
            g_strconcat(folder_name, strcmp(folder_name, "/") == 0 ? "" : "/", name, NULL);
        result = place(request, absolute, out_path);
    }
    close(folder);
    return result;
}

CallerPathResult caller_path_of_text(const CallerPath *request, const char *text, char **out_path) {
    if (*text == '\0') return CALLER_PATH_NOWHERE;
    g_autofree char *start = *text == '/' ? NULL : start_folder(request);
    g_autofree char *path =
        *text == '/' ? translate(request->caller, text) : g_strconcat(start, "/", text, NULL);
    return find(request, path, 0, out_path);
}

CallerPathResult caller_path_find(const CallerPath *request, char **out_path) {
    /* No path at all: the open folder or file itself is meant. */
    if (request->text == 0) return caller_path_of_fd(request, request->folder_fd, out_path);
    g_autofree char *text = read_text(request->caller, request->text);
    if (text == NULL) return CALLER_PATH_UNREADABLE;
    if (*text == '\0') return caller_path_of_fd(request, request->folder_fd, out_path);
    return caller_path_of_text(request, text, out_path);
}

CallerPathResult caller_path_of_fd(const CallerPath *request, int fd, char **out_path) {
    if (fd == AT_FDCWD) {
        g_autofree char *folder = start_folder(request);
        return place_whole(request, folder, out_path);
    }
    g_autofree char *path = g_strdup_printf("/proc/%d/fd/%d", (int)request->caller, fd);
    return place_whole(request, path, out_path);
}

/* sandbox/temp_folder.c: removal by descriptors; deep trees are flattened on the way. */
#include "sandbox/temp_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define PREFIX "command-"

enum { MAX_DEPTH = 64, MAX_ROUNDS = 100000 };

typedef struct {
    int top;
    unsigned n_moved;
} Removal;

char *temp_folder_make(const char *parent, GError **error) {
    g_autofree char *name = g_strdup_printf(PREFIX "%d-XXXXXX", (int)getpid());
    char *path = g_build_filename(parent, name, NULL);
    if (g_mkdtemp_full(path, 0700) != NULL) return path;
    error_set_errno(error, errno, "making a temporary folder in '%s'", parent);
    g_free(path);
    return NULL;
}

static void empty_folder(Removal *removal, int folder, unsigned depth);

static void remove_entry(Removal *removal, int folder, const char *name, unsigned depth) {
    if (unlinkat(folder, name, 0) == 0) return;
    /* The command may have taken its own permissions away. */
    int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0 && fchmodat(folder, name, 0700, 0) == 0)
        below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below < 0) return;
    if (depth < MAX_DEPTH) {
        fchmod(below, 0700);
        empty_folder(removal, below, depth + 1);
        unlinkat(folder, name, AT_REMOVEDIR);
    } else {
        char moved[32];
        g_snprintf(moved, sizeof moved, "deep-%u", removal->n_moved++);
        renameat(folder, name, removal->top, moved);
    }
    close(below);
}

/* Takes ownership of nothing; `folder` stays open. */
static void empty_folder(Removal *removal, int folder, unsigned depth) {
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = own >= 0 ? fdopendir(own) : NULL;
    if (entries == NULL) {
        if (own >= 0) close(own);
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_entry(removal, folder, entry->d_name, depth);
    closedir(entries);
}

static void empty_open_folder(int top) {
    Removal removal = { .top = top };
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        unsigned n_moved = removal.n_moved;
        empty_folder(&removal, top, 0);
        if (n_moved == removal.n_moved) break;
    }
}

bool temp_folder_empty(const char *path) {
    int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0) return false;
    empty_open_folder(top);
    struct stat status;
    bool is_ok = fstat(top, &status) == 0 && (status.st_mode & 07777) == 0700;
    DIR *entries = fdopendir(top);
    if (entries == NULL) {
        close(top);
        return false;
    }
    rewinddir(entries);
    unsigned n_entries = 0;
    while (n_entries <= 2 && readdir(entries) != NULL) n_entries++;
    closedir(entries);
    return is_ok && n_entries == 2; /* "." and ".." */
}

void temp_folder_remove(const char *path) {
    int top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0 && chmod(path, 0700) == 0)
        top = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (top < 0) return;
    fchmod(top, 0700);
    empty_open_folder(top);
    close(top);
    rmdir(path);
}

void temp_folder_sweep(const char *parent) {
    g_autoptr(GDir) folder = g_dir_open(parent, 0, NULL);
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        if (!g_str_has_prefix(name, PREFIX)) continue;
        gint64 pid = g_ascii_strtoll(name + strlen(PREFIX), NULL, 10);
        if (pid <= 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH) continue;
        g_autofree char *path = g_build_filename(parent, name, NULL);
        temp_folder_remove(path);
    }
}

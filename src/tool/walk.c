/* tool/walk.c: folders by descriptor, one at a time. */
#include "tool/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "tool/ignore.h"
#include "tool/path.h"

#define MAX_DEPTH 128
#define MAX_ENTRIES 500000

typedef struct {
    Walk *walk;
    IgnoreStack *ignore;
    char *prefix;   /* before every path that is shown: "" or "/usr/include/" */
    size_t skipped; /* bytes of a path from the stack's start to the folder asked for */
    unsigned n_entries;
    bool is_over;
} State;

/* What is asked for, as a path from the workspace, or NULL when it is elsewhere. */
static char *in_workspace(const char *path) {
    g_autofree char *workspace = g_get_current_dir();
    size_t length = strlen(workspace);
    if (path[0] == '/' && strncmp(path, workspace, length) == 0 &&
        (path[length] == '/' || path[length] == '\0'))
        path += length;
    else if (path[0] == '/')
        return NULL;
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) clean = g_string_new(NULL);
    for (char **part = parts; *part != NULL; part++) {
        if (**part == '\0' || strcmp(*part, ".") == 0) continue;
        if (strcmp(*part, "..") == 0) return NULL;
        g_string_append_printf(clean, "%s%s", clean->len > 0 ? "/" : "", *part);
    }
    return g_string_free(g_steal_pointer(&clean), FALSE);
}

static GPtrArray *names_in(int fd) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    DIR *listing = fdopendir(dup(fd));
    if (listing == NULL) return names;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(entry->d_name));
    closedir(listing);
    text_array_sort(names);
    return names;
}

static bool report(State *state, const WalkEntry *entry) {
    if (++state->n_entries > MAX_ENTRIES || !state->walk->on_entry(entry, state->walk->user_data))
        state->is_over = true;
    return !state->is_over;
}

static void visit_folder(State *state, int fd, const char *path, int depth);

static void visit(State *state, int folder_fd, const char *folder, const char *name, int depth) {
    const Walk *walk = state->walk;
    struct stat info;
    if (strcmp(name, ".git") == 0 || (name[0] == '.' && !walk->with_hidden)) return;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
    bool is_folder = S_ISDIR(info.st_mode);
    g_autofree char *path =
        folder[0] != '\0' ? g_strconcat(folder, "/", name, NULL) : g_strdup(name);
    if (!walk->with_ignored && ignore_stack_hides(state->ignore, path, is_folder)) return;
    g_autofree char *shown = g_strconcat(state->prefix, path, NULL);
    WalkEntry entry = { .path = shown,
                        .inner = path + state->skipped,
                        .name = name,
                        .folder_fd = folder_fd,
                        .is_folder = is_folder,
                        .is_link = S_ISLNK(info.st_mode) };
    bool is_wanted = is_folder ? walk->with_folders : S_ISREG(info.st_mode) || entry.is_link;
    if (is_wanted && !report(state, &entry)) return;
    if (!is_folder || (walk->max_depth > 0 && depth >= walk->max_depth) || depth >= MAX_DEPTH)
        return;
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        state->walk->n_unreadable++;
        return;
    }
    visit_folder(state, fd, path, depth + 1);
    close(fd);
}

static void visit_folder(State *state, int fd, const char *path, int depth) {
    ignore_stack_push(state->ignore, path, fd);
    g_autoptr(GPtrArray) names = names_in(fd);
    for (unsigned i = 0; i < names->len && !state->is_over; i++)
        visit(state, fd, path, g_ptr_array_index(names, i), depth);
    ignore_stack_pop(state->ignore);
}

/* The rules of the folders above the one that is asked for. */
static void push_parents(IgnoreStack *ignore, const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_autoptr(GString) so_far = g_string_new(NULL);
    for (char **part = parts; *part != NULL && **part != '\0'; part++) {
        int fd = open(so_far->len > 0 ? so_far->str : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
        ignore_stack_push(ignore, so_far->str, fd);
        if (fd >= 0) close(fd);
        g_string_append_printf(so_far, "%s%s", so_far->len > 0 ? "/" : "", *part);
    }
}

static void visit_file(State *state, const char *path) {
    const char *slash = strrchr(path, '/');
    WalkEntry entry = {
        .path = path, .inner = slash != NULL ? slash + 1 : path, .name = path, .folder_fd = AT_FDCWD
    };
    state->walk->is_single = true;
    (void)report(state, &entry);
}

bool walk_run(Walk *walk, GError **error) {
    const char *asked = walk->path[0] != '\0' ? walk->path : ".";
    struct stat info;
    int fd = tool_path_open_read(asked, &info, error);
    if (fd < 0) return false;
    g_autofree char *inside = in_workspace(asked);
    State state = { .walk = walk, .ignore = ignore_stack_new() };
    const char *base = inside != NULL ? inside : "";
    state.skipped = base[0] != '\0' ? strlen(base) + 1 : 0;
    bool needs_slash = inside == NULL && !g_str_has_suffix(asked, "/");
    state.prefix = g_strconcat(inside == NULL ? asked : "", needs_slash ? "/" : "", NULL);
    if (inside != NULL) push_parents(state.ignore, inside);
    if (S_ISDIR(info.st_mode))
        visit_folder(&state, fd, base, 1);
    else
        visit_file(&state, inside != NULL ? inside : asked);
    close(fd);
    ignore_stack_free(state.ignore);
    g_free(state.prefix);
    return true;
}

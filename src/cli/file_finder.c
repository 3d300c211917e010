/* cli/file_finder.c: breadth first, bounded. */
#include "cli/file_finder.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 4000, MAX_VISITS = 20000, MAX_DEPTH = 8 };

typedef struct {
    char *path; /* "" or "src/" */
    unsigned depth;
} Folder;

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_skipped(const char *name) {
    static const char *const names[] = { "build", "node_modules", "target", "__pycache__", NULL };
    return name[0] == '.' || g_strv_contains(names, name);
}

/* A path that could not be typed as one word is of no use here. */
static bool is_usable(const char *name) {
    for (const char *at = name; *at != '\0'; at++)
        if ((unsigned char)*at <= 0x20 || *at == 0x7F) return false;
    return g_utf8_validate(name, -1, NULL);
}

typedef enum { ENTRY_OTHER, ENTRY_FILE, ENTRY_FOLDER } EntryKind;

static EntryKind kind_of(const char *folder, const struct dirent *entry) {
    if (entry->d_type == DT_REG) return ENTRY_FILE;
    if (entry->d_type == DT_DIR) return ENTRY_FOLDER;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK) return ENTRY_OTHER;
    g_autofree char *path = g_build_filename(folder, entry->d_name, NULL);
    struct stat facts;
    bool is_link = entry->d_type == DT_LNK;
    if ((is_link ? stat(path, &facts) : lstat(path, &facts)) != 0) return ENTRY_OTHER;
    if (S_ISREG(facts.st_mode)) return ENTRY_FILE;
    return S_ISDIR(facts.st_mode) && !is_link ? ENTRY_FOLDER : ENTRY_OTHER;
}

static void visit(const Folder *folder, GQueue *folders, GPtrArray *files, size_t *n_visits) {
    const char *where = folder->path[0] != '\0' ? folder->path : ".";
    DIR *directory = opendir(where);
    if (directory == NULL) return;
    guint first = files->len;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL && files->len < MAX_FILES) {
        if (++*n_visits > MAX_VISITS) break;
        if (is_skipped(entry->d_name) || !is_usable(entry->d_name)) continue;
        EntryKind kind = kind_of(where, entry);
        if (kind == ENTRY_FILE)
            g_ptr_array_add(files, g_strconcat(folder->path, entry->d_name, NULL));
        if (kind != ENTRY_FOLDER || folder->depth >= MAX_DEPTH) continue;
        Folder *below = g_new0(Folder, 1);
        below->path = g_strconcat(folder->path, entry->d_name, "/", NULL);
        below->depth = folder->depth + 1;
        g_queue_push_tail(folders, below);
    }
    closedir(directory);
    if (files->len > first)
        qsort(files->pdata + first, files->len - first, sizeof(void *), compare_names);
}

GPtrArray *file_finder_list(void) {
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    GQueue folders = G_QUEUE_INIT;
    Folder *top = g_new0(Folder, 1);
    top->path = g_strdup("");
    g_queue_push_tail(&folders, top);
    size_t n_visits = 0;
    Folder *folder;
    while ((folder = g_queue_pop_head(&folders)) != NULL) {
        if (files->len < MAX_FILES && n_visits < MAX_VISITS)
            visit(folder, &folders, files, &n_visits);
        g_free(folder->path);
        g_free(folder);
    }
    return files;
}

GPtrArray *file_finder_complete(const char *word, const char *home) {
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    const char *name = strrchr(word, '/');
    name = name != NULL ? name + 1 : word;
    g_autofree char *typed = g_strndup(word, (gsize)(name - word));
    bool is_home = home != NULL && g_str_has_prefix(typed, "~/");
    g_autofree char *folder = is_home            ? g_build_filename(home, typed + 2, NULL)
                              : typed[0] != '\0' ? g_strdup(typed)
                                                 : g_strdup(".");
    DIR *directory = opendir(folder);
    if (directory == NULL) return paths;
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL && paths->len < MAX_FILES) {
        bool is_hidden = entry->d_name[0] == '.' && name[0] != '.';
        if (is_hidden || !g_str_has_prefix(entry->d_name, name) || !is_usable(entry->d_name))
            continue;
        EntryKind kind = kind_of(folder, entry);
        if (kind == ENTRY_OTHER || strcmp(entry->d_name, ".") == 0) continue;
        g_ptr_array_add(paths,
                        g_strconcat(typed, entry->d_name, kind == ENTRY_FOLDER ? "/" : "", NULL));
    }
    closedir(directory);
    qsort(paths->pdata, paths->len, sizeof(void *), compare_names);
    return paths;
}

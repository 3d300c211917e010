/* memory/sync_walk.c: listing the roots. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/sync.h"

#define MAX_DEPTH 40

/* Clocks of file systems tick every 1 to 10 ms. */
#define UNSURE_NS 50000000

typedef struct {
    /* borrowed */
    SyncListing *listing;
    const MemoryRoot *root;
    IndexSource source;
    GHashTable *visited; /* "device:inode" of folders */
    GHashTable *seen;    /* shown paths, borrowed from the listing */
    Cancel *cancel;
} Walk;

void sync_listing_free(SyncListing *listing) {
    if (listing == NULL) return;
    for (unsigned i = 0; i < listing->files->len; i++)
        g_free(g_array_index(listing->files, SyncFile, i).path);
    for (unsigned i = 0; i < listing->folders->len; i++)
        g_free(g_array_index(listing->folders, SyncFolder, i).path);
    g_array_unref(listing->files);
    g_array_unref(listing->folders);
    g_ptr_array_unref(listing->problems);
    g_free(listing);
}

static int64_t mtime_of(const struct stat *info) {
    return info->st_mtim.tv_sec * 1000000000 + info->st_mtim.tv_nsec;
}

int64_t sync_safe_time(int64_t mtime_ns) {
    int64_t age = g_get_real_time() * 1000 - mtime_ns;
    return age < UNSURE_NS ? mtime_ns + 1 : mtime_ns;
}

/* "**" and "/" are nothing special: every '*' stands for any characters. */
static bool fits(const MemoryRoot *root, const char *name) {
    const char *pattern = root->pattern;
    if (fnmatch(pattern, name, FNM_PERIOD) == 0) return true;
    return g_str_has_prefix(pattern, "**/") && fnmatch(pattern + 3, name, 0) == 0;
}

static void add_problem(Walk *walk, const char *path, int why) {
    if (why == ENOENT) return;
    g_ptr_array_add(walk->listing->problems, g_strdup_printf("'%s': %s", path, g_strerror(why)));
}

static void add_file(Walk *walk, const char *below, const struct stat *info) {
    if (!fits(walk->root, below)) return;
    const SyncFile file = { .path = g_strconcat(walk->root->prefix, below, NULL),
                            .source = walk->source,
                            .mtime_ns = mtime_of(info),
                            .size_bytes = info->st_size,
                            .inode = info->st_ino };
    if (!g_hash_table_add(walk->seen, file.path)) {
        g_free(file.path);
        return;
    }
    g_array_append_val(walk->listing->files, file);
}

/* A folder that is open. */
typedef struct {
    int fd;
    const char *path, *below; /* absolute, and below the root */
    int depth;
} OpenFolder;

static void visit_folder(Walk *walk, const char *path, const char *below, int depth);

static void visit_entry(Walk *walk, const OpenFolder *folder, const char *name) {
    struct stat info;
    const char *below = folder->below;
    g_autofree char *inner = g_build_filename(folder->path, name, NULL);
    if (fstatat(folder->fd, name, &info, 0) != 0) {
        /* A link that leads nowhere, or in a circle, is nobody's note. */
        struct stat link;
        bool is_link =
            fstatat(folder->fd, name, &link, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(link.st_mode);
        if (!is_link) add_problem(walk, inner, errno);
        return;
    }
    g_autofree char *deeper =
        below[0] != '\0' ? g_strconcat(below, "/", name, NULL) : g_strdup(name);
    if (S_ISDIR(info.st_mode))
        visit_folder(walk, inner, deeper, folder->depth + 1);
    else if (S_ISREG(info.st_mode))
        add_file(walk, deeper, &info);
}

static bool is_first_visit(Walk *walk, const struct stat *info) {
    char *key =
        g_strdup_printf("%lx:%lx", (unsigned long)info->st_dev, (unsigned long)info->st_ino);
    return g_hash_table_add(walk->visited, key);
}

static void list_folder(Walk *walk, DIR *listing, const char *path, const char *below, int depth) {
    const OpenFolder folder = { dirfd(listing), path, below, depth };
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (entry->d_name[0] == '.' || cancel_is_triggered(walk->cancel)) continue;
        bool is_other = entry->d_type != DT_DIR && entry->d_type != DT_REG &&
                        entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN;
        if (is_other) continue;
        /* Most files of a folder that is no note's are never looked at. */
        bool may_fit = entry->d_type != DT_REG || strchr(walk->root->pattern, '/') != NULL ||
                       fnmatch(walk->root->pattern, entry->d_name, 0) == 0;
        if (may_fit) visit_entry(walk, &folder, entry->d_name);
    }
}

static void visit_folder(Walk *walk, const char *path, const char *below, int depth) {
    if (depth > MAX_DEPTH) return;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        add_problem(walk, path, errno);
        if (fd >= 0) close(fd);
        return;
    }
    DIR *listing = is_first_visit(walk, &info) ? fdopendir(fd) : NULL;
    if (listing == NULL) {
        close(fd);
        return;
    }
    /* The time from before the listing: what is added meanwhile is found by the next look. */
    const SyncFolder folder = { g_strdup(path), sync_safe_time(mtime_of(&info)) };
    g_array_append_val(walk->listing->folders, folder);
    list_folder(walk, listing, path, below, depth);
    closedir(listing);
}

static void walk_root(SyncListing *listing, const MemoryRoot *root, IndexSource source,
                      GHashTable *seen, Cancel *cancel) {
    g_autoptr(GHashTable) visited = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Walk walk = { listing, root, source, visited, seen, cancel };
    visit_folder(&walk, root->folder, "", 0);
}

SyncListing *sync_list(const Memory *memory, Cancel *cancel, GError **error) {
    g_autoptr(SyncListing) listing = g_new0(SyncListing, 1);
    listing->files = g_array_new(FALSE, FALSE, sizeof(SyncFile));
    listing->folders = g_array_new(FALSE, FALSE, sizeof(SyncFolder));
    listing->problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < memory->roots->len; i++)
        walk_root(listing, g_ptr_array_index(memory->roots, i), INDEX_NOTES, seen, cancel);
    if (memory->indexes_sessions && memory->sessions != NULL) {
        g_autoptr(GHashTable) sessions = g_hash_table_new(g_str_hash, g_str_equal);
        char everything[] = "", pattern[] = "*.jsonl";
        const MemoryRoot root = { memory->sessions, everything, pattern };
        walk_root(listing, &root, INDEX_SESSIONS, sessions, cancel);
    }
    return cancel_check(cancel, error) ? g_steal_pointer(&listing) : NULL;
}

/* Whether a part of the path is hidden. */
static bool is_hidden(const char *below) {
    return below[0] == '.' || strstr(below, "/.") != NULL;
}

bool sync_look(const Memory *memory, const char *path, SyncFile *out) {
    for (unsigned i = 0; i < memory->roots->len; i++) {
        const MemoryRoot *root = g_ptr_array_index(memory->roots, i);
        if (!g_str_has_prefix(path, root->prefix)) continue;
        const char *below = path + strlen(root->prefix);
        if (below[0] == '/' || is_hidden(below) || !fits(root, below)) continue;
        g_autofree char *absolute = memory_absolute_path(memory, INDEX_NOTES, path);
        struct stat info;
        if (stat(absolute, &info) != 0 || !S_ISREG(info.st_mode)) return false;
        *out =
            (SyncFile){ g_strdup(path), INDEX_NOTES, mtime_of(&info), info.st_size, info.st_ino };
        return true;
    }
    return false;
}

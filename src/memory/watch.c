/* memory/watch.c: see the header. */
#include "memory/watch.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/error.h"
#include "memory/sync.h"

/* MODIFY as well as CLOSE_WRITE: a log may be kept open for days. */
#define EVENTS                                                                                     \
    (IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |            \
     IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR)

struct MemoryWatch {
    int fd;              /* owned */
    GHashTable *folders; /* owned: watch descriptor to absolute path */
};

/* What one reading of the queue came to. */
typedef struct {
    GHashTable *paths;    /* owned: shown paths */
    bool is_tree_changed; /* folders came or went, or news was lost */
} News;

void memory_watch_stop(Memory *memory) {
    MemoryWatch *watch = memory->watch;
    if (watch == NULL) return;
    close(watch->fd);
    g_hash_table_unref(watch->folders);
    g_free(watch);
    memory->watch = NULL;
}

int memory_watch_fd(const Memory *memory) {
    return memory->watch != NULL ? memory->watch->fd : -1;
}

static bool add_folders(Memory *memory, Cancel *cancel, GError **error) {
    g_autoptr(SyncListing) listing = sync_list(memory, cancel, error);
    if (listing == NULL) return false;
    for (unsigned i = 0; i < listing->folders->len; i++) {
        const SyncFolder *folder = &g_array_index(listing->folders, SyncFolder, i);
        int descriptor = inotify_add_watch(memory->watch->fd, folder->path, EVENTS);
        if (descriptor >= 0) {
            g_hash_table_replace(memory->watch->folders, GINT_TO_POINTER(descriptor),
                                 g_strdup(folder->path));
        } else if (errno == ENOSPC || errno == ENOMEM) {
            error_set_with_hint(error, ERR_LIMIT, "Raise fs.inotify.max_user_watches.",
                                "the kernel watches no more than %u folders for you",
                                g_hash_table_size(memory->watch->folders));
            return false;
        }
    }
    return true;
}

bool memory_watch_start(Memory *memory, Cancel *cancel, GError **error) {
    memory_watch_stop(memory);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "watching the notes");
        return false;
    }
    memory->watch = g_new0(MemoryWatch, 1);
    memory->watch->fd = fd;
    memory->watch->folders = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    /* In this order: what changes after the look is news. */
    if (add_folders(memory, cancel, error) && memory_sync(memory, SYNC_WHOLE, cancel, NULL, error))
        return true;
    memory_watch_stop(memory);
    return false;
}

/* As it is shown; NULL when no root has it. New string. */
static char *shown_path(const Memory *memory, const char *absolute) {
    for (unsigned i = 0; i < memory->roots->len; i++) {
        const MemoryRoot *root = g_ptr_array_index(memory->roots, i);
        size_t length = strlen(root->folder);
        if (strncmp(absolute, root->folder, length) == 0 && absolute[length] == '/')
            return g_strconcat(root->prefix, absolute + length + 1, NULL);
    }
    return NULL;
}

static void take_event(Memory *memory, const struct inotify_event *event, News *news) {
    const unsigned lost = IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED;
    if (event->mask & IN_IGNORED)
        g_hash_table_remove(memory->watch->folders, GINT_TO_POINTER(event->wd));
    if (event->mask & (lost | IN_ISDIR)) {
        bool is_hidden = event->len > 0 && event->name[0] == '.';
        news->is_tree_changed = news->is_tree_changed || !is_hidden;
        return;
    }
    const char *folder = g_hash_table_lookup(memory->watch->folders, GINT_TO_POINTER(event->wd));
    if (folder == NULL || event->len == 0 || event->name[0] == '.') return;
    g_autofree char *absolute = g_build_filename(folder, event->name, NULL);
    char *path = shown_path(memory, absolute);
    if (path != NULL) g_hash_table_add(news->paths, path);
}

static void read_news(Memory *memory, News *news) {
    char buffer[16384] __attribute__((aligned(8)));
    for (;;) {
        ssize_t n = read(memory->watch->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        for (char *at = buffer; at < buffer + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;
            take_event(memory, event, news);
            at += sizeof *event + event->len;
        }
    }
}

static bool apply_paths(Memory *memory, const News *news, Cancel *cancel, SyncReport *out_report,
                        GError **error) {
    if (g_hash_table_size(news->paths) == 0) return true;
    g_autofree const char **paths =
        (const char **)g_hash_table_get_keys_as_array(news->paths, NULL);
    return memory_sync_paths(memory, paths, cancel, out_report, error);
}

bool memory_watch_apply(Memory *memory, Cancel *cancel, SyncReport *out_report, GError **error) {
    if (memory->watch == NULL) return true;
    g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    News news = { .paths = paths };
    if (out_report != NULL) *out_report = (SyncReport){ 0 };
    read_news(memory, &news);
    if (!news.is_tree_changed) return apply_paths(memory, &news, cancel, out_report, error);
    return add_folders(memory, cancel, error) &&
           memory_sync(memory, SYNC_WHOLE, cancel, out_report, error);
}

/* undo/location.c: where a journal lies, its turns by number, and removing trees. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "undo/journal-private.h"

/* Of the hash of the workspace's path. */
enum { KEY_LENGTH = 16 };

/* Whether names can be moved from one open folder to the other: the same file system, and the same
 * mount of it. */
static bool are_together(int fd, int other_fd) {
    struct statx one, other;
    unsigned mask = STATX_BASIC_STATS | STATX_MNT_ID;
    if (statx(fd, "", AT_EMPTY_PATH, mask, &one) != 0 ||
        statx(other_fd, "", AT_EMPTY_PATH, mask, &other) != 0)
        return false;
    return one.stx_dev_major == other.stx_dev_major && one.stx_dev_minor == other.stx_dev_minor &&
           one.stx_mnt_id == other.stx_mnt_id;
}

/* Opens (and makes) `folder`, ours alone; -1 when that cannot be. */
static int open_private(const char *folder, GError **error) {
    if (!file_make_folders(folder, error)) return -1;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat info;
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077) == 0)
        return fd;
    if (fd >= 0) close(fd);
    error_set(error, ERR_DENIED, "'%s' is not a private folder of this user", folder);
    return -1;
}

static bool accept(UndoJournal *journal, char *folder, int fd, bool has_overlay) {
    journal->folder = folder;
    journal->folder_fd = fd;
    journal->has_overlay = has_overlay;
    return true;
}

/* <state>/undo/<key>; beside the workspace, hidden, when that is another file system; else the
 * first again, and then changes cannot be renamed into place. */
bool undo_location_find(UndoJournal *journal, const Paths *paths, GError **error) {
    g_autofree char *key = hash_sha256_of(journal->workspace, strlen(journal->workspace));
    key[KEY_LENGTH] = '\0';
    g_autofree char *state = g_build_filename(paths->state, "undo", key, NULL);
    int fd = open_private(state, error);
    if (fd < 0) return false;
    g_autofree char *real = realpath(state, NULL);
    bool is_inside = real == NULL || undo_place_is_within(real, journal->workspace) ||
                     undo_place_is_within(journal->workspace, real);
    if (!is_inside && are_together(fd, journal->workspace_fd))
        return accept(journal, g_steal_pointer(&state), fd, true);
    g_autofree char *parent = g_path_get_dirname(journal->workspace);
    g_autofree char *name = g_path_get_basename(journal->workspace);
    g_autofree char *sibling = g_strdup_printf("%s/.%s.localgpt-undo", parent, name);
    int sibling_fd = access(parent, W_OK) == 0 ? open_private(sibling, NULL) : -1;
    if (sibling_fd >= 0 && are_together(sibling_fd, journal->workspace_fd)) {
        close(fd);
        rmdir(state);
        return accept(journal, g_steal_pointer(&sibling), sibling_fd, true);
    }
    if (sibling_fd >= 0) {
        close(sibling_fd);
        rmdir(sibling);
    }
    return accept(journal, g_steal_pointer(&state), fd, false);
}

char *undo_location_turn(const UndoJournal *journal, int64_t number) {
    return g_strdup_printf("%s/turns/%" G_GINT64_FORMAT, journal->folder, (gint64)number);
}

static int compare_numbers(const void *one, const void *other) {
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

GArray *undo_location_turns(const UndoJournal *journal, GError **error) {
    int fd = openat(journal->folder_fd, "turns", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(GPtrArray) names = fd >= 0 ? undo_place_list(fd) : NULL;
    if (fd >= 0) close(fd);
    if (names == NULL) {
        error_set_errno(error, errno, "listing '%s/turns'", journal->folder);
        return NULL;
    }
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (unsigned i = 0; i < names->len; i++) {
        gint64 number;
        if (!g_ascii_string_to_signed(names->pdata[i], 10, 1, G_MAXINT64, &number, NULL)) continue;
        int64_t value = number;
        g_array_append_val(numbers, value);
    }
    g_array_sort(numbers, compare_numbers);
    return numbers;
}

int undo_journal_lock(const UndoJournal *journal, GError **error) {
    int fd = openat(journal->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(fd);
            fd = -1;
        }
    if (fd < 0) error_set_errno(error, errno, "locking '%s'", journal->folder);
    return fd;
}

/* ---- Removing ---- */

/* A command can make trees that are deeper than there are descriptors: every folder that is not
 * empty is lifted to the top before it is looked into. */
static bool empty_folder(int top_fd, int folder_fd, unsigned *n_lifted) {
    g_autoptr(GPtrArray) names = undo_place_list(folder_fd);
    if (names == NULL) return false;
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (unlinkat(folder_fd, name, 0) == 0 || unlinkat(folder_fd, name, AT_REMOVEDIR) == 0)
            continue;
        if (folder_fd == top_fd) continue;
        g_autofree char *lifted = g_strdup_printf(".%u", ++*n_lifted);
        /* A folder without permissions cannot be moved: its ".." changes. */
        (void)!fchmodat(folder_fd, name, 0700, 0);
        if (renameat2(folder_fd, name, top_fd, lifted, RENAME_NOREPLACE) != 0) return false;
    }
    return true;
}

static bool empty_top(int top_fd) {
    unsigned n_lifted = 0;
    for (;;) {
        if (!empty_folder(top_fd, top_fd, &n_lifted)) return false;
        g_autoptr(GPtrArray) names = undo_place_list(top_fd);
        if (names == NULL || names->len == 0) return names != NULL;
        for (unsigned i = 0; i < names->len; i++) {
            (void)!fchmodat(top_fd, names->pdata[i], 0700, 0);
            int fd =
                openat(top_fd, names->pdata[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            bool is_ok = fd >= 0 && empty_folder(top_fd, fd, &n_lifted);
            if (fd >= 0) close(fd);
            if (!is_ok || unlinkat(top_fd, names->pdata[i], AT_REMOVEDIR) != 0) return false;
        }
    }
}

bool undo_location_remove_tree(int folder_fd, const char *name, GError **error) {
    (void)!fchmodat(folder_fd, name, 0700, 0);
    int fd = openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return true;
    bool is_ok = fd >= 0 && empty_top(fd);
    int saved = errno;
    if (fd >= 0) close(fd);
    if (is_ok && unlinkat(folder_fd, name, AT_REMOVEDIR) == 0) return true;
    error_set_errno(error, is_ok ? errno : saved, "removing '%s'", name);
    return false;
}

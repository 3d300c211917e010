/*
 * undo/commit.c: carries what a command did in its overlay out into the workspace.
 *
 * The upper folder is walked from the top. A file in it is the new version: it changes places with
 * the old one, which goes to b/N. A whiteout (a character device 0:0) says that the name was
 * removed, an "opaque" folder that nothing of the old one shows through. A folder's times are set
 * when all in it is done.
 *
 * Everything is decided by what stands there at that moment, so that a commit that was killed is
 * simply begun again: what is in place already is no longer in the upper folder.
 *
 * What somebody else changed since the command began, or has open for writing, is withheld: the
 * workspace keeps their version.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "undo/journal-private.h"

#define CHANGED_ELSEWHERE "changed by somebody else meanwhile; their version was kept"
#define OPEN_ELSEWHERE "open elsewhere or changed at that moment; that version was kept"
#define NOT_EMPTY "holds what somebody else made meanwhile"
#define PROTECTED "protected"

/* Of the log, for one path: two images with two hashes and a long name. */
enum { RECORD_BYTES = 1200 };

/* Each level holds three descriptors. */
enum { MAX_DEPTH = 200 };

/* One name at work: in the upper folder (if it is there) and in the workspace. */
typedef struct {
    UndoStep *step;
    const char *path;
    const char *name;
    int upper_fd;  /* of the folder above, -1 while a tree is removed */
    int target_fd; /* the same in the workspace */
} Item;

static bool commit_folder(UndoStep *step, const char *path, int upper_fd, GError **error);
static bool remove_path(const Item *item, const UndoImage *old, GError **error);

static bool withhold(const Item *item, const char *why, GError **error) {
    return undo_step_tell(item->step, UNDO_RECORD_WITHHELD, item->path, why, error);
}

static void remember_own(UndoStep *step, int folder_fd, const char *name) {
    struct stat info;
    if (fstatat(folder_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(info.st_mode)) return;
    int64_t *inode = g_new(int64_t, 1), *changed_ns = g_new(int64_t, 1);
    *inode = (int64_t)info.st_ino;
    *changed_ns = undo_image_time_ns(info.st_ctim);
    g_hash_table_replace(step->own, inode, changed_ns);
}

/* Somebody touched it after the command had begun, and it was not this commit (which moves one name
 * of a file and so changes the times of its other names). */
static bool is_touched(UndoStep *step, const UndoImage *old) {
    if (old->kind == UNDO_KIND_ABSENT || old->changed_ns < step->clock_ns) return false;
    const int64_t *own = g_hash_table_lookup(step->own, &old->inode);
    return own == NULL || *own != old->changed_ns;
}

static bool is_protected(const UndoStep *step, const char *path) {
    for (unsigned i = 0; i < step->withheld->len; i++)
        if (undo_place_is_within(path, step->withheld->pdata[i])) return true;
    return false;
}

/* Notes both ends before the change, so that a later process knows which file is which. */
static bool note_both(const Item *item, const UndoImage *old, const UndoImage *fresh,
                      GError **error) {
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    if (entry != NULL && entry->has_before && entry->has_after) return true;
    bool has_content = old->kind != UNDO_KIND_ABSENT && old->kind != UNDO_KIND_FOLDER;
    return ((entry != NULL && entry->has_before) ||
            undo_before_note(item->step, item->path, old, has_content, error)) &&
           undo_step_note(item->step, UNDO_RECORD_AFTER, item->path, fresh, error);
}

static char *blob_of(const Item *item) {
    return undo_turn_log_blob('b', undo_step_entry(item->step, item->path));
}

/* What stands in the way of one path is told with it: the others go on. */
static bool settle(const Item *item, UndoMove move, GError *problem, GError **error) {
    if (move == UNDO_MOVED) return true;
    if (move == UNDO_OTHERS) return withhold(item, OPEN_ELSEWHERE, error);
    if (error_is(problem, ERR_DENIED)) {
        bool is_ok = withhold(item, problem->message, error);
        g_error_free(problem);
        return is_ok;
    }
    g_propagate_error(error, problem);
    return false;
}

/* ---- Removing ---- */

static bool take_file(const Item *item, const UndoImage *old, GError **error) {
    if (is_touched(item->step, old)) return withhold(item, CHANGED_ELSEWHERE, error);
    const UndoImage gone = { 0 };
    if (!note_both(item, old, &gone, error)) return false;
    g_autofree char *blob = blob_of(item);
    GError *problem = NULL;
    UndoSpot place = { item->target_fd, item->name };
    UndoSpot kept = { item->step->turn->folder_fd, blob };
    UndoMove move = undo_take(place, kept, old->inode, &problem);
    if (move == UNDO_MOVED) remember_own(item->step, kept.folder_fd, kept.name);
    return settle(item, move, problem, error);
}

#define NO_UPPER (-1)

/* The upper folder has the name, or had it: what this very commit has put there is no longer in it.
 */
static bool is_from_upper(const Item *item, int upper_fd, const char *name, const char *path) {
    struct stat info;
    if (upper_fd == NO_UPPER) return false;
    if (fstatat(upper_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) return true;
    const UndoEntry *entry = undo_step_entry(item->step, path);
    return entry != NULL && entry->has_after && entry->after.kind != UNDO_KIND_ABSENT;
}

/* What is below a folder goes, but for what came from the upper folder (NO_UPPER: all of it). */
static bool remove_below(const Item *item, int upper_fd, GError **error) {
    int fd = openat(item->target_fd, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    g_autoptr(GPtrArray) names = fd >= 0 ? undo_place_list(fd) : NULL;
    bool is_ok = true;
    for (unsigned i = 0; is_ok && names != NULL && i < names->len; i++) {
        g_autofree char *path = undo_place_join(item->path, names->pdata[i]);
        if (is_from_upper(item, upper_fd, names->pdata[i], path)) continue;
        const Item below = { item->step, path, names->pdata[i], -1, fd };
        UndoImage old = { 0 };
        is_ok = undo_image_read(fd, below.name, &old, error) && remove_path(&below, &old, error);
        undo_image_clear(&old);
    }
    if (fd >= 0) close(fd);
    return is_ok;
}

static bool remove_folder(const Item *item, const UndoImage *old, GError **error) {
    const UndoImage gone = { 0 };
    if (!note_both(item, old, &gone, error) || !remove_below(item, NO_UPPER, error)) return false;
    if (unlinkat(item->target_fd, item->name, AT_REMOVEDIR) == 0) return true;
    if (errno == ENOTEMPTY || errno == EEXIST) return withhold(item, NOT_EMPTY, error);
    GError *problem = NULL;
    undo_place_fail(&problem, "removing", item->path);
    return settle(item, UNDO_FAILED, problem, error);
}

static bool remove_path(const Item *item, const UndoImage *old, GError **error) {
    if (is_protected(item->step, item->path)) return withhold(item, PROTECTED, error);
    if (old->kind == UNDO_KIND_ABSENT) return true;
    return old->kind == UNDO_KIND_FOLDER ? remove_folder(item, old, error)
                                         : take_file(item, old, error);
}

/* ---- Files ---- */

static bool is_file_like(const UndoImage *image) {
    return image->kind != UNDO_KIND_ABSENT && image->kind != UNDO_KIND_FOLDER;
}

/* A killed commit may have got as far as the exchange: then the upper folder holds the old file (to
 * be kept in b/N) or, when somebody had saved in that moment, their version (to be put back). */
static bool is_exchanged(const Item *item, const UndoImage *fresh, bool *out_is_others) {
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    *out_is_others = false;
    if (!item->step->is_recovery || entry == NULL || !entry->has_after ||
        !is_file_like(&entry->before) || !is_file_like(&entry->after) ||
        fresh->inode == entry->after.inode)
        return false;
    *out_is_others = fresh->inode != entry->before.inode;
    return true;
}

static bool end_exchange(const Item *item, bool is_others, GError **error) {
    g_autofree char *blob = blob_of(item);
    int result =
        is_others
            ? renameat2(item->upper_fd, item->name, item->target_fd, item->name, RENAME_EXCHANGE)
            : renameat(item->upper_fd, item->name, item->step->turn->folder_fd, blob);
    if (result == 0 && !is_others) remember_own(item->step, item->step->turn->folder_fd, blob);
    if (result == 0) return !is_others || withhold(item, OPEN_ELSEWHERE, error);
    error_set_errno(error, errno, "ending the commit of '%s'", item->path);
    return false;
}

/* The overlay's own attributes go; a mode that a killed run had changed for that comes back. */
static bool make_ready(const Item *item, const UndoImage *fresh, GError **error) {
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    if (!undo_image_strip_overlay(item->upper_fd, item->name, error)) return false;
    if (item->step->is_recovery && entry->after.inode == fresh->inode &&
        entry->after.mode != fresh->mode && entry->after.kind == UNDO_KIND_FILE)
        (void)!fchmodat(item->upper_fd, item->name, (mode_t)entry->after.mode & 07777, 0);
    return true;
}

static bool place_file(const Item *item, const UndoImage *old, const UndoImage *fresh,
                       GError **error) {
    bool is_others;
    if (is_exchanged(item, fresh, &is_others)) return end_exchange(item, is_others, error);
    if (is_touched(item->step, old)) return withhold(item, CHANGED_ELSEWHERE, error);
    if (old->kind == UNDO_KIND_FOLDER) {
        if (!remove_folder(item, old, error)) return false;
        const UndoEntry *entry = undo_step_entry(item->step, item->path);
        if (entry != NULL && entry->withheld != NULL) return true;
    } else if (!note_both(item, old, fresh, error)) {
        return false;
    }
    if (!make_ready(item, fresh, error)) return false;
    g_autofree char *blob = blob_of(item);
    GError *problem = NULL;
    UndoSpot place = { item->target_fd, item->name };
    UndoSpot kept = { item->step->turn->folder_fd, blob };
    int64_t inode = old->kind == UNDO_KIND_FOLDER ? 0 : old->inode;
    UndoMove move =
        undo_swap((UndoSpot){ item->upper_fd, item->name }, place, kept, inode, &problem);
    if (move == UNDO_MOVED && inode != 0) remember_own(item->step, kept.folder_fd, kept.name);
    return settle(item, move, problem, error);
}

/* ---- Folders ---- */

/* Whether all that a new folder of the upper holds are protected names. */
static bool is_only_protected(const Item *item, int upper_fd) {
    g_autoptr(GPtrArray) names = undo_place_list(upper_fd);
    if (names == NULL || names->len == 0) return false;
    for (unsigned i = 0; i < names->len; i++) {
        g_autofree char *path = undo_place_join(item->path, names->pdata[i]);
        if (!is_protected(item->step, path)) return false;
    }
    return true;
}

/* The folder's attributes as the command left them. Its time is not set when somebody else made or
 * removed names in it meanwhile. */
static bool finish_folder(const Item *item, const UndoImage *old, UndoImage *fresh,
                          GError **error) {
    if (old->kind == UNDO_KIND_FOLDER && is_touched(item->step, old)) {
        struct stat now;
        if (fstatat(item->target_fd, item->name, &now, AT_SYMLINK_NOFOLLOW) != 0) return true;
        fresh->modified_ns = undo_image_time_ns(now.st_mtim);
    }
    g_autoptr(GError) problem = NULL;
    if (undo_image_apply(item->target_fd, item->name, fresh, &problem)) return true;
    if (error_is(problem, ERR_DENIED)) return withhold(item, problem->message, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

/* Makes the folder in the workspace, in the place of whatever else is there. */
static bool make_folder(const Item *item, const UndoImage *old, const UndoImage *fresh,
                        bool *out_is_made, GError **error) {
    *out_is_made = false;
    if (!note_both(item, old, fresh, error)) return false;
    if (old->kind != UNDO_KIND_ABSENT) {
        g_autofree char *blob = blob_of(item);
        GError *problem = NULL;
        UndoMove move =
            undo_take((UndoSpot){ item->target_fd, item->name },
                      (UndoSpot){ item->step->turn->folder_fd, blob }, old->inode, &problem);
        if (move != UNDO_MOVED) return settle(item, move, problem, error);
    }
    *out_is_made = mkdirat(item->target_fd, item->name, 0700) == 0 || errno == EEXIST;
    if (*out_is_made) return true;
    GError *problem = NULL;
    undo_place_fail(&problem, "making", item->path);
    return settle(item, UNDO_FAILED, problem, error);
}

static bool enter_folder(const Item *item, const UndoImage *old, const UndoImage *fresh,
                         int upper_fd, GError **error) {
    bool is_there = old->kind == UNDO_KIND_FOLDER;
    if (is_there) {
        bool is_opaque = undo_image_has_overlay_flag(item->upper_fd, item->name, "opaque");
        if (!note_both(item, old, fresh, error)) return false;
        if (is_opaque && !remove_below(item, upper_fd, error)) return false;
    } else {
        if (is_touched(item->step, old)) return withhold(item, CHANGED_ELSEWHERE, error);
        if (!make_folder(item, old, fresh, &is_there, error)) return false;
    }
    if (!is_there) return true;
    /* Names are moved out of the one folder and into the other. */
    if ((fresh->mode & 0700) != 0700) (void)!fchmod(upper_fd, 0700);
    /* A folder that may not be written can be, until it gets its attributes. */
    if (old->kind == UNDO_KIND_FOLDER && (old->mode & 0700) != 0700)
        (void)!fchmodat(item->target_fd, item->name, ((mode_t)old->mode & 07777) | 0700, 0);
    if (!commit_folder(item->step, item->path, upper_fd, error)) return false;
    /* Of an earlier, killed run: the times before its own changes. */
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    UndoImage left = undo_image_copy(item->step->is_recovery ? &entry->after : fresh);
    UndoImage was = undo_image_copy(item->step->is_recovery ? &entry->before : old);
    bool is_ok = finish_folder(item, &was, &left, error);
    undo_image_clear(&left);
    undo_image_clear(&was);
    return is_ok;
}

static unsigned depth_of(const char *path) {
    unsigned depth = 0;
    for (; *path != '\0'; path++) depth += *path == '/';
    return depth;
}

/* A merged folder that is gone from the workspace was removed or moved by somebody else. */
static bool place_folder(const Item *item, const UndoImage *old, const UndoImage *fresh,
                         GError **error) {
    if (depth_of(item->path) > MAX_DEPTH) return withhold(item, "nested too deeply", error);
    int fd = openat(item->upper_fd, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES) { /* its mode is kept in the log before it is changed */
        if (!note_both(item, old, fresh, error)) return false;
        (void)!fchmodat(item->upper_fd, item->name, 0700, 0);
        fd = openat(item->upper_fd, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s' of the overlay", item->path);
        return false;
    }
    bool is_ok;
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    bool is_ours = entry != NULL && entry->has_before;
    if (!is_ours && old->kind == UNDO_KIND_ABSENT &&
        undo_image_has_overlay_origin(item->upper_fd, item->name))
        is_ok = withhold(item, CHANGED_ELSEWHERE, error);
    else if (old->kind != UNDO_KIND_FOLDER && is_only_protected(item, fd))
        is_ok = withhold(item, PROTECTED, error);
    else
        is_ok = enter_folder(item, old, fresh, fd, error);
    close(fd);
    return is_ok;
}

/* ---- The walk ---- */

static bool is_whiteout(const UndoImage *fresh) {
    return S_ISCHR((mode_t)fresh->mode) && fresh->device == 0;
}

static bool commit_item(const Item *item, GError **error) {
    if (is_protected(item->step, item->path)) return withhold(item, PROTECTED, error);
    const UndoEntry *entry = undo_step_entry(item->step, item->path);
    if (entry != NULL && entry->withheld != NULL) return true;
    UndoImage fresh = { 0 }, old = { 0 };
    bool is_ok = undo_image_read(item->upper_fd, item->name, &fresh, error) &&
                 undo_image_read(item->target_fd, item->name, &old, error);
    if (!is_ok || fresh.kind == UNDO_KIND_ABSENT) {
        /* in place already, or an error */
    } else if (is_whiteout(&fresh)) {
        is_ok = remove_path(item, &old, error);
    } else if (fresh.kind == UNDO_KIND_FOLDER) {
        is_ok = place_folder(item, &old, &fresh, error);
    } else {
        is_ok = place_file(item, &old, &fresh, error);
    }
    undo_image_clear(&fresh);
    undo_image_clear(&old);
    return is_ok;
}

static bool commit_folder(UndoStep *step, const char *path, int upper_fd, GError **error) {
    int target_fd = undo_place_open_folder(step->turn->journal->workspace_fd, path, O_RDONLY);
    g_autoptr(GPtrArray) names = undo_place_list(upper_fd);
    if (target_fd < 0 || names == NULL) {
        error_set_errno(error, errno, "opening '%s' to commit to it", path);
        if (target_fd >= 0) close(target_fd);
        return false;
    }
    bool is_ok = true;
    for (unsigned i = 0; is_ok && i < names->len; i++) {
        g_autofree char *below = undo_place_join(path, names->pdata[i]);
        const Item item = { step, below, names->pdata[i], upper_fd, target_fd };
        is_ok = commit_item(&item, error);
    }
    close(target_fd);
    return is_ok;
}

/* What an earlier run has moved: its times are our doing. */
static void remember_earlier(UndoStep *step) {
    const GPtrArray *entries = step->turn->log->entries;
    for (unsigned i = 0; i < entries->len; i++) {
        const UndoEntry *entry = entries->pdata[i];
        if (entry->step != step->number) continue;
        g_autofree char *blob = undo_turn_log_blob('b', entry);
        remember_own(step, step->turn->folder_fd, blob);
    }
}

/* The workspace itself: only its time and attributes can have changed. */
static bool commit_root(UndoStep *step, int upper_fd, GError **error) {
    UndoJournal *journal = step->turn->journal;
    const Item item = { step, "", ".", upper_fd, journal->workspace_fd };
    UndoImage fresh = { 0 }, old = { 0 };
    bool is_ok = undo_image_read(upper_fd, ".", &fresh, error) &&
                 undo_image_read(journal->workspace_fd, ".", &old, error);
    if (is_ok && old.kind == UNDO_KIND_FOLDER) {
        is_ok = enter_folder(&item, &old, &fresh, upper_fd, error);
    }
    undo_image_clear(&fresh);
    undo_image_clear(&old);
    return is_ok;
}

/* Nothing was changed at all: the usual case of a command that only looked. */
static bool is_unchanged(const UndoStep *step, int upper_fd) {
    g_autoptr(GPtrArray) names = undo_place_list(upper_fd);
    struct stat upper, root;
    return names != NULL && names->len == 0 && fstat(upper_fd, &upper) == 0 &&
           fstat(step->turn->journal->workspace_fd, &root) == 0 &&
           (upper.st_mode == root.st_mode || step->is_recovery);
}

static unsigned count_below(int folder_fd, unsigned depth) {
    g_autoptr(GPtrArray) names = undo_place_list(folder_fd);
    unsigned n_names = names != NULL ? names->len : 0;
    for (unsigned i = 0; names != NULL && i < names->len; i++) {
        int fd =
            openat(folder_fd, names->pdata[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) continue;
        if (depth < MAX_DEPTH) n_names += count_below(fd, depth + 1);
        close(fd);
    }
    return n_names;
}

/* Room for the records, so that a full disk refuses the commit before it has begun. */
static bool reserve_log(UndoStep *step, int upper_fd, GError **error) {
    int fd = step->turn->log->fd;
    struct stat info;
    off_t wanted = (off_t)(count_below(upper_fd, 0) + 16) * RECORD_BYTES;
    if (fstat(fd, &info) != 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, info.st_size, wanted) == 0 ||
        errno != ENOSPC)
        return true;
    error_set_errno(error, ENOSPC, "nothing of it was taken over, the undo log has no room");
    return false;
}

/* What was not used of it. */
static void release_log(UndoStep *step) {
    int fd = step->turn->log->fd;
    struct stat info;
    g_mutex_lock(&step->turn->lock);
    if (fstat(fd, &info) == 0) (void)!ftruncate(fd, info.st_size);
    g_mutex_unlock(&step->turn->lock);
}

bool undo_commit(UndoStep *step, GError **error) {
    int upper_fd = open(step->upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (upper_fd < 0) {
        error_set_errno(error, errno, "opening '%s'", step->upper);
        return false;
    }
    if (step->is_recovery) remember_earlier(step);
    bool is_ok = is_unchanged(step, upper_fd) && !step->is_recovery;
    /* The new files are whole on the disk before the log says that they shall be taken. */
    if (!is_ok && syncfs(upper_fd) != 0) {
        error_set_errno(error, errno, "writing the command's changes to the disk");
        close(upper_fd);
        return false;
    }
    if (!is_ok)
        is_ok = reserve_log(step, upper_fd, error) &&
                undo_step_note(step, UNDO_RECORD_COMMIT, NULL, NULL, error) &&
                commit_root(step, upper_fd, error);
    release_log(step);
    close(upper_fd);
    return is_ok;
}

/* undo/before.c: remembering how a path is, before a direct step changes it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "undo/journal-private.h"

bool undo_before_note(UndoStep *step, const char *path, const UndoImage *image, bool has_content,
                      GError **error) {
    UndoRecord record = { .verb = UNDO_RECORD_BEFORE,
                          .step = step->number,
                          .path = (char *)path,
                          .image = *image, /* borrowed */
                          .has_content = has_content };
    g_mutex_lock(&step->turn->lock);
    bool is_ok = undo_turn_log_append(step->turn->log, &record, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

/* What follows runs under the turn's lock. */

typedef struct {
    UndoStep *step;
    const char *path;
    UndoSpot spot;
    UndoTouch touch;
} Look;

static bool append(UndoStep *step, const UndoRecord *record, GError **error) {
    return undo_turn_log_append(step->turn->log, record, error);
}

static bool note_lost(const Look *look, const char *why, GError **error) {
    const UndoRecord record = { .verb = UNDO_RECORD_LOST,
                                .step = look->step->number,
                                .path = (char *)look->path,
                                .text = (char *)why };
    return append(look->step, &record, error);
}

static void remember_link(UndoTurn *turn, int64_t inode, UndoEntry *entry) {
    int64_t *key = g_new(int64_t, 1);
    *key = inode;
    g_hash_table_replace(turn->linked, key, entry);
}

/* The content as a copy. *out_why is set when that cannot be had and the path is lost. */
static bool keep_copy(const Look *look, const UndoImage *image, UndoSpot blob, const char **out_why,
                      GError **error) {
    UndoTurn *turn = look->step->turn;
    const UndoConfig *config = &turn->journal->config;
    int fd = undo_content_open(look->spot);
    if (fd < 0) {
        *out_why = "it cannot be read, so its content could not be kept";
        return true;
    }
    bool is_ok = true;
    if (undo_content_clone(fd, blob)) {
        /* costs nothing */
    } else if (image->size_bytes > config->max_file_bytes) {
        *out_why = "it is larger than undo.max_file_bytes";
    } else if (turn->copied_bytes + image->size_bytes > config->max_bytes) {
        *out_why = "this turn has filled undo.max_bytes";
    } else {
        is_ok = undo_content_copy(fd, blob, error);
        turn->copied_bytes += image->size_bytes;
    }
    close(fd);
    return is_ok && (*out_why != NULL || undo_image_apply(blob.folder_fd, blob.name, image, error));
}

/* Keeps what stands at the spot in b/N: the very file where only its name goes, else a copy. */
static bool keep(const Look *look, const UndoImage *image, const char *blob, const char **out_why,
                 GError **error) {
    UndoTurn *turn = look->step->turn;
    UndoSpot to = { turn->folder_fd, blob };
    unlinkat(to.folder_fd, to.name, 0);
    bool can_link = look->touch == UNDO_TOUCH_NAME || image->kind != UNDO_KIND_FILE;
    if (can_link && linkat(look->spot.folder_fd, look->spot.name, to.folder_fd, blob, 0) == 0)
        return true;
    if (image->kind == UNDO_KIND_FILE) return keep_copy(look, image, to, out_why, error);
    *out_why = image->kind == UNDO_KIND_LINK ? NULL : "it is not a file";
    return true;
}

static bool is_linked(const UndoTurn *turn, const char *blob, int64_t inode) {
    struct stat info;
    return fstatat(turn->folder_fd, blob, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           (int64_t)info.st_ino == inode;
}

/* The entry of another name of the same file, looked at earlier in this step. */
static const UndoEntry *find_twin(const Look *look, const UndoImage *image) {
    if (image->kind != UNDO_KIND_FILE || image->n_links < 2) return NULL;
    UndoTurn *turn = look->step->turn;
    const UndoEntry *twin = g_hash_table_lookup(turn->twins, &image->inode);
    return twin != NULL && twin->step == look->step->number && strcmp(twin->path, look->path) != 0
               ? twin
               : NULL;
}

static void remember_twin(const Look *look, const UndoImage *image) {
    if (image->kind != UNDO_KIND_FILE || image->n_links < 2) return;
    UndoTurn *turn = look->step->turn;
    const UndoEntry *known = g_hash_table_lookup(turn->twins, &image->inode);
    if (known != NULL && known->step == look->step->number) return;
    int64_t *key = g_new(int64_t, 1);
    *key = image->inode;
    g_hash_table_replace(turn->twins, key,
                         undo_turn_log_entry(turn->log, look->step->number, look->path));
}

/* The file has changed through its other name already: how it was is known from there. */
static void take_from_twin(const UndoEntry *twin, UndoImage *image) {
    int64_t n_links = image->n_links;
    undo_image_clear(image);
    *image = undo_image_copy(&twin->before);
    image->n_links = n_links;
}

static bool keep_twin(const Look *look, const UndoEntry *twin, const char *blob) {
    int folder_fd = look->step->turn->folder_fd;
    g_autofree char *kept = undo_turn_log_blob('b', twin);
    unlinkat(folder_fd, blob, 0);
    return twin->has_content && linkat(folder_fd, kept, folder_fd, blob, 0) == 0;
}

static bool note(const Look *look, UndoImage *image, bool needs_content, GError **error) {
    UndoTurn *turn = look->step->turn;
    const UndoEntry *twin = find_twin(look, image);
    if (twin != NULL) take_from_twin(twin, image);
    UndoEntry *entry = undo_turn_log_entry(turn->log, look->step->number, look->path);
    g_autofree char *blob =
        g_strdup_printf("b/%u", entry != NULL ? entry->number : turn->log->entries->len);
    const char *why = NULL;
    bool is_kept = needs_content && twin != NULL && keep_twin(look, twin, blob);
    if (needs_content && !is_kept && !keep(look, image, blob, &why, error)) return false;
    bool has_content = needs_content && why == NULL &&
                       faccessat(turn->folder_fd, blob, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    UndoRecord record = { .verb = UNDO_RECORD_BEFORE,
                          .step = look->step->number,
                          .path = (char *)look->path,
                          .image = *image, /* borrowed */
                          .has_content = has_content };
    if (!append(look->step, &record, error)) return false;
    if (has_content && image->kind == UNDO_KIND_FILE && is_linked(turn, blob, image->inode))
        remember_link(turn, image->inode,
                      undo_turn_log_entry(turn->log, look->step->number, look->path));
    remember_twin(look, image);
    return why == NULL || note_lost(look, why, error);
}

/* A file that is about to be written is the very one that b/N of some path holds: b/N gets a copy
 * of its own. */
static bool part_from_link(const Look *look, const UndoImage *image, GError **error) {
    UndoTurn *turn = look->step->turn;
    UndoEntry *entry = g_hash_table_lookup(turn->linked, &image->inode);
    if (entry == NULL) return true;
    g_autofree char *blob = undo_turn_log_blob('b', entry);
    g_autofree char *fresh = g_strconcat(blob, ".copy", NULL);
    UndoSpot to = { turn->folder_fd, fresh };
    const Look other = { look->step, entry->path, look->spot, UNDO_TOUCH_CONTENT };
    const char *why = NULL;
    if (!keep_copy(&other, &entry->before, to, &why, error)) return false;
    if (why == NULL && renameat(turn->folder_fd, fresh, turn->folder_fd, blob) != 0) {
        error_set_errno(error, errno, "keeping '%s'", look->path);
        return false;
    }
    g_hash_table_remove(turn->linked, &image->inode);
    if (why == NULL) return true;
    const UndoRecord record = {
        .verb = UNDO_RECORD_LOST, .step = entry->step, .path = entry->path, .text = (char *)why
    };
    return append(look->step, &record, error);
}

static bool look_at(const Look *look, GError **error) {
    UndoTurn *turn = look->step->turn;
    UndoEntry *entry = undo_turn_log_entry(turn->log, look->step->number, look->path);
    UndoImage image = { 0 };
    if (!undo_image_read(look->spot.folder_fd, look->spot.name, &image, error)) return false;
    bool is_ok = true;
    if (look->touch == UNDO_TOUCH_CONTENT && image.kind == UNDO_KIND_FILE)
        is_ok = part_from_link(look, &image, error);
    bool wants_content = look->touch != UNDO_TOUCH_ATTRIBUTES;
    if (is_ok && entry == NULL) {
        bool needs_content =
            wants_content && image.kind != UNDO_KIND_ABSENT && image.kind != UNDO_KIND_FOLDER;
        is_ok = note(look, &image, needs_content, error);
    } else if (is_ok && wants_content && !entry->has_content && entry->lost == NULL &&
               entry->before.kind != UNDO_KIND_ABSENT && entry->before.kind != UNDO_KIND_FOLDER) {
        /* So far only its attributes were touched. */
        UndoImage before = undo_image_copy(&entry->before);
        is_ok = note(look, &before, /* needs_content= */ true, error);
        undo_image_clear(&before);
    }
    undo_image_clear(&image);
    return is_ok;
}

static bool look_at_path(UndoStep *step, const char *path, UndoTouch touch, GError **error) {
    UndoPlace place;
    if (!undo_place_open(step->turn->journal->workspace_fd, path, &place, error)) return false;
    const Look look = { step, path, { place.folder_fd, place.name }, touch };
    bool is_ok = look_at(&look, error);
    undo_place_close(&place);
    return is_ok;
}

/* Every path below a folder, without following links. Empty for what is no folder. */
static GPtrArray *list_below(UndoStep *step, const char *path) {
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *folder = g_strdup(path);
    for (unsigned next = 0;; next++) {
        int fd = undo_place_open_folder(step->turn->journal->workspace_fd, folder, O_RDONLY);
        g_autoptr(GPtrArray) names = fd >= 0 ? undo_place_list(fd) : NULL;
        if (fd >= 0) close(fd);
        for (unsigned i = 0; names != NULL && i < names->len; i++)
            g_ptr_array_add(found, undo_place_join(folder, names->pdata[i]));
        if (next == found->len) return found;
        g_free(folder);
        folder = g_strdup(found->pdata[next]);
    }
}

/* A folder whose name goes takes all below it along. */
static bool look_below(UndoStep *step, const char *path, GError **error) {
    g_autoptr(GPtrArray) below = list_below(step, path);
    for (unsigned i = 0; i < below->len; i++)
        if (!look_at_path(step, below->pdata[i], UNDO_TOUCH_NAME, error)) return false;
    return true;
}

/* The folder above is looked at for its time, which an undo changes even where the step did not. */
static bool before(UndoStep *step, const char *path, UndoTouch touch, GError **error) {
    if (touch != UNDO_TOUCH_ATTRIBUTES && *path != '\0') {
        g_autofree char *parent = undo_place_parent(path);
        if (undo_turn_log_entry(step->turn->log, step->number, parent) == NULL &&
            !look_at_path(step, parent, UNDO_TOUCH_ATTRIBUTES, error))
            return false;
    }
    return look_at_path(step, path, touch, error) &&
           (touch != UNDO_TOUCH_NAME || look_below(step, path, error));
}

/* Where all that is below `from` will stand: nothing is there yet, unless the step knows better. */
static bool note_arrivals(UndoStep *step, const char *from, const char *to, GError **error) {
    size_t length = strlen(from);
    const UndoTurnLog *log = step->turn->log;
    int fd = undo_place_open_folder(step->turn->journal->workspace_fd, from, O_PATH);
    if (fd < 0) return true; /* no folder */
    close(fd);
    g_autoptr(GPtrArray) below = list_below(step, from);
    for (unsigned i = 0; i < below->len; i++) {
        g_autofree char *path = g_strconcat(to, (char *)below->pdata[i] + length, NULL);
        if (undo_turn_log_entry(log, step->number, path) != NULL) continue;
        const UndoRecord record = { .verb = UNDO_RECORD_BEFORE,
                                    .step = step->number,
                                    .path = path };
        if (!append(step, &record, error)) return false;
    }
    return true;
}

bool undo_step_before_move(UndoStep *step, const char *from, const char *to, GError **error) {
    g_mutex_lock(&step->turn->lock);
    bool is_ok = before(step, from, UNDO_TOUCH_NAME, error) &&
                 before(step, to, UNDO_TOUCH_NAME, error) && note_arrivals(step, from, to, error) &&
                 note_arrivals(step, to, from, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

bool undo_step_before(UndoStep *step, const char *path, UndoTouch touch, GError **error) {
    g_mutex_lock(&step->turn->lock);
    bool is_ok = before(step, path, touch, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

/*
 * undo/revert.c: takes a turn back, and does it again.
 *
 * Both are the same work with the two images of each entry changed over: a path that is as
 * `expected` becomes as `target`. What an undo takes away goes to a/N, where a redo finds it; what
 * a redo takes away goes back to b/N. The steps of a turn are undone from the last to the first.
 *
 * A step is first looked at as a whole: an entry whose path is still as it was left is settled
 * (noted in the log), all others are reported and left alone. Then names are removed from the
 * deepest up, put in place from the top down, and the folders get their times back at the end. A
 * killed undo is gone on with: settled entries are not looked at again, and each move finds out by
 * itself whether it has been made.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "undo/journal-private.h"

#define CHANGED_SINCE "changed since by somebody else; left as it is"
#define CONTENT_GONE "its kept content is damaged"

typedef struct {
    UndoJournal *journal;
    UndoTurn *turn;
    bool is_redo;
    bool is_dry;
    UndoReport *report;
    GHashTable *simulated; /* dry run: path to UndoImage, borrowed */
    int64_t step;          /* the one at work */
} Run;

static const UndoImage *expected_of(const Run *run, const UndoEntry *entry) {
    return run->is_redo ? &entry->before : &entry->after;
}

static const UndoImage *target_of(const Run *run, const UndoEntry *entry) {
    return run->is_redo ? &entry->after : &entry->before;
}

static bool is_folder(const UndoImage *image) {
    return image->kind == UNDO_KIND_FOLDER;
}

static bool is_absent(const UndoImage *image) {
    return image->kind == UNDO_KIND_ABSENT;
}

static bool append(const Run *run, const UndoRecord *record, GError **error) {
    return undo_turn_log_append(run->turn->log, record, error);
}

/* Only attributes differ: nothing but them is put back, in place. */
static bool is_attributes_only(const UndoEntry *entry) {
    const UndoImage *before = &entry->before;
    return before->kind == entry->after.kind && before->inode == entry->after.inode &&
           !is_absent(before) && !is_folder(before) && !entry->has_content && entry->lost == NULL;
}

/* A file with other names that was written in place: so is its old content, or the other names
 * would keep the new one. */
static bool is_in_place(const UndoEntry *entry) {
    return entry->before.kind == UNDO_KIND_FILE && entry->after.kind == UNDO_KIND_FILE &&
           entry->has_content && entry->before.inode == entry->after.inode &&
           entry->before.n_links > 1;
}

static char *blob_of(const Run *run, const UndoEntry *entry, bool of_target) {
    return undo_turn_log_blob(run->is_redo == of_target ? 'a' : 'b', entry);
}

/* ---- Looking ---- */

static void report(const Run *run, UndoFate fate, const UndoEntry *entry, const char *what) {
    undo_report_add(run->report, fate, entry->path, what);
}

/* Whether the path is as expected: untouched, or at least of the same content and attributes. */
static bool is_as_expected(const Run *run, const UndoEntry *entry, const UndoImage *now) {
    const UndoImage *expected = expected_of(run, entry);
    if (undo_image_is_untouched(expected, now)) return true;
    if (!undo_image_is_alike(expected, now)) return false;
    if (expected->kind == UNDO_KIND_FILE) return expected->sha256 != NULL && now->sha256 != NULL;
    return true;
}

/* Whether the thing to be put back is there and whole, as far as is known. */
static bool has_content(const Run *run, const UndoEntry *entry) {
    const UndoImage *target = target_of(run, entry);
    if (target->kind != UNDO_KIND_FILE || is_attributes_only(entry)) return true;
    g_autofree char *blob = blob_of(run, entry, /* of_target= */ true);
    UndoSpot spot = { run->turn->folder_fd, blob };
    struct stat info;
    if (fstatat(spot.folder_fd, blob, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        info.st_size != target->size_bytes)
        return false;
    if (target->sha256 == NULL || undo_image_time_ns(info.st_mtim) == target->modified_ns)
        return true;
    int fd = undo_content_open(spot);
    g_autofree char *sha256 = fd >= 0 ? undo_content_sha256(fd, NULL) : NULL;
    if (fd >= 0) close(fd);
    return g_strcmp0(sha256, target->sha256) == 0;
}

static bool settle(const Run *run, const UndoEntry *entry, const UndoImage *now, GError **error) {
    if (run->is_dry) {
        g_hash_table_replace(run->simulated, entry->path, (void *)target_of(run, entry));
        return true;
    }
    const UndoRecord record = { .verb = UNDO_RECORD_SETTLE,
                                .step = entry->step,
                                .path = entry->path,
                                .image = *now /* borrowed */ };
    return append(run, &record, error);
}

/* A folder that is a folder before and after: only its attributes go back, and only when they are
 * as the step left them. Names that others made in it have changed its time: no conflict. */
static bool look_at_folder(const Run *run, const UndoEntry *entry, const UndoImage *now,
                           GError **error) {
    const UndoImage *expected = expected_of(run, entry), *target = target_of(run, entry);
    bool is_news =
        expected->mode != target->mode || g_strcmp0(expected->attributes, target->attributes) != 0;
    if (!undo_image_is_alike(expected, now) ||
        (!run->is_dry && !is_news && expected->modified_ns != now->modified_ns)) {
        if (is_news) report(run, UNDO_WITHHELD, entry, CHANGED_SINCE);
        return true;
    }
    if (is_news) report(run, UNDO_CHANGED, entry, "attributes");
    return settle(run, entry, now, error);
}

static bool look_at_image(const Run *run, const UndoEntry *entry, const UndoImage *now,
                          GError **error) {
    const UndoImage *expected = expected_of(run, entry), *target = target_of(run, entry);
    if (is_folder(expected) && is_folder(target)) return look_at_folder(run, entry, now, error);
    bool is_there_already = (is_absent(target) && is_absent(now)) ||
                            (is_absent(expected) && is_folder(target) && is_folder(now));
    if (!is_there_already && !is_as_expected(run, entry, now)) {
        report(run, UNDO_WITHHELD, entry, CHANGED_SINCE);
        return true;
    }
    if (!run->is_dry && !is_there_already && !has_content(run, entry)) {
        report(run, UNDO_LOST, entry, CONTENT_GONE);
        return true;
    }
    report(run, UNDO_CHANGED, entry, undo_report_word(expected, target));
    return settle(run, entry, now, error);
}

static bool look(const Run *run, const UndoEntry *entry, GError **error) {
    if (entry->is_settled) {
        report(run, UNDO_CHANGED, entry,
               undo_report_word(expected_of(run, entry), target_of(run, entry)));
        return true;
    }
    if (entry->lost != NULL) {
        report(run, UNDO_LOST, entry, entry->lost);
        return true;
    }
    const UndoImage *simulated = g_hash_table_lookup(run->simulated, entry->path);
    if (simulated != NULL) return look_at_image(run, entry, simulated, error);
    UndoImage now = { 0 };
    if (!undo_after_read(run->journal, entry->path, &now, error)) return false;
    bool is_ok = look_at_image(run, entry, &now, error);
    undo_image_clear(&now);
    return is_ok;
}

/* ---- Moving ---- */

/* A folder that may not be written: its owner may change that for a moment. */
static UndoMove with_writable_folder(const UndoPlace *place, UndoMove (*move)(void *, GError **),
                                     void *data, GError **error) {
    g_autoptr(GError) problem = NULL;
    UndoMove result = move(data, &problem);
    struct stat info;
    if (result == UNDO_FAILED && error_is(problem, ERR_DENIED) &&
        fstat(place->folder_fd, &info) == 0 && (info.st_mode & 0300) != 0300) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", place->folder_fd);
        if (chmod(path, (info.st_mode & 07777) | 0700) == 0) {
            g_clear_error(&problem);
            result = move(data, &problem);
            (void)!chmod(path, info.st_mode & 07777);
        }
    }
    if (problem != NULL) g_propagate_error(error, g_steal_pointer(&problem));
    return result;
}

typedef struct {
    const Run *run;
    const UndoEntry *entry;
    UndoSpot place;
} Move;

static bool exists(UndoSpot spot) {
    struct stat info;
    return fstatat(spot.folder_fd, spot.name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

static UndoMove failed(GError **error, const char *doing, const char *path) {
    undo_place_fail(error, doing, path);
    return UNDO_FAILED;
}

/* From another file system, a name cannot be moved: it is copied beside its place first. */
static bool bring_near(const Move *move, const char *blob, const char *near, GError **error) {
    UndoSpot from = { move->run->turn->folder_fd, blob };
    UndoSpot to = { move->place.folder_fd, near };
    const UndoImage *target = target_of(move->run, move->entry);
    if (target->kind == UNDO_KIND_LINK) {
        unlinkat(to.folder_fd, near, 0);
        if (symlinkat(target->target, to.folder_fd, near) == 0) return true;
        undo_place_fail(error, "making", near);
        return false;
    }
    int fd = undo_content_open(from);
    if (fd < 0) {
        undo_place_fail(error, "opening", blob);
        return false;
    }
    bool is_ok = undo_content_copy(fd, to, error);
    close(fd);
    return is_ok;
}

/* The same the other way: what was taken is copied to the journal and then removed. */
static bool send_away(const Move *move, const char *near, const char *blob, GError **error) {
    UndoSpot from = { move->place.folder_fd, near };
    UndoSpot to = { move->run->turn->folder_fd, blob };
    int fd = undo_content_open(from);
    bool is_ok = fd < 0 || undo_content_copy(fd, to, error);
    if (fd >= 0) close(fd);
    if (is_ok) unlinkat(from.folder_fd, near, 0);
    return is_ok;
}

static char *near_name(const Move *move, const char *what) {
    return g_strdup_printf(".%u.%s.localgpt-undo", move->entry->number, what);
}

/* What is there goes out of the way. */
static UndoMove move_out(void *data, GError **error) {
    const Move *move = data;
    g_autofree char *blob = blob_of(move->run, move->entry, /* of_target= */ false);
    UndoSpot old = { move->run->turn->folder_fd, blob };
    if (!exists(move->place)) return UNDO_MOVED;
    if (move->run->journal->has_overlay)
        return undo_take(move->place, old, move->entry->settled.inode, error);
    g_autofree char *near = near_name(move, "old");
    UndoMove result = undo_take(move->place, (UndoSpot){ move->place.folder_fd, near },
                                move->entry->settled.inode, error);
    if (result != UNDO_MOVED) return result;
    return send_away(move, near, blob, error) ? UNDO_MOVED : UNDO_FAILED;
}

/* Made anew when nothing of it was kept: a link or a FIFO tells all in its image. */
static UndoMove make_anew(const Move *move, GError **error) {
    const UndoImage *target = target_of(move->run, move->entry);
    int result = -1;
    errno = ENOENT;
    if (target->kind == UNDO_KIND_LINK)
        result = symlinkat(target->target, move->place.folder_fd, move->place.name);
    else if (S_ISFIFO((mode_t)target->mode))
        result = mkfifoat(move->place.folder_fd, move->place.name, 0600);
    if (result == 0) return UNDO_MOVED;
    return errno == EEXIST ? UNDO_OTHERS : failed(error, "making", move->entry->path);
}

/* What must be there when the kept thing comes: nothing, after a folder went. */
static int64_t inode_to_replace(const UndoEntry *entry) {
    return is_folder(&entry->settled) ? 0 : entry->settled.inode;
}

static UndoMove swap_far(const Move *move, const char *blob, const char *old, GError **error) {
    g_autofree char *fresh = near_name(move, "new");
    g_autofree char *taken = near_name(move, "old");
    UndoSpot near = { move->place.folder_fd, fresh }, away = { move->place.folder_fd, taken };
    int64_t inode = inode_to_replace(move->entry);
    if (!bring_near(move, blob, fresh, error)) return UNDO_FAILED;
    UndoMove result = undo_swap(near, move->place, away, inode, error);
    if (result != UNDO_MOVED) {
        unlinkat(near.folder_fd, fresh, 0);
        return result;
    }
    unlinkat(move->run->turn->folder_fd, blob, 0);
    return inode == 0 || send_away(move, taken, old, error) ? UNDO_MOVED : UNDO_FAILED;
}

/* Another path of the step that is still the very file that this one has to be again. */
static const UndoEntry *find_twin(const Move *move) {
    const UndoImage *target = target_of(move->run, move->entry);
    const GPtrArray *entries = move->run->turn->log->entries;
    if (target->kind != UNDO_KIND_FILE || target->n_links < 2) return NULL;
    for (unsigned i = 0; i < entries->len; i++) {
        const UndoEntry *other = entries->pdata[i];
        if (other != move->entry && other->step == move->run->step && other->is_settled &&
            is_in_place(other) && target_of(move->run, other)->inode == target->inode)
            return other;
    }
    return NULL;
}

/* A link to the twin, in the journal, to be moved in instead of the copy. New string, or NULL. */
static char *link_twin(const Move *move, const char *blob) {
    const UndoEntry *twin = find_twin(move);
    UndoPlace place;
    if (twin == NULL ||
        !undo_place_open(move->run->journal->workspace_fd, twin->path, &place, NULL))
        return NULL;
    g_autofree char *name = g_strconcat(blob, ".twin", NULL);
    int folder_fd = move->run->turn->folder_fd;
    unlinkat(folder_fd, name, 0);
    bool is_ok = linkat(place.folder_fd, place.name, folder_fd, name, 0) == 0;
    undo_place_close(&place);
    return is_ok ? g_steal_pointer(&name) : NULL;
}

/* The kept thing goes to its place. */
static UndoMove move_in(void *data, GError **error) {
    const Move *move = data;
    g_autofree char *blob = blob_of(move->run, move->entry, /* of_target= */ true);
    g_autofree char *old = blob_of(move->run, move->entry, /* of_target= */ false);
    UndoSpot fresh = { move->run->turn->folder_fd, blob };
    UndoSpot taken = { move->run->turn->folder_fd, old };
    bool is_kept = exists(fresh);
    if (!is_kept && exists(move->place) &&
        (exists(taken) || is_absent(expected_of(move->run, move->entry))))
        return UNDO_MOVED; /* by a run that was killed */
    if (!is_kept) return make_anew(move, error);
    if (!move->run->journal->has_overlay) return swap_far(move, blob, old, error);
    g_autofree char *twin = link_twin(move, blob);
    if (twin != NULL) fresh.name = twin;
    return undo_swap(fresh, move->place, taken, inode_to_replace(move->entry), error);
}

/* The file that will be written may also be what another path of the step has kept: that gets a
 * copy of its own. */
static bool part_blobs(const Move *move, GError **error) {
    UndoTurn *turn = move->run->turn;
    struct stat here, kept;
    if (fstatat(move->place.folder_fd, move->place.name, &here, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    for (unsigned i = 0; i < turn->log->entries->len; i++) {
        const UndoEntry *other = turn->log->entries->pdata[i];
        if (other == move->entry || other->step != move->run->step) continue;
        g_autofree char *blob = blob_of(move->run, other, /* of_target= */ false);
        if (fstatat(turn->folder_fd, blob, &kept, AT_SYMLINK_NOFOLLOW) != 0 ||
            kept.st_ino != here.st_ino)
            continue;
        g_autofree char *copy = g_strconcat(blob, ".copy", NULL);
        UndoSpot to = { turn->folder_fd, copy };
        int fd = undo_content_open(move->place);
        bool is_ok = fd >= 0 && undo_content_copy(fd, to, error) &&
                     undo_image_apply(to.folder_fd, copy, expected_of(move->run, other), error) &&
                     renameat(to.folder_fd, copy, to.folder_fd, blob) == 0;
        if (fd >= 0) close(fd);
        if (!is_ok) return false;
    }
    return true;
}

static UndoMove write_in_place(const Move *move, GError **error) {
    g_autofree char *blob = blob_of(move->run, move->entry, /* of_target= */ true);
    g_autofree char *old = blob_of(move->run, move->entry, /* of_target= */ false);
    UndoSpot kept = { move->run->turn->folder_fd, blob };
    UndoSpot taken = { move->run->turn->folder_fd, old };
    if (!part_blobs(move, error))
        return error != NULL && *error != NULL ? UNDO_FAILED : failed(error, "keeping", old);
    if (!exists(taken)) {
        g_autofree char *partial = g_strconcat(old, ".part", NULL);
        int now = undo_content_open(move->place);
        bool is_ok = now >= 0 &&
                     undo_content_copy(now, (UndoSpot){ taken.folder_fd, partial }, error) &&
                     renameat(taken.folder_fd, partial, taken.folder_fd, old) == 0;
        if (now >= 0) close(now);
        if (!is_ok)
            return error != NULL && *error != NULL ? UNDO_FAILED : failed(error, "keeping", old);
    }
    int fd = undo_content_open(kept);
    if (fd < 0 && errno == ENOENT) return UNDO_MOVED; /* by a run that was killed */
    if (fd < 0) return failed(error, "opening", blob);
    bool is_ok = undo_content_overwrite(fd, move->place, error);
    close(fd);
    if (is_ok) unlinkat(kept.folder_fd, blob, 0);
    return is_ok ? UNDO_MOVED : UNDO_FAILED;
}

/* ---- The phases ---- */

typedef UndoMove Phase(const Run *run, const UndoEntry *entry, UndoPlace *place, GError **error);

/* A folder of ours that may not be written can be, until it gets its attributes back. */
static UndoMove open_up(const Run *run, const UndoEntry *entry, UndoPlace *place, GError **error) {
    (void)run;
    (void)error;
    const UndoImage *now = &entry->settled;
    if (is_folder(now) && (now->mode & 0700) != 0700)
        (void)!fchmodat(place->folder_fd, place->name, ((mode_t)now->mode & 07777) | 0700, 0);
    return UNDO_MOVED;
}

/* From the deepest up: names that are in the way. */
static UndoMove clear_away(const Run *run, const UndoEntry *entry, UndoPlace *place,
                           GError **error) {
    const UndoImage *expected = expected_of(run, entry), *target = target_of(run, entry);
    if (is_absent(expected) || (is_folder(expected) && is_folder(target))) return UNDO_MOVED;
    if (is_folder(expected)) {
        if (unlinkat(place->folder_fd, place->name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            return UNDO_MOVED;
        if (errno == ENOTEMPTY || errno == ENOTDIR) return UNDO_OTHERS; /* it stays */
        return failed(error, "removing", entry->path);
    }
    if (!is_absent(target) && !is_folder(target)) return UNDO_MOVED; /* is swapped */
    Move move = { run, entry, { place->folder_fd, place->name } };
    return with_writable_folder(place, move_out, &move, error);
}

/* From the top down: what is to be there. */
static UndoMove put_in_place(const Run *run, const UndoEntry *entry, UndoPlace *place,
                             GError **error) {
    const UndoImage *target = target_of(run, entry);
    if (is_absent(target)) return UNDO_MOVED;
    if (is_folder(target)) {
        if (mkdirat(place->folder_fd, place->name, 0700) == 0 || errno == EEXIST) return UNDO_MOVED;
        return failed(error, "making", entry->path);
    }
    Move move = { run, entry, { place->folder_fd, place->name } };
    UndoMove result = UNDO_MOVED;
    if (is_in_place(entry))
        result = write_in_place(&move, error);
    else if (!is_attributes_only(entry))
        result = with_writable_folder(place, move_in, &move, error);
    if (result != UNDO_MOVED) return result;
    return undo_image_apply(place->folder_fd, place->name, target, error) ? UNDO_MOVED
                                                                          : UNDO_FAILED;
}

/* From the deepest up: folders, when nothing is changed in them any more. */
static UndoMove set_folder(const Run *run, const UndoEntry *entry, UndoPlace *place,
                           GError **error) {
    const UndoImage *target = target_of(run, entry);
    struct stat info;
    if (!is_folder(target) ||
        fstatat(place->folder_fd, place->name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISDIR(info.st_mode))
        return UNDO_MOVED;
    return undo_image_apply(place->folder_fd, place->name, target, error) ? UNDO_MOVED
                                                                          : UNDO_FAILED;
}

/* Something stood in the way after all. */
static bool withdraw(const Run *run, const UndoEntry *entry, const char *why, GError **error) {
    GPtrArray *items = run->report->items;
    for (unsigned i = 0; items != NULL && i < items->len; i++) {
        UndoItem *item = items->pdata[i];
        if (item->fate != UNDO_CHANGED || strcmp(item->path, entry->path) != 0) continue;
        item->fate = UNDO_WITHHELD;
        g_free(item->what);
        item->what = g_strdup(why);
        run->report->n_changed--;
        run->report->n_withheld++;
        break;
    }
    const UndoRecord record = { .verb = UNDO_RECORD_UNSETTLE,
                                .step = entry->step,
                                .path = entry->path };
    return append(run, &record, error);
}

static bool play(const Run *run, const UndoEntry *entry, Phase *phase, GError **error) {
    UndoPlace place;
    g_autoptr(GError) problem = NULL;
    UndoMove result = UNDO_FAILED;
    if (undo_place_open(run->journal->workspace_fd, entry->path, &place, &problem)) {
        result = phase(run, entry, &place, &problem);
        undo_place_close(&place);
    } else if (error_is(problem, ERR_NOT_FOUND) &&
               (phase != put_in_place || is_absent(target_of(run, entry)))) {
        return true;
    }
    if (result == UNDO_OTHERS) return withdraw(run, entry, CHANGED_SINCE, error);
    if (result != UNDO_FAILED) return true;
    if (error_is(problem, ERR_DENIED) || error_is(problem, ERR_NOT_FOUND))
        return withdraw(run, entry, problem->message, error);
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

/* How the path is now, for the check of the next undo or redo. */
static bool note_result(const Run *run, const UndoEntry *entry, GError **error) {
    UndoImage now = { 0 };
    if (!undo_after_read(run->journal, entry->path, &now, error)) return false;
    const UndoRecord record = { .verb = run->is_redo ? UNDO_RECORD_AFTER : UNDO_RECORD_BEFORE,
                                .step = entry->step,
                                .path = entry->path,
                                .image = now,
                                .has_content = entry->has_content };
    const UndoImage *target = target_of(run, entry);
    /* What could not be put back must not pass for it. */
    bool is_ok = !undo_image_is_alike(target, &now) || append(run, &record, error);
    undo_image_clear(&now);
    return is_ok;
}

static int compare_entries(const void *one, const void *other) {
    const UndoEntry *a = *(UndoEntry *const *)one, *b = *(UndoEntry *const *)other;
    return strcmp(a->path, b->path);
}

/* A folder that the step left as it was: it gets its time back after what an undo changes in it. */
static bool is_keeper(const UndoEntry *entry) {
    return entry->is_same && entry->has_after && is_folder(&entry->before) &&
           is_folder(&entry->after);
}

/* The entries of the step at work that are not yet where they shall be, by path. */
static GPtrArray *entries_of(const Run *run) {
    GPtrArray *entries = g_ptr_array_new();
    const GPtrArray *all = run->turn->log->entries;
    for (unsigned i = 0; i < all->len; i++) {
        UndoEntry *entry = all->pdata[i];
        if (entry->step == run->step && (undo_entry_is_change(entry) || is_keeper(entry)) &&
            entry->is_undone == run->is_redo)
            g_ptr_array_add(entries, entry);
    }
    g_ptr_array_sort(entries, compare_entries);
    return entries;
}

static bool play_up(const Run *run, const GPtrArray *entries, Phase *phase, GError **error) {
    for (unsigned i = entries->len; i > 0; i--) {
        const UndoEntry *entry = entries->pdata[i - 1];
        if (entry->is_settled && !play(run, entry, phase, error)) return false;
    }
    return true;
}

static bool play_down(const Run *run, const GPtrArray *entries, Phase *phase, GError **error) {
    for (unsigned i = 0; i < entries->len; i++) {
        const UndoEntry *entry = entries->pdata[i];
        if (entry->is_settled && !play(run, entry, phase, error)) return false;
    }
    return true;
}

static bool run_step(Run *run, int64_t step, GError **error) {
    run->step = step;
    g_autoptr(GPtrArray) entries = entries_of(run);
    for (unsigned i = 0; i < entries->len; i++)
        if (!look(run, entries->pdata[i], error)) return false;
    if (run->is_dry) return true;
    if (!play_down(run, entries, open_up, error) || !play_up(run, entries, clear_away, error) ||
        !play_down(run, entries, put_in_place, error) || !play_up(run, entries, set_folder, error))
        return false;
    for (unsigned i = 0; i < entries->len; i++) {
        const UndoEntry *entry = entries->pdata[i];
        if (entry->is_settled && !note_result(run, entry, error)) return false;
    }
    return true;
}

static bool run_steps(Run *run, GError **error) {
    const GPtrArray *steps = run->turn->log->steps;
    for (unsigned i = 0; i < steps->len; i++) {
        const UndoStepLog *step = steps->pdata[run->is_redo ? i : steps->len - 1 - i];
        if (!run_step(run, step->number, error)) return false;
    }
    return true;
}

static bool sync_all(const UndoJournal *journal, GError **error) {
    if (syncfs(journal->workspace_fd) == 0 &&
        (journal->has_overlay || syncfs(journal->folder_fd) == 0))
        return true;
    error_set_errno(error, errno, "writing '%s' to the disk", journal->workspace);
    return false;
}

static bool run_turn(Run *run, GError **error) {
    UndoTurnLog *log = run->turn->log;
    *run->report = (UndoReport){ .turn = log->number };
    run->simulated = g_hash_table_new(g_str_hash, g_str_equal);
    UndoVerb first = run->is_redo ? UNDO_RECORD_REDO : UNDO_RECORD_REVERT;
    UndoVerb last = run->is_redo ? UNDO_RECORD_REDONE : UNDO_RECORD_REVERTED;
    bool is_ok =
        run->is_dry || log->activity != UNDO_IDLE || undo_turn_log_mark(log, first, 0, error);
    is_ok = is_ok && run_steps(run, error);
    if (is_ok && !run->is_dry)
        is_ok = sync_all(run->journal, error) && undo_turn_log_mark(log, last, 0, error);
    undo_report_sort(run->report);
    g_hash_table_unref(run->simulated);
    return is_ok;
}

bool undo_revert_resume(UndoJournal *journal, UndoTurnLog *log, GError **error) {
    bool is_redo = log->activity == UNDO_REDOES;
    UndoTurn *turn = undo_turn_resume(journal, log, error);
    if (turn == NULL) return false;
    UndoReport report = { 0 };
    Run run = { .journal = journal, .turn = turn, .is_redo = is_redo, .report = &report };
    bool is_ok = run_turn(&run, error);
    undo_report_clear(&report);
    undo_turn_free(turn);
    return is_ok;
}

/* ---- Choosing ---- */

static bool has_entries(const UndoTurnLog *log, bool is_redo) {
    for (unsigned i = 0; i < log->entries->len; i++) {
        const UndoEntry *entry = log->entries->pdata[i];
        if (undo_entry_is_change(entry) && entry->is_undone == is_redo) return true;
    }
    return false;
}

/* The newest turn that can be undone, or the one that was undone last; 0 = none. */
static int64_t choose(UndoJournal *journal, bool is_redo, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return -1;
    int64_t chosen = 0, chosen_ms = -1;
    for (unsigned i = numbers->len; i > 0; i--) {
        int64_t number = g_array_index(numbers, int64_t, i - 1);
        g_autofree char *folder = undo_location_turn(journal, number);
        bool is_live = false;
        g_autoptr(UndoTurnLog) log = undo_turn_log_read(folder, &is_live, NULL);
        if (log == NULL || is_live || log->is_undone != is_redo || !has_entries(log, is_redo))
            continue;
        if (!is_redo) return number;
        if (log->changed_ms > chosen_ms || (log->changed_ms == chosen_ms && number < chosen)) {
            chosen = number;
            chosen_ms = log->changed_ms;
        }
    }
    return chosen;
}

static UndoTurnLog *open_turn(UndoJournal *journal, int64_t number, GError **error) {
    g_autofree char *folder = undo_location_turn(journal, number);
    g_autoptr(GError) problem = NULL;
    UndoTurnLog *log = undo_turn_log_open(folder, &problem);
    if (log != NULL) return log;
    if (error_is(problem, ERR_NOT_FOUND))
        error_set_with_hint(error, ERR_NOT_FOUND, "See 'localgpt undo --list'.",
                            "there is no turn %" G_GINT64_FORMAT " to undo", (gint64)number);
    else if (error_is(problem, ERR_EXISTS))
        error_set_with_hint(error, ERR_EXISTS, "Wait until it has ended.",
                            "turn %" G_GINT64_FORMAT " still runs", (gint64)number);
    else
        g_propagate_error(error, g_steal_pointer(&problem));
    return NULL;
}

static bool revert_or_redo(Run *run, int64_t number, GError **error) {
    bool is_named = number != 0;
    if (!is_named) number = choose(run->journal, run->is_redo, error);
    if (number < 0) return false;
    if (number == 0) {
        error_set(error, ERR_NOT_FOUND, "there is nothing to %s in '%s'",
                  run->is_redo ? "redo" : "undo", run->journal->workspace);
        return false;
    }
    UndoTurnLog *log = open_turn(run->journal, number, error);
    if (log == NULL) return false;
    bool is_unsure = log->is_killed && !run->is_redo && !is_named && !run->is_dry;
    if (!has_entries(log, run->is_redo)) {
        error_set(error, ERR_NOT_FOUND, "turn %" G_GINT64_FORMAT " has nothing to %s",
                  (gint64)number, run->is_redo ? "redo" : "undo");
        undo_turn_log_free(log);
        return false;
    }
    if (is_unsure) {
        g_autofree char *hint =
            g_strdup_printf("Look at 'localgpt diff --turn %" G_GINT64_FORMAT
                            "', then 'localgpt undo --turn %" G_GINT64_FORMAT "'.",
                            (gint64)number, (gint64)number);
        error_set_with_hint(error, ERR_DENIED, hint,
                            "turn %" G_GINT64_FORMAT " was killed: what others changed in its "
                            "files until then cannot be told apart",
                            (gint64)number);
        undo_turn_log_free(log);
        return false;
    }
    run->turn = undo_turn_resume(run->journal, log, error);
    if (run->turn == NULL) return false;
    bool is_ok = run_turn(run, error);
    undo_turn_free(run->turn);
    return is_ok;
}

static bool locked(Run *run, int64_t number, UndoReport *out, GError **error) {
    int lock = undo_journal_lock(run->journal, error);
    if (lock < 0) return false;
    UndoReport report = { 0 };
    run->report = &report;
    bool is_ok = revert_or_redo(run, number, error);
    run->report = NULL;
    close(lock);
    if (is_ok && out != NULL)
        *out = report;
    else
        undo_report_clear(&report);
    return is_ok;
}

bool undo_revert(UndoJournal *journal, int64_t turn, unsigned flags, UndoReport *out,
                 GError **error) {
    Run run = { .journal = journal, .is_dry = (flags & UNDO_DRY_RUN) != 0 };
    return locked(&run, turn, out, error);
}

bool undo_redo(UndoJournal *journal, int64_t turn, unsigned flags, UndoReport *out,
               GError **error) {
    Run run = { .journal = journal, .is_redo = true, .is_dry = (flags & UNDO_DRY_RUN) != 0 };
    return locked(&run, turn, out, error);
}

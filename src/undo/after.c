/* undo/after.c: how a step left its paths, and the report of it. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "undo/journal-private.h"

/* clang-format off */
static const char *const fates[] = { "changed", "withheld", "lost", NULL };
static const Field item_fields[] = {
    { "path", FIELD_STRING(UndoItem, path),      .help = "Below the workspace." },
    { "fate", FIELD_ENUM(UndoItem, fate, fates), .help = "changed; withheld: somebody else changed it or has it open, and their version was kept; lost: changed, but it cannot be restored." },
    { "what", FIELD_STRING(UndoItem, what),      .help = "created, modified, removed, attributes, or the reason." },
    { 0 }
};
const Field undo_report_fields[] = {
    { "turn",     FIELD_INT(UndoReport, turn),       .help = "Number of the turn." },
    { "changed",  FIELD_INT(UndoReport, n_changed),  .help = "Paths that were changed." },
    { "withheld", FIELD_INT(UndoReport, n_withheld), .help = "Paths that were left alone." },
    { "lost",     FIELD_INT(UndoReport, n_lost),     .help = "Paths that cannot be restored." },
    { "items",    FIELD_STRUCTS(UndoReport, items, UndoItem, item_fields), .help = "Each path." },
    { 0 }
};
/* clang-format on */

static void item_free(void *data) {
    UndoItem *item = data;
    g_free(item->path);
    g_free(item->what);
    g_free(item);
}

void undo_report_clear(UndoReport *report) {
    if (report->items != NULL) g_ptr_array_unref(report->items);
    *report = (UndoReport){ 0 };
}

void undo_report_add(UndoReport *report, UndoFate fate, const char *path, const char *what) {
    if (report->items == NULL) report->items = g_ptr_array_new_with_free_func(item_free);
    UndoItem *item = g_new0(UndoItem, 1);
    item->path = g_strdup(path);
    item->fate = fate;
    item->what = g_strdup(what);
    g_ptr_array_add(report->items, item);
    report->n_changed += fate == UNDO_CHANGED;
    report->n_withheld += fate == UNDO_WITHHELD;
    report->n_lost += fate == UNDO_LOST;
}

static int compare_items(const void *one, const void *other) {
    const UndoItem *a = *(UndoItem *const *)one, *b = *(UndoItem *const *)other;
    return strcmp(a->path, b->path);
}

void undo_report_sort(UndoReport *report) {
    if (report->items == NULL) report->items = g_ptr_array_new_with_free_func(item_free);
    g_ptr_array_sort(report->items, compare_items);
}

const char *undo_report_word(const UndoImage *before, const UndoImage *after) {
    if (before->kind == UNDO_KIND_ABSENT) return "created";
    if (after->kind == UNDO_KIND_ABSENT) return "removed";
    bool has_same_content =
        before->kind == after->kind &&
        (before->kind == UNDO_KIND_FOLDER ||
         (before->inode == after->inode && before->modified_ns == after->modified_ns &&
          before->size_bytes == after->size_bytes));
    return has_same_content ? "attributes" : "modified";
}

/* A folder whose time alone changed is no news. */
static bool is_news(const UndoEntry *entry) {
    return entry->before.kind != UNDO_KIND_FOLDER || entry->after.kind != UNDO_KIND_FOLDER ||
           entry->before.mode != entry->after.mode ||
           g_strcmp0(entry->before.attributes, entry->after.attributes) != 0;
}

void undo_report_fill(UndoReport *report, const UndoTurnLog *log, int64_t step) {
    *report = (UndoReport){ .turn = log->number };
    for (unsigned i = 0; i < log->entries->len; i++) {
        const UndoEntry *entry = log->entries->pdata[i];
        if (step != 0 && entry->step != step) continue;
        if (entry->withheld != NULL)
            undo_report_add(report, UNDO_WITHHELD, entry->path, entry->withheld);
        else if (undo_entry_is_change(entry) && entry->lost != NULL)
            undo_report_add(report, UNDO_LOST, entry->path, entry->lost);
        else if (undo_entry_is_change(entry) && is_news(entry))
            undo_report_add(report, UNDO_CHANGED, entry->path,
                            undo_report_word(&entry->before, &entry->after));
    }
    undo_report_sort(report);
}

static bool add_hash(const UndoJournal *journal, UndoSpot spot, UndoImage *image, GError **error) {
    if (image->kind != UNDO_KIND_FILE || image->size_bytes > journal->config.max_file_bytes)
        return true;
    int fd = undo_content_open(spot);
    if (fd < 0) return true; /* not readable: its times must do */
    image->sha256 = undo_content_sha256(fd, error);
    close(fd);
    return image->sha256 != NULL;
}

bool undo_after_read(const UndoJournal *journal, const char *path, UndoImage *out_image,
                     GError **error) {
    UndoPlace place;
    g_autoptr(GError) problem = NULL;
    if (!undo_place_open(journal->workspace_fd, path, &place, &problem)) {
        *out_image = (UndoImage){ 0 };
        if (error_is(problem, ERR_NOT_FOUND)) return true;
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    UndoImage image = { 0 };
    bool is_ok = undo_image_read(place.folder_fd, place.name, &image, error) &&
                 add_hash(journal, (UndoSpot){ place.folder_fd, place.name }, &image, error);
    undo_place_close(&place);
    if (is_ok)
        *out_image = image;
    else
        undo_image_clear(&image);
    return is_ok;
}

/* Whether b/N holds the content that is there now. */
static bool has_kept_content(const UndoStep *step, const UndoEntry *entry, const UndoImage *now) {
    if (now->sha256 == NULL) return false;
    g_autofree char *blob = undo_turn_log_blob('b', entry);
    int fd = undo_content_open((UndoSpot){ step->turn->folder_fd, blob });
    if (fd < 0) return false;
    g_autofree char *sha256 = undo_content_sha256(fd, NULL);
    close(fd);
    return g_strcmp0(sha256, now->sha256) == 0;
}

/* Touched, but as it was. */
static bool is_same(const UndoStep *step, const UndoEntry *entry, const UndoImage *now) {
    const UndoImage *before = &entry->before;
    if (undo_image_is_untouched(before, now)) return true;
    if (!undo_image_is_alike(before, now) || before->modified_ns != now->modified_ns) return false;
    if (before->kind != UNDO_KIND_FILE) return true;
    /* Of the same content, but no longer the file that has other names. */
    if (before->n_links > 1 && before->inode != now->inode) return false;
    if (entry->has_content) return has_kept_content(step, entry, now);
    return before->inode == now->inode && entry->lost == NULL;
}

static bool note_entry(UndoStep *step, const UndoEntry *entry, GError **error) {
    UndoImage now = { 0 };
    if (!undo_after_read(step->turn->journal, entry->path, &now, error)) return false;
    bool is_ok;
    if (is_same(step, entry, &now)) {
        is_ok = (now.kind != UNDO_KIND_FOLDER ||
                 undo_step_note(step, UNDO_RECORD_AFTER, entry->path, &now, error)) &&
                undo_step_note(step, UNDO_RECORD_SAME, entry->path, NULL, error);
        g_autofree char *blob = undo_turn_log_blob('b', entry);
        if (is_ok && entry->has_content) unlinkat(step->turn->folder_fd, blob, 0);
    } else {
        is_ok = undo_step_note(step, UNDO_RECORD_AFTER, entry->path, &now, error);
    }
    undo_image_clear(&now);
    return is_ok;
}

bool undo_after_note(UndoStep *step, GError **error) {
    for (unsigned i = 0;; i++) {
        g_mutex_lock(&step->turn->lock);
        const GPtrArray *entries = step->turn->log->entries;
        const UndoEntry *entry = i < entries->len ? entries->pdata[i] : NULL;
        g_mutex_unlock(&step->turn->lock);
        if (entry == NULL) return true;
        if (entry->step != step->number || !entry->has_before || entry->withheld != NULL) continue;
        if (!note_entry(step, entry, error)) return false;
    }
}

/*
 * undo/turn_diff.c: what a turn changed, or an overlay would change, as a unified diff.
 *
 * A path that several steps changed is shown once, from the first image to the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/diff.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "undo/journal-private.h"

/* A larger file is named with its sizes. */
enum { MAX_TEXT_BYTES = 4 * 1024 * 1024 };

/* One end of a change: what, and where its content lies. */
typedef struct {
    const UndoImage *image;
    UndoSpot spot;
} Side;

static char *read_text(const Side *side, size_t *out_length) {
    *out_length = 0;
    if (side->image->kind != UNDO_KIND_FILE) return g_strdup("");
    if (side->image->size_bytes > MAX_TEXT_BYTES) return NULL;
    int fd = undo_content_open(side->spot);
    if (fd < 0) return NULL;
    size_t room = (size_t)side->image->size_bytes;
    char *text = g_malloc(room + 1);
    for (size_t length = 0; length < room; *out_length = length) {
        ssize_t n = read(fd, text + length, room - length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        length += (size_t)n;
    }
    text[*out_length] = '\0';
    close(fd);
    return text;
}

/* "a file of 12 kB", "a link to 'x'", "nothing". */
static char *describe(const UndoImage *image) {
    switch (image->kind) {
    case UNDO_KIND_ABSENT: return g_strdup("nothing");
    case UNDO_KIND_FOLDER: return g_strdup("a folder");
    case UNDO_KIND_LINK: return g_strdup_printf("a link to '%s'", image->target);
    case UNDO_KIND_OTHER: return g_strdup("a special file");
    default: break;
    }
    g_autofree char *size = text_format_size((unsigned long long)image->size_bytes);
    return g_strdup_printf("a file of %s", size);
}

static void append_sentence(GString *out, const char *path, const UndoImage *before,
                            const UndoImage *after) {
    g_autofree char *from = describe(before), *to = describe(after);
    g_string_append_printf(out, "# %s: was %s, is %s\n", path, from, to);
}

static bool is_text_side(const UndoImage *image) {
    return image->kind == UNDO_KIND_FILE || image->kind == UNDO_KIND_ABSENT;
}

static void append_texts(GString *out, const char *path, const Side *before, const Side *after) {
    size_t old_length, new_length;
    g_autofree char *old_text = read_text(before, &old_length);
    g_autofree char *new_text = read_text(after, &new_length);
    if (old_text == NULL || new_text == NULL || diff_is_binary(old_text, old_length) ||
        diff_is_binary(new_text, new_length)) {
        append_sentence(out, path, before->image, after->image);
        return;
    }
    g_autofree char *old_name = g_strconcat("a/", path, NULL);
    g_autofree char *new_name = g_strconcat("b/", path, NULL);
    const DiffInput input = {
        .old_text = old_text,
        .old_length = old_length,
        .new_text = new_text,
        .new_length = new_length,
        .old_name = before->image->kind == UNDO_KIND_ABSENT ? "/dev/null" : old_name,
        .new_name = after->image->kind == UNDO_KIND_ABSENT ? "/dev/null" : new_name,
    };
    g_autofree char *diff = diff_unified(&input);
    g_string_append(out, diff);
    bool is_made = before->image->kind != after->image->kind;
    if (*diff == '\0' && is_made) append_sentence(out, path, before->image, after->image);
}

static void append_change(GString *out, const char *path, const Side *before, const Side *after) {
    const UndoImage *was = before->image, *is = after->image;
    if (was->kind == UNDO_KIND_FOLDER && is->kind == UNDO_KIND_FOLDER && was->mode == is->mode)
        return;
    if (was->kind == is->kind && was->mode != is->mode)
        g_string_append_printf(out, "# %s: mode %04o, now %04o\n", path,
                               (unsigned)was->mode & 07777, (unsigned)is->mode & 07777);
    if (is_text_side(was) && is_text_side(is))
        append_texts(out, path, before, after);
    else if (was->kind != is->kind || g_strcmp0(was->target, is->target) != 0)
        append_sentence(out, path, was, is);
}

/* ---- Of a turn ---- */

/* First and last entry of a path. */
typedef struct {
    const UndoEntry *first;
    const UndoEntry *last;
} Span;

static int compare_spans(const void *one, const void *other) {
    const Span *a = *(Span *const *)one, *b = *(Span *const *)other;
    return strcmp(a->first->path, b->first->path);
}

static GPtrArray *collect(const UndoTurnLog *log) {
    GPtrArray *spans = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) by_path = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned i = 0; i < log->entries->len; i++) {
        const UndoEntry *entry = log->entries->pdata[i];
        if (!undo_entry_is_change(entry)) continue;
        Span *span = g_hash_table_lookup(by_path, entry->path);
        if (span == NULL) {
            span = g_new0(Span, 1);
            span->first = entry;
            g_hash_table_insert(by_path, entry->path, span);
            g_ptr_array_add(spans, span);
        }
        span->last = entry;
    }
    g_ptr_array_sort(spans, compare_spans);
    return spans;
}

static bool is_changed_since(const Side *side) {
    if (side->image->kind != UNDO_KIND_FILE || side->image->sha256 == NULL) return false;
    int fd = undo_content_open(side->spot);
    g_autofree char *sha256 = fd >= 0 ? undo_content_sha256(fd, NULL) : NULL;
    if (fd >= 0) close(fd);
    return g_strcmp0(sha256, side->image->sha256) != 0;
}

static void append_span(GString *out, UndoTurn *turn, const Span *span) {
    const UndoEntry *first = span->first, *last = span->last;
    UndoPlace place;
    if (!undo_place_open(turn->journal->workspace_fd, last->path, &place, NULL)) {
        append_sentence(out, last->path, &first->before, &last->after);
        return;
    }
    g_autofree char *old_blob = undo_turn_log_blob('b', first);
    g_autofree char *new_blob = undo_turn_log_blob('a', last);
    UndoSpot here = { place.folder_fd, place.name };
    const Side before = { &first->before, first->is_undone || !first->has_content
                                              ? here
                                              : (UndoSpot){ turn->folder_fd, old_blob } };
    const Side after = { &last->after,
                         last->is_undone ? (UndoSpot){ turn->folder_fd, new_blob } : here };
    if (is_changed_since(&after))
        g_string_append_printf(out, "# %s: changed since by somebody else\n", last->path);
    else if (first->lost != NULL)
        append_sentence(out, last->path, &first->before, &last->after);
    else
        append_change(out, last->path, &before, &after);
    undo_place_close(&place);
}

static int64_t newest_turn(UndoJournal *journal, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return -1;
    for (unsigned i = numbers->len; i > 0; i--) {
        int64_t number = g_array_index(numbers, int64_t, i - 1);
        g_autofree char *folder = undo_location_turn(journal, number);
        g_autoptr(UndoTurnLog) log = undo_turn_log_read(folder, NULL, NULL);
        for (unsigned k = 0; log != NULL && k < log->entries->len; k++)
            if (undo_entry_is_change(log->entries->pdata[k])) return number;
    }
    error_set(error, ERR_NOT_FOUND, "no turn has changed anything in '%s'", journal->workspace);
    return -1;
}

char *undo_diff(UndoJournal *journal, int64_t turn_number, GError **error) {
    int64_t number = turn_number != 0 ? turn_number : newest_turn(journal, error);
    if (number < 0) return NULL;
    g_autofree char *folder = undo_location_turn(journal, number);
    g_autoptr(GError) problem = NULL;
    UndoTurnLog *log = undo_turn_log_read(folder, NULL, &problem);
    if (log == NULL && error_is(problem, ERR_NOT_FOUND)) {
        error_set_with_hint(error, ERR_NOT_FOUND, "See 'localgpt undo --list'.",
                            "there is no turn %" G_GINT64_FORMAT, (gint64)number);
        return NULL;
    }
    if (log == NULL) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return NULL;
    }
    UndoTurn *turn = undo_turn_resume(journal, log, error);
    if (turn == NULL) return NULL;
    GString *out = g_string_new(NULL);
    g_autoptr(GPtrArray) spans = collect(log);
    for (unsigned i = 0; i < spans->len; i++) append_span(out, turn, spans->pdata[i]);
    undo_turn_free(turn);
    return g_string_free(out, FALSE);
}

/* ---- Of an overlay ---- */

typedef struct {
    UndoStep *step;
    GString *out;
    const char *path;
    int upper_fd;  /* of this folder; -1 where all of it was removed */
    int target_fd; /* of this folder; -1 where it is new */
} Walk;

static void walk_folder(const Walk *walk);

static bool is_protected(const UndoStep *step, const char *path) {
    for (unsigned i = 0; i < step->withheld->len; i++)
        if (undo_place_is_within(path, step->withheld->pdata[i])) return true;
    return false;
}

static void read_image(int folder_fd, const char *name, UndoImage *out_image) {
    if (folder_fd >= 0) (void)!undo_image_read(folder_fd, name, out_image, NULL);
}

static int open_below(int folder_fd, const char *name) {
    return folder_fd < 0 ? -1
                         : openat(folder_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A name in the upper folder, in the workspace, or in both. */
static void walk_name(const Walk *walk, const char *name) {
    g_autofree char *path = undo_place_join(walk->path, name);
    if (is_protected(walk->step, path)) return;
    UndoImage fresh = { 0 }, old = { 0 };
    read_image(walk->upper_fd, name, &fresh);
    read_image(walk->target_fd, name, &old);
    bool is_whiteout = S_ISCHR((mode_t)fresh.mode) && fresh.device == 0;
    bool is_folder = fresh.kind == UNDO_KIND_FOLDER;
    if (is_whiteout) undo_image_clear(&fresh);
    const Side before = { &old, { walk->target_fd, name } };
    const Side after = { &fresh, { walk->upper_fd, name } };
    append_change(walk->out, path, &before, &after);
    if (is_folder || old.kind == UNDO_KIND_FOLDER) {
        const Walk below = { walk->step, walk->out, path,
                             is_folder ? open_below(walk->upper_fd, name) : -1,
                             old.kind == UNDO_KIND_FOLDER ? open_below(walk->target_fd, name)
                                                          : -1 };
        walk_folder(&below);
        if (below.upper_fd >= 0) close(below.upper_fd);
        if (below.target_fd >= 0) close(below.target_fd);
    }
    undo_image_clear(&fresh);
    undo_image_clear(&old);
}

/* Nothing of the old folder shows through: names that the upper has not are gone. */
static void add_hidden(const Walk *walk, GPtrArray *names) {
    bool hides_old =
        walk->upper_fd < 0 || undo_image_has_overlay_flag(walk->upper_fd, ".", "opaque");
    g_autoptr(GPtrArray) old =
        hides_old && walk->target_fd >= 0 ? undo_place_list(walk->target_fd) : NULL;
    for (unsigned i = 0; old != NULL && i < old->len; i++) {
        struct stat info;
        bool is_in_upper = walk->upper_fd >= 0 &&
                           fstatat(walk->upper_fd, old->pdata[i], &info, AT_SYMLINK_NOFOLLOW) == 0;
        if (!is_in_upper) g_ptr_array_add(names, g_strdup(old->pdata[i]));
    }
    text_array_sort(names);
}

static void walk_folder(const Walk *walk) {
    GPtrArray *listed = walk->upper_fd >= 0 ? undo_place_list(walk->upper_fd) : NULL;
    g_autoptr(GPtrArray) names = listed != NULL ? listed : g_ptr_array_new_with_free_func(g_free);
    add_hidden(walk, names);
    for (unsigned i = 0; i < names->len; i++) walk_name(walk, names->pdata[i]);
}

char *undo_step_preview(UndoStep *step, GError **error) {
    int upper_fd = open(step->upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (upper_fd < 0) {
        error_set_errno(error, errno, "opening '%s'", step->upper);
        return NULL;
    }
    GString *out = g_string_new(NULL);
    const Walk walk = { step, out, "", upper_fd, step->turn->journal->workspace_fd };
    walk_folder(&walk);
    close(upper_fd);
    return g_string_free(out, FALSE);
}

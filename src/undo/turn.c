/* undo/turn.c: the life of turns and steps. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "undo/journal-private.h"

/* The clock is asked for at most this long (a kernel that ticks 100 times a second). */
enum { MAX_CLOCK_WAIT_US = 50000 };

/* ---- Turns ---- */

UndoTurn *undo_turn_resume(UndoJournal *journal, UndoTurnLog *log, GError **error) {
    int fd = open(log->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", log->folder);
        undo_turn_log_free(log);
        return NULL;
    }
    UndoTurn *turn = g_new0(UndoTurn, 1);
    turn->journal = journal;
    turn->log = log;
    turn->folder_fd = fd;
    turn->twins = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    turn->linked = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_mutex_init(&turn->lock);
    turn->n_steps = log->steps->len;
    return turn;
}

void undo_turn_free(UndoTurn *turn) {
    if (turn == NULL) return;
    undo_turn_log_free(turn->log);
    g_hash_table_unref(turn->linked);
    g_hash_table_unref(turn->twins);
    g_mutex_clear(&turn->lock);
    close(turn->folder_fd);
    g_free(turn);
}

/* The next free number. Two processes may look at once: mkdir decides. */
static char *make_turn_folder(UndoJournal *journal, int64_t *out_number, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return NULL;
    int64_t number = numbers->len > 0 ? g_array_index(numbers, int64_t, numbers->len - 1) + 1 : 1;
    for (;; number++) {
        g_autofree char *folder = undo_location_turn(journal, number);
        if (mkdir(folder, 0700) == 0) {
            *out_number = number;
            return g_steal_pointer(&folder);
        }
        if (errno == EEXIST) continue;
        error_set_errno(error, errno, "making '%s'", folder);
        return NULL;
    }
}

static bool note_turn(UndoTurn *turn, int64_t number, const char *session, const char *summary,
                      GError **error) {
    UndoRecord record = { .verb = UNDO_RECORD_TURN,
                          .number = number,
                          .time_ms = g_get_real_time() / 1000,
                          .session = (char *)(session != NULL ? session : ""),
                          .text = (char *)(summary != NULL ? summary : "") };
    return mkdirat(turn->folder_fd, "b", 0700) == 0 && mkdirat(turn->folder_fd, "a", 0700) == 0
               ? undo_turn_log_append(turn->log, &record, error)
               : (error_set_errno(error, errno, "making folders in '%s'", turn->log->folder),
                  false);
}

UndoTurn *undo_turn_begin(UndoJournal *journal, const char *session_id, const char *summary,
                          GError **error) {
    int64_t number = 0;
    g_autofree char *folder = make_turn_folder(journal, &number, error);
    if (folder == NULL) return NULL;
    UndoTurnLog *log = undo_turn_log_create(folder, error);
    UndoTurn *turn = log != NULL ? undo_turn_resume(journal, log, error) : NULL;
    if (turn != NULL && note_turn(turn, number, session_id, summary, error)) return turn;
    undo_turn_free(turn);
    undo_location_remove_tree(AT_FDCWD, folder, NULL);
    return NULL;
}

int64_t undo_turn_number(const UndoTurn *turn) {
    return turn->log->number;
}

static unsigned count_changes(const UndoTurnLog *log) {
    unsigned n_changes = 0;
    for (unsigned i = 0; i < log->entries->len; i++)
        n_changes += undo_entry_is_change(log->entries->pdata[i]);
    return n_changes;
}

unsigned undo_turn_n_changed(UndoTurn *turn) {
    g_mutex_lock(&turn->lock);
    unsigned n_changes = count_changes(turn->log);
    g_mutex_unlock(&turn->lock);
    return n_changes;
}

static bool has_unfinished_step(const UndoTurnLog *log) {
    for (unsigned i = 0; i < log->steps->len; i++) {
        UndoPhase phase = ((const UndoStepLog *)log->steps->pdata[i])->phase;
        if (phase != UNDO_STEP_FINISHED && phase != UNDO_STEP_DROPPED) return true;
    }
    return false;
}

bool undo_turn_end(UndoTurn *turn, GError **error) {
    undo_turn_drop_preview(turn);
    bool is_ok = true;
    if (has_unfinished_step(turn->log)) {
        /* It failed (a full disk): the next undo_journal_open() tries again. */
    } else if (count_changes(turn->log) == 0)
        is_ok = undo_location_remove_tree(AT_FDCWD, turn->log->folder, error);
    else
        is_ok = undo_turn_log_mark(turn->log, UNDO_RECORD_END, 0, error);
    undo_turn_free(turn);
    return is_ok;
}

/* ---- Steps ---- */

/* A moment that is later than every change so far and not later than any change to come, on the
 * clock of the file system's ctimes: that of a probe, once it has moved on. Where times are fine
 * (Linux 6.13) it does so at once, else with the next tick. */
static bool read_clock(int folder_fd, int64_t *out_ns, GError **error) {
    int fd = openat(folder_fd, "clock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat first, now;
    bool is_ok = fd >= 0 && fchmod(fd, 0600) == 0 && fstat(fd, &first) == 0;
    int64_t start_us = g_get_monotonic_time();
    do {
        is_ok = is_ok && fchmod(fd, 0600) == 0 && fstat(fd, &now) == 0;
        if (!is_ok) break;
        *out_ns = undo_image_time_ns(now.st_ctim);
    } while (*out_ns == undo_image_time_ns(first.st_ctim) &&
             g_get_monotonic_time() - start_us < MAX_CLOCK_WAIT_US);
    if (!is_ok) error_set_errno(error, errno, "asking the file system for its time");
    if (fd >= 0) close(fd);
    return is_ok;
}

static UndoStep *step_new(UndoTurn *turn, int64_t number, int64_t kind) {
    UndoStep *step = g_new0(UndoStep, 1);
    step->turn = turn;
    step->number = number;
    step->kind = kind;
    step->withheld = g_ptr_array_new_with_free_func(g_free);
    step->own = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    if (kind == UNDO_STEP_OVERLAY) {
        step->overlay = g_strdup_printf("u%" G_GINT64_FORMAT, (gint64)number);
        step->upper = g_build_filename(turn->log->folder, step->overlay, "upper", NULL);
        step->work = g_build_filename(turn->log->folder, step->overlay, "work", NULL);
    }
    return step;
}

void undo_step_free(UndoStep *step) {
    if (step == NULL) return;
    g_free(step->overlay);
    g_free(step->upper);
    g_free(step->work);
    g_ptr_array_unref(step->withheld);
    g_hash_table_unref(step->own);
    g_free(step);
}

UndoStep *undo_step_resume(UndoTurn *turn, const UndoStepLog *row) {
    UndoStep *step = step_new(turn, row->number, row->kind);
    step->clock_ns = row->clock_ns;
    step->is_recovery = true;
    return step;
}

/* The upper folder takes the workspace's attributes and time: it is what the command sees as its
 * root. */
static bool make_overlay_folders(UndoStep *step, GError **error) {
    g_autofree char *folder = g_path_get_dirname(step->upper);
    if (mkdir(folder, 0700) != 0 || mkdir(step->upper, 0700) != 0 || mkdir(step->work, 0700) != 0) {
        error_set_errno(error, errno, "making the overlay '%s'", folder);
        return false;
    }
    UndoImage image = { 0 };
    bool is_ok = undo_image_read(step->turn->journal->workspace_fd, ".", &image, error) &&
                 undo_image_apply(AT_FDCWD, step->upper, &image, error);
    undo_image_clear(&image);
    return is_ok;
}

static bool start_step(UndoStep *step, const char *what, GError **error) {
    UndoTurn *turn = step->turn;
    if (step->kind == UNDO_STEP_OVERLAY && (!make_overlay_folders(step, error) ||
                                            !read_clock(turn->folder_fd, &step->clock_ns, error)))
        return false;
    UndoRecord record = { .verb = UNDO_RECORD_STEP,
                          .step = step->number,
                          .step_kind = step->kind,
                          .clock_ns = step->clock_ns,
                          .text = (char *)(what != NULL ? what : "") };
    g_mutex_lock(&turn->lock);
    bool is_ok = undo_turn_log_append(turn->log, &record, error);
    g_mutex_unlock(&turn->lock);
    return is_ok;
}

UndoStep *undo_step_begin(UndoTurn *turn, UndoStepKind kind, const char *what, GError **error) {
    if (kind == UNDO_STEP_OVERLAY && !turn->journal->has_overlay) {
        error_set(error, ERR_DENIED, "'%s' is on another file system than its undo journal",
                  turn->journal->workspace);
        return NULL;
    }
    g_mutex_lock(&turn->lock);
    int64_t number = ++turn->n_steps;
    g_mutex_unlock(&turn->lock);
    UndoStep *step = step_new(turn, number, kind);
    if (start_step(step, what, error)) return step;
    undo_step_free(step);
    return NULL;
}

const char *undo_step_upper(const UndoStep *step) {
    return step->upper;
}

const char *undo_step_work(const UndoStep *step) {
    return step->work;
}

void undo_step_withhold(UndoStep *step, const char *path) {
    g_ptr_array_add(step->withheld, g_strdup(path));
}

bool undo_step_note(UndoStep *step, UndoVerb verb, const char *path, const UndoImage *image,
                    GError **error) {
    UndoRecord record = { .verb = verb, .step = step->number, .path = (char *)path };
    if (image != NULL) record.image = *image; /* borrowed: the record is not cleared */
    g_mutex_lock(&step->turn->lock);
    bool is_ok = undo_turn_log_append(step->turn->log, &record, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

bool undo_step_tell(UndoStep *step, UndoVerb verb, const char *path, const char *text,
                    GError **error) {
    UndoRecord record = {
        .verb = verb, .step = step->number, .path = (char *)path, .text = (char *)text
    };
    g_mutex_lock(&step->turn->lock);
    bool is_ok = undo_turn_log_append(step->turn->log, &record, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

UndoEntry *undo_step_entry(UndoStep *step, const char *path) {
    g_mutex_lock(&step->turn->lock);
    UndoEntry *entry = undo_turn_log_entry(step->turn->log, step->number, path);
    g_mutex_unlock(&step->turn->lock);
    return entry;
}

static bool mark(UndoStep *step, UndoVerb verb, GError **error) {
    g_mutex_lock(&step->turn->lock);
    bool is_ok = undo_turn_log_mark(step->turn->log, verb, step->number, error);
    g_mutex_unlock(&step->turn->lock);
    return is_ok;
}

/* What the kernel leaves of an overlay that changed nothing, by name: far fewer calls than a walk.
 */
static bool remove_leftovers(const UndoStep *step) {
    static const char *const names[] = { "work/work/incompat/volatile/dirty",
                                         "work/work/incompat/volatile",
                                         "work/work/incompat",
                                         "work/work",
                                         "work",
                                         "upper" };
    int fd = step->turn->folder_fd;
    g_autofree char *work = g_build_filename(step->overlay, "work", "work", NULL);
    (void)!fchmodat(fd, work, 0700, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_strconcat(step->overlay, "/", names[i], NULL);
        unlinkat(fd, path, i == 0 ? 0 : AT_REMOVEDIR);
    }
    return unlinkat(fd, step->overlay, AT_REMOVEDIR) == 0;
}

static bool remove_overlay(UndoStep *step, GError **error) {
    return step->overlay == NULL || remove_leftovers(step) ||
           undo_location_remove_tree(step->turn->folder_fd, step->overlay, error);
}

static bool has_changes(UndoStep *step) {
    g_mutex_lock(&step->turn->lock);
    const GPtrArray *entries = step->turn->log->entries;
    bool found = false;
    for (unsigned i = entries->len; i > 0 && !found; i--) {
        const UndoEntry *entry = entries->pdata[i - 1];
        found = entry->step == step->number && undo_entry_is_change(entry);
    }
    g_mutex_unlock(&step->turn->lock);
    return found;
}

/* What the overlay did goes into place; then all is noted and on the disk before the end record
 * says so. */
static bool finish(UndoStep *step, GError **error) {
    UndoJournal *journal = step->turn->journal;
    if (step->kind == UNDO_STEP_OVERLAY && !undo_commit(step, error)) return false;
    if (!undo_after_note(step, error)) return false;
    if (has_changes(step) && (syncfs(journal->workspace_fd) != 0 ||
                              (!journal->has_overlay && syncfs(journal->folder_fd) != 0))) {
        error_set_errno(error, errno, "writing '%s' to the disk", journal->workspace);
        return false;
    }
    return mark(step, UNDO_RECORD_FINISH, error) && remove_overlay(step, error);
}

bool undo_step_end_recovered(UndoStep *step, GError **error) {
    bool is_ok = finish(step, error);
    undo_step_free(step);
    return is_ok;
}

bool undo_step_finish(UndoStep *step, UndoReport *out, GError **error) {
    int lock = undo_journal_lock(step->turn->journal, error);
    bool is_ok = lock >= 0 && finish(step, error);
    if (lock >= 0) close(lock);
    if (is_ok && out != NULL) {
        g_mutex_lock(&step->turn->lock);
        undo_report_fill(out, step->turn->log, step->number);
        g_mutex_unlock(&step->turn->lock);
    }
    undo_step_free(step);
    return is_ok;
}

void undo_step_drop(UndoStep *step) {
    if (step == NULL) return;
    /* What a direct step did is done: it must stay undoable. */
    if (step->kind == UNDO_STEP_DIRECT) {
        g_autoptr(GError) problem = NULL;
        if (!undo_step_finish(step, NULL, &problem)) g_debug("%s", problem->message);
        return;
    }
    (void)!mark(step, UNDO_RECORD_DROP, NULL);
    (void)!remove_overlay(step, NULL);
    undo_step_free(step);
}

/* ---- The plan mode ---- */

UndoStep *undo_turn_preview(UndoTurn *turn, GError **error) {
    UndoStep *preview = turn->preview;
    if (preview == NULL)
        return turn->preview = undo_step_begin(turn, UNDO_STEP_OVERLAY, "preview", error);
    /* A mount leaves a mark there (it wrote nothing to the disk) that would refuse the next one. */
    if (!undo_location_remove_tree(AT_FDCWD, preview->work, error)) return NULL;
    if (mkdir(preview->work, 0700) == 0) return preview;
    error_set_errno(error, errno, "making '%s'", preview->work);
    return NULL;
}

bool undo_turn_has_preview(UndoTurn *turn) {
    return turn->preview != NULL;
}

bool undo_turn_commit_preview(UndoTurn *turn, UndoReport *out, GError **error) {
    if (turn->preview != NULL) return undo_step_finish(g_steal_pointer(&turn->preview), out, error);
    if (out != NULL) *out = (UndoReport){ .turn = turn->log->number };
    return true;
}

void undo_turn_drop_preview(UndoTurn *turn) {
    undo_step_drop(g_steal_pointer(&turn->preview));
}

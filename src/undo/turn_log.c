/* undo/turn_log.c: see turn_log.h. */
#include "undo/turn_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

/* A turn that changed every file of a large tree. */
#define MAX_LOG_BYTES ((size_t)1 << 30)

enum { LOCK_TRIES = 10, LOCK_WAIT_US = 500, TAIL_BYTES = 512 };

static void entry_free(void *data) {
    UndoEntry *entry = data;
    g_free(entry->path);
    g_free(entry->lost);
    g_free(entry->withheld);
    undo_image_clear(&entry->before);
    undo_image_clear(&entry->after);
    undo_image_clear(&entry->settled);
    g_free(entry);
}

static void step_free(void *data) {
    UndoStepLog *step = data;
    g_free(step->what);
    g_free(step);
}

UndoTurnLog *undo_turn_log_new(void) {
    UndoTurnLog *log = g_new0(UndoTurnLog, 1);
    log->fd = -1;
    log->steps = g_ptr_array_new_with_free_func(step_free);
    log->entries = g_ptr_array_new_with_free_func(entry_free);
    log->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return log;
}

void undo_turn_log_free(UndoTurnLog *log) {
    if (log == NULL) return;
    if (log->fd >= 0) close(log->fd);
    g_free(log->folder);
    g_free(log->session);
    g_free(log->summary);
    g_ptr_array_unref(log->steps);
    g_hash_table_unref(log->index);
    g_ptr_array_unref(log->entries);
    g_free(log);
}

static char *index_key(int64_t step, const char *path) {
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", (gint64)step, path);
}

UndoEntry *undo_turn_log_entry(const UndoTurnLog *log, int64_t step, const char *path) {
    g_autofree char *key = index_key(step, path);
    return g_hash_table_lookup(log->index, key);
}

UndoStepLog *undo_turn_log_step(const UndoTurnLog *log, int64_t step) {
    for (unsigned i = log->steps->len; i > 0; i--) {
        UndoStepLog *row = log->steps->pdata[i - 1];
        if (row->number == step) return row;
    }
    return NULL;
}

char *undo_turn_log_blob(char side, const UndoEntry *entry) {
    return g_strdup_printf("%c/%u", side, entry->number);
}

bool undo_entry_is_change(const UndoEntry *entry) {
    return entry->has_before && entry->has_after && !entry->is_same && entry->withheld == NULL;
}

static UndoEntry *ensure_entry(UndoTurnLog *log, const UndoRecord *record) {
    if (record->path == NULL) return NULL;
    UndoEntry *entry = undo_turn_log_entry(log, record->step, record->path);
    if (entry != NULL) return entry;
    entry = g_new0(UndoEntry, 1);
    entry->path = g_strdup(record->path);
    entry->step = record->step;
    entry->number = log->entries->len;
    g_ptr_array_add(log->entries, entry);
    g_hash_table_insert(log->index, index_key(record->step, record->path), entry);
    return entry;
}

static void set_text(char **member, const char *text) {
    g_free(*member);
    *member = g_strdup(text != NULL ? text : "");
}

static void set_image(UndoImage *member, const UndoImage *image) {
    undo_image_clear(member);
    *member = undo_image_copy(image);
}

static void apply_entry(UndoEntry *entry, const UndoRecord *record) {
    if (entry == NULL) return;
    switch ((UndoVerb)record->verb) {
    case UNDO_RECORD_BEFORE:
        set_image(&entry->before, &record->image);
        entry->has_before = true;
        entry->has_content = record->has_content != 0;
        break;
    case UNDO_RECORD_AFTER:
        set_image(&entry->after, &record->image);
        entry->has_after = true;
        break;
    case UNDO_RECORD_SAME: entry->is_same = true; break;
    case UNDO_RECORD_LOST: set_text(&entry->lost, record->text); break;
    case UNDO_RECORD_WITHHELD: set_text(&entry->withheld, record->text); break;
    case UNDO_RECORD_SETTLE:
        set_image(&entry->settled, &record->image);
        entry->is_settled = true;
        break;
    case UNDO_RECORD_UNSETTLE: entry->is_settled = false; break;
    default: break;
    }
}

static void apply_step(UndoTurnLog *log, const UndoRecord *record) {
    UndoStepLog *step = undo_turn_log_step(log, record->step);
    if (record->verb == UNDO_RECORD_STEP && step == NULL) {
        step = g_new0(UndoStepLog, 1);
        step->number = record->step;
        step->kind = record->step_kind;
        step->clock_ns = record->clock_ns;
        step->what = g_strdup(record->text != NULL ? record->text : "");
        g_ptr_array_add(log->steps, step);
    }
    if (step == NULL) return;
    if (record->verb == UNDO_RECORD_COMMIT) step->phase = UNDO_STEP_COMMITS;
    if (record->verb == UNDO_RECORD_FINISH) step->phase = UNDO_STEP_FINISHED;
    if (record->verb == UNDO_RECORD_DROP) step->phase = UNDO_STEP_DROPPED;
    if (record->verb == UNDO_RECORD_KILLED) log->is_killed = true;
}

static void end_activity(UndoTurnLog *log, bool is_undone, int64_t time_ms) {
    log->activity = UNDO_IDLE;
    log->is_undone = is_undone;
    log->changed_ms = time_ms;
    for (unsigned i = 0; i < log->entries->len; i++) {
        UndoEntry *entry = log->entries->pdata[i];
        if (entry->is_settled) entry->is_undone = is_undone;
        entry->is_settled = false;
    }
}

static void apply(UndoTurnLog *log, const UndoRecord *record) {
    switch ((UndoVerb)record->verb) {
    case UNDO_RECORD_TURN:
        log->number = record->number;
        log->time_ms = record->time_ms;
        set_text(&log->session, record->session);
        set_text(&log->summary, record->text);
        break;
    case UNDO_RECORD_BEFORE:
    case UNDO_RECORD_AFTER:
    case UNDO_RECORD_SAME:
    case UNDO_RECORD_LOST:
    case UNDO_RECORD_WITHHELD:
    case UNDO_RECORD_SETTLE:
    case UNDO_RECORD_UNSETTLE: apply_entry(ensure_entry(log, record), record); break;
    case UNDO_RECORD_STEP:
    case UNDO_RECORD_COMMIT:
    case UNDO_RECORD_FINISH:
    case UNDO_RECORD_DROP:
    case UNDO_RECORD_KILLED: apply_step(log, record); break;
    case UNDO_RECORD_END: log->is_ended = true; break;
    case UNDO_RECORD_REVERT: log->activity = UNDO_REVERTS; break;
    case UNDO_RECORD_REDO: log->activity = UNDO_REDOES; break;
    case UNDO_RECORD_REVERTED: end_activity(log, true, record->time_ms); break;
    case UNDO_RECORD_REDONE: end_activity(log, false, record->time_ms); break;
    case UNDO_N_RECORDS: break;
    }
}

size_t undo_turn_log_apply_text(UndoTurnLog *log, const char *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        const char *end = memchr(text + at, '\n', length - at);
        UndoRecord record;
        if (end == NULL || !undo_record_parse(text + at, (size_t)(end - text) - at, &record)) break;
        apply(log, &record);
        undo_record_clear(&record);
        at = (size_t)(end - text) + 1;
    }
    return at;
}

static UndoTurnLog *load(const char *folder, size_t *out_good, GError **error) {
    g_autofree char *path = g_build_filename(folder, "log", NULL);
    g_autofree char *text = NULL;
    size_t length = 0;
    if (!file_read(path, MAX_LOG_BYTES, &text, &length, error)) return NULL;
    UndoTurnLog *log = undo_turn_log_new();
    log->folder = g_strdup(folder);
    *out_good = undo_turn_log_apply_text(log, text, length);
    return log;
}

/* The log, open and locked, or -1. */
static int open_locked(const char *folder, int flags, GError **error) {
    g_autofree char *path = g_build_filename(folder, "log", NULL);
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0) {
        error_set_errno(error, errno, "opening '%s'", path);
        return -1;
    }
    /* A reader that asks whether the turn lives holds it for a moment. */
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
        g_usleep(LOCK_WAIT_US);
    }
    close(fd);
    error_set(error, ERR_EXISTS, "'%s' is in use by another process", path);
    return -1;
}

UndoTurnLog *undo_turn_log_create(const char *folder, GError **error) {
    int fd = open_locked(folder, O_CREAT | O_EXCL, error);
    if (fd < 0) return NULL;
    UndoTurnLog *log = undo_turn_log_new();
    log->folder = g_strdup(folder);
    log->fd = fd;
    return log;
}

UndoTurnLog *undo_turn_log_open(const char *folder, GError **error) {
    int fd = open_locked(folder, 0, error);
    if (fd < 0) return NULL;
    size_t good = 0;
    UndoTurnLog *log = load(folder, &good, error);
    if (log == NULL || ftruncate(fd, (off_t)good) != 0) {
        if (log != NULL) error_set_errno(error, errno, "cutting the log in '%s'", folder);
        undo_turn_log_free(log);
        close(fd);
        return NULL;
    }
    log->fd = fd;
    return log;
}

bool undo_turn_log_is_settled(const char *folder) {
    g_autofree char *path = g_build_filename(folder, "log", NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    char tail[TAIL_BYTES];
    off_t size = lseek(fd, 0, SEEK_END);
    ssize_t n = size > 0 ? pread(fd, tail, sizeof tail, MAX(0, size - TAIL_BYTES)) : 0;
    close(fd);
    if (n <= 0 || tail[n - 1] != '\n') return false;
    const char *before = memrchr(tail, '\n', (size_t)n - 1);
    const char *line = before != NULL ? before + 1 : tail;
    UndoRecord record;
    if (!undo_record_parse(line, (size_t)(tail + n - 1 - line), &record)) return false;
    int verb = record.verb;
    undo_record_clear(&record);
    return verb == UNDO_RECORD_END || verb == UNDO_RECORD_REVERTED || verb == UNDO_RECORD_REDONE;
}

UndoTurnLog *undo_turn_log_read(const char *folder, bool *out_is_live, GError **error) {
    if (out_is_live != NULL) {
        int fd = open_locked(folder, 0, NULL);
        *out_is_live = fd < 0;
        if (fd >= 0) close(fd);
    }
    size_t good = 0;
    return load(folder, &good, error);
}

bool undo_turn_log_append(UndoTurnLog *log, const UndoRecord *record, GError **error) {
    g_autoptr(GString) line = g_string_sized_new(512);
    undo_record_format(record, line);
    off_t start = lseek(log->fd, 0, SEEK_END);
    ssize_t n = write(log->fd, line->str, line->len);
    if (n != (ssize_t)line->len) {
        int saved = n < 0 ? errno : ENOSPC;
        if (n > 0 && start >= 0) (void)!ftruncate(log->fd, start);
        error_set_errno(error, saved, "writing the undo log in '%s'", log->folder);
        return false;
    }
    apply(log, record);
    return true;
}

bool undo_turn_log_mark(UndoTurnLog *log, UndoVerb verb, int64_t step, GError **error) {
    const UndoRecord record = { .verb = verb, .step = step, .time_ms = g_get_real_time() / 1000 };
    return undo_turn_log_append(log, &record, error);
}

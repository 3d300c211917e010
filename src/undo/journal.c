/* undo/journal.c: opening, listing and pruning. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "undo/journal-private.h"

/* clang-format off */
static const char *const states[] = { "open", "done", "undone", "interrupted", NULL };
const Field undo_turn_info_fields[] = {
    { "turn",    FIELD_INT(UndoTurnInfo, number),        .help = "Number of the turn." },
    { "time",    FIELD_INT(UndoTurnInfo, time_ms),       .help = "When it began, in milliseconds since 1970." },
    { "session", FIELD_STRING(UndoTurnInfo, session),    .help = "Id of the session." },
    { "summary", FIELD_STRING(UndoTurnInfo, summary),    .help = "What was asked." },
    { "state",   FIELD_ENUM(UndoTurnInfo, state, states), .help = "open, done, undone, or interrupted: its process was killed." },
    { "changed", FIELD_INT(UndoTurnInfo, n_changed),     .help = "Paths it changed." },
    { "lost",    FIELD_INT(UndoTurnInfo, n_lost),        .help = "Of them, those that cannot be restored." },
    { "size",    FIELD_INT(UndoTurnInfo, size_bytes),    .help = "Bytes kept for it." },
    { 0 }
};
/* clang-format on */

void undo_turn_info_free(UndoTurnInfo *info) {
    if (info == NULL) return;
    g_free(info->session);
    g_free(info->summary);
    g_free(info);
}

static bool find_workspace(UndoJournal *journal, const char *workspace, GError **error) {
    journal->workspace = realpath(workspace, NULL);
    if (journal->workspace != NULL)
        journal->workspace_fd = open(journal->workspace, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journal->workspace_fd >= 0) return true;
    error_set_errno(error, errno, "opening the workspace '%s'", workspace);
    return false;
}

/* For people who look into the folder. */
static bool note_workspace(const UndoJournal *journal, GError **error) {
    g_autofree char *turns = g_build_filename(journal->folder, "turns", NULL);
    if (!file_make_folders(turns, error)) return false;
    g_autofree char *path = g_build_filename(journal->folder, "workspace", NULL);
    if (access(path, F_OK) == 0) return true;
    g_autofree char *line = g_strconcat(journal->workspace, "\n", NULL);
    return file_replace(path, line, strlen(line), 0600, error);
}

/* A journal that cannot be tidied (the disk is full) can still be read and written. */
static bool tidy(UndoJournal *journal, GError **error) {
    int lock = undo_journal_lock(journal, error);
    if (lock < 0) return false;
    g_autoptr(GError) problem = NULL;
    if (!undo_recover(journal, &problem)) g_debug("undo: %s", problem->message);
    close(lock);
    g_clear_error(&problem);
    if (!undo_prune(journal, &problem)) g_debug("undo: %s", problem->message);
    return true;
}

UndoJournal *undo_journal_open(const char *workspace, const Paths *paths, const UndoConfig *config,
                               GError **error) {
    if (!config->is_enabled) {
        error_set_with_hint(error, ERR_DENIED,
                            "Switch it on with 'localgpt config set undo.enabled true'.",
                            "undo is switched off");
        return NULL;
    }
    g_autoptr(UndoJournal) journal = g_new0(UndoJournal, 1);
    journal->folder_fd = journal->workspace_fd = -1;
    journal->config = *config;
    if (!find_workspace(journal, workspace, error) || !undo_location_find(journal, paths, error) ||
        !note_workspace(journal, error) || !tidy(journal, error))
        return NULL;
    return g_steal_pointer(&journal);
}

void undo_journal_close(UndoJournal *journal) {
    if (journal == NULL) return;
    if (journal->folder_fd >= 0) close(journal->folder_fd);
    if (journal->workspace_fd >= 0) close(journal->workspace_fd);
    g_free(journal->folder);
    free(journal->workspace);
    g_free(journal);
}

const char *undo_journal_folder(const UndoJournal *journal) {
    return journal->folder;
}

const char *undo_journal_workspace(const UndoJournal *journal) {
    return journal->workspace;
}

bool undo_journal_has_overlay(const UndoJournal *journal) {
    return journal->has_overlay;
}

/* ---- Lists ---- */

static int64_t size_of_folder(const char *turn, const char *name) {
    g_autofree char *path = g_build_filename(turn, name, NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return 0;
    g_autoptr(GPtrArray) names = undo_place_list(fd);
    int64_t size = 0;
    for (unsigned i = 0; names != NULL && i < names->len; i++) {
        struct stat info;
        if (fstatat(fd, names->pdata[i], &info, AT_SYMLINK_NOFOLLOW) == 0)
            size += (int64_t)info.st_blocks * 512;
    }
    close(fd);
    return size;
}

static int64_t size_of_turn(const char *folder) {
    g_autofree char *log = g_build_filename(folder, "log", NULL);
    struct stat info;
    int64_t size = stat(log, &info) == 0 ? (int64_t)info.st_blocks * 512 : 0;
    return size + size_of_folder(folder, "a") + size_of_folder(folder, "b");
}

static int state_of(const UndoTurnLog *log, bool is_live) {
    if (is_live && !log->is_ended) return UNDO_STATE_OPEN;
    if (log->is_undone) return UNDO_STATE_UNDONE;
    return log->is_killed ? UNDO_STATE_INTERRUPTED : UNDO_STATE_DONE;
}

static UndoTurnInfo *read_info(const char *folder, GError **error) {
    bool is_live = false;
    g_autoptr(UndoTurnLog) log = undo_turn_log_read(folder, &is_live, error);
    if (log == NULL) return NULL;
    UndoTurnInfo *info = g_new0(UndoTurnInfo, 1);
    info->number = log->number;
    info->time_ms = log->time_ms;
    info->session = g_strdup(log->session != NULL ? log->session : "");
    info->summary = g_strdup(log->summary != NULL ? log->summary : "");
    info->state = state_of(log, is_live);
    UndoReport report;
    undo_report_fill(&report, log, 0);
    info->n_changed = report.n_changed + report.n_lost;
    info->n_lost = report.n_lost;
    undo_report_clear(&report);
    info->size_bytes = size_of_turn(folder);
    return info;
}

static void free_info(void *info) {
    undo_turn_info_free(info);
}

GPtrArray *undo_list(UndoJournal *journal, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_info);
    for (unsigned i = numbers->len; i > 0; i--) {
        g_autofree char *folder =
            undo_location_turn(journal, g_array_index(numbers, int64_t, i - 1));
        UndoTurnInfo *info = read_info(folder, NULL);
        /* One without a log is just being made or removed by another process. */
        if (info != NULL && info->number != 0)
            g_ptr_array_add(list, info);
        else
            undo_turn_info_free(info);
    }
    return g_steal_pointer(&list);
}

/* ---- Pruning ---- */

static bool remove_turn(const char *folder, GError **error) {
    UndoTurnLog *log = undo_turn_log_open(folder, NULL);
    if (log == NULL) return true; /* somebody has it */
    bool is_ok = undo_location_remove_tree(AT_FDCWD, folder, error);
    undo_turn_log_free(log);
    return is_ok;
}

/* The time of the log tells the age: that of the turn, or of its last undo. */
static bool is_old(const UndoJournal *journal, const char *folder) {
    g_autofree char *log = g_build_filename(folder, "log", NULL);
    struct stat info;
    int64_t days = journal->config.max_age_days;
    return days > 0 && stat(log, &info) == 0 &&
           g_get_real_time() / 1000000 - (int64_t)info.st_mtime > days * 86400;
}

static bool prune(UndoJournal *journal, GError **error) {
    g_autoptr(GArray) numbers = undo_location_turns(journal, error);
    if (numbers == NULL) return false;
    int64_t kept = 0;
    for (unsigned i = numbers->len; i > 0; i--) {
        g_autofree char *folder =
            undo_location_turn(journal, g_array_index(numbers, int64_t, i - 1));
        int64_t size = size_of_turn(folder);
        bool is_over = kept + size > journal->config.max_bytes;
        if (!is_over && !is_old(journal, folder))
            kept += size;
        else if (!remove_turn(folder, error))
            return false;
    }
    return true;
}

bool undo_prune(UndoJournal *journal, GError **error) {
    int lock = undo_journal_lock(journal, error);
    if (lock < 0) return false;
    bool is_ok = prune(journal, error);
    close(lock);
    return is_ok;
}

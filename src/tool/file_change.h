/*
 * tool/file_change.h: a file before and after a change: to be shown as a diff, or to be done. Runs
 * inside the sandbox.
 *
 *     g_auto(FileChange) change = FILE_CHANGE_NONE;
 *     if (!file_change_open("src/a.c", request, CHANGE_MUST_EXIST, &change, error)) return false;
 *     change.after = ..., change.after_length = ...;
 *     if (request->is_preview) out->text = file_change_diff(&change);
 *     else if (!file_change_write(&change, error)) return false;
 */
#pragma once

#include "tool/path.h"

/* CHANGE_MAY_EXIST: the folders may be missing too; nothing is made. */
typedef enum { CHANGE_MUST_EXIST, CHANGE_MAY_EXIST, CHANGE_MAKE_FOLDERS } FileChangeNeed;

typedef struct {
    ToolTarget target; /* folder_fd -1: the folders are missing, a preview only */
    char *path;        /* owned: as named */
    char *before;      /* owned: "" for a new file */
    char *after;       /* owned: set by the caller */
    size_t before_length, after_length;
    bool is_new;
} FileChange;

#define FILE_CHANGE_NONE                                                                           \
    { .target = TOOL_TARGET_NONE }

/* ERR_LIMIT for a file of more than 16 MB. */
bool file_change_open(const char *path, const ToolRequest *request, FileChangeNeed need,
                      FileChange *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void file_change_clear(FileChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FileChange, file_change_clear)

/* New string, "" when nothing changes. */
char *file_change_diff(const FileChange *change);

/* ERR_FAILED when somebody else changed the file since it was opened. */
bool file_change_write(const FileChange *change, GError **error) G_GNUC_WARN_UNUSED_RESULT;

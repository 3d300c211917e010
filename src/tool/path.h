/*
 * tool/path.h: the paths a model names, opened by a file tool inside the sandbox.
 *
 * The sandbox decides what can be reached. On top of that a file tool never writes outside of the
 * folders it is for: a path is opened beneath one of them by the kernel (openat2 with
 * RESOLVE_BENEATH), never by comparing strings, and a link that leads out is refused.
 *
 *     int fd = tool_path_open_read("src/main.c", error);
 *     g_auto(ToolTarget) target = TOOL_TARGET_NONE;
 *     if (!tool_target_open("src/main.c", request, TARGET_MAKE_FOLDERS, &target, error)) ...
 *     ... target.folder_fd and target.name: openat(), renameat() ...
 */
#pragma once

#include <sys/stat.h>

#include "tool/tool.h"

/* Refuses what no file name is: empty, control characters, over 4096 bytes or 256 parts, a name of
 * over 255 bytes. */
bool tool_path_check(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* O_RDONLY of a regular file or folder, links followed, but no /proc magic ones; never blocks on a
 * FIFO. -1 with *error. */
int tool_path_open_read(const char *path, struct stat *out_info, GError **error);

/* A place to write: an open folder and a name in it that is no link. */
typedef struct {
    int folder_fd;
    char *name;       /* owned */
    bool has_file;    /* a regular file is there */
    struct stat info; /* of it */
} ToolTarget;

#define TOOL_TARGET_NONE                                                                           \
    { .folder_fd = -1 }

typedef enum { TARGET_MUST_EXIST, TARGET_MAY_EXIST, TARGET_MAKE_FOLDERS } TargetNeed;

/* ERR_DENIED outside of the workspace and request->write_folders, ERR_NOT_FOUND, ERR_DATA for a
 * folder or a device. */
bool tool_target_open(const char *path, const ToolRequest *request, TargetNeed need,
                      ToolTarget *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void tool_target_clear(ToolTarget *target);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ToolTarget, tool_target_clear)

/* Replaces (or makes) the file whole: temporary, fsync, rename. Keeps mode, and owner where it may.
 */
bool tool_target_write(const ToolTarget *target, const char *data, size_t length,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/*
 * sandbox/caller_path.h: which file a stopped system call of another process means.
 *
 * The path is read from the caller's memory and resolved as the caller would: from its root, its
 * working folder or one of its open folders, through links. All looking is done with O_PATH: it
 * opens nothing and blocks nowhere.
 *
 *     g_autofree char *path = NULL;
 *     switch (caller_path_find(&(CallerPath){ .caller = tid, .folder_fd = AT_FDCWD, ... }, &path))
 * {
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

typedef struct {
    pid_t caller;          /* thread */
    int folder_fd;         /* of the caller, or AT_FDCWD */
    uint64_t text;         /* address of the path in the caller */
    bool is_followed;      /* a link at the end of the path */
    const char *workspace; /* resolved */
} CallerPath;

typedef enum {
    CALLER_PATH_INSIDE,     /* *out_path is below the workspace ("" = itself); new string */
    CALLER_PATH_OUTSIDE,    /* of no interest */
    CALLER_PATH_MISSING,    /* a folder above it in the workspace is not there: ENOENT */
    CALLER_PATH_NOWHERE,    /* the call will fail by itself */
    CALLER_PATH_UNREADABLE, /* the memory or /proc of the caller cannot be read */
} CallerPathResult;

CallerPathResult caller_path_find(const CallerPath *request, char **out_path);
/* Of a path that was read already. */
CallerPathResult caller_path_of_text(const CallerPath *request, const char *text, char **out_path);
/* The file that is open as `fd` in the caller. */
CallerPathResult caller_path_of_fd(const CallerPath *request, int fd, char **out_path);

/* Reads memory of another process; the count, or -1. */
ssize_t caller_read(pid_t caller, uint64_t address, void *buffer, size_t length);

/*
 * sandbox/exec/watch_filter.h: stops a command at each call that can change a file, until its
 * supervisor has noted how the file was (sandbox/supervisor.h). For undo only: it refuses nothing,
 * security is the other layers' work.
 *
 * GLib-free; called in the child, before the command's own filter:
 *
 *     int listener = watch_filter_load(&errno_value);
 *     ... send it to the parent over the control socket ...
 *
 * Reading, and what is done to files that are already open, costs nothing: the calls that change
 * content are caught when the file is opened for writing.
 */
#pragma once

#include <stddef.h>

/* How the arguments of a caught call name files. */
typedef enum {
    WATCH_OPEN,      /* path, flags */
    WATCH_OPENAT,    /* folder, path, flags */
    WATCH_OPENAT2,   /* folder, path, struct open_how */
    WATCH_CREAT,     /* path */
    WATCH_CONTENT,   /* path: truncate */
    WATCH_NAME,      /* path: unlink, mkdir, mknod, symlink's second */
    WATCH_NAME_1,    /* -, path: symlink */
    WATCH_NAME_AT,   /* folder, path */
    WATCH_NAME_AT_1, /* -, folder, path: symlinkat */
    WATCH_RENAME,    /* from, to */
    WATCH_RENAMEAT,  /* folder, from, folder, to */
    WATCH_LINK,      /* from, to */
    WATCH_LINKAT,    /* folder, from, folder, to, flags */
    WATCH_SET,       /* path: chmod, setxattr, utime */
    WATCH_SET_LINK,  /* path, not followed: lchown */
    WATCH_SET_FD,    /* descriptor */
    WATCH_SET_AT,    /* folder, path, ..., flags (fourth or fifth argument) */
    WATCH_BIND,      /* -, address */
} WatchShape;

typedef struct {
    int number; /* of the system call */
    WatchShape shape;
    int flags_argument; /* WATCH_SET_AT: which holds AT_SYMLINK_NOFOLLOW; 0 = none */
} WatchCall;

extern const WatchCall watch_calls[];
extern const size_t n_watch_calls;

/* Loads the filter into the calling process; no_new_privs must be set. The listener, close-on-exec,
 * or -1 with errno. */
int watch_filter_load(void);

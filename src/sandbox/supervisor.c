/* sandbox/supervisor.c: one loop: receive, resolve, guard, note, let go. */
#include "sandbox/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/caller_path.h"
#include "sandbox/exec/watch_filter.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS /* Linux 6.6 */
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
enum { SYNC_WAKE_UP = 1 };

/* A call that was let go is waited for at most this long, when another one needs the same path. */
enum { GUARD_US = 3000, GUARD_STEP_US = 20, MAX_IN_FLIGHT = 64 };

/* A call that was let go and perhaps has not happened yet. */
typedef struct {
    pid_t caller;
    char *path;    /* owned */
    bool is_name;  /* shows in the folder when it has happened */
    int64_t inode; /* what was there; 0 = nothing */
    int64_t since_us;
} InFlight;

struct Supervisor {
    int listener;
    UndoStep *step; /* borrowed */
    char *workspace;
    int workspace_fd;
    GThread *thread;
    GArray *in_flight; /* InFlight */
    GHashTable *calls; /* number to WatchCall, borrowed */
};

/* What one call is going to change. */
typedef struct {
    char *paths[2]; /* owned; NULL = none */
    UndoTouch touches[2];
    bool is_move;
} Change;

static void change_clear(Change *change) {
    g_free(change->paths[0]);
    g_free(change->paths[1]);
    *change = (Change){ 0 };
}

/* ---- Which paths ---- */

typedef struct {
    const Supervisor *supervisor;
    const struct seccomp_notif *call;
} Call;

static uint64_t argument(const Call *call, int index) {
    return call->call->data.args[index];
}

typedef enum { FOLLOWED, NOT_FOLLOWED } LinkEnd;

/* Adds a path to the change. `folder` -1: the argument `text` is relative to the working folder. */
static CallerPathResult add(const Call *call, Change *change, UndoTouch touch, CallerPath where) {
    where.caller = (pid_t)call->call->pid;
    where.workspace = call->supervisor->workspace;
    char *path = NULL;
    CallerPathResult result = caller_path_find(&where, &path);
    if (result != CALLER_PATH_INSIDE) return result;
    int slot = change->paths[0] != NULL;
    change->paths[slot] = path;
    change->touches[slot] = touch;
    return result;
}

static CallerPathResult add_path(const Call *call, Change *change, UndoTouch touch, int text,
                                 LinkEnd end) {
    return add(call, change, touch,
               (CallerPath){ .folder_fd = AT_FDCWD,
                             .text = argument(call, text),
                             .is_followed = end == FOLLOWED });
}

/* The folder's argument, with the path's right after it. */
static CallerPathResult add_path_at(const Call *call, Change *change, UndoTouch touch, int folder,
                                    LinkEnd end) {
    return add(call, change, touch,
               (CallerPath){ .folder_fd = (int)argument(call, folder),
                             .text = argument(call, folder + 1),
                             .is_followed = end == FOLLOWED });
}

/* Of a descriptor: no path that could be read wrongly. */
static CallerPathResult add_fd(const Call *call, Change *change, int fd) {
    const CallerPath where = { .caller = (pid_t)call->call->pid,
                               .workspace = call->supervisor->workspace };
    change->touches[0] = UNDO_TOUCH_ATTRIBUTES;
    return caller_path_of_fd(&where, fd, &change->paths[0]);
}

static CallerPathResult add_open(const Call *call, Change *change, int text, uint64_t flags) {
    enum { WRITES = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };
    if ((flags & WRITES) == 0 || (flags & O_TMPFILE) == O_TMPFILE) return CALLER_PATH_OUTSIDE;
    bool is_exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    LinkEnd end = (flags & O_NOFOLLOW) || is_exclusive ? NOT_FOLLOWED : FOLLOWED;
    return text == 0 ? add_path(call, change, UNDO_TOUCH_CONTENT, 0, end)
                     : add_path_at(call, change, UNDO_TOUCH_CONTENT, text - 1, end);
}

static CallerPathResult add_openat2(const Call *call, Change *change) {
    struct open_how how = { 0 };
    size_t size = MIN(argument(call, 3), sizeof how);
    if (caller_read((pid_t)call->call->pid, argument(call, 2), &how, size) != (ssize_t)size)
        return CALLER_PATH_UNREADABLE;
    return add_open(call, change, 1, how.flags);
}

/* Only a socket of a path is a file. */
static CallerPathResult add_bind(const Call *call, Change *change) {
    struct sockaddr_un address = { 0 };
    size_t size = MIN(argument(call, 2), sizeof address);
    pid_t caller = (pid_t)call->call->pid;
    if (size <= sizeof(sa_family_t) ||
        caller_read(caller, argument(call, 1), &address, size) != (ssize_t)size)
        return CALLER_PATH_UNREADABLE;
    if (address.sun_family != AF_UNIX || address.sun_path[0] == '\0') return CALLER_PATH_OUTSIDE;
    g_autofree char *text = g_strndup(address.sun_path, sizeof address.sun_path);
    const CallerPath where = { .caller = caller,
                               .folder_fd = AT_FDCWD,
                               .workspace = call->supervisor->workspace };
    change->touches[0] = UNDO_TOUCH_NAME;
    return caller_path_of_text(&where, text, &change->paths[0]);
}

static CallerPathResult add_set_at(const Call *call, Change *change, const WatchCall *row) {
    uint64_t flags = row->flags_argument != 0 ? argument(call, row->flags_argument) : 0;
    LinkEnd end = flags & AT_SYMLINK_NOFOLLOW ? NOT_FOLLOWED : FOLLOWED;
    return add_path_at(call, change, UNDO_TOUCH_ATTRIBUTES, 0, end);
}

/* The worst of two: a path that cannot be read refuses the call, one inside is to be noted. */
static CallerPathResult both(CallerPathResult one, CallerPathResult other) {
    if (one == CALLER_PATH_UNREADABLE || other == CALLER_PATH_UNREADABLE)
        return CALLER_PATH_UNREADABLE;
    if (one == CALLER_PATH_MISSING || other == CALLER_PATH_MISSING) return CALLER_PATH_MISSING;
    return one == CALLER_PATH_INSIDE || other == CALLER_PATH_INSIDE ? CALLER_PATH_INSIDE : one;
}

static CallerPathResult add_link(const Call *call, Change *change, bool has_folders) {
    uint64_t flags = has_folders ? argument(call, 4) : 0;
    LinkEnd end = flags & AT_SYMLINK_FOLLOW ? FOLLOWED : NOT_FOLLOWED;
    CallerPathResult from = has_folders
                                ? add_path_at(call, change, UNDO_TOUCH_CONTENT, 0, end)
                                : add_path(call, change, UNDO_TOUCH_CONTENT, 0, NOT_FOLLOWED);
    CallerPathResult to = has_folders ? add_path_at(call, change, UNDO_TOUCH_NAME, 2, NOT_FOLLOWED)
                                      : add_path(call, change, UNDO_TOUCH_NAME, 1, NOT_FOLLOWED);
    /* A nameless file (O_TMPFILE) has no path to be read. */
    return from == CALLER_PATH_UNREADABLE ? to : both(from, to);
}

static CallerPathResult add_rename(const Call *call, Change *change, bool has_folders) {
    change->is_move = true;
    CallerPathResult from = has_folders
                                ? add_path_at(call, change, UNDO_TOUCH_NAME, 0, NOT_FOLLOWED)
                                : add_path(call, change, UNDO_TOUCH_NAME, 0, NOT_FOLLOWED);
    CallerPathResult to = has_folders ? add_path_at(call, change, UNDO_TOUCH_NAME, 2, NOT_FOLLOWED)
                                      : add_path(call, change, UNDO_TOUCH_NAME, 1, NOT_FOLLOWED);
    return both(from, to);
}

static CallerPathResult find_change(const Call *call, const WatchCall *row, Change *change) {
    switch (row->shape) {
    case WATCH_OPEN: return add_open(call, change, 0, argument(call, 1));
    case WATCH_OPENAT: return add_open(call, change, 1, argument(call, 2));
    case WATCH_OPENAT2: return add_openat2(call, change);
    case WATCH_CREAT: return add_open(call, change, 0, O_CREAT | O_WRONLY | O_TRUNC);
    case WATCH_CONTENT: return add_path(call, change, UNDO_TOUCH_CONTENT, 0, FOLLOWED);
    case WATCH_NAME: return add_path(call, change, UNDO_TOUCH_NAME, 0, NOT_FOLLOWED);
    case WATCH_NAME_1: return add_path(call, change, UNDO_TOUCH_NAME, 1, NOT_FOLLOWED);
    case WATCH_NAME_AT: return add_path_at(call, change, UNDO_TOUCH_NAME, 0, NOT_FOLLOWED);
    case WATCH_NAME_AT_1: return add_path_at(call, change, UNDO_TOUCH_NAME, 1, NOT_FOLLOWED);
    case WATCH_RENAME: return add_rename(call, change, /* has_folders= */ false);
    case WATCH_RENAMEAT: return add_rename(call, change, /* has_folders= */ true);
    case WATCH_LINK: return add_link(call, change, /* has_folders= */ false);
    case WATCH_LINKAT: return add_link(call, change, /* has_folders= */ true);
    case WATCH_SET: return add_path(call, change, UNDO_TOUCH_ATTRIBUTES, 0, FOLLOWED);
    case WATCH_SET_LINK: return add_path(call, change, UNDO_TOUCH_ATTRIBUTES, 0, NOT_FOLLOWED);
    case WATCH_SET_FD: return add_fd(call, change, (int)argument(call, 0));
    case WATCH_SET_AT: return add_set_at(call, change, row);
    case WATCH_BIND: return add_bind(call, change);
    }
    return CALLER_PATH_UNREADABLE;
}

/* ---- The guard ---- */

static int64_t inode_at(const Supervisor *supervisor, const char *path) {
    struct stat info;
    const char *name = *path == '\0' ? "." : path;
    return fstatat(supervisor->workspace_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0
               ? (int64_t)info.st_ino
               : 0;
}

static void drop_in_flight(Supervisor *supervisor, unsigned index) {
    g_free(g_array_index(supervisor->in_flight, InFlight, index).path);
    g_array_remove_index_fast(supervisor->in_flight, index);
}

/* A thread that makes another call has ended the one before. */
static void forget_caller(Supervisor *supervisor, pid_t caller) {
    for (unsigned i = supervisor->in_flight->len; i > 0; i--)
        if (g_array_index(supervisor->in_flight, InFlight, i - 1).caller == caller)
            drop_in_flight(supervisor, i - 1);
}

static void remember(Supervisor *supervisor, pid_t caller, const char *path, UndoTouch touch) {
    if (supervisor->in_flight->len == MAX_IN_FLIGHT) drop_in_flight(supervisor, 0);
    InFlight call = { .caller = caller,
                      .path = g_strdup(path),
                      .inode = inode_at(supervisor, path),
                      .since_us = g_get_monotonic_time() };
    call.is_name = touch == UNDO_TOUCH_NAME || (touch == UNDO_TOUCH_CONTENT && call.inode == 0);
    g_array_append_val(supervisor->in_flight, call);
}

static bool is_within(const char *path, const char *ancestor) {
    size_t length = strlen(ancestor);
    return length == 0 ||
           (strncmp(path, ancestor, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

static bool has_happened(const Supervisor *supervisor, const InFlight *call) {
    return inode_at(supervisor, call->path) != call->inode;
}

/* Waits for calls on the same path, or on a folder above or below it. Whether one was waited for or
 * is still out. */
static bool guard(Supervisor *supervisor, const char *path) {
    bool was_close = false;
    for (unsigned i = supervisor->in_flight->len; i > 0; i--) {
        const InFlight *call = &g_array_index(supervisor->in_flight, InFlight, i - 1);
        if (!is_within(path, call->path) && !is_within(call->path, path)) continue;
        was_close = true;
        int64_t end_us = call->since_us + GUARD_US;
        while (call->is_name && !has_happened(supervisor, call) && g_get_monotonic_time() < end_us)
            g_usleep(GUARD_STEP_US);
        if (call->is_name || g_get_monotonic_time() > end_us) drop_in_flight(supervisor, i - 1);
    }
    return was_close;
}

static bool guard_change(Supervisor *supervisor, const Change *change) {
    bool was_close = false;
    for (int i = 0; i < 2; i++)
        if (change->paths[i] != NULL && guard(supervisor, change->paths[i])) was_close = true;
    return was_close;
}

/* ---- Noting ---- */

/* Another thread may still write to the file by the name it had: a copy is kept, not a link. */
static bool copy_first(UndoStep *step, const Change *change, GError **error) {
    for (int i = 0; i < 2; i++)
        if (change->paths[i] != NULL && change->touches[i] == UNDO_TOUCH_NAME &&
            !undo_step_before(step, change->paths[i], UNDO_TOUCH_CONTENT, error))
            return false;
    return true;
}

static bool note(UndoStep *step, const Change *change, GError **error) {
    if (change->is_move && change->paths[0] != NULL && change->paths[1] != NULL)
        return undo_step_before_move(step, change->paths[0], change->paths[1], error);
    for (int i = 0; i < 2; i++)
        if (change->paths[i] != NULL &&
            !undo_step_before(step, change->paths[i], change->touches[i], error))
            return false;
    return true;
}

static int errno_of(const GError *error) {
    if (error_is(error, ERR_NOT_FOUND)) return ENOENT; /* and not another file a moment later */
    if (error_is(error, ERR_DENIED)) return EACCES;
    return g_str_has_suffix(error->message, g_strerror(ENOSPC)) ? ENOSPC : EIO;
}

/* 0 = let the call go on, else the error it gets. */
static int judge(Supervisor *supervisor, const struct seccomp_notif *notification) {
    const WatchCall *row =
        g_hash_table_lookup(supervisor->calls, GINT_TO_POINTER(notification->data.nr));
    if (row == NULL) return ENOSYS;
    const Call call = { supervisor, notification };
    pid_t caller = (pid_t)notification->pid;
    forget_caller(supervisor, caller);
    Change change = { 0 };
    CallerPathResult result = find_change(&call, row, &change);
    bool was_close = result == CALLER_PATH_MISSING
                         ? guard(supervisor, "")
                         : result == CALLER_PATH_INSIDE && guard_change(supervisor, &change);
    if (was_close) { /* what was waited for may have changed what the path means */
        change_clear(&change);
        result = find_change(&call, row, &change);
    }
    g_autoptr(GError) error = NULL;
    /* A path that is missing now must not be there when the call happens: nothing was noted. */
    int refusal = result == CALLER_PATH_UNREADABLE ? EPERM
                  : result == CALLER_PATH_MISSING  ? ENOENT
                                                   : 0;
    if (result == CALLER_PATH_INSIDE &&
        ((was_close && !copy_first(supervisor->step, &change, &error)) ||
         !note(supervisor->step, &change, &error)))
        refusal = errno_of(error);
    for (int i = 0; i < 2 && refusal == 0; i++)
        if (change.paths[i] != NULL)
            remember(supervisor, caller, change.paths[i], change.touches[i]);
    change_clear(&change);
    return refusal;
}

/* ---- The loop ---- */

static void answer(const Supervisor *supervisor, uint64_t id, int refusal) {
    struct seccomp_notif_resp response = { .id = id };
    if (refusal == 0)
        response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else
        response.error = -refusal;
    /* ENOENT: the caller was killed meanwhile. */
    while (ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno == EINTR)
        continue;
}

static void *run(void *data) {
    Supervisor *supervisor = data;
    for (;;) {
        struct pollfd listener = { .fd = supervisor->listener, .events = POLLIN };
        if (poll(&listener, 1, -1) < 0) {
            if (errno == EINTR) continue;
            break;
        }
        if ((listener.revents & POLLIN) == 0) break; /* nobody is watched any more */
        struct seccomp_notif notification = { 0 };
        if (ioctl(supervisor->listener, SECCOMP_IOCTL_NOTIF_RECV, &notification) != 0) continue;
        answer(supervisor, notification.id, judge(supervisor, &notification));
    }
    return NULL;
}

Supervisor *supervisor_start(int listener_fd, UndoStep *step, const char *workspace) {
    Supervisor *supervisor = g_new0(Supervisor, 1);
    supervisor->listener = listener_fd;
    supervisor->step = step;
    supervisor->workspace = g_strdup(workspace);
    supervisor->workspace_fd = open(workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    supervisor->in_flight = g_array_new(FALSE, FALSE, sizeof(InFlight));
    supervisor->calls = g_hash_table_new(NULL, NULL);
    for (size_t i = 0; i < n_watch_calls; i++)
        g_hash_table_insert(supervisor->calls, GINT_TO_POINTER(watch_calls[i].number),
                            (void *)&watch_calls[i]);
    /* Both processes on one processor, back and forth: 12 instead of 91 microseconds a call. */
    ioctl(listener_fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
    supervisor->thread = g_thread_new("undo", run, supervisor);
    return supervisor;
}

void supervisor_stop(Supervisor *supervisor) {
    if (supervisor == NULL) return;
    g_thread_join(supervisor->thread);
    while (supervisor->in_flight->len > 0) drop_in_flight(supervisor, 0);
    g_array_unref(supervisor->in_flight);
    g_hash_table_unref(supervisor->calls);
    if (supervisor->workspace_fd >= 0) close(supervisor->workspace_fd);
    close(supervisor->listener);
    g_free(supervisor->workspace);
    g_free(supervisor);
}

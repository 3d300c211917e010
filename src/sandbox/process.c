/*
 * sandbox/process.c: one command from start to outcome.
 *
 * One loop (pump) does everything while it runs: reads the output, feeds the input, keeps time,
 * obeys cancellation. sandbox_run() runs it on the caller's thread, sandbox_start() on one of its
 * own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "policy/protected_names.h"
#include "sandbox/exec/server.h"
#include "sandbox/output_ring.h"
#include "sandbox/placeholder.h"
#include "sandbox/plan_writer.h"
#include "sandbox/profile-private.h"
#include "sandbox/recording.h"

enum {
    READ_BYTES = 64 << 10,
    MAX_ERRORS_BYTES = 64 << 10,
    START_PATIENCE_MS = 30000,
    LAST_PATIENCE_MS = 2000, /* for the reaper, once it was told to kill */
    DRAIN_PATIENCE_MS = 1000,
    DISK_INTERVAL_MS = 200,
};

typedef enum { IS_RUNNING, IS_ASKED_TO_END, IS_BEING_KILLED, IS_KILLED_FOR_GOOD } Stage;

struct SandboxProcess {
    SandboxProfile *profile;
    LaunchedChild child;
    int reaper; /* a descriptor of the process at its side; -1 = none yet */
    int wake;   /* eventfd: sandbox_process_kill() */
    int over;   /* eventfd: the pump is done */
    int placeholders;
    Proxy *proxy; /* owned, NULL = no network */
    Recording recording;
    GPtrArray *withheld;  /* owned */
    GError *finish_error; /* owned: the changes could not be taken over */
    bool has_overlay_failed;
    char *temp;  /* owned */
    char *input; /* owned */
    size_t input_length, input_sent;
    SandboxOutputFn on_output;
    void *user_data;
    GThread *thread;
    char *buffer; /* owned, READ_BYTES */
    /* of the pump's thread */
    Stage stage;
    int64_t started_us, deadline_us, stage_deadline_us;
    uint64_t free_bytes; /* of the workspace's disk at the start */
    int status;          /* wait status of the command */
    bool has_status;
    bool is_timed_out, is_cancelled;
    char *limit_hit;
    /* shared, under the lock */
    GMutex lock;
    OutputRing output, errors;
};

static int64_t now_us(void) {
    return g_get_monotonic_time();
}

void sandbox_outcome_clear(SandboxOutcome *outcome) {
    g_free(outcome->output);
    g_free(outcome->errors);
    g_free(outcome->limit_hit);
    g_clear_pointer(&outcome->withheld, g_ptr_array_unref);
    *outcome = (SandboxOutcome){ 0 };
}

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* The reaper at level full is process 1 of the command's namespace: all of it dies with it. */
static void kill_reaper(const SandboxProcess *process) {
    if (process->reaper >= 0) pidfd_send_signal(process->reaper, SIGKILL, NULL, 0);
}

/* Until the reaper is gone; at level full the last process of the namespace is gone then too. */
static bool wait_for_reaper(const SandboxProcess *process, int timeout_ms) {
    int64_t end = now_us() + (int64_t)timeout_ms * 1000;
    while (process->reaper >= 0) {
        struct pollfd reaper = { .fd = process->reaper, .events = POLLIN };
        int64_t left_ms = timeout_ms < 0 ? -1 : MAX(0, (end - now_us()) / 1000);
        int n = poll(&reaper, 1, (int)left_ms);
        if (n >= 0) return n > 0;
        if (errno != EINTR) return false;
    }
    return true;
}

/* Whoever is still there ends; afterwards nothing of the command exists. */
static void end_children(SandboxProcess *process) {
    if (process->profile->level == SANDBOX_LEVEL_FULL) kill_reaper(process);
    close_fd(&process->child.control); /* which tells it to kill everything */
    if (!wait_for_reaper(process, LAST_PATIENCE_MS)) kill_reaper(process);
    wait_for_reaper(process, -1);
    close_fd(&process->reaper);
    proxy_stop(g_steal_pointer(&process->proxy));
}

static void release_placeholders(SandboxProcess *process) {
    placeholder_release(process->placeholders, process->profile->workspace,
                        (const char *const *)process->profile->protected->pdata);
    process->placeholders = -1;
}

/* ---- orders and reports ---- */

static void send_order(SandboxProcess *process, char order) {
    if (process->child.control < 0) return;
    while (send(process->child.control, &order, 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 &&
           errno == EINTR)
        continue;
}

static void kill_now(SandboxProcess *process) {
    if (process->stage >= IS_BEING_KILLED) return;
    process->stage = IS_BEING_KILLED;
    process->stage_deadline_us = now_us() + LAST_PATIENCE_MS * 1000;
    if (process->profile->level == SANDBOX_LEVEL_FULL)
        kill_reaper(process);
    else
        send_order(process, PLAN_ORDER_KILL);
}

static void ask_to_end(SandboxProcess *process) {
    if (process->stage != IS_RUNNING) return;
    if (process->profile->kill_after_ms == 0) {
        kill_now(process);
        return;
    }
    process->stage = IS_ASKED_TO_END;
    process->stage_deadline_us = now_us() + process->profile->kill_after_ms * 1000;
    send_order(process, PLAN_ORDER_TERMINATE);
}

static void hit_limit(SandboxProcess *process, char *sentence) {
    if (process->limit_hit == NULL)
        process->limit_hit = sentence;
    else
        g_free(sentence);
}

static void take_report(SandboxProcess *process, const PlanReport *report) {
    switch (report->kind) {
    case PLAN_REPORT_ENDED:
        process->status = report->value;
        process->has_status = true;
        break;
    case PLAN_REPORT_LIMIT:
        hit_limit(process, g_strdup_printf("It was stopped: more than %d processes at once "
                                           "(sandbox.max_processes).",
                                           report->value));
        break;
    default: break;
    }
}

/* Keeps the descriptor that came with a report. */
static void take_descriptor(SandboxProcess *process, uint32_t kind, int fd) {
    if (kind == PLAN_REPORT_PID && process->reaper < 0)
        process->reaper = fd;
    else if (kind == PLAN_REPORT_LISTENER && process->proxy == NULL)
        process->proxy = proxy_start(fd, &process->profile->proxy_rules);
    else if (kind == PLAN_REPORT_WATCHED)
        recording_listen(&process->recording, process->profile, fd);
    else
        close(fd);
}

/* One report, with the descriptor that may come along; false at the end of the other side. */
static bool receive(SandboxProcess *process, PlanReport *report) {
    ServerFiles files;
    ssize_t n = server_receive(process->child.control, report, sizeof *report, &files);
    if (n != (ssize_t)sizeof *report) report->kind = UINT32_MAX;
    for (size_t i = 0; i < files.n; i++) take_descriptor(process, report->kind, files.fds[i]);
    if (n != (ssize_t)sizeof *report) return n < 0 && (errno == EAGAIN || errno == EINTR);
    report->text[sizeof report->text - 1] = '\0';
    return true;
}

static void set_start_error(SandboxProcess *process, const PlanReport *report, GError **error) {
    const char *level = sandbox_level_name(process->profile->level);
    process->has_overlay_failed = report->layer == CONFINE_LAYER_OVERLAY;
    const char *reason = strstr(report->text, "): ");
    reason = reason != NULL ? reason + 3 : report->text;
    if (report->layer == CONFINE_LAYER_PROGRAM)
        error_set(error, report->value == ENOENT ? ERR_NOT_FOUND : ERR_FAILED, "%s", reason);
    else
        error_set_with_hint(error, ERR_DENIED, "See 'localgpt sandbox status'.",
                            "the sandbox (%s) cannot be put up: %s", level, report->text);
}

/* Until the command runs, or cannot. */
static bool await_start(SandboxProcess *process, GError **error) {
    int64_t end = now_us() + (int64_t)START_PATIENCE_MS * 1000;
    for (;;) {
        int left_ms = (int)MAX(0, (end - now_us()) / 1000);
        struct pollfd control = { .fd = process->child.control, .events = POLLIN };
        int n = poll(&control, 1, left_ms);
        if (n < 0 && errno == EINTR) continue;
        PlanReport report = { .kind = UINT32_MAX };
        if (n == 0 || !receive(process, &report)) {
            error_set(error, ERR_DENIED,
                      n == 0 ? "the sandbox did not come up in %d seconds"
                             : "the sandbox ended without a word (%d)",
                      START_PATIENCE_MS / 1000);
            return false;
        }
        take_report(process, &report);
        if (report.kind == PLAN_REPORT_RUNNING) return true;
        if (report.kind != PLAN_REPORT_FAILED) continue;
        set_start_error(process, &report, error);
        return false;
    }
}

/* ---- the pump ---- */

/* Reads what is there; false at the end. */
static bool drain(SandboxProcess *process, int fd, OutputRing *ring) {
    ssize_t n = read(fd, process->buffer, READ_BYTES);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    g_mutex_lock(&process->lock);
    output_ring_append(ring, process->buffer, (size_t)n);
    g_mutex_unlock(&process->lock);
    if (process->on_output != NULL && ring == &process->output)
        process->on_output(process->buffer, (size_t)n, process->user_data);
    return true;
}

/* Feeds the input; false when there is no more to do. */
static bool feed(SandboxProcess *process) {
    size_t left = process->input_length - process->input_sent;
    ssize_t n = write(process->child.input, process->input + process->input_sent, left);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    process->input_sent += (size_t)n;
    return process->input_sent < process->input_length;
}

static uint64_t disk_free(const SandboxProcess *process) {
    struct statvfs status;
    if (statvfs(process->profile->workspace, &status) != 0) return UINT64_MAX;
    return (uint64_t)status.f_bfree * status.f_frsize;
}

static void watch_disk(SandboxProcess *process) {
    uint64_t max = process->profile->max_disk_bytes, left = disk_free(process);
    if (max == 0 || left >= process->free_bytes || process->free_bytes - left <= max) return;
    hit_limit(process, g_strdup_printf("It was stopped: the disk lost more than %" G_GUINT64_FORMAT
                                       " bytes while it ran (sandbox.max_disk_bytes).",
                                       max));
    kill_now(process);
}

static void keep_time(SandboxProcess *process) {
    int64_t now = now_us();
    if (process->stage == IS_RUNNING && now >= process->deadline_us) {
        process->is_timed_out = true;
        ask_to_end(process);
    } else if (process->stage == IS_ASKED_TO_END && now >= process->stage_deadline_us) {
        kill_now(process);
    } else if (process->stage == IS_BEING_KILLED && now >= process->stage_deadline_us) {
        /* The reaper does not answer. */
        process->stage = IS_KILLED_FOR_GOOD;
        kill_reaper(process);
        close_fd(&process->child.control);
    }
}

static int poll_timeout_ms(const SandboxProcess *process) {
    int64_t until =
        process->stage == IS_RUNNING ? process->deadline_us : process->stage_deadline_us;
    int64_t left_ms = (until - now_us()) / 1000 + 1;
    if (process->profile->max_disk_bytes > 0) left_ms = MIN(left_ms, DISK_INTERVAL_MS);
    return (int)CLAMP(left_ms, 0, G_MAXINT32);
}

enum { POLL_CONTROL, POLL_OUTPUT, POLL_ERRORS, POLL_INPUT, POLL_WAKE, POLL_CANCEL, N_POLLS };

static void handle(SandboxProcess *process, const struct pollfd *fds) {
    if (fds[POLL_OUTPUT].revents != 0 && !drain(process, process->child.output, &process->output))
        close_fd(&process->child.output);
    if (fds[POLL_ERRORS].revents != 0 && !drain(process, process->child.errors, &process->errors))
        close_fd(&process->child.errors);
    if (fds[POLL_INPUT].revents != 0 && !feed(process)) close_fd(&process->child.input);
    if ((fds[POLL_WAKE].revents | fds[POLL_CANCEL].revents) != 0 && process->stage == IS_RUNNING) {
        process->is_cancelled = true;
        ask_to_end(process);
    }
    if (fds[POLL_CONTROL].revents != 0) {
        PlanReport report = { .kind = UINT32_MAX };
        if (receive(process, &report))
            take_report(process, &report);
        else
            close_fd(&process->child.control);
    }
}

/* The command is dead; what it printed may still be in the pipes. */
static void drain_rest(SandboxProcess *process) {
    int64_t end = now_us() + DRAIN_PATIENCE_MS * 1000;
    struct {
        int *fd;
        OutputRing *ring;
    } pipes[] = {
        { &process->child.output, &process->output },
        { &process->child.errors, &process->errors },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(pipes); i++) {
        while (*pipes[i].fd >= 0 && now_us() < end) {
            struct pollfd fd = { .fd = *pipes[i].fd, .events = POLLIN };
            if (poll(&fd, 1, (int)((end - now_us()) / 1000)) > 0 &&
                !drain(process, *pipes[i].fd, pipes[i].ring))
                close_fd(pipes[i].fd);
        }
    }
}

static void pump(SandboxProcess *process, Cancel *cancel) {
    while (process->child.control >= 0) {
        const int wanted[N_POLLS] = {
            process->child.control, process->child.output,
            process->child.errors,  process->child.input,
            process->wake,          process->stage == IS_RUNNING ? cancel_fd(cancel) : -1
        };
        struct pollfd fds[N_POLLS] = { 0 };
        for (size_t i = 0; i < N_POLLS; i++)
            fds[i] = (struct pollfd){ wanted[i], i == POLL_INPUT ? POLLOUT : POLLIN, 0 };
        if (process->stage != IS_RUNNING) fds[POLL_WAKE].fd = -1;
        int n = poll(fds, N_POLLS, cancel_poll_timeout_ms(cancel, poll_timeout_ms(process)));
        if (n > 0) handle(process, fds);
        if (n == 0 && cancel_reason(cancel) != CANCEL_NONE && process->stage == IS_RUNNING) {
            process->is_cancelled = true;
            ask_to_end(process);
        }
        keep_time(process);
        watch_disk(process);
    }
    end_children(process);
    drain_rest(process);
    close_fd(&process->child.input);
    release_placeholders(process);
    if (!recording_finish(&process->recording, &process->withheld, &process->finish_error))
        g_prefix_error(&process->finish_error, "taking over the command's changes: ");
    sandbox_profile_return_temp(process->profile, g_steal_pointer(&process->temp));
}

/* ---- start ---- */

static char *find_folder(const SandboxProfile *profile, const char *wanted, GError **error) {
    if (wanted == NULL) return g_strdup(profile->workspace);
    g_autofree char *path = g_canonicalize_filename(wanted, profile->workspace);
    char *resolved = realpath(path, NULL);
    g_autofree char *real = g_strdup(resolved);
    free(resolved);
    if (real == NULL) {
        error_set(error, ERR_NOT_FOUND, "there is no folder '%s'", path);
        return NULL;
    }
    if (strcmp(real, profile->workspace) == 0 || plan_is_below(real, profile->workspace))
        return g_steal_pointer(&real);
    error_set(error, ERR_DENIED, "the folder '%s' is outside of the workspace '%s'", wanted,
              profile->workspace);
    return NULL;
}

/* At standard a command cannot make top-level entries; those that are announced are made for it,
 * empty, and granted with the others. */
static bool make_entry(SandboxProcess *process, const char *name, GError **error) {
    g_autofree char *first = g_strndup(name, strcspn(name, "/"));
    if (first[0] == '\0' || strcmp(first, ".") == 0 || strcmp(first, "..") == 0 ||
        protected_name_covers(first)) {
        error_set(error, ERR_DENIED, "'%s' cannot be made in the workspace", name);
        return false;
    }
    bool is_folder = strchr(name, '/') != NULL;
    g_autofree char *path = g_build_filename(process->profile->workspace, first, NULL);
    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (!recording_before(&process->recording, first, error)) return false;
    int fd =
        is_folder ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0) close(fd);
    if (fd >= 0 || (is_folder && mkdir(path, 0777) == 0) || errno == EEXIST) return true;
    error_set_errno(error, errno, "making '%s'", path);
    return false;
}

static bool make_entries(SandboxProcess *process, const SandboxCommand *command, GError **error) {
    const SandboxProfile *profile = process->profile;
    if (profile->level != SANDBOX_LEVEL_STANDARD || command->new_entries == NULL) return true;
    for (const char *const *name = command->new_entries; *name != NULL; name++)
        if (!make_entry(process, *name, error)) return false;
    return true;
}

static bool prepare_places(SandboxProcess *process, GError **error) {
    const SandboxProfile *profile = process->profile;
    if (profile->level == SANDBOX_LEVEL_FULL)
        process->placeholders = placeholder_hold(profile->placeholder_lock);
    if (profile->level != SANDBOX_LEVEL_STANDARD) return true;
    process->temp = sandbox_profile_take_temp(process->profile, error);
    return process->temp != NULL;
}

static bool launch_command(SandboxProcess *process, const SandboxCommand *command, unsigned flags,
                           GError **error) {
    g_autofree char *folder = find_folder(process->profile, command->working_directory, error);
    if (folder == NULL || !make_entries(process, command, error) || !prepare_places(process, error))
        return false;
    PlanDetails details = { .working_directory = folder,
                            .temp = process->temp,
                            .overlay_upper = process->recording.overlay_upper,
                            .overlay_work = process->recording.overlay_work,
                            .flags = flags };
    if (command->runs_this_program) details.flags |= PLAN_RUNS_SELF;
    if (process->recording.is_watched) details.flags |= PLAN_IS_WATCHED;
    int plan = plan_write(process->profile, command->argv, &details, error);
    if (plan < 0) return false;
    LaunchRequest request = { .plan = plan,
                              .has_input = command->input_length > 0,
                              .separates_errors = command->separates_errors };
    bool is_ok = launcher_start(&process->profile->launcher, &request, &process->child, error);
    close(plan);
    return is_ok && await_start(process, error);
}

static void set_times(SandboxProcess *process, int64_t timeout_ms) {
    int64_t max_ms = process->profile->timeout_ms;
    if (timeout_ms <= 0 || timeout_ms > max_ms) timeout_ms = max_ms;
    process->started_us = now_us();
    process->deadline_us = process->started_us + timeout_ms * 1000;
}

static void free_process(SandboxProcess *process) {
    end_children(process);
    recording_cancel(&process->recording);
    g_clear_pointer(&process->withheld, g_ptr_array_unref);
    g_clear_error(&process->finish_error);
    int *const fds[] = { &process->child.input, &process->child.output, &process->child.errors,
                         &process->wake, &process->over };
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) close_fd(fds[i]);
    release_placeholders(process);
    sandbox_profile_return_temp(process->profile, process->temp);
    g_free(process->input);
    g_free(process->buffer);
    g_free(process->limit_hit);
    output_ring_clear(&process->output);
    output_ring_clear(&process->errors);
    g_mutex_clear(&process->lock);
    sandbox_profile_unref(process->profile);
    g_free(process);
}

static void fill_outcome(SandboxProcess *process, SandboxOutcome *outcome) {
    *outcome = (SandboxOutcome){ .level = process->profile->level,
                                 .is_timed_out = process->is_timed_out,
                                 .is_cancelled = process->is_cancelled };
    int status = process->has_status ? process->status : SIGKILL;
    if (WIFSIGNALED(status)) outcome->signal = WTERMSIG(status);
    outcome->exit_status = outcome->signal != 0 ? 128 + outcome->signal : WEXITSTATUS(status);
    outcome->duration_ms = (now_us() - process->started_us) / 1000;
    outcome->output = output_ring_read(&process->output, 0, &outcome->output_length);
    outcome->output_total = process->output.total;
    outcome->errors = output_ring_read(&process->errors, 0, &outcome->errors_length);
    outcome->limit_hit = g_steal_pointer(&process->limit_hit);
    outcome->withheld = g_steal_pointer(&process->withheld);
}

static SandboxProcess *process_new(SandboxProfile *profile, const SandboxCommand *command) {
    SandboxProcess *process = g_new0(SandboxProcess, 1);
    process->profile = sandbox_profile_ref(profile);
    process->child = (LaunchedChild){ -1, -1, -1, -1 };
    process->reaper = -1;
    process->placeholders = -1;
    process->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    process->over = -1;
    process->on_output = command->on_output;
    process->user_data = command->user_data;
    process->output.max_bytes = profile->max_output_bytes;
    process->errors.max_bytes = MAX_ERRORS_BYTES;
    process->buffer = g_malloc(READ_BYTES);
    process->input_length = command->input_length;
    process->input = g_memdup2(command->input, command->input_length);
    process->free_bytes = disk_free(process);
    g_mutex_init(&process->lock);
    set_times(process, command->timeout_ms);
    return process;
}

static SandboxProcess *start_recorded(SandboxProfile *profile, const SandboxCommand *command,
                                      unsigned flags, RecordingWay way, GError **error) {
    SandboxProcess *process = process_new(profile, command);
    g_autoptr(GError) local = NULL;
    if (recording_begin(&process->recording, profile, command, way, &local) &&
        launch_command(process, command, flags, &local))
        return process;
    bool is_retried = process->has_overlay_failed && !command->is_preview;
    free_process(process);
    /* This kernel or place has no overlays (a container's own overlay): run on the workspace. */
    if (is_retried)
        return start_recorded(profile, command, flags, RECORDING_WITHOUT_OVERLAY, error);
    g_propagate_error(error, g_steal_pointer(&local));
    return NULL;
}

static SandboxProcess *start(SandboxProfile *profile, const SandboxCommand *command, unsigned flags,
                             GError **error) {
    if (command->argv != NULL && command->argv[0] != NULL)
        return start_recorded(profile, command, flags, RECORDING_BY_OVERLAY, error);
    error_set(error, ERR_USAGE, "there is no command to run");
    return NULL;
}

static bool finish(SandboxProcess *process, SandboxOutcome *outcome, GError **error) {
    if (process->finish_error != NULL) {
        g_propagate_error(error, g_steal_pointer(&process->finish_error));
        return false;
    }
    fill_outcome(process, outcome);
    return true;
}

bool sandbox_run(SandboxProfile *profile, const SandboxCommand *command, Cancel *cancel,
                 SandboxOutcome *out_outcome, GError **error) {
    SandboxProcess *process = start(profile, command, 0, error);
    if (process == NULL) return false;
    pump(process, cancel);
    bool is_ok = finish(process, out_outcome, error);
    free_process(process);
    return is_ok;
}

bool sandbox_profile_prove(SandboxProfile *profile, GError **error) {
    const char *const argv[] = { "probe", NULL };
    SandboxCommand command = { .argv = argv };
    struct stat workspace;
    bool has_times = stat(profile->workspace, &workspace) == 0;
    SandboxProcess *process = start(profile, &command, PLAN_IS_PROBE, error);
    if (process == NULL) return false;
    pump(process, NULL);
    /* The placeholders that came and went have changed the workspace's time. */
    const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, workspace.st_mtim };
    if (has_times) utimensat(AT_FDCWD, profile->workspace, times, 0);
    bool is_ok =
        process->has_status && WIFEXITED(process->status) && WEXITSTATUS(process->status) == 0;
    free_process(process);
    if (!is_ok) error_set(error, ERR_DENIED, "the sandbox's own look around did not end well");
    return is_ok;
}

/* ---- in the background ---- */

static void *run_thread(void *data) {
    SandboxProcess *process = data;
    pump(process, NULL);
    eventfd_write(process->over, 1);
    return NULL;
}

SandboxProcess *sandbox_start(SandboxProfile *profile, const SandboxCommand *command,
                              GError **error) {
    SandboxProcess *process = start(profile, command, 0, error);
    if (process == NULL) return NULL;
    process->over = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    process->thread = g_thread_new("sandbox", run_thread, process);
    return process;
}

bool sandbox_process_is_over(SandboxProcess *process) {
    struct pollfd over = { .fd = process->over, .events = POLLIN };
    return poll(&over, 1, 0) > 0;
}

bool sandbox_process_wait(SandboxProcess *process, Cancel *cancel, SandboxOutcome *out_outcome,
                          GError **error) {
    if (process->thread == NULL) {
        error_set(error, ERR_USAGE, "this process was waited for already");
        return false;
    }
    while (!sandbox_process_is_over(process)) {
        bool is_cancelled = cancel_reason(cancel) != CANCEL_NONE;
        if (is_cancelled) sandbox_process_kill(process);
        struct pollfd fds[] = { { process->over, POLLIN, 0 },
                                { is_cancelled ? -1 : cancel_fd(cancel), POLLIN, 0 } };
        poll(fds, 2, is_cancelled ? -1 : cancel_poll_timeout_ms(cancel, -1));
    }
    g_thread_join(g_steal_pointer(&process->thread));
    return finish(process, out_outcome, error);
}

char *sandbox_process_output(SandboxProcess *process, uint64_t *offset, size_t *out_length) {
    g_mutex_lock(&process->lock);
    char *text = output_ring_read(&process->output, *offset, out_length);
    *offset = process->output.total;
    g_mutex_unlock(&process->lock);
    return text;
}

void sandbox_process_kill(SandboxProcess *process) {
    eventfd_write(process->wake, 1);
}

void sandbox_process_free(SandboxProcess *process) {
    if (process == NULL) return;
    if (process->thread != NULL) {
        sandbox_process_kill(process);
        g_thread_join(process->thread);
    }
    free_process(process);
}

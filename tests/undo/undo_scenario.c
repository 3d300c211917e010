/*
 * What the tests of undo run and look at.
 *
 *     undo_scenario STATE WORKSPACE overlay COMMAND...   one turn of one command in an overlay
 *     undo_scenario STATE WORKSPACE preview COMMAND...   the same, dropped; prints the diff
 *     undo_scenario STATE WORKSPACE notify COMMAND...    one turn of one watched command
 *     undo_scenario STATE WORKSPACE full|minimal COMMAND...  the same in the real sandbox
 *     undo_scenario STATE WORKSPACE undo|redo|try|list|diff|open [TURN]
 *
 * "overlay" and "notify" take several commands, kept apart by "--": steps of one turn. Prints one
 * line for each path of the report: "changed created notes.md". The environment variable
 * UNDO_MAX_FILE sets undo.max_file_bytes, UNDO_MAX undo.max_bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox/exec/child.h"
#include "sandbox/exec/overlay.h"
#include "sandbox/exec/watch_filter.h"
#include "sandbox/sandbox.h"
#include "sandbox/supervisor.h"
#include "undo/journal.h"

static void print_report(UndoReport *report) {
    static const char *const fates[] = { "changed", "withheld", "lost" };
    for (unsigned i = 0; report->items != NULL && i < report->items->len; i++) {
        const UndoItem *item = report->items->pdata[i];
        g_autofree char *path = g_strescape(item->path, NULL);
        printf("%s %s: %s\n", fates[item->fate], path, item->what);
    }
    undo_report_clear(report);
}

static void put(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) _exit(120);
    close(fd);
}

/* In a child: namespaces, and the overlay over the workspace. */
static void enter_overlay(const char *workspace, const char *upper, const char *work) {
    g_autofree char *users = g_strdup_printf("%u %u 1", geteuid(), geteuid());
    g_autofree char *groups = g_strdup_printf("%u %u 1", getegid(), getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) != 0) _exit(121);
    put("/proc/self/setgroups", "deny");
    put("/proc/self/uid_map", users);
    put("/proc/self/gid_map", groups);
    const OverlayFolders folders = { workspace, upper, work };
    char reason[OVERLAY_REASON_BYTES];
    int mount_fd = overlay_open(&folders, reason);
    if (mount_fd < 0) {
        fprintf(stderr, "%s\n", reason);
        _exit(122);
    }
    if (move_mount(mount_fd, "", AT_FDCWD, workspace, MOVE_MOUNT_F_EMPTY_PATH) != 0) _exit(123);
    close(mount_fd);
}

static int wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The command is process 1 of its namespace: nothing of it is left when it has ended. */
static int run_in_overlay(const char *workspace, UndoStep *step, char **command) {
    pid_t child = fork();
    if (child != 0) return wait_for(child);
    enter_overlay(workspace, undo_step_upper(step), undo_step_work(step));
    pid_t first = fork();
    if (first != 0) _exit(wait_for(first));
    if (chdir(workspace) != 0) _exit(124);
    execvp(command[0], command);
    _exit(125);
}

static bool end_step(UndoTurn *turn, UndoStep *step, int status, GError **error) {
    UndoReport report = { 0 };
    (void)turn;
    if (!undo_step_finish(step, &report, error)) return false;
    print_report(&report);
    printf("status %d\n", status);
    return true;
}

static bool overlay_step(UndoTurn *turn, const char *workspace, char **command, GError **error) {
    UndoStep *step = undo_step_begin(turn, UNDO_STEP_OVERLAY, command[0], error);
    if (step == NULL) return false;
    undo_step_withhold(step, "LocalGPT.md");
    return end_step(turn, step, run_in_overlay(workspace, step, command), error);
}

/* The command's process, until it executes. */
static void enter_watch(int channel) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(121);
    int listener = watch_filter_load();
    if (listener < 0) _exit(122);
    char room[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
    struct iovec piece = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room
    };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &listener, sizeof listener);
    if (sendmsg(channel, &message, 0) != 1) _exit(123);
    close(listener);
}

static int receive_listener(int channel) {
    char room[CMSG_SPACE(sizeof(int))], byte;
    struct iovec piece = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room
    };
    int listener = -1;
    if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message) != NULL)
        memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof listener);
    return listener;
}

/* What the command left behind comes to us, and ends. */
static void end_descendants(void) {
    for (;;) {
        g_autofree char *list = NULL;
        g_autofree char *path = g_strdup_printf("/proc/self/task/%d/children", getpid());
        if (!g_file_get_contents(path, &list, NULL, NULL) || *list == '\0') return;
        kill((pid_t)g_ascii_strtoll(list, NULL, 10), SIGKILL);
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    }
}

static bool notify_step(UndoTurn *turn, const char *workspace, char **command, GError **error) {
    UndoStep *step = undo_step_begin(turn, UNDO_STEP_DIRECT, command[0], error);
    int channel[2];
    if (step == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        return false;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    pid_t child = fork();
    if (child == 0) {
        enter_watch(channel[1]);
        if (chdir(workspace) != 0) _exit(124);
        execvp(command[0], command);
        _exit(125);
    }
    close(channel[1]);
    int listener = receive_listener(channel[0]);
    close(channel[0]);
    Supervisor *supervisor = supervisor_start(listener, step, workspace);
    int status = wait_for(child);
    end_descendants();
    supervisor_stop(supervisor);
    return end_step(turn, step, status, error);
}

/* Through the real sandbox. */
static bool sandbox_step(UndoTurn *turn, const char *workspace, char **command, GError **error) {
    const char *state = getenv("UNDO_STATE");
    Paths *paths = (Paths[]){ { .home = (char *)state,
                                .config = g_build_filename(state, "config", NULL),
                                .data = g_build_filename(state, "data", NULL),
                                .state = (char *)state,
                                .cache = g_build_filename(state, "cache", NULL),
                                .runtime = g_build_filename(state, "run", NULL),
                                .profile = (char *)"" } };
    SandboxConfig config = { 0 };
    field_set_defaults(sandbox_config_fields, &config);
    config.level =
        strcmp(getenv("UNDO_LEVEL"), "full") == 0 ? SANDBOX_LEVEL_FULL : SANDBOX_LEVEL_MINIMAL;
    config.max_file_size_bytes = (int64_t)2 << 30;
    g_autoptr(SandboxProfile) profile = sandbox_profile_new(&config, paths, workspace, error);
    if (profile == NULL) return false;
    const SandboxCommand request = { .argv = (const char *const *)command, .undo = turn };
    SandboxOutcome outcome = { 0 };
    if (!sandbox_run(profile, &request, NULL, &outcome, error)) return false;
    for (unsigned i = 0; outcome.withheld != NULL && i < outcome.withheld->len; i++)
        printf("withheld %s\n", (char *)outcome.withheld->pdata[i]);
    printf("%sstatus %d\n", outcome.output, outcome.exit_status);
    sandbox_outcome_clear(&outcome);
    field_clear(sandbox_config_fields, &config);
    g_free(paths->config);
    g_free(paths->data);
    g_free(paths->cache);
    g_free(paths->runtime);
    return true;
}

typedef bool StepFn(UndoTurn *turn, const char *workspace, char **command, GError **error);

/* Runs what stands between "--" one after the other. */
static bool run_turn(UndoJournal *journal, char **words, StepFn *run, GError **error) {
    UndoTurn *turn = undo_turn_begin(journal, "session", words[0], error);
    if (turn == NULL) return false;
    bool is_ok = true;
    while (is_ok && *words != NULL) {
        char **end = words;
        while (*end != NULL && strcmp(*end, "--") != 0) end++;
        bool is_last = *end == NULL;
        *end = NULL;
        is_ok = run(turn, undo_journal_workspace(journal), words, error);
        words = is_last ? end : end + 1;
    }
    GError *problem = NULL;
    if (!undo_turn_end(turn, &problem)) {
        g_printerr("%s\n", problem->message);
        g_error_free(problem);
    }
    return is_ok;
}

static bool preview(UndoJournal *journal, char **command, GError **error) {
    UndoTurn *turn = undo_turn_begin(journal, "session", command[0], error);
    UndoStep *step = turn != NULL ? undo_turn_preview(turn, error) : NULL;
    if (step == NULL) return false;
    undo_step_withhold(step, "LocalGPT.md");
    run_in_overlay(undo_journal_workspace(journal), step, command);
    g_autofree char *diff = undo_step_preview(step, error);
    if (diff != NULL) fputs(diff, stdout);
    return undo_turn_end(turn, diff != NULL ? error : NULL) && diff != NULL;
}

static bool list(UndoJournal *journal, GError **error) {
    static const char *const states[] = { "open", "done", "undone", "interrupted" };
    g_autoptr(GPtrArray) turns = undo_list(journal, error);
    for (unsigned i = 0; turns != NULL && i < turns->len; i++) {
        const UndoTurnInfo *info = turns->pdata[i];
        printf("%d %s changed %d lost %d\n", (int)info->number, states[info->state],
               (int)info->n_changed, (int)info->n_lost);
    }
    return turns != NULL;
}

static bool take_back(UndoJournal *journal, const char *verb, int64_t turn, GError **error) {
    UndoReport report = { 0 };
    bool is_ok;
    if (strcmp(verb, "redo") == 0)
        is_ok = undo_redo(journal, turn, 0, &report, error);
    else
        is_ok =
            undo_revert(journal, turn, strcmp(verb, "try") == 0 ? UNDO_DRY_RUN : 0, &report, error);
    if (is_ok) print_report(&report);
    return is_ok;
}

static bool show_diff(UndoJournal *journal, int64_t turn, GError **error) {
    g_autofree char *diff = undo_diff(journal, turn, error);
    if (diff != NULL) fputs(diff, stdout);
    return diff != NULL;
}

static bool play(UndoJournal *journal, char **words, GError **error) {
    int64_t turn = words[1] != NULL ? g_ascii_strtoll(words[1], NULL, 10) : 0;
    if (strcmp(words[0], "overlay") == 0) return run_turn(journal, words + 1, overlay_step, error);
    if (strcmp(words[0], "full") == 0 || strcmp(words[0], "minimal") == 0) {
        g_setenv("UNDO_LEVEL", words[0], TRUE);
        return run_turn(journal, words + 1, sandbox_step, error);
    }
    if (strcmp(words[0], "notify") == 0) return run_turn(journal, words + 1, notify_step, error);
    if (strcmp(words[0], "preview") == 0) return preview(journal, words + 1, error);
    if (strcmp(words[0], "list") == 0) return list(journal, error);
    if (strcmp(words[0], "diff") == 0) return show_diff(journal, turn, error);
    if (strcmp(words[0], "open") == 0) return true;
    return take_back(journal, words[0], turn, error);
}

static int64_t number_of(const char *variable, int64_t fallback) {
    const char *text = getenv(variable);
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : fallback;
}

int main(int argc, char **argv) {
    if (sandbox_child_is_asked(argv)) return sandbox_child_main();
    if (argc < 4) return 2;
    g_setenv("UNDO_STATE", argv[1], TRUE);
    const Paths paths = { .state = argv[1] };
    const UndoConfig config = { .is_enabled = true,
                                .max_bytes = number_of("UNDO_MAX", (int64_t)1 << 31),
                                .max_file_bytes = number_of("UNDO_MAX_FILE", 64 << 20) };
    g_autoptr(GError) error = NULL;
    g_autoptr(UndoJournal) journal = undo_journal_open(argv[2], &paths, &config, &error);
    if (journal == NULL || !play(journal, argv + 3, &error)) {
        g_printerr("%s\n", error->message);
        return 1;
    }
    return 0;
}

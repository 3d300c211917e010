/* What a sandboxed `sh -c true` costs over a plain one, at each level, beside bubblewrap, in one
 * interleaved run. Prints one line per way: name, minimum and median in microseconds; then what
 * 10 GB of output of a command added to our memory, in KB.
 *
 *     sandbox_bench ROUNDS WORKSPACE [BWRAP]
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/field.h"
#include "sandbox/exec/child.h"
#include "sandbox/sandbox.h"
#include "undo/journal.h"

enum { N_WAYS = 9, N_BWRAP_WAYS = 2, WARM_UP_ROUNDS = 5, MAX_ROUNDS = 100000 };

typedef struct {
    const char *name;
    const char *const *argv; /* NULL = the sandbox runs `sh -c true` */
    SandboxProfile *profile;
    bool has_undo;
    GArray *times_us; /* double */
} Way;

/* The journal of the rows with undo. */
typedef struct {
    UndoJournal *journal;
    UndoTurn *turn;
} Recorder;

static const char *const plain[] = { "sh", "-c", "true", NULL };

static bool run_plain(const char *const *argv) {
    pid_t pid;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, (char **)argv, environ) != 0) return false;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool run_sandboxed(SandboxProfile *profile, UndoTurn *turn) {
    SandboxCommand command = { .argv = plain, .undo = turn };
    SandboxOutcome outcome = { 0 };
    g_autoptr(GError) error = NULL;
    if (!sandbox_run(profile, &command, NULL, &outcome, &error)) {
        fprintf(stderr, "sandbox_bench: %s\n", error->message);
        return false;
    }
    bool is_ok = outcome.exit_status == 0;
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

static bool run_way(Way *way, const Recorder *recorder, bool is_measured) {
    gint64 start = g_get_monotonic_time();
    bool is_ok = way->argv != NULL
                     ? run_plain(way->argv)
                     : run_sandboxed(way->profile, way->has_undo ? recorder->turn : NULL);
    double taken = (double)(g_get_monotonic_time() - start);
    if (is_measured) g_array_append_val(way->times_us, taken);
    return is_ok;
}

static int compare(const void *left, const void *right) {
    double one = *(const double *)left, other = *(const double *)right;
    return (one > other) - (one < other);
}

static SandboxProfile *open_profile(SandboxLevel level, const char *workspace) {
    g_autoptr(GError) error = NULL;
    SandboxConfig config = { 0 };
    field_set_defaults(sandbox_config_fields, &config);
    config.level = level;
    g_autoptr(Paths) paths = paths_new(NULL, &error);
    SandboxProfile *profile =
        paths != NULL ? sandbox_profile_new(&config, paths, workspace, &error) : NULL;
    if (profile == NULL) fprintf(stderr, "sandbox_bench: %s\n", error->message);
    field_clear(sandbox_config_fields, &config);
    return profile;
}

static bool open_recorder(Recorder *recorder, const char *workspace) {
    g_autoptr(GError) error = NULL;
    UndoConfig config = { 0 };
    field_set_defaults(undo_config_fields, &config);
    g_autoptr(Paths) paths = paths_new(NULL, &error);
    if (paths != NULL) recorder->journal = undo_journal_open(workspace, paths, &config, &error);
    if (recorder->journal != NULL)
        recorder->turn = undo_turn_begin(recorder->journal, NULL, "bench", &error);
    if (recorder->turn == NULL) fprintf(stderr, "sandbox_bench: %s\n", error->message);
    field_clear(undo_config_fields, &config);
    return recorder->turn != NULL;
}

/* ---- a flood of output ---- */

static long resident_kb(void) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL)) return -1;
    char *end = NULL;
    strtol(text, &end, 10);
    return strtol(end, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static bool run_flood(SandboxProfile *profile, const char *bytes) {
    const char *argv[] = { "head", "-c", bytes, "/dev/zero", NULL };
    SandboxCommand command = { .argv = argv };
    SandboxOutcome outcome = { 0 };
    g_autoptr(GError) error = NULL;
    long before_kb = resident_kb();
    if (!sandbox_run(profile, &command, NULL, &outcome, &error)) return false;
    printf("flood\t%" G_GUINT64_FORMAT "\t%ld\n", outcome.output_total, resident_kb() - before_kb);
    bool is_ok = outcome.exit_status == 0;
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

static void print(Way *way) {
    g_array_sort(way->times_us, compare);
    printf("%s\t%.0f\t%.0f\n", way->name, g_array_index(way->times_us, double, 0),
           g_array_index(way->times_us, double, way->times_us->len / 2));
}

int main(int argc, char **argv) {
    if (sandbox_child_is_asked(argv)) return sandbox_child_main();
    int n_rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    if (n_rounds <= 0 || n_rounds > MAX_ROUNDS) return 2;
    const char *bwrap = argc > 3 ? argv[3] : "bwrap";
    const char *const bare[] = { bwrap, "--unshare-all", "--ro-bind", "/", "/", "sh",
                                 "-c",  "true",          NULL };
    const char *const small[] = {
        bwrap,    "--unshare-all", "--ro-bind", "/usr", "/usr",      "--symlink", "usr/bin",
        "/bin",   "--symlink",     "usr/lib",   "/lib", "--symlink", "usr/lib64", "/lib64",
        "--proc", "/proc",         "--dev",     "/dev", "--tmpfs",   "/tmp",      "--bind",
        argv[2],  argv[2],         "sh",        "-c",   "true",      NULL
    };
    SandboxProfile *profiles[] = { open_profile(SANDBOX_LEVEL_NONE, argv[2]),
                                   open_profile(SANDBOX_LEVEL_MINIMAL, argv[2]),
                                   open_profile(SANDBOX_LEVEL_STANDARD, argv[2]),
                                   open_profile(SANDBOX_LEVEL_FULL, argv[2]) };
    Recorder recorder = { 0 };
    if (profiles[3] == NULL || profiles[2] == NULL || !open_recorder(&recorder, argv[2])) return 1;
    Way ways[N_WAYS] = {
        { .name = "plain", .argv = plain },
        { .name = "none", .profile = profiles[0] },
        { .name = "minimal", .profile = profiles[1] },
        { .name = "standard", .profile = profiles[2] },
        { .name = "full", .profile = profiles[3] },
        { .name = "standard, with undo", .profile = profiles[2], .has_undo = true },
        { .name = "full, with undo", .profile = profiles[3], .has_undo = true },
        { .name = "bwrap --unshare-all --ro-bind / /", .argv = bare },
        { .name = "bwrap, a small root as ours", .argv = small }
    };
    size_t n_ways = argc > 3 ? N_WAYS : N_WAYS - N_BWRAP_WAYS;
    for (size_t i = 0; i < n_ways; i++)
        ways[i].times_us = g_array_new(false, false, sizeof(double));
    for (int round = -WARM_UP_ROUNDS; round < n_rounds; round++)
        for (size_t i = 0; i < n_ways; i++)
            if (!run_way(&ways[i], &recorder, round >= 0)) {
                fprintf(stderr, "sandbox_bench: %s did not run\n", ways[i].name);
                return 1;
            }
    for (size_t i = 0; i < n_ways; i++) {
        print(&ways[i]);
        g_array_unref(ways[i].times_us);
    }
    bool is_ok = run_flood(profiles[3], "10000000000") && undo_turn_end(recorder.turn, NULL);
    undo_journal_close(recorder.journal);
    for (size_t i = 0; i < G_N_ELEMENTS(profiles); i++) sandbox_profile_unref(profiles[i]);
    return is_ok ? 0 : 1;
}

/* What a sandboxed `sh -c true` costs over a plain one, at each level, beside bubblewrap, in one
 * interleaved run. Prints one line per way: name, minimum and median in microseconds.
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

enum { N_WAYS = 7, WARM_UP_ROUNDS = 5, MAX_ROUNDS = 100000 };

typedef struct {
    const char *name;
    const char *const *argv; /* NULL = the sandbox runs `sh -c true` */
    SandboxProfile *profile;
    GArray *times_us; /* double */
} Way;

static const char *const plain[] = { "sh", "-c", "true", NULL };

static bool run_plain(const char *const *argv) {
    pid_t pid;
    int status = 0;
    if (posix_spawnp(&pid, argv[0], NULL, NULL, (char **)argv, environ) != 0) return false;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool run_sandboxed(SandboxProfile *profile) {
    SandboxCommand command = { .argv = plain };
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

static bool run_way(Way *way, bool is_measured) {
    gint64 start = g_get_monotonic_time();
    bool is_ok = way->argv != NULL ? run_plain(way->argv) : run_sandboxed(way->profile);
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
    Way ways[N_WAYS] = { { "plain", plain, NULL, NULL },
                         { "none", NULL, open_profile(SANDBOX_LEVEL_NONE, argv[2]), NULL },
                         { "minimal", NULL, open_profile(SANDBOX_LEVEL_MINIMAL, argv[2]), NULL },
                         { "standard", NULL, open_profile(SANDBOX_LEVEL_STANDARD, argv[2]), NULL },
                         { "full", NULL, open_profile(SANDBOX_LEVEL_FULL, argv[2]), NULL },
                         { "bwrap --unshare-all --ro-bind / /", bare, NULL, NULL },
                         { "bwrap, a small root as ours", small, NULL, NULL } };
    size_t n_ways = argc > 3 ? N_WAYS : N_WAYS - 2;
    for (size_t i = 0; i < n_ways; i++) {
        ways[i].times_us = g_array_new(false, false, sizeof(double));
        if (ways[i].argv == NULL && ways[i].profile == NULL) return 1;
    }
    for (int round = -WARM_UP_ROUNDS; round < n_rounds; round++)
        for (size_t i = 0; i < n_ways; i++)
            if (!run_way(&ways[i], round >= 0)) {
                fprintf(stderr, "sandbox_bench: %s did not run\n", ways[i].name);
                return 1;
            }
    for (size_t i = 0; i < n_ways; i++) {
        print(&ways[i]);
        sandbox_profile_unref(ways[i].profile);
        g_array_unref(ways[i].times_us);
    }
    return 0;
}

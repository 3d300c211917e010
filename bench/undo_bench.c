/*
 * Times one command in the sandbox, with and without the undo journal.
 *
 *     undo_bench STATE WORKSPACE full|standard yes|no RUNS COMMAND RESET
 *
 * COMMAND and RESET are given to sh in <workspace>/t; RESET runs before each COMMAND, plainly and
 * not timed. Prints the median in milliseconds of sandbox_run(), the commit of the changes and
 * what it writes to the disk included. The profile and the journal are opened once, as a chat does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/exec/child.h"
#include "sandbox/sandbox.h"
#include "undo/journal.h"

enum { MAX_RUNS = 101 };

typedef struct {
    UndoJournal *journal; /* NULL = without */
    SandboxProfile *profile;
    const char *folder;
    const char *command;
    const char *reset;
} Bench;

static bool run_once(const Bench *bench, double *out_ms, GError **error) {
    const char *argv[] = { "sh", "-c", bench->command, NULL };
    const char *reset[] = { "/bin/sh", "-c", bench->reset, NULL };
    if (*bench->reset != '\0' &&
        !g_spawn_sync(bench->folder, (char **)reset, NULL, 0, NULL, NULL, NULL, NULL, NULL, error))
        return false;
    UndoTurn *turn = NULL;
    if (bench->journal != NULL) {
        turn = undo_turn_begin(bench->journal, NULL, "bench", error);
        if (turn == NULL) return false;
    }
    const SandboxCommand command = { .argv = argv,
                                     .working_directory = bench->folder,
                                     .undo = turn };
    SandboxOutcome outcome = { 0 };
    int64_t start_us = g_get_monotonic_time();
    bool is_ok = sandbox_run(bench->profile, &command, NULL, &outcome, error);
    *out_ms = (double)(g_get_monotonic_time() - start_us) / 1000;
    if (is_ok && outcome.exit_status != 0)
        fprintf(stderr, "status %d: %s\n", outcome.exit_status, outcome.output);
    sandbox_outcome_clear(&outcome);
    return is_ok && (turn == NULL || undo_turn_end(turn, error));
}

static int compare(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static bool run(const Bench *bench, int n_runs, GError **error) {
    double ms[MAX_RUNS];
    for (int i = 0; i < n_runs; i++)
        if (!run_once(bench, &ms[i], error)) return false;
    qsort(ms, (size_t)n_runs, sizeof *ms, compare);
    printf("%.1f\n", ms[n_runs / 2]);
    return true;
}

static bool open_and_run(char **argv, GError **error) {
    g_autofree char *run_folder = g_build_filename(argv[1], "run", NULL);
    const Paths paths = { .home = argv[1],
                          .config = argv[1],
                          .data = argv[1],
                          .state = argv[1],
                          .cache = argv[1],
                          .runtime = run_folder,
                          .profile = (char *)"" };
    SandboxConfig config = { 0 };
    field_set_defaults(sandbox_config_fields, &config);
    config.level = strcmp(argv[3], "full") == 0 ? SANDBOX_LEVEL_FULL : SANDBOX_LEVEL_STANDARD;
    config.max_file_size_bytes = (int64_t)4 << 30;
    const UndoConfig undo = { .is_enabled = true,
                              .max_bytes = (int64_t)8 << 30,
                              .max_file_bytes = 64 << 20 };
    g_autofree char *folder = g_build_filename(argv[2], "t", NULL);
    g_autoptr(SandboxProfile) profile = sandbox_profile_new(&config, &paths, argv[2], error);
    if (profile == NULL) return false;
    g_autoptr(UndoJournal) journal = NULL;
    if (strcmp(argv[4], "yes") == 0) {
        journal = undo_journal_open(argv[2], &paths, &undo, error);
        if (journal == NULL) return false;
    }
    const Bench bench = { journal, profile, folder, argv[6], argv[7] };
    return run(&bench, (int)CLAMP(strtol(argv[5], NULL, 10), 1, MAX_RUNS), error);
}

int main(int argc, char **argv) {
    if (sandbox_child_is_asked(argv)) return sandbox_child_main();
    if (argc != 8) return 2;
    g_autoptr(GError) error = NULL;
    if (open_and_run(argv, &error)) return 0;
    g_printerr("%s\n", error->message);
    return 1;
}

/*
 * sandbox/sandbox.h: runs one command locked in by the kernel, and tells how it ended.
 *
 * A SandboxProfile is what commands may do, as data: made once from the configuration, printable,
 * shared by any number of commands. Making it proves the level by a real child; a level that cannot
 * be had is refused there with the reason, never lowered.
 *
 *     g_autoptr(SandboxProfile) profile = sandbox_profile_new(config, paths, workspace, error);
 *     const char *argv[] = { "bash", "--noprofile", "--norc", "-c", "make", NULL };
 *     SandboxCommand command = { .argv = argv, .timeout_ms = 60000 };
 *     SandboxOutcome outcome = { 0 };
 *     if (!sandbox_run(profile, &command, cancel, &outcome, error)) return false;
 *     ... outcome.exit_status, outcome.output ...
 *     sandbox_outcome_clear(&outcome);
 *
 * sandbox_run() fails (ERR_DENIED, ERR_IO, ERR_NOT_FOUND) only when the command could not be
 * started as asked; a command that ends badly, is stopped by a limit or killed is an outcome.
 *
 * Levels (SandboxLevel in sandbox_config.h), each with one meaning:
 *   full      own user, mount, pid, net, ipc and uts namespaces, a small root of its own, Landlock,
 *             seccomp, no capabilities
 *   standard  Landlock and seccomp, no namespaces. Of the workspace's top level only the entries
 *             that exist can be written (SandboxCommand.new_entries adds some)
 *   minimal   seccomp and limits: every file of the user is in reach
 *   none      only the limits
 * auto takes full or standard, whichever the kernel proves, and refuses below.
 *
 * Programs that call this must begin their main() with
 *     if (sandbox_child_is_asked(argv)) return sandbox_child_main();      (sandbox/exec/child.h)
 * because the child is their own binary, executed again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/paths.h"
#include "sandbox/exec/plan.h"
#include "sandbox/sandbox_config.h"

typedef struct SandboxProfile SandboxProfile;
typedef struct SandboxProcess SandboxProcess;
typedef struct UndoTurn UndoTurn;

/* `workspace` is absolute and exists. Everything is copied. ERR_DENIED with the reason when the
 * level of the configuration is not to be had here; ERR_CONFIG for paths that cannot be granted. */
SandboxProfile *sandbox_profile_new(const SandboxConfig *config, const Paths *paths,
                                    const char *workspace, GError **error);
SandboxProfile *sandbox_profile_ref(SandboxProfile *profile);
void sandbox_profile_unref(SandboxProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxProfile, sandbox_profile_unref)

/* The level that holds; never SANDBOX_LEVEL_AUTO. */
SandboxLevel sandbox_profile_level(const SandboxProfile *profile);
const char *sandbox_profile_workspace(const SandboxProfile *profile);

/* Every grant, one line each ("read   /usr", "write  /home/me/work", "protect IDENTITY.md", ...).
 * New string. */
char *sandbox_profile_print(const SandboxProfile *profile);

/* One grant: what it is, as sandbox_profile_print() calls it, and of which path. Borrowed. */
typedef struct {
    PlanKind kind;
    const char *verb; /* "read", "write", "protect", ... */
    const char *path; /* PLAN_PROTECT: below the workspace */
} SandboxRule;

/* The grant that decides about an absolute path: the innermost, links followed. False: none does.
 */
bool sandbox_profile_find_rule(const SandboxProfile *profile, const char *path, SandboxRule *out);

/* "full", "standard", ... */
const char *sandbox_level_name(SandboxLevel level);

/* Called on the process's own thread, in order, with every byte of its output (also beyond the
 * ring; not of errors that are kept apart).
 */
typedef void (*SandboxOutputFn)(const char *bytes, size_t length, void *user_data);

/* All borrowed until sandbox_start() returns (`undo` and `user_data` until the process is freed).
 */
typedef struct {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up in the sandbox's PATH */
    /* Run this very binary under the name argv[0] ("localgpt-tool") instead: file tools. */
    bool runs_this_program;
    const char *working_directory; /* below the workspace, may be relative to it; NULL = it */
    const void *input;             /* standard input, NULL = empty */
    size_t input_length;
    int64_t timeout_ms;    /* 0 = the configured one, which also is the most */
    bool separates_errors; /* standard error goes into outcome.errors, not into the output */
    /* Level standard only, where a command cannot make entries of the top level: the relative paths
     * it is going to make. Their first names are made for it unless they exist: "notes.md" as an
     * empty file, "src/main.c" and "src/" as a folder. ERR_DENIED for a protected one; NULL = none.
     */
    const char *const *new_entries;
    SandboxOutputFn on_output; /* may be NULL */
    void *user_data;
    UndoTurn *undo;  /* changes are recorded there; NULL = no undo */
    bool is_preview; /* with undo at level full: changes are kept apart until committed */
} SandboxCommand;

/* Zeroed = nothing yet. */
typedef struct {
    SandboxLevel level;
    int exit_status; /* of the command, 128 + signal when one ended it */
    int signal;      /* that ended it, or 0 */
    bool is_timed_out;
    bool is_cancelled;     /* by the Cancel or sandbox_process_kill() */
    char *output;          /* owned: the last max_output_bytes of it, NUL-terminated */
    size_t output_length;  /* may hold NULs and invalid UTF-8 */
    uint64_t output_total; /* bytes printed, kept or not */
    char *errors;          /* owned: with separates_errors, the last 64 KiB of standard error */
    size_t errors_length;
    int64_t duration_ms;
    char *limit_hit;     /* owned: a sentence, "It started more than 64 processes.", or NULL */
    GPtrArray *withheld; /* owned char *: with undo, changes that were not taken over and why */
} SandboxOutcome;

void sandbox_outcome_clear(SandboxOutcome *outcome);

/* Runs a command to its end. A triggered Cancel ends the command and is an outcome, not an error.
 */
bool sandbox_run(SandboxProfile *profile, const SandboxCommand *command, Cancel *cancel,
                 SandboxOutcome *out_outcome, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same in the background: one thread reads the output into a ring of max_output_bytes. */
SandboxProcess *sandbox_start(SandboxProfile *profile, const SandboxCommand *command,
                              GError **error);

/* Waits for the end. A triggered Cancel kills the process first. Once per process. */
bool sandbox_process_wait(SandboxProcess *process, Cancel *cancel, SandboxOutcome *out_outcome,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it has ended (wait will not block). */
bool sandbox_process_is_over(SandboxProcess *process);

/* What it printed since byte *offset, as far as the ring still has it; moves *offset to the end.
 * New string of *out_length bytes, NUL-terminated. */
char *sandbox_process_output(SandboxProcess *process, uint64_t *offset, size_t *out_length);

/* Ends it and everything it started: SIGTERM, then SIGKILL. Returns at once. */
void sandbox_process_kill(SandboxProcess *process);

/* Kills it when it still runs. */
void sandbox_process_free(SandboxProcess *process);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxProcess, sandbox_process_free)

/* What this kernel proved just now, by children that tried. */
typedef struct {
    int landlock_abi; /* 0 = none */
    unsigned landlock_errata;
    bool has_seccomp;
    bool has_namespaces;                    /* all six, by this user */
    SandboxLevel best;                      /* full, standard, minimal or none */
    char *refusals[SANDBOX_LEVEL_NONE + 1]; /* owned; by level: why not, NULL = available */
} SandboxFacts;

void sandbox_facts_probe(SandboxFacts *out_facts);
void sandbox_facts_clear(SandboxFacts *facts);

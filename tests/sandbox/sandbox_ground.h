/*
 * tests/sandbox/sandbox_ground.h: a home, a workspace and a profile of a test's own, and one shell
 * command run in it.
 *
 *     g_autoptr(SandboxGround) ground = sandbox_ground_new(SANDBOX_LEVEL_FULL);
 *     sandbox_ground_run(ground, "echo hello > a");
 *     g_assert_cmpint(ground->outcome.exit_status, ==, 0);
 *
 * With LOCALGPT_TEST_AS_USER a test that root starts goes on as an ordinary user.
 */
#pragma once

#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "base/field.h"
#include "sandbox/exec/child.h"
#include "sandbox/sandbox.h"
#include "scratch_folder.h"

typedef struct {
    ScratchFolder *folder;
    char *home;
    char *workspace;
    SandboxConfig config;
    Paths *paths;
    SandboxProfile *profile;
    SandboxOutcome outcome;
} SandboxGround;

/* First in main(): true = this is the child, return `*out_status`. */
static inline bool sandbox_ground_begin(int *argc, char ***argv, int *out_status) {
    if (sandbox_child_is_asked(*argv)) {
        *out_status = sandbox_child_main();
        return true;
    }
    if (g_getenv("LOCALGPT_TEST_AS_USER") != NULL && geteuid() == 0) {
        enum { NOBODY = 65534 };
        g_assert_cmpint(setgroups(0, NULL), ==, 0);
        g_assert_cmpint(setresgid(NOBODY, NOBODY, NOBODY), ==, 0);
        g_assert_cmpint(setresuid(NOBODY, NOBODY, NOBODY), ==, 0);
        g_assert_cmpint(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), ==, 0);
    }
    g_test_init(argc, argv, NULL);
    return false;
}

static inline Paths *sandbox_ground_paths(const SandboxGround *ground) {
    Paths *paths = g_new0(Paths, 1);
    paths->home = g_strdup(ground->home);
    paths->config = g_build_filename(ground->home, ".config", "localgpt", NULL);
    paths->data = g_build_filename(ground->home, ".local", "share", "localgpt", NULL);
    paths->state = g_build_filename(ground->home, ".local", "state", "localgpt", NULL);
    paths->cache = g_build_filename(ground->home, ".cache", "localgpt", NULL);
    paths->runtime = g_build_filename(paths->state, "run", NULL);
    paths->profile = g_strdup("");
    return paths;
}

/* Without a profile, so that a test can change the configuration first. */
static inline SandboxGround *sandbox_ground_prepare(SandboxLevel level) {
    SandboxGround *ground = g_new0(SandboxGround, 1);
    ground->folder = scratch_folder_new();
    ground->home = g_build_filename(ground->folder->path, "home", NULL);
    ground->workspace = g_build_filename(ground->home, "work", NULL);
    g_assert_cmpint(g_mkdir_with_parents(ground->workspace, 0755), ==, 0);
    field_set_defaults(sandbox_config_fields, &ground->config);
    ground->config.level = level;
    ground->paths = sandbox_ground_paths(ground);
    return ground;
}

static inline void sandbox_ground_open(SandboxGround *ground) {
    g_autoptr(GError) error = NULL;
    ground->profile =
        sandbox_profile_new(&ground->config, ground->paths, ground->workspace, &error);
    g_assert_no_error(error);
}

static inline SandboxGround *sandbox_ground_new(SandboxLevel level) {
    SandboxGround *ground = sandbox_ground_prepare(level);
    sandbox_ground_open(ground);
    return ground;
}

static inline void sandbox_ground_free(SandboxGround *ground) {
    sandbox_outcome_clear(&ground->outcome);
    sandbox_profile_unref(ground->profile);
    field_clear(sandbox_config_fields, &ground->config);
    paths_free(ground->paths);
    scratch_folder_free(ground->folder);
    g_free(ground->home);
    g_free(ground->workspace);
    g_free(ground);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxGround, sandbox_ground_free)

/* Writes a file below the home, making its folders. */
static inline void sandbox_ground_write(const SandboxGround *ground, const char *path,
                                        const char *text) {
    g_autofree char *full = g_build_filename(ground->home, path, NULL);
    g_autofree char *folder = g_path_get_dirname(full);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    g_assert_true(g_file_set_contents(full, text, -1, NULL));
}

static inline bool sandbox_ground_exists(const SandboxGround *ground, const char *path) {
    g_autofree char *full = g_build_filename(ground->home, path, NULL);
    return g_file_test(full, G_FILE_TEST_EXISTS) || g_file_test(full, G_FILE_TEST_IS_SYMLINK);
}

static inline void sandbox_ground_run_for(SandboxGround *ground, const char *script,
                                          int64_t timeout_ms) {
    const char *argv[] = { "bash", "--noprofile", "--norc", "-c", script, NULL };
    SandboxCommand command = { .argv = argv, .timeout_ms = timeout_ms };
    g_autoptr(GError) error = NULL;
    sandbox_outcome_clear(&ground->outcome);
    bool is_ok = sandbox_run(ground->profile, &command, NULL, &ground->outcome, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
}

static inline void sandbox_ground_run(SandboxGround *ground, const char *script) {
    sandbox_ground_run_for(ground, script, 0);
}

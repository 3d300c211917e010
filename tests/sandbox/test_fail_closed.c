/*
 * Tests that a layer the kernel refuses is a command refused: never fewer walls than the level's
 * name promises.
 *
 * Each row runs in a child whose kernel fails one system call (by a seccomp filter around it all).
 * The command would leave a file behind; it must not run.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <seccomp.h>

#include "base/error.h"
#include "sandbox_ground.h"

enum {
    FULL = 1 << SANDBOX_LEVEL_FULL,
    STANDARD = 1 << SANDBOX_LEVEL_STANDARD,
    MINIMAL = 1 << SANDBOX_LEVEL_MINIMAL
};

typedef struct {
    const char *call;
    int errno_value;
    unsigned levels;   /* that need it */
    unsigned argument; /* with `value` != 0: only calls whose argument has one of these bits */
    uint32_t bit;
} Refusal;

/* clang-format off */
static const Refusal refusals[] = {
    { "landlock_create_ruleset", ENOSYS,     FULL | STANDARD },
    { "landlock_create_ruleset", EOPNOTSUPP, FULL | STANDARD },
    { "landlock_add_rule",       EPERM,      FULL | STANDARD },
    { "landlock_restrict_self",  EPERM,      FULL | STANDARD },
    { "seccomp",                 ENOSYS,     FULL | STANDARD | MINIMAL },
    { "seccomp",                 EINVAL,     FULL | STANDARD | MINIMAL },
    { "capset",                  EPERM,      FULL | STANDARD | MINIMAL },
    { "close_range",             ENOSYS,     FULL | STANDARD | MINIMAL },
    { "prlimit64",               EPERM,      FULL | STANDARD | MINIMAL },
    { "clone",                   EPERM,      FULL, 0, CLONE_NEWUSER },
    { "unshare",                 ENOSPC,     FULL, 0, CLONE_NEWNET },
    { "setns",                   EPERM,      FULL },
    { "clone",                   EINVAL,     FULL, 0, CLONE_NEWPID },
    { "fsopen",                  ENOSYS,     FULL },
    { "fsmount",                 EPERM,      FULL },
    { "mount",                   EPERM,      FULL },
    { "mount_setattr",           ENOSYS,     FULL },
    { "move_mount",              EPERM,      FULL },
    { "open_tree",               EPERM,      FULL },
    { "pivot_root",              EINVAL,     FULL },
    { "umount2",                 EPERM,      FULL },
};
/* clang-format on */

static bool install(const Refusal *refusal) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int number = seccomp_syscall_resolve_name(refusal->call);
    uint32_t action = SCMP_ACT_ERRNO((uint16_t)refusal->errno_value);
    int result = refusal->bit != 0
                     ? seccomp_rule_add(filter, action, number, 1,
                                        SCMP_CMP(refusal->argument, SCMP_CMP_MASKED_EQ,
                                                 refusal->bit, refusal->bit))
                     : seccomp_rule_add(filter, action, number, 0);
    bool is_ok = result == 0 && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return is_ok;
}

enum { ATTEMPT_REFUSED, ATTEMPT_RAN, ATTEMPT_WRONG_ERROR, ATTEMPT_NOT_TRIED };

/* In the child: what became of one command. */
static int attempt(const SandboxGround *ground) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SandboxProfile) profile =
        sandbox_profile_new(&ground->config, ground->paths, ground->workspace, &error);
    if (profile == NULL) return error_is(error, ERR_DENIED) ? ATTEMPT_REFUSED : ATTEMPT_WRONG_ERROR;
    const char *argv[] = { "sh", "-c", "echo x > ran", NULL };
    SandboxCommand command = { .argv = argv };
    SandboxOutcome outcome = { 0 };
    if (sandbox_run(profile, &command, NULL, &outcome, &error)) return ATTEMPT_RAN;
    return error_is(error, ERR_DENIED) ? ATTEMPT_REFUSED : ATTEMPT_WRONG_ERROR;
}

static int attempt_under(const Refusal *refusal, SandboxLevel level) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(level);
    sandbox_ground_write(ground, "work/ran", "");
    pid_t pid = fork();
    if (pid == 0) {
        bool is_ready = refusal == NULL || install(refusal);
        _exit(is_ready ? attempt(ground) : ATTEMPT_NOT_TRIED);
    }
    int status = 0;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    g_autofree char *path = g_build_filename(ground->home, "work/ran", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    bool has_run = text[0] != '\0';
    g_assert_cmpint(has_run, ==, WEXITSTATUS(status) == ATTEMPT_RAN);
    return WEXITSTATUS(status);
}

static void every_level_runs_without_refusals(void) {
    for (int level = SANDBOX_LEVEL_AUTO; level <= SANDBOX_LEVEL_NONE; level++)
        g_assert_cmpint(attempt_under(NULL, (SandboxLevel)level), ==, ATTEMPT_RAN);
}

static void a_refused_layer_is_a_refused_command(const void *data) {
    const Refusal *refusal = data;
    for (int level = SANDBOX_LEVEL_FULL; level <= SANDBOX_LEVEL_MINIMAL; level++) {
        if ((refusal->levels & (1U << level)) == 0) continue;
        g_test_message("%s at %s", refusal->call, sandbox_level_name((SandboxLevel)level));
        g_assert_cmpint(attempt_under(refusal, (SandboxLevel)level), ==, ATTEMPT_REFUSED);
    }
}

/* auto falls back from full to standard, and no further. */
static void auto_refuses_below_standard(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        int expected = (refusals[i].levels & STANDARD) != 0 ? ATTEMPT_REFUSED : ATTEMPT_RAN;
        g_test_message("%s", refusals[i].call);
        g_assert_cmpint(attempt_under(&refusals[i], SANDBOX_LEVEL_AUTO), ==, expected);
    }
}

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    g_test_add_func("/sandbox/fail_closed/every_level_runs_without_refusals",
                    every_level_runs_without_refusals);
    g_test_add_func("/sandbox/fail_closed/auto_refuses_below_standard",
                    auto_refuses_below_standard);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path =
            g_strdup_printf("/sandbox/fail_closed/%02zu_%s_%s", i, refusals[i].call,
                            g_strerror(refusals[i].errno_value));
        g_test_add_data_func(path, &refusals[i], a_refused_layer_is_a_refused_command);
    }
    return g_test_run();
}

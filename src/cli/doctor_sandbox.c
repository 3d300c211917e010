/* cli/doctor_sandbox.c: does the kernel keep what is locked in, the engine's way and a command's?
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/doctor.h"
#include "cli/sandbox_oracle.h"
#include "sandbox/exec/confine.h"

/* In a child: locks itself in as tightly as can be and sends the report. */
static G_GNUC_NORETURN void lock_in(int report_fd) {
    Confinement confinement = { 0 };
    ConfineReport report = { 0 };
    confine_keep_descriptor(&confinement, report_fd);
    bool is_locked = confine_apply(&confinement, &report);
    ssize_t n = write(report_fd, &report, sizeof report);
    _exit(is_locked && n == (ssize_t)sizeof report ? 0 : 1);
}

/* What the kernel did with a process that asked for everything. */
static bool try_confinement(ConfineReport *out_report, GError **error) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        error_set_errno(error, errno, "making a pipe");
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) lock_in(ends[1]);
    close(ends[1]);
    ssize_t n = pid > 0 ? read(ends[0], out_report, sizeof *out_report) : -1;
    close(ends[0]);
    int status = 0;
    if (pid > 0) waitpid(pid, &status, 0);
    if (pid < 0) {
        error_set_errno(error, errno, "starting a process");
        return false;
    }
    if (n != (ssize_t)sizeof *out_report) {
        error_set(error, ERR_FAILED, "the confined process ended without a word");
        return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    out_report->reason[sizeof out_report->reason - 1] = '\0';
    error_set(error, ERR_FAILED, "%s", out_report->reason);
    return false;
}

void doctor_check_sandbox(Doctor *doctor, DoctorFinding *out) {
    (void)doctor;
    ConfineReport report = { 0 };
    g_autoptr(GError) error = NULL;
    if (!try_confinement(&report, &error)) {
        doctor_found(out, DOCTOR_PROBLEM, "cat /sys/kernel/security/lsm", "%s", error->message);
        return;
    }
    doctor_found(out, DOCTOR_OK, NULL,
                 "Landlock ABI %d, seccomp, limits: a process that locked itself in could open "
                 "nothing",
                 report.landlock_abi);
}

/* The defaults when the configuration does not load. */
static void run_oracles(Doctor *doctor, const SandboxConfig *config, DoctorFinding *out) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) findings = sandbox_oracles_run(config, doctor->app->cancel, &error);
    if (findings == NULL) {
        doctor_found(out, DOCTOR_PROBLEM, "localgpt sandbox status", "%s", error->message);
        return;
    }
    unsigned held = sandbox_oracles_count(findings, ORACLE_HELD);
    unsigned open = sandbox_oracles_count(findings, ORACLE_OPEN);
    const char *level = sandbox_oracles_level(findings);
    if (sandbox_oracles_count(findings, ORACLE_FAILED) > 0)
        doctor_found(out, DOCTOR_PROBLEM, "localgpt sandbox test",
                     "at level %s only %u of %u attempts and tasks went as they must", level, held,
                     findings->len);
    else if (open > 0)
        doctor_found(out, DOCTOR_WARNING, "localgpt config set sandbox.level auto",
                     "level %s leaves %u of %u open", level, open, findings->len);
    else
        doctor_found(out, DOCTOR_OK, NULL, "level %s: %u attempts and tasks went as they must",
                     level, held);
}

void doctor_check_commands(Doctor *doctor, DoctorFinding *out) {
    const Config *config = doctor->app->config;
    if (config != NULL) {
        run_oracles(doctor, config_section(config, "sandbox"), out);
        return;
    }
    SandboxConfig defaults = { 0 };
    field_set_defaults(sandbox_config_fields, &defaults);
    run_oracles(doctor, &defaults, out);
    field_clear(sandbox_config_fields, &defaults);
}

/* cli/doctor_system.c: checks of keys, the kernel's confinement and the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/config_sections.h"
#include "cli/doctor.h"
#include "sandbox/exec/confine.h"

/* keys */

void doctor_check_keys(Doctor *doctor, DoctorFinding *out) {
    if (doctor->app->config == NULL) {
        doctor_found(out, DOCTOR_SKIPPED, NULL, "the configuration comes first");
        return;
    }
    unsigned count = 0;
    for (const ConfigSection *section = config_sections; section->name != NULL; section++) {
        if (!g_str_has_prefix(section->name, "providers")) continue;
        /* [providers] itself holds only the user's own. */
        bool is_parent = strcmp(section->name, "providers") == 0;
        const char *table = is_parent ? "providers.custom" : section->name;
        if (!config_is_set(doctor->app->config, table)) continue;
        g_autoptr(GError) error = NULL;
        void *expanded =
            config_section_expand(doctor->app->config, section->name, doctor->app->secrets, &error);
        if (expanded == NULL) {
            doctor_failed(out, error);
            return;
        }
        config_section_free(doctor->app->config, section->name, expanded);
        count++;
    }
    if (count == 0)
        doctor_found(out, DOCTOR_OK, NULL, "no provider is configured, none needs a key");
    else
        doctor_found(out, DOCTOR_OK, NULL, "every variable of %u provider %s is set", count,
                     count == 1 ? "section" : "sections");
}

/* sandbox */

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

/* terminal */

static const char *locale_name(void) {
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = g_getenv(names[i]);
        if (value != NULL && value[0] != '\0') return value;
    }
    return "";
}

void doctor_check_terminal(Doctor *doctor, DoctorFinding *out) {
    const char *locale = locale_name();
    g_autofree char *lower = g_ascii_strdown(locale, -1);
    bool is_utf8 = strstr(lower, "utf-8") != NULL || strstr(lower, "utf8") != NULL;
    const char *terminal = g_getenv("TERM");
    bool is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    if (!is_utf8)
        doctor_found(out, DOCTOR_WARNING, "export LC_ALL=C.UTF-8", "the locale %s is not UTF-8",
                     locale[0] != '\0' ? locale : "C");
    else if (is_dumb && isatty(STDOUT_FILENO) == 1)
        doctor_found(out, DOCTOR_WARNING, "export TERM=xterm-256color",
                     "TERM is %s: plain text only", terminal != NULL ? terminal : "not set");
    else
        doctor_found(out, DOCTOR_OK, NULL, "%s, %s%s", terminal != NULL ? terminal : "no TERM",
                     locale, doctor->app->has_color ? ", colours" : "");
}

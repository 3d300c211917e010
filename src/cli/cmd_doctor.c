/* cli/cmd_doctor.c: `localgpt doctor`: every check, one line each, and what to type. */
#include <string.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/doctor.h"

typedef struct {
    char *version;
    char *system;
    GPtrArray *checks; /* DoctorFinding */
    int64_t n_problems;
    int64_t n_warnings;
} DoctorReply;

typedef struct {
    const char *mark;
    const char *plain; /* ASCII */
    const char *color;
} StatusStyle;

/* clang-format off */
static const Field reply_fields[] = {
    { "version",  FIELD_STRING(DoctorReply, version), .help = "Of the program." },
    { "system",   FIELD_STRING(DoctorReply, system),  .help = "What it runs on." },
    { "problems", FIELD_INT(DoctorReply, n_problems), .help = "How many checks found a problem." },
    { "warnings", FIELD_INT(DoctorReply, n_warnings), .help = "How many checks found something to look at." },
    { "checks",   FIELD_STRUCTS(DoctorReply, checks, DoctorFinding, doctor_finding_fields), .help = "Every check." },
    { 0 }
};

static const StatusStyle styles[] = {
    [DOCTOR_OK]      = { "✓", "ok  ", "\033[32m" },
    [DOCTOR_WARNING] = { "⚠", "warn", "\033[33m" },
    [DOCTOR_PROBLEM] = { "✗", "FAIL", "\033[31m" },
    [DOCTOR_SKIPPED] = { "-", "skip", "\033[2m" },
};

const Option cmd_doctor_options[] = {
    { "fix",    'f', OPTION_FLAG, .help = "Mend what can be mended without asking" },
    { "strict", 0,   OPTION_FLAG, .help = "A warning counts as a problem" },
    { 0 }
};
/* clang-format on */

static char *system_text(void) {
    g_autofree char *name = g_get_os_info(G_OS_INFO_KEY_PRETTY_NAME);
    struct utsname info;
    if (uname(&info) != 0) return g_strdup(name != NULL ? name : "unknown");
    return g_strdup_printf("%s, %s %s", name != NULL ? name : info.sysname, info.release,
                           info.machine);
}

static void finding_free(gpointer finding) {
    field_clear(doctor_finding_fields, finding);
    g_free(finding);
}

/* A check that found something and can mend it is run again after that. */
static DoctorFinding *examine_one(Doctor *doctor, const DoctorCheck *check, bool is_fixing) {
    DoctorFinding *finding = g_new0(DoctorFinding, 1);
    finding->name = g_strdup(check->name);
    check->check(doctor, finding);
    bool is_bad = finding->status == DOCTOR_WARNING || finding->status == DOCTOR_PROBLEM;
    if (!is_fixing || !is_bad || check->mend == NULL) return finding;
    g_autoptr(GError) error = NULL;
    if (!check->mend(doctor, &error)) {
        g_autofree char *detail = g_strdup(finding->detail);
        g_autofree char *fix = g_strdup(finding->fix);
        doctor_found(finding, (DoctorStatus)finding->status, fix, "%s; %s", detail, error->message);
        return finding;
    }
    check->check(doctor, finding);
    finding->is_fixed = finding->status == DOCTOR_OK;
    return finding;
}

/* What a check quotes may hold a secret or control characters. */
static void make_safe(const App *app, char **text) {
    if (*text == NULL) return;
    g_autofree char *redacted = secret_redact(app->secrets, *text);
    g_free(*text);
    *text = text_strip_terminal(redacted, strlen(redacted));
    g_strdelimit(*text, "\n", ' ');
}

static DoctorFinding *run_check(Doctor *doctor, const DoctorCheck *check, bool is_fixing) {
    DoctorFinding *finding = examine_one(doctor, check, is_fixing);
    make_safe(doctor->app, &finding->detail);
    make_safe(doctor->app, &finding->fix);
    return finding;
}

static bool print_finding(const App *app, const DoctorFinding *finding, GError **error) {
    const StatusStyle *style = &styles[finding->status];
    bool has_fix = finding->fix != NULL && finding->fix[0] != '\0';
    return app_print(app, error, "  %s%s%s %-12s %s%s%s%s\n", app->has_color ? style->color : "",
                     app->is_plain ? style->plain : style->mark, app->has_color ? "\033[0m" : "",
                     finding->name, finding->detail, finding->is_fixed ? " (fixed)" : "",
                     has_fix ? (app->is_plain ? "  -> " : "  → ") : "",
                     has_fix ? finding->fix : "");
}

static char *count_text(int64_t count, const char *what) {
    return g_strdup_printf("%" G_GINT64_FORMAT " %s%s", (gint64)count, what, count == 1 ? "" : "s");
}

static char *summary_text(const DoctorReply *reply) {
    g_autofree char *problems = count_text(reply->n_problems, "problem");
    g_autofree char *warnings = count_text(reply->n_warnings, "warning");
    return g_strdup_printf("%s, %s", problems, warnings);
}

static bool examine(Doctor *doctor, bool is_fixing, DoctorReply *reply, GError **error) {
    const App *app = doctor->app;
    for (const DoctorCheck *check = doctor_checks; check->name != NULL; check++) {
        if (!cancel_check(app->cancel, error)) return false;
        DoctorFinding *finding = run_check(doctor, check, is_fixing);
        g_ptr_array_add(reply->checks, finding);
        if (finding->status == DOCTOR_PROBLEM) reply->n_problems++;
        if (finding->status == DOCTOR_WARNING) reply->n_warnings++;
        if (!app->is_json && !print_finding(app, finding, error)) return false;
    }
    return true;
}

bool cmd_doctor_run(App *app, const CommandLine *line, GError **error) {
    g_autofree char *system = system_text();
    g_autoptr(GPtrArray) checks = g_ptr_array_new_with_free_func(finding_free);
    DoctorReply reply = { .version = (char *)LOCALGPT_VERSION, .system = system, .checks = checks };
    if (!app->is_json &&
        !app_print(app, error, "LocalGPT doctor " LOCALGPT_VERSION " on %s\n", system))
        return false;
    Doctor doctor = { .app = app };
    bool is_done = examine(&doctor, command_line_flag(line, "fix"), &reply, error);
    doctor_clear(&doctor);
    if (!is_done) return false;
    bool is_bad =
        reply.n_problems > 0 || (command_line_flag(line, "strict") && reply.n_warnings > 0);
    g_autofree char *summary = summary_text(&reply);
    g_autoptr(GError) failure = NULL;
    if (is_bad) error_set(&failure, ERR_FAILED, "%s", summary);
    if (app->is_json) {
        if (!app_print_outcome(app, failure, reply_fields, &reply, error)) return false;
    } else if (!app_print(app, error, "%s\n", summary)) {
        return false;
    }
    /* All has been said; only the exit status is left. */
    app->is_reported = is_bad;
    if (failure != NULL) g_propagate_error(error, g_steal_pointer(&failure));
    return !is_bad;
}

/* cli/cmd_sandbox_test.c: `localgpt sandbox test`: the oracles, one line each. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/sandbox_oracle.h"
#include "cli/sandbox_place.h"

typedef struct {
    char *level;
    int64_t n_held;
    int64_t n_open;
    int64_t n_failed;
    GPtrArray *attempts; /* OracleFinding */
} TestReply;

typedef struct {
    const char *mark;
    const char *plain;
    const char *color;
} StatusStyle;

/* clang-format off */
static const Field reply_fields[] = {
    { "level",    FIELD_STRING(TestReply, level),  .help = "That was tried." },
    { "held",     FIELD_INT(TestReply, n_held),    .help = "Attempts that failed and work that was done." },
    { "open",     FIELD_INT(TestReply, n_open),    .help = "What the level does not promise." },
    { "failed",   FIELD_INT(TestReply, n_failed),  .help = "What went wrong." },
    { "attempts", FIELD_STRUCTS(TestReply, attempts, OracleFinding, oracle_finding_fields), .help = "Each of them." },
    { 0 }
};

static const StatusStyle styles[] = {
    [ORACLE_HELD]   = { "✓", "ok  ", "\033[32m" },
    [ORACLE_OPEN]   = { "○", "open", "\033[33m" },
    [ORACLE_FAILED] = { "✗", "FAIL", "\033[31m" },
};
/* clang-format on */

static bool print_finding(const App *app, const OracleFinding *finding, GError **error) {
    const StatusStyle *style = &styles[finding->status];
    g_autofree char *safe = text_strip_terminal(finding->detail, strlen(finding->detail));
    g_strdelimit(safe, "\n", ' ');
    g_autofree char *detail = text_ellipsize(safe, 200);
    const char *why = finding->status == ORACLE_OPEN ? "not promised at this level" : detail;
    return app_print(app, error, "  %s%s%s %s%s%s\n", app->has_color ? style->color : "",
                     app->is_plain ? style->plain : style->mark, app->has_color ? "\033[0m" : "",
                     finding->name, why[0] != '\0' ? ": " : "", why);
}

static bool print_text(const App *app, const TestReply *reply, GError **error) {
    if (!app_print(app, error, "The sandbox at level %s: a command\n", reply->level)) return false;
    for (guint i = 0; i < reply->attempts->len; i++)
        if (!print_finding(app, reply->attempts->pdata[i], error)) return false;
    return app_print(app, error, "%d held, %d open, %d failed\n", (int)reply->n_held,
                     (int)reply->n_open, (int)reply->n_failed);
}

bool cmd_sandbox_test_run(App *app, const CommandLine *line, GError **error) {
    g_auto(SandboxPlace) place = { 0 };
    if (!sandbox_place_open(app, line, &place, error)) return false;
    g_autoptr(GPtrArray) findings = sandbox_oracles_run(place.config, app->cancel, error);
    if (findings == NULL) return false;
    TestReply reply = {
        .level = (char *)sandbox_level_name(sandbox_profile_level(place.profile)),
        .n_held = sandbox_oracles_count(findings, ORACLE_HELD),
        .n_open = sandbox_oracles_count(findings, ORACLE_OPEN),
        .n_failed = sandbox_oracles_count(findings, ORACLE_FAILED),
        .attempts = findings,
    };
    g_autoptr(GError) failure = NULL;
    if (reply.n_failed > 0)
        error_set(&failure, ERR_FAILED, "%d of %u did not hold", (int)reply.n_failed,
                  findings->len);
    bool is_printed = app->is_json ? app_print_outcome(app, failure, reply_fields, &reply, error)
                                   : print_text(app, &reply, error);
    if (!is_printed || failure == NULL) return is_printed;
    app->is_reported = true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

/* Tests of the approvals: the table of modes, what makes it stricter, who is asked, and rules that
 * hold for the exact bytes only. */
#include "agent/approval.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../scratch_folder.h"
#include "base/error.h"

typedef struct {
    char *path;
    char *content;
} Note;

static const Field note_fields[] = {
    { "path", FIELD_STRING(Note, path), .flags = FIELD_REQUIRED, .help = "Where." },
    { "content", FIELD_STRING(Note, content), .flags = FIELD_REQUIRED, .help = "What." },
    { 0 }
};

static char *note_title(const void *arguments) {
    return g_strdup(((const Note *)arguments)->path);
}

static const ToolOps note_tool = { .name = "note",
                                   .summary = "Writes a note",
                                   .arguments = note_fields,
                                   .arguments_size = sizeof(Note),
                                   .risk = TOOL_RISK_WRITE,
                                   .title = note_title };

typedef struct {
    ScratchFolder *folder;
    Paths paths;
    ApprovalSettings settings;
    ApprovalAnswer answer;
    unsigned n_asked;
} Desk;

static bool ask(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                void *user_data, GError **error) {
    Desk *desk = user_data;
    g_assert_nonnull(request->why);
    if (!cancel_check(cancel, error)) return false;
    desk->n_asked++;
    *out = desk->answer;
    out->reason = g_strdup(desk->answer.reason);
    return true;
}

static void desk_init(Desk *desk, ApprovalMode mode) {
    *desk = (Desk){ .folder = scratch_folder_new() };
    desk->paths.state = desk->folder->path;
    desk->settings =
        (ApprovalSettings){ .mode = mode, .paths = &desk->paths, .ask = ask, .user_data = desk };
}

static void desk_clear(Desk *desk) {
    scratch_folder_free(desk->folder);
}

static ToolCall *note(const char *json) {
    g_autoptr(GError) error = NULL;
    json_t *arguments = json_loads(json, 0, NULL);
    ToolCall *call = tool_call_decode(&note_tool, arguments, &error);
    json_decref(arguments);
    g_assert_no_error(error);
    return call;
}

/* The verdict, and the outcome when somebody is asked: "allow", "refuse: why", "once", ... */
static char *outcome(Desk *desk, Approvals *approvals, const ToolCall *call,
                     const ApprovalFloor *floor) {
    g_autofree char *why = NULL;
    ApprovalVerdict verdict = approvals_verdict(approvals, call, "/work", floor, &why);
    if (verdict == VERDICT_ALLOW) return g_strdup("allow");
    if (verdict == VERDICT_REFUSE) return g_strdup_printf("refuse: %s", why);
    if (verdict == VERDICT_PREVIEW) return g_strdup("preview");
    ApprovalRequest request = {
        .tool = call->ops->name, .title = "t", .directory = "/work", .why = why, .may_always = true
    };
    ApprovalOutcome came = { 0 };
    g_autoptr(GError) error = NULL;
    (void)desk;
    if (!approvals_ask(approvals, call, &request, NULL, &came, &error))
        return g_strdup_printf("error: %s", error->message);
    g_autofree char *reason = came.reason;
    return reason != NULL ? g_strdup_printf("no: %s", reason)
                          : g_strdup(approved_by_names[came.by]);
}

static void modes_and_risks_give_one_verdict_each(void) {
    static const char expected[APPROVAL_N_MODES][TOOL_N_RISKS + 1] = {
        /* read write execute egress persist: allow, preview, question, refuse */
        [APPROVAL_PLAN] = "appar",
        [APPROVAL_ASK] = "aqqaa",
        [APPROVAL_EDITS] = "aaqaa",
        [APPROVAL_AUTO] = "aaaaa",
    };
    for (int mode = 0; mode < APPROVAL_N_MODES; mode++)
        for (int risk = 0; risk < TOOL_N_RISKS; risk++)
            g_assert_cmpint("apqr"[approval_verdict((ApprovalMode)mode, (ToolRisk)risk)], ==,
                            expected[mode][risk]);
    g_assert_cmpint(approval_mode_next(APPROVAL_AUTO), ==, APPROVAL_PLAN);
    g_assert_cmpint(approval_mode_narrower(APPROVAL_EDITS, APPROVAL_ASK), ==, APPROVAL_ASK);
}

static void a_misspelt_mode_is_corrected(void) {
    ApprovalMode mode = APPROVAL_ASK;
    g_autoptr(GError) error = NULL;
    g_assert_false(approval_mode_parse("edit", &mode, &error));
    g_assert_nonnull(strstr(error->message, "did you mean 'edits'"));
    g_assert_true(approval_mode_parse("auto", &mode, NULL));
    g_assert_cmpint(mode, ==, APPROVAL_AUTO);
}

static void require_approval_asks_in_every_mode(void) {
    static const char *const names[] = { "note", NULL };
    for (int mode = APPROVAL_ASK; mode < APPROVAL_N_MODES; mode++) {
        Desk desk;
        desk_init(&desk, (ApprovalMode)mode);
        desk.settings.require_approval = names;
        desk.answer.choice = ANSWER_ONCE;
        g_autoptr(Approvals) approvals = approvals_open(&desk.settings, NULL);
        g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
        for (unsigned i = 1; i <= 3; i++) { /* the follow-up calls too */
            g_autofree char *came = outcome(&desk, approvals, call, NULL);
            g_assert_cmpstr(came, ==, "once");
            g_assert_cmpuint(desk.n_asked, ==, i);
        }
        desk_clear(&desk);
    }
}

static void nobody_to_ask_means_no(void) {
    Desk desk;
    desk_init(&desk, APPROVAL_ASK);
    desk.settings.ask = NULL;
    desk.settings.no_one_hint = "Use --mode edits.";
    g_autoptr(Approvals) approvals = approvals_open(&desk.settings, NULL);
    g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
    g_autofree char *came = outcome(&desk, approvals, call, NULL);
    g_assert_true(g_str_has_prefix(came, "no: note needs the owner's approval"));
    g_assert_nonnull(strstr(came, "--mode edits"));
    desk_clear(&desk);
}

static void a_denial_carries_its_reason(void) {
    Desk desk;
    desk_init(&desk, APPROVAL_ASK);
    desk.answer = (ApprovalAnswer){ ANSWER_DENY, (char *)"use make, not gcc" };
    g_autoptr(Approvals) approvals = approvals_open(&desk.settings, NULL);
    g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
    g_autofree char *came = outcome(&desk, approvals, call, NULL);
    g_assert_cmpstr(came, ==, "no: the owner said no: use make, not gcc");
    desk_clear(&desk);
}

static void always_holds_for_the_exact_bytes_only(void) {
    Desk desk;
    desk_init(&desk, APPROVAL_ASK);
    desk.answer.choice = ANSWER_ALWAYS;
    Approvals *approvals = approvals_open(&desk.settings, NULL);
    g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
    g_autoptr(ToolCall) moved = note("{\"content\":\"b\",\"path\":\"a\"}");
    g_autofree char *first = outcome(&desk, approvals, call, NULL);
    g_assert_cmpstr(first, ==, "always");
    approvals_free(approvals);

    /* It outlives the process; the order of the arguments is no difference. */
    desk.answer.choice = ANSWER_DENY;
    approvals = approvals_open(&desk.settings, NULL);
    g_autofree char *second = outcome(&desk, approvals, moved, NULL);
    g_assert_cmpstr(second, ==, "allow");
    g_assert_cmpuint(desk.n_asked, ==, 1);

    static const char *const others[] = {
        "{\"path\":\"a\",\"content\":\"b \"}",   "{\"path\":\"a\",\"content\":\"B\"}",
        "{\"path\":\"a\",\"content\":\"b\\n\"}", "{\"path\":\"./a\",\"content\":\"b\"}",
        "{\"path\":\"\",\"content\":\"ab\"}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autoptr(ToolCall) other = note(others[i]);
        g_autofree char *came = outcome(&desk, approvals, other, NULL);
        g_assert_true(g_str_has_prefix(came, "no: "));
    }
    g_autofree char *why = NULL;
    g_assert_cmpint(approvals_verdict(approvals, call, "/elsewhere", NULL, &why), ==, VERDICT_ASK);
    ApprovalFloor tainted = { .floor = VERDICT_ASK, .why = "an outside page was read" };
    g_autofree char *gate = NULL;
    g_assert_cmpint(approvals_verdict(approvals, call, "/work", &tainted, &gate), ==, VERDICT_ASK);
    g_assert_cmpstr(gate, ==, "an outside page was read");
    approvals_free(approvals);

    desk.settings.environment = "another";
    approvals = approvals_open(&desk.settings, NULL);
    g_autofree char *again = NULL;
    g_assert_cmpint(approvals_verdict(approvals, call, "/work", NULL, &again), ==, VERDICT_ASK);
    approvals_free(approvals);
    desk_clear(&desk);
}

static void rules_are_listed_and_removed(void) {
    Desk desk;
    desk_init(&desk, APPROVAL_ASK);
    desk.answer.choice = ANSWER_ALWAYS;
    g_autoptr(Approvals) approvals = approvals_open(&desk.settings, NULL);
    g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
    g_free(outcome(&desk, approvals, call, NULL));
    g_autofree char *path = g_build_filename(desk.folder->path, "approvals.json", NULL);
    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 07777, ==, 0600);

    g_autoptr(GPtrArray) rules = approval_rules_load(&desk.paths, NULL);
    g_assert_cmpuint(rules->len, ==, 1);
    const ApprovalRule *rule = g_ptr_array_index(rules, 0);
    g_assert_cmpstr(rule->exact, ==, "{\"content\":\"b\",\"path\":\"a\"}");
    g_autoptr(GError) error = NULL;
    g_assert_false(approval_rules_remove(&desk.paths, "ffff", &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_true(approval_rules_remove(&desk.paths, rule->id, NULL));
    g_autoptr(GPtrArray) none = approval_rules_load(&desk.paths, NULL);
    g_assert_cmpuint(none->len, ==, 0);
    desk_clear(&desk);
}

static void an_edited_rule_allows_nothing(void) {
    Desk desk;
    desk_init(&desk, APPROVAL_ASK);
    desk.answer.choice = ANSWER_ALWAYS;
    Approvals *approvals = approvals_open(&desk.settings, NULL);
    g_autoptr(ToolCall) call = note("{\"path\":\"a\",\"content\":\"b\"}");
    g_free(outcome(&desk, approvals, call, NULL));
    approvals_free(approvals);
    g_autofree char *path = g_build_filename(desk.folder->path, "approvals.json", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    *strstr(text, "/work") = '!';
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_autoptr(GError) error = NULL;
    g_assert_null(approvals_open(&desk.settings, &error));
    g_assert_nonnull(strstr(error->message, "cannot be trusted"));
    g_assert_true(approval_rules_remove_all(&desk.paths, NULL));
    approvals = approvals_open(&desk.settings, NULL);
    g_assert_nonnull(approvals);
    approvals_free(approvals);
    desk_clear(&desk);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/approval/modes_and_risks_give_one_verdict_each",
                    modes_and_risks_give_one_verdict_each);
    g_test_add_func("/agent/approval/a_misspelt_mode_is_corrected", a_misspelt_mode_is_corrected);
    g_test_add_func("/agent/approval/require_approval_asks_in_every_mode",
                    require_approval_asks_in_every_mode);
    g_test_add_func("/agent/approval/nobody_to_ask_means_no", nobody_to_ask_means_no);
    g_test_add_func("/agent/approval/a_denial_carries_its_reason", a_denial_carries_its_reason);
    g_test_add_func("/agent/approval/always_holds_for_the_exact_bytes_only",
                    always_holds_for_the_exact_bytes_only);
    g_test_add_func("/agent/approval/rules_are_listed_and_removed", rules_are_listed_and_removed);
    g_test_add_func("/agent/approval/an_edited_rule_allows_nothing", an_edited_rule_allows_nothing);
    return g_test_run();
}

/* agent/approval.c: the table of verdicts, and asking. */
#include "agent/approval.h"

#include <string.h>

#include "agent/approval_rules.h"
#include "base/error.h"
#include "base/text.h"

const char *const approval_mode_names[] = { "plan", "ask", "edits", "auto", NULL };
const char *const approval_mode_summaries[] = {
    "look only; changes are tried and shown before they count",
    "ask before anything changes",
    "change files of the workspace, ask before commands",
    "do whatever the sandbox allows",
};
const char *const approved_by_names[] = { "mode", "rule", "once", "always", "denied" };

/* clang-format off */
static const ApprovalVerdict verdicts[APPROVAL_N_MODES][TOOL_N_RISKS] = {
    /*                    READ           WRITE            EXECUTE          EGRESS         PERSIST */
    [APPROVAL_PLAN]  = { VERDICT_ALLOW, VERDICT_PREVIEW, VERDICT_PREVIEW, VERDICT_ALLOW, VERDICT_REFUSE },
    [APPROVAL_ASK]   = { VERDICT_ALLOW, VERDICT_ASK,     VERDICT_ASK,     VERDICT_ALLOW, VERDICT_ALLOW  },
    [APPROVAL_EDITS] = { VERDICT_ALLOW, VERDICT_ALLOW,   VERDICT_ASK,     VERDICT_ALLOW, VERDICT_ALLOW  },
    [APPROVAL_AUTO]  = { VERDICT_ALLOW, VERDICT_ALLOW,   VERDICT_ALLOW,   VERDICT_ALLOW, VERDICT_ALLOW  },
};
/* clang-format on */

/* What each kind of call is named in a question. */
static const char *const risk_words[TOOL_N_RISKS] = { "looking", "changes to files", "commands",
                                                      "sending something out",
                                                      "changes to the memory" };

struct Approvals {
    ApprovalSettings settings; /* borrowed parts of the caller */
    GMutex lock;               /* guards mode and rules */
    ApprovalMode mode;
    GHashTable *rules; /* sha256 as a string, owned, to itself */
};

bool approval_mode_parse(const char *name, ApprovalMode *out, GError **error) {
    for (int i = 0; i < APPROVAL_N_MODES; i++) {
        if (strcmp(approval_mode_names[i], name) != 0) continue;
        *out = (ApprovalMode)i;
        return true;
    }
    const char *meant = text_suggest(name, approval_mode_names);
    error_set(error, ERR_USAGE, "there is no mode '%s'%s%s%s; the modes are plan, ask, edits, auto",
              name, meant != NULL ? ", did you mean '" : "", meant != NULL ? meant : "",
              meant != NULL ? "'?" : "");
    return false;
}

ApprovalMode approval_mode_next(ApprovalMode mode) {
    return (ApprovalMode)((mode + 1) % APPROVAL_N_MODES);
}

ApprovalMode approval_mode_narrower(ApprovalMode a, ApprovalMode b) {
    return MIN(a, b);
}

ApprovalVerdict approval_verdict(ApprovalMode mode, ToolRisk risk) {
    return verdicts[mode][risk];
}

Approvals *approvals_open(const ApprovalSettings *settings, GError **error) {
    g_autoptr(GPtrArray) rules = approval_rules_load(settings->paths, error);
    if (rules == NULL) return NULL;
    Approvals *approvals = g_new0(Approvals, 1);
    approvals->settings = *settings;
    approvals->mode = settings->mode;
    g_mutex_init(&approvals->lock);
    approvals->rules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (unsigned i = 0; i < rules->len; i++) {
        const ApprovalRule *rule = g_ptr_array_index(rules, i);
        g_hash_table_add(approvals->rules, g_strdup(rule->sha256));
    }
    return approvals;
}

void approvals_free(Approvals *approvals) {
    if (approvals == NULL) return;
    g_hash_table_unref(approvals->rules);
    g_mutex_clear(&approvals->lock);
    g_free(approvals);
}

ApprovalMode approvals_mode(Approvals *approvals) {
    g_mutex_lock(&approvals->lock);
    ApprovalMode mode = approvals->mode;
    g_mutex_unlock(&approvals->lock);
    return mode;
}

void approvals_set_mode(Approvals *approvals, ApprovalMode mode) {
    g_mutex_lock(&approvals->lock);
    approvals->mode = mode;
    g_mutex_unlock(&approvals->lock);
}

void approvals_ask_with(Approvals *approvals, ApprovalFn ask, void *user_data) {
    approvals->settings.ask = ask;
    approvals->settings.user_data = user_data;
}

bool approvals_can_ask(const Approvals *approvals) {
    return approvals->settings.ask != NULL;
}

static ApprovalRule rule_of(const Approvals *approvals, const ToolCall *call,
                            const char *directory) {
    g_autofree char *exact = tool_call_exact(call);
    return approval_rule_new(&(ApprovalBytes){ .tool = call->ops->name,
                                               .exact = exact,
                                               .directory = directory,
                                               .environment = approvals->settings.environment });
}

static bool has_rule(Approvals *approvals, const ToolCall *call, const char *directory) {
    ApprovalRule rule = rule_of(approvals, call, directory);
    g_mutex_lock(&approvals->lock);
    bool is_there = g_hash_table_contains(approvals->rules, rule.sha256);
    g_mutex_unlock(&approvals->lock);
    field_clear(approval_rule_fields, &rule);
    return is_there;
}

static bool is_listed(const char *const *names, const char *name) {
    return names != NULL && g_strv_contains(names, name);
}

ApprovalVerdict approvals_verdict(Approvals *approvals, const ToolCall *call, const char *directory,
                                  const ApprovalFloor *floor, char **out_why) {
    const ToolOps *ops = call->ops;
    ApprovalMode mode = approvals_mode(approvals);
    ApprovalVerdict verdict = approval_verdict(mode, ops->risk);
    g_autofree char *why = g_strdup_printf("mode '%s' %s %s", approval_mode_names[mode],
                                           verdict == VERDICT_REFUSE ? "refuses" : "asks before",
                                           risk_words[ops->risk]);
    if (is_listed(approvals->settings.require_approval, ops->name) && verdict < VERDICT_ASK) {
        verdict = VERDICT_ASK;
        g_free(why);
        why = g_strdup_printf("tools.require_approval names %s", ops->name);
    }
    if (floor != NULL && floor->floor > VERDICT_ALLOW && floor->floor >= verdict) {
        verdict = floor->floor;
        g_free(why);
        why = g_strdup(floor->why != NULL ? floor->why : "the label gate asks");
    }
    bool may_use_rule = floor == NULL || floor->may_always;
    if (verdict == VERDICT_ASK && may_use_rule && has_rule(approvals, call, directory)) {
        *out_why = g_strdup("you allowed exactly this before");
        return VERDICT_ALLOW;
    }
    *out_why = verdict == VERDICT_ALLOW ? NULL : g_steal_pointer(&why);
    return verdict;
}

/* ---- asking ---- */

static char *refusal(const ApprovalSettings *settings, const ApprovalRequest *request) {
    return g_strdup_printf("%s needs the owner's approval (%s), and nobody is there to give it. %s",
                           request->tool, request->why,
                           settings->no_one_hint != NULL
                               ? settings->no_one_hint
                               : "Say what you would do instead of doing it.");
}

static bool keep_rule(Approvals *approvals, const ToolCall *call, const char *directory,
                      GError **error) {
    ApprovalRule rule = rule_of(approvals, call, directory);
    bool is_ok = approval_rules_add(approvals->settings.paths, &rule, error);
    if (is_ok) {
        g_mutex_lock(&approvals->lock);
        g_hash_table_add(approvals->rules, g_strdup(rule.sha256));
        g_mutex_unlock(&approvals->lock);
    }
    field_clear(approval_rule_fields, &rule);
    return is_ok;
}

static char *denial(const char *reason) {
    if (reason != NULL && reason[0] != '\0')
        return g_strdup_printf("the owner said no: %s", reason);
    return g_strdup("the owner said no. Do not try the same again; ask what they want instead, or "
                    "find another way");
}

bool approvals_ask(Approvals *approvals, const ToolCall *call, const ApprovalRequest *request,
                   Cancel *cancel, ApprovalOutcome *out, GError **error) {
    const ApprovalSettings *settings = &approvals->settings;
    if (settings->ask == NULL) {
        *out = (ApprovalOutcome){ NOT_APPROVED, refusal(settings, request) };
        return true;
    }
    ApprovalAnswer answer = { 0 };
    if (!settings->ask(request, cancel, &answer, settings->user_data, error)) return false;
    g_autofree char *reason = answer.reason;
    if (answer.choice == ANSWER_DENY) {
        *out = (ApprovalOutcome){ NOT_APPROVED, denial(reason) };
        return true;
    }
    bool is_kept = answer.choice == ANSWER_ALWAYS && request->may_always;
    if (is_kept && !keep_rule(approvals, call, request->directory, error)) return false;
    *out = (ApprovalOutcome){ is_kept ? APPROVED_ALWAYS : APPROVED_ONCE, NULL };
    return true;
}

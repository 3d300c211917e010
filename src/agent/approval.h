/*
 * agent/approval.h: whether a tool call may happen: by itself, after asking, or not at all.
 *
 * The mode and the risk of the tool give a verdict (a table in approval.c that fits a screen);
 * tools.require_approval and the label gate can only make it stricter; a rule the owner made
 * earlier
 * ("always for exactly this") answers a question in their place. The asking itself is an ApprovalFn
 * that the program's front gives: chat draws it, `ask` prints it, without a terminal there is none.
 *
 *     g_autoptr(Approvals) approvals = approvals_open(&settings, error);
 *     ApprovalOutcome outcome = { 0 };
 *     if (!approvals_decide(approvals, &request, cancel, &outcome, error)) ...   // Ctrl-C
 *     if (!outcome.is_allowed) tell_the_model(outcome.reason);
 *
 * An approval is bound to bytes, not to a reading of them: a rule matches the sha256 of tool, exact
 * arguments, folder and environment policy, so any other byte asks again (security.md A3.1).
 */
#pragma once

#include <stdbool.h>

#include "base/cancel.h"
#include "base/field.h"
#include "base/paths.h"
#include "tool/tool.h"

typedef enum {
    APPROVAL_PLAN,  /* look only; a change is tried in an overlay and shown as a diff first */
    APPROVAL_ASK,   /* ask before anything changes */
    APPROVAL_EDITS, /* files of the workspace may change; commands ask */
    APPROVAL_AUTO,  /* whatever the sandbox allows */
    APPROVAL_N_MODES
} ApprovalMode;

extern const char *const approval_mode_names[];     /* "plan", "ask", "edits", "auto", NULL */
extern const char *const approval_mode_summaries[]; /* one line each, for help and /mode */

/* false with ERR_USAGE and the names when there is no such mode. */
bool approval_mode_parse(const char *name, ApprovalMode *out,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The one Shift-Tab goes to. */
ApprovalMode approval_mode_next(ApprovalMode mode);
/* The one that allows less; a sub-agent never has more than its parent. */
ApprovalMode approval_mode_narrower(ApprovalMode a, ApprovalMode b);

typedef enum {
    VERDICT_ALLOW,
    VERDICT_PREVIEW, /* run it in an overlay, show what it changed, then ask */
    VERDICT_ASK,
    VERDICT_REFUSE
} ApprovalVerdict;

/* By mode and risk alone; a pure function. */
ApprovalVerdict approval_verdict(ApprovalMode mode, ToolRisk risk);

/* One question, as it is put to a person. All borrowed for the call. */
typedef struct {
    const char *tool;      /* "bash" */
    const char *title;     /* "run make test" */
    const char *command;   /* the exact bytes that would run, or NULL */
    const char *arguments; /* compact JSON, for tools without a command or a diff */
    const char *diff; /* unified diff of what would change (or, is_done, did change), or NULL */
    const char *directory; /* where */
    const char *level;     /* of the sandbox: "full" */
    const char *network;   /* "none", "proxy" */
    const char *why;    /* "mode 'ask' asks before commands", "tools.require_approval names bash" */
    const char *output; /* of a command that ran in the overlay, or NULL */
    bool is_done;       /* plan mode: it ran in an overlay; yes keeps the changes, no drops them */
    bool may_always;    /* "always for exactly this" is on offer */
} ApprovalRequest;

typedef enum { ANSWER_DENY, ANSWER_ONCE, ANSWER_ALWAYS } ApprovalChoice;

typedef struct {
    ApprovalChoice choice;
    char *reason; /* owned: ANSWER_DENY: what the model is told, or NULL */
} ApprovalAnswer;

/* Asks and blocks until there is an answer, on the thread of the turn. false with *error
 * (ERR_CANCELLED) when the user stopped the turn instead. */
typedef bool (*ApprovalFn)(const ApprovalRequest *request, Cancel *cancel, ApprovalAnswer *out,
                           void *user_data, GError **error);

typedef struct {
    ApprovalMode mode;
    const Paths *paths; /* the rules are in <state>/approvals.json */
    const char *const
        *require_approval;   /* names of tools that always ask; NULL = none. Borrowed. */
    const char *environment; /* the environment policy a rule is bound to; NULL = "" */
    ApprovalFn ask;          /* NULL: nobody to ask, so what would ask is refused */
    void *user_data;
    const char *no_one_hint; /* told to the model and the user then; NULL = a default */
} ApprovalSettings;

typedef struct Approvals Approvals;

/* Reads the rules. A damaged file is ERR_DATA: nothing is allowed by it. Thread-safe. */
Approvals *approvals_open(const ApprovalSettings *settings, GError **error);
void approvals_free(Approvals *approvals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Approvals, approvals_free)

ApprovalMode approvals_mode(Approvals *approvals);
/* From the next call on; also while a turn runs (Shift-Tab). */
void approvals_set_mode(Approvals *approvals, ApprovalMode mode);

/* Who is asked from now on; only while nobody is being asked. */
void approvals_ask_with(Approvals *approvals, ApprovalFn ask, void *user_data);

bool approvals_can_ask(const Approvals *approvals);

/* What other guards say of the same call; the strictest wins. */
typedef struct {
    ApprovalVerdict floor; /* of the label gate; VERDICT_ALLOW = nothing to say */
    const char *why;       /* its reason, NULL = none */
    bool may_always;       /* false: no standing rule, old or new, answers for the owner */
} ApprovalFloor;

/* The verdict before anybody is asked: mode, require_approval, `floor` (NULL = none), rules.
 * *out_why is a new string, and NULL where the mode allows it: an allowed call with a reason is one
 * that a rule allows. */
ApprovalVerdict approvals_verdict(Approvals *approvals, const ToolCall *call, const char *directory,
                                  const ApprovalFloor *floor, char **out_why);

typedef enum {
    APPROVED_BY_MODE,
    APPROVED_BY_RULE,
    APPROVED_ONCE,
    APPROVED_ALWAYS,
    NOT_APPROVED
} ApprovedBy;
extern const char *const approved_by_names[]; /* "mode", "rule", "once", "always", "denied" */

typedef struct {
    ApprovedBy by;
    char *reason; /* owned: what the model is told of a no, else NULL */
} ApprovalOutcome;

/* Puts one question and keeps an "always". */
bool approvals_ask(Approvals *approvals, const ToolCall *call, const ApprovalRequest *request,
                   Cancel *cancel, ApprovalOutcome *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- standing rules (agent/approval_rules.c) ---- */

typedef struct {
    char *id; /* first 12 digits of sha256 */
    char *tool;
    char *exact; /* the bytes that may run */
    char *directory;
    char *environment;
    char *sha256;     /* of tool, exact, directory, environment, each with its length */
    char *created_at; /* RFC 3339 */
} ApprovalRule;

extern const Field approval_rule_fields[];

/* ApprovalRule, owned; empty when there are none. */
GPtrArray *approval_rules_load(const Paths *paths, GError **error);
/* By id or its beginning; ERR_NOT_FOUND, ERR_USAGE when it is not unique. */
bool approval_rules_remove(const Paths *paths, const char *id,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool approval_rules_remove_all(const Paths *paths, GError **error) G_GNUC_WARN_UNUSED_RESULT;

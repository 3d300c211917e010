/* agent/tool_runner_call.c: one call, from the model's words to a labelled outcome. */
#include <string.h>

#include "agent/tool_runner-private.h"
#include "base/error.h"
#include "base/text.h"

/* A call on its way through the guards. */
typedef struct {
    ToolRunner *runner;
    const ToolCall *call;
    Cancel *cancel;
    char *exact; /* owned */
    ToolContext context;
    const char *approval; /* static; NULL = nobody had to be asked */
    bool may_always;
} Passage;

static const ToolOps *ops_of(const Part *part) {
    return tool_find(part->call_name);
}

char *tool_runner_title(const Part *part, void *user_data) {
    (void)user_data;
    const ToolOps *ops = ops_of(part);
    g_autoptr(ToolCall) call = ops != NULL ? tool_call_decode(ops, part->arguments, NULL) : NULL;
    return call != NULL ? tool_call_title(call) : NULL;
}

/* ---- outcomes ---- */

static void set_problem(ToolOutcome *out, char *text, const char *approval) {
    *out = (ToolOutcome){ .text = text,
                          .is_error = true,
                          .approval = approval,
                          .label = label_new(ORIGIN_SYSTEM, NULL) };
}

/* No tool tells a model more than tools.tool_output_max_chars; what an owner is to approve is told
 * whole. */
static void cut_text(const Passage *passage, ToolOutcome *out) {
    const ToolRequest *request = &passage->context.request;
    size_t length = strlen(out->text), limit = (size_t)request->max_bytes;
    if (request->is_preview || limit == 0 || length <= limit ||
        (passage->call->ops->flags & TOOL_CUTS_ITSELF))
        return;
    size_t kept = text_cut(out->text, length, limit);
    char *cut = g_strdup_printf("%.*s\n[... %zu bytes left out; ask for less of it ...]", (int)kept,
                                out->text, length - kept);
    g_free(out->text);
    out->text = cut;
}

static void set_result(const Passage *passage, ToolResult *result, ToolOutcome *out) {
    const ToolOps *ops = passage->call->ops;
    const char *source = result->source != NULL ? result->source : ops->name;
    *out =
        (ToolOutcome){ .text = g_steal_pointer(&result->text),
                       .is_error = result->is_error,
                       .image_base64 = g_steal_pointer(&result->image_base64),
                       .mime_type = g_steal_pointer(&result->mime_type),
                       .label = label_new(ops->origin, source),
                       .approval = passage->approval != NULL ? passage->approval
                                                             : approved_by_names[APPROVED_BY_MODE],
                       .has_exit_status = result->has_exit_status,
                       .exit_status = result->exit_status };
    if (result->is_trusted) out->label.integrity = INTEGRITY_TRUSTED;
    if (out->text == NULL) out->text = g_strdup("");
    cut_text(passage, out);
}

static void append(char **text, const char *more) {
    char *both = g_strconcat(*text, g_str_has_suffix(*text, "\n") ? "" : "\n", more, NULL);
    g_free(*text);
    *text = both;
}

/* What a tool returned is read by the model: the session is now no more than this. */
static void join_label(ToolRunner *runner, ToolOutcome *out) {
    g_mutex_lock(&runner->lock);
    /* Words of an agent are worth what it read. */
    if (out->label.origin == ORIGIN_AGENT) label_join(&out->label, &runner->label);
    label_join(&runner->label, &out->label);
    g_mutex_unlock(&runner->lock);
}

/* ---- running ---- */

static bool run_call(const Passage *passage, ToolOutcome *out, GError **error) {
    g_auto(ToolResult) result = { 0 };
    g_autoptr(GError) problem = NULL;
    if (tool_call_run(passage->call, &passage->context, passage->cancel, &result, &problem)) {
        set_result(passage, &result, out);
        return true;
    }
    if (error_is(problem, ERR_CANCELLED) || !cancel_check(passage->cancel, NULL)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    set_problem(out, g_strdup_printf("Error: %s", problem->message), passage->approval);
    /* The words may be those of a file name. */
    label_clear(&out->label);
    out->label = label_new(ORIGIN_TOOL, passage->call->ops->name);
    return true;
}

/* Before something changes: the journal of the turn. */
static bool run_for_real(Passage *passage, ToolOutcome *out, GError **error) {
    ToolRunner *runner = passage->runner;
    ToolRunner *root = tool_runner_root(runner);
    g_autoptr(GError) problem = NULL;
    if (passage->call->ops->flags & TOOL_UNDOABLE) {
        if (!tool_runner_undo(runner, &passage->context.undo, &problem)) {
            set_problem(out, g_strdup_printf("Error: %s", problem->message), passage->approval);
            return true;
        }
        passage->context.journal = root->journal;
    }
    return run_call(passage, out, error);
}

/* Plan mode: in the overlay that all of this turn shares. */
static bool run_in_overlay(Passage *passage, ToolOutcome *out, GError **error) {
    ToolRunner *runner = passage->runner;
    g_autoptr(GError) problem = NULL;
    bool has_overlay = tool_runner_has_overlay(runner, &problem);
    if (has_overlay) has_overlay = tool_runner_undo(runner, &passage->context.undo, &problem);
    if (!has_overlay) {
        set_problem(
            out,
            g_strdup_printf("Error: mode 'plan' tries changes in an overlay, which is not to "
                            "be had here (%s). Say what you would do instead.",
                            problem != NULL ? problem->message
                                            : "it takes the sandbox level full and undo"),
            passage->approval);
        return true;
    }
    passage->context.is_preview = true;
    if (!run_call(passage, out, error)) return false;
    append(&out->text,
           "[plan mode: this happened in an overlay. It counts only when the owner says "
           "yes at the end of your turn; go on as if it did.]");
    return true;
}

/* What was tried in the overlay is there for those who only look. */
static void look_into_overlay(Passage *passage) {
    ToolRunner *root = tool_runner_root(passage->runner);
    g_mutex_lock(&root->lock);
    if (root->undo != NULL && undo_turn_has_preview(root->undo)) {
        passage->context.undo = root->undo;
        passage->context.is_preview = true;
    }
    g_mutex_unlock(&root->lock);
}

/* ---- asking ---- */

/* The diff of a change that was not made; NULL with `out` filled when it cannot be made. */
static char *diff_of(const Passage *passage, ToolOutcome *out, bool *is_ok, GError **error) {
    Passage preview = *passage;
    preview.context.request.is_preview = true;
    preview.context.request.max_bytes = 0;
    *is_ok = run_call(&preview, out, error);
    if (!*is_ok || out->is_error) return NULL;
    char *diff = g_steal_pointer(&out->text);
    tool_outcome_clear(out);
    return diff;
}

static bool ask(Passage *passage, const char *why, const char *diff, ToolOutcome *out,
                bool *is_allowed, GError **error) {
    const ToolCall *call = passage->call;
    const ToolRunnerSettings *settings = &passage->runner->settings;
    g_autofree char *title = tool_call_title(call);
    bool has_command = call->ops->command != NULL;
    ApprovalRequest request = {
        .tool = call->ops->name,
        .title = title,
        .command = has_command ? passage->exact : NULL,
        .arguments = !has_command && diff == NULL ? passage->exact : NULL,
        .diff = diff,
        .directory = passage->context.workspace,
        .level = sandbox_level_name(sandbox_profile_level(passage->context.profile)),
        .network = settings->sandbox->network.policy == SANDBOX_NETWORK_PROXY ? "proxy" : "none",
        .why = why,
        .may_always = passage->may_always,
    };
    ApprovalOutcome outcome = { 0 };
    if (!approvals_ask(passage->runner->approvals, call, &request, passage->cancel, &outcome,
                       error))
        return false;
    passage->approval = approved_by_names[outcome.by];
    *is_allowed = outcome.by != NOT_APPROVED;
    if (!*is_allowed)
        set_problem(out, g_strdup_printf("Not done: %s", outcome.reason), passage->approval);
    g_free(outcome.reason);
    return true;
}

static bool ask_and_run(Passage *passage, const char *why, ToolOutcome *out, GError **error) {
    g_autofree char *diff = NULL;
    bool shows_diff =
        passage->call->ops->risk == TOOL_RISK_WRITE && passage->call->ops->work != NULL;
    if (shows_diff) {
        bool is_ok = false;
        diff = diff_of(passage, out, &is_ok, error);
        if (diff == NULL) return is_ok; /* it cannot be done: no need to ask */
    }
    bool is_allowed = false;
    if (!ask(passage, why, diff, out, &is_allowed, error)) return false;
    return !is_allowed || run_for_real(passage, out, error);
}

static bool decide_and_run(Passage *passage, ToolOutcome *out, GError **error) {
    ToolRunner *runner = passage->runner;
    const ToolRunnerSettings *settings = &runner->settings;
    ApprovalFloor floor = { .may_always = true };
    if (settings->gate != NULL) {
        g_mutex_lock(&runner->lock);
        settings->gate(passage->call, &runner->label, &floor, settings->user_data);
        g_mutex_unlock(&runner->lock);
    }
    passage->may_always = floor.may_always;
    g_autofree char *why = NULL;
    ApprovalVerdict verdict = approvals_verdict(runner->approvals, passage->call,
                                                passage->context.workspace, &floor, &why);
    switch (verdict) {
    case VERDICT_ALLOW:
        passage->approval = approved_by_names[why != NULL ? APPROVED_BY_RULE : APPROVED_BY_MODE];
        break;
    case VERDICT_PREVIEW: return run_in_overlay(passage, out, error);
    case VERDICT_ASK: return ask_and_run(passage, why, out, error);
    case VERDICT_REFUSE:
        set_problem(out, g_strdup_printf("Not done: %s.", why), approved_by_names[NOT_APPROVED]);
        return true;
    }
    if (passage->call->ops->risk == TOOL_RISK_READ) look_into_overlay(passage);
    return run_for_real(passage, out, error);
}

static bool pass(Passage *passage, ToolOutcome *out, GError **error) {
    ToolRunner *runner = passage->runner;
    const char *name = passage->call->ops->name;
    g_autoptr(GError) problem = NULL;
    char *stop = passage->call->ops->flags & TOOL_REPEATABLE
                     ? NULL
                     : loop_guard_check(runner->guard, name, passage->exact);
    if (stop != NULL) {
        set_problem(out, stop, NULL);
        if (!loop_guard_is_stuck(runner->guard)) return true;
        tool_outcome_clear(out);
        error_set_with_hint(error, ERR_LIMIT, "Say it in other words, or use a larger model.",
                            "the model repeats the same call of %s and does not listen", name);
        return false;
    }
    if (!tool_filters_pass(runner->filters, name, passage->exact, &problem) ||
        !tool_runner_context(runner, &passage->context, &problem)) {
        set_problem(out, g_strdup_printf("Error: %s", problem->message), NULL);
        return true;
    }
    if (passage->call->ops->flags & TOOL_NEEDS_MEMORY)
        passage->context.memory = tool_runner_memory(runner, &problem);
    if (problem != NULL) {
        set_problem(out, g_strdup_printf("Error: %s", problem->message), NULL);
        return true;
    }
    return decide_and_run(passage, out, error);
}

bool tool_runner_run(const Part *part, Cancel *cancel, ToolOutcome *out, void *user_data,
                     GError **error) {
    ToolRunner *runner = user_data;
    const ToolOps *ops = ops_of(part);
    g_autoptr(GError) problem = NULL;
    g_autoptr(ToolCall) call = tool_call_decode(ops, part->arguments, &problem);
    if (call == NULL) {
        set_problem(out, g_strdup_printf("Error: %s", problem->message), NULL);
    } else {
        Passage passage = { .runner = runner, .call = call, .cancel = cancel };
        passage.exact = tool_call_exact(call);
        bool is_ok = pass(&passage, out, error);
        g_free(passage.exact);
        if (!is_ok) return false;
    }
    g_autofree char *advice = loop_guard_note(runner->guard, ops->name, out->is_error);
    if (advice != NULL) append(&out->text, advice);
    join_label(runner, out);
    return true;
}

bool tool_runner_is_parallel(const Part *part, void *user_data) {
    ToolRunner *runner = user_data;
    const ToolOps *ops = ops_of(part);
    if (ops == NULL || !(ops->flags & TOOL_PARALLEL)) return false;
    /* Where somebody would be asked, one after the other. */
    const char *const *names = runner->settings.approval.require_approval;
    return names == NULL || !g_strv_contains(names, ops->name);
}

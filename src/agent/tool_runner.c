/* agent/tool_runner.c: what a conversation's tools need, made when it is needed. */
#include "agent/tool_runner-private.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static bool is_offered(const ToolRunner *runner, const ToolOps *ops) {
    if (runner->is_read_only && ops->risk != TOOL_RISK_READ) return false;
    if (ops->flags & TOOL_SPAWNS)
        return runner->settings.transcripts != NULL &&
               (int64_t)runner->depth < runner->settings.agent->max_spawn_depth;
    if (ops->flags & TOOL_NEEDS_MEMORY) return runner->settings.open_memory != NULL;
    return true;
}

/* A small model has no room for descriptions, nor for the tools it can do without. */
static void offer_tools(ToolRunner *runner, bool is_small) {
    size_t n = 0;
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++) n++;
    ToolSpec *specs = g_new0(ToolSpec, n);
    n = 0;
    for (const ToolOps *const *at = tool_registry; *at != NULL; at++) {
        const ToolOps *ops = *at;
        if (!is_offered(runner, ops) || (is_small && !(ops->flags & TOOL_FOR_SMALL))) continue;
        json_t *schema = is_small ? tool_schema_small(ops) : tool_schema(ops);
        g_ptr_array_add(runner->schemas, schema);
        specs[n++] = (ToolSpec){ .name = ops->name,
                                 .summary = ops->summary,
                                 .description = is_small ? NULL : ops->description,
                                 .parameters = schema };
    }
    runner->offers[is_small] = (TurnTools){ .specs = specs,
                                            .n_specs = n,
                                            .run = tool_runner_run,
                                            .title = tool_runner_title,
                                            .is_parallel = tool_runner_is_parallel,
                                            .user_data = runner };
}

static ToolRunner *new_runner(const ToolRunnerSettings *settings) {
    ToolRunner *runner = g_new0(ToolRunner, 1);
    runner->settings = *settings;
    g_mutex_init(&runner->lock);
    runner->schemas = g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);
    runner->label = label_new(ORIGIN_SYSTEM, NULL);
    runner->guard =
        loop_guard_new(settings->agent->max_tool_repeats, settings->agent->max_tool_errors);
    return runner;
}

ToolRunner *tool_runner_new(const ToolRunnerSettings *settings, GError **error) {
    g_autoptr(ToolRunner) runner = new_runner(settings);
    runner->filters = tool_filters_new(settings->tools, error);
    if (runner->filters == NULL) return NULL;
    runner->approvals = approvals_open(&settings->approval, error);
    if (runner->approvals == NULL) return NULL;
    runner->jobs = tool_jobs_new();
    offer_tools(runner, /* is_small= */ false);
    offer_tools(runner, /* is_small= */ true);
    return g_steal_pointer(&runner);
}

ToolRunner *tool_runner_new_child(ToolRunner *parent, bool is_read_only, GError **error) {
    g_autoptr(ToolRunner) runner = new_runner(&parent->settings);
    runner->parent = parent;
    runner->depth = parent->depth + 1;
    runner->is_read_only = is_read_only;
    runner->filters = tool_filters_new(parent->settings.tools, error);
    if (runner->filters == NULL) return NULL;
    runner->approvals = parent->approvals;
    g_mutex_lock(&parent->lock);
    label_clear(&runner->label);
    runner->label = label_copy(&parent->label);
    runner->turn = parent->turn;
    g_mutex_unlock(&parent->lock);
    runner->turn.label = &runner->label;
    offer_tools(runner, /* is_small= */ false);
    offer_tools(runner, /* is_small= */ true);
    return g_steal_pointer(&runner);
}

void tool_runner_free(ToolRunner *runner) {
    if (runner == NULL) return;
    tool_jobs_free(runner->jobs);
    g_autoptr(GError) error = NULL;
    if (runner->undo != NULL && !undo_turn_end(runner->undo, &error))
        g_debug("the journal: %s", error->message);
    undo_journal_close(runner->journal);
    sandbox_profile_unref(runner->profile);
    if (runner->parent == NULL) approvals_free(runner->approvals);
    tool_filters_free(runner->filters);
    loop_guard_free(runner->guard);
    label_clear(&runner->label);
    g_ptr_array_unref(runner->schemas);
    for (size_t i = 0; i < G_N_ELEMENTS(runner->offers); i++)
        g_free((ToolSpec *)runner->offers[i].specs);
    g_mutex_clear(&runner->lock);
    g_free(runner);
}

const TurnTools *tool_runner_tools(const ToolRunner *runner, const ModelTier *tier) {
    /* A model that is sent none leaves them all to the reflexes. */
    bool is_small = tier->fixed_tokens > 0 && tier->has_tools;
    return &runner->offers[is_small];
}

Approvals *tool_runner_approvals(ToolRunner *runner) {
    return runner->approvals;
}

void tool_runner_notice(ToolRunner *runner, const char *format, ...) {
    if (runner->settings.on_event == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    AgentEvent event = { .kind = EVENT_NOTICE, .text = text };
    runner->settings.on_event(&event, runner->settings.event_data);
}

/* ---- what is made when it is needed; with the root's lock held ---- */

static bool need_profile(ToolRunner *root, GError **error) {
    const ToolRunnerSettings *settings = &root->settings;
    if (root->profile == NULL)
        root->profile =
            sandbox_profile_new(settings->sandbox, settings->paths, settings->workspace, error);
    return root->profile != NULL;
}

SandboxProfile *tool_runner_profile(ToolRunner *runner, GError **error) {
    ToolRunner *root = tool_runner_root(runner);
    g_mutex_lock(&root->lock);
    SandboxProfile *profile = need_profile(root, error) ? root->profile : NULL;
    g_mutex_unlock(&root->lock);
    return profile;
}

static bool need_journal(ToolRunner *root, GError **error) {
    const ToolRunnerSettings *settings = &root->settings;
    if (root->journal != NULL || !settings->undo->is_enabled) return true;
    root->journal = undo_journal_open(settings->workspace, settings->paths, settings->undo, error);
    if (root->journal != NULL) return true;
    g_prefix_error(error, "what this changes could not be taken back (undo.enabled = false goes on "
                          "without): ");
    return false;
}

bool tool_runner_undo(ToolRunner *runner, UndoTurn **out, GError **error) {
    ToolRunner *root = tool_runner_root(runner);
    g_mutex_lock(&root->lock);
    bool is_ok = need_journal(root, error);
    if (is_ok && root->journal != NULL && root->undo == NULL) {
        root->undo = undo_turn_begin(root->journal, root->turn.session, root->turn.summary, error);
        is_ok = root->undo != NULL;
    }
    UndoTurn *undo = root->undo;
    g_mutex_unlock(&root->lock);
    if (is_ok) *out = undo;
    return is_ok;
}

bool tool_runner_has_overlay(ToolRunner *runner, GError **error) {
    ToolRunner *root = tool_runner_root(runner);
    g_mutex_lock(&root->lock);
    bool has_it = need_profile(root, error) && need_journal(root, error) && root->journal != NULL &&
                  sandbox_profile_level(root->profile) == SANDBOX_LEVEL_FULL &&
                  undo_journal_has_overlay(root->journal);
    g_mutex_unlock(&root->lock);
    return has_it;
}

Memory *tool_runner_memory(ToolRunner *runner, GError **error) {
    ToolRunner *root = tool_runner_root(runner);
    g_mutex_lock(&root->lock);
    if (root->memory == NULL && root->settings.open_memory != NULL)
        root->memory = root->settings.open_memory(root->settings.user_data, error);
    Memory *memory = root->memory;
    g_mutex_unlock(&root->lock);
    return memory;
}

bool tool_runner_context(ToolRunner *runner, ToolContext *out, GError **error) {
    ToolRunner *root = tool_runner_root(runner);
    const ToolRunnerSettings *settings = &root->settings;
    g_mutex_lock(&root->lock);
    bool is_ok = need_profile(root, error);
    if (is_ok)
        *out = (ToolContext){
            .workspace = settings->workspace,
            .paths = settings->paths,
            .config = settings->tools,
            .profile = root->profile,
            .journal = root->journal,
            .session = root->turn.session,
            .turn = root->turn.message,
            .jobs = root->jobs,
            .spawn = (int64_t)runner->depth < settings->agent->max_spawn_depth ? tool_runner_spawn
                                                                               : NULL,
            .user_data = runner,
            .request = { .max_bytes = settings->tools->tool_output_max_chars,
                         .max_file_bytes = settings->tools->document_max_bytes,
                         .write_folders = settings->sandbox->allow_paths.write },
        };
    g_mutex_unlock(&root->lock);
    if (!is_ok) return false;
    g_mutex_lock(&runner->lock);
    out->is_tainted = runner->label.integrity == INTEGRITY_UNTRUSTED;
    g_mutex_unlock(&runner->lock);
    return true;
}

/* ---- a turn ---- */

void tool_runner_begin(ToolRunner *runner, const ToolRunnerTurn *turn) {
    loop_guard_reset(runner->guard);
    runner->turn = *turn;
    label_join(&runner->label, turn->label);
}

/* Plan mode's question at the end of the turn. */
static bool ask_to_keep(ToolRunner *runner, const char *diff, Cancel *cancel, bool *out_is_kept,
                        GError **error) {
    ApprovalRequest request = { .tool = "plan",
                                .title = "keep these changes",
                                .diff = diff,
                                .directory = runner->settings.workspace,
                                .level = sandbox_level_name(sandbox_profile_level(runner->profile)),
                                .network = "none",
                                .why =
                                    "mode 'plan' tried this in an overlay; nothing has changed yet",
                                .is_done = true };
    ApprovalOutcome outcome = { 0 };
    if (!approvals_ask(runner->approvals, NULL, &request, cancel, &outcome, error)) return false;
    *out_is_kept = outcome.by != NOT_APPROVED;
    g_free(outcome.reason);
    return true;
}

static bool keep_preview(ToolRunner *runner, GError **error) {
    UndoReport report = { 0 };
    if (!undo_turn_commit_preview(runner->undo, &report, error)) return false;
    tool_runner_notice(runner,
                       "%" G_GINT64_FORMAT " paths were changed; 'localgpt undo' takes it back",
                       (gint64)report.n_changed);
    for (unsigned i = 0; report.items != NULL && i < report.items->len; i++) {
        const UndoItem *item = g_ptr_array_index(report.items, i);
        if (item->fate != UNDO_CHANGED)
            tool_runner_notice(runner, "'%s' was not changed: %s", item->path, item->what);
    }
    undo_report_clear(&report);
    return true;
}

/* Nobody could be asked: then at least they can read it. */
static void tell_dropped(ToolRunner *runner, const char *diff) {
    if (approvals_can_ask(runner->approvals)) {
        tool_runner_notice(runner, "the plan was dropped; nothing changed");
        return;
    }
    tool_runner_notice(runner, "mode 'plan' changed nothing; this is what it would change:");
    g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0') tool_runner_notice(runner, "%s", *line);
}

static bool finish_preview(ToolRunner *runner, Cancel *cancel, GError **error) {
    UndoStep *step = undo_turn_preview(runner->undo, error);
    g_autofree char *diff = step != NULL ? undo_step_preview(step, error) : NULL;
    bool is_kept = false;
    bool is_ok = diff != NULL;
    bool is_stopped = cancel == NULL || cancel_is_triggered(cancel);
    if (is_ok && diff[0] != '\0' && !is_stopped)
        is_ok = ask_to_keep(runner, diff, cancel, &is_kept, error);
    if (is_ok && is_kept) return keep_preview(runner, error);
    undo_turn_drop_preview(runner->undo);
    if (is_ok && diff[0] != '\0') tell_dropped(runner, diff);
    return is_ok;
}

bool tool_runner_end(ToolRunner *runner, Cancel *cancel, GError **error) {
    if (runner->undo == NULL) return true;
    bool is_ok = !undo_turn_has_preview(runner->undo) || finish_preview(runner, cancel, error);
    UndoTurn *undo = g_steal_pointer(&runner->undo);
    return undo_turn_end(undo, is_ok ? error : NULL) && is_ok;
}

/* cli/conversation_reflexes.c: see the header. */
#include "cli/conversation_reflexes.h"

#include <string.h>

#include "agent/agent_config.h"
#include "base/error.h"
#include "cli/memory_access.h"
#include "undo/journal.h"

struct ConversationReflexes {
    App *app; /* borrowed */
    /* owned */
    char *workspace;
    char *sessions;
    MemoryAccess *memory; /* NULL: not opened yet */
    UndoJournal *journal; /* NULL: not opened yet */
    UndoTurn *undo_turn;  /* of the turn that runs, once something changed */
    UndoStep *undo_step;
    char *session, *summary, *model; /* of the turn */
    bool is_plan;
    ReflexContext context;
};

/* ---- memory ---- */

static Memory *open_memory(void *user_data, GError **error) {
    ConversationReflexes *reflexes = user_data;
    if (reflexes->memory == NULL) reflexes->memory = memory_access_open(reflexes->app, error);
    if (reflexes->memory == NULL) return NULL;
    memory_access_tell(reflexes->app, reflexes->memory);
    return reflexes->memory->memory;
}

/* ---- undo ---- */

static bool open_journal(ConversationReflexes *reflexes, GError **error) {
    if (reflexes->journal != NULL) return true;
    App *app = reflexes->app;
    UndoConfig *config = config_section_expand(app->config, "undo", app->secrets, error);
    if (config == NULL) return false;
    reflexes->journal = undo_journal_open(reflexes->workspace, app->paths, config, error);
    config_section_free(app->config, "undo", config);
    return reflexes->journal != NULL;
}

static bool open_step(ConversationReflexes *reflexes, GError **error) {
    if (reflexes->undo_step != NULL) return true;
    if (!open_journal(reflexes, error)) return false;
    if (reflexes->undo_turn == NULL) /* a step of it may have failed before */
        reflexes->undo_turn =
            undo_turn_begin(reflexes->journal, reflexes->session, reflexes->summary, error);
    if (reflexes->undo_turn == NULL) return false;
    reflexes->undo_step = undo_step_begin(reflexes->undo_turn, UNDO_STEP_DIRECT, "notes", error);
    return reflexes->undo_step != NULL;
}

/* The owner may have switched undo off: then it is only not undoable. */
static bool before_change(const char *path, void *user_data, GError **error) {
    ConversationReflexes *reflexes = user_data;
    g_autoptr(GError) problem = NULL;
    if (reflexes->is_plan) {
        error_set_with_hint(error, ERR_DENIED, "Another mode allows it: --mode ask, or /mode ask.",
                            "mode 'plan' changes nothing");
        return false;
    }
    if (!open_step(reflexes, &problem)) {
        if (error_is(problem, ERR_DENIED)) return true;
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_autofree char *relative = g_strdup(path);
    size_t length = strlen(reflexes->workspace);
    if (g_str_has_prefix(path, reflexes->workspace) && path[length] == '/') {
        g_free(relative);
        relative = g_strdup(path + length + 1);
    }
    return undo_step_before(reflexes->undo_step, relative, UNDO_TOUCH_CONTENT, error);
}

static char *undo_last(void *user_data, GError **error) {
    ConversationReflexes *reflexes = user_data;
    if (reflexes->is_plan) {
        error_set(error, ERR_DENIED, "mode 'plan' changes nothing");
        return NULL;
    }
    if (!open_journal(reflexes, error)) return NULL;
    UndoReport report = { 0 };
    if (!undo_revert(reflexes->journal, 0, 0, &report, error)) return NULL;
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; report.items != NULL && i < report.items->len; i++) {
        const UndoItem *item = g_ptr_array_index(report.items, i);
        if (item->path[0] == '\0') continue;
        g_string_append_printf(
            out, "%s%s%s", out->len > 0 ? "\n" : "",
            item->fate == UNDO_CHANGED ? "put back: " : "left as it is: ", item->path);
    }
    undo_report_clear(&report);
    return g_string_free(out, FALSE);
}

void conversation_reflexes_begin(ConversationReflexes *reflexes, const ReflexTurn *turn) {
    g_free(reflexes->session);
    g_free(reflexes->summary);
    g_free(reflexes->model);
    reflexes->session = g_strdup(turn->session);
    reflexes->summary = g_strdup(turn->summary);
    reflexes->model = g_strdup(turn->model);
    reflexes->is_plan = turn->is_plan;
}

void conversation_reflexes_end(ConversationReflexes *reflexes) {
    g_autoptr(GError) error = NULL;
    UndoStep *step = g_steal_pointer(&reflexes->undo_step);
    UndoTurn *turn = g_steal_pointer(&reflexes->undo_turn);
    bool is_ok = step == NULL || undo_step_finish(step, NULL, &error);
    is_ok = (turn == NULL || undo_turn_end(turn, is_ok ? &error : NULL)) && is_ok;
    if (!is_ok) app_note(reflexes->app, "this change cannot be undone: %s", error->message);
}

/* ---- facts ---- */

static char *status(void *user_data) {
    const ConversationReflexes *reflexes = user_data;
    const App *app = reflexes->app;
    g_autofree char *notes = paths_shorten_home(app->paths, reflexes->workspace);
    g_autofree char *config = paths_shorten_home(app->paths, app->paths->config);
    bool is_local = g_str_has_prefix(reflexes->model, "local/");
    return g_strdup_printf("model: %s (%s)\nnotes: %s\nsession: %s\nconfiguration: %s",
                           reflexes->model, is_local ? "on this machine, offline" : "a provider",
                           notes, reflexes->session, config);
}

/* ---- the context ---- */

ConversationReflexes *conversation_reflexes_new(App *app, const char *workspace,
                                                const char *sessions) {
    ConversationReflexes *reflexes = g_new0(ConversationReflexes, 1);
    reflexes->app = app;
    reflexes->workspace = g_strdup(workspace);
    reflexes->sessions = g_strdup(sessions);
    reflexes->context = (ReflexContext){ .workspace = reflexes->workspace,
                                         .sessions = reflexes->sessions,
                                         .open_memory = open_memory,
                                         .before_change = before_change,
                                         .undo = undo_last,
                                         .status = status,
                                         .user_data = reflexes };
    return reflexes;
}

void conversation_reflexes_free(ConversationReflexes *reflexes) {
    if (reflexes == NULL) return;
    conversation_reflexes_end(reflexes);
    memory_access_close(reflexes->memory);
    undo_journal_close(reflexes->journal);
    g_free(reflexes->workspace);
    g_free(reflexes->sessions);
    g_free(reflexes->session);
    g_free(reflexes->summary);
    g_free(reflexes->model);
    g_free(reflexes);
}

const ReflexContext *conversation_reflexes_context(const ConversationReflexes *reflexes,
                                                   const ModelTier *tier) {
    const Config *config = reflexes->app->config;
    const AgentConfig *agent = config != NULL ? config_section(config, "agent") : NULL;
    int mode = agent != NULL ? agent->reflexes : REFLEXES_AUTO;
    bool is_tiny = tier->prompt_tokens > 0;
    bool is_on = mode == REFLEXES_ON || (mode == REFLEXES_AUTO && is_tiny);
    return is_on && config != NULL ? &reflexes->context : NULL;
}

const ReflexContext *conversation_reflexes_any(const ConversationReflexes *reflexes) {
    return &reflexes->context;
}

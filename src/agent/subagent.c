/* agent/subagent.c: an agent that a tool call starts: its own context, a bounded number of turns,
 * no more rights than the one that asked. */
#include <string.h>

#include "agent/tool_runner-private.h"
#include "base/error.h"

#define MAX_ROUNDS 20

static const char *const openings[] = {
    [SPAWN_EXPLORE] = "You were started by another agent to find something out. You can only look. "
                      "Report what you found, with the files and lines that bear it out.\n\n",
    [SPAWN_PLAN] =
        "You were started by another agent to make a plan. You can only look. Report the "
        "steps, the files they touch and what could go wrong.\n\n",
    [SPAWN_IMPLEMENT] = "You were started by another agent to do the following. Report what you "
                        "changed and how you checked it.\n\n",
};

typedef struct {
    ToolRunner *parent;
    char *answer; /* owned */
} Listener;

/* The user sees what it does as progress of the one call; its words are for the parent. */
static void on_event(const AgentEvent *event, void *user_data) {
    Listener *listener = user_data;
    const ToolRunnerSettings *settings = &listener->parent->settings;
    if (event->kind == EVENT_DONE) {
        g_free(listener->answer);
        listener->answer = g_strdup(event->text);
    }
    if (event->kind != EVENT_TOOL_START || settings->on_event == NULL) return;
    g_autofree char *text =
        g_strdup_printf("sub-agent: %s", event->text != NULL ? event->text : event->tool_name);
    AgentEvent progress = { .kind = EVENT_PROGRESS, .text = text, .fraction = -1 };
    settings->on_event(&progress, settings->event_data);
}

static Message *task_message(const ToolRunner *runner, SpawnKind kind, const char *task) {
    g_autofree char *text = g_strconcat(openings[kind], task, NULL);
    Message *message = message_new(ROLE_USER);
    /* The words are the parent's: worth what the parent had read. */
    Label label = label_new(ORIGIN_AGENT, "spawn_agent");
    label_join(&label, &runner->label);
    message_add_text(message, label, text, -1);
    return message;
}

static bool run_turn(ToolRunner *child, const Message *message, Listener *listener, Cancel *cancel,
                     GError **error) {
    const ToolRunnerSettings *settings = &child->settings;
    g_autoptr(Transcript) transcript =
        transcript_create(settings->transcripts, settings->workspace, error);
    if (transcript == NULL) return false;
    const Turn *model = child->turn.turn;
    Turn turn = { .provider = model->provider,
                  .tier = model->tier,
                  .transcript = transcript,
                  .on_event = on_event,
                  .user_data = listener,
                  .tools = tool_runner_tools(child, model->tier),
                  .max_output_tokens = model->max_output_tokens,
                  .context_tokens = model->context_tokens,
                  .reserve_tokens = model->reserve_tokens,
                  .max_rounds = MAX_ROUNDS };
    return turn_run(&turn, message, cancel, error);
}

char *tool_runner_spawn(SpawnKind kind, const char *task, Cancel *cancel, void *user_data,
                        GError **error) {
    ToolRunner *parent = user_data;
    if (parent->turn.turn == NULL) {
        error_set(error, ERR_FAILED, "there is no model for a sub-agent here");
        return NULL;
    }
    g_autoptr(ToolRunner) child = tool_runner_new_child(parent, kind != SPAWN_IMPLEMENT, error);
    if (child == NULL) return NULL;
    g_autoptr(Message) message = task_message(child, kind, task);
    Listener listener = { .parent = parent };
    bool is_ok = run_turn(child, message, &listener, cancel, error);
    g_mutex_lock(&parent->lock);
    label_join(&parent->label, &child->label);
    g_mutex_unlock(&parent->lock);
    if (is_ok) return listener.answer;
    g_free(listener.answer);
    g_prefix_error(error, "the sub-agent: ");
    return NULL;
}

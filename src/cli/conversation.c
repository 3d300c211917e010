/* cli/conversation.c: choosing the model and the session, and running turns. */
#include "cli/conversation.h"

#include <string.h>

#include "agent/agent_config.h"
#include "agent/session_note.h"
#include "agent/workspace.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/attachment.h"
#include "cli/conversation_reflexes.h"
#include "cli/memory_access.h"
#include "cli/model_choice.h"
#include "memory/seeds.h"
#include "session/session_registry.h"
#include "session/session_store.h"

#define SUMMARY_CHARACTERS 80

struct Conversation {
    App *app; /* borrowed */
    ModelChoice chosen;
    ModelChoice substitute; /* answers when `chosen` failed in this turn */
    unsigned n_tried;       /* of agent.fallback_models, in this turn */
    int64_t max_rounds;     /* 0 = TURN_MAX_ROUNDS */
    const char *key;        /* see ConversationOptions */
    int64_t n_compactions;  /* that sessions.json was not told of yet */
    bool has_news;          /* something was said since the last note */
    Transcript *transcript;
    char *folder;    /* of the sessions */
    char *workspace; /* folder */
    ConversationTools *tools;
    ConversationReflexes *reflexes;
    GError *no_model; /* why there is none; NULL when there is one */
    AgentEventFn on_event;
    void *user_data;
};

static Transcript *create_session(const char *folder, GError **error) {
    g_autofree char *cwd = g_get_current_dir();
    return transcript_create(folder, cwd, error);
}

static Transcript *open_session(const char *folder, const ConversationOptions *options,
                                GError **error) {
    g_autofree char *path = NULL;
    g_autoptr(GError) problem = NULL;
    if (options->session != NULL) {
        path = session_store_find(folder, options->session, error);
        if (path == NULL) return NULL;
    } else if (options->is_resumed) {
        path = session_store_newest(folder, &problem);
        if (path == NULL && !error_is(problem, ERR_NOT_FOUND)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return NULL;
        }
    }
    return path != NULL ? transcript_open_recent(path, error) : create_session(folder, error);
}

/* A new workspace gets its first files; one that cannot be written is no reason not to talk. */
static char *choose_workspace(const App *app, GError **error) {
    g_autofree char *workspace = memory_access_workspace(app, error);
    g_autoptr(GError) problem = NULL;
    if (workspace != NULL && !memory_seed(workspace, NULL, &problem))
        app_note(app, "the workspace has no files of its own: %s", problem->message);
    return g_steal_pointer(&workspace);
}

/* A mended session is told, not hidden. */
static void tell_damage(const App *app, const Transcript *transcript) {
    TranscriptDamage damage = transcript_damage(transcript);
    if (damage.torn_bytes > 0)
        app_note(app,
                 "the session ends in a torn line (%" G_GINT64_FORMAT
                 " bytes); the next message moves it to '%s.torn'",
                 (gint64)damage.torn_bytes, transcript_path(transcript));
    if (damage.n_bad_lines > 0)
        app_note(app, "%u lines of the session could not be read and were left out",
                 damage.n_bad_lines);
    if (damage.n_mended_tool_results > 0)
        app_note(app, "%u tool calls of the session have no recorded result; they count as failed",
                 damage.n_mended_tool_results);
}

/* The next of agent.fallback_models that can be opened; every one that cannot is told. */
static bool open_fallback(Conversation *conversation, ModelChoice *out) {
    App *app = conversation->app;
    const AgentConfig *config = app->config != NULL ? config_section(app->config, "agent") : NULL;
    char **models = config != NULL ? config->fallback_models : NULL;
    while (models != NULL && models[conversation->n_tried] != NULL) {
        const char *model = models[conversation->n_tried++];
        g_autoptr(GError) problem = NULL;
        if (model_choice_open(app, model, out, &problem)) return true;
        app_note(app, "%s cannot answer: %s", model, problem->message);
    }
    return false;
}

/* A model that was named must answer itself; the one of the configuration has its substitutes. */
static bool choose_model(Conversation *conversation, const char *typed, GError **error) {
    g_autoptr(GError) problem = NULL;
    if (model_choice_open(conversation->app, typed, &conversation->chosen, &problem)) return true;
    if (typed == NULL && open_fallback(conversation, &conversation->chosen)) {
        app_note(conversation->app, "%s; asking %s", problem->message, conversation->chosen.label);
        return true;
    }
    if (typed == NULL && error_is(problem, ERR_NO_PROVIDER)) {
        conversation->no_model = g_error_copy(problem);
        model_choice_nobody(g_steal_pointer(&problem), &conversation->chosen);
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static void relay(const AgentEvent *event, void *user_data);

static bool open_tools(Conversation *conversation, const ConversationOptions *options,
                       GError **error) {
    const ConversationToolsSetup setup = { .app = conversation->app,
                                           .workspace = conversation->workspace,
                                           .directory = options->directory,
                                           .mode = options->mode,
                                           .sessions = conversation->folder,
                                           .on_event = relay,
                                           .user_data = conversation };
    if (conversation->app->config == NULL) return true;
    conversation->tools = conversation_tools_new(&setup, error);
    return conversation->tools != NULL;
}

Conversation *conversation_open(App *app, const ConversationOptions *options, GError **error) {
    g_autoptr(Conversation) conversation = g_new0(Conversation, 1);
    conversation->app = app;
    conversation->max_rounds = options->max_rounds;
    conversation->key = options->key != NULL ? options->key : "main";
    conversation->workspace = choose_workspace(app, error);
    if (conversation->workspace == NULL) return NULL;
    conversation->folder = session_store_folder(app->paths, app->agent, error);
    if (conversation->folder == NULL) return NULL;
    conversation->reflexes =
        conversation_reflexes_new(app, conversation->workspace, conversation->folder);
    conversation->transcript = open_session(conversation->folder, options, error);
    if (conversation->transcript == NULL) return NULL;
    tell_damage(app, conversation->transcript);
    if (!choose_model(conversation, options->model, error)) return NULL;
    if (!open_tools(conversation, options, error)) return NULL;
    return g_steal_pointer(&conversation);
}

void conversation_close(Conversation *conversation) {
    if (conversation == NULL) return;
    conversation_tools_free(conversation->tools);
    conversation_reflexes_free(conversation->reflexes);
    g_clear_error(&conversation->no_model);
    model_choice_clear(&conversation->chosen);
    model_choice_clear(&conversation->substitute);
    transcript_free(conversation->transcript);
    g_free(conversation->folder);
    g_free(conversation->workspace);
    g_free(conversation);
}

void conversation_listen(Conversation *conversation, AgentEventFn on_event, void *user_data) {
    conversation->on_event = on_event;
    conversation->user_data = user_data;
}

ConversationTools *conversation_tools(const Conversation *conversation) {
    return conversation->tools;
}

/* A limit of [agent] counts only when the owner set it: the defaults are those of large models. */
static int64_t limit_of(const App *app, const char *key) {
    if (app->config == NULL || !config_is_set(app->config, key)) return 0;
    g_autofree char *text = config_get(app->config, key, NULL, NULL);
    return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static int64_t window_of(const App *app, const ModelFacts *facts) {
    int64_t window = limit_of(app, "agent.context_window");
    bool is_too_large = facts->context_tokens > 0 && facts->context_tokens < window;
    if (window == 0 || (is_too_large && !facts->is_guess)) window = facts->context_tokens;
    return window;
}

static bool fall_back(Turn *turn, const GError *error, void *user_data) {
    (void)error; /* the turn tells it */
    Conversation *conversation = user_data;
    ModelChoice next = { 0 };
    if (!open_fallback(conversation, &next)) return false;
    turn->provider = next.provider;
    turn->tier = next.tier;
    turn->context_tokens = window_of(conversation->app, &next.facts);
    model_choice_clear(&conversation->substitute);
    conversation->substitute = next;
    return true;
}

/* News of a turn goes on to whoever listens; what sessions.json counts is counted. */
static void relay(const AgentEvent *event, void *user_data) {
    Conversation *conversation = user_data;
    conversation->n_compactions += event->kind == EVENT_COMPACTION;
    if (conversation->on_event != NULL) conversation->on_event(event, conversation->user_data);
}

static ThinkingLevel thinking_of(const App *app) {
    const AgentConfig *config = app->config != NULL ? config_section(app->config, "agent") : NULL;
    return config != NULL ? (ThinkingLevel)config->thinking : THINKING_DEFAULT;
}

static int64_t max_rounds_of(const Conversation *conversation) {
    const App *app = conversation->app;
    if (conversation->max_rounds > 0 || app->config == NULL) return conversation->max_rounds;
    return ((const AgentConfig *)config_section(app->config, "agent"))->max_turns;
}

static Turn turn_of(const Conversation *conversation) {
    int64_t window = window_of(conversation->app, &conversation->chosen.facts);
    return (Turn){ .provider = conversation->chosen.provider,
                   .tier = conversation->chosen.tier,
                   .transcript = conversation->transcript,
                   .on_event = relay,
                   .user_data = (void *)conversation,
                   .notice = conversation->chosen.notice,
                   .workspace = conversation->workspace,
                   .reserve_tokens = limit_of(conversation->app, "agent.reserve_tokens"),
                   .max_output_tokens = limit_of(conversation->app, "agent.max_tokens"),
                   .context_tokens = window,
                   .thinking = thinking_of(conversation->app),
                   .max_rounds = max_rounds_of(conversation) };
}

static Label label_of_all(const Conversation *conversation, const Message *message) {
    const GPtrArray *messages = transcript_messages(conversation->transcript);
    Label all = message_label(message);
    for (unsigned i = 0; i < messages->len; i++) {
        Label one = message_label(g_ptr_array_index(messages, i));
        label_join(&all, &one);
        label_clear(&one);
    }
    return all;
}

static bool run_with_tools(Conversation *conversation, Turn *turn, const Message *message,
                           GError **error) {
    ToolRunner *runner = conversation_tools_runner(conversation->tools);
    Cancel *cancel = conversation->app->cancel;
    g_autofree char *text = message_text(message);
    g_autofree char *summary = text_ellipsize(text, SUMMARY_CHARACTERS);
    Label label = label_of_all(conversation, message);
    tool_runner_begin(runner, &(ToolRunnerTurn){ .session = transcript_id(turn->transcript),
                                                 .summary = summary,
                                                 .label = &label,
                                                 .turn = turn });
    turn->tools = tool_runner_tools(runner, turn->tier);
    bool is_ok = turn_run(turn, message, cancel, error);
    bool is_ended = tool_runner_end(runner, is_ok ? cancel : NULL, is_ok ? error : NULL);
    label_clear(&label);
    return is_ok && is_ended;
}

static bool run_turn(Conversation *conversation, const Message *message, GError **error) {
    Turn turn = turn_of(conversation);
    turn.fall_back = fall_back;
    turn.fall_back_data = conversation;
    conversation->n_tried = 0;
    g_autofree char *summary = message_text(message);
    const ReflexTurn reflex_turn = { .session = transcript_id(conversation->transcript),
                                     .summary = summary,
                                     .model = conversation_model(conversation),
                                     .is_plan = conversation->tools != NULL &&
                                                conversation_tools_mode(conversation->tools) ==
                                                    APPROVAL_PLAN };
    conversation_reflexes_begin(conversation->reflexes, &reflex_turn);
    turn.reflexes = conversation_reflexes_context(conversation->reflexes, turn.tier);
    bool is_ok = conversation->tools == NULL
                     ? turn_run(&turn, message, conversation->app->cancel, error)
                     : run_with_tools(conversation, &turn, message, error);
    conversation_reflexes_end(conversation->reflexes);
    return is_ok;
}

static bool check_images(const Conversation *conversation, const GPtrArray *attachments,
                         GError **error) {
    if (conversation_takes_images(conversation)) return true;
    for (guint i = 0; i < attachments->len; i++) {
        const Attachment *attachment = g_ptr_array_index(attachments, i);
        if (!attachment_is_image(attachment)) continue;
        error_set_with_hint(error, ERR_USAGE, "Answer with one that does: -m NAME, or /model NAME.",
                            "the model %s takes no images ('%s')", conversation_model(conversation),
                            attachment->path);
        return false;
    }
    return true;
}

/* Without a model only what a reflex answers is worth keeping. */
static bool may_do_without(const Conversation *conversation, const char *text,
                           const GPtrArray *attachments) {
    const ReflexContext *context =
        conversation_reflexes_context(conversation->reflexes, conversation->chosen.tier);
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    bool is_asked =
        context != NULL && reflex_is_asked(transcript_messages(conversation->transcript));
    return context != NULL && attachments->len == 0 &&
           (is_asked || reflex_find(trimmed, now, NULL) != NULL);
}

bool conversation_say(Conversation *conversation, const char *text, const GPtrArray *attachments,
                      GError **error) {
    if (!check_images(conversation, attachments, error)) return false;
    if (conversation->no_model != NULL && !may_do_without(conversation, text, attachments)) {
        g_propagate_error(error, g_error_copy(conversation->no_model));
        return false;
    }
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    for (guint i = 0; i < attachments->len; i++)
        attachment_add_to(g_ptr_array_index(attachments, i), message);
    conversation->has_news = true;
    return run_turn(conversation, message, error);
}

bool conversation_keep_note(Conversation *conversation, char **out_name, GError **error) {
    *out_name = NULL;
    if (!conversation->has_news) return true;
    conversation->has_news = false;
    const App *app = conversation->app;
    const MemoryConfig *config = app->config != NULL ? config_section(app->config, "memory") : NULL;
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    const SessionNote note = { .workspace = conversation->workspace,
                               .transcript = conversation->transcript,
                               .now = now,
                               .max_messages = config != NULL ? config->session_max_messages : 0,
                               .max_characters = config != NULL ? config->session_max_chars : 0 };
    return session_note_write(&note, out_name, error);
}

bool conversation_note(Conversation *conversation, const Message *message, GError **error) {
    return transcript_append(conversation->transcript, message, error);
}

GPtrArray *conversation_asked(const Conversation *conversation, GError **error) {
    return transcript_versions_read(conversation->transcript, error);
}

static const TranscriptAsked *find_asked(const GPtrArray *all, unsigned number, GError **error) {
    if (number >= 1 && number <= all->len) return g_ptr_array_index(all, number - 1);
    error_set(error, ERR_NOT_FOUND, "the conversation has no message %u of yours", number);
    return NULL;
}

bool conversation_say_anew(Conversation *conversation, unsigned number, const char *text,
                           const GPtrArray *attachments, GError **error) {
    g_autoptr(GPtrArray) all = conversation_asked(conversation, error);
    const TranscriptAsked *asked = all != NULL ? find_asked(all, number, error) : NULL;
    Transcript *transcript = conversation->transcript;
    g_autofree char *before = g_strdup(transcript_leaf(transcript));
    if (asked == NULL || !transcript_go_to(transcript, asked->parent_id, error)) return false;
    g_autofree char *from = g_strdup(transcript_leaf(transcript));
    if (conversation_say(conversation, text, attachments, error)) return true;
    bool is_unsaid = g_strcmp0(transcript_leaf(transcript), from) == 0;
    if (is_unsaid && !transcript_go_to(transcript, before, NULL)) g_debug("the branch is gone");
    return false;
}

bool conversation_switch_branch(Conversation *conversation, unsigned number, unsigned version,
                                GError **error) {
    g_autoptr(GPtrArray) all = conversation_asked(conversation, error);
    const TranscriptAsked *asked = all != NULL ? find_asked(all, number, error) : NULL;
    if (asked == NULL) return false;
    if (version == 0 || version > asked->leaves->len) {
        error_set(error, ERR_NOT_FOUND, "message %u has no branch %u", number, version);
        return false;
    }
    return transcript_switch_to(conversation->transcript,
                                g_ptr_array_index(asked->leaves, version - 1), error);
}

static bool change_session(Conversation *conversation, const ConversationOptions *options,
                           GError **error) {
    Transcript *transcript = open_session(conversation->folder, options, error);
    if (transcript == NULL) return false;
    tell_damage(conversation->app, transcript);
    transcript_free(conversation->transcript);
    conversation->transcript = transcript;
    return true;
}

bool conversation_begin_session(Conversation *conversation, GError **error) {
    return change_session(conversation, &(ConversationOptions){ 0 }, error);
}

bool conversation_resume_session(Conversation *conversation, const char *id, GError **error) {
    return change_session(conversation, &(ConversationOptions){ .session = id }, error);
}

bool conversation_fork_session(Conversation *conversation, unsigned n_messages, GError **error) {
    Transcript *branch =
        transcript_branch(conversation->transcript, conversation->folder, n_messages, error);
    if (branch == NULL) return false;
    transcript_free(conversation->transcript);
    conversation->transcript = branch;
    return true;
}

bool conversation_compact(Conversation *conversation, GError **error) {
    Turn turn = turn_of(conversation);
    return turn_compact(&turn, conversation->app->cancel, error);
}

bool conversation_clear(Conversation *conversation, GError **error) {
    return transcript_append_clear(conversation->transcript, error);
}

/* What the answers since the owner's last message took. */
static Usage usage_of_turn(const GPtrArray *messages) {
    Usage sum = { 0 };
    for (unsigned i = messages->len; i > 0; i--) {
        const Message *message = g_ptr_array_index(messages, i - 1);
        if (message->role == ROLE_USER) break;
        usage_add(&sum, &message->usage);
    }
    return sum;
}

void conversation_register(Conversation *conversation) {
    const App *app = conversation->app;
    const SessionNews news = { .session_id = transcript_id(conversation->transcript),
                               .updated_at_ms = g_get_real_time() / 1000,
                               .turn = usage_of_turn(transcript_messages(conversation->transcript)),
                               .n_compactions = conversation->n_compactions };
    conversation->n_compactions = 0;
    g_autofree char *key = g_strdup_printf("agent:%s:%s", app->agent, conversation->key);
    g_autofree char *problem = NULL;
    g_autoptr(GError) error = NULL;
    if (!session_registry_update(conversation->folder, key, &news, &problem, &error))
        g_debug("sessions.json could not be kept: %s, ignoring", error->message);
    if (problem != NULL) app_note(app, "%s", problem);
}

bool conversation_switch_model(Conversation *conversation, const char *model, GError **error) {
    ModelChoice chosen = { 0 };
    if (!model_choice_open(conversation->app, model, &chosen, error)) return false;
    if (!transcript_append_model(conversation->transcript, chosen.provider->name, chosen.facts.name,
                                 error)) {
        model_choice_clear(&chosen);
        return false;
    }
    model_choice_clear(&conversation->chosen);
    g_clear_error(&conversation->no_model);
    conversation->chosen = chosen;
    return true;
}

const char *conversation_model(const Conversation *conversation) {
    return conversation->chosen.label;
}

const ModelTier *conversation_tier(const Conversation *conversation) {
    return conversation->chosen.tier;
}

bool conversation_takes_images(const Conversation *conversation) {
    return (conversation->chosen.provider->ops->caps & PROVIDER_IMAGES) != 0;
}

bool conversation_is_offline(const Conversation *conversation) {
    return conversation->chosen.provider->ops->caps & PROVIDER_LOCAL;
}

const Transcript *conversation_transcript(const Conversation *conversation) {
    return conversation->transcript;
}

const ModelFacts *conversation_facts(const Conversation *conversation) {
    return &conversation->chosen.facts;
}

const char *conversation_folder(const Conversation *conversation) {
    return conversation->folder;
}

TurnBudget conversation_budget(const Conversation *conversation) {
    Turn turn = turn_of(conversation);
    return turn_budget(&turn);
}

char *conversation_why(const Conversation *conversation) {
    return reflex_explain(conversation_reflexes_any(conversation->reflexes),
                          transcript_messages(conversation->transcript), conversation->app->cancel);
}

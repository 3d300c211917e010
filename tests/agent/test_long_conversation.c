/* Show 6: 200 turns with tools through a window of 4,096 tokens. Every request that leaves is
 * looked at: the system prompt is there, it fits, it begins with a question, no call is without its
 * result and no result without its call, and /context adds up to exactly it. Planted facts survive
 * in the memory notes, labels survive everything. */
#include <string.h>

#include "../scratch_folder.h"
#include "agent/token_count.h"
#include "agent/turn.h"
#include "base/error.h"

enum { WINDOW = 4096, N_TURNS = 200 };

typedef struct {
    Turn turn;
    ScratchFolder *folder;
    Transcript *transcript;
    char *workspace;
    /* what the provider does */
    bool fails_alone;        /* summaries and notes fail */
    int64_t true_window;     /* refuses requests beyond it; 0 = never */
    bool is_cancelled_alone; /* a summary is where the user stops it */
    Cancel *cancel;
    /* what it saw */
    unsigned n_requests, n_summaries, n_notes, n_refused, n_compactions;
    Label tool_label; /* of results; plain */
} World;

static int64_t count_tokens(Provider *self, const char *text, GError **error) {
    (void)self;
    (void)error;
    return (int64_t)(strlen(text) + 3) / 4;
}

static unsigned n_calls_of(const Message *message) {
    unsigned n = 0;
    for (unsigned i = 0; i < message->parts->len; i++)
        n += ((const Part *)g_ptr_array_index(message->parts, i))->kind == PART_TOOL_CALL;
    return n;
}

static void assert_paired(const GPtrArray *messages) {
    unsigned n_open = 0;
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        if (message->role == ROLE_TOOL_RESULT) {
            g_assert_cmpuint(n_open, >, 0);
            n_open--;
            continue;
        }
        g_assert_cmpuint(n_open, ==, 0);
        n_open = n_calls_of(message);
    }
    g_assert_cmpuint(n_open, ==, 0);
}

static int64_t tokens_of(Provider *provider, const ChatRequest *request) {
    return count_tokens(provider, request->system, NULL) + TOKENS_AROUND_MESSAGE +
           token_count_messages(provider, request->messages) +
           token_count_tools(provider, request->tools, request->n_tools);
}

static void assert_adds_up(const World *world, Provider *provider, const ChatRequest *request) {
    TurnBudget budget = turn_budget(&world->turn);
    int64_t sum = 0;
    for (unsigned i = 0; i < budget.items->len; i++)
        sum += ((const BudgetItem *)g_ptr_array_index(budget.items, i))->tokens;
    int64_t sent = tokens_of(provider, request);
    g_assert_cmpint(sum, ==, sent);
    g_assert_cmpint(budget.system_tokens + budget.tool_tokens + budget.history_tokens, ==, sent);
    g_assert_cmpint(budget.n_sent_messages, ==, request->messages->len);
    turn_budget_clear(&budget);
}

static void assert_sound(const World *world, Provider *provider, const ChatRequest *request) {
    g_assert_nonnull(strstr(request->system, "You are LocalGPT"));
    g_assert_nonnull(strstr(request->system, "The owner is Ada"));
    const Message *first = g_ptr_array_index(request->messages, 0);
    g_assert_cmpint(first->role, ==, ROLE_USER);
    assert_paired(request->messages);
    g_assert_cmpint(tokens_of(provider, request) + request->max_output_tokens, <=, WINDOW);
    int64_t fixed =
        tokens_of(provider, request) - token_count_messages(provider, request->messages);
    g_assert_cmpint(fixed, <=, 1200);
    assert_adds_up(world, provider, request);
}

/* The facts in the conversation that is to be noted. */
static char *facts_in(const char *text) {
    GString *facts = g_string_new(NULL);
    for (const char *at = text; (at = strstr(at, "FACT-")) != NULL; at += 5)
        g_string_append_printf(facts, "- %.*s\n", (int)strcspn(at, " .\n"), at);
    if (facts->len == 0) g_string_append(facts, "NO_REPLY");
    return g_string_free(facts, FALSE);
}

static bool answer_alone(World *world, const ChatRequest *request, ChatResult *out,
                         GError **error) {
    bool is_notes = g_str_has_prefix(request->system, "You pick");
    if (world->is_cancelled_alone) cancel_trigger(world->cancel, CANCEL_BY_USER);
    if (world->is_cancelled_alone) return cancel_check(world->cancel, error);
    if (world->fails_alone) {
        error_set(error, ERR_PROVIDER, "no");
        return false;
    }
    g_autofree char *asked = message_text(g_ptr_array_index(request->messages, 0));
    g_autofree char *facts = facts_in(asked);
    out->message = message_new(ROLE_ASSISTANT);
    message_add_text(out->message, label_new(ORIGIN_AGENT, NULL),
                     is_notes ? facts : "They went on talking.", -1);
    world->n_summaries += !is_notes;
    world->n_notes += is_notes;
    return true;
}

/* A question that ends in "tool?" is answered with two calls first. */
static void answer_turn(const World *world, const ChatRequest *request, ChatResult *out) {
    const Message *last = g_ptr_array_index(request->messages, request->messages->len - 1);
    g_autofree char *asked = message_text(last);
    out->message = message_new(ROLE_ASSISTANT);
    out->message->stop_reason = STOP_END;
    message_add_text(out->message, label_new(ORIGIN_AGENT, NULL), "I see, thank you.", -1);
    if (last->role != ROLE_USER || !g_str_has_suffix(asked, "tool?")) return;
    out->message->stop_reason = STOP_TOOL_USE;
    for (unsigned i = 0; i < 2; i++) {
        Part *call = message_add_text(out->message, label_new(ORIGIN_AGENT, NULL), "", 0);
        call->kind = PART_TOOL_CALL;
        call->call_id = g_strdup_printf("c%u-%u", world->n_requests, i);
        call->call_name = g_strdup("look");
        call->arguments = field_json_parse("{\"at\":\"the thing\"}", 18, NULL);
    }
}

static bool stream_world(Provider *self, const ChatRequest *request, StreamFn on_stream,
                         void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    (void)on_stream, (void)user_data, (void)cancel;
    World *world = self->priv;
    bool is_alone = g_str_has_prefix(request->system, "You sum up") ||
                    g_str_has_prefix(request->system, "You pick");
    if (is_alone) {
        g_assert_cmpint(tokens_of(self, request) + request->max_output_tokens, <=, WINDOW);
        return answer_alone(world, request, out, error);
    }
    world->n_requests++;
    assert_sound(world, self, request);
    if (world->true_window > 0 && tokens_of(self, request) > world->true_window) {
        world->n_refused++;
        error_set(error, ERR_LIMIT, "the prompt is too long");
        return false;
    }
    answer_turn(world, request, out);
    return true;
}

static const ProviderOps ops = {
    .name = "world", .caps = PROVIDER_TOOLS, .stream = stream_world, .count_tokens = count_tokens
};

static bool run_tool(const Part *call, Cancel *cancel, ToolOutcome *out, void *user_data,
                     GError **error) {
    (void)call, (void)cancel, (void)error;
    const World *world = user_data;
    *out = (ToolOutcome){ .text = g_strnfill(300, 'r'), .label = label_copy(&world->tool_label) };
    return true;
}

static void on_event(const AgentEvent *event, void *user_data) {
    World *world = user_data;
    if (event->kind != EVENT_COMPACTION) return;
    world->n_compactions++;
    g_assert_cmpint(event->tokens_after, <, event->tokens_before);
}

typedef struct {
    World world;
    Provider provider;
    ToolSpec spec;
    TurnTools tools;
} Play;

static void play_init(Play *play) {
    World *world = &play->world;
    *world = (World){ .folder = scratch_folder_new() };
    world->workspace = g_build_filename(world->folder->path, "workspace", NULL);
    world->cancel = cancel_new();
    g_autofree char *user = g_build_filename(world->workspace, "USER.md", NULL);
    g_autofree char *rules = g_build_filename(world->workspace, "AGENTS.md", NULL);
    g_autofree char *much = g_strnfill(50000, 'a');
    g_assert_cmpint(g_mkdir(world->workspace, 0700), ==, 0);
    g_assert_true(g_file_set_contents(user, "The owner is Ada.", -1, NULL));
    g_assert_true(g_file_set_contents(rules, much, -1, NULL));
    g_autofree char *sessions = g_build_filename(world->folder->path, "sessions", NULL);
    world->transcript = transcript_create(sessions, "/", NULL);
    world->tool_label = label_new(ORIGIN_SYSTEM, NULL);
    play->provider =
        (Provider){ .ops = &ops, .name = (char *)"world", .model = (char *)"m", .priv = world };
    play->spec = (ToolSpec){ .name = "look",
                             .summary = "Looks at a thing.",
                             .parameters = field_json_parse("{\"type\":\"object\"}", 17, NULL) };
    play->tools =
        (TurnTools){ .specs = &play->spec, .n_specs = 1, .run = run_tool, .user_data = world };
    world->turn = (Turn){ .provider = &play->provider,
                          .tier = &model_tiers[1],
                          .transcript = world->transcript,
                          .on_event = on_event,
                          .user_data = world,
                          .tools = &play->tools,
                          .workspace = world->workspace,
                          .context_tokens = WINDOW };
}

static void play_clear(Play *play) {
    json_decref(play->spec.parameters);
    label_clear(&play->world.tool_label);
    transcript_free(play->world.transcript);
    cancel_unref(play->world.cancel);
    g_free(play->world.workspace);
    scratch_folder_free(play->world.folder);
}

static bool say(Play *play, const char *text, GError **error) {
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    return turn_run(&play->world.turn, message, play->world.cancel, error);
}

/* Question i of the long conversation; every twentieth tells a fact. */
static char *question(int i) {
    g_autofree char *filler = g_strnfill((gsize)(40 + i * 37 % 400), 'q');
    const char *ending = i % 3 == 0 ? "tool?" : "right?";
    if (i % 20 != 0) return g_strdup_printf("Question %d %s %s", i, filler, ending);
    return g_strdup_printf("Remember FACT-%d. Then %s %s", i, filler, ending);
}

static void talk(Play *play, int n_turns) {
    for (int i = 0; i < n_turns; i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = question(i);
        bool is_ok = say(play, text, &error);
        g_assert_no_error(error);
        g_assert_true(is_ok);
    }
}

static char *read_note(const Play *play, const char *name) {
    g_autofree char *path = g_build_filename(play->world.workspace, name, NULL);
    char *text = NULL;
    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static char *todays_note(void) {
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    return g_date_time_format(now, "memory/%Y-%m-%d.md");
}

/* Every fact is in the note, or still in what is sent. */
static void assert_facts_survive(const Play *play) {
    g_autofree char *name = todays_note();
    g_autofree char *note = read_note(play, name);
    g_assert_nonnull(note);
    g_autoptr(GString) known = g_string_new(note);
    const GPtrArray *messages = transcript_messages(play->world.transcript);
    for (unsigned i = 0; i < messages->len; i++) {
        g_autofree char *text = message_text(g_ptr_array_index(messages, i));
        g_string_append(known, text);
    }
    for (int i = 0; i < N_TURNS; i += 20) {
        g_autofree char *fact = g_strdup_printf("FACT-%d", i);
        if (strstr(known->str, fact) == NULL) g_test_message("%s is lost", fact);
        g_assert_nonnull(strstr(known->str, fact));
    }
}

static void two_hundred_turns_fit_a_small_window(void) {
    Play play;
    play_init(&play);
    talk(&play, N_TURNS);
    g_assert_cmpuint(play.world.n_requests, >, N_TURNS);
    g_assert_cmpuint(play.world.n_compactions, >, 3);
    g_assert_cmpuint(play.world.n_summaries, ==, play.world.n_compactions);
    g_assert_cmpuint(play.world.n_notes, ==, play.world.n_compactions);
    assert_facts_survive(&play);
    /* The file has everything, and opens to what was in memory. */
    g_autoptr(GPtrArray) history =
        transcript_read_history(transcript_path(play.world.transcript), NULL);
    unsigned n_questions = 0;
    for (unsigned i = 0; i < history->len; i++)
        n_questions += ((const Message *)g_ptr_array_index(history, i))->role == ROLE_USER;
    g_assert_cmpuint(n_questions, ==, N_TURNS);
    g_autoptr(Transcript) again = transcript_open(transcript_path(play.world.transcript), NULL);
    g_assert_cmpuint(transcript_messages(again)->len, ==,
                     transcript_messages(play.world.transcript)->len);
    play_clear(&play);
}

static void a_failing_model_sums_up_by_sentences(void) {
    Play play;
    play_init(&play);
    play.world.fails_alone = true;
    talk(&play, N_TURNS);
    g_assert_cmpuint(play.world.n_compactions, >, 3);
    assert_facts_survive(&play);
    play_clear(&play);
}

static void a_refused_request_goes_out_once_more(void) {
    Play play;
    play_init(&play);
    play.world.true_window = 2200;
    talk(&play, 60);
    g_assert_cmpuint(play.world.n_refused, >, 0);
    g_assert_cmpuint(play.world.n_compactions, >=, play.world.n_refused);
    play_clear(&play);
}

static void what_was_untrusted_stays_so(void) {
    Play play;
    play_init(&play);
    play.world.tool_label = label_new(ORIGIN_WEB, "https://example.org/");
    talk(&play, 60);
    g_assert_cmpuint(play.world.n_compactions, >, 0);
    const GPtrArray *messages = transcript_messages(play.world.transcript);
    const Message *summary = g_ptr_array_index(messages, 0);
    Label label = message_label(summary);
    g_assert_cmpint(label.integrity, ==, INTEGRITY_UNTRUSTED);
    label_clear(&label);
    /* The notes wait in the inbox, which no prompt reads. */
    g_autofree char *today = todays_note();
    g_assert_null(read_note(&play, today));
    g_autofree char *inbox =
        g_strdup_printf("memory/inbox/%s.md", transcript_id(play.world.transcript));
    g_autofree char *note = read_note(&play, inbox);
    g_assert_nonnull(note);
    g_assert_nonnull(strstr(note, "untrusted"));
    g_autofree char *path = g_build_filename(play.world.workspace, inbox, NULL);
    GStatBuf info;
    g_assert_cmpint(g_stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
    g_assert_true(turn_compact(&play.world.turn, play.world.cancel, NULL));
    label = message_label(g_ptr_array_index(transcript_messages(play.world.transcript), 0));
    g_assert_cmpint(label.integrity, ==, INTEGRITY_UNTRUSTED);
    label_clear(&label);
    play_clear(&play);
}

static void a_message_larger_than_the_window_is_refused(void) {
    Play play;
    play_init(&play);
    talk(&play, 12);
    g_autofree char *huge = g_strnfill(40000, 'h');
    g_autoptr(GError) error = NULL;
    g_assert_false(say(&play, huge, &error));
    g_assert_error(error, ERR, ERR_LIMIT);
    g_assert_nonnull(strstr(error->message, "tokens, and this model has room for"));
    play_clear(&play);
}

static void stopping_while_it_sums_up_changes_nothing(void) {
    Play play;
    play_init(&play);
    talk(&play, 8);
    unsigned before = transcript_messages(play.world.transcript)->len;
    play.world.is_cancelled_alone = true;
    g_autoptr(GError) error = NULL;
    g_assert_false(turn_compact(&play.world.turn, play.world.cancel, &error));
    g_assert_error(error, ERR, ERR_CANCELLED);
    g_assert_cmpuint(transcript_messages(play.world.transcript)->len, ==, before);
    g_autofree char *today = todays_note();
    g_assert_null(read_note(&play, today));
    play_clear(&play);
}

static void an_unwritable_workspace_is_told_and_no_obstacle(void) {
    Play play;
    play_init(&play);
    talk(&play, 8);
    g_autofree char *memory = g_build_filename(play.world.workspace, "memory", NULL);
    g_assert_true(g_file_set_contents(memory, "a file where the folder should be", -1, NULL));
    g_assert_true(turn_compact(&play.world.turn, play.world.cancel, NULL));
    g_assert_cmpuint(play.world.n_compactions, ==, 1);
    play_clear(&play);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/agent/long_conversation/" #name, name)
    TEST(two_hundred_turns_fit_a_small_window);
    TEST(a_failing_model_sums_up_by_sentences);
    TEST(a_refused_request_goes_out_once_more);
    TEST(what_was_untrusted_stays_so);
    TEST(a_message_larger_than_the_window_is_refused);
    TEST(stopping_while_it_sums_up_changes_nothing);
    TEST(an_unwritable_workspace_is_told_and_no_obstacle);
    return g_test_run();
}

/* Tests of the turn with tools, over each remote provider and a scripted server: what really leaves
 * after a call, what is kept, what ends the loop, who answers when one fails. */
#include "agent/turn.h"

#include <glib/gstdio.h>
#include <string.h>

#include "../provider/provider_ground.h"

typedef struct {
    Ground ground;
    char *folder;
    Transcript *transcript;
    GString *events;
    Turn turn;
    int n_runs;
    Cancel *cancel_in_tool; /* triggered by the tool; NULL = never */
    Provider *substitute;   /* for fall_back; NULL = nobody */
} Table;

static json_t *add_schema;
static ToolSpec specs[] = { { "add", "Adds two numbers.", NULL } };

/* The test's only tool: "add". */
static bool run_add(const Part *call, Cancel *cancel, ToolOutcome *out, void *user_data,
                    GError **error) {
    Table *table = user_data;
    table->n_runs++;
    if (table->cancel_in_tool != NULL) cancel_trigger(table->cancel_in_tool, CANCEL_BY_USER);
    if (!cancel_check(cancel, error)) return false;
    json_int_t sum = json_integer_value(json_object_get(call->arguments, "a")) +
                     json_integer_value(json_object_get(call->arguments, "b"));
    *out = (ToolOutcome){ .text = g_strdup_printf("%" JSON_INTEGER_FORMAT, sum),
                          .label = label_new(ORIGIN_TOOL, "add") };
    return true;
}

static void on_event(const AgentEvent *event, void *user_data) {
    Table *table = user_data;
    g_string_append_printf(table->events, "%s%s%s;", agent_events[event->kind].name,
                           event->text != NULL ? ":" : "", event->text != NULL ? event->text : "");
}

static bool fall_back(Turn *turn, const GError *error, void *user_data) {
    Table *table = user_data;
    g_assert_nonnull(error);
    if (table->substitute == NULL) return false;
    turn->provider = table->substitute;
    table->substitute = NULL;
    return true;
}

static TurnTools tools = { specs, G_N_ELEMENTS(specs), run_add, NULL };

static void table_open(Table *table, const char *provider) {
    static KeyProviderConfig key_config;
    static OllamaConfig ollama_config;
    *table = (Table){ .events = g_string_new(NULL) };
    ground_init(&table->ground, "/v1");
    key_config = (KeyProviderConfig){ .api_key = (char *)"sk-secret-key",
                                      .base_url = table->ground.base_url };
    ollama_config = (OllamaConfig){ .endpoint = table->ground.base_url };
    bool is_ollama = strcmp(provider, "ollama") == 0;
    ground_open(&table->ground, provider, "m",
                is_ollama ? (const void *)&ollama_config : (const void *)&key_config);
    table->folder = g_dir_make_tmp("tools-XXXXXX", NULL);
    table->transcript = transcript_create(table->folder, "/", NULL);
    tools.user_data = table;
    table->turn = (Turn){ .provider = table->ground.provider,
                          .tier = model_tier_for(0, /* is_local= */ false),
                          .transcript = table->transcript,
                          .on_event = on_event,
                          .user_data = table,
                          .tools = &tools,
                          .fall_back = fall_back,
                          .fall_back_data = table };
}

static void table_clear(Table *table) {
    g_unlink(transcript_path(table->transcript));
    g_rmdir(table->folder);
    transcript_free(table->transcript);
    g_string_free(table->events, TRUE);
    g_free(table->folder);
    ground_clear(&table->ground);
}

static bool say(Table *table, const char *text, GError **error) {
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    return turn_run(&table->turn, message, table->ground.cancel, error);
}

/* Two calls at once, then an answer, as each of the three protocols tells it. */
static const struct {
    const char *provider;
    const char *script;
    const char *result_path; /* of the second result in the second request */
} dialects[] = {
    { "openai",
      "[{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"tool_calls\\\":["
      "{\\\"index\\\":0,\\\"id\\\":\\\"c1\\\",\\\"function\\\":{\\\"name\\\":\\\"add\\\","
      "\\\"arguments\\\":\\\"{\\\\\\\"a\\\\\\\":\\\"}}]}}]}\\n\\n"
      "data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"tool_calls\\\":[{\\\"index\\\":0,"
      "\\\"function\\\":{\\\"arguments\\\":\\\"2,\\\\\\\"b\\\\\\\":3}\\\"}},"
      "{\\\"index\\\":1,\\\"id\\\":\\\"c2\\\",\\\"function\\\":{\\\"name\\\":\\\"add\\\","
      "\\\"arguments\\\":\\\"{\\\\\\\"a\\\\\\\":40,\\\\\\\"b\\\\\\\":2}\\\"}}]}}]}\\n\\n"
      "data: {\\\"choices\\\":[{\\\"delta\\\":{},\\\"finish_reason\\\":\\\"tool_calls\\\"}],"
      "\\\"usage\\\":{\\\"prompt_tokens\\\":5,\\\"completion_tokens\\\":6}}\\n\\n"
      "data: [DONE]\\n\\n\"]},"
      "{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"5 and 42\\\"},"
      "\\\"finish_reason\\\":\\\"stop\\\"}],\\\"usage\\\":{\\\"prompt_tokens\\\":7,"
      "\\\"completion_tokens\\\":8}}\\n\\ndata: [DONE]\\n\\n\"]}]",
      "messages.4.content" },
    { "anthropic",
      "[{\"body\":[\"data: {\\\"type\\\":\\\"message_start\\\",\\\"message\\\":{\\\"usage\\\":"
      "{\\\"input_tokens\\\":5}}}\\n\\n"
      "data: {\\\"type\\\":\\\"content_block_start\\\",\\\"index\\\":0,\\\"content_block\\\":"
      "{\\\"type\\\":\\\"tool_use\\\",\\\"id\\\":\\\"c1\\\",\\\"name\\\":\\\"add\\\",\\\"input\\\":"
      "{}}}\\n\\n"
      "data: {\\\"type\\\":\\\"content_block_delta\\\",\\\"index\\\":0,\\\"delta\\\":{\\\"type\\\":"
      "\\\"input_json_delta\\\",\\\"partial_json\\\":\\\"{\\\\\\\"a\\\\\\\":2,\\\"}}\\n\\n"
      "data: {\\\"type\\\":\\\"content_block_delta\\\",\\\"index\\\":0,\\\"delta\\\":{\\\"type\\\":"
      "\\\"input_json_delta\\\",\\\"partial_json\\\":\\\"\\\\\\\"b\\\\\\\":3}\\\"}}\\n\\n"
      "data: {\\\"type\\\":\\\"content_block_start\\\",\\\"index\\\":1,\\\"content_block\\\":"
      "{\\\"type\\\":\\\"tool_use\\\",\\\"id\\\":\\\"c2\\\",\\\"name\\\":\\\"add\\\","
      "\\\"input\\\":{\\\"a\\\":40,\\\"b\\\":2}}}\\n\\n"
      "data: "
      "{\\\"type\\\":\\\"message_delta\\\",\\\"delta\\\":{\\\"stop_reason\\\":\\\"tool_use\\\"},"
      "\\\"usage\\\":{\\\"output_tokens\\\":6}}\\n\\n"
      "data: {\\\"type\\\":\\\"message_stop\\\"}\\n\\n\"]},"
      "{\"body\":[\"data: {\\\"type\\\":\\\"message_start\\\",\\\"message\\\":{\\\"usage\\\":"
      "{\\\"input_tokens\\\":7}}}\\n\\n"
      "data: {\\\"type\\\":\\\"content_block_delta\\\",\\\"index\\\":0,\\\"delta\\\":{\\\"type\\\":"
      "\\\"text_delta\\\",\\\"text\\\":\\\"5 and 42\\\"}}\\n\\n"
      "data: "
      "{\\\"type\\\":\\\"message_delta\\\",\\\"delta\\\":{\\\"stop_reason\\\":\\\"end_turn\\\"},"
      "\\\"usage\\\":{\\\"output_tokens\\\":8}}\\n\\n"
      "data: {\\\"type\\\":\\\"message_stop\\\"}\\n\\n\"]}]",
      "messages.2.content.1.content" },
    { "ollama",
      "[{\"body\":[\"{\\\"message\\\":{\\\"content\\\":\\\"\\\",\\\"tool_calls\\\":["
      "{\\\"function\\\":{\\\"name\\\":\\\"add\\\",\\\"arguments\\\":{\\\"a\\\":2,\\\"b\\\":3}}},"
      "{\\\"function\\\":{\\\"name\\\":\\\"add\\\",\\\"arguments\\\":{\\\"a\\\":40,\\\"b\\\":2}}}]}"
      ","
      "\\\"done\\\":false}\\n{\\\"message\\\":{\\\"content\\\":\\\"\\\"},\\\"done\\\":true,"
      "\\\"done_reason\\\":\\\"stop\\\",\\\"prompt_eval_count\\\":5,\\\"eval_count\\\":6}\\n\"]},"
      "{\"body\":[\"{\\\"message\\\":{\\\"content\\\":\\\"5 and 42\\\"},\\\"done\\\":true,"
      "\\\"done_reason\\\":\\\"stop\\\",\\\"prompt_eval_count\\\":7,\\\"eval_count\\\":8}\\n\"]}]",
      "messages.4.content" },
};

static void calls_are_run_and_their_results_leave_with_the_next_request(void) {
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++) {
        Table table;
        table_open(&table, dialects[i].provider);
        fake_server_play(table.ground.server, dialects[i].script);
        g_autoptr(GError) error = NULL;
        bool is_ok = say(&table, "add them", &error);
        g_assert_no_error(error);
        g_assert_true(is_ok);
        g_assert_cmpint(table.n_runs, ==, 2);
        g_assert_cmpstr(table.events->str, ==,
                        "start;tool_start;tool_end:5;tool_start;tool_end:42;"
                        "text:5 and 42;done:5 and 42;");
        json_t *requests = fake_server_requests(table.ground.server, 2);
        g_assert_cmpuint(json_array_size(requests), ==, 2);
        g_assert_nonnull(ground_sent(requests, 0, "tools.0"));
        g_assert_nonnull(ground_sent(requests, 1, "tools.0"));
        g_assert_cmpstr(json_string_value(ground_sent(requests, 1, dialects[i].result_path)), ==,
                        "42");
        json_decref(requests);
        g_autoptr(Transcript) again = transcript_open(transcript_path(table.transcript), &error);
        g_assert_no_error(error);
        g_assert_cmpuint(transcript_messages(again)->len, ==, 5);
        g_assert_cmpuint(transcript_damage(again).n_mended_tool_results, ==, 0);
        const Message *result = g_ptr_array_index(transcript_messages(again), 2);
        Label label = message_label(result);
        g_assert_cmpint(label.integrity, ==, INTEGRITY_UNTRUSTED);
        label_clear(&label);
        const Message *answer = g_ptr_array_index(transcript_messages(again), 4);
        label = message_label(answer);
        g_assert_cmpint(label.integrity, ==, INTEGRITY_UNTRUSTED);
        label_clear(&label);
        table_clear(&table);
    }
}

/* Each of two calls waits for the other: they can only end when they run at once. */
typedef struct {
    GMutex lock;
    GCond arrival;
    int n_arrived;
} Meeting;

static bool meet(const Part *call, Cancel *cancel, ToolOutcome *out, void *user_data,
                 GError **error) {
    (void)cancel, (void)error;
    Meeting *meeting = user_data;
    g_mutex_lock(&meeting->lock);
    meeting->n_arrived++;
    g_cond_broadcast(&meeting->arrival);
    int64_t end_us = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    while (meeting->n_arrived < 2)
        if (!g_cond_wait_until(&meeting->arrival, &meeting->lock, end_us)) break;
    bool has_met = meeting->n_arrived == 2;
    g_mutex_unlock(&meeting->lock);
    *out =
        (ToolOutcome){ .text = g_strdup_printf("%s %s", call->call_id, has_met ? "met" : "alone"),
                       .label = label_new(ORIGIN_TOOL, "add") };
    return true;
}

static bool always_parallel(const Part *call, void *user_data) {
    (void)call, (void)user_data;
    return true;
}

static void calls_that_only_read_run_at_once(void) {
    Table table;
    table_open(&table, "openai");
    Meeting meeting = { 0 };
    TurnTools together = { specs, G_N_ELEMENTS(specs), meet, &meeting,
                           .is_parallel = always_parallel };
    table.turn.tools = &together;
    fake_server_play(table.ground.server, dialects[0].script);
    g_autoptr(GError) error = NULL;
    g_assert_true(say(&table, "add them", &error));
    g_assert_cmpstr(table.events->str, ==,
                    "start;tool_start;tool_start;tool_end:c1 met;tool_end:c2 met;"
                    "text:5 and 42;done:5 and 42;");
    table_clear(&table);
}

#define CALL(arguments, name)                                                                      \
    "{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"tool_calls\\\":[{\\\"index\\\":0,"   \
    "\\\"id\\\":\\\"c1\\\",\\\"function\\\":{\\\"name\\\":\\\"" name                               \
    "\\\",\\\"arguments\\\":\\\"" arguments "\\\"}}]},\\\"finish_reason\\\":\\\"tool_calls\\\"}]}" \
    "\\n\\n\"]}"
#define WORDS(text)                                                                                \
    "{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"" text               \
    "\\\"},\\\"finish_reason\\\":\\\"stop\\\"}]}\\n\\n\"]}"

static void a_call_that_is_none_is_answered_with_what_is_wrong(void) {
    static const struct {
        const char *script;
        const char *events;
    } cases[] = {
        { "[" CALL("{\\\\\\\"a\\\\\\\":", "add") "," WORDS("ok") "]",
          "tool_end:the arguments are not a JSON object" },
        { "[" CALL("[1]", "add") "," WORDS("ok") "]",
          "tool_end:the arguments are not a JSON object" },
        { "[" CALL("{}", "sub") "," WORDS("ok") "]", "tool_end:there is no tool 'sub'" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Table table;
        table_open(&table, "openai");
        fake_server_play(table.ground.server, cases[i].script);
        g_autoptr(GError) error = NULL;
        g_assert_true(say(&table, "go", &error));
        g_assert_cmpint(table.n_runs, ==, 0);
        g_assert_nonnull(strstr(table.events->str, cases[i].events));
        g_assert_nonnull(strstr(table.events->str, "done:ok"));
        table_clear(&table);
    }
}

static void a_call_without_arguments_is_an_empty_object(void) {
    Table table;
    table_open(&table, "openai");
    fake_server_play(table.ground.server, "[" CALL("", "add") "," WORDS("zero") "]");
    g_autoptr(GError) error = NULL;
    g_assert_true(say(&table, "go", &error));
    g_assert_nonnull(strstr(table.events->str, "tool_end:0;"));
    table_clear(&table);
}

static void a_model_that_never_stops_calling_is_stopped(void) {
    Table table;
    table_open(&table, "openai");
    table.turn.max_rounds = 3;
    fake_server_play(table.ground.server, "[" CALL("{}", "add") "]");
    g_autoptr(GError) error = NULL;
    g_assert_false(say(&table, "go", &error));
    g_assert_true(error_is(error, ERR_LIMIT));
    g_assert_cmpint(table.n_runs, ==, 3);
    table_clear(&table);
}

static void a_stop_inside_a_tool_leaves_no_call_without_its_result(void) {
    Table table;
    table_open(&table, "openai");
    table.cancel_in_tool = table.ground.cancel;
    fake_server_play(table.ground.server, dialects[0].script);
    g_autoptr(GError) error = NULL;
    g_assert_false(say(&table, "go", &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_cmpint(table.n_runs, ==, 1);
    g_autoptr(Transcript) again = transcript_open(transcript_path(table.transcript), NULL);
    g_assert_cmpuint(transcript_messages(again)->len, ==, 4);
    g_assert_cmpuint(transcript_damage(again).n_mended_tool_results, ==, 0);
    const Message *last = g_ptr_array_index(transcript_messages(again), 3);
    g_assert_true(last->is_error);
    g_assert_cmpstr(last->tool_call_id, ==, "c2");
    table_clear(&table);
}

static void another_model_answers_when_one_fails_before_its_first_word(void) {
    Table table, other;
    table_open(&table, "openai");
    table_open(&other, "anthropic");
    table.substitute = other.ground.provider;
    tools.user_data = &table;
    fake_server_play(table.ground.server, "[{\"status\":401,\"type\":\"application/json\","
                                          "\"body\":[\"{\\\"error\\\":\\\"no\\\"}\"]}]");
    fake_server_play(other.ground.server,
                     "[{\"body\":[\"data: {\\\"type\\\":\\\"message\\\",\\\"content\\\":[{"
                     "\\\"type\\\":\\\"text\\\",\\\"text\\\":\\\"hello\\\"}],\\\"stop_reason\\\":"
                     "\\\"end_turn\\\"}\\n\\n\"]}]");
    g_autoptr(GError) error = NULL;
    bool is_ok = say(&table, "go", &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_nonnull(strstr(table.events->str, "notice:openai/m failed: "));
    g_assert_nonnull(strstr(table.events->str, "; asking anthropic/m;text:hello;done:hello;"));
    table_clear(&table);
    table_clear(&other);
}

static void nobody_takes_over_once_a_word_was_shown(void) {
    Table table, other;
    table_open(&table, "openai");
    table_open(&other, "anthropic");
    table.substitute = other.ground.provider;
    fake_server_play(table.ground.server,
                     "[{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":"
                     "\\\"Hel\\\"}}]}\\n\\n\",\"!cut\"]}]");
    g_autoptr(GError) error = NULL;
    g_assert_false(say(&table, "go", &error));
    g_assert_true(error_is(error, ERR_PROVIDER));
    g_assert_nonnull(strstr(error->message, "cut off by the server"));
    g_assert_cmpstr(table.events->str, ==, "start;text:Hel;");
    table_clear(&table);
    table_clear(&other);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    add_schema = json_loads("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},"
                            "\"b\":{\"type\":\"integer\"}}}",
                            0, NULL);
    specs[0].parameters = add_schema;
    g_test_add_func("/agent/turn_tools/calls_are_run_and_their_results_leave_with_the_next_request",
                    calls_are_run_and_their_results_leave_with_the_next_request);
    g_test_add_func("/agent/turn_tools/calls_that_only_read_run_at_once",
                    calls_that_only_read_run_at_once);
    g_test_add_func("/agent/turn_tools/a_call_that_is_none_is_answered_with_what_is_wrong",
                    a_call_that_is_none_is_answered_with_what_is_wrong);
    g_test_add_func("/agent/turn_tools/a_call_without_arguments_is_an_empty_object",
                    a_call_without_arguments_is_an_empty_object);
    g_test_add_func("/agent/turn_tools/a_model_that_never_stops_calling_is_stopped",
                    a_model_that_never_stops_calling_is_stopped);
    g_test_add_func("/agent/turn_tools/a_stop_inside_a_tool_leaves_no_call_without_its_result",
                    a_stop_inside_a_tool_leaves_no_call_without_its_result);
    g_test_add_func("/agent/turn_tools/another_model_answers_when_one_fails_before_its_first_word",
                    another_model_answers_when_one_fails_before_its_first_word);
    g_test_add_func("/agent/turn_tools/nobody_takes_over_once_a_word_was_shown",
                    nobody_takes_over_once_a_word_was_shown);
    int status = g_test_run();
    json_decref(add_schema);
    return status;
}

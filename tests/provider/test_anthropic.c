/* Tests of provider/anthropic.c against a scripted server. */
#include "provider_ground.h"

#include <string.h>

static void open_anthropic(Ground *ground) {
    static KeyProviderConfig config;
    ground_init(ground, "");
    config =
        (KeyProviderConfig){ .api_key = (char *)"sk-ant-secret", .base_url = ground->base_url };
    ground_open(ground, "anthropic", "claude-sonnet-4-5", &config);
    ground_say(ground, "hi");
}

#define START                                                                                      \
    "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-sonnet-4-5-20250929\",\"usage\":" \
    "{\"input_tokens\":10,\"cache_read_input_tokens\":1000,\"cache_creation_input_tokens\":200,"   \
    "\"output_tokens\":1}}}"
#define STOP(reason)                                                                               \
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" reason                             \
    "\"},\"usage\":{\"output_tokens\":25}}"
#define END "{\"type\":\"message_stop\"}"

static const char *const thinking_answer[] = {
    START,
    "{\"type\":\"ping\"}",
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\","
    "\"thinking\":\"\"}}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\","
    "\"thinking\":\"hm\"}}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
    "\"signature\":\"sig\"}}",
    "{\"type\":\"content_block_stop\",\"index\":0}",
    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"redacted_"
    "thinking\",\"data\":\"secret\"}}",
    "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"text\",\"text\":"
    "\"\"}}",
    "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":"
    "\"Gr\xC3\xBC\"}}",
    "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":"
    "\"\xC3\x9F"
    "e\"}}",
    "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":"
    "\"toolu:1\",\"name\":\"add\",\"input\":{}}}",
    "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\","
    "\"partial_json\":\"{\\\"a\\\"\"}}",
    "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\","
    "\"partial_json\":\":1}\"}}",
    STOP("tool_use"),
    END,
    NULL,
};

static void add_result(Ground *ground, const char *call_id, const char *text) {
    Message *result = message_new(ROLE_TOOL_RESULT);
    result->tool_call_id = g_strdup(call_id);
    result->tool_name = g_strdup("add");
    message_add_text(result, label_new(ORIGIN_TOOL, "add"), text, -1);
    g_ptr_array_add(ground->messages, result);
}

static void thinking_text_and_calls_come_back_as_they_came(void) {
    Ground ground;
    open_anthropic(&ground);
    ground_ask_events(&ground, thinking_answer);
    g_assert_cmpstr(ground.told->str, ==,
                    "thinking:hm;text:Gr\xC3\xBC;text:\xC3\x9F"
                    "e;");
    const Message *answer = ground.result.message;
    g_assert_cmpint(answer->stop_reason, ==, STOP_TOOL_USE);
    g_assert_cmpint(answer->usage.input_tokens, ==, 10);
    g_assert_cmpint(answer->usage.cache_read_tokens, ==, 1000);
    g_assert_cmpint(answer->usage.cache_write_tokens, ==, 200);
    g_assert_cmpint(answer->usage.output_tokens, ==, 25);
    g_assert_cmpuint(answer->parts->len, ==, 4);

    g_ptr_array_add(ground.messages, message_copy(answer));
    add_result(&ground, "toolu:1", "1");
    ground_say(&ground, "go on");
    ground_ask_events(&ground, thinking_answer);
    json_t *requests = fake_server_requests(ground.server, 1);
    g_autofree char *turn = json_dumps(ground_sent(requests, 0, "messages.1"), JSON_COMPACT);
    g_assert_cmpstr(
        turn, ==,
        "{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","
        "\"signature\":\"sig\"},{\"type\":\"redacted_thinking\",\"data\":\"secret\"},"
        "{\"type\":\"text\",\"text\":\"Gr\xC3\xBC\xC3\x9F"
        "e\"},{\"type\":\"tool_use\","
        "\"id\":\"toolu_1\",\"name\":\"add\",\"input\":{\"a\":1}}]}");
    g_autofree char *last = json_dumps(ground_sent(requests, 0, "messages.2"), JSON_COMPACT);
    g_assert_cmpstr(last, ==,
                    "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
                    "\"toolu_1\",\"content\":\"1\"},{\"type\":\"text\",\"text\":\"go on\","
                    "\"cache_control\":{\"type\":\"ephemeral\"}}]}");
    g_assert_null(ground_sent(requests, 0, "messages.3"));
    json_decref(requests);

    /* To another model the thinking is no proof, and stays here. */
    ground.request.model = "claude-opus-4-6";
    ground_ask_events(&ground, thinking_answer);
    requests = fake_server_requests(ground.server, 1);
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.1.content.0.type")), ==,
                    "text");
    json_decref(requests);
    ground_clear(&ground);
}

static void the_request_is_as_the_server_wants_it(void) {
    Ground ground;
    open_anthropic(&ground);
    json_t *schema = json_loads("{\"type\":\"object\"}", 0, NULL);
    ToolSpec tool = { "add", "Adds.", schema };
    ground.request.tools = &tool;
    ground.request.n_tools = 1;
    ground.request.max_output_tokens = 1000000;
    ground_ask_events(&ground, thinking_answer);
    json_t *requests = fake_server_requests(ground.server, 1);
    const json_t *request = json_array_get(requests, 0);
    const json_t *headers = json_object_get(request, "headers");
    g_assert_cmpstr(json_string_value(json_object_get(request, "path")), ==, "/v1/messages");
    g_assert_cmpstr(json_string_value(json_object_get(headers, "x-api-key")), ==, "sk-ant-secret");
    g_assert_cmpstr(json_string_value(json_object_get(headers, "anthropic-version")), ==,
                    "2023-06-01");
    g_autofree char *system = json_dumps(ground_sent(requests, 0, "system"), JSON_COMPACT);
    g_assert_cmpstr(system, ==,
                    "[{\"type\":\"text\",\"text\":\"Be brief.\",\"cache_control\":{\"type\":"
                    "\"ephemeral\"}}]");
    g_autofree char *tools = json_dumps(ground_sent(requests, 0, "tools"), JSON_COMPACT);
    g_assert_cmpstr(tools, ==,
                    "[{\"name\":\"add\",\"description\":\"Adds.\",\"input_schema\":{\"type\":"
                    "\"object\"}}]");
    g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "max_tokens")), ==, 64000);
    json_decref(requests);
    json_decref(schema);
    ground_clear(&ground);
}

static void results_of_parallel_calls_stand_in_one_message(void) {
    Ground ground;
    open_anthropic(&ground);
    Message *calls = message_new(ROLE_ASSISTANT);
    for (int i = 0; i < 2; i++) {
        Part *call = g_new0(Part, 1);
        call->kind = PART_TOOL_CALL;
        call->label = label_new(ORIGIN_AGENT, NULL);
        call->call_id = g_strdup_printf("c%d", i);
        call->call_name = g_strdup("add");
        call->arguments = json_object();
        g_ptr_array_add(calls->parts, call);
    }
    g_ptr_array_add(ground.messages, calls);
    add_result(&ground, "c0", "zero");
    add_result(&ground, "c1", "one");
    add_result(&ground, "c9", "nobody asked");
    ground_ask_events(&ground, thinking_answer);
    json_t *requests = fake_server_requests(ground.server, 1);
    g_assert_cmpuint(json_array_size(ground_sent(requests, 0, "messages")), ==, 3);
    g_assert_cmpuint(json_array_size(ground_sent(requests, 0, "messages.2.content")), ==, 2);
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.2.content.1.content")), ==,
                    "one");
    json_decref(requests);
    ground_clear(&ground);
}

static void every_stop_reason_is_understood(void) {
    static const struct {
        const char *stop;
        StopReason reason;
    } cases[] = {
        { STOP("end_turn"), STOP_END },
        { STOP("max_tokens"), STOP_LENGTH },
        { STOP("stop_sequence"), STOP_END },
        { STOP("something_new"), STOP_END },
    };
    Ground ground;
    open_anthropic(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ground_ask_events(
            &ground, (const char *const[]){ "{\"type\":\"content_block_delta\",\"index\":0,"
                                            "\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}",
                                            cases[i].stop, END, NULL });
        g_assert_cmpint(ground.result.message->stop_reason, ==, cases[i].reason);
    }
    fake_server_play(ground.server,
                     "[{\"body\":[\"data: {\\\"type\\\":\\\"message_delta\\\",\\\"delta\\\":"
                     "{\\\"stop_reason\\\":\\\"refusal\\\"}}\\n\\n\"]}]");
    g_assert_false(ground_ask(&ground));
    g_assert_true(error_is(ground.error, ERR_PROVIDER));
    g_assert_nonnull(strstr(ground.error->message, "the model refused"));
    ground_clear(&ground);
}

static void a_paused_answer_goes_on_where_it_stopped(void) {
    Ground ground;
    open_anthropic(&ground);
    g_autofree char *first =
        fake_events((const char *const[]){ START,
                                           "{\"type\":\"content_block_delta\",\"index\":0,"
                                           "\"delta\":{\"type\":\"text_delta\",\"text\":\"one \"}}",
                                           STOP("pause_turn"), END, NULL });
    g_autofree char *second =
        fake_events((const char *const[]){ START,
                                           "{\"type\":\"content_block_delta\",\"index\":0,"
                                           "\"delta\":{\"type\":\"text_delta\",\"text\":\"two\"}}",
                                           STOP("end_turn"), END, NULL });
    g_autofree char *script = g_strdup_printf("[%s,%s]", first, second);
    fake_server_play(ground.server, script);
    g_assert_true(ground_ask(&ground));
    g_assert_cmpstr(ground.told->str, ==, "text:one ;text:two;");
    g_assert_cmpint(ground.result.message->usage.output_tokens, ==, 50);
    json_t *requests = fake_server_requests(ground.server, 2);
    g_assert_cmpstr(json_string_value(ground_sent(requests, 1, "messages.1.role")), ==,
                    "assistant");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 1, "messages.1.content.0.text")), ==,
                    "one ");
    json_decref(requests);
    ground_clear(&ground);
}

static void an_error_in_the_stream_is_told_and_the_part_kept(void) {
    Ground ground;
    open_anthropic(&ground);
    g_autofree char *reply =
        fake_events((const char *const[]){ START,
                                           "{\"type\":\"content_block_delta\",\"index\":0,"
                                           "\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}",
                                           "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_"
                                           "error\",\"message\":\"Overloaded sk-ant-secret\"}}",
                                           NULL });
    g_autofree char *script = g_strdup_printf("[%s]", reply);
    secret_set_add(ground.secrets, "sk-ant-secret");
    fake_server_play(ground.server, script);
    g_assert_false(ground_ask(&ground));
    g_assert_true(error_is(ground.error, ERR_PROVIDER));
    g_assert_nonnull(strstr(ground.error->message, "Overloaded ***"));
    g_autofree char *text = ground_text(&ground);
    g_assert_cmpstr(text, ==, "Hel");
    g_assert_cmpint(ground.result.message->stop_reason, ==, STOP_ERROR);
    ground_clear(&ground);
}

static void short_names_are_known_and_new_ids_pass_through(void) {
    static const char *const cases[][2] = { { "opus", "claude-opus-4-6" },
                                            { "haiku-4.5", "claude-haiku-4-5-20251001" },
                                            { "claude-future-9", "claude-future-9" },
                                            { "", "claude-sonnet-4-6" } };
    Ground ground;
    open_anthropic(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ground_open(&ground, "anthropic", cases[i][0], ground.provider->settings.config);
        ground_ask_events(&ground, thinking_answer);
        json_t *requests = fake_server_requests(ground.server, 1);
        g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "model")), ==, cases[i][1]);
        json_decref(requests);
    }
    ground_clear(&ground);
}

/* What leaves for each level, for a model of each way; one that no row knows is not told. */
static void a_model_thinks_as_hard_as_it_is_told(void) {
    static const struct {
        const char *model;
        ThinkingLevel level;
        const char *type;
        int64_t budget;
        const char *effort;
        int64_t max_tokens;
    } cases[] = {
        { "claude-sonnet-4-5", THINKING_DEFAULT, NULL, 0, NULL, 1000 },
        { "claude-sonnet-4-5", THINKING_LOW, "enabled", 1024, NULL, 2024 },
        { "claude-opus-4-1", THINKING_HIGH, "enabled", 16384, NULL, 17384 },
        { "claude-sonnet-4-6", THINKING_MEDIUM, "adaptive", 0, "medium", 1000 },
        { "claude-opus-4-8", THINKING_HIGH, "adaptive", 0, "high", 1000 },
        { "claude-3-haiku", THINKING_HIGH, NULL, 0, NULL, 1000 },
        { "somebody-elses", THINKING_HIGH, NULL, 0, NULL, 1000 },
    };
    Ground ground;
    open_anthropic(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ground_open(&ground, "anthropic", cases[i].model, ground.provider->settings.config);
        ground.request.thinking = cases[i].level;
        ground.request.max_output_tokens = 1000;
        ground.request.temperature = 0;
        ground_ask_events(&ground, thinking_answer);
        json_t *requests = fake_server_requests(ground.server, 1);
        g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "thinking.type")), ==,
                        cases[i].type);
        g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "thinking.budget_tokens")), ==,
                        cases[i].budget);
        g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "output_config.effort")), ==,
                        cases[i].effort);
        g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "max_tokens")), ==,
                        cases[i].max_tokens);
        bool has_temperature = ground_sent(requests, 0, "temperature") != NULL;
        g_assert_true(has_temperature == (cases[i].type == NULL));
        json_decref(requests);
    }
    ground_clear(&ground);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/anthropic/thinking_text_and_calls_come_back_as_they_came",
                    thinking_text_and_calls_come_back_as_they_came);
    g_test_add_func("/provider/anthropic/the_request_is_as_the_server_wants_it",
                    the_request_is_as_the_server_wants_it);
    g_test_add_func("/provider/anthropic/results_of_parallel_calls_stand_in_one_message",
                    results_of_parallel_calls_stand_in_one_message);
    g_test_add_func("/provider/anthropic/every_stop_reason_is_understood",
                    every_stop_reason_is_understood);
    g_test_add_func("/provider/anthropic/a_paused_answer_goes_on_where_it_stopped",
                    a_paused_answer_goes_on_where_it_stopped);
    g_test_add_func("/provider/anthropic/an_error_in_the_stream_is_told_and_the_part_kept",
                    an_error_in_the_stream_is_told_and_the_part_kept);
    g_test_add_func("/provider/anthropic/short_names_are_known_and_new_ids_pass_through",
                    short_names_are_known_and_new_ids_pass_through);
    g_test_add_func("/provider/anthropic/a_model_thinks_as_hard_as_it_is_told",
                    a_model_thinks_as_hard_as_it_is_told);
    return g_test_run();
}

/* Tests of provider/openai.c against a scripted server: what really leaves, and what is made of
 * what comes back. */
#include "provider_ground.h"

#include <string.h>

static void open_openai(Ground *ground) {
    static KeyProviderConfig config;
    ground_init(ground, "/v1/");
    config =
        (KeyProviderConfig){ .api_key = (char *)"sk-secret-key", .base_url = ground->base_url };
    ground_open(ground, "openai", "gpt-4o", &config);
    ground_say(ground, "hi");
}

static void a_streamed_answer_arrives_piece_by_piece(void) {
    Ground ground;
    open_openai(&ground);
    ground_ask_events(
        &ground, (const char *const[]){
                     "{\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"delta\":{\"role\":"
                     "\"assistant\",\"content\":\"\"}}]}",
                     "{\"choices\":[{\"delta\":{\"content\":\"Gr\xC3\xBC\"}}]}",
                     "{\"choices\":[{\"delta\":{\"content\":\"\xC3\x9F"
                     "e\"},\"finish_reason\":null}]}",
                     "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}",
                     "{\"choices\":[],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":20,"
                     "\"prompt_tokens_details\":{\"cached_tokens\":600}}}",
                     "[DONE]", NULL });
    g_assert_cmpstr(ground.told->str, ==,
                    "text:Gr\xC3\xBC;text:\xC3\x9F"
                    "e;");
    const Message *message = ground.result.message;
    g_autofree char *text = ground_text(&ground);
    g_assert_cmpstr(text, ==,
                    "Gr\xC3\xBC\xC3\x9F"
                    "e");
    g_assert_cmpstr(message->provider, ==, "openai");
    g_assert_cmpstr(message->model, ==, "gpt-4o-2024-08-06");
    g_assert_cmpint(message->stop_reason, ==, STOP_END);
    g_assert_cmpint(message->usage.input_tokens, ==, 400);
    g_assert_cmpint(message->usage.cache_read_tokens, ==, 600);
    g_assert_cmpint(message->usage.output_tokens, ==, 20);
    g_assert_cmpfloat_with_epsilon(message->usage.cost_usd, 0.00195, 1e-9);
    g_assert_cmpint(ground.result.first_token_ms, >=, 0);

    json_t *requests = fake_server_requests(ground.server, 1);
    const json_t *request = json_array_get(requests, 0);
    const json_t *headers = json_object_get(request, "headers");
    g_assert_cmpstr(json_string_value(json_object_get(request, "path")), ==,
                    "/v1/chat/completions");
    g_assert_cmpstr(json_string_value(json_object_get(headers, "authorization")), ==,
                    "Bearer sk-secret-key");
    g_assert_true(json_is_true(ground_sent(requests, 0, "stream")));
    g_assert_true(json_is_true(ground_sent(requests, 0, "stream_options.include_usage")));
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "model")), ==, "gpt-4o");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.0.role")), ==, "system");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.0.content")), ==,
                    "Be brief.");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.1.content")), ==, "hi");
    g_assert_null(ground_sent(requests, 0, "tools"));
    g_assert_null(ground_sent(requests, 0, "max_tokens"));
    g_assert_null(ground_sent(requests, 0, "temperature"));
    json_decref(requests);
    ground_clear(&ground);
}

static json_t *ask_and_get(Ground *ground, const char *script, int n_requests) {
    fake_server_play(ground->server, script);
    ground_ask(ground);
    return fake_server_requests(ground->server, n_requests);
}

#define DONE                                                                                       \
    "{\"body\":[\"data: "                                                                          \
    "{\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"ok\\\"},\\\"finish_reason\\\":"         \
    "\\\"stop\\\"}]}\\n\\n\"]}"

static void servers_have_their_own_ways(void) {
    static const struct {
        const char *body; /* of the reply, with its type */
        const char *told;
        StopReason reason;
    } cases[] = {
        /* a server that ignores "stream" */
        { "{\"type\":\"application/json\",\"body\":[\"{\\\"choices\\\":[{\\\"message\\\":{"
          "\\\"content\\\":\\\"whole\\\"},\\\"finish_reason\\\":\\\"stop\\\"}]}\"]}",
          "text:whole;", STOP_END },
        /* thinking under its two names */
        { "{\"body\":[\"data: "
          "{\\\"choices\\\":[{\\\"delta\\\":{\\\"reasoning_content\\\":\\\"hm\\\"}}]}"
          "\\n\\ndata: "
          "{\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"a\\\"},\\\"finish_reason\\\":"
          "\\\"stop\\\"}]}\\n\\n\"]}",
          "thinking:hm;text:a;", STOP_END },
        { "{\"body\":[\"data: "
          "{\\\"choices\\\":[{\\\"delta\\\":{\\\"reasoning\\\":\\\"hm\\\",\\\"content\\\":"
          "\\\"a\\\"},\\\"finish_reason\\\":\\\"length\\\"}]}\\n\\n\"]}",
          "thinking:hm;text:a;", STOP_LENGTH },
        /* only [DONE] tells the end; CRLF; no blank line behind it */
        { "{\"body\":[\"data: "
          "{\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"a\\\"}}]}\\r\\n\\r\\n"
          "data: [DONE]\"]}",
          "text:a;", STOP_END },
        /* no event-stream type, usage null, words as a list */
        { "{\"type\":\"text/plain\",\"body\":[\"data: "
          "{\\\"usage\\\":null,\\\"choices\\\":[{\\\"delta\\\":{"
          "\\\"content\\\":[{\\\"type\\\":\\\"text\\\",\\\"text\\\":\\\"a\\\"}]},\\\"finish_"
          "reason\\\":"
          "\\\"stop\\\"}]}\\n\\n\"]}",
          "text:a;", STOP_END },
        /* one byte at a time, cut inside characters */
        { "{\"split\":1,\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":"
          "\\\"Gr\xC3\xBC\xC3\x9F"
          "e \xF0\x9F\x98\x80\\\"},\\\"finish_reason\\\":\\\"stop\\\"}]}\\n\\n\"]}",
          "text:Gr\xC3\xBC\xC3\x9F"
          "e \xF0\x9F\x98\x80;",
          STOP_END },
    };
    Ground ground;
    open_openai(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *script = g_strdup_printf("[%s]", cases[i].body);
        json_decref(ask_and_get(&ground, script, 1));
        g_assert_no_error(ground.error);
        g_assert_cmpstr(ground.told->str, ==, cases[i].told);
        g_assert_cmpint(ground.result.message->stop_reason, ==, cases[i].reason);
    }
    ground_clear(&ground);
}

/* Index missing, index always 0, name and id repeated, arguments as an object: all seen. */
static void calls_are_put_together_however_they_are_told(void) {
    static const char *const streams[][4] = {
        { "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{"
          "\"name\":\"add\",\"arguments\":\"\"}}]}}]}",
          "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{"
          "\\\"a\\\":1}\"}},{\"index\":1,\"id\":\"y\",\"function\":{\"name\":\"sub\",\"arguments\":"
          "\"{\\\"b\\\":2}\"}}]}}]}",
          "{\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}", NULL },
        { "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{"
          "\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}",
          "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"y\",\"function\":{"
          "\"name\":\"sub\",\"arguments\":\"{\\\"b\\\":2}\"}}]}}]}",
          "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", NULL },
        { "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"x\",\"function\":{\"name\":\"ad\"}},"
          "{\"id\":\"y\",\"function\":{\"name\":\"sub\",\"arguments\":{\"b\":2}}}]}}]}",
          "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{"
          "\"name\":\"d\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}",
          "{\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}", NULL },
    };
    Ground ground;
    open_openai(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
        ground_ask_events(&ground, streams[i]);
        const Message *message = ground.result.message;
        g_assert_cmpint(message->stop_reason, ==, STOP_TOOL_USE);
        g_assert_cmpuint(message->parts->len, ==, 2);
        const Part *add = g_ptr_array_index(message->parts, 0);
        const Part *sub = g_ptr_array_index(message->parts, 1);
        g_assert_cmpstr(add->call_name, ==, "add");
        g_assert_cmpstr(add->call_id, ==, "x");
        g_assert_cmpint(json_integer_value(json_object_get(add->arguments, "a")), ==, 1);
        g_assert_cmpstr(sub->call_name, ==, "sub");
        g_assert_cmpint(json_integer_value(json_object_get(sub->arguments, "b")), ==, 2);
    }
    ground_clear(&ground);
}

static void pictures_leave_as_data_urls(void) {
    Ground ground;
    open_openai(&ground);
    Message *message = g_ptr_array_index(ground.messages, 0);
    Part *picture = g_new0(Part, 1);
    picture->kind = PART_IMAGE;
    picture->label = label_new(ORIGIN_FILE, "x.png");
    picture->image_base64 = g_strdup("AAAA");
    picture->mime_type = g_strdup("image/png");
    g_ptr_array_add(message->parts, picture);
    json_t *requests = ask_and_get(&ground, "[" DONE "]", 1);
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.1.content.0.text")), ==,
                    "hi");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.1.content.1.type")), ==,
                    "image_url");
    g_assert_cmpstr(
        json_string_value(ground_sent(requests, 0, "messages.1.content.1.image_url.url")), ==,
        "data:image/png;base64,AAAA");
    json_decref(requests);
    ground_clear(&ground);
}

/* A member that a server refuses is left out from then on. */
static void what_a_server_refuses_is_left_out(void) {
    Ground ground;
    open_openai(&ground);
    json_t *requests =
        ask_and_get(&ground,
                    "[{\"status\":400,\"type\":\"application/"
                    "json\",\"body\":[\"{\\\"error\\\":{\\\"message\\\":"
                    "\\\"Unrecognized request argument: stream_options\\\"}}\"]}," DONE "]",
                    2);
    g_assert_no_error(ground.error);
    g_assert_nonnull(ground_sent(requests, 0, "stream_options"));
    g_assert_null(ground_sent(requests, 1, "stream_options"));
    g_assert_cmpstr(ground.told->str, ==, "text:ok;");
    json_decref(requests);
    requests = ask_and_get(&ground, "[" DONE "]", 1);
    g_assert_null(ground_sent(requests, 0, "stream_options"));
    json_decref(requests);
    ground_clear(&ground);
}

static void a_model_thinks_as_hard_as_it_is_told(void) {
    static const struct {
        const char *model;
        ThinkingLevel level;
        const char *effort;
    } cases[] = { { "gpt-5-mini", THINKING_HIGH, "high" },
                  { "gpt-5", THINKING_DEFAULT, NULL },
                  { "gpt-4o", THINKING_HIGH, NULL },
                  { "some-model", THINKING_HIGH, NULL } };
    Ground ground;
    open_openai(&ground);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        ground.request.model = cases[i].model;
        ground.request.thinking = cases[i].level;
        json_t *requests = ask_and_get(&ground, "[" DONE "]", 1);
        g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "reasoning_effort")), ==,
                        cases[i].effort);
        json_decref(requests);
    }
    ground_clear(&ground);
}

/* The turn shortens the conversation on ERR_LIMIT, so that is what every spelling of it must be. */
static void a_request_longer_than_the_window_is_a_limit(void) {
    static const char *const messages[] = {
        "This model's maximum context length is 128000 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "the request exceeds the available context size (4096 tokens)",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        Ground ground;
        open_openai(&ground);
        g_autofree char *script = g_strdup_printf(
            "[{\"status\":400,\"type\":\"application/json\",\"body\":[\"{\\\"error\\\":"
            "{\\\"message\\\":\\\"%s\\\"}}\"]}]",
            messages[i]);
        json_t *requests = ask_and_get(&ground, script, 1);
        g_assert_true(error_is(ground.error, ERR_LIMIT));
        g_assert_nonnull(strstr(ground.error->message, messages[i]));
        json_decref(requests);
        ground_clear(&ground);
    }
}

static void a_missing_key_names_what_to_set(void) {
    g_unsetenv("OPENAI_API_KEY");
    g_autoptr(SecretSet) secrets = secret_set_new();
    ProviderSettings settings = { .provider = "openai", .model = "gpt-4o", .secrets = secrets };
    g_autoptr(GError) error = NULL;
    g_assert_null(provider_open(&settings, &error));
    g_assert_true(error_is(error, ERR_AUTH));
    g_assert_nonnull(strstr(error->message, "OPENAI_API_KEY"));
    g_assert_nonnull(strstr(error->message, "providers.openai.api_key"));
    g_setenv("OPENAI_API_KEY", "sk-of-the-environment", TRUE);
    g_clear_error(&error);
    g_autoptr(Provider) provider = provider_open(&settings, &error);
    g_assert_no_error(error);
    g_autofree char *redacted = secret_redact(secrets, "key sk-of-the-environment");
    g_assert_cmpstr(redacted, ==, "key ***");
    g_unsetenv("OPENAI_API_KEY");
}

/* The variable holds OpenAI's key: it must not reach another server. */
static void the_key_of_the_environment_goes_to_its_own_server_only(void) {
    Ground ground;
    g_setenv("OPENAI_API_KEY", "sk-of-the-environment", TRUE);
    open_openai(&ground);
    static KeyProviderConfig config;
    config = (KeyProviderConfig){ .api_key = (char *)"", .base_url = ground.base_url };
    ground_open(&ground, "openai", "gpt-4o", &config);
    json_t *requests = ask_and_get(&ground, "[" DONE "]", 1);
    g_assert_no_error(ground.error);
    const json_t *headers = json_object_get(json_array_get(requests, 0), "headers");
    g_assert_null(json_object_get(headers, "authorization"));
    json_decref(requests);
    g_unsetenv("OPENAI_API_KEY");
    ground_clear(&ground);
}

static void a_custom_server_gets_its_headers(void) {
    Ground ground;
    ground_init(&ground, "/v1");
    ground_say(&ground, "hi");
    g_autoptr(GHashTable) headers = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(headers, (char *)"X-Team", (char *)"blue");
    CompatibleProviderConfig config = { .base_url = ground.base_url,
                                        .api_key = (char *)"",
                                        .model = (char *)"qwen",
                                        .extra_headers = headers };
    ground_open(&ground, "custom.lab", "", &config);
    ground.request.max_output_tokens = 77;
    json_t *requests = ask_and_get(&ground, "[" DONE "]", 1);
    g_assert_no_error(ground.error);
    const json_t *sent = json_object_get(json_array_get(requests, 0), "headers");
    g_assert_cmpstr(json_string_value(json_object_get(sent, "x-team")), ==, "blue");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "model")), ==, "qwen");
    g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "max_tokens")), ==, 77);
    g_assert_cmpstr(ground.result.message->provider, ==, "custom.lab");
    json_decref(requests);
    ground_clear(&ground);
}

#define CUSTOM_CALL                                                                                \
    "[{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"tool_calls\\\":[{\\\"index\\\":0,"  \
    "\\\"id\\\":\\\"c1\\\",\\\"function\\\":{\\\"name\\\":\\\"add\\\",\\\"arguments\\\":\\\"{}"    \
    "\\\"}}]},"                                                                                    \
    "\\\"finish_reason\\\":\\\"tool_calls\\\"}]}\\n\\ndata: [DONE]\\n\\n\"]}]"

/* A server of the user's own is a whole one: key, trailing slash, tools, calls, usage 0. */
static void a_custom_server_calls_tools(void) {
    Ground ground;
    ground_init(&ground, "/v1/");
    ground_say(&ground, "hi");
    CompatibleProviderConfig config = { .base_url = ground.base_url,
                                        .api_key = (char *)"sk-of-the-lab",
                                        .model = (char *)"qwen" };
    ground_open(&ground, "custom.lab", "other", &config);
    json_t *schema = json_loads("{\"type\":\"object\"}", 0, NULL);
    ToolSpec tool = { "add", "Adds.", schema };
    ground.request.tools = &tool;
    ground.request.n_tools = 1;
    json_t *requests = ask_and_get(&ground, CUSTOM_CALL, 1);
    g_assert_no_error(ground.error);
    const json_t *first = json_array_get(requests, 0);
    g_assert_cmpstr(json_string_value(json_object_get(first, "path")), ==, "/v1/chat/completions");
    const json_t *headers = json_object_get(first, "headers");
    g_assert_cmpstr(json_string_value(json_object_get(headers, "authorization")), ==,
                    "Bearer sk-of-the-lab");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "model")), ==, "other");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "tools.0.function.name")), ==,
                    "add");
    g_assert_cmpint(ground.result.message->stop_reason, ==, STOP_TOOL_USE);
    const Part *call = g_ptr_array_index(ground.result.message->parts, 0);
    g_assert_cmpstr(call->call_name, ==, "add");
    json_decref(requests);
    json_decref(schema);
    ground_clear(&ground);
}

static void a_withheld_answer_is_an_error(void) {
    Ground ground;
    open_openai(&ground);
    json_decref(
        ask_and_get(&ground,
                    "[{\"body\":[\"data: {\\\"choices\\\":[{\\\"delta\\\":{},\\\"finish_reason\\\":"
                    "\\\"content_filter\\\"}]}\\n\\n\"]}]",
                    1));
    g_assert_true(error_is(ground.error, ERR_PROVIDER));
    g_assert_nonnull(strstr(ground.error->message, "content filter"));
    g_assert_null(ground.result.message);
    ground_clear(&ground);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/openai/a_streamed_answer_arrives_piece_by_piece",
                    a_streamed_answer_arrives_piece_by_piece);
    g_test_add_func("/provider/openai/servers_have_their_own_ways", servers_have_their_own_ways);
    g_test_add_func("/provider/openai/calls_are_put_together_however_they_are_told",
                    calls_are_put_together_however_they_are_told);
    g_test_add_func("/provider/openai/pictures_leave_as_data_urls", pictures_leave_as_data_urls);
    g_test_add_func("/provider/openai/what_a_server_refuses_is_left_out",
                    what_a_server_refuses_is_left_out);
    g_test_add_func("/provider/openai/a_request_longer_than_the_window_is_a_limit",
                    a_request_longer_than_the_window_is_a_limit);
    g_test_add_func("/provider/openai/a_missing_key_names_what_to_set",
                    a_missing_key_names_what_to_set);
    g_test_add_func("/provider/openai/the_key_of_the_environment_goes_to_its_own_server_only",
                    the_key_of_the_environment_goes_to_its_own_server_only);
    g_test_add_func("/provider/openai/a_custom_server_gets_its_headers",
                    a_custom_server_gets_its_headers);
    g_test_add_func("/provider/openai/a_withheld_answer_is_an_error",
                    a_withheld_answer_is_an_error);
    g_test_add_func("/provider/openai/a_model_thinks_as_hard_as_it_is_told",
                    a_model_thinks_as_hard_as_it_is_told);
    g_test_add_func("/provider/openai/a_custom_server_calls_tools", a_custom_server_calls_tools);
    return g_test_run();
}

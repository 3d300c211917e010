/* Tests of provider/ollama.c against a scripted server. */
#include "provider_ground.h"

#include <string.h>

static void open_ollama(Ground *ground) {
    static OllamaConfig config;
    ground_init(ground, "");
    config = (OllamaConfig){ .endpoint = ground->base_url, .model = (char *)"llama3" };
    ground_open(ground, "ollama", "", &config);
    ground_say(ground, "hi");
}

#define LINE(text) "{\\\"message\\\":{\\\"content\\\":\\\"" text "\\\"},\\\"done\\\":false}\\n"
#define END                                                                                        \
    "{\\\"message\\\":{\\\"content\\\":\\\"\\\"},\\\"done\\\":true,\\\"done_reason\\\":"           \
    "\\\"stop\\\",\\\"prompt_eval_count\\\":5,\\\"eval_count\\\":6}\\n"

static void lines_arrive_piece_by_piece(void) {
    Ground ground;
    open_ollama(&ground);
    Message *message = g_ptr_array_index(ground.messages, 0);
    Part *picture = g_new0(Part, 1);
    picture->kind = PART_IMAGE;
    picture->label = label_new(ORIGIN_FILE, "x.png");
    picture->image_base64 = g_strdup("AAAA");
    picture->mime_type = g_strdup("image/png");
    g_ptr_array_add(message->parts, picture);
    ground.request.context_tokens = 32768;
    ground.request.max_output_tokens = 99;
    fake_server_play(ground.server,
                     "[{\"type\":\"application/x-ndjson\",\"split\":3,\"body\":[\"" LINE(
                         "Gr\xC3\xBC") LINE("\xC3\x9F"
                                            "e") END "\"]}]");
    bool is_ok = ground_ask(&ground);
    g_assert_no_error(ground.error);
    g_assert_true(is_ok);
    g_assert_cmpstr(ground.told->str, ==,
                    "text:Gr\xC3\xBC;text:\xC3\x9F"
                    "e;");
    g_assert_cmpint(ground.result.message->usage.input_tokens, ==, 5);
    g_assert_cmpint(ground.result.message->usage.output_tokens, ==, 6);
    json_t *requests = fake_server_requests(ground.server, 1);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(requests, 0), "path")), ==,
                    "/api/chat");
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "model")), ==, "llama3");
    g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "options.num_ctx")), ==, 32768);
    g_assert_cmpint(json_integer_value(ground_sent(requests, 0, "options.num_predict")), ==, 99);
    g_assert_cmpstr(json_string_value(ground_sent(requests, 0, "messages.1.images.0")), ==, "AAAA");
    json_decref(requests);
    ground_clear(&ground);
}

static void a_model_without_tools_is_asked_without_them(void) {
    Ground ground;
    open_ollama(&ground);
    json_t *schema = json_loads("{\"type\":\"object\"}", 0, NULL);
    ToolSpec tool = { "add", "Adds.", schema };
    ground.request.tools = &tool;
    ground.request.n_tools = 1;
    fake_server_play(ground.server,
                     "[{\"status\":400,\"type\":\"application/json\",\"body\":[\"{\\\"error\\\":"
                     "\\\"registry.ollama.ai/library/llama3 does not support tools\\\"}\"]},"
                     "{\"body\":[\"" LINE("ok") END "\"]}]");
    g_assert_true(ground_ask(&ground));
    g_assert_cmpstr(ground.told->str, ==,
                    "retry:the model llama3 does not support tools; asked again without them;"
                    "text:ok;");
    json_t *requests = fake_server_requests(ground.server, 2);
    g_assert_nonnull(ground_sent(requests, 0, "tools.0"));
    g_assert_null(ground_sent(requests, 1, "tools"));
    json_decref(requests);
    json_decref(schema);
    ground_clear(&ground);
}

static void a_model_that_cannot_think_is_asked_without_that(void) {
    Ground ground;
    open_ollama(&ground);
    ground.request.thinking = THINKING_HIGH;
    fake_server_play(ground.server,
                     "[{\"status\":400,\"type\":\"application/json\",\"body\":[\"{\\\"error\\\":"
                     "\\\"\\\\\\\"llama3\\\\\\\" does not support thinking\\\"}\"]},"
                     "{\"body\":[\"" LINE("ok") END "\"]}]");
    g_assert_true(ground_ask(&ground));
    json_t *requests = fake_server_requests(ground.server, 2);
    g_assert_true(json_is_true(ground_sent(requests, 0, "think")));
    g_assert_null(ground_sent(requests, 1, "think"));
    json_decref(requests);
    ground_clear(&ground);
}

/* Ids are invented here, and must not repeat in a session. */
static void calls_get_ids_of_their_own(void) {
    Ground ground;
    open_ollama(&ground);
    g_autofree char *first = NULL;
    for (int i = 0; i < 2; i++) {
        fake_server_play(
            ground.server,
            "[{\"body\":[\"{\\\"message\\\":{\\\"content\\\":\\\"\\\",\\\"tool_calls\\\":["
            "{\\\"function\\\":{\\\"name\\\":\\\"add\\\",\\\"arguments\\\":{\\\"a\\\":1}}},"
            "{\\\"function\\\":{\\\"name\\\":\\\"add\\\",\\\"arguments\\\":{\\\"a\\\":2}}}"
            "]},\\\"done\\\":false}\\n" END "\"]}]");
        g_assert_true(ground_ask(&ground));
        const Message *answer = ground.result.message;
        g_assert_cmpint(answer->stop_reason, ==, STOP_TOOL_USE);
        g_assert_cmpuint(answer->parts->len, ==, 2);
        const Part *one = g_ptr_array_index(answer->parts, 0);
        const Part *two = g_ptr_array_index(answer->parts, 1);
        g_assert_cmpint(json_integer_value(json_object_get(two->arguments, "a")), ==, 2);
        g_assert_cmpstr(one->call_id, !=, two->call_id);
        g_assert_cmpstr(one->call_id, !=, first);
        g_free(first);
        first = g_strdup(one->call_id);
    }
    ground_clear(&ground);
}

static void an_error_line_is_told(void) {
    Ground ground;
    open_ollama(&ground);
    fake_server_play(ground.server,
                     "[{\"body\":[\"" LINE("a") "{\\\"error\\\":\\\"out of memory\\\"}\\n\"]}]");
    g_assert_false(ground_ask(&ground));
    g_assert_true(error_is(ground.error, ERR_PROVIDER));
    g_assert_nonnull(strstr(ground.error->message, "out of memory"));
    g_assert_cmpint(ground.result.message->stop_reason, ==, STOP_ERROR);
    ground_clear(&ground);
}

static void the_environment_names_the_server(void) {
    Ground ground;
    open_ollama(&ground);
    const char *forms[] = { "127.0.0.1:%d", "http://127.0.0.1:%d", "0.0.0.0:%d", ":%d" };
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_auto(GStrv) around = g_strsplit(forms[i], "%d", 2);
        g_autofree char *host = g_strdup_printf("%s%d", around[0], ground.server->port);
        g_setenv("OLLAMA_HOST", host, TRUE);
        ground_open(&ground, "ollama", "qwen", NULL);
        fake_server_play(ground.server, "[{\"body\":[\"" LINE("ok") END "\"]}]");
        ground_ask(&ground);
        g_assert_no_error(ground.error);
    }
    g_unsetenv("OLLAMA_HOST");
    ground_clear(&ground);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/ollama/lines_arrive_piece_by_piece", lines_arrive_piece_by_piece);
    g_test_add_func("/provider/ollama/a_model_without_tools_is_asked_without_them",
                    a_model_without_tools_is_asked_without_them);
    g_test_add_func("/provider/ollama/a_model_that_cannot_think_is_asked_without_that",
                    a_model_that_cannot_think_is_asked_without_that);
    g_test_add_func("/provider/ollama/calls_get_ids_of_their_own", calls_get_ids_of_their_own);
    g_test_add_func("/provider/ollama/an_error_line_is_told", an_error_line_is_told);
    g_test_add_func("/provider/ollama/the_environment_names_the_server",
                    the_environment_names_the_server);
    return g_test_run();
}

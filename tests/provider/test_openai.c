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

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/openai/a_streamed_answer_arrives_piece_by_piece",
                    a_streamed_answer_arrives_piece_by_piece);
    return g_test_run();
}

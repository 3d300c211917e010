/* Tests of provider/local_tools.c: what the model reads of tools, and what becomes of its answers.
 */
#include "provider/local_tools.h"

#include <string.h>

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}";

typedef struct {
    ToolSpec tool;
    ChatRequest request;
    const ToolFormat *format;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data) {
    (void)data;
    fixture->tool = (ToolSpec){ "get_weather", "Tells the weather.",
                                field_json_parse(schema_text, strlen(schema_text), NULL) };
    fixture->request =
        (ChatRequest){ .system = "Be brief.", .tools = &fixture->tool, .n_tools = 1 };
    fixture->format = tool_format_find("hermes");
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    (void)data;
    json_decref(fixture->tool.parameters);
}

static void prompt_tells_of_tools_and_results(Fixture *fixture, gconstpointer data) {
    (void)data;
    g_autofree char *system = local_tools_system(fixture->format, &fixture->request);
    g_assert_true(g_str_has_prefix(system, "Be brief.\n\n# Tools"));
    g_assert_nonnull(strstr(system, "\"name\":\"get_weather\""));
    ChatRequest without = { .system = "Be brief." };
    g_autofree char *plain = local_tools_system(fixture->format, &without);
    g_assert_cmpstr(plain, ==, "Be brief.");

    g_autoptr(Message) result = message_new(ROLE_TOOL_RESULT);
    result->tool_name = g_strdup("get_weather");
    message_add_text(result, label_new(ORIGIN_TOOL, NULL), "20 degrees", -1);
    g_autofree char *text = local_tools_message_text(fixture->format, result);
    g_assert_cmpstr(text, ==, "<tool_response>\n20 degrees\n</tool_response>");

    g_autoptr(Message) answer = message_new(ROLE_ASSISTANT);
    bool has_calls = local_tools_take(
        fixture->format, &fixture->request,
        "I look.\n<tool_call>\n{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Rome\"}}\n"
        "</tool_call>",
        /* is_cut= */ false, answer);
    g_assert_true(has_calls);
    g_autofree char *again = local_tools_message_text(fixture->format, answer);
    g_assert_cmpstr(again, ==,
                    "I look.\n<tool_call>\n{\"name\":\"get_weather\",\"arguments\":{\"city\":"
                    "\"Rome\"}}\n</tool_call>");
}

typedef struct {
    const char *answer;
    bool is_cut, has_calls;
    const char *text;    /* of the first part; NULL = the first part is a call */
    const char *problem; /* of the last part; NULL = none */
} Case;

static const Case cases[] = {
    { "Hello.", false, false, "Hello.", NULL },
    { "Hello <tool", false, false, "Hello <tool", NULL },
    { "", false, false, "", NULL },
    { "<tool_call>{\"name\":\"get_weather\"}</tool_call>", false, true, NULL, NULL },
    { "Hm. <tool_call>{\"name\":\"get_weather\"}", true, false, "Hm. ", NULL },
    { "Hm. <tool_call>{\"name\":\"get_w", true, false, "Hm. ", NULL },
    { "Hm. <tool_call>{\"name\":\"get_w", false, true, "Hm. ", "not valid JSON" },
    { "<tool_call>{\"name\":\"get_wether\"}</tool_call>", false, true, "",
      "did you mean 'get_weather'?" },
};

static void answers_become_parts(Fixture *fixture, gconstpointer data) {
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *one = &cases[i];
        g_autoptr(Message) message = message_new(ROLE_ASSISTANT);
        g_assert_true(local_tools_take(fixture->format, &fixture->request, one->answer, one->is_cut,
                                       message) == one->has_calls);
        const Part *first = g_ptr_array_index(message->parts, 0);
        const Part *last = g_ptr_array_index(message->parts, message->parts->len - 1);
        g_assert_cmpstr(first->text, ==, one->text);
        g_assert_true((last->kind == PART_TOOL_CALL) == one->has_calls);
        if (one->has_calls) {
            g_assert_true(g_str_has_prefix(last->call_id, "call_"));
            g_assert_true(json_is_object(last->arguments));
        }
        g_assert_true((last->call_problem != NULL) == (one->problem != NULL));
        if (one->problem != NULL) g_assert_nonnull(strstr(last->call_problem, one->problem));
    }
}

static void constraint_is_optional(Fixture *fixture, gconstpointer data) {
    (void)data;
    EngineGenerate generate = { 0 };
    local_tools_constrain(fixture->format, &fixture->request, &generate);
    g_assert_nonnull(strstr(generate.grammar, "get_weather"));
    g_assert_cmpstr(generate.trigger_patterns[0], ==, fixture->format->trigger);
    field_clear(engine_generate_fields, &generate);

    /* A schema that makes no grammar is no reason to fail. */
    json_t *odd = field_json_parse("{\"type\":\"odd\"}", 14, NULL);
    ToolSpec tool = { "odd", "", odd };
    ChatRequest request = { .tools = &tool, .n_tools = 1 };
    local_tools_constrain(fixture->format, &request, &generate);
    g_assert_null(generate.grammar);
    field_clear(engine_generate_fields, &generate);
    json_decref(odd);
}

#define ADD(name) g_test_add("/provider/local_tools/" #name, Fixture, NULL, set_up, name, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(prompt_tells_of_tools_and_results);
    ADD(answers_become_parts);
    ADD(constraint_is_optional);
    return g_test_run();
}

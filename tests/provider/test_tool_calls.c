/* Tool calls with the real engine and model: every grammar is one that the engine takes, and what
 * the model writes under it parses. The shape, not the sense: the model is far too small for that.
 */
#include "provider/tool_format.h"

#include <string.h>

#include "provider/engine_ground.h"

static const char *const schemas[] = {
    "{\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\",\"maxLength\":40},"
    "\"limit\":{\"type\":\"integer\"}},\"required\":[\"path\"]}",
    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\",\"maxLength\":30},\"unit\":"
    "{\"enum\":[\"celsius\",\"fahrenheit\"]}},\"required\":[\"city\",\"unit\"]}",
};
static const char *const names[] = { "read_file", "get_weather" };

static const char *const questions[] = {
    "Read notes.txt.",
    "What is the weather in Paris?",
    "Show me the file /etc/hostname.",
    "Is it raining in Oslo?",
    "Open todo.md, the first 5 lines.",
    "Temperature in Cairo in celsius?",
    "What does README say?",
    "How warm is it in Lima?",
    "Print main.c.",
    "Weather for \"New York\" please",
    "Look into the file \"a b.txt\".",
    "Will I need an umbrella in London?",
    "cat /var/log/syslog",
    "Weather?",
    "Read the file {\"name\": \"x\"}.",
    "How cold is it in Москва?",
    "Give me config.toml",
    "Fahrenheit in Miami",
    "Read both a.txt and b.txt.",
    "Hello!",
};

typedef struct {
    EngineClient *client;
    ToolSpec tools[2];
    ToolSet set;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data) {
    (void)data;
    EngineOptions options = engine_ground_options();
    fixture->client = engine_client_new(&options);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        fixture->tools[i] = (ToolSpec){ names[i], "Does what its name says.",
                                        field_json_parse(schemas[i], strlen(schemas[i]), NULL) };
    fixture->set = (ToolSet){ fixture->tools, G_N_ELEMENTS(names) };
}

static void tear_down(Fixture *fixture, gconstpointer data) {
    (void)data;
    engine_client_free(fixture->client);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) json_decref(fixture->tools[i].parameters);
}

static void on_text(const char *text, size_t length, void *user_data) {
    g_string_append_len(user_data, text, (gssize)length);
}

/* An example in the prompt, so that even this model calls. */
static GPtrArray *make_messages(const ToolFormat *format, const ToolSet *set, const char *question,
                                char **out_system, char **out_call) {
    static const char text[] = "{\"city\":\"Rome\",\"unit\":\"celsius\"}";
    json_t *arguments = field_json_parse(text, strlen(text), NULL);
    *out_system = tool_format_describe(format, set);
    *out_call = tool_format_call(format, "get_weather", arguments);
    json_decref(arguments);
    return engine_ground_messages("system", *out_system, "user", "Weather in Rome?", "assistant",
                                  *out_call, "user", question, NULL);
}

/* Prose that the length cuts has no call; a call of these schemas has room in 100 tokens. */
static char *answer(Fixture *fixture, const ToolFormat *format, const char *question,
                    bool is_lazy) {
    g_autoptr(GError) error = NULL;
    g_autofree char *grammar = tool_format_grammar(format, &fixture->set, &error);
    g_autofree char *system = NULL;
    g_autofree char *call = NULL;
    g_autoptr(GPtrArray) messages = make_messages(format, &fixture->set, question, &system, &call);
    char *triggers[] = { (char *)format->trigger, NULL };
    EngineGenerate request;
    engine_ground_greedy(&request, 100);
    request.prompt.messages = messages;
    request.grammar = grammar;
    if (is_lazy) request.trigger_patterns = triggers;
    GString *text = g_string_new(NULL);
    EngineListener listener = { .on_text = on_text, .user_data = text };
    EngineDone done;
    if (!engine_client_generate(fixture->client, &request, &listener, &done, NULL, &error))
        g_error("%s: %s", format->name, error->message);
    return g_string_free(text, FALSE);
}

static guint count_calls(Fixture *fixture, const ToolFormat *format, const char *text) {
    g_auto(ToolFormatReply) reply = { 0 };
    g_autoptr(GError) error = NULL;
    if (!tool_format_parse(format, text, &fixture->set, &reply, &error))
        g_error("%s: %s in: %s", format->name, error->message, text);
    for (guint i = 0; i < reply.calls->len; i++) {
        const ToolFormatCall *call = g_ptr_array_index(reply.calls, i);
        bool is_file = strcmp(call->name, "read_file") == 0;
        g_assert_true(json_is_string(json_object_get(call->arguments, is_file ? "path" : "city")));
        const char *unit = json_string_value(json_object_get(call->arguments, "unit"));
        g_assert_true(is_file || strcmp(unit, "celsius") == 0 || strcmp(unit, "fahrenheit") == 0);
    }
    return reply.calls->len;
}

static void lazily_triggered_calls_parse(Fixture *fixture, gconstpointer data) {
    (void)data;
    const ToolFormat *format = tool_format_find("hermes");
    guint n_with_calls = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(questions); i++) {
        g_autofree char *text = answer(fixture, format, questions[i], /* is_lazy= */ true);
        guint n_calls = count_calls(fixture, format, text);
        g_test_message("%s -> %s", questions[i], text);
        n_with_calls += n_calls > 0;
    }
    g_test_message("%u of %zu answers were calls", n_with_calls, G_N_ELEMENTS(questions));
    g_assert_cmpuint(n_with_calls, >=, 10);
}

static void every_family_has_a_grammar_the_engine_takes(Fixture *fixture, gconstpointer data) {
    (void)data;
    for (const ToolFormat *format = tool_formats; format->name != NULL; format++) {
        g_autofree char *forced = answer(fixture, format, questions[1], /* is_lazy= */ false);
        g_test_message("%s: %s", format->name, forced);
        g_assert_cmpuint(count_calls(fixture, format, forced), >=, 1);
        g_autofree char *lazy = answer(fixture, format, questions[3], /* is_lazy= */ true);
        g_test_message("%s, lazily: %s", format->name, lazy);
        count_calls(fixture, format, lazy);
    }
}

#define ADD(name) g_test_add("/provider/tool_calls/" #name, Fixture, NULL, set_up, name, tear_down)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(every_family_has_a_grammar_the_engine_takes);
    ADD(lazily_triggered_calls_parse);
    return g_test_run();
}

/* Tests of provider/local.c behind the ProviderOps, with the real model in a data folder of its
 * own, as a person has it. */
#include "provider/local.h"

#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/error.h"
#include "provider/engine_ground.h"

typedef struct {
    char *folder;
    Paths *paths;
    EngineConfig config;
    ProviderSettings settings;
} Ground;

static void ground_init(Ground *ground) {
    *ground = (Ground){ .config = { .threads = 1, .idle_timeout = 300, .context = 1024 } };
    ground->folder = g_dir_make_tmp("local-XXXXXX", NULL);
    g_setenv("LOCALGPT_DATA_DIR", ground->folder, TRUE);
    g_setenv("LOCALGPT_CACHE_DIR", ground->folder, TRUE);
    ground->paths = paths_new(NULL, NULL);
    g_autofree char *models = g_build_filename(ground->folder, "models", NULL);
    g_autofree char *model = g_build_filename(models, "tiny.gguf", NULL);
    g_assert_cmpint(g_mkdir(models, 0700), ==, 0);
    g_assert_cmpint(symlink(engine_ground_model(), model), ==, 0);
    ground->config.library = g_strdup(engine_ground_library());
    ground->settings = (ProviderSettings){
        .provider = "local", .model = "tiny", .paths = ground->paths, .shared = &ground->config
    };
}

static void remove_tree(const char *path) {
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        if (g_file_test(child, G_FILE_TEST_IS_DIR) && !g_file_test(child, G_FILE_TEST_IS_SYMLINK))
            remove_tree(child);
        else
            g_unlink(child);
    }
    g_rmdir(path);
}

static void ground_clear(Ground *ground) {
    remove_tree(ground->folder);
    paths_free(ground->paths);
    g_free(ground->config.library);
    g_free(ground->folder);
}

typedef struct {
    GString *text;
    unsigned n_progress;
    Cancel *cancel; /* triggered at the second piece; NULL = never */
    unsigned n_pieces;
} Heard;

static void on_stream(const StreamEvent *event, void *user_data) {
    Heard *heard = user_data;
    if (event->kind == STREAM_PROGRESS) heard->n_progress++;
    if (event->kind != STREAM_TEXT) return;
    g_string_append(heard->text, event->text);
    if (++heard->n_pieces == 2 && heard->cancel != NULL)
        cancel_trigger(heard->cancel, CANCEL_BY_USER);
}

static GPtrArray *question(const char *text) {
    GPtrArray *messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    Message *message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    g_ptr_array_add(messages, message);
    return messages;
}

static void answer_is_streamed_and_kept(void) {
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) messages = question("What is the capital of France?");
    ChatRequest request = { .system = "Answer in one short sentence, in plain words.",
                            .messages = messages,
                            .max_output_tokens = 20,
                            .temperature = 0 };
    Heard heard = { .text = g_string_new(NULL) };
    ChatResult result = { 0 };
    bool is_ok = provider_stream(provider, &request, on_stream, &heard, NULL, &result, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_nonnull(strstr(heard.text->str, "Paris"));
    g_assert_cmpuint(heard.n_progress, >, 0);
    g_autofree char *kept = message_text(result.message);
    g_assert_cmpstr(kept, ==, heard.text->str);
    g_assert_cmpint(result.message->role, ==, ROLE_ASSISTANT);
    g_assert_cmpstr(result.message->provider, ==, "local");
    g_assert_cmpint(result.message->usage.output_tokens, >, 3);
    g_assert_cmpint(result.first_token_ms, >=, 0);
    g_assert_cmpint(result.first_token_ms, <=, result.duration_ms);
    const Part *part = g_ptr_array_index(result.message->parts, 0);
    g_assert_cmpint(part->label.origin, ==, ORIGIN_AGENT);
    chat_result_clear(&result);
    g_string_free(heard.text, TRUE);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

static void interrupted_answer_keeps_its_part(void) {
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    g_autoptr(Cancel) cancel = cancel_new();
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    g_autoptr(GPtrArray) messages = question("Tell me a long story about a horse.");
    ChatRequest request = { .system = "", .messages = messages, .temperature = 0 };
    Heard heard = { .text = g_string_new(NULL), .cancel = cancel };
    ChatResult result = { 0 };
    g_assert_false(provider_stream(provider, &request, on_stream, &heard, cancel, &result, &error));
    g_assert_true(error_is(error, ERR_CANCELLED));
    g_assert_nonnull(result.message);
    g_assert_cmpint(result.message->stop_reason, ==, STOP_ABORTED);
    g_autofree char *kept = message_text(result.message);
    g_assert_cmpstr(kept, ==, heard.text->str);
    g_assert_cmpuint(strlen(kept), >, 0);
    chat_result_clear(&result);
    g_string_free(heard.text, TRUE);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

static void grammar_and_trigger_reach_the_engine(void) {
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    g_autoptr(GPtrArray) messages = question("Is water wet?");
    ChatRequest request = { .system = "",
                            .messages = messages,
                            .temperature = 0,
                            .max_output_tokens = 20,
                            .grammar = "root ::= \"yes\" | \"no\"" };
    ChatResult result = { 0 };
    Heard heard = { .text = g_string_new(NULL) };
    bool is_ok = provider_stream(provider, &request, on_stream, &heard, NULL, &result, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_true(g_regex_match_simple("^(yes|no)$", heard.text->str, 0, 0));
    chat_result_clear(&result);
    g_string_free(heard.text, TRUE);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

static void add_turn(GPtrArray *messages, Role role, const char *text) {
    Message *message = message_new(role);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    g_ptr_array_add(messages, message);
}

/* A conversation that shows the model how, so that even this one calls. */
static GPtrArray *weather_messages(void) {
    GPtrArray *messages = question("Weather in Rome?");
    add_turn(messages, ROLE_ASSISTANT,
             "<tool_call>\n{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Rome\"}}\n"
             "</tool_call>");
    add_turn(messages, ROLE_USER, "Weather in Paris?");
    return messages;
}

static void tool_calls_are_parts_and_not_shown(void) {
    static const char schema[] = "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":"
                                 "\"string\",\"maxLength\":20}},\"required\":[\"city\"]}";
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    g_autoptr(GPtrArray) messages = weather_messages();
    ToolSpec tool = { "get_weather", "Tells the weather.",
                      field_json_parse(schema, strlen(schema), NULL) };
    ChatRequest request = { .system = "",
                            .messages = messages,
                            .tools = &tool,
                            .n_tools = 1,
                            .temperature = 0,
                            .max_output_tokens = 100 };
    ChatResult result = { 0 };
    Heard heard = { .text = g_string_new(NULL) };
    bool is_ok = provider_stream(provider, &request, on_stream, &heard, NULL, &result, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_assert_cmpint(result.message->stop_reason, ==, STOP_TOOL_USE);
    const Part *call = g_ptr_array_index(result.message->parts, result.message->parts->len - 1);
    g_assert_cmpint(call->kind, ==, PART_TOOL_CALL);
    g_assert_cmpstr(call->call_name, ==, "get_weather");
    g_assert_true(json_is_string(json_object_get(call->arguments, "city")));
    g_assert_null(call->call_problem);
    g_assert_null(strstr(heard.text->str, "tool_call"));
    json_decref(tool.parameters);
    chat_result_clear(&result);
    g_string_free(heard.text, TRUE);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

static void facts_need_no_load_and_tokens_are_exact(void) {
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    ModelFacts facts = { 0 };
    g_assert_true(provider_facts(provider, NULL, &facts, &error));
    g_assert_cmpint(facts.n_parameters, ==, 134515008);
    g_assert_cmpint(facts.context_tokens, ==, 1024);
    g_assert_cmpstr(facts.architecture, ==, "llama");
    model_facts_clear(&facts);
    g_assert_cmpint(provider_count_tokens(provider, ""), ==, 0);
    g_assert_cmpint(provider_count_tokens(provider, "Hello world"), ==, 2);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

static void unknown_model_is_told(void) {
    Ground ground;
    ground_init(&ground);
    g_autoptr(GError) error = NULL;
    ground.settings.model = "no-such-model";
    g_autoptr(Provider) provider = provider_open(&ground.settings, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) messages = question("Hi");
    ChatRequest request = { .system = "", .messages = messages, .temperature = -1 };
    ChatResult result = { 0 };
    g_assert_false(provider_stream(provider, &request, NULL, NULL, NULL, &result, &error));
    g_assert_true(error_is(error, ERR_NOT_FOUND));
    g_assert_nonnull(strstr(error->message, "no-such-model"));
    chat_result_clear(&result);
    g_clear_pointer(&provider, provider_close);
    ground_clear(&ground);
}

#define ADD(name) g_test_add_func("/provider/local/" #name, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    ADD(answer_is_streamed_and_kept);
    ADD(interrupted_answer_keeps_its_part);
    ADD(grammar_and_trigger_reach_the_engine);
    ADD(tool_calls_are_parts_and_not_shown);
    ADD(facts_need_no_load_and_tokens_are_exact);
    ADD(unknown_model_is_told);
    return g_test_run();
}

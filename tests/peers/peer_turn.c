/* One turn with a tool against a real server, for the shell tests of this folder.
 *
 *     peer_turn PROVIDER ADDRESS MODEL QUESTION
 *
 * Prints every event as the line of `ask -f stream-json`; the tool is "add". Ends with the exit
 * status of the error's kind, and says it on stderr. */
#include <stdio.h>
#include <string.h>

#include <glib/gstdio.h>

#include "agent/turn.h"
#include "base/error.h"
#include "provider/provider_config.h"

static bool run_add(const Part *call, Cancel *cancel, ToolOutcome *out, void *user_data,
                    GError **error) {
    (void)cancel;
    (void)user_data;
    (void)error;
    json_int_t sum = json_integer_value(json_object_get(call->arguments, "a")) +
                     json_integer_value(json_object_get(call->arguments, "b"));
    *out = (ToolOutcome){ .text = g_strdup_printf("%" JSON_INTEGER_FORMAT, sum),
                          .label = label_new(ORIGIN_TOOL, "add") };
    return true;
}

static void on_event(const AgentEvent *event, void *user_data) {
    (void)user_data;
    g_autofree char *line = agent_event_encode(event);
    puts(line);
}

static Provider *open_provider(char **arguments, GError **error) {
    static KeyProviderConfig key_config;
    static OllamaConfig ollama_config;
    key_config = (KeyProviderConfig){ .api_key = (char *)"sk-test-key", .base_url = arguments[2] };
    ollama_config = (OllamaConfig){ .endpoint = arguments[2], .model = arguments[3] };
    bool is_ollama = strcmp(arguments[1], "ollama") == 0;
    ProviderSettings settings = { .provider = arguments[1],
                                  .model = arguments[3],
                                  .config = is_ollama ? (const void *)&ollama_config
                                                      : (const void *)&key_config };
    return provider_open(&settings, error);
}

static bool run(char **arguments, const char *folder, GError **error) {
    json_t *schema = json_loads("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},"
                                "\"b\":{\"type\":\"integer\"}},\"required\":[\"a\",\"b\"]}",
                                0, NULL);
    ToolSpec spec = { "add", "Adds two numbers.", schema };
    TurnTools tools = { &spec, 1, run_add, NULL };
    g_autoptr(Provider) provider = open_provider(arguments, error);
    g_autoptr(Transcript) transcript = transcript_create(folder, "/", error);
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), arguments[4], -1);
    Turn turn = { .provider = provider,
                  .tier = model_tier_for(0, /* is_local= */ false),
                  .transcript = transcript,
                  .on_event = on_event,
                  .tools = &tools,
                  .max_output_tokens = 100 };
    bool is_ok = provider != NULL && turn_run(&turn, message, NULL, error);
    g_unlink(transcript_path(transcript));
    json_decref(schema);
    return is_ok;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    g_autofree char *folder = g_dir_make_tmp("peer-XXXXXX", NULL);
    g_autoptr(GError) error = NULL;
    bool is_ok = run(argv, folder, &error);
    g_rmdir(folder);
    if (is_ok) return 0;
    fprintf(stderr, "%s\n", error->message);
    return error_kind(error)->exit_status;
}

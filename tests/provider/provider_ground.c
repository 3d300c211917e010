/* tests/provider/provider_ground.c: see the header. */
#include "provider_ground.h"

#include <string.h>

static const ProviderTimes short_times = {
    .connect_ms = 500, .first_byte_ms = 500, .idle_ms = 500, .first_wait_ms = 1
};

void ground_init(Ground *ground, const char *path) {
    *ground = (Ground){ .server = fake_server_start(),
                        .cancel = cancel_new(),
                        .secrets = secret_set_new(),
                        .told = g_string_new(NULL) };
    ground->messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    ground->request = (ChatRequest){
        .model = "", .system = "Be brief.", .messages = ground->messages, .temperature = -1
    };
    ground->base_url = fake_server_url(ground->server, path);
}

void ground_open(Ground *ground, const char *provider, const char *model, const void *config) {
    ProviderSettings settings = { .provider = provider,
                                  .model = model,
                                  .secrets = ground->secrets,
                                  .config = config,
                                  .times = &short_times };
    g_autoptr(GError) error = NULL;
    provider_close(ground->provider);
    ground->provider = provider_open(&settings, &error);
    g_assert_no_error(error);
}

static void forget(Ground *ground) {
    chat_result_clear(&ground->result);
    ground->result = (ChatResult){ 0 };
    g_clear_error(&ground->error);
    g_string_truncate(ground->told, 0);
    ground->n_events = 0;
}

void ground_clear(Ground *ground) {
    forget(ground);
    provider_close(ground->provider);
    fake_server_stop(ground->server);
    cancel_unref(ground->cancel);
    secret_set_free(ground->secrets);
    g_string_free(ground->told, TRUE);
    g_ptr_array_unref(ground->messages);
    g_free(ground->base_url);
}

void ground_say(Ground *ground, const char *text) {
    Message *message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_OWNER, NULL), text, -1);
    g_ptr_array_add(ground->messages, message);
}

static void on_stream(const StreamEvent *event, void *user_data) {
    static const char *const names[] = { "progress", "text", "thinking", "retry" };
    Ground *ground = user_data;
    g_assert_true(g_utf8_validate(event->text, -1, NULL));
    g_string_append_printf(ground->told, "%s:%s;", names[event->kind], event->text);
    if (++ground->n_events == ground->stop_after) cancel_trigger(ground->cancel, CANCEL_BY_USER);
}

bool ground_ask(Ground *ground) {
    forget(ground);
    return provider_stream(ground->provider, &ground->request, on_stream, ground, ground->cancel,
                           &ground->result, &ground->error);
}

void ground_ask_events(Ground *ground, const char *const *events) {
    g_autofree char *reply = fake_events(events);
    g_autofree char *script = g_strdup_printf("[%s]", reply);
    fake_server_play(ground->server, script);
    bool is_ok = ground_ask(ground);
    g_assert_no_error(ground->error);
    g_assert_true(is_ok);
}

const json_t *ground_sent(json_t *requests, int index, const char *path) {
    const json_t *at = json_object_get(json_array_get(requests, (size_t)index), "body");
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    for (char **name = names; *name != NULL; name++)
        at = json_is_array(at) ? json_array_get(at, (size_t)strtol(*name, NULL, 10))
                               : json_object_get(at, *name);
    return at;
}

char *ground_text(const Ground *ground) {
    return ground->result.message != NULL ? message_text(ground->result.message) : g_strdup("");
}

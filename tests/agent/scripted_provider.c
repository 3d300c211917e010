/* tests/agent/scripted_provider.c: see the header. */
#include "scripted_provider.h"

#include <string.h>

#include "base/error.h"

static bool open_script(Provider *self, GError **error) {
    (void)self;
    (void)error;
    return true;
}

static void record(Script *script, const ChatRequest *request) {
    script_clear(script);
    script->system = g_strdup(request->system);
    script->messages = g_ptr_array_new_with_free_func((GDestroyNotify)message_free);
    for (unsigned i = 0; i < request->messages->len; i++)
        g_ptr_array_add(script->messages, message_copy(g_ptr_array_index(request->messages, i)));
    script->max_output_tokens = request->max_output_tokens;
}

static bool stream_script(Provider *self, const ChatRequest *request, StreamFn on_stream,
                          void *user_data, Cancel *cancel, ChatResult *out, GError **error) {
    Script *script = self->priv;
    record(script, request);
    g_autoptr(GString) text = g_string_new(NULL);
    int count = 0;
    bool is_ok = true;
    for (const char *const *piece = script->pieces; is_ok && *piece != NULL; piece++) {
        if (script->fail_after == count++) {
            error_set(error, ERR_PROVIDER, "the server broke off");
            is_ok = false;
            break;
        }
        StreamEvent event = { .kind = STREAM_TEXT, .text = *piece };
        on_stream(&event, user_data);
        g_string_append(text, *piece);
        if (count == 1 && script->cancel_after_first != NULL)
            cancel_trigger(script->cancel_after_first, CANCEL_BY_USER);
        is_ok = cancel_check(cancel, error);
    }
    if (text->len == 0 && !is_ok) return false;
    out->message = message_new(ROLE_ASSISTANT);
    out->message->model = g_strdup("script");
    out->message->stop_reason = is_ok                         ? STOP_END
                                : cancel_is_triggered(cancel) ? STOP_ABORTED
                                                              : STOP_ERROR;
    message_add_text(out->message, label_new(ORIGIN_AGENT, NULL), text->str, -1);
    return is_ok;
}

static int64_t count_tokens(Provider *self, const char *text, GError **error) {
    (void)self;
    (void)error;
    return (int64_t)(strlen(text) + 3) / 4;
}

static const ProviderOps ops = {
    .name = "script", .open = open_script, .stream = stream_script, .count_tokens = count_tokens
};

Provider scripted_provider(Script *script) {
    return (Provider){
        .ops = &ops, .name = (char *)"script", .model = (char *)"script", .priv = script
    };
}

void script_clear(Script *script) {
    g_clear_pointer(&script->system, g_free);
    g_clear_pointer(&script->messages, g_ptr_array_unref);
}

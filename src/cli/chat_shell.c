/* cli/chat_shell.c: see the header. */
#include "cli/chat_shell.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sandbox/sandbox.h"

/* Of output that a model is told of: the end says how it went. */
enum { MAX_TOLD_BYTES = 16 << 10 };

/* What shows the output; only on the thread of sandbox_run(), one piece after the other. */
typedef struct {
    const Chat *chat;
    TextStripper *stripper;
    bool ends_with_newline;
    GError *failure; /* of stdout */
} Output;

static void show(Output *output, const GString *safe) {
    if (safe->len == 0 || output->failure != NULL) return;
    output->ends_with_newline = safe->str[safe->len - 1] == '\n';
    if (!app_print_text(output->chat->app, safe->str, &output->failure))
        cancel_trigger(output->chat->app->cancel, CANCEL_BY_USER);
}

static void on_output(const char *bytes, size_t length, void *user_data) {
    Output *output = user_data;
    g_autoptr(GString) safe = g_string_new(NULL);
    text_stripper_feed(output->stripper, bytes, length, safe);
    show(output, safe);
}

static bool finish_output(Output *output, GError **error) {
    g_autoptr(GString) safe = g_string_new(NULL);
    text_stripper_finish(output->stripper, safe);
    if (!output->ends_with_newline) g_string_append_c(safe, '\n');
    show(output, safe);
    text_stripper_free(output->stripper);
    if (output->failure == NULL) return true;
    g_propagate_error(error, output->failure);
    return false;
}

/* "exit 1", "stopped by signal 9", ... */
static char *describe_end(const SandboxOutcome *outcome) {
    if (outcome->is_timed_out) return g_strdup("stopped: it took too long");
    if (outcome->is_cancelled) return g_strdup("stopped by you");
    if (outcome->limit_hit != NULL) return g_strdup_printf("stopped: %s", outcome->limit_hit);
    if (outcome->signal != 0) return g_strdup_printf("ended by signal %d", outcome->signal);
    return g_strdup_printf("exit %d", outcome->exit_status);
}

static bool tell_end(const Chat *chat, const SandboxOutcome *outcome, GError **error) {
    g_autofree char *end = describe_end(outcome);
    return app_print(chat->app, error, "%s %s · sandbox %s · %.1f s\n",
                     chat->app->is_plain ? "-" : "⎿", end, sandbox_level_name(outcome->level),
                     (double)outcome->duration_ms / 1000);
}

/* The end of it, whole characters, with a word on what is missing. New string. */
static char *output_for_model(const SandboxOutcome *outcome) {
    if (outcome->output_length == 0) return g_strdup("(no output)");
    size_t length = MIN(outcome->output_length, (size_t)MAX_TOLD_BYTES);
    const char *from = outcome->output + (outcome->output_length - length);
    g_autofree char *text = text_strip_terminal(from, length); /* colours are no words */
    if (outcome->output_total <= length) return g_steal_pointer(&text);
    return g_strdup_printf("(the last %zu of %" G_GUINT64_FORMAT " bytes)\n%s", length,
                           (guint64)outcome->output_total, text);
}

/* Into the conversation: our words and the command, then what it printed, as what a tool says. */
static bool keep(Chat *chat, const char *command, const SandboxOutcome *outcome, GError **error) {
    g_autofree char *end = describe_end(outcome);
    g_autofree char *text =
        g_strdup_printf("The user ran this command themselves (%s): %s", end, command);
    g_autofree char *output = output_for_model(outcome);
    g_autoptr(Message) message = message_new(ROLE_USER);
    message_add_text(message, label_new(ORIGIN_SYSTEM, NULL), text, -1);
    message_add_text(message, label_new(ORIGIN_TOOL, "bash"), output, -1);
    return conversation_note(chat->conversation, message, error);
}

static bool run(Chat *chat, const char *command, SandboxOutcome *out, GError **error) {
    const ConversationTools *tools = conversation_tools(chat->conversation);
    SandboxProfile *profile = tool_runner_profile(conversation_tools_runner(tools), error);
    if (profile == NULL) return false;
    Output output = { .chat = chat, .stripper = text_stripper_new(), .ends_with_newline = true };
    const char *const argv[] = { "bash", "--noprofile", "--norc", "-c", command, NULL };
    const SandboxCommand sandboxed = { .argv = argv, .on_output = on_output, .user_data = &output };
    bool is_ok = sandbox_run(profile, &sandboxed, chat->app->cancel, out, error);
    bool is_shown = finish_output(&output, is_ok ? error : NULL);
    return is_ok && is_shown;
}

bool chat_shell_run(Chat *chat, const char *line, GError **error) {
    bool is_kept = line[1] != '!';
    g_autofree char *command = g_strdup(line + (is_kept ? 1 : 2));
    if (g_strstrip(command)[0] == '\0') {
        error_set_with_hint(error, ERR_USAGE, "Try: !ls",
                            "name the command: !COMMAND, or !!COMMAND to keep it from the model");
        return false;
    }
    if (conversation_tools(chat->conversation) == NULL) {
        error_set(error, ERR_USAGE, "this chat has no tools, so it runs no commands");
        return false;
    }
    SandboxOutcome outcome = { 0 };
    bool is_ok = run(chat, command, &outcome, error) && tell_end(chat, &outcome, error) &&
                 (!is_kept || keep(chat, command, &outcome, error));
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

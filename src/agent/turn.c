/* agent/turn.c: one turn, read from top to bottom. */
#include "agent/turn.h"

#include <string.h>

#include "agent/prompt.h"
#include "base/error.h"

static void emit(const Turn *turn, const AgentEvent *event) {
    turn->on_event(event, turn->user_data);
}

static void emit_notice(const Turn *turn, const char *text) {
    AgentEvent event = { .kind = EVENT_NOTICE, .text = (char *)text };
    emit(turn, &event);
}

static char *model_label(const Turn *turn, const char *answered_by) {
    const char *model =
        answered_by != NULL && answered_by[0] != '\0' ? answered_by : turn->provider->model;
    return g_strdup_printf("%s/%s", turn->provider->name, model);
}

static void forward_stream(const StreamEvent *event, void *user_data) {
    const Turn *turn = user_data;
    static const int kinds[] = { [STREAM_PROGRESS] = EVENT_PROGRESS,
                                 [STREAM_TEXT] = EVENT_TEXT,
                                 [STREAM_THINKING] = EVENT_THINKING,
                                 [STREAM_RETRY] = EVENT_NOTICE };
    AgentEvent out = { .kind = kinds[event->kind],
                       .text = (char *)event->text,
                       .fraction = event->fraction };
    emit(turn, &out);
}

static bool has_answer(const GPtrArray *messages) {
    for (unsigned i = 0; i < messages->len; i++)
        if (((const Message *)g_ptr_array_index(messages, i))->role == ROLE_ASSISTANT) return true;
    return false;
}

static int64_t answer_limit(const Turn *turn) {
    return turn->max_output_tokens > 0 ? turn->max_output_tokens : turn->tier->answer_tokens;
}

/* The window the request must fit in: the caller's, the tier's, the model's: the smallest that is
 * known. */
static int64_t window_limit(const Turn *turn) {
    int64_t window = turn->context_tokens > 0 ? turn->context_tokens : 128000;
    if (turn->tier->context_tokens > 0) window = MIN(window, turn->tier->context_tokens);
    return window;
}

/* The agent's words are no more to be trusted than what it read. */
static void inherit_labels(Message *answer, const GPtrArray *sent) {
    for (unsigned i = 0; i < answer->parts->len; i++) {
        Part *part = g_ptr_array_index(answer->parts, i);
        for (unsigned j = 0; j < sent->len; j++) {
            Label read = message_label(g_ptr_array_index(sent, j));
            label_join(&part->label, &read);
            label_clear(&read);
        }
    }
}

/* Keeps the answer, whole or in part. A failure to keep it never hides why the turn itself failed.
 */
static bool keep_answer(const Turn *turn, ChatResult *result, const Prompt *prompt,
                        GError **error) {
    if (result->message == NULL) return true;
    inherit_labels(result->message, prompt->messages);
    return transcript_append(turn->transcript, result->message, error);
}

static void emit_done(const Turn *turn, const ChatResult *result) {
    g_autofree char *text = message_text(result->message);
    g_autofree char *model = model_label(turn, result->message->model);
    AgentEvent done = { .kind = EVENT_DONE,
                        .text = text,
                        .session = (char *)transcript_id(turn->transcript),
                        .model = model,
                        .usage = result->message->usage,
                        .stop_reason = result->message->stop_reason,
                        .duration_ms = result->duration_ms,
                        .first_token_ms = result->first_token_ms };
    emit(turn, &done);
}

/* An answer that stops in the middle of a sentence needs a word. */
static void tell_cut_answer(const Turn *turn, const ChatResult *result) {
    if (result->message->stop_reason != STOP_LENGTH) return;
    g_autofree char *text =
        g_strdup_printf("the answer was cut at its limit of %" G_GINT64_FORMAT
                        " tokens; for longer ones: localgpt config set agent.max_tokens 300",
                        (gint64)answer_limit(turn));
    emit_notice(turn, text);
}

static void emit_start(const Turn *turn) {
    g_autofree char *model = model_label(turn, NULL);
    AgentEvent start = { .kind = EVENT_START,
                         .session = (char *)transcript_id(turn->transcript),
                         .model = model };
    emit(turn, &start);
}

static bool assemble(const Turn *turn, Prompt *prompt, GError **error) {
    PromptInput input = { .provider = turn->provider,
                          .tier = turn->tier,
                          .messages = transcript_messages(turn->transcript),
                          .window_tokens = window_limit(turn),
                          .answer_tokens = answer_limit(turn) };
    if (!prompt_assemble(&input, prompt, error)) return false;
    if (prompt->n_cut_tokens > 0) {
        g_autofree char *text =
            g_strdup_printf("the attached text is too long for this model; about %" G_GINT64_FORMAT
                            " tokens in its middle were left out",
                            (gint64)prompt->n_cut_tokens);
        emit_notice(turn, text);
    }
    return true;
}

bool turn_run(Turn *turn, const Message *message, Cancel *cancel, GError **error) {
    if (!cancel_check(cancel, error)) return false;
    bool is_first_answer = !has_answer(transcript_messages(turn->transcript));

    if (!transcript_append(turn->transcript, message, error)) return false;
    emit_start(turn);
    if (is_first_answer && turn->notice != NULL) emit_notice(turn, turn->notice);

    Prompt prompt = { 0 };
    if (!assemble(turn, &prompt, error)) return false;
    ChatRequest request = { .model = turn->provider->model,
                            .system = prompt.system,
                            .messages = prompt.messages,
                            .context_tokens = window_limit(turn),
                            .max_output_tokens = answer_limit(turn),
                            .temperature = -1 };
    ChatResult result = { 0 };
    g_autoptr(GError) stream_error = NULL;
    bool is_ok = provider_stream(turn->provider, &request, forward_stream, turn, cancel, &result,
                                 &stream_error);

    g_autoptr(GError) keep_error = NULL;
    bool is_kept = keep_answer(turn, &result, &prompt, &keep_error);
    prompt_clear(&prompt);
    if (is_ok && is_kept) {
        tell_cut_answer(turn, &result);
        emit_done(turn, &result);
    }
    chat_result_clear(&result);
    if (!is_ok)
        g_propagate_error(error, g_steal_pointer(&stream_error));
    else if (!is_kept)
        g_propagate_prefixed_error(error, g_steal_pointer(&keep_error), "keeping the answer: ");
    return is_ok && is_kept;
}

TurnBudget turn_budget(const Turn *turn) {
    const GPtrArray *messages = transcript_messages(turn->transcript);
    TurnBudget budget = { .window_tokens = window_limit(turn),
                          .reserve_tokens = answer_limit(turn),
                          .n_messages = messages->len };
    PromptInput input = { .provider = turn->provider,
                          .tier = turn->tier,
                          .messages = messages,
                          .window_tokens = budget.window_tokens,
                          .answer_tokens = budget.reserve_tokens };
    Prompt prompt = { 0 };
    if (messages->len > 0 && prompt_assemble(&input, &prompt, NULL)) {
        budget.system_tokens = prompt.system_tokens;
        budget.history_tokens = prompt.history_tokens;
        budget.n_sent_messages = prompt.messages->len;
        prompt_clear(&prompt);
        return budget;
    }
    const char *system = prompt_text(turn->tier->prompt_name);
    budget.system_tokens = provider_count_tokens(turn->provider, system);
    return budget;
}

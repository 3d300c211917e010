/* agent/turn.c: one turn, read from top to bottom. */
#include "agent/turn.h"

#include <string.h>

#include "agent/compaction.h"
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

static bool is_of_reflex(const Message *message) {
    return message->role == ROLE_ASSISTANT && g_strcmp0(message->provider, REFLEX_PROVIDER) == 0;
}

/* A model's. */
static bool has_answer(const GPtrArray *messages) {
    for (unsigned i = 0; i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        if (message->role == ROLE_ASSISTANT && !is_of_reflex(message)) return true;
    }
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
static void inherit_labels(Message *answer, const Prompt *prompt) {
    const GPtrArray *sent = prompt->messages;
    for (unsigned i = 0; i < answer->parts->len; i++) {
        Part *part = g_ptr_array_index(answer->parts, i);
        label_join(&part->label, &prompt->parts.label);
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
    inherit_labels(result->message, prompt);
    return transcript_append(turn->transcript, result->message, error);
}

/* What the requests of one turn sum up to. */
typedef struct {
    Usage usage;
    int64_t start_us;
    int64_t first_token_ms; /* from the start of the turn; -1 = none yet */
} Tally;

static void add_up(Tally *tally, const ChatResult *result) {
    usage_add(&tally->usage, &result->message->usage);
    if (tally->first_token_ms >= 0 || result->first_token_ms < 0) return;
    int64_t passed_ms = (g_get_monotonic_time() - tally->start_us) / 1000;
    tally->first_token_ms = passed_ms - result->duration_ms + result->first_token_ms;
}

static void emit_done(const Turn *turn, const ChatResult *result, const Tally *tally,
                      const char *source) {
    g_autofree char *text = message_text(result->message);
    bool is_reflex = is_of_reflex(result->message);
    g_autofree char *model = is_reflex
                                 ? g_strdup_printf(REFLEX_PROVIDER "/%s", result->message->model)
                                 : model_label(turn, result->message->model);
    AgentEvent done = { .kind = EVENT_DONE,
                        .text = text,
                        .session = (char *)transcript_id(turn->transcript),
                        .model = model,
                        .source = (char *)source,
                        .usage = tally->usage,
                        .stop_reason = result->message->stop_reason,
                        .duration_ms = (g_get_monotonic_time() - tally->start_us) / 1000,
                        .first_token_ms = tally->first_token_ms };
    emit(turn, &done);
}

/* An answer that stops in the middle of a sentence needs a word. */
static void tell_cut_answer(const Turn *turn, const ChatResult *result) {
    if (result->message->stop_reason != STOP_LENGTH) return;
    g_autofree char *text = g_strdup_printf("the answer was cut at its limit of %" G_GINT64_FORMAT
                                            " tokens (agent.max_tokens sets it)",
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

/* Tools are for a model that can be trusted with them, over a provider that can carry them. */
static bool has_tools(const Turn *turn) {
    return turn->tools != NULL && turn->tier->has_tools &&
           (turn->provider->ops->caps & PROVIDER_TOOLS);
}

static PromptInput prompt_input(const Turn *turn) {
    bool with_tools = has_tools(turn);
    return (PromptInput){ .provider = turn->provider,
                          .tier = turn->tier,
                          .messages = transcript_messages(turn->transcript),
                          .workspace = turn->workspace,
                          .tools = with_tools ? turn->tools->specs : NULL,
                          .n_tools = with_tools ? turn->tools->n_specs : 0,
                          .window_tokens = window_limit(turn),
                          .answer_tokens = answer_limit(turn),
                          .reserve_tokens = turn->reserve_tokens };
}

/* ---- making room ---- */

static void tell_compaction(const Turn *turn, const CompactionResult *result) {
    if (result->note_problem != NULL) {
        g_autofree char *text = g_strdup_printf(
            "the notes of this conversation could not be kept: %s", result->note_problem);
        emit_notice(turn, text);
    }
    g_autofree char *text = g_strdup_printf(
        "%u older messages were summed up%s (%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
        " tokens)%s%s",
        result->n_summed_up, result->is_mechanical ? " by their first sentences" : "",
        (gint64)result->tokens_before, (gint64)result->tokens_after,
        result->note != NULL ? "; what must last is in " : "",
        result->note != NULL ? result->note : "");
    AgentEvent event = { .kind = EVENT_COMPACTION,
                         .text = text,
                         .tokens_before = result->tokens_before,
                         .tokens_after = result->tokens_after };
    emit(turn, &event);
}

/* Keeps a third of the room word for word; a sixth when the provider counts otherwise than we do.
 */
enum { KEPT_PART = 3, KEPT_PART_AFTER_OVERFLOW = 6 };

static bool make_room(const Turn *turn, int64_t fixed_tokens, int kept_part, Cancel *cancel,
                      GError **error) {
    const CompactionInput input = { .provider = turn->provider,
                                    .tier = turn->tier,
                                    .transcript = turn->transcript,
                                    .workspace = turn->workspace,
                                    .window_tokens = window_limit(turn),
                                    .room_tokens =
                                        window_limit(turn) - answer_limit(turn) - fixed_tokens,
                                    .divisor = kept_part };
    CompactionResult result = { 0 };
    if (!compaction_run(&input, cancel, &result, error)) return false;
    tell_compaction(turn, &result);
    compaction_result_clear(&result);
    return true;
}

/* An attempt that may find nothing to sum up. */
static bool try_make_room(const Turn *turn, const Prompt *prompt, int kept_part, Cancel *cancel,
                          bool *out_is_made, GError **error) {
    g_autoptr(GError) problem = NULL;
    int64_t fixed_tokens = prompt->system_tokens + prompt->tool_tokens;
    *out_is_made = make_room(turn, fixed_tokens, kept_part, cancel, &problem);
    if (*out_is_made || error_is(problem, ERR_USAGE)) return true;
    g_propagate_error(error, g_steal_pointer(&problem));
    return false;
}

static bool assemble(const Turn *turn, Cancel *cancel, Prompt *prompt, GError **error) {
    PromptInput input = prompt_input(turn);
    if (!prompt_assemble(&input, prompt, error)) return false;
    if (prompt->is_overfull) {
        bool is_made = false;
        bool is_ok = try_make_room(turn, prompt, KEPT_PART, cancel, &is_made, error);
        if (!is_ok || is_made) prompt_clear(prompt);
        if (!is_ok) return false;
        input = prompt_input(turn);
        if (is_made && !prompt_assemble(&input, prompt, error)) return false;
    }
    if (prompt->n_cut_tokens > 0) {
        g_autofree char *text =
            g_strdup_printf("the attached text is too long for this model; about %" G_GINT64_FORMAT
                            " tokens in its middle were left out",
                            (gint64)prompt->n_cut_tokens);
        emit_notice(turn, text);
    }
    return true;
}

/* ---- one request ---- */

static bool send(const Turn *turn, const Prompt *prompt, Cancel *cancel, ChatResult *out,
                 GError **error) {
    bool with_tools = has_tools(turn);
    ChatRequest request = { .model = turn->provider->model,
                            .system = prompt->system,
                            .messages = prompt->messages,
                            .context_tokens = window_limit(turn),
                            .tools = with_tools ? turn->tools->specs : NULL,
                            .n_tools = with_tools ? turn->tools->n_specs : 0,
                            .max_output_tokens = answer_limit(turn),
                            .temperature = -1,
                            .thinking = turn->thinking };
    return provider_stream(turn->provider, &request, forward_stream, (void *)turn, cancel, out,
                           error);
}

/* The provider says that the request is too long for its window: once more with less. */
static bool send_or_shorten(const Turn *turn, Prompt *prompt, Cancel *cancel, ChatResult *out,
                            GError **error) {
    g_autoptr(GError) failure = NULL;
    if (send(turn, prompt, cancel, out, &failure)) return true;
    bool is_made = false;
    bool is_overflow = error_is(failure, ERR_LIMIT) && out->message == NULL;
    if (is_overflow &&
        !try_make_room(turn, prompt, KEPT_PART_AFTER_OVERFLOW, cancel, &is_made, error))
        return false;
    if (!is_made) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    prompt_clear(prompt);
    PromptInput input = prompt_input(turn);
    return prompt_assemble(&input, prompt, error) && send(turn, prompt, cancel, out, error);
}

/* One request to one model; the answer, whole or in part, is kept. */
static bool ask_once(const Turn *turn, Cancel *cancel, ChatResult *out, GError **error) {
    Prompt prompt = { 0 };
    if (!assemble(turn, cancel, &prompt, error)) return false;
    g_autoptr(GError) stream_error = NULL;
    bool is_ok = send_or_shorten(turn, &prompt, cancel, out, &stream_error);
    g_autoptr(GError) keep_error = NULL;
    bool is_kept = keep_answer(turn, out, &prompt, &keep_error);
    prompt_clear(&prompt);
    if (!is_ok)
        g_propagate_error(error, g_steal_pointer(&stream_error));
    else if (!is_kept)
        g_propagate_prefixed_error(error, g_steal_pointer(&keep_error), "keeping the answer: ");
    return is_ok && is_kept;
}

/* Another model may do better where this one failed; not where the user or a limit said no, and not
 * once something was shown. */
static bool may_fall_back(const Turn *turn, const ChatResult *result, Cancel *cancel,
                          const GError *failure) {
    return turn->fall_back != NULL && result->message == NULL && cancel_check(cancel, NULL) &&
           !error_is(failure, ERR_CANCELLED) && !error_is(failure, ERR_LIMIT);
}

static bool ask_model(Turn *turn, Cancel *cancel, ChatResult *out, GError **error) {
    for (;;) {
        g_autoptr(GError) failure = NULL;
        if (ask_once(turn, cancel, out, &failure)) return true;
        g_autofree char *failed = model_label(turn, NULL);
        if (!may_fall_back(turn, out, cancel, failure) ||
            !turn->fall_back(turn, failure, turn->fall_back_data)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        g_autofree char *next = model_label(turn, NULL);
        g_autofree char *text =
            g_strdup_printf("%s failed: %s; asking %s", failed, failure->message, next);
        emit_notice(turn, text);
    }
}

/* ---- tools ---- */

#define NOT_RUN "the turn was stopped before this tool had run"

static void set_outcome(ToolOutcome *out, char *text) {
    *out = (ToolOutcome){ .text = text, .is_error = true, .label = label_new(ORIGIN_SYSTEM, NULL) };
}

void tool_outcome_clear(ToolOutcome *outcome) {
    g_free(outcome->text);
    g_free(outcome->image_base64);
    g_free(outcome->mime_type);
    label_clear(&outcome->label);
    *outcome = (ToolOutcome){ 0 };
}

/* Reflexes may call them beside a model that may not. */
static bool is_offered(const Turn *turn, const char *name) {
    for (size_t i = 0; turn->tools != NULL && i < turn->tools->n_specs; i++)
        if (strcmp(turn->tools->specs[i].name, name) == 0) return true;
    return false;
}

static void emit_tool_start(const Turn *turn, const Part *call) {
    bool has_title = is_offered(turn, call->call_name) && turn->tools->title != NULL;
    g_autofree char *title = has_title ? turn->tools->title(call, turn->tools->user_data) : NULL;
    AgentEvent start = { .kind = EVENT_TOOL_START,
                         .tool_id = call->call_id,
                         .tool_name = call->call_name,
                         .text = title,
                         .arguments = call->arguments };
    emit(turn, &start);
}

static void emit_tool_end(const Turn *turn, const Part *call, const ToolOutcome *outcome) {
    AgentEvent end = { .kind = EVENT_TOOL_END,
                       .tool_id = call->call_id,
                       .tool_name = call->call_name,
                       .text = outcome->text,
                       .is_error = outcome->is_error,
                       .label = (char *)label_integrity_name(&outcome->label),
                       .approval = (char *)outcome->approval,
                       .exit_status = outcome->has_exit_status ? outcome->exit_status : -1 };
    emit(turn, &end);
}

/* A call on its way, alone or beside others. */
typedef struct {
    const Turn *turn;
    const Part *call;
    Cancel *cancel;
    ToolOutcome outcome;
    GError *stop; /* why the turn ends */
} Run;

/* A call that is none is answered like one that failed: the model may do better. */
static void *run_call(void *data) {
    Run *run = data;
    const Part *call = run->call;
    const TurnTools *tools = run->turn->tools;
    bool is_ok = true;
    if (call->call_problem != NULL)
        set_outcome(&run->outcome, g_strdup(call->call_problem));
    else if (!is_offered(run->turn, call->call_name))
        set_outcome(&run->outcome, g_strdup_printf("there is no tool '%s'", call->call_name));
    else
        is_ok = cancel_check(run->cancel, &run->stop) &&
                tools->run(call, run->cancel, &run->outcome, tools->user_data, &run->stop);
    if (!is_ok) set_outcome(&run->outcome, g_strdup(NOT_RUN));
    return NULL;
}

static void add_image(Message *result, ToolOutcome *outcome) {
    if (outcome->image_base64 == NULL) return;
    Part *image = g_new0(Part, 1);
    image->kind = PART_IMAGE;
    image->image_base64 = g_steal_pointer(&outcome->image_base64);
    image->mime_type = g_steal_pointer(&outcome->mime_type);
    image->label = label_copy(&outcome->label);
    g_ptr_array_add(result->parts, image);
}

/* Takes what `outcome` owns. */
static bool keep_result(const Turn *turn, const Part *call, ToolOutcome *outcome, GError **error) {
    g_autoptr(Message) result = message_new(ROLE_TOOL_RESULT);
    result->tool_call_id = g_strdup(call->call_id);
    result->tool_name = g_strdup(call->call_name);
    result->is_error = outcome->is_error;
    add_image(result, outcome);
    Part *text =
        message_add_text(result, outcome->label, outcome->text != NULL ? outcome->text : "", -1);
    outcome->label = (Label){ 0 }; /* the part's now */
    /* The words come first. */
    if (result->parts->len > 1) {
        result->parts->pdata[1] = result->parts->pdata[0];
        result->parts->pdata[0] = text;
    }
    g_clear_pointer(&outcome->text, g_free);
    if (transcript_append(turn->transcript, result, error)) return true;
    g_prefix_error(error, "keeping the result of the tool '%s': ", call->call_name);
    return false;
}

#define MAX_PARALLEL 8

static bool may_run_beside(const Turn *turn, const Part *call) {
    return call->call_problem == NULL && is_offered(turn, call->call_name) &&
           turn->tools->is_parallel != NULL &&
           turn->tools->is_parallel(call, turn->tools->user_data);
}

/* How many calls from `first` on run at once. */
static unsigned batch_size(const Turn *turn, const GPtrArray *calls, unsigned first) {
    unsigned n = 0;
    while (n < MAX_PARALLEL && first + n < calls->len &&
           may_run_beside(turn, g_ptr_array_index(calls, first + n)))
        n++;
    return MAX(n, 1);
}

static void run_batch(Run *runs, unsigned n) {
    for (unsigned i = 0; i < n; i++) emit_tool_start(runs[i].turn, runs[i].call);
    GThread *threads[MAX_PARALLEL] = { NULL };
    for (unsigned i = 1; i < n; i++) threads[i] = g_thread_new("tool", run_call, &runs[i]);
    if (n > 0) run_call(&runs[0]);
    for (unsigned i = 1; i < n; i++) g_thread_join(threads[i]);
    for (unsigned i = 0; i < n; i++) emit_tool_end(runs[i].turn, runs[i].call, &runs[i].outcome);
}

/* Keeps all results, whatever went wrong with one of them. */
static bool keep_batch(const Turn *turn, Run *runs, unsigned n, GError **stop, GError **error) {
    bool is_ok = true;
    for (unsigned i = 0; i < n; i++) {
        is_ok = is_ok && keep_result(turn, runs[i].call, &runs[i].outcome, error);
        if (*stop == NULL)
            *stop = g_steal_pointer(&runs[i].stop);
        else
            g_clear_error(&runs[i].stop);
        tool_outcome_clear(&runs[i].outcome);
    }
    return is_ok;
}

static GPtrArray *calls_of(const Message *answer) {
    GPtrArray *calls = g_ptr_array_new();
    for (unsigned i = 0; i < answer->parts->len; i++) {
        Part *part = g_ptr_array_index(answer->parts, i);
        if (part->kind == PART_TOOL_CALL) g_ptr_array_add(calls, part);
    }
    return calls;
}

/* Every call gets a result, also when the turn is stopped in the middle of them. */
static bool run_tools(const Turn *turn, const Message *answer, Cancel *cancel, GError **error) {
    g_autoptr(GError) stop = NULL;
    g_autoptr(GPtrArray) calls = calls_of(answer);
    for (unsigned i = 0; i < calls->len;) {
        Run runs[MAX_PARALLEL] = { 0 };
        unsigned n = stop == NULL ? batch_size(turn, calls, i) : 1;
        for (unsigned k = 0; k < n; k++)
            runs[k] =
                (Run){ .turn = turn, .call = g_ptr_array_index(calls, i + k), .cancel = cancel };
        if (stop == NULL)
            run_batch(runs, n);
        else
            set_outcome(&runs[0].outcome, g_strdup(NOT_RUN));
        if (!keep_batch(turn, runs, n, &stop, error)) return false;
        i += n;
    }
    if (stop == NULL) return true;
    g_propagate_error(error, g_steal_pointer(&stop));
    return false;
}

/* ---- reflexes ---- */

/* Asked as a model would be. *out_source stays NULL when none fires. */
static bool ask_reflexes(const Turn *turn, Cancel *cancel, ChatResult *out, const char **out_source,
                         GError **error) {
    if (turn->reflexes == NULL) return true;
    ReflexContext context = *turn->reflexes;
    context.tools = turn->tools != NULL ? turn->tools->specs : NULL;
    context.n_tools = turn->tools != NULL ? turn->tools->n_specs : 0;
    ReflexReply reply = { 0 };
    if (!reflex_answer(&context, transcript_messages(turn->transcript), cancel, &reply, error))
        return false;
    if (reply.row == NULL) return true;
    if (!transcript_append(turn->transcript, reply.result.message, error)) {
        reflex_reply_clear(&reply);
        return false;
    }
    *out = reply.result;
    *out_source = reply.source;
    g_autofree char *text = message_text(out->message);
    AgentEvent event = { .kind = EVENT_TEXT, .text = text };
    if (text[0] != '\0') emit(turn, &event);
    return true;
}

/* The reflexes, and a model when none of them fires. */
static bool ask(const Turn *turn, Cancel *cancel, ChatResult *out, const char **out_source,
                GError **error) {
    *out_source = NULL;
    if (!ask_reflexes(turn, cancel, out, out_source, error)) return false;
    if (*out_source != NULL) return true;
    *out_source = turn->tier->source;
    bool is_first_answer = !has_answer(transcript_messages(turn->transcript));
    if (is_first_answer && turn->notice != NULL) emit_notice(turn, turn->notice);
    return ask_model((Turn *)turn, cancel, out, error);
}

/* ---- the turn ---- */

static bool finish(const Turn *turn, const ChatResult *answer, const Tally *tally,
                   const char *source) {
    tell_cut_answer(turn, answer);
    emit_done(turn, answer, tally, source);
    return true;
}

bool turn_run(Turn *turn, const Message *message, Cancel *cancel, GError **error) {
    if (!cancel_check(cancel, error)) return false;
    Tally tally = { .start_us = g_get_monotonic_time(), .first_token_ms = -1 };

    if (!transcript_append(turn->transcript, message, error)) return false;
    emit_start(turn);

    int64_t max_rounds = turn->max_rounds > 0 ? turn->max_rounds : TURN_MAX_ROUNDS;
    for (int64_t round = 0; round < max_rounds; round++) {
        g_auto(ChatResult) answer = { 0 };
        const char *source = NULL;
        if (!ask(turn, cancel, &answer, &source, error)) return false;
        add_up(&tally, &answer);
        if (answer.message->stop_reason != STOP_TOOL_USE)
            return finish(turn, &answer, &tally, source);
        if (!run_tools(turn, answer.message, cancel, error)) return false;
    }
    error_set_with_hint(error, ERR_LIMIT, "Ask it to go on.",
                        "stopped after %" G_GINT64_FORMAT
                        " requests to the model in one turn; it still wanted to use tools",
                        (gint64)max_rounds);
    return false;
}

bool turn_compact(Turn *turn, Cancel *cancel, GError **error) {
    TurnBudget budget = turn_budget(turn);
    int64_t fixed_tokens = budget.system_tokens + budget.tool_tokens;
    turn_budget_clear(&budget);
    return make_room(turn, fixed_tokens, KEPT_PART, cancel, error);
}

TurnBudget turn_budget(const Turn *turn) {
    const GPtrArray *messages = transcript_messages(turn->transcript);
    TurnBudget budget = { .window_tokens = window_limit(turn),
                          .reserve_tokens = answer_limit(turn),
                          .n_messages = messages->len };
    PromptInput input = prompt_input(turn);
    Prompt prompt = { 0 };
    if (messages->len == 0 || !prompt_assemble(&input, &prompt, NULL))
        prompt_assemble_empty(&input, &prompt);
    budget_add_prompt(&budget, turn->provider, &prompt);
    prompt_clear(&prompt);
    return budget;
}

/* provider/answer.c: pieces to parts, parts to a Message. */
#include "provider/answer.h"

#include <string.h>

#include "base/error.h"
#include "provider/model_facts.h"
#include "provider/surrogate_halves.h"

static void part_free(void *data) {
    AnswerPart *part = data;
    g_string_free(part->text, TRUE);
    if (part->signature != NULL) g_string_free(part->signature, TRUE);
    g_free(part->call_id);
    g_free(part->call_name);
    g_free(part);
}

void answer_init(Answer *answer, StreamFn on_stream, void *user_data) {
    *answer = (Answer){ .on_stream = on_stream, .user_data = user_data };
    answer->parts = g_ptr_array_new_with_free_func(part_free);
    answer->start_us = g_get_monotonic_time();
}

void answer_clear(Answer *answer) {
    g_clear_pointer(&answer->parts, g_ptr_array_unref);
    g_clear_pointer(&answer->model, g_free);
}

AnswerPart *answer_begin_part(Answer *answer, PartKind kind, int64_t index) {
    AnswerPart *part = g_new0(AnswerPart, 1);
    part->kind = (int)kind;
    part->index = index;
    part->text = g_string_new(NULL);
    g_ptr_array_add(answer->parts, part);
    return part;
}

AnswerPart *answer_part(Answer *answer, PartKind kind, int64_t index) {
    for (unsigned i = answer->parts->len; i > 0; i--) {
        AnswerPart *part = g_ptr_array_index(answer->parts, i - 1);
        if (part->kind == (int)kind && part->index == index) return part;
        if (index == ANSWER_GOES_ON) break;
    }
    return answer_begin_part(answer, kind, index);
}

void answer_append(Answer *answer, AnswerPart *part, const char *text) {
    if (text == NULL || text[0] == '\0') return;
    size_t before = part->text->len;
    surrogate_halves_join(&part->half, text, part->text);
    if (part->text->len == before) return;
    if (answer->first_token_us == 0) answer->first_token_us = g_get_monotonic_time();
    if (answer->on_stream == NULL || part->kind == PART_TOOL_CALL) return;
    StreamEvent event = { .kind = part->kind == PART_TEXT ? STREAM_TEXT : STREAM_THINKING,
                          .text = part->text->str + before };
    answer->on_stream(&event, answer->user_data);
}

void answer_tell(const Answer *answer, const char *text, int64_t wait_ms) {
    StreamEvent event = { .kind = STREAM_RETRY, .text = text, .wait_ms = wait_ms };
    if (answer->on_stream != NULL) answer->on_stream(&event, answer->user_data);
}

void answer_set_model(Answer *answer, const char *model) {
    if (answer->model == NULL && model != NULL && model[0] != '\0') answer->model = g_strdup(model);
}

bool answer_has_begun(const Answer *answer) {
    return answer->first_token_us != 0;
}

/* ---- the message ---- */

/* An object, whatever the model wrote; what is wrong with it is told in call_problem. */
static void set_arguments(Part *part, const char *text) {
    g_autoptr(GError) problem = NULL;
    const char *json = text[0] != '\0' ? text : "{}";
    part->arguments = field_json_parse(json, strlen(json), &problem);
    if (json_is_object(part->arguments)) return;
    part->call_problem =
        g_strdup_printf("the arguments are not a JSON object%s%s", problem != NULL ? ": " : "",
                        problem != NULL ? problem->message : "");
    json_decref(part->arguments);
    part->arguments = field_json_parse("{}", 2, NULL);
}

static void add_call(Message *message, const AnswerPart *from) {
    Part *part = g_new0(Part, 1);
    part->kind = PART_TOOL_CALL;
    part->label = label_new(ORIGIN_AGENT, NULL);
    part->call_name = g_strdup(from->call_name != NULL ? from->call_name : "");
    part->call_id = g_strdup(from->call_id);
    if (part->call_id == NULL || part->call_id[0] == '\0') {
        /* Some servers give none; it must be unique in the whole session. */
        g_autofree char *uuid = g_uuid_string_random();
        g_free(part->call_id);
        part->call_id = g_strconcat("call_", uuid, NULL);
    }
    set_arguments(part, from->text->str);
    g_ptr_array_add(message->parts, part);
}

static void add_thinking(Message *message, const AnswerPart *from) {
    Part *part = g_new0(Part, 1);
    part->kind = PART_THINKING;
    part->label = label_new(ORIGIN_AGENT, NULL);
    part->thinking = g_strdup(from->text->str);
    part->signature = from->signature != NULL ? g_strdup(from->signature->str) : NULL;
    part->is_redacted = from->is_redacted;
    g_ptr_array_add(message->parts, part);
}

Message *answer_message(const Answer *answer, const Provider *provider, bool has_calls) {
    g_autoptr(Message) message = message_new(ROLE_ASSISTANT);
    for (unsigned i = 0; i < answer->parts->len; i++) {
        const AnswerPart *part = g_ptr_array_index(answer->parts, i);
        if (part->kind == PART_TOOL_CALL && has_calls) add_call(message, part);
        if (part->kind == PART_TEXT && part->text->len > 0)
            message_add_text(message, label_new(ORIGIN_AGENT, NULL), part->text->str,
                             (gssize)part->text->len);
        if (part->kind == PART_THINKING && (part->text->len > 0 || part->signature != NULL))
            add_thinking(message, part);
    }
    if (message->parts->len == 0) return NULL;
    message->provider = g_strdup(provider->name);
    message->model = g_strdup(answer->model != NULL ? answer->model : provider->model);
    message->usage = answer->usage;
    message->usage.cost_usd = model_facts_cost_usd(provider->name, provider->model, &answer->usage);
    return g_steal_pointer(&message);
}

static bool has_call(const Message *message) {
    for (unsigned i = 0; i < message->parts->len; i++)
        if (((const Part *)g_ptr_array_index(message->parts, i))->kind == PART_TOOL_CALL)
            return true;
    return false;
}

/* What is wrong with the answer as a whole; new error, or NULL. Takes `failure`. */
static GError *judge(const Answer *answer, GError *failure) {
    if (answer->is_complete) {
        g_clear_error(&failure); /* what came after the end does not matter */
        if (answer->withheld != NULL)
            error_set(&failure, ERR_PROVIDER, "the answer was withheld: %s", answer->withheld);
        return failure;
    }
    if (failure == NULL) {
        error_set(&failure, ERR_PROVIDER, "the answer was cut off by the server%s",
                  answer_has_begun(answer) ? "" : " before it began");
        return failure;
    }
    if (!error_is(failure, ERR_NETWORK) || !answer_has_begun(answer)) return failure;
    GError *cut = NULL;
    error_set(&cut, ERR_PROVIDER, "the answer was cut off by the server: %s", failure->message);
    g_error_free(failure);
    return cut;
}

static StopReason failed_reason(const GError *failure) {
    bool is_stopped = error_is(failure, ERR_CANCELLED) || error_is(failure, ERR_TIMEOUT);
    return is_stopped ? STOP_ABORTED : STOP_ERROR;
}

bool answer_finish(Answer *answer, const Provider *provider, GError *failure, ChatResult *out,
                   GError **error) {
    failure = judge(answer, failure);
    out->duration_ms = (g_get_monotonic_time() - answer->start_us) / 1000;
    out->cached_tokens = answer->usage.cache_read_tokens;
    if (answer_has_begun(answer))
        out->first_token_ms = (answer->first_token_us - answer->start_us) / 1000;
    out->message = answer_message(answer, provider, /* has_calls= */ failure == NULL);
    if (failure != NULL) {
        if (out->message != NULL) {
            out->message->stop_reason = failed_reason(failure);
            if (out->message->stop_reason == STOP_ERROR)
                out->message->error_message = g_strdup(failure->message);
        }
        g_propagate_error(error, failure);
        return false;
    }
    if (out->message == NULL) {
        error_set(error, ERR_PROVIDER, "the model gave an empty answer");
        return false;
    }
    StopReason reason = answer->stop_reason != STOP_NONE ? answer->stop_reason : STOP_END;
    if (reason == STOP_END && has_call(out->message)) reason = STOP_TOOL_USE;
    if (reason == STOP_TOOL_USE && !has_call(out->message)) reason = STOP_END;
    out->message->stop_reason = reason;
    return true;
}

/*
 * provider/answer.h: an answer while it arrives from a model's server: pieces of text, of thinking
 * and of tool calls, put together to one Message.
 *
 *     g_auto(Answer) answer;
 *     answer_init(&answer, on_stream, user_data);
 *     answer_append(&answer, answer_part(&answer, PART_TEXT, ANSWER_GOES_ON), "Hel");   // streamed
 *     AnswerPart *call = answer_part(&answer, PART_TOOL_CALL, 0);
 *     answer_append(&answer, call, "{\"a\":");                                          // gathered
 *     answer.is_complete = true;
 *     return answer_finish(&answer, provider, failure, out, error);
 *
 * What makes an answer whole is that the server said so: one that just ends is an error, and its
 * part is kept.
 */
#pragma once

#include "provider/provider.h"

/* The index of a part that is told by nothing but its order: the last one of its kind goes on. */
#define ANSWER_GOES_ON (-1)

typedef struct {
    int kind; /* PartKind */
    int64_t index;
    GString *text;      /* owned: words, thinking, or the arguments as JSON */
    gunichar half;      /* of a character that the server tore in two; 0 = none */
    GString *signature; /* owned: PART_THINKING; NULL = none */
    bool is_redacted;   /* PART_THINKING */
    char *call_id;      /* owned: PART_TOOL_CALL */
    char *call_name;    /* owned: PART_TOOL_CALL */
} AnswerPart;

typedef struct {
    /* borrowed */
    StreamFn on_stream; /* may be NULL */
    void *user_data;
    const char *withheld; /* why a whole answer is none after all: "its content filter ..."; NULL */
    /* owned */
    GPtrArray *parts; /* AnswerPart */
    char *model;      /* as the server names it; NULL = as it was asked for */
    /* state */
    Usage usage; /* without the cost */
    StopReason stop_reason;
    bool is_complete;
    int64_t start_us;
    int64_t first_token_us;
} Answer;

void answer_init(Answer *answer, StreamFn on_stream, void *user_data);
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* The part with this kind and index, begun when there is none yet. Borrowed. */
AnswerPart *answer_part(Answer *answer, PartKind kind, int64_t index);

/* A new part, even when the one before has the same index. */
AnswerPart *answer_begin_part(Answer *answer, PartKind kind, int64_t index);

/* Adds to the part; words and thinking are told at once. NULL and "" are nothing. */
void answer_append(Answer *answer, AnswerPart *part, const char *text);

/* Says one line that is no part of the answer: why it is tried again. */
void answer_tell(const Answer *answer, const char *text, int64_t wait_ms);

void answer_set_model(Answer *answer, const char *model);

/* Has anything been shown? */
bool answer_has_begun(const Answer *answer);

/* The Message so far; NULL when there is nothing in it. Tool calls only with `has_calls`. New. */
Message *answer_message(const Answer *answer, const Provider *provider, bool has_calls);

/* Fills *out and returns true, or fails with `failure` (taken, may be NULL) or with what the answer
 * lacks; the part that came is then in *out, without its tool calls. */
bool answer_finish(Answer *answer, const Provider *provider, GError *failure, ChatResult *out,
                   GError **error);

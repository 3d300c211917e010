/*
 * agent/turn.h: one turn of a conversation: assemble, stream, keep, and later tools and repeat.
 *
 * turn_run() is a plain function that reads top to bottom on the caller's thread:
 *
 *     Turn turn = { .provider = provider, .tier = tier, .transcript = transcript, .on_event =
 * on_event, ... }; if (!turn_run(&turn, user_message, cancel, error)) ...
 *
 * The user's message is on the disk before the provider is asked; the answer (also a part of one,
 * when it was stopped or broke off) is on the disk before EVENT_DONE. Nothing acknowledged is lost.
 */
#pragma once

#include "agent/event.h"
#include "agent/tier.h"
#include "session/transcript.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    Transcript *transcript;
    AgentEventFn on_event;
    void *user_data;
    const char *notice; /* told once, before the first answer of a session; NULL = none */
    /* limits, 0 = the tier's */
    int64_t max_output_tokens;
    int64_t context_tokens;
} Turn;

/* Takes nothing; `message` is a user message. On success EVENT_DONE was the last event. On failure
 * *error tells, no EVENT_ERROR is sent (the caller reports), and a partial answer is kept with its
 * stop reason. */
bool turn_run(Turn *turn, const Message *message, Cancel *cancel,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where the tokens of the next request would go; for /context. */
typedef struct {
    int64_t window_tokens;
    int64_t reserve_tokens; /* kept for the answer */
    int64_t system_tokens;
    int64_t history_tokens;  /* of the messages that fit */
    int64_t n_messages;      /* in the session */
    int64_t n_sent_messages; /* of them sent */
} TurnBudget;

/* Counts with the provider's tokenizer where it has one. */
TurnBudget turn_budget(const Turn *turn);

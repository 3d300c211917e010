/*
 * agent/conversation_text.h: messages as text for a reader, and the answer of a model to one short
 * task about them.
 *
 * Both jobs of a compaction (the notes, the summary) go this way: a prompt of data/prompts/, the
 * conversation as one message of material, one request without tools. Where there is no model worth
 * asking, conversation_sentences() picks what stands at the beginning of what was said.
 */
#pragma once

#include "agent/tier.h"
#include "provider/provider.h"

typedef struct {
    /* borrowed */
    Provider *provider;
    const ModelTier *tier;
    const GPtrArray *messages; /* Message */
    unsigned n_messages;       /* of them, from the oldest */
    int64_t window_tokens;
} ConversationText;

/* The join of the labels of the messages; origin agent. New. */
Label conversation_label(const ConversationText *conversation);

/* What the model makes of the messages with the prompt `name`, at most `max_tokens`. NULL with
 * *error: it failed, or said nothing. A model of the tiny tier is not asked (ERR_PROVIDER). */
char *conversation_ask(const ConversationText *conversation, const char *name, int64_t max_tokens,
                       Cancel *cancel, GError **error);

typedef enum { SENTENCES_OF_ALL, SENTENCES_OF_OWNER } SentencesOf;

/* One line for each message, "- user: the first sentences", at most `max_tokens` in all: needs no
 * model and never fails. New string; "" when nothing was said. */
char *conversation_sentences(const ConversationText *conversation, SentencesOf whose,
                             int64_t max_tokens);

/*
 * agent/token_count.h: how many tokens a part of a request has.
 *
 * Exact where the provider counts, else its estimate. Arguments of tool calls, their schemas and
 * images count too: what is left out of a count is what overflows a window.
 */
#pragma once

#include "provider/provider.h"

/* What a chat template adds around one message: role, separators. Measured on ChatML (5) and Llama
 * 3 (6). */
#define TOKENS_AROUND_MESSAGE 6

int64_t token_count_part(Provider *provider, const Part *part);
int64_t token_count_message(Provider *provider, const Message *message);
int64_t token_count_messages(Provider *provider, const GPtrArray *messages); /* Message */
int64_t token_count_tools(Provider *provider, const ToolSpec *tools, size_t n_tools);

/* Keeps the beginning and the end of `text`, `max_tokens` in all, with a marker between them; a
 * copy when it fits. New string. */
char *token_cut_middle(Provider *provider, const char *text, int64_t max_tokens);

/*
 * provider/openai_request.h: a ChatRequest as the body of POST /chat/completions.
 */
#pragma once

#include "provider/provider.h"

/* What a server turned out not to take; each is found out by its refusal and then left out. */
typedef enum {
    OPENAI_NO_STREAM_OPTIONS = 1 << 0, /* the token counts come without being asked for, or not */
    OPENAI_OLD_LIMIT = 1 << 1,         /* max_tokens instead of max_completion_tokens */
    OPENAI_NO_TOOLS = 1 << 2,          /* the model cannot call tools */
    OPENAI_NO_TEMPERATURE = 1 << 3,
    OPENAI_NO_EFFORT = 1 << 4, /* the model cannot be told how hard to think */
} OpenaiLimits;

/* New string. `limits`: OpenaiLimits. */
char *openai_request_encode(const ChatRequest *request, const char *model, unsigned limits);

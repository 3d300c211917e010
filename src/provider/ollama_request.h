/*
 * provider/ollama_request.h: a ChatRequest as the body of POST /api/chat.
 */
#pragma once

#include "provider/provider.h"

typedef struct {
    const char *model;
    int64_t context_tokens;
    bool has_tools; /* false: the model refused them */
    bool can_think; /* false: the model refused to */
} OllamaChoice;

/* New string. */
char *ollama_request_encode(const ChatRequest *request, const OllamaChoice *choice);

/*
 * provider/anthropic_request.h: a ChatRequest as the body of POST /v1/messages.
 */
#pragma once

#include "provider/provider.h"

/* `so_far` (may be NULL) is the beginning of the answer that the server paused at: it goes on from
 * there. New string. */
char *anthropic_request_encode(const ChatRequest *request, const char *model,
                               const Message *so_far);

/*
 * provider/tool_pairs.h: a conversation in which every tool call has its result right behind it,
 * and no result stands alone. Providers refuse any other, so provider_stream() looks before a
 * request leaves.
 *
 *     g_autoptr(GPtrArray) mended = tool_pairs_mend(request->messages);   // NULL: all is well
 */
#pragma once

#include "provider/message.h"

/* A copy (Message, owned) without the calls that have no result and the results that have no call;
 * NULL when there are none of either. */
GPtrArray *tool_pairs_mend(const GPtrArray *messages);

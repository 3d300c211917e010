/*
 * provider/local_tools.h: tools for local.c: what a request says of them in the words of the
 * model's family, and the calls in an answer.
 *
 *     local->format = local_tools_format(model);
 *     g_autofree char *system = local_tools_system(local->format, request);
 *     local_tools_constrain(local->format, request, &generate);
 *     ... the model answers ...
 *     local_tools_take(local->format, request, text, message);
 */
#pragma once

#include "engine/messages.h"
#include "provider/model_store.h"
#include "provider/tool_format.h"

/* From the model's file: its template, else its architecture. Never NULL. */
const ToolFormat *local_tools_format(const StoredModel *model);

/* The system prompt, with the tools when there are any. New string. */
char *local_tools_system(const ToolFormat *format, const ChatRequest *request);

/* A message as the model reads it: text with the calls it made, or the result of one; the role is
 * format->result_role for results. New string. */
char *local_tools_message_text(const ToolFormat *format, const Message *message);

/* Lets every call that the model begins come out whole. A schema that makes no grammar is no
 * reason to fail: the calls are read as strictly without. */
void local_tools_constrain(const ToolFormat *format, const ChatRequest *request,
                           EngineGenerate *generate);

/* Adds the parts of an answer; true = there are calls to run. A call that cannot be read becomes a
 * part with a call_problem. Of an answer that `is_cut` (stopped, too long) only the text before the
 * first call is taken: half of what was wanted is not run. */
bool local_tools_take(const ToolFormat *format, const ChatRequest *request, const char *answer,
                      bool is_cut, Message *message);

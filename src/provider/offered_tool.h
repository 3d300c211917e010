/*
 * provider/offered_tool.h: a tool as OpenAI's API and Ollama's are told of it:
 * {"type":"function","function":{"name":...,"description":...,"parameters":{...}}}.
 *
 *     body.tools = offered_tools_new(request);
 *     { "tools", FIELD_STRUCTS(ChatBody, tools, OfferedTool, offered_tool_fields) }
 *
 * field_clear() of the struct that holds the array frees it.
 */
#pragma once

#include "provider/provider.h"

typedef struct {
    char *name;
    char *description;
    json_t *parameters; /* JSON Schema */
} OfferedFunction;

typedef struct {
    char *type;
    OfferedFunction function;
} OfferedTool;

extern const Field offered_tool_fields[];

/* One OfferedTool for each tool of the request. */
GPtrArray *offered_tools_new(const ChatRequest *request);

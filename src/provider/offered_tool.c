/* provider/offered_tool.c: rows of an offered tool, and their filling. */
#include "provider/offered_tool.h"

/* clang-format off */
static const Field offered_function_fields[] = {
    { "name",        FIELD_STRING(OfferedFunction, name),        .help = "The tool." },
    { "description", FIELD_STRING(OfferedFunction, description), .help = "What it does." },
    { "parameters",  FIELD_JSON(OfferedFunction, parameters),    .help = "JSON Schema." },
    { 0 }
};
const Field offered_tool_fields[] = {
    { "type",     FIELD_STRING(OfferedTool, type), .help = "function" },
    { "function", FIELD_STRUCT(OfferedTool, function, offered_function_fields), .help = "What is offered." },
    { 0 }
};
/* clang-format on */

GPtrArray *offered_tools_new(const ChatRequest *request) {
    GPtrArray *tools = g_ptr_array_new();
    for (size_t i = 0; i < request->n_tools; i++) {
        const ToolSpec *spec = &request->tools[i];
        OfferedTool *tool = g_new0(OfferedTool, 1);
        tool->type = g_strdup("function");
        tool->function.name = g_strdup(spec->name);
        tool->function.description = g_strdup(tool_spec_description(spec));
        tool->function.parameters = json_incref(spec->parameters);
        g_ptr_array_add(tools, tool);
    }
    return tools;
}

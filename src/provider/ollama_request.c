/* provider/ollama_request.c: rows of the request, and their filling. Every string is owned by the
 * structs, so that field_clear() frees all. */
#include "provider/ollama_request.h"

#include "provider/offered_tool.h"

typedef struct {
    char *name;
    json_t *arguments;
} CalledFunction;

typedef struct {
    CalledFunction function;
} ToolCall;

typedef struct {
    char *role;
    char *content;
    char **images;         /* base64 */
    GPtrArray *tool_calls; /* ToolCall */
    char *tool_name;
} ChatMessage;

typedef struct {
    int64_t num_ctx;
    int64_t num_predict;
    json_t *temperature; /* 0 is a temperature too: NULL is none */
} Options;

typedef struct {
    char *model;
    GPtrArray *messages; /* ChatMessage */
    GPtrArray *tools;    /* OfferedTool */
    bool is_stream;
    bool thinks; /* false: nothing is said about it */
    Options options;
} ChatBody;

/* clang-format off */
static const Field called_function_fields[] = {
    { "name",      FIELD_STRING(CalledFunction, name),    .help = "The tool." },
    { "arguments", FIELD_JSON(CalledFunction, arguments), .help = "An object." },
    { 0 }
};
static const Field tool_call_fields[] = {
    { "function", FIELD_STRUCT(ToolCall, function, called_function_fields), .help = "What was called." },
    { 0 }
};
static const Field message_rows[] = {
    { "role",       FIELD_STRING(ChatMessage, role),    .help = "Who speaks." },
    { "content",    FIELD_STRING(ChatMessage, content), .help = "Words." },
    { "images",     FIELD_STRINGS(ChatMessage, images), .flags = FIELD_OMIT_EMPTY, .help = "Pictures." },
    { "tool_calls", FIELD_STRUCTS(ChatMessage, tool_calls, ToolCall, tool_call_fields), .flags = FIELD_OMIT_EMPTY, .help = "What it called." },
    { "tool_name",  FIELD_STRING(ChatMessage, tool_name), .flags = FIELD_OMIT_EMPTY, .help = "Whose result this is." },
    { 0 }
};
static const Field options_fields[] = {
    { "num_ctx",     FIELD_INT(Options, num_ctx),      .flags = FIELD_OMIT_EMPTY, .help = "The window." },
    { "num_predict", FIELD_INT(Options, num_predict),  .flags = FIELD_OMIT_EMPTY, .help = "Longest answer." },
    { "temperature", FIELD_JSON(Options, temperature), .flags = FIELD_OMIT_EMPTY, .help = "How varied." },
    { 0 }
};
static const Field body_fields[] = {
    { "model",    FIELD_STRING(ChatBody, model), .help = "Who answers." },
    { "messages", FIELD_STRUCTS(ChatBody, messages, ChatMessage, message_rows), .help = "The conversation." },
    { "tools",    FIELD_STRUCTS(ChatBody, tools, OfferedTool, offered_tool_fields), .flags = FIELD_OMIT_EMPTY, .help = "What may be called." },
    { "stream",   FIELD_BOOL(ChatBody, is_stream), .help = "Piece by piece." },
    { "think",    FIELD_BOOL(ChatBody, thinks), .flags = FIELD_OMIT_EMPTY, .help = "Whether it thinks first." },
    { "options",  FIELD_STRUCT(ChatBody, options, options_fields), .flags = FIELD_OMIT_EMPTY, .help = "How." },
    { 0 }
};
/* clang-format on */

static void add_call(ChatMessage *out, const Part *part) {
    ToolCall *call = g_new0(ToolCall, 1);
    call->function.name = g_strdup(part->call_name);
    call->function.arguments = json_incref(part->arguments);
    if (out->tool_calls == NULL) out->tool_calls = g_ptr_array_new();
    g_ptr_array_add(out->tool_calls, call);
}

static void add_images(ChatMessage *out, const Message *message) {
    g_autoptr(GPtrArray) images = g_ptr_array_new();
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind == PART_IMAGE) g_ptr_array_add(images, g_strdup(part->image_base64));
    }
    if (images->len == 0) return;
    g_ptr_array_add(images, NULL);
    out->images = (char **)g_ptr_array_steal(images, NULL);
}

static void add_message(GPtrArray *messages, const Message *message) {
    static const char *const roles[] = { [ROLE_SYSTEM] = "system",
                                         [ROLE_USER] = "user",
                                         [ROLE_ASSISTANT] = "assistant",
                                         [ROLE_TOOL_RESULT] = "tool" };
    ChatMessage *out = g_new0(ChatMessage, 1);
    out->role = g_strdup(roles[message->role]);
    out->content = message_text(message);
    if (message->role == ROLE_TOOL_RESULT) out->tool_name = g_strdup(message->tool_name);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind == PART_TOOL_CALL) add_call(out, part);
    }
    add_images(out, message);
    g_ptr_array_add(messages, out);
}

char *ollama_request_encode(const ChatRequest *request, const OllamaChoice *choice) {
    ChatBody body = { .model = g_strdup(choice->model),
                      .messages = g_ptr_array_new(),
                      .is_stream = true,
                      .thinks = choice->can_think && request->thinking != THINKING_DEFAULT,
                      .options = { .num_ctx = choice->context_tokens,
                                   .num_predict = request->max_output_tokens } };
    if (request->system != NULL && request->system[0] != '\0') {
        ChatMessage *system = g_new0(ChatMessage, 1);
        system->role = g_strdup("system");
        system->content = g_strdup(request->system);
        g_ptr_array_add(body.messages, system);
    }
    for (unsigned i = 0; request->messages != NULL && i < request->messages->len; i++)
        add_message(body.messages, g_ptr_array_index(request->messages, i));
    if (choice->has_tools) body.tools = offered_tools_new(request);
    if (request->temperature >= 0)
        body.options.temperature = field_json_number(request->temperature);
    char *json = field_encode(body_fields, &body, FIELD_COMPACT);
    field_clear(body_fields, &body);
    return json;
}

/* provider/openai_request.c: rows of the request, and their filling. Every string is owned by the
 * structs, so that field_clear() frees all. */
#include "provider/openai_request.h"

#include <string.h>

#include "provider/model_facts.h"
#include "provider/offered_tool.h"

typedef struct {
    char *url;
} ImageUrl;

typedef enum { CONTENT_TEXT, CONTENT_IMAGE } ContentKind;

typedef struct {
    int kind; /* ContentKind */
    char *text;
    ImageUrl image;
} Content;

typedef struct {
    char *name;
    char *arguments; /* JSON as text */
} CalledFunction;

typedef struct {
    char *id;
    char *type;
    CalledFunction function;
} ToolCall;

typedef struct {
    int role; /* Role */
    char *text;
    GPtrArray *contents;   /* Content: instead of text, when there is a picture */
    GPtrArray *tool_calls; /* ToolCall */
    char *tool_call_id;
} ChatMessage;

typedef struct {
    bool include_usage;
} StreamOptions;

typedef struct {
    char *model;
    GPtrArray *messages; /* ChatMessage */
    GPtrArray *tools;    /* OfferedTool */
    bool is_stream;
    StreamOptions stream_options;
    int64_t max_tokens;
    int64_t max_completion_tokens;
    json_t *temperature; /* 0 is a temperature too: NULL is none */
    char *effort;        /* NULL: nothing is said about it */
} ChatBody;

/* clang-format off */
static const Field image_url_fields[] = {
    { "url", FIELD_STRING(ImageUrl, url), .help = "The picture as a data URL." },
    { 0 }
};
static const Field content_text_fields[] = {
    { "text", FIELD_STRING(Content, text), .help = "Words." },
    { 0 }
};
static const Field content_image_fields[] = {
    { "image_url", FIELD_STRUCT(Content, image, image_url_fields), .help = "A picture." },
    { 0 }
};
static const FieldCase content_cases[] = {
    [CONTENT_TEXT]  = { "text", content_text_fields },
    [CONTENT_IMAGE] = { "image_url", content_image_fields },
    { 0 }
};
static const Field content_fields[] = {
    { "type", FIELD_UNION(Content, kind, content_cases) },
    { 0 }
};
static const Field called_function_fields[] = {
    { "name",      FIELD_STRING(CalledFunction, name),      .help = "The tool." },
    { "arguments", FIELD_STRING(CalledFunction, arguments), .help = "JSON as text." },
    { 0 }
};
static const Field tool_call_fields[] = {
    { "id",       FIELD_STRING(ToolCall, id),   .help = "Pairs the call with its result." },
    { "type",     FIELD_STRING(ToolCall, type), .help = "function" },
    { "function", FIELD_STRUCT(ToolCall, function, called_function_fields), .help = "What was called." },
    { 0 }
};
/* One of the two: a server that knows no pictures wants a plain string. */
static const Field user_fields[] = {
    { "content", FIELD_STRING(ChatMessage, text), .flags = FIELD_OMIT_EMPTY, .help = "Words." },
    { "content", FIELD_STRUCTS(ChatMessage, contents, Content, content_fields), .flags = FIELD_OMIT_EMPTY, .help = "Words and pictures." },
    { 0 }
};
static const Field system_fields[] = {
    { "content", FIELD_STRING(ChatMessage, text), .help = "Words." },
    { 0 }
};
static const Field assistant_fields[] = {
    { "content",    FIELD_STRING(ChatMessage, text), .help = "Words, or null." },
    { "tool_calls", FIELD_STRUCTS(ChatMessage, tool_calls, ToolCall, tool_call_fields), .flags = FIELD_OMIT_EMPTY, .help = "What it called." },
    { 0 }
};
static const Field tool_fields[] = {
    { "tool_call_id", FIELD_STRING(ChatMessage, tool_call_id), .help = "The call this answers." },
    { "content",      FIELD_STRING(ChatMessage, text),         .help = "The result." },
    { 0 }
};
static const FieldCase role_cases[] = {
    [ROLE_SYSTEM]      = { "system", system_fields },
    [ROLE_USER]        = { "user", user_fields },
    [ROLE_ASSISTANT]   = { "assistant", assistant_fields },
    [ROLE_TOOL_RESULT] = { "tool", tool_fields },
    { 0 }
};
static const Field chat_message_fields[] = {
    { "role", FIELD_UNION(ChatMessage, role, role_cases) },
    { 0 }
};
static const Field stream_options_fields[] = {
    { "include_usage", FIELD_BOOL(StreamOptions, include_usage), .flags = FIELD_OMIT_EMPTY, .help = "Tell the token counts at the end." },
    { 0 }
};
static const Field body_fields[] = {
    { "model",                 FIELD_STRING(ChatBody, model), .help = "Who answers." },
    { "messages",              FIELD_STRUCTS(ChatBody, messages, ChatMessage, chat_message_fields), .help = "The conversation." },
    { "tools",                 FIELD_STRUCTS(ChatBody, tools, OfferedTool, offered_tool_fields), .flags = FIELD_OMIT_EMPTY, .help = "What may be called." },
    { "stream",                FIELD_BOOL(ChatBody, is_stream), .help = "Piece by piece." },
    { "stream_options",        FIELD_STRUCT(ChatBody, stream_options, stream_options_fields), .flags = FIELD_OMIT_EMPTY, .help = "How." },
    { "max_tokens",            FIELD_INT(ChatBody, max_tokens), .flags = FIELD_OMIT_EMPTY, .help = "Longest answer." },
    { "max_completion_tokens", FIELD_INT(ChatBody, max_completion_tokens), .flags = FIELD_OMIT_EMPTY, .help = "Longest answer, with its thinking." },
    { "temperature",           FIELD_JSON(ChatBody, temperature), .flags = FIELD_OMIT_EMPTY, .help = "How varied." },
    { "reasoning_effort",      FIELD_STRING(ChatBody, effort), .flags = FIELD_OMIT_EMPTY, .help = "How hard it thinks." },
    { 0 }
};
/* clang-format on */

static bool has_part(const Message *message, PartKind kind) {
    for (unsigned i = 0; i < message->parts->len; i++)
        if (((const Part *)g_ptr_array_index(message->parts, i))->kind == (int)kind) return true;
    return false;
}

static Content *content_of(const Part *part) {
    if (part->kind != PART_TEXT && part->kind != PART_IMAGE) return NULL;
    Content *content = g_new0(Content, 1);
    if (part->kind == PART_TEXT) {
        content->kind = CONTENT_TEXT;
        content->text = g_strdup(part->text);
        return content;
    }
    content->kind = CONTENT_IMAGE;
    content->image.url = g_strdup_printf("data:%s;base64,%s", part->mime_type, part->image_base64);
    return content;
}

static void fill_user(const Message *message, ChatMessage *out) {
    if (!has_part(message, PART_IMAGE)) {
        out->text = message_text(message);
        return;
    }
    out->contents = g_ptr_array_new();
    for (unsigned i = 0; i < message->parts->len; i++) {
        Content *content = content_of(g_ptr_array_index(message->parts, i));
        if (content != NULL) g_ptr_array_add(out->contents, content);
    }
}

static void fill_assistant(const Message *message, ChatMessage *out) {
    g_autofree char *text = message_text(message);
    if (text[0] != '\0') out->text = g_steal_pointer(&text);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TOOL_CALL) continue;
        ToolCall *call = g_new0(ToolCall, 1);
        call->id = g_strdup(part->call_id);
        call->type = g_strdup("function");
        call->function.name = g_strdup(part->call_name);
        call->function.arguments = field_json_text(part->arguments, FIELD_COMPACT);
        if (out->tool_calls == NULL) out->tool_calls = g_ptr_array_new();
        g_ptr_array_add(out->tool_calls, call);
    }
}

/* NULL for a message that says nothing: an answer that was stopped before its first word. */
static ChatMessage *convert(const Message *message) {
    ChatMessage *out = g_new0(ChatMessage, 1);
    out->role = message->role;
    switch ((Role)message->role) {
    case ROLE_USER: fill_user(message, out); break;
    case ROLE_ASSISTANT: fill_assistant(message, out); break;
    case ROLE_TOOL_RESULT:
        out->tool_call_id = g_strdup(message->tool_call_id);
        out->text = message_text(message);
        break;
    case ROLE_SYSTEM: out->text = message_text(message); break;
    }
    bool is_empty = (out->text == NULL || out->text[0] == '\0') && out->contents == NULL &&
                    out->tool_calls == NULL && out->role != ROLE_TOOL_RESULT;
    if (!is_empty) return out;
    field_clear(chat_message_fields, out);
    g_free(out);
    return NULL;
}

static GPtrArray *convert_messages(const ChatRequest *request) {
    GPtrArray *messages = g_ptr_array_new();
    if (request->system != NULL && request->system[0] != '\0') {
        ChatMessage *system = g_new0(ChatMessage, 1);
        system->role = ROLE_SYSTEM;
        system->text = g_strdup(request->system);
        g_ptr_array_add(messages, system);
    }
    for (unsigned i = 0; request->messages != NULL && i < request->messages->len; i++) {
        ChatMessage *message = convert(g_ptr_array_index(request->messages, i));
        if (message != NULL) g_ptr_array_add(messages, message);
    }
    return messages;
}

static bool takes_effort(const ChatRequest *request, const char *model, unsigned limits) {
    const RemoteModel *row = remote_model_find(model);
    return request->thinking != THINKING_DEFAULT && row != NULL && row->thinking == THINKS_EFFORT &&
           !(limits & OPENAI_NO_EFFORT);
}

char *openai_request_encode(const ChatRequest *request, const char *model, unsigned limits) {
    ChatBody body = { .model = g_strdup(model), .is_stream = true };
    body.messages = convert_messages(request);
    if (!(limits & OPENAI_NO_TOOLS)) body.tools = offered_tools_new(request);
    body.stream_options.include_usage = !(limits & OPENAI_NO_STREAM_OPTIONS);
    *(limits & OPENAI_OLD_LIMIT ? &body.max_tokens : &body.max_completion_tokens) =
        request->max_output_tokens;
    if (request->temperature >= 0 && !(limits & OPENAI_NO_TEMPERATURE))
        body.temperature = field_json_number(request->temperature);
    if (takes_effort(request, model, limits))
        body.effort = g_strdup(thinking_levels[request->thinking]);
    char *json = field_encode(body_fields, &body, FIELD_COMPACT);
    field_clear(body_fields, &body);
    return json;
}

/* provider/anthropic_request.c: rows of the request, and their filling. Every string is owned by
 * the structs, so that field_clear() frees all. */
#include "provider/anthropic_request.h"

#include <string.h>

#include "provider/model_facts.h"

#define DEFAULT_ANSWER_TOKENS 4096

typedef struct {
    char *type;
} CacheControl;

typedef struct {
    char *type;
    char *media_type;
    char *data;
} ImageSource;

typedef enum {
    BLOCK_TEXT,
    BLOCK_IMAGE,
    BLOCK_TOOL_USE,
    BLOCK_TOOL_RESULT,
    BLOCK_THINKING,
    BLOCK_REDACTED,
} BlockKind;

typedef struct {
    int kind; /* BlockKind */
    char *text;
    ImageSource source;
    char *id;
    char *name;
    json_t *input;
    char *tool_use_id;
    bool is_error;
    char *thinking;
    char *signature;
    CacheControl cache;
} Block;

typedef struct {
    char *role;
    GPtrArray *content; /* Block */
} Turn;

typedef struct {
    char *name;
    char *description;
    json_t *schema;
} OfferedTool;

typedef struct {
    char *type; /* NULL: nothing is said about it */
    int64_t budget_tokens;
} Thinking;

typedef struct {
    char *effort;
} OutputConfig;

typedef struct {
    char *model;
    int64_t max_tokens;
    GPtrArray *system;   /* Block */
    GPtrArray *messages; /* Turn */
    GPtrArray *tools;    /* OfferedTool */
    bool is_stream;
    json_t *temperature; /* 0 is a temperature too: NULL is none */
    Thinking thinking;
    OutputConfig output;
} MessagesBody;

/* clang-format off */
static const Field cache_fields[] = {
    { "type", FIELD_STRING(CacheControl, type), .flags = FIELD_OMIT_EMPTY, .help = "ephemeral" },
    { 0 }
};
#define CACHE { "cache_control", FIELD_STRUCT(Block, cache, cache_fields), .flags = FIELD_OMIT_EMPTY, .help = "Keep all up to here in the cache." }
static const Field source_fields[] = {
    { "type",       FIELD_STRING(ImageSource, type),       .help = "base64" },
    { "media_type", FIELD_STRING(ImageSource, media_type), .help = "image/png, ..." },
    { "data",       FIELD_STRING(ImageSource, data),       .help = "The picture." },
    { 0 }
};
static const Field text_fields[] = {
    { "text", FIELD_STRING(Block, text), .help = "Words." },
    CACHE,
    { 0 }
};
static const Field image_fields[] = {
    { "source", FIELD_STRUCT(Block, source, source_fields), .help = "A picture." },
    CACHE,
    { 0 }
};
static const Field tool_use_fields[] = {
    { "id",    FIELD_STRING(Block, id),   .help = "Pairs the call with its result." },
    { "name",  FIELD_STRING(Block, name), .help = "The tool." },
    { "input", FIELD_JSON(Block, input),  .help = "Its arguments." },
    { 0 }
};
static const Field tool_result_fields[] = {
    { "tool_use_id", FIELD_STRING(Block, tool_use_id), .help = "The call this answers." },
    { "content",     FIELD_STRING(Block, text),        .help = "The result." },
    { "is_error",    FIELD_BOOL(Block, is_error),      .flags = FIELD_OMIT_EMPTY, .help = "The tool failed." },
    CACHE,
    { 0 }
};
static const Field thinking_fields[] = {
    { "thinking",  FIELD_STRING(Block, thinking),  .help = "As it came." },
    { "signature", FIELD_STRING(Block, signature), .help = "As it came." },
    { 0 }
};
static const Field redacted_fields[] = {
    { "data", FIELD_STRING(Block, signature), .help = "As it came." },
    { 0 }
};
static const FieldCase block_cases[] = {
    [BLOCK_TEXT]        = { "text", text_fields },
    [BLOCK_IMAGE]       = { "image", image_fields },
    [BLOCK_TOOL_USE]    = { "tool_use", tool_use_fields },
    [BLOCK_TOOL_RESULT] = { "tool_result", tool_result_fields },
    [BLOCK_THINKING]    = { "thinking", thinking_fields },
    [BLOCK_REDACTED]    = { "redacted_thinking", redacted_fields },
    { 0 }
};
static const Field block_fields[] = {
    { "type", FIELD_UNION(Block, kind, block_cases) },
    { 0 }
};
static const Field turn_fields[] = {
    { "role",    FIELD_STRING(Turn, role), .help = "Who speaks." },
    { "content", FIELD_STRUCTS(Turn, content, Block, block_fields), .help = "What is said." },
    { 0 }
};
static const Field tool_fields[] = {
    { "name",         FIELD_STRING(OfferedTool, name),        .help = "The tool." },
    { "description",  FIELD_STRING(OfferedTool, description), .help = "What it does." },
    { "input_schema", FIELD_JSON(OfferedTool, schema),        .help = "JSON Schema." },
    { 0 }
};
static const Field thinking_request_fields[] = {
    { "type",          FIELD_STRING(Thinking, type),       .flags = FIELD_OMIT_EMPTY, .help = "enabled, adaptive" },
    { "budget_tokens", FIELD_INT(Thinking, budget_tokens), .flags = FIELD_OMIT_EMPTY, .help = "At most." },
    { 0 }
};
static const Field output_fields[] = {
    { "effort", FIELD_STRING(OutputConfig, effort), .flags = FIELD_OMIT_EMPTY, .help = "How hard." },
    { 0 }
};
static const Field body_fields[] = {
    { "model",       FIELD_STRING(MessagesBody, model),   .help = "Who answers." },
    { "max_tokens",  FIELD_INT(MessagesBody, max_tokens), .help = "Longest answer." },
    { "system",      FIELD_STRUCTS(MessagesBody, system, Block, block_fields), .flags = FIELD_OMIT_EMPTY, .help = "The system prompt." },
    { "messages",    FIELD_STRUCTS(MessagesBody, messages, Turn, turn_fields), .help = "The conversation." },
    { "tools",       FIELD_STRUCTS(MessagesBody, tools, OfferedTool, tool_fields), .flags = FIELD_OMIT_EMPTY, .help = "What may be called." },
    { "stream",      FIELD_BOOL(MessagesBody, is_stream), .help = "Piece by piece." },
    { "temperature", FIELD_JSON(MessagesBody, temperature), .flags = FIELD_OMIT_EMPTY, .help = "How varied." },
    { "thinking",      FIELD_STRUCT(MessagesBody, thinking, thinking_request_fields), .flags = FIELD_OMIT_EMPTY, .help = "Whether it thinks." },
    { "output_config", FIELD_STRUCT(MessagesBody, output, output_fields), .flags = FIELD_OMIT_EMPTY, .help = "And how hard." },
    { 0 }
};
/* clang-format on */

static Block *new_block(BlockKind kind) {
    Block *block = g_new0(Block, 1);
    block->kind = (int)kind;
    return block;
}

static bool is_blank(const char *text) {
    while (text != NULL && g_ascii_isspace(*text)) text++;
    return text == NULL || *text == '\0';
}

/* Ids of other makers may hold what this one refuses; a call and its result change alike. */
static char *safe_id(const char *id) {
    char *safe = g_strdup(id != NULL ? id : "");
    for (char *at = safe; *at != '\0'; at++)
        if (!g_ascii_isalnum(*at) && *at != '-') *at = '_';
    return safe;
}

/* Thinking is proof only to the model that thought it. */
static Block *thinking_block(const Message *message, const Part *part, const char *model) {
    bool is_own = g_strcmp0(message->provider, "anthropic") == 0 && message->model != NULL &&
                  g_str_has_prefix(message->model, model);
    if (!is_own || part->signature == NULL || part->signature[0] == '\0') return NULL;
    Block *block = new_block(part->is_redacted ? BLOCK_REDACTED : BLOCK_THINKING);
    block->thinking = g_strdup(part->thinking != NULL ? part->thinking : "");
    block->signature = g_strdup(part->signature);
    return block;
}

/* NULL for what is not sent: empty words are refused. */
static Block *block_of(const Message *message, const Part *part, const char *model) {
    Block *block = NULL;
    switch ((PartKind)part->kind) {
    case PART_TEXT:
        if (is_blank(part->text)) return NULL;
        block = new_block(BLOCK_TEXT);
        block->text = g_strdup(part->text);
        return block;
    case PART_IMAGE:
        block = new_block(BLOCK_IMAGE);
        block->source = (ImageSource){ g_strdup("base64"), g_strdup(part->mime_type),
                                       g_strdup(part->image_base64) };
        return block;
    case PART_TOOL_CALL:
        block = new_block(BLOCK_TOOL_USE);
        block->id = safe_id(part->call_id);
        block->name = g_strdup(part->call_name);
        block->input = json_incref(part->arguments);
        return block;
    case PART_THINKING: return thinking_block(message, part, model);
    }
    return NULL;
}

static Block *result_block(const Message *message) {
    Block *block = new_block(BLOCK_TOOL_RESULT);
    block->tool_use_id = safe_id(message->tool_call_id);
    block->text = message_text(message);
    block->is_error = message->is_error;
    return block;
}

/* The turn that this role speaks in: neighbours of one role are one turn, so that the results of
 * parallel calls stand in one message. */
static Turn *turn_for(GPtrArray *turns, const char *role) {
    Turn *last = turns->len > 0 ? g_ptr_array_index(turns, turns->len - 1) : NULL;
    if (last != NULL && strcmp(last->role, role) == 0) return last;
    Turn *turn = g_new0(Turn, 1);
    turn->role = g_strdup(role);
    turn->content = g_ptr_array_new();
    g_ptr_array_add(turns, turn);
    return turn;
}

static void add_message(GPtrArray *turns, const Message *message, const char *model) {
    const char *role = message->role == ROLE_ASSISTANT ? "assistant" : "user";
    if (message->role == ROLE_TOOL_RESULT) {
        g_ptr_array_add(turn_for(turns, role)->content, result_block(message));
        return;
    }
    for (unsigned i = 0; i < message->parts->len; i++) {
        Block *block = block_of(message, g_ptr_array_index(message->parts, i), model);
        if (block != NULL) g_ptr_array_add(turn_for(turns, role)->content, block);
    }
}

/* Everything up to the end of the last user turn comes again with the next request. */
static void mark_last_user(GPtrArray *turns) {
    for (unsigned i = turns->len; i > 0; i--) {
        const Turn *turn = g_ptr_array_index(turns, i - 1);
        if (strcmp(turn->role, "user") != 0) continue;
        Block *last = g_ptr_array_index(turn->content, turn->content->len - 1);
        last->cache.type = g_strdup("ephemeral");
        return;
    }
}

static GPtrArray *system_blocks(const ChatRequest *request) {
    if (is_blank(request->system)) return NULL;
    Block *block = new_block(BLOCK_TEXT);
    block->text = g_strdup(request->system);
    block->cache.type = g_strdup("ephemeral");
    GPtrArray *blocks = g_ptr_array_new();
    g_ptr_array_add(blocks, block);
    return blocks;
}

static GPtrArray *offered_tools(const ChatRequest *request) {
    GPtrArray *tools = g_ptr_array_new();
    for (size_t i = 0; i < request->n_tools; i++) {
        const ToolSpec *spec = &request->tools[i];
        OfferedTool *tool = g_new0(OfferedTool, 1);
        tool->name = g_strdup(spec->name);
        tool->description = g_strdup(tool_spec_description(spec));
        tool->schema = json_incref(spec->parameters);
        g_ptr_array_add(tools, tool);
    }
    return tools;
}

/* Beside the answer, by ThinkingLevel. The least that the server takes is 1024. */
static const int64_t thinking_budgets[] = { 0, 1024, 4096, 16384 };

static int64_t answer_tokens(const ChatRequest *request, const RemoteModel *row) {
    int64_t wanted =
        request->max_output_tokens > 0 ? request->max_output_tokens : DEFAULT_ANSWER_TOKENS;
    return row != NULL ? MIN(wanted, row->max_output_tokens) : wanted;
}

/* A model that no row knows is not told: it would refuse what it does not know. */
static void add_thinking(MessagesBody *body, const ChatRequest *request, const RemoteModel *row) {
    ThinkingWay way = row != NULL ? row->thinking : THINKS_NONE;
    if (request->thinking == THINKING_DEFAULT || way == THINKS_NONE) return;
    if (way == THINKS_ADAPTIVE) {
        body->thinking.type = g_strdup("adaptive");
        body->output.effort = g_strdup(thinking_levels[request->thinking]);
        return;
    }
    /* max_tokens is of both; a model without room for an answer beside it thinks less. */
    int64_t budget = thinking_budgets[request->thinking];
    budget = MIN(budget, row->max_output_tokens - body->max_tokens);
    if (budget < thinking_budgets[THINKING_LOW]) return;
    body->thinking.type = g_strdup("enabled");
    body->thinking.budget_tokens = budget;
    body->max_tokens += budget;
}

char *anthropic_request_encode(const ChatRequest *request, const char *model,
                               const Message *so_far) {
    const RemoteModel *row = remote_model_find(model);
    MessagesBody body = { .model = g_strdup(model),
                          .max_tokens = answer_tokens(request, row),
                          .system = system_blocks(request),
                          .messages = g_ptr_array_new(),
                          .tools = offered_tools(request),
                          .is_stream = true };
    for (unsigned i = 0; request->messages != NULL && i < request->messages->len; i++)
        add_message(body.messages, g_ptr_array_index(request->messages, i), model);
    mark_last_user(body.messages);
    if (so_far != NULL) add_message(body.messages, so_far, model);
    add_thinking(&body, request, row);
    /* A model that is told to think takes no temperature. */
    if (request->temperature >= 0 && body.thinking.type == NULL)
        body.temperature = field_json_number(request->temperature);
    char *json = field_encode(body_fields, &body, FIELD_COMPACT);
    field_clear(body_fields, &body);
    return json;
}

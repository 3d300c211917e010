/* provider/message.c: messages, their parts, and the rows that make them a line of a session file.
 */
#include "provider/message.h"

#include <string.h>

const char *const role_names[] = { "system", "user", "assistant", "toolResult", NULL };
const char *const stop_reason_names[] = {
    "", "stop", "toolUse", "length", "error", "aborted", NULL
};

/* clang-format off */
static const Field text_fields[] = {
    { "text", FIELD_STRING(Part, text), .help = "The words." },
    { 0 }
};
static const Field thinking_fields[] = {
    { "thinking",          FIELD_STRING(Part, thinking),  .help = "The model's reasoning." },
    { "thinkingSignature", FIELD_STRING(Part, signature), .help = "Opaque proof, sent back unchanged.", .flags = FIELD_OMIT_EMPTY },
    { "redacted",          FIELD_BOOL(Part, is_redacted), .help = "The words are hidden; only the proof came.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
static const Field tool_call_fields[] = {
    { "id",        FIELD_STRING(Part, call_id),   .help = "Pairs the call with its result." },
    { "name",      FIELD_STRING(Part, call_name), .help = "The tool." },
    { "arguments", FIELD_JSON(Part, arguments),   .help = "An object." },
    { 0 }
};
static const Field image_fields[] = {
    { "data",     FIELD_STRING(Part, image_base64), .help = "The picture, base64." },
    { "mimeType", FIELD_STRING(Part, mime_type),    .help = "image/png, ..." },
    { 0 }
};
static const FieldCase part_cases[] = {
    [PART_TEXT]      = { "text", text_fields },
    [PART_THINKING]  = { "thinking", thinking_fields },
    [PART_TOOL_CALL] = { "toolCall", tool_call_fields },
    [PART_IMAGE]     = { "image", image_fields },
    { 0 }
};
const Field part_fields[] = {
    { "type", FIELD_UNION(Part, kind, part_cases) },
    { 0 }
};
const Field usage_fields[] = {
    { "input",      FIELD_INT(Usage, input_tokens),       .help = "Tokens read." },
    { "output",     FIELD_INT(Usage, output_tokens),      .help = "Tokens written." },
    { "cacheRead",  FIELD_INT(Usage, cache_read_tokens),  .help = "Of the read ones, from a cache.", .flags = FIELD_OMIT_EMPTY },
    { "cacheWrite", FIELD_INT(Usage, cache_write_tokens), .help = "Written to a cache.", .flags = FIELD_OMIT_EMPTY },
    { "costUsd",    FIELD_DOUBLE(Usage, cost_usd),        .help = "Cost in US dollars.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* The shares lie in the same struct, so the rows of "cost" start where those of "usage" do. */
static const Field cost_fields[] = {
    { "input",      FIELD_DOUBLE(Usage, input_usd),       .help = "Of the tokens read." },
    { "output",     FIELD_DOUBLE(Usage, output_usd),      .help = "Of the tokens written." },
    { "cacheRead",  FIELD_DOUBLE(Usage, cache_read_usd),  .help = "Of those read from a cache." },
    { "cacheWrite", FIELD_DOUBLE(Usage, cache_write_usd), .help = "Of those written to a cache." },
    { "total",      FIELD_DOUBLE(Usage, cost_usd),        .help = "Of all." },
    { 0 }
};
/* As OpenClaw and Pi read it: every member there, also when it is 0. */
static const Field kept_usage_fields[] = {
    { "input",       FIELD_INT(Usage, input_tokens),       .help = "Tokens read." },
    { "output",      FIELD_INT(Usage, output_tokens),      .help = "Tokens written." },
    { "cacheRead",   FIELD_INT(Usage, cache_read_tokens),  .help = "Read from a cache." },
    { "cacheWrite",  FIELD_INT(Usage, cache_write_tokens), .help = "Written to a cache." },
    { "totalTokens", FIELD_INT(Usage, total_tokens),       .help = "All of them." },
    { "cost", .type = FIELD_TYPE_STRUCT, .offset = 0, .fields = cost_fields, .help = "US dollars." },
    { 0 }
};
const Field message_fields[] = {
    { "role",         FIELD_ENUM(Message, role, role_names), .help = "Who speaks.", .flags = FIELD_REQUIRED },
    { "content",      FIELD_STRUCTS(Message, parts, Part, part_fields), .help = "The parts." },
    { "provider",     FIELD_STRING(Message, provider),      .flags = FIELD_OMIT_EMPTY, .help = "Who answered." },
    { "api",          FIELD_STRING(Message, api),           .flags = FIELD_OMIT_EMPTY, .help = "The dialect it was asked in." },
    { "model",        FIELD_STRING(Message, model),         .flags = FIELD_OMIT_EMPTY, .help = "Which model answered." },
    { "usage",        FIELD_STRUCT(Message, usage, kept_usage_fields), .flags = FIELD_OMIT_EMPTY, .help = "Tokens used." },
    { "stopReason",   FIELD_ENUM(Message, stop_reason, stop_reason_names), .flags = FIELD_OMIT_EMPTY, .help = "Why it ended." },
    { "errorMessage", FIELD_STRING(Message, error_message), .flags = FIELD_OMIT_EMPTY, .help = "What failed." },
    { "toolCallId",   FIELD_STRING(Message, tool_call_id),  .flags = FIELD_OMIT_EMPTY, .help = "The call this answers." },
    { "toolName",     FIELD_STRING(Message, tool_name),     .flags = FIELD_OMIT_EMPTY, .help = "The tool that ran." },
    { "isError",      FIELD_BOOL(Message, is_error),        .flags = FIELD_OMIT_EMPTY, .help = "The tool failed." },
    { "timestamp",    FIELD_INT(Message, timestamp_ms),     .help = "Milliseconds since 1970, UTC." },
    { 0 }
};
/* clang-format on */

Message *message_new(Role role) {
    Message *message = g_new0(Message, 1);
    message->role = (int)role;
    message->parts = g_ptr_array_new();
    message->timestamp_ms = g_get_real_time() / 1000;
    return message;
}

void usage_add(Usage *sum, const Usage *more) {
    sum->input_tokens += more->input_tokens;
    sum->output_tokens += more->output_tokens;
    sum->cache_read_tokens += more->cache_read_tokens;
    sum->cache_write_tokens += more->cache_write_tokens;
    sum->cost_usd += more->cost_usd;
}

int64_t usage_read_tokens(const Usage *usage) {
    return usage->input_tokens + usage->cache_read_tokens + usage->cache_write_tokens;
}

Message *message_copy(const Message *message) {
    json_t *json = field_to_json(message_fields, message);
    Message *copy = g_new0(Message, 1);
    bool is_ok = field_from_json(message_fields, copy, json, 0, NULL);
    g_assert(is_ok); /* our own encoding always decodes */
    json_decref(json);
    for (unsigned i = 0; i < copy->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        Part *same = g_ptr_array_index(copy->parts, i);
        same->label = label_copy(&part->label);
        same->call_problem = g_strdup(part->call_problem);
    }
    return copy;
}

void message_free(Message *message) {
    if (message == NULL) return;
    for (unsigned i = 0; message->parts != NULL && i < message->parts->len; i++) {
        Part *part = g_ptr_array_index(message->parts, i);
        label_clear(&part->label);
        g_free(part->call_problem);
    }
    field_clear(message_fields, message);
    g_free(message);
}

Part *message_add_text(Message *message, Label label, const char *text, gssize length) {
    Part *part = g_new0(Part, 1);
    part->kind = PART_TEXT;
    part->text = length < 0 ? g_strdup(text) : g_strndup(text, (gsize)length);
    part->label = label;
    g_ptr_array_add(message->parts, part);
    return part;
}

char *message_text(const Message *message) {
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < message->parts->len; i++) {
        const Part *part = g_ptr_array_index(message->parts, i);
        if (part->kind != PART_TEXT || part->text == NULL) continue;
        if (text->len > 0) g_string_append(text, "\n\n");
        g_string_append(text, part->text);
    }
    return g_string_free(text, FALSE);
}

Label message_label(const Message *message) {
    if (message->parts->len == 0) return label_new(ORIGIN_SYSTEM, NULL);
    const Part *first = g_ptr_array_index(message->parts, 0);
    Label label = label_copy(&first->label);
    for (unsigned i = 1; i < message->parts->len; i++)
        label_join(&label, &((const Part *)g_ptr_array_index(message->parts, i))->label);
    return label;
}

/* session/transcript_entry.c: a line of a session file, scanned, decoded, encoded. */
#include "session/transcript_entry.h"

#include <string.h>

#include "base/text.h"
#include "provider/model_facts.h"

/* Encoding. */

typedef struct {
    char *type;
    char *id;
    json_t *parent_id;
    char *timestamp;
    Message message;
    GPtrArray *labels;
    char *provider;
    char *model_id;
    char *summary;
    char *first_kept_id;
    int64_t tokens_before;
    char *custom_type;
} Line;

/* clang-format off */
const Field transcript_header_fields[] = {
    { "type",      FIELD_STRING(TranscriptHeader, type),      .help = "\"session\"." },
    { "version",   FIELD_INT(TranscriptHeader, version),      .help = "Of the format: 3." },
    { "id",        FIELD_STRING(TranscriptHeader, id),        .help = "A UUID." },
    { "timestamp", FIELD_STRING(TranscriptHeader, timestamp), .help = "When it began." },
    { "cwd",       FIELD_STRING(TranscriptHeader, cwd),       .flags = FIELD_OMIT_EMPTY, .help = "The folder it began in." },
    { "parentSession", FIELD_STRING(TranscriptHeader, parent_session), .flags = FIELD_OMIT_EMPTY, .help = "The session it branched off." },
    { 0 }
};
static const Field message_line_fields[] = {
    { "type",      FIELD_STRING(Line, type) },
    { "id",        FIELD_STRING(Line, id) },
    { "parentId",  FIELD_JSON(Line, parent_id), .flags = FIELD_OMIT_EMPTY },
    { "timestamp", FIELD_STRING(Line, timestamp) },
    { "message",   FIELD_STRUCT(Line, message, message_fields) },
    { "labels",    FIELD_STRUCTS(Line, labels, Label, label_fields) },
    { 0 }
};
static const Field model_line_fields[] = {
    { "type",      FIELD_STRING(Line, type) },
    { "id",        FIELD_STRING(Line, id) },
    { "parentId",  FIELD_JSON(Line, parent_id), .flags = FIELD_OMIT_EMPTY },
    { "timestamp", FIELD_STRING(Line, timestamp) },
    { "provider",  FIELD_STRING(Line, provider) },
    { "modelId",   FIELD_STRING(Line, model_id) },
    { 0 }
};
static const Field compaction_line_fields[] = {
    { "type",      FIELD_STRING(Line, type) },
    { "id",        FIELD_STRING(Line, id) },
    { "parentId",  FIELD_JSON(Line, parent_id), .flags = FIELD_OMIT_EMPTY },
    { "timestamp", FIELD_STRING(Line, timestamp) },
    { "summary",   FIELD_STRING(Line, summary) },
    { "firstKeptEntryId", FIELD_STRING(Line, first_kept_id), .flags = FIELD_OMIT_EMPTY },
    { "tokensBefore", FIELD_INT(Line, tokens_before) },
    { "labels",    FIELD_STRUCTS(Line, labels, Label, label_fields) },
    { 0 }
};
static const Field custom_line_fields[] = {
    { "type",      FIELD_STRING(Line, type) },
    { "id",        FIELD_STRING(Line, id) },
    { "parentId",  FIELD_JSON(Line, parent_id) },
    { "timestamp", FIELD_STRING(Line, timestamp) },
    { "customType", FIELD_STRING(Line, custom_type) },
    { 0 }
};
/* clang-format on */

char *transcript_entry_timestamp(int64_t time_ms) {
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(time_ms / 1000);
    if (time == NULL) return g_strdup("1970-01-01T00:00:00.000Z");
    g_autofree char *seconds = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    return g_strdup_printf("%s.%03dZ", seconds, (int)(time_ms % 1000));
}

/* The name by which OpenClaw and Pi know how a model was asked. */
static const char *api_of(const char *provider) {
    static const struct {
        const char *provider, *api;
    } rows[] = { { "anthropic", "anthropic-messages" },
                 { "local", "localgpt-engine" },
                 { "ollama", "ollama" } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_strcmp0(rows[i].provider, provider) == 0) return rows[i].api;
    return "openai-completions";
}

/* A borrowed copy of `message` with the members that only files have. */
static Message complete_answer(const Message *message) {
    Message whole = *message;
    if (message->role != ROLE_ASSISTANT || message->provider == NULL) return whole;
    if (whole.api == NULL) whole.api = (char *)api_of(message->provider);
    Usage *usage = &whole.usage;
    usage->total_tokens = usage->input_tokens + usage->output_tokens + usage->cache_read_tokens +
                          usage->cache_write_tokens;
    if (usage->cost_usd == 0 || message->model == NULL) return whole;
    const Usage shares[] = { { .input_tokens = usage->input_tokens },
                             { .output_tokens = usage->output_tokens },
                             { .cache_read_tokens = usage->cache_read_tokens },
                             { .cache_write_tokens = usage->cache_write_tokens } };
    double *dollars[] = { &usage->input_usd, &usage->output_usd, &usage->cache_read_usd,
                          &usage->cache_write_usd };
    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++)
        *dollars[i] = model_facts_cost_usd(message->provider, message->model, &shares[i]);
    return whole;
}

char *transcript_entry_encode_message(const TranscriptLink *link, const Message *message) {
    g_autoptr(GPtrArray) labels = g_ptr_array_new();
    for (unsigned i = 0; i < message->parts->len; i++)
        g_ptr_array_add(labels, &((Part *)g_ptr_array_index(message->parts, i))->label);
    g_autofree char *timestamp = transcript_entry_timestamp(link->time_ms);
    g_autofree char *type = g_strdup("message");
    const Line line = { .type = type,
                        .id = link->id,
                        .parent_id = link->parent_id,
                        .timestamp = timestamp,
                        .message = complete_answer(message),
                        .labels = labels };
    return field_encode(message_line_fields, &line, FIELD_COMPACT);
}

char *transcript_entry_encode_model(const TranscriptLink *link, const char *provider,
                                    const char *model) {
    g_autofree char *timestamp = transcript_entry_timestamp(link->time_ms);
    g_autofree char *type = g_strdup("model_change");
    g_autofree char *provider_copy = g_strdup(provider);
    g_autofree char *model_copy = g_strdup(model);
    const Line line = { .type = type,
                        .id = link->id,
                        .parent_id = link->parent_id,
                        .timestamp = timestamp,
                        .provider = provider_copy,
                        .model_id = model_copy };
    return field_encode(model_line_fields, &line, FIELD_COMPACT);
}

char *transcript_entry_encode_compaction(const TranscriptLink *link,
                                         const TranscriptSummary *summary) {
    g_autofree char *timestamp = transcript_entry_timestamp(link->time_ms);
    g_autofree char *type = g_strdup("compaction");
    g_autofree char *text = g_strdup(summary->summary);
    g_autofree char *kept = g_strdup(summary->first_kept_id);
    g_autoptr(GPtrArray) labels = g_ptr_array_new();
    g_ptr_array_add(labels, (Label *)summary->label);
    const Line line = { .type = type,
                        .id = link->id,
                        .parent_id = link->parent_id,
                        .timestamp = timestamp,
                        .summary = text,
                        .first_kept_id = kept,
                        .tokens_before = summary->tokens_before,
                        .labels = labels };
    return field_encode(compaction_line_fields, &line, FIELD_COMPACT);
}

static char *encode_custom(const TranscriptLink *link, const char *name) {
    g_autofree char *timestamp = transcript_entry_timestamp(link->time_ms);
    g_autofree char *type = g_strdup("custom");
    g_autofree char *custom_type = g_strdup(name);
    const Line line = { .type = type,
                        .id = link->id,
                        .parent_id = link->parent_id,
                        .timestamp = timestamp,
                        .custom_type = custom_type };
    return field_encode(custom_line_fields, &line, FIELD_COMPACT);
}

char *transcript_entry_encode_clear(const TranscriptLink *link) {
    return encode_custom(link, "localgpt.clear");
}

char *transcript_entry_encode_branch(const TranscriptLink *link) {
    return encode_custom(link, "localgpt.branch");
}

/* Parsing with repair. */

/* Four hex digits, or -1. */
static int hex_unit(const char *digits) {
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(digits[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

/* Programs that cut their strings by UTF-16 units write halves of a pair ("\ud83d" alone), which is
 * no character: they become U+FFFD. In place; the length stays. */
static void mend_surrogates(char *text) {
    static const char replacement[] = { 'f', 'f', 'f', 'd' };
    for (char *at = text; (at = strchr(at, '\\')) != NULL && at[1] != '\0';) {
        int unit = at[1] == 'u' ? hex_unit(at + 2) : -1;
        bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
        bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
        int next = is_high && at[6] == '\\' && at[7] == 'u' ? hex_unit(at + 8) : -1;
        if (next >= 0xDC00 && next <= 0xDFFF) {
            at += 12;
            continue;
        }
        if (is_high || is_low) memcpy(at + 2, replacement, sizeof replacement);
        at += 2;
    }
}

/* "\u0000" is legal JSON, but no text: such characters are dropped. */
static void drop_nul_characters(json_t *json) {
    if (json_is_string(json)) {
        const char *text = json_string_value(json);
        size_t length = json_string_length(json);
        if (strlen(text) == length) return;
        g_autofree char *valid = text_make_valid(text, length);
        json_string_set(json, valid);
        return;
    }
    size_t index;
    const char *name;
    json_t *item;
    json_array_foreach (json, index, item) drop_nul_characters(item);
    json_object_foreach (json, name, item) drop_nul_characters(item);
}

json_t *transcript_entry_parse(const char *line, size_t length) {
    json_t *json = field_json_parse(line, length, NULL);
    if (json == NULL) {
        g_autofree char *mended = text_make_valid(line, length);
        mend_surrogates(mended);
        json = field_json_parse(mended, strlen(mended), NULL);
    }
    if (json == NULL) return NULL;
    if (!json_is_object(json)) {
        json_decref(json);
        return NULL;
    }
    drop_nul_characters(json);
    return json;
}

/* Decoding. */

static const struct {
    const char *name;
    Role role;
    Origin origin; /* of a message without labels */
    Integrity integrity;
} roles[] = {
    { "system", ROLE_SYSTEM, ORIGIN_SYSTEM, INTEGRITY_UNTRUSTED },
    { "user", ROLE_USER, ORIGIN_OWNER, INTEGRITY_TRUSTED },
    { "assistant", ROLE_ASSISTANT, ORIGIN_AGENT, INTEGRITY_UNTRUSTED },
    { "toolResult", ROLE_TOOL_RESULT, ORIGIN_TOOL, INTEGRITY_UNTRUSTED },
    { "tool", ROLE_TOOL_RESULT, ORIGIN_TOOL, INTEGRITY_UNTRUSTED },
    { "custom", ROLE_USER, ORIGIN_TOOL, INTEGRITY_UNTRUSTED },
    { "hookMessage", ROLE_USER, ORIGIN_TOOL, INTEGRITY_UNTRUSTED },
};

/* What is wrong with a member of a foreign message is no reason to lose the rest of it. */
static void ignore_problem(const char *path, const char *message, void *user_data) {
    (void)path, (void)message, (void)user_data;
}

static const char *string_member(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static void part_free(Part *part) {
    label_clear(&part->label);
    field_clear(part_fields, part);
    g_free(part);
}

static Label foreign_label(const char *role) {
    Label label = label_new(ORIGIN_TOOL, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (g_strcmp0(roles[i].name, role) != 0) continue;
        label.origin = (int)roles[i].origin;
        label.integrity = (int)roles[i].integrity;
    }
    return label;
}

/* The label of block `index`. Where an entry has labels at all, one that is missing or does not
 * decode is never trusted. */
static Label read_label(const json_t *entry, size_t index, const char *role) {
    const json_t *labels = json_object_get(entry, "labels");
    Label label = foreign_label(role);
    if (labels == NULL) return label;
    Label written = { 0 };
    const json_t *row = json_array_get(labels, index);
    bool is_whole = string_member(row, "origin") != NULL &&
                    string_member(row, "integrity") != NULL &&
                    string_member(row, "secrecy") != NULL;
    if (is_whole && field_from_json(label_fields, &written, row, 0, NULL)) return written;
    label.integrity = INTEGRITY_UNTRUSTED;
    return label;
}

typedef struct {
    char *unparsed;
} UnparsedArguments;
static const Field unparsed_fields[] = { { "unparsed", FIELD_STRING(UnparsedArguments, unparsed) },
                                         { 0 } };

/* Arguments are an object; older files hold the text of one. New reference. */
static json_t *read_arguments(const json_t *arguments) {
    if (json_is_object(arguments)) return json_deep_copy(arguments);
    const char *text = json_string_value(arguments);
    if (text == NULL) text = "{}";
    json_t *parsed = field_json_parse(text, strlen(text), NULL);
    if (json_is_object(parsed)) return parsed;
    json_decref(parsed);
    g_autofree char *copy = g_strdup(text);
    const UnparsedArguments unparsed = { .unparsed = copy };
    return field_to_json(unparsed_fields, &unparsed);
}

/* A block of the content, or NULL when it is of an unknown kind or lacks what makes it one. */
static Part *read_part(const json_t *block) {
    Part *part = g_new0(Part, 1);
    field_from_json_lenient(part_fields, part, block, 0, ignore_problem, NULL, NULL);
    bool is_whole = false;
    switch ((PartKind)part->kind) {
    case PART_TEXT: is_whole = part->text != NULL; break;
    case PART_THINKING: is_whole = part->thinking != NULL; break;
    case PART_TOOL_CALL: is_whole = part->call_id != NULL && part->call_name != NULL; break;
    case PART_IMAGE: is_whole = part->image_base64 != NULL && part->mime_type != NULL; break;
    }
    if (!is_whole) {
        part_free(part);
        return NULL;
    }
    if (part->kind == PART_TOOL_CALL) {
        json_t *arguments = read_arguments(part->arguments);
        json_decref(part->arguments);
        part->arguments = arguments;
    }
    return part;
}

static void read_content(const json_t *entry, const json_t *content, const char *role,
                         Message *message) {
    if (json_is_string(content)) {
        message_add_text(message, read_label(entry, 0, role), json_string_value(content), -1);
        return;
    }
    size_t index;
    json_t *block;
    json_array_foreach (content, index, block) {
        Part *part = read_part(block);
        if (part == NULL) continue;
        part->label = read_label(entry, index, role);
        g_ptr_array_add(message->parts, part);
    }
}

/* The original program keeps calls beside the content: {"id","name","arguments":"{...}"}. */
static void read_tool_calls(const json_t *calls, Message *message) {
    size_t index;
    json_t *call;
    json_array_foreach (calls, index, call) {
        const char *id = string_member(call, "id"), *name = string_member(call, "name");
        if (id == NULL || name == NULL) continue;
        Part *part = g_new0(Part, 1);
        part->kind = PART_TOOL_CALL;
        part->call_id = g_strdup(id);
        part->call_name = g_strdup(name);
        part->arguments = read_arguments(json_object_get(call, "arguments"));
        part->label = foreign_label("assistant");
        g_ptr_array_add(message->parts, part);
    }
}

static int64_t entry_time_ms(const json_t *entry) {
    const char *text = string_member(entry, "timestamp");
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601(text, utc) : NULL;
    if (time == NULL) return 0;
    return g_date_time_to_unix(time) * 1000 + g_date_time_get_microsecond(time) / 1000;
}

/* A message with everything but its parts. */
static Message *read_message_members(const json_t *entry, const json_t *json, Role role) {
    Message *message = g_new0(Message, 1);
    field_from_json_lenient(message_fields, message, json, 0, ignore_problem, NULL, NULL);
    /* Blocks are read one by one afterwards: unknown ones go, and each has its label. */
    for (unsigned i = 0; message->parts != NULL && i < message->parts->len; i++)
        part_free(g_ptr_array_index(message->parts, i));
    g_clear_pointer(&message->parts, g_ptr_array_unref);
    message->parts = g_ptr_array_new();
    message->role = (int)role;
    if (message->timestamp_ms == 0) message->timestamp_ms = entry_time_ms(entry);
    const json_t *cost = json_object_get(json_object_get(json, "usage"), "cost");
    /* Sessions of our first version kept the cost as one number. */
    if (cost == NULL)
        message->usage.cost_usd =
            json_number_value(json_object_get(json_object_get(json, "usage"), "costUsd"));
    return message;
}

/* A command the user ran beside the conversation. */
static Message *read_bash_execution(const json_t *entry, const json_t *json) {
    const char *command = string_member(json, "command");
    if (command == NULL || json_is_true(json_object_get(json, "excludeFromContext"))) return NULL;
    const char *output = string_member(json, "output");
    Message *message = read_message_members(entry, json, ROLE_USER);
    g_autofree char *text =
        g_strdup_printf("Output of `%s`:\n%s", command, output != NULL ? output : "");
    message_add_text(message, label_new(ORIGIN_TOOL, "bash"), text, -1);
    return message;
}

static Message *read_message(const json_t *entry, const json_t *json) {
    const char *name = string_member(json, "role");
    if (g_strcmp0(name, "bashExecution") == 0) return read_bash_execution(entry, json);
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        if (g_strcmp0(roles[i].name, name) != 0) continue;
        /* A system prompt of another program: ours is written afresh for every turn. */
        if (roles[i].role == ROLE_SYSTEM && json_object_get(entry, "labels") == NULL) return NULL;
        Message *message = read_message_members(entry, json, roles[i].role);
        read_content(entry, json_object_get(json, "content"), name, message);
        read_tool_calls(json_object_get(json, "toolCalls"), message);
        return message;
    }
    return NULL;
}

/* A summary stands for messages of every origin, so it is not trusted unless its label says so. */
static Message *read_summary(const json_t *entry, const char *opening) {
    const char *summary = string_member(entry, "summary");
    if (summary == NULL || summary[0] == '\0') return NULL;
    Message *message = message_new(ROLE_USER);
    message->timestamp_ms = entry_time_ms(entry);
    g_autofree char *text = g_strdup_printf("%s\n\n%s", opening, summary);
    message_add_text(message, read_label(entry, 0, "system"), text, -1);
    return message;
}

static TranscriptKind kind_of(const char *type, size_t length);

Message *transcript_entry_message(const json_t *entry) {
    const char *type = string_member(entry, "type");
    switch (kind_of(type, type != NULL ? strlen(type) : 0)) {
    case TRANSCRIPT_MESSAGE: return read_message(entry, json_object_get(entry, "message"));
    case TRANSCRIPT_COMPACTION:
        return read_summary(entry, "Summary of the conversation before this point:");
    case TRANSCRIPT_BRANCH_SUMMARY:
        return read_summary(entry, "Summary of another branch of this conversation:");
    case TRANSCRIPT_CUSTOM_MESSAGE: {
        Message *message = read_message_members(entry, NULL, ROLE_USER);
        read_content(entry, json_object_get(entry, "content"), "custom", message);
        return message;
    }
    case TRANSCRIPT_OTHER:
    case TRANSCRIPT_SESSION: break;
    }
    return NULL;
}

/* Scanning. */

static TranscriptKind kind_of(const char *type, size_t length) {
    static const struct {
        const char *name;
        TranscriptKind kind;
    } kinds[] = { { "session", TRANSCRIPT_SESSION },
                  { "message", TRANSCRIPT_MESSAGE },
                  { "compaction", TRANSCRIPT_COMPACTION },
                  { "branch_summary", TRANSCRIPT_BRANCH_SUMMARY },
                  { "custom_message", TRANSCRIPT_CUSTOM_MESSAGE } };
    for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(kinds); i++)
        if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, type, length) == 0)
            return kinds[i].kind;
    return TRANSCRIPT_OTHER;
}

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
    return at;
}

/* `at` is on the opening quote. The byte after the closing one, or NULL. */
static const char *skip_string(const char *at, const char *end) {
    const char *from = at + 1;
    for (;;) {
        const char *quote = memchr(from, '"', (size_t)(end - from));
        if (quote == NULL) return NULL;
        const char *before = quote;
        while (before > at + 1 && before[-1] == '\\') before--;
        if ((quote - before) % 2 == 0) return quote + 1;
        from = quote + 1;
    }
}

/* Past an object or array, by its brackets. */
static const char *skip_nested(const char *at, const char *end) {
    int depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
            if (at == NULL) return NULL;
            continue;
        }
        if (*at == '{' || *at == '[') depth++;
        if ((*at == '}' || *at == ']') && --depth == 0) return at + 1;
        at++;
    }
    return NULL;
}

static const char *skip_value(const char *at, const char *end) {
    if (at == end) return NULL;
    if (*at == '"') return skip_string(at, end);
    if (*at == '{' || *at == '[') return skip_nested(at, end);
    const char *start = at;
    while (at < end && strchr(",}] \t\r\"{[:", *at) == NULL) at++;
    return at > start ? at : NULL;
}

static bool slice_is(TranscriptSlice slice, const char *text) {
    return slice.length == strlen(text) && memcmp(slice.start, text, slice.length) == 0;
}

/* An id is compared as it is written: one with escapes or bytes that no program puts there is none.
 */
static bool is_plain_id(TranscriptSlice id) {
    for (size_t i = 0; i < id.length; i++)
        if (!g_ascii_isgraph(id.start[i]) || id.start[i] == '\\') return false;
    return id.length > 0;
}

static void note_member(TranscriptHead *head, TranscriptSlice name, TranscriptSlice value) {
    if (slice_is(name, "type")) {
        head->type = value;
        head->kind = kind_of(value.start, value.length);
    } else if (slice_is(name, "id")) {
        head->id = is_plain_id(value) ? value : (TranscriptSlice){ NULL, 0 };
    } else if (slice_is(name, "parentId")) {
        /* A string that is no id is the id of no entry: not the same as null, the root. */
        bool is_root = value.start == NULL;
        head->parent_id = is_root || is_plain_id(value) ? value : (TranscriptSlice){ "", 0 };
        head->has_parent_id = true;
    }
}

/* `at` is on a member's name; past its value, or NULL. */
static const char *scan_member(const char *at, const char *end, TranscriptHead *head) {
    if (at == end || *at != '"') return NULL;
    const char *after_name = skip_string(at, end);
    if (after_name == NULL) return NULL;
    const TranscriptSlice name = { at + 1, (size_t)(after_name - at) - 2 };
    at = skip_space(after_name, end);
    if (at == end || *at != ':') return NULL;
    at = skip_space(at + 1, end);
    const char *after = skip_value(at, end);
    if (after == NULL) return NULL;
    TranscriptSlice value = { NULL, 0 };
    if (*at == '"') value = (TranscriptSlice){ at + 1, (size_t)(after - at) - 2 };
    note_member(head, name, value);
    return after;
}

bool transcript_entry_scan(const char *line, size_t length, TranscriptHead *out_head) {
    const char *end = line + length;
    TranscriptHead head = { 0 };
    const char *at = skip_space(line, end);
    if (at == end || *at != '{') return false;
    do {
        at = scan_member(skip_space(at + 1, end), end, &head);
        if (at == NULL) return false;
        at = skip_space(at, end);
    } while (at < end && *at == ',');
    if (at == end || *at != '}' || skip_space(at + 1, end) != end) return false;
    *out_head = head;
    return true;
}

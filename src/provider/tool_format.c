/* provider/tool_format.c: the families, and writing and reading of calls by their rows. */
#include "provider/tool_format.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/tool_grammar.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define MAX_CALLS 8

/* clang-format off */
const ToolFormat tool_formats[] = {
    {
        .name = "hermes", .summary = "Hermes, Qwen and other ChatML models: JSON in <tool_call> tags",
        .architectures = NAMES("qwen2", "qwen2moe", "qwen3", "qwen3moe", "smollm3"),
        .template_marks = NAMES("<tool_call>", "<|im_start|>"),
        .body = TOOL_BODY_OBJECT, .arguments_key = "arguments",
        .call_start = "<tool_call>", .call_end = "</tool_call>",
        .trigger = "[\\s\\S]*?(<tool_call>[\\s\\S]*)",
        .instructions = "To use a tool, answer with its name and arguments as JSON in tags:\n"
                        "<tool_call>\n{\"name\": \"...\", \"arguments\": {...}}\n</tool_call>\n"
                        "The result comes back in <tool_response> tags. Without need of a tool, just answer.",
        .result_role = "user", .result_start = "<tool_response>\n", .result_end = "\n</tool_response>",
    }, {
        .name = "mistral", .summary = "Mistral: a JSON list after [TOOL_CALLS]",
        .architectures = NAMES("mistral3"),
        .template_marks = NAMES("[TOOL_CALLS]", "[AVAILABLE_TOOLS]"),
        .body = TOOL_BODY_ARRAY, .arguments_key = "arguments",
        .call_start = "[TOOL_CALLS]", .call_end = "",
        .trigger = "[\\s\\S]*?(\\[TOOL_CALLS\\][\\s\\S]*)",
        .instructions = "To use tools, answer with [TOOL_CALLS] and a JSON list:\n"
                        "[TOOL_CALLS] [{\"name\": \"...\", \"arguments\": {...}}]\n"
                        "The results come back after [TOOL_RESULTS]. Without need of a tool, just answer.",
        .result_role = "user", .result_start = "[TOOL_RESULTS] ", .result_end = " [/TOOL_RESULTS]",
        .has_json_results = true,
    }, {
        .name = "llama3", .summary = "Llama 3: the answer is one JSON object",
        .architectures = NAMES("llama4"),
        .template_marks = NAMES("<|python_tag|>", "ipython", "<|start_header_id|>"),
        .body = TOOL_BODY_OBJECT, .arguments_key = "parameters",
        .call_start = "", .call_end = "",
        .trigger = "^\\s*(?:<\\|python_tag\\|>)?\\s*(\\{\\s*\"name\"[\\s\\S]*)",
        .instructions = "To use a tool, answer with nothing but its name and parameters as JSON:\n"
                        "{\"name\": \"...\", \"parameters\": {...}}\n"
                        "The result comes back in the next message. Without need of a tool, just answer in words.",
        .result_role = "ipython", .result_start = "", .result_end = "", .has_json_results = true,
    }, {
        .name = "gemma", .summary = "Gemma: JSON in a fenced block named tool_call",
        .architectures = NAMES("gemma", "gemma2", "gemma3", "gemma3n"),
        .template_marks = NAMES("<start_of_turn>"),
        .body = TOOL_BODY_OBJECT, .arguments_key = "parameters",
        .call_start = "```tool_call", .call_end = "```",
        .trigger = "[\\s\\S]*?(```tool_call[\\s\\S]*)",
        .instructions = "To use a tool, answer with its name and parameters as JSON in a block:\n"
                        "```tool_call\n{\"name\": \"...\", \"parameters\": {...}}\n```\n"
                        "The result comes back in a block named tool_output. Without need of a tool, just answer.",
        .result_role = "user", .result_start = "```tool_output\n", .result_end = "\n```",
    }, {
        .name = "json", .summary = "any other model: {\"tool_call\": {...}}",
        .architectures = NAMES(NULL), .template_marks = NAMES(NULL),
        .body = TOOL_BODY_WRAPPED, .arguments_key = "arguments",
        .call_start = "", .call_end = "",
        .trigger = "^(?:[\\s\\S]*?\\n)??\\s*(\\{\\s*\"tool_call\"[\\s\\S]*)",
        .instructions = "To use a tool, write one line of JSON and nothing after it:\n"
                        "{\"tool_call\": {\"name\": \"...\", \"arguments\": {...}}}\n"
                        "The result comes back in the next message. Without need of a tool, just answer.",
        .result_role = "user", .result_start = "Result of the tool:\n", .result_end = "",
        .has_json_results = true,
    },
    { .name = NULL },
};
/* clang-format on */

const ToolFormat *tool_format_find(const char *name) {
    for (const ToolFormat *row = tool_formats; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0) return row;
    return NULL;
}

const ToolFormat *tool_format_for(const char *architecture, const char *chat_template) {
    const ToolFormat *row = tool_formats;
    for (; chat_template != NULL && row->name != NULL; row++)
        for (const char *const *mark = row->template_marks; *mark != NULL; mark++)
            if (strstr(chat_template, *mark) != NULL) return row;
    for (row = tool_formats; architecture != NULL && row->name != NULL; row++)
        if (g_strv_contains(row->architectures, architecture)) return row;
    return tool_format_find("json");
}

/* ---- describing ---- */

typedef struct {
    char *name;
    char *description;
    json_t *parameters;
} Function;

typedef struct {
    char *type;
    Function function;
} Description;

static const Field function_fields[] = {
    { "name", FIELD_STRING(Function, name) },
    { "description", FIELD_STRING(Function, description) },
    { "parameters", FIELD_JSON(Function, parameters), .flags = FIELD_OMIT_EMPTY },
    { 0 },
};
static const Field description_fields[] = {
    { "type", FIELD_STRING(Description, type) },
    { "function", FIELD_STRUCT(Description, function, function_fields) },
    { 0 },
};

char *tool_format_describe(const ToolFormat *format, const ToolSet *set) {
    GString *text = g_string_new("# Tools\n\nYou may use these tools:\n");
    for (size_t i = 0; i < set->n_tools; i++) {
        const ToolSpec *tool = &set->tools[i];
        /* Borrowed: the struct is only read. */
        Description description = { .type = (char *)"function",
                                    .function = { .name = (char *)tool->name,
                                                  .description =
                                                      (char *)tool_spec_description(tool),
                                                  .parameters = tool->parameters } };
        g_autofree char *json = field_encode(description_fields, &description, FIELD_COMPACT);
        g_string_append_printf(text, "%s\n", json);
    }
    g_string_append_printf(text, "\n%s", format->instructions);
    return g_string_free(text, FALSE);
}

/* ---- grammar ---- */

static char *call_rule(ToolGrammar *grammar, const ToolFormat *format, const ToolSpec *tool,
                       GError **error) {
    g_autofree char *arguments = tool_grammar_add(grammar, tool->parameters, error);
    if (arguments == NULL) {
        g_prefix_error(error, "the schema of the tool '%s': ", tool->name);
        return NULL;
    }
    g_autofree char *name = tool_grammar_json_literal(tool->name);
    g_autofree char *key = tool_grammar_json_literal(format->arguments_key);
    return g_strdup_printf(
        "\"{\" ws \"\\\"name\\\"\" ws \":\" ws %s ws \",\" ws %s ws \":\" ws %s ws "
        "\"}\"",
        name, key, arguments);
}

static void root_rule(ToolGrammar *grammar, const ToolFormat *format) {
    g_autofree char *start = tool_grammar_literal(format->call_start);
    g_autofree char *end = tool_grammar_literal(format->call_end);
    bool stands_alone = format->call_start[0] == '\0';
    switch (format->body) {
    case TOOL_BODY_ARRAY:
        tool_grammar_rule(grammar, "root",
                          "%s ws \"[\" ws call (ws \",\" ws call){0,%d} ws \"]\" %s", start,
                          MAX_CALLS - 1, end);
        return;
    case TOOL_BODY_WRAPPED:
        tool_grammar_rule(grammar, "one",
                          "\"{\" ws \"\\\"tool_call\\\"\" ws \":\" ws call ws \"}\"");
        break;
    case TOOL_BODY_OBJECT:
        if (stands_alone)
            tool_grammar_rule(grammar, "one", "call");
        else
            tool_grammar_rule(grammar, "one", "%s ws call ws %s", start, end);
        break;
    }
    const char *between = stands_alone ? "\"\\n\"" : "ws";
    tool_grammar_rule(grammar, "root", "one (%s one){0,%d}", between, MAX_CALLS - 1);
}

char *tool_format_grammar(const ToolFormat *format, const ToolSet *set, GError **error) {
    g_autoptr(ToolGrammar) grammar = tool_grammar_new();
    g_autoptr(GString) calls = g_string_new(NULL);
    if (set->n_tools == 0) {
        error_set(error, ERR_USAGE, "a grammar of calls needs a tool");
        return NULL;
    }
    for (size_t i = 0; i < set->n_tools; i++) {
        g_autofree char *call = call_rule(grammar, format, &set->tools[i], error);
        if (call == NULL) return NULL;
        g_autofree char *name = g_strdup_printf("call%zu", i);
        tool_grammar_rule(grammar, name, "%s", call);
        g_string_append_printf(calls, "%s%s", i > 0 ? " | " : "", name);
    }
    tool_grammar_rule(grammar, "call", "%s", calls->str);
    root_rule(grammar, format);
    return tool_grammar_text(grammar, error);
}

/* ---- reading ---- */

static void free_call(gpointer data) {
    ToolFormatCall *call = data;
    g_free(call->name);
    json_decref(call->arguments);
    g_free(call);
}

void tool_format_reply_clear(ToolFormatReply *reply) {
    g_clear_pointer(&reply->text, g_free);
    g_clear_pointer(&reply->calls, g_ptr_array_unref);
}

/* The JSON that starts at `text`; how long it is. Of a key that comes twice the last one counts. */
static json_t *read_json(const char *text, size_t *out_length, GError **error) {
    json_error_t problem;
    json_t *json = json_loads(text, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &problem);
    if (json != NULL) {
        *out_length = (size_t)problem.position;
        return json;
    }
    error_set(error, ERR_DATA, "the call of a tool is not valid JSON: line %d, column %d: %s",
              problem.line, problem.column, problem.text);
    return NULL;
}

static const json_t *arguments_of(const json_t *call) {
    static const char *const keys[] = { "arguments", "parameters" };
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const json_t *value = json_object_get(call, keys[i]);
        if (value != NULL) return value;
    }
    return NULL;
}

/* Arguments may stand as an object, as JSON in a string, or not at all. New reference. */
static json_t *take_arguments(const json_t *call, const char *name, GError **error) {
    const json_t *value = arguments_of(call);
    const char *text = json_string_value(value);
    json_t *arguments = NULL;
    if (value == NULL || json_is_null(value))
        arguments = field_json_parse("{}", 2, error);
    else if (text != NULL)
        arguments = json_loads(text, 0, NULL);
    else
        arguments = json_incref((json_t *)value);
    if (json_is_object(arguments)) return arguments;
    json_decref(arguments);
    error_set(error, ERR_DATA, "the arguments of the tool '%s' are not a JSON object", name);
    return NULL;
}

static bool check_name(const ToolSet *set, const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < set->n_tools; i++) {
        if (strcmp(set->tools[i].name, name) == 0) return true;
        g_ptr_array_add(names, (char *)set->tools[i].name);
    }
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    g_autofree char *shown = text_strip_terminal(name, strlen(name));
    g_autofree char *cut = text_ellipsize(shown, 64);
    g_autofree char *known = g_strjoinv(", ", (char **)names->pdata);
    if (suggestion != NULL)
        error_set(error, ERR_DATA, "there is no tool '%s'; did you mean '%s'?", cut, suggestion);
    else
        error_set(error, ERR_DATA, "there is no tool '%s'; there are: %s", cut, known);
    return false;
}

static bool take_call(const json_t *json, const ToolSet *set, ToolFormatReply *reply,
                      GError **error) {
    const json_t *inner = json_object_get(json, "tool_call");
    if (json_is_object(inner)) json = inner;
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL) {
        error_set(error, ERR_DATA, "the call does not name a tool ('name' is missing)");
        return false;
    }
    if (!check_name(set, name, error)) return false;
    json_t *arguments = take_arguments(json, name, error);
    if (arguments == NULL) return false;
    ToolFormatCall *call = g_new0(ToolFormatCall, 1);
    call->name = g_strdup(name);
    call->arguments = arguments;
    g_ptr_array_add(reply->calls, call);
    return true;
}

/* One object, or each of a list. */
static bool take_calls(const json_t *json, const ToolSet *set, ToolFormatReply *reply,
                       GError **error) {
    if (!json_is_array(json)) return take_call(json, set, reply, error);
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!take_call(json_array_get(json, i), set, reply, error)) return false;
    return true;
}

static const char *skip_space(const char *text) {
    while (g_ascii_isspace(*text)) text++;
    return text;
}

/* `at` stands behind the start of a call; the end of the call, or NULL. */
static const char *take_body(const ToolFormat *format, const char *at, const ToolSet *set,
                             ToolFormatReply *reply, GError **error) {
    at = skip_space(at);
    size_t length = 0;
    json_t *json = read_json(at, &length, error);
    if (json == NULL) return NULL;
    bool is_ok = take_calls(json, set, reply, error);
    json_decref(json);
    if (!is_ok) return NULL;
    at += length;
    const char *end = skip_space(at);
    bool has_end = format->call_end[0] != '\0' && g_str_has_prefix(end, format->call_end);
    return has_end ? end + strlen(format->call_end) : at;
}

/* Calls between marks: everything else is text. */
static bool parse_marked(const ToolFormat *format, const char *answer, const ToolSet *set,
                         ToolFormatReply *reply, GError **error) {
    g_autoptr(GString) text = g_string_new(NULL);
    const char *at = answer;
    for (const char *start; (start = strstr(at, format->call_start)) != NULL;) {
        g_string_append_len(text, at, start - at);
        at = take_body(format, start + strlen(format->call_start), set, reply, error);
        if (at == NULL) return false;
    }
    g_string_append(text, at);
    reply->text = g_strstrip(g_strdup(text->str));
    return true;
}

/* Is this "{", spaces and the key in quotes, or the unfinished beginning of that? */
static bool may_open_call(const char *at, const char *key) {
    if (*at != '{') return false;
    at = skip_space(at + 1);
    size_t i = 0;
    while (key[i] != '\0' && at[i] == key[i]) i++;
    return key[i] == '\0' || at[i] == '\0';
}

/* Where a call that stands alone begins: at the start of a line, for Llama 3 of the answer. */
static const char *find_alone(const ToolFormat *format, const char *answer) {
    bool is_anywhere = format->body == TOOL_BODY_WRAPPED;
    const char *key = is_anywhere ? "\"tool_call\"" : "\"name\"";
    static const char tag[] = "<|python_tag|>";
    for (const char *line = answer; line != NULL;) {
        const char *at = skip_space(line);
        if (!is_anywhere && g_str_has_prefix(at, tag)) at = skip_space(at + strlen(tag));
        if (may_open_call(at, key)) return at;
        if (!is_anywhere || *at == '\0') return NULL;
        line = strchr(at, '\n');
    }
    return NULL;
}

static bool parse_alone(const ToolFormat *format, const char *answer, const ToolSet *set,
                        ToolFormatReply *reply, GError **error) {
    const char *key = format->body == TOOL_BODY_WRAPPED ? "\"tool_call\"" : "\"name\"";
    const char *at = find_alone(format, answer);
    size_t before = at != NULL ? (size_t)(at - answer) : strlen(answer);
    g_autofree char *text = g_strndup(answer, before);
    if (at != NULL && format->body == TOOL_BODY_OBJECT) text[0] = '\0';
    while (at != NULL && may_open_call(at, key)) {
        at = take_body(format, at, set, reply, error);
        if (at == NULL) return false;
        at = skip_space(at);
        if (*at == ';') at = skip_space(at + 1);
    }
    g_autofree char *all = g_strconcat(text, at != NULL ? at : "", NULL);
    reply->text = g_strstrip(g_steal_pointer(&all));
    return true;
}

bool tool_format_parse(const ToolFormat *format, const char *answer, const ToolSet *set,
                       ToolFormatReply *out_reply, GError **error) {
    g_auto(ToolFormatReply) reply = { .calls = g_ptr_array_new_with_free_func(free_call) };
    bool is_ok = format->call_start[0] != '\0' ? parse_marked(format, answer, set, &reply, error)
                                               : parse_alone(format, answer, set, &reply, error);
    if (!is_ok) return false;
    *out_reply = reply;
    reply = (ToolFormatReply){ 0 };
    return true;
}

size_t tool_format_plain_length(const ToolFormat *format, const char *answer, size_t length) {
    g_autofree char *copy = g_strndup(answer, length);
    length = strlen(copy);
    if (format->call_start[0] == '\0') {
        const char *at = find_alone(format, copy);
        size_t plain = at != NULL ? (size_t)(at - copy) : length;
        /* Blank lines before a call are part of it. */
        while (plain > 0 && g_ascii_isspace(copy[plain - 1])) plain--;
        return plain;
    }
    const char *start = strstr(copy, format->call_start);
    if (start != NULL) return (size_t)(start - copy);
    size_t most = MIN(length, strlen(format->call_start) - 1);
    for (size_t tail = most; tail > 0; tail--)
        if (strncmp(copy + length - tail, format->call_start, tail) == 0) return length - tail;
    return length;
}

/* ---- writing ---- */

typedef struct {
    char *name;
    json_t *arguments;
} Call;

static const Field arguments_fields[] = {
    { "name", FIELD_STRING(Call, name) },
    { "arguments", FIELD_JSON(Call, arguments) },
    { 0 },
};
static const Field parameters_fields[] = {
    { "name", FIELD_STRING(Call, name) },
    { "parameters", FIELD_JSON(Call, arguments) },
    { 0 },
};

char *tool_format_call(const ToolFormat *format, const char *name, const json_t *arguments) {
    bool has_parameters = strcmp(format->arguments_key, "parameters") == 0;
    Call call = { .name = (char *)name, .arguments = (json_t *)arguments };
    g_autofree char *json =
        field_encode(has_parameters ? parameters_fields : arguments_fields, &call, FIELD_COMPACT);
    switch (format->body) {
    case TOOL_BODY_ARRAY:
        return g_strdup_printf("%s [%s]%s", format->call_start, json, format->call_end);
    case TOOL_BODY_WRAPPED: return g_strdup_printf("{\"tool_call\":%s}", json);
    case TOOL_BODY_OBJECT: break;
    }
    if (format->call_start[0] == '\0') return g_steal_pointer(&json);
    return g_strdup_printf("%s\n%s\n%s", format->call_start, json, format->call_end);
}

typedef struct {
    char *name;
    char *content;
} Result;

static const Field result_fields[] = {
    { "name", FIELD_STRING(Result, name) },
    { "content", FIELD_STRING(Result, content) },
    { 0 },
};

char *tool_format_result(const ToolFormat *format, const char *name, const char *output) {
    g_autofree char *body = NULL;
    if (format->has_json_results) {
        Result result = { .name = (char *)name, .content = (char *)output };
        body = field_encode(result_fields, &result, FIELD_COMPACT);
    } else {
        /* A result that held the end of its frame could speak for the user. */
        g_autoptr(GString) text = g_string_new(output);
        const char *end = skip_space(format->result_end);
        g_autofree char *broken = g_strdup_printf("%c %s", end[0], end + 1);
        if (end[0] != '\0') g_string_replace(text, end, broken, 0);
        body = g_strdup(text->str);
    }
    return g_strconcat(format->result_start, body, format->result_end, NULL);
}

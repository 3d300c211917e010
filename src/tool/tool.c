/* tool/tool.c: decoding a call strictly, and naming it for people. */
#include "tool/tool.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

const char *const tool_risk_names[] = { "read", "write", "execute", "egress", "persist", NULL };

#define MAX_TITLE_CHARACTERS 200

void tool_result_clear(ToolResult *result) {
    g_free(result->text);
    g_free(result->image_base64);
    g_free(result->mime_type);
    g_free(result->source);
    memset(result, 0, sizeof *result);
}

const ToolOps *tool_find(const char *name) {
    for (const ToolOps *const *ops = tool_registry; *ops != NULL; ops++)
        if (strcmp((*ops)->name, name) == 0) return *ops;
    return NULL;
}

json_t *tool_schema(const ToolOps *ops) {
    return field_schema(ops->arguments);
}

json_t *tool_schema_small(const ToolOps *ops) {
    json_t *schema = field_schema(ops->arguments);
    json_t *properties = json_object_get(schema, "properties");
    for (const Field *field = ops->arguments; field->type != FIELD_TYPE_END; field++) {
        json_t *property = json_object_get(properties, field->name);
        json_object_del(property, "minimum");
        json_object_del(property, "maximum");
        if (!(field->flags & FIELD_REQUIRED)) json_object_del(property, "description");
        if (field->type == FIELD_TYPE_STRUCTS) json_object_del(properties, field->name);
    }
    return schema;
}

/* "path, offset, limit": what a model that guessed should have said. */
static char *argument_names(const ToolOps *ops) {
    g_autoptr(GString) names = g_string_new(NULL);
    for (const Field *field = ops->arguments; field->type != FIELD_TYPE_END; field++)
        g_string_append_printf(names, "%s%s%s", names->len > 0 ? ", " : "", field->name,
                               field->flags & FIELD_REQUIRED ? " (required)" : "");
    if (names->len == 0) g_string_append(names, "none");
    return g_string_free(g_steal_pointer(&names), FALSE);
}

#define MAX_NAMED_PROBLEMS 5

/* A model that misspelt a name left another one out: it is told both. */
typedef struct {
    GString *text;
    unsigned n;
} Problems;

static void add_problem(const char *path, const char *message, void *user_data) {
    Problems *problems = user_data;
    if (problems->n++ >= MAX_NAMED_PROBLEMS) return;
    g_string_append_printf(problems->text, "%s%s%s%s", problems->n > 1 ? "; " : "", path,
                           path[0] != '\0' ? ": " : "", message);
}

static bool decode(const ToolCall *call, GError **error) {
    const ToolOps *ops = call->ops;
    g_autoptr(GString) text = g_string_new(NULL);
    Problems problems = { .text = text };
    if (field_from_json_lenient(ops->arguments, call->arguments, call->json, FIELD_DEFAULTS,
                                add_problem, add_problem, &problems) == 0 &&
        problems.n == 0)
        return ops->check == NULL || ops->check(call->arguments, error);
    error_set(error, ERR_USAGE, "%s", text->str);
    return false;
}

ToolCall *tool_call_decode(const ToolOps *ops, const json_t *arguments, GError **error) {
    g_autoptr(ToolCall) call = g_new0(ToolCall, 1);
    call->ops = ops;
    call->arguments = g_malloc0(MAX(ops->arguments_size, 1));
    call->json = arguments != NULL ? json_deep_copy(arguments) : field_json_parse("{}", 2, NULL);
    g_autoptr(GError) problem = NULL;
    if (decode(call, &problem)) return g_steal_pointer(&call);
    g_autofree char *names = argument_names(ops);
    error_set(error, ERR_USAGE, "%s: %s. Its arguments: %s", ops->name, problem->message, names);
    return NULL;
}

void tool_call_free(ToolCall *call) {
    if (call == NULL) return;
    if (call->arguments != NULL) field_clear(call->ops->arguments, call->arguments);
    g_free(call->arguments);
    json_decref(call->json);
    g_free(call);
}

char *tool_call_title(const ToolCall *call) {
    g_autofree char *title = call->ops->title(call->arguments);
    g_autofree char *safe = text_strip_terminal(title, strlen(title));
    for (char *at = safe; *at != '\0'; at++)
        if (*at == '\n' || *at == '\t') *at = ' ';
    return text_ellipsize(safe, MAX_TITLE_CHARACTERS);
}

char *tool_call_exact(const ToolCall *call) {
    if (call->ops->command != NULL) return call->ops->command(call->arguments);
    g_autofree char *text = json_dumps(call->json, JSON_COMPACT | JSON_SORT_KEYS);
    return g_strdup(text);
}

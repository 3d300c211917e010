/* provider/tool_grammar.c: one function per kind of schema; each returns the name of a rule. */
#include "provider/tool_grammar.h"

#include <string.h>

#include "base/error.h"
#include "base/field.h"

enum {
    MAX_DEPTH = 24,
    MAX_PROPERTIES = 64,
    MAX_CHOICES = 256,
    MAX_REPEATS = 1000, /* the engine unrolls them */
    MAX_GRAMMAR_BYTES = 256 * 1024,
};

struct ToolGrammar {
    GString *text;
    GHashTable *references; /* "#/..." to the name of its rule, owned; of the schema at hand */
    const json_t *root;     /* borrowed: the schema at hand */
    int n_rules;
    int depth;
};

/* What every grammar brings. Escapes of surrogates are left out: half a pair is no JSON, and a
 * model can write any character as it is. */
static const char base_rules[] =
    "ws ::= | \" \" | \"\\n\" [ \\t]{0,12}\n"
    "string ::= \"\\\"\" char* \"\\\"\"\n"
    "char ::= [^\"\\\\\\x00-\\x1f\\x7f] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" escape)\n"
    "escape ::= [0-9a-cA-CefEF] hex hex hex | [dD] [0-7] hex hex\n"
    "hex ::= [0-9a-fA-F]\n"
    "integer ::= \"-\"? (\"0\" | [1-9] [0-9]{0,14})\n"
    "number ::= integer (\".\" [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?\n"
    "boolean ::= \"true\" | \"false\"\n"
    "null ::= \"null\"\n"
    "empty ::= \"{\" ws \"}\"\n"
    "scalar ::= string | number | boolean | null\n";

static void add_any_level(GString *text, int level) {
    g_autofree char *inner = level == 1 ? g_strdup("scalar") : g_strdup_printf("any%d", level - 1);
    g_string_append_printf(text,
                           "object%d ::= \"{\" ws (string ws \":\" ws %s (ws \",\" ws string ws "
                           "\":\" ws %s)*)? ws \"}\"\n",
                           level, inner, inner);
    g_string_append_printf(text, "array%d ::= \"[\" ws (%s (ws \",\" ws %s)*)? ws \"]\"\n", level,
                           inner, inner);
    g_string_append_printf(text, "any%d ::= scalar | object%d | array%d\n", level, level, level);
}

ToolGrammar *tool_grammar_new(void) {
    ToolGrammar *grammar = g_new0(ToolGrammar, 1);
    grammar->text = g_string_new(base_rules);
    for (int level = 1; level <= 4; level++) add_any_level(grammar->text, level);
    g_string_append(grammar->text, "value ::= any4\nobject ::= object4\narray ::= array4\n");
    grammar->references = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return grammar;
}

void tool_grammar_free(ToolGrammar *grammar) {
    if (grammar == NULL) return;
    g_string_free(grammar->text, TRUE);
    g_hash_table_destroy(grammar->references);
    g_free(grammar);
}

char *tool_grammar_literal(const char *text) {
    GString *literal = g_string_new("\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            g_string_append_printf(literal, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            g_string_append_printf(literal, "\\x%02X", (unsigned)(unsigned char)*c);
        else
            g_string_append_c(literal, *c);
    }
    g_string_append_c(literal, '"');
    return g_string_free(literal, FALSE);
}

static char *json_value_literal(const json_t *value) {
    g_autofree char *text = field_json_text(value, FIELD_COMPACT);
    return tool_grammar_literal(text);
}

char *tool_grammar_json_literal(const char *text) {
    json_t *string = json_string(text);
    char *literal = json_value_literal(string);
    json_decref(string);
    return literal;
}

static char *new_name(ToolGrammar *grammar) {
    return g_strdup_printf("r%d", grammar->n_rules++);
}

void tool_grammar_rule(ToolGrammar *grammar, const char *name, const char *format, ...) {
    if (grammar->text->len > MAX_GRAMMAR_BYTES) return; /* tool_grammar_text() tells */
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *body = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_string_append_printf(grammar->text, "%s ::= %s\n", name, body);
}

static char *fail(GError **error, ErrorCode code, const char *message) {
    error_set(error, code, "%s", message);
    return NULL;
}

static char *add_schema(ToolGrammar *grammar, const json_t *schema, GError **error);

/* ---- choices: enum, const, anyOf, a list of types ---- */

static char *add_choices(ToolGrammar *grammar, const GPtrArray *choices) {
    char *name = new_name(grammar);
    g_autoptr(GString) body = g_string_new(NULL);
    for (guint i = 0; i < choices->len; i++)
        g_string_append_printf(body, "%s%s", i > 0 ? " | " : "",
                               (const char *)g_ptr_array_index(choices, i));
    tool_grammar_rule(grammar, name, "%s", body->str);
    return name;
}

static char *add_enum(ToolGrammar *grammar, const json_t *values, GError **error) {
    size_t n = json_array_size(values);
    if (n == 0) return fail(error, ERR_DATA, "'enum' has to be a list of values");
    if (n > MAX_CHOICES) return fail(error, ERR_LIMIT, "'enum' has too many values");
    g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < n; i++)
        g_ptr_array_add(choices, json_value_literal(json_array_get(values, i)));
    return add_choices(grammar, choices);
}

static char *add_alternatives(ToolGrammar *grammar, const json_t *schemas, GError **error) {
    size_t n = json_array_size(schemas);
    if (n == 0) return fail(error, ERR_DATA, "'anyOf' has to be a list of schemas");
    if (n > MAX_CHOICES) return fail(error, ERR_LIMIT, "'anyOf' has too many schemas");
    g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < n; i++) {
        char *name = add_schema(grammar, json_array_get(schemas, i), error);
        if (name == NULL) return NULL;
        g_ptr_array_add(choices, name);
    }
    return add_choices(grammar, choices);
}

/* ---- numbers of things ---- */

static int64_t bound(const json_t *schema, const char *key) {
    const json_t *value = json_object_get(schema, key);
    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
                                                                    : -1;
}

/* "{2,5}"; what is beyond the measure becomes open. */
static char *repeats(int64_t least, int64_t most) {
    if (least < 0) least = 0;
    if (least > MAX_REPEATS) least = MAX_REPEATS;
    if (most < 0 || most > MAX_REPEATS) return g_strdup_printf("{%d,}", (int)least);
    return g_strdup_printf("{%d,%d}", (int)least, (int)MAX(most, least));
}

static char *add_string(ToolGrammar *grammar, const json_t *schema) {
    int64_t least = bound(schema, "minLength");
    int64_t most = bound(schema, "maxLength");
    if (least <= 0 && (most < 0 || most > MAX_REPEATS)) return g_strdup("string");
    char *name = new_name(grammar);
    g_autofree char *count = repeats(least, most);
    tool_grammar_rule(grammar, name, "\"\\\"\" char%s \"\\\"\"", count);
    return name;
}

static char *add_array(ToolGrammar *grammar, const json_t *schema, GError **error) {
    const json_t *items = json_object_get(schema, "items");
    int64_t least = bound(schema, "minItems");
    int64_t most = bound(schema, "maxItems");
    g_autofree char *item = items != NULL ? add_schema(grammar, items, error) : g_strdup("any3");
    if (item == NULL) return NULL;
    char *name = new_name(grammar);
    if (most == 0) {
        tool_grammar_rule(grammar, name, "\"[\" ws \"]\"");
        return name;
    }
    g_autofree char *more = repeats(least - 1, most < 0 ? -1 : most - 1);
    const char *optional = least > 0 ? "" : "?";
    tool_grammar_rule(grammar, name, "\"[\" ws (%s (ws \",\" ws %s)%s)%s ws \"]\"", item, item,
                      more, optional);
    return name;
}

/* ---- objects ---- */

typedef struct {
    char *rule; /* of "key": value */
    bool is_required;
} Property;

static void free_property(gpointer data) {
    Property *property = data;
    g_free(property->rule);
    g_free(property);
}

static bool is_required(const json_t *schema, const char *key) {
    const json_t *required = json_object_get(schema, "required");
    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *name = json_string_value(json_array_get(required, i));
        if (g_strcmp0(name, key) == 0) return true;
    }
    return false;
}

static bool add_property(ToolGrammar *grammar, const char *key, const json_t *schema,
                         Property *property, GError **error) {
    g_autofree char *value = add_schema(grammar, schema, error);
    if (value == NULL) {
        g_prefix_error(error, "%s: ", key);
        return false;
    }
    g_autofree char *literal = tool_grammar_json_literal(key);
    property->rule = new_name(grammar);
    tool_grammar_rule(grammar, property->rule, "%s ws \":\" ws %s", literal, value);
    return true;
}

/* The first of the properties that is there, and what may or must follow it. */
static void append_from(GString *body, const GPtrArray *properties, guint first) {
    for (guint i = first; i < properties->len; i++) {
        const Property *property = g_ptr_array_index(properties, i);
        if (i == first)
            g_string_append(body, property->rule);
        else if (property->is_required)
            g_string_append_printf(body, " ws \",\" ws %s", property->rule);
        else
            g_string_append_printf(body, " (ws \",\" ws %s)?", property->rule);
    }
}

static void append_properties(GString *body, const GPtrArray *properties) {
    bool may_be_empty = true;
    for (guint first = 0; first < properties->len && may_be_empty; first++) {
        if (first > 0) g_string_append(body, " | ");
        append_from(body, properties, first);
        const Property *property = g_ptr_array_index(properties, first);
        may_be_empty = !property->is_required;
    }
    if (may_be_empty) g_string_append(body, " | \"\"");
}

static char *add_object(ToolGrammar *grammar, const json_t *schema, GError **error) {
    json_t *members = json_object_get(schema, "properties");
    const json_t *others = json_object_get(schema, "additionalProperties");
    if (members == NULL) return g_strdup(json_is_false(others) ? "empty" : "object");
    if (!json_is_object(members)) return fail(error, ERR_DATA, "'properties' has to be an object");
    if (json_object_size(members) == 0) return g_strdup("empty");
    if (json_object_size(members) > MAX_PROPERTIES)
        return fail(error, ERR_LIMIT, "an object has too many properties");
    g_autoptr(GPtrArray) properties = g_ptr_array_new_with_free_func(free_property);
    const char *key;
    json_t *value;
    json_object_foreach (members, key, value) {
        Property *property = g_new0(Property, 1);
        property->is_required = is_required(schema, key);
        g_ptr_array_add(properties, property);
        if (!add_property(grammar, key, value, property, error)) return NULL;
    }
    g_autoptr(GString) body = g_string_new(NULL);
    append_properties(body, properties);
    char *name = new_name(grammar);
    tool_grammar_rule(grammar, name, "\"{\" ws (%s) ws \"}\"", body->str);
    return name;
}

/* ---- references ---- */

static const json_t *look_up(const json_t *root, const char *reference) {
    if (!g_str_has_prefix(reference, "#")) return NULL;
    const json_t *at = root;
    g_auto(GStrv) parts = g_strsplit(reference + 1, "/", -1);
    for (size_t i = 1; at != NULL && parts[0] != NULL && parts[i] != NULL; i++)
        at = json_object_get(at, parts[i]);
    return at;
}

static char *add_reference(ToolGrammar *grammar, const char *reference, GError **error) {
    const char *known = g_hash_table_lookup(grammar->references, reference);
    if (known != NULL) return g_strdup(known);
    const json_t *schema = look_up(grammar->root, reference);
    if (schema == NULL) {
        error_set(error, ERR_DATA, "'$ref' to '%s', which is not in the schema", reference);
        return NULL;
    }
    /* Entered before its rule exists: a schema may refer to itself. */
    char *name = new_name(grammar);
    g_hash_table_insert(grammar->references, g_strdup(reference), g_strdup(name));
    g_autofree char *target = add_schema(grammar, schema, error);
    if (target == NULL || strcmp(target, name) == 0) {
        if (target != NULL) fail(error, ERR_DATA, "'$ref' to itself");
        g_free(name);
        return NULL;
    }
    tool_grammar_rule(grammar, name, "%s", target);
    return name;
}

/* ---- any schema ---- */

static char *add_type(ToolGrammar *grammar, const char *type, const json_t *schema,
                      GError **error) {
    static const char *const plain[] = { "integer", "number", "boolean", "null", NULL };
    if (g_strv_contains(plain, type)) return g_strdup(type);
    if (strcmp(type, "string") == 0) return add_string(grammar, schema);
    if (strcmp(type, "array") == 0) return add_array(grammar, schema, error);
    if (strcmp(type, "object") == 0) return add_object(grammar, schema, error);
    error_set(error, ERR_DATA, "unknown type '%s'", type);
    return NULL;
}

static char *add_types(ToolGrammar *grammar, const json_t *types, const json_t *schema,
                       GError **error) {
    g_autoptr(GPtrArray) choices = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < json_array_size(types); i++) {
        const char *type = json_string_value(json_array_get(types, i));
        char *name = add_type(grammar, type != NULL ? type : "?", schema, error);
        if (name == NULL) return NULL;
        g_ptr_array_add(choices, name);
    }
    if (choices->len == 0)
        return fail(error, ERR_DATA, "'type' has to be a name or a list of names");
    return add_choices(grammar, choices);
}

static char *add_kind(ToolGrammar *grammar, const json_t *schema, GError **error) {
    const json_t *reference = json_object_get(schema, "$ref");
    const json_t *values = json_object_get(schema, "enum");
    const json_t *constant = json_object_get(schema, "const");
    const json_t *any = json_object_get(schema, "anyOf");
    const json_t *type = json_object_get(schema, "type");
    if (any == NULL) any = json_object_get(schema, "oneOf");
    if (json_is_string(reference))
        return add_reference(grammar, json_string_value(reference), error);
    if (values != NULL) return add_enum(grammar, values, error);
    if (constant != NULL) {
        char *name = new_name(grammar);
        g_autofree char *literal = json_value_literal(constant);
        tool_grammar_rule(grammar, name, "%s", literal);
        return name;
    }
    if (any != NULL) return add_alternatives(grammar, any, error);
    if (json_is_string(type)) return add_type(grammar, json_string_value(type), schema, error);
    if (type != NULL) return add_types(grammar, type, schema, error);
    if (json_object_get(schema, "properties") != NULL) return add_object(grammar, schema, error);
    if (json_object_get(schema, "items") != NULL) return add_array(grammar, schema, error);
    return g_strdup("value");
}

static char *add_schema(ToolGrammar *grammar, const json_t *schema, GError **error) {
    if (json_is_true(schema)) return g_strdup("value");
    if (!json_is_object(schema)) return fail(error, ERR_DATA, "a schema has to be an object");
    if (grammar->depth >= MAX_DEPTH)
        return fail(error, ERR_LIMIT, "the schema is nested too deeply");
    grammar->depth++;
    char *name = add_kind(grammar, schema, error);
    grammar->depth--;
    return name;
}

char *tool_grammar_add(ToolGrammar *grammar, const json_t *schema, GError **error) {
    if (schema == NULL) return g_strdup("value");
    g_hash_table_remove_all(grammar->references);
    grammar->root = schema;
    char *name = add_schema(grammar, schema, error);
    grammar->root = NULL;
    return name;
}

char *tool_grammar_text(const ToolGrammar *grammar, GError **error) {
    if (grammar->text->len <= MAX_GRAMMAR_BYTES) return g_strdup(grammar->text->str);
    return fail(error, ERR_LIMIT, "the tools' schemas make a grammar that is too large");
}

/* base/field_schema.c: Field rows as JSON Schema (draft 2020-12) and as words for documentation. */
#include <string.h>

#include "base/field-private.h"

static json_t *schema_of(const Field *field);

static void add_bounds(json_t *schema, const Field *field) {
    if (!(field->min < field->max)) return;
    bool is_int = field->type == FIELD_TYPE_INT;
    json_object_set_new(schema, "minimum",
                        is_int ? json_integer((json_int_t)field->min) : json_real(field->min));
    json_object_set_new(schema, "maximum",
                        is_int ? json_integer((json_int_t)field->max) : json_real(field->max));
}

static json_t *typed(const char *type) {
    json_t *schema = json_object();
    json_object_set_new(schema, "type", json_string(type));
    return schema;
}

static json_t *choices_array(const Field *field) {
    json_t *choices = json_array();
    for (const char *const *choice = field->choices; *choice != NULL; choice++)
        json_array_append_new(choices, json_string(*choice));
    return choices;
}

/* A union is an object with one branch per case. */
static json_t *schema_of_union(const Field *field) {
    json_t *branches = json_array();
    for (const FieldCase *chosen = field->cases; chosen->name != NULL; chosen++) {
        static const Field nothing[] = { { 0 } };
        json_t *branch = field_schema(chosen->fields != NULL ? chosen->fields : nothing);
        json_t *tag = json_object();
        json_object_set_new(tag, "const", json_string(chosen->name));
        json_object_set_new(json_object_get(branch, "properties"), field->name, tag);
        json_object_del(branch, "additionalProperties");
        json_array_append_new(branches, branch);
    }
    return branches;
}

static json_t *schema_of(const Field *field) {
    json_t *schema = NULL;
    switch (field->type) {
    case FIELD_TYPE_BOOL: schema = typed("boolean"); break;
    case FIELD_TYPE_INT: schema = typed("integer"); break;
    case FIELD_TYPE_DOUBLE: schema = typed("number"); break;
    case FIELD_TYPE_STRING: schema = typed("string"); break;
    case FIELD_TYPE_DURATION:
        schema = typed("string");
        json_object_set_new(schema, "pattern", json_string("^([0-9]+[smhd])+$"));
        break;
    case FIELD_TYPE_ENUM:
        schema = typed("string");
        json_object_set_new(schema, "enum", choices_array(field));
        break;
    case FIELD_TYPE_STRINGS:
        schema = typed("array");
        json_object_set_new(schema, "items", typed("string"));
        break;
    case FIELD_TYPE_STRUCT: schema = field_schema(field->fields); break;
    case FIELD_TYPE_STRUCTS:
        schema = typed("array");
        json_object_set_new(schema, "items", field_schema(field->fields));
        break;
    case FIELD_TYPE_MAP:
        schema = typed("object");
        json_object_set_new(schema, "additionalProperties", typed("string"));
        break;
    case FIELD_TYPE_STRUCT_MAP:
        schema = typed("object");
        json_object_set_new(schema, "additionalProperties", field_schema(field->fields));
        break;
    case FIELD_TYPE_JSON:
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: schema = json_object(); break;
    }
    add_bounds(schema, field);
    if (field->help != NULL) json_object_set_new(schema, "description", json_string(field->help));
    return schema;
}

json_t *field_schema(const Field *fields) {
    json_t *schema = typed("object");
    json_t *properties = json_object();
    json_t *required = json_array();
    json_object_set_new(schema, "properties", properties);
    bool has_union = false;
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        if (field->type == FIELD_TYPE_UNION) {
            has_union = true;
            json_object_set_new(schema, "oneOf", schema_of_union(field));
            json_array_append_new(required, json_string(field->name));
            continue;
        }
        json_object_set_new(properties, field->name, schema_of(field));
        if (field->flags & FIELD_REQUIRED)
            json_array_append_new(required, json_string(field->name));
    }
    if (json_array_size(required) > 0)
        json_object_set_new(schema, "required", required);
    else
        json_decref(required);
    if (!has_union) json_object_set_new(schema, "additionalProperties", json_false());
    return schema;
}

char *field_type_text(const Field *field) {
    if (field->type == FIELD_TYPE_ENUM && field->choices != NULL) {
        g_autofree char *words = g_strjoinv(", ", (char **)field->choices);
        return g_strdup_printf("one of %s", words);
    }
    bool is_bounded = field->min < field->max;
    if (is_bounded && (field->type == FIELD_TYPE_INT || field->type == FIELD_TYPE_DOUBLE))
        return g_strdup_printf("%s from %.15g to %.15g", field_kind_text(field), field->min,
                               field->max);
    return g_strdup(field_kind_text(field));
}

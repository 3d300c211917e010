/*
 * base/field.c: decoding, encoding, defaults and freeing of structs described by Field rows.
 *
 * One walker per direction; the kinds of single values are in field_value.c.
 */
#include "base/field.h"

#include <string.h>

#include "base/error.h"
#include "base/field-private.h"
#include "base/text.h"

void field_problem(FieldDecoder *decoder, const char *format, ...) {
    decoder->n_problems++;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (decoder->on_problem != NULL) {
        decoder->on_problem(decoder->path->str, message, decoder->user_data);
        return;
    }
    if (decoder->first_error != NULL) return;
    if (decoder->path->len > 0)
        error_set(&decoder->first_error, ERR_DATA, "%s: %s", decoder->path->str, message);
    else
        error_set(&decoder->first_error, ERR_DATA, "%s", message);
}

size_t field_path_push(FieldDecoder *decoder, const char *name) {
    size_t length = decoder->path->len;
    if (length > 0) g_string_append_c(decoder->path, '.');
    bool is_bare =
        name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_") == strlen(name);
    if (is_bare)
        g_string_append(decoder->path, name);
    else
        g_string_append_printf(decoder->path, "\"%s\"", name);
    return length;
}

static const FieldCase *union_case(const Field *field, const void *object) {
    int tag = *(const int *)field_member_const(field, object);
    for (int i = 0; field->cases[i].name != NULL; i++)
        if (i == tag) return &field->cases[i];
    return NULL;
}

static bool is_known(const Field *fields, const void *object, const char *name) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if (strcmp(field->name, name) == 0) return true;
        if (field->type != FIELD_TYPE_UNION) continue;
        const FieldCase *chosen = union_case(field, object);
        if (chosen != NULL && is_known(chosen->fields, object, name)) return true;
    }
    return false;
}

static void report_unknown(FieldDecoder *decoder, const Field *fields, const char *name) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++)
        g_ptr_array_add(names, (char *)field->name);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    g_autofree char *message =
        suggestion != NULL
            ? g_strdup_printf("unknown key '%s', did you mean '%s'?", name, suggestion)
            : g_strdup_printf("unknown key '%s'", name);
    size_t length = field_path_push(decoder, name);
    if (decoder->on_unknown != NULL)
        decoder->on_unknown(decoder->path->str, message, decoder->user_data);
    else
        field_problem(decoder, "%s", message);
    g_string_truncate(decoder->path, length);
}

static void decode_union(FieldDecoder *decoder, const Field *field, void *object,
                         const json_t *json) {
    const json_t *tag = json_object_get(json, field->name);
    if (!json_is_string(tag)) {
        field_problem(decoder, "'%s' must name the kind", field->name);
        return;
    }
    for (int i = 0; field->cases[i].name != NULL; i++) {
        if (strcmp(field->cases[i].name, json_string_value(tag)) != 0) continue;
        *(int *)field_member(field, object) = i;
        if (field->cases[i].fields != NULL)
            field_decode_members(decoder, field->cases[i].fields, object, json);
        return;
    }
    field_problem(decoder, "'%s': unknown kind '%s'", field->name, json_string_value(tag));
}

void field_decode_members(FieldDecoder *decoder, const Field *fields, void *object,
                          const json_t *json) {
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        if (decoder->first_error != NULL) return;
        if (field->type == FIELD_TYPE_UNION) {
            decode_union(decoder, field, object, json);
            continue;
        }
        const json_t *value = json_object_get(json, field->name);
        size_t length = field_path_push(decoder, field->name);
        if (value != NULL && !(json_is_null(value) && field->type != FIELD_TYPE_JSON))
            field_decode_value(decoder, field, object, value);
        else if (field->flags & FIELD_REQUIRED)
            field_problem(decoder, "is missing (expected %s)", field_kind_text(field));
        else if (decoder->flags & FIELD_DEFAULTS)
            field_default_value(field, object);
        g_string_truncate(decoder->path, length);
    }
}

void field_decode_object(FieldDecoder *decoder, const Field *fields, void *object,
                         const json_t *json) {
    if (!json_is_object(json)) {
        field_problem(decoder, "expected a table of keys, got %s", field_json_kind(json));
        if (decoder->flags & FIELD_DEFAULTS) field_set_defaults(fields, object);
        return;
    }
    field_decode_members(decoder, fields, object, json);
    if (!(decoder->flags & FIELD_STRICT) && decoder->on_unknown == NULL) return;
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)json, name, value) {
        if (decoder->first_error != NULL) return;
        if (!is_known(fields, object, name)) report_unknown(decoder, fields, name);
    }
}

bool field_from_json(const Field *fields, void *object, const json_t *json, unsigned flags,
                     GError **error) {
    g_autoptr(GString) path = g_string_new(NULL);
    FieldDecoder decoder = { .flags = flags, .path = path };
    field_decode_object(&decoder, fields, object, json);
    if (decoder.first_error == NULL) return true;
    field_clear(fields, object);
    g_propagate_error(error, decoder.first_error);
    return false;
}

unsigned field_from_json_lenient(const Field *fields, void *object, const json_t *json,
                                 unsigned flags, FieldProblemFn on_problem,
                                 FieldProblemFn on_unknown, void *user_data) {
    g_autoptr(GString) path = g_string_new(NULL);
    FieldDecoder decoder = { .flags = flags,
                             .path = path,
                             .on_problem = on_problem,
                             .on_unknown = on_unknown,
                             .user_data = user_data };
    field_decode_object(&decoder, fields, object, json);
    return decoder.n_problems;
}

static bool is_too_deep(const char *text, size_t length) {
    int depth = 0;
    bool is_in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (is_in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                is_in_string = false;
        } else if (c == '"') {
            is_in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > FIELD_MAX_DEPTH) return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

json_t *field_json_parse(const char *text, size_t length, GError **error) {
    if (is_too_deep(text, length)) {
        error_set(error, ERR_DATA, "JSON is nested deeper than %d levels", FIELD_MAX_DEPTH);
        return NULL;
    }
    json_error_t problem;
    json_t *json = json_loadb(text, length,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    if (json == NULL)
        error_set(error, ERR_DATA, "JSON line %d, column %d: %s", problem.line, problem.column,
                  problem.text);
    return json;
}

bool field_decode(const Field *fields, void *object, const char *text, size_t length,
                  unsigned flags, GError **error) {
    json_t *json = field_json_parse(text, length, error);
    if (json == NULL) return false;
    bool is_ok = field_from_json(fields, object, json, flags, error);
    json_decref(json);
    return is_ok;
}

void field_encode_members(const Field *fields, const void *object, json_t *into) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if (field->type == FIELD_TYPE_UNION) {
            const FieldCase *chosen = union_case(field, object);
            if (chosen == NULL) continue;
            json_object_set_new(into, field->name, json_string(chosen->name));
            field_encode_members(chosen->fields, object, into);
            continue;
        }
        if ((field->flags & FIELD_OMIT_EMPTY) && field_is_empty(field, object)) continue;
        json_object_set_new(into, field->name, field_encode_value(field, object));
    }
}

json_t *field_to_json(const Field *fields, const void *object) {
    json_t *json = json_object();
    field_encode_members(fields, object, json);
    return json;
}

void field_merge(const Field *fields, const void *object, json_t *into) {
    field_encode_members(fields, object, into);
}

json_t *field_json_number(double number) {
    json_t *json = json_real(number);
    return json != NULL ? json : json_null();
}

char *field_json_text(const json_t *json, FieldStyle style) {
    size_t flags = JSON_ENCODE_ANY | (style == FIELD_PRETTY ? JSON_INDENT(2) : JSON_COMPACT);
    char *dumped = json_dumps(json, flags);
    char *text = g_strdup(dumped != NULL ? dumped : "null");
    free(dumped);
    return text;
}

char *field_encode(const Field *fields, const void *object, FieldStyle style) {
    json_t *json = field_to_json(fields, object);
    char *text = field_json_text(json, style);
    json_decref(json);
    return text;
}

void field_clear(const Field *fields, void *object) {
    if (object == NULL) return;
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if (field->type == FIELD_TYPE_UNION) {
            /* Every case may own members (offsets differ), so all of them are cleared. */
            for (const FieldCase *chosen = field->cases; chosen->name != NULL; chosen++)
                field_clear(chosen->fields, object);
            *(int *)field_member(field, object) = 0;
            continue;
        }
        field_clear_value(field, object);
    }
}

void field_set_defaults(const Field *fields, void *object) {
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++)
        if (field->type != FIELD_TYPE_UNION) field_default_value(field, object);
}

const Field *field_find(const Field *fields, const char *name) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++)
        if (strcmp(field->name, name) == 0) return field;
    return NULL;
}

/* base/field_value.c: one value of each kind: decode, encode, empty?, default, free. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/field-private.h"
#include "base/text.h"

static const char *const kind_texts[] = {
    [FIELD_TYPE_END] = "nothing",
    [FIELD_TYPE_BOOL] = "true or false",
    [FIELD_TYPE_INT] = "an integer",
    [FIELD_TYPE_DOUBLE] = "a number",
    [FIELD_TYPE_DURATION] = "a duration like \"30m\"",
    [FIELD_TYPE_STRING] = "a string",
    [FIELD_TYPE_ENUM] = "one of a list of words",
    [FIELD_TYPE_STRINGS] = "a list of strings",
    [FIELD_TYPE_STRUCT] = "a table of keys",
    [FIELD_TYPE_STRUCTS] = "a list of tables",
    [FIELD_TYPE_MAP] = "a table of strings",
    [FIELD_TYPE_STRUCT_MAP] = "a table of tables",
    [FIELD_TYPE_JSON] = "any value",
    [FIELD_TYPE_UNION] = "a tagged table",
};

const char *field_kind_text(const Field *field) {
    return kind_texts[field->type];
}

const char *field_json_kind(const json_t *json) {
    if (json == NULL) return "nothing";
    switch (json_typeof(json)) {
    case JSON_OBJECT: return "a table";
    case JSON_ARRAY: return "a list";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a number";
    case JSON_TRUE: return "true";
    case JSON_FALSE: return "false";
    case JSON_NULL: return "null";
    }
    return "nothing";
}

/* "got 30", "got a string": what stood there instead. */
static char *got_text(const json_t *value) {
    if (json_is_integer(value))
        return g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_string(value)) {
        g_autofree char *text = text_ellipsize(json_string_value(value), 40);
        return g_strdup_printf("\"%s\"", text);
    }
    return g_strdup(field_json_kind(value));
}

static void problem_kind(FieldDecoder *decoder, const Field *field, const json_t *value) {
    g_autofree char *got = got_text(value);
    g_autofree char *expected = field_type_text(field);
    field_problem(decoder, "expected %s, got %s", expected, got);
}

static bool is_in_range(FieldDecoder *decoder, const Field *field, double value) {
    if (!(field->min < field->max)) return true;
    if (value >= field->min && value <= field->max) return true;
    field_problem(decoder, "%.15g is outside %.15g to %.15g", value, field->min, field->max);
    return false;
}

bool field_parse_duration(const char *text, int64_t *out_seconds, GError **error) {
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    int64_t total = 0;
    const char *cursor = text;
    while (*cursor != '\0') {
        int64_t count = 0;
        const char *digits = cursor;
        for (; g_ascii_isdigit(*cursor); cursor++)
            if (__builtin_mul_overflow(count, 10, &count) ||
                __builtin_add_overflow(count, *cursor - '0', &count))
                goto overflow;
        if (cursor == digits || *cursor == '\0') goto bad;
        int64_t unit_seconds = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
            if (units[i].unit == *cursor) unit_seconds = units[i].seconds;
        if (unit_seconds == 0) goto bad;
        cursor++;
        if (__builtin_mul_overflow(count, unit_seconds, &count) ||
            __builtin_add_overflow(total, count, &total))
            goto overflow;
    }
    if (total == 0) goto bad;
    *out_seconds = total;
    return true;
bad:
    error_set(error, ERR_DATA, "expected a duration like \"30m\" or \"2h30m\", got \"%s\"", text);
    return false;
overflow:
    error_set(error, ERR_DATA, "the duration \"%s\" is too long", text);
    return false;
}

char *field_format_duration(int64_t seconds) {
    GString *text = g_string_new(NULL);
    const struct {
        const char *unit;
        int64_t seconds;
    } units[] = { { "d", 86400 }, { "h", 3600 }, { "m", 60 }, { "s", 1 } };
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        int64_t count = seconds / units[i].seconds;
        seconds %= units[i].seconds;
        if (count > 0)
            g_string_append_printf(text, "%" G_GINT64_FORMAT "%s", (gint64)count, units[i].unit);
    }
    if (text->len == 0) g_string_append(text, "0s");
    return g_string_free(text, FALSE);
}

static void decode_duration(FieldDecoder *decoder, const Field *field, void *member,
                            const json_t *value) {
    if (!json_is_string(value)) {
        problem_kind(decoder, field, value);
        return;
    }
    g_autoptr(GError) error = NULL;
    int64_t seconds = 0;
    if (!field_parse_duration(json_string_value(value), &seconds, &error))
        field_problem(decoder, "%s", error->message);
    else if (is_in_range(decoder, field, (double)seconds))
        *(int64_t *)member = seconds;
}

static void decode_string(FieldDecoder *decoder, const Field *field, void *member,
                          const json_t *value) {
    if (!json_is_string(value)) {
        problem_kind(decoder, field, value);
        return;
    }
    const char *text = json_string_value(value);
    if (strlen(text) != json_string_length(value)) {
        field_problem(decoder, "a NUL character is not allowed here");
        return;
    }
    g_autoptr(GError) error = NULL;
    bool is_template = (decoder->flags & FIELD_TEMPLATES) && strchr(text, '$') != NULL;
    if (field->check != NULL && !is_template && !field->check(text, &error)) {
        field_problem(decoder, "%s", error->message);
        return;
    }
    g_free(*(char **)member);
    *(char **)member = g_strdup(text);
}

static void decode_enum(FieldDecoder *decoder, const Field *field, void *member,
                        const json_t *value) {
    const char *word = json_string_value(value);
    for (int i = 0; word != NULL && field->choices[i] != NULL; i++) {
        if (strcmp(field->choices[i], word) != 0) continue;
        *(int *)member = i;
        return;
    }
    const char *suggestion = word != NULL ? text_suggest(word, field->choices) : NULL;
    if (suggestion != NULL)
        field_problem(decoder, "unknown value \"%s\", did you mean \"%s\"?", word, suggestion);
    else
        problem_kind(decoder, field, value);
}

static void decode_strings(FieldDecoder *decoder, const Field *field, void *member,
                           const json_t *value) {
    if (!json_is_array(value)) {
        problem_kind(decoder, field, value);
        return;
    }
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
    size_t index;
    json_t *item;
    json_array_foreach (value, index, item) {
        if (!json_is_string(item)) {
            size_t length = decoder->path->len;
            g_string_append_printf(decoder->path, "[%zu]", index);
            field_problem(decoder, "expected a string, got %s", field_json_kind(item));
            g_string_truncate(decoder->path, length);
            return;
        }
        g_ptr_array_add(items, g_strdup(json_string_value(item)));
    }
    g_ptr_array_add(items, NULL);
    g_strfreev(*(char ***)member);
    *(char ***)member = (char **)g_ptr_array_steal(items, NULL);
}

static void decode_structs(FieldDecoder *decoder, const Field *field, void *member,
                           const json_t *value) {
    if (!json_is_array(value)) {
        problem_kind(decoder, field, value);
        return;
    }
    GPtrArray *items = g_ptr_array_new();
    size_t index;
    json_t *item;
    json_array_foreach (value, index, item) {
        size_t length = decoder->path->len;
        g_string_append_printf(decoder->path, "[%zu]", index);
        void *object = g_malloc0(field->size);
        g_ptr_array_add(items, object);
        field_decode_object(decoder, field->fields, object, item);
        g_string_truncate(decoder->path, length);
    }
    *(GPtrArray **)member = items;
}

static void decode_table(FieldDecoder *decoder, const Field *field, void *member,
                         const json_t *value) {
    if (!json_is_object(value)) {
        problem_kind(decoder, field, value);
        return;
    }
    GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    *(GHashTable **)member = table;
    const char *name;
    json_t *item;
    json_object_foreach ((json_t *)value, name, item) {
        size_t length = field_path_push(decoder, name);
        if (field->type == FIELD_TYPE_MAP) {
            if (json_is_string(item))
                g_hash_table_insert(table, g_strdup(name), g_strdup(json_string_value(item)));
            else
                field_problem(decoder, "expected a string, got %s", field_json_kind(item));
        } else {
            void *object = g_malloc0(field->size);
            g_hash_table_insert(table, g_strdup(name), object);
            field_decode_object(decoder, field->fields, object, item);
        }
        g_string_truncate(decoder->path, length);
    }
}

static void decode_number(FieldDecoder *decoder, const Field *field, void *member,
                          const json_t *value) {
    bool is_int = field->type == FIELD_TYPE_INT;
    /* 3.0 is an integer too: JSON has one number type, and models write it so. */
    double real = json_number_value(value);
    bool is_whole = json_is_integer(value) ||
                    (json_is_real(value) && trunc(real) == real && fabs(real) < 9007199254740992.0);
    if (!json_is_number(value) || (is_int && !is_whole)) {
        problem_kind(decoder, field, value);
        return;
    }
    if (!is_in_range(decoder, field, real)) return;
    if (is_int)
        *(int64_t *)member = json_is_integer(value) ? json_integer_value(value) : (int64_t)real;
    else
        *(double *)member = real;
}

void field_decode_value(FieldDecoder *decoder, const Field *field, void *object,
                        const json_t *value) {
    void *member = field_member(field, object);
    unsigned problems_before = decoder->n_problems;
    switch (field->type) {
    case FIELD_TYPE_BOOL:
        if (json_is_boolean(value))
            *(bool *)member = json_is_true(value);
        else
            problem_kind(decoder, field, value);
        break;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_DOUBLE: decode_number(decoder, field, member, value); break;
    case FIELD_TYPE_DURATION: decode_duration(decoder, field, member, value); break;
    case FIELD_TYPE_STRING: decode_string(decoder, field, member, value); break;
    case FIELD_TYPE_ENUM: decode_enum(decoder, field, member, value); break;
    case FIELD_TYPE_STRINGS: decode_strings(decoder, field, member, value); break;
    case FIELD_TYPE_STRUCT: field_decode_object(decoder, field->fields, member, value); return;
    case FIELD_TYPE_STRUCTS: decode_structs(decoder, field, member, value); return;
    case FIELD_TYPE_MAP:
    case FIELD_TYPE_STRUCT_MAP: decode_table(decoder, field, member, value); return;
    case FIELD_TYPE_JSON:
        json_decref(*(json_t **)member);
        *(json_t **)member = json_deep_copy(value);
        break;
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: g_assert_not_reached();
    }
    if (decoder->n_problems > problems_before && (decoder->flags & FIELD_DEFAULTS))
        field_default_value(field, object);
}

static json_t *encode_string(const char *text) {
    if (text == NULL) return json_null();
    json_t *json = json_string(text);
    if (json != NULL) return json;
    g_autofree char *valid = text_make_valid(text, strlen(text));
    return json_string(valid);
}

static json_t *encode_table(const Field *field, GHashTable *table) {
    json_t *json = json_object();
    if (table == NULL) return json;
    g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(table), (GCompareFunc)strcmp);
    for (GList *item = names; item != NULL; item = item->next) {
        const void *value = g_hash_table_lookup(table, item->data);
        json_object_set_new(json, item->data,
                            field->type == FIELD_TYPE_MAP ? encode_string(value)
                                                          : field_to_json(field->fields, value));
    }
    return json;
}

json_t *field_encode_value(const Field *field, const void *object) {
    const void *member = field_member_const(field, object);
    json_t *json = NULL;
    switch (field->type) {
    case FIELD_TYPE_BOOL: return json_boolean(*(const bool *)member);
    case FIELD_TYPE_INT: return json_integer(*(const int64_t *)member);
    case FIELD_TYPE_DOUBLE: {
        json_t *real = json_real(*(const double *)member);
        return real != NULL ? real : json_null(); /* not finite */
    }
    case FIELD_TYPE_DURATION: {
        g_autofree char *text = field_format_duration(*(const int64_t *)member);
        return *(const int64_t *)member == 0 ? json_null() : json_string(text);
    }
    case FIELD_TYPE_STRING: return encode_string(*(char *const *)member);
    case FIELD_TYPE_ENUM: return json_string(field->choices[*(const int *)member]);
    case FIELD_TYPE_STRINGS:
        json = json_array();
        for (char *const *item = *(char **const *)member; item != NULL && *item != NULL; item++)
            json_array_append_new(json, encode_string(*item));
        return json;
    case FIELD_TYPE_STRUCT: return field_to_json(field->fields, member);
    case FIELD_TYPE_STRUCTS: {
        json = json_array();
        const GPtrArray *items = *(GPtrArray *const *)member;
        for (unsigned i = 0; items != NULL && i < items->len; i++)
            json_array_append_new(json, field_to_json(field->fields, items->pdata[i]));
        return json;
    }
    case FIELD_TYPE_MAP:
    case FIELD_TYPE_STRUCT_MAP: return encode_table(field, *(GHashTable *const *)member);
    case FIELD_TYPE_JSON: {
        json_t *value = *(json_t *const *)member;
        return value != NULL ? json_incref(value) : json_null();
    }
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: break;
    }
    return json_null();
}

bool field_is_empty(const Field *field, const void *object) {
    const void *member = field_member_const(field, object);
    switch (field->type) {
    case FIELD_TYPE_BOOL: return !*(const bool *)member;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_DURATION: return *(const int64_t *)member == 0;
    case FIELD_TYPE_DOUBLE: return *(const double *)member == 0;
    case FIELD_TYPE_ENUM: return *(const int *)member == 0;
    case FIELD_TYPE_STRING:
        return *(char *const *)member == NULL || **(char *const *)member == '\0';
    case FIELD_TYPE_STRINGS:
        return *(char **const *)member == NULL || **(char **const *)member == NULL;
    case FIELD_TYPE_STRUCTS: {
        const GPtrArray *items = *(GPtrArray *const *)member;
        return items == NULL || items->len == 0;
    }
    case FIELD_TYPE_MAP:
    case FIELD_TYPE_STRUCT_MAP: {
        GHashTable *table = *(GHashTable *const *)member;
        return table == NULL || g_hash_table_size(table) == 0;
    }
    case FIELD_TYPE_JSON: return *(json_t *const *)member == NULL;
    case FIELD_TYPE_STRUCT:
        for (const Field *inner = field->fields; inner->type != FIELD_TYPE_END; inner++)
            if (inner->type == FIELD_TYPE_UNION || !field_is_empty(inner, member)) return false;
        return true;
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: break;
    }
    return false;
}

static void clear_items(const Field *field, void *member) {
    GPtrArray *items = *(GPtrArray **)member;
    for (unsigned i = 0; items != NULL && i < items->len; i++) {
        field_clear(field->fields, items->pdata[i]);
        g_free(items->pdata[i]);
    }
    if (items != NULL) g_ptr_array_unref(items);
    *(GPtrArray **)member = NULL;
}

static void clear_table(const Field *field, void *member) {
    GHashTable *table = *(GHashTable **)member;
    if (table == NULL) return;
    GHashTableIter iterator;
    void *value;
    g_hash_table_iter_init(&iterator, table);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
        if (field->type == FIELD_TYPE_STRUCT_MAP) field_clear(field->fields, value);
        g_free(value);
    }
    g_hash_table_unref(table);
    *(GHashTable **)member = NULL;
}

void field_clear_value(const Field *field, void *object) {
    void *member = field_member(field, object);
    switch (field->type) {
    case FIELD_TYPE_BOOL: *(bool *)member = false; break;
    case FIELD_TYPE_INT:
    case FIELD_TYPE_DURATION: *(int64_t *)member = 0; break;
    case FIELD_TYPE_DOUBLE: *(double *)member = 0; break;
    case FIELD_TYPE_ENUM: *(int *)member = 0; break;
    case FIELD_TYPE_STRING:
        if ((field->flags & FIELD_SECRET) && *(char **)member != NULL)
            explicit_bzero(*(char **)member, strlen(*(char **)member));
        g_clear_pointer((char **)member, g_free);
        break;
    case FIELD_TYPE_STRINGS: g_clear_pointer((char ***)member, g_strfreev); break;
    case FIELD_TYPE_STRUCT: field_clear(field->fields, member); break;
    case FIELD_TYPE_STRUCTS: clear_items(field, member); break;
    case FIELD_TYPE_MAP:
    case FIELD_TYPE_STRUCT_MAP: clear_table(field, member); break;
    case FIELD_TYPE_JSON:
        json_decref(*(json_t **)member);
        *(json_t **)member = NULL;
        break;
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: break;
    }
}

/* A default is our own text, so a mistake in it is our bug: assert. */
void field_default_value(const Field *field, void *object) {
    if (field->type == FIELD_TYPE_STRUCT) {
        field_set_defaults(field->fields, field_member(field, object));
        return;
    }
    field_clear_value(field, object);
    if (field->default_text == NULL) return;
    bool is_bare = field->type == FIELD_TYPE_STRING || field->type == FIELD_TYPE_ENUM ||
                   field->type == FIELD_TYPE_DURATION;
    json_t *value = is_bare ? json_string(field->default_text)
                            : json_loads(field->default_text, JSON_DECODE_ANY, NULL);
    g_assert(value != NULL);
    g_autoptr(GString) path = g_string_new(field->name);
    FieldDecoder decoder = { .path = path };
    field_decode_value(&decoder, field, object, value);
    json_decref(value);
    if (decoder.first_error != NULL) g_error("bad default: %s", decoder.first_error->message);
}

/* config/config_toml.c: JSON trees as TOML. */
#include <string.h>

#include "config/config-private.h"

enum { MAX_LINE = 100 };

/* The shortest spelling that reads back as the same number, always with a point or an exponent. */
static void append_real(GString *out, double value) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    for (int digits = 15; digits <= 17; digits++) {
        char format[8];
        g_snprintf(format, sizeof format, "%%.%dg", digits);
        g_ascii_formatd(text, sizeof text, format, value);
        if (g_ascii_strtod(text, NULL) == value) break;
    }
    g_string_append(out, text);
    if (strpbrk(text, ".eE") == NULL) g_string_append(out, ".0");
}

static void append_list(GString *out, const json_t *list) {
    size_t index;
    json_t *item;
    g_string_append_c(out, '[');
    json_array_foreach (list, index, item) {
        if (index > 0) g_string_append(out, ", ");
        config_toml_append_value(out, item);
    }
    g_string_append_c(out, ']');
}

static void append_inline_table(GString *out, const json_t *table) {
    const char *name;
    json_t *value;
    const char *separator = "{ ";
    json_object_foreach ((json_t *)table, name, value) {
        if (json_is_null(value)) continue;
        g_autofree char *key = config_key_join("", name);
        g_string_append_printf(out, "%s%s = ", separator, key);
        config_toml_append_value(out, value);
        separator = ", ";
    }
    g_string_append(out, separator[0] == '{' ? "{}" : " }");
}

void config_toml_append_value(GString *out, const json_t *value) {
    switch (json_typeof(value)) {
    case JSON_STRING: {
        g_autofree char *quoted = toml_quote(json_string_value(value));
        g_string_append(out, quoted);
        break;
    }
    case JSON_INTEGER:
        g_string_append_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL: append_real(out, json_real_value(value)); break;
    case JSON_TRUE: g_string_append(out, "true"); break;
    case JSON_FALSE: g_string_append(out, "false"); break;
    case JSON_ARRAY: append_list(out, value); break;
    case JSON_OBJECT: append_inline_table(out, value); break;
    case JSON_NULL: g_string_append(out, "\"\""); break; /* TOML has no null */
    }
}

/* One `key = value` line; a long list gets a line for each item. */
static void append_entry(GString *out, const char *name, const json_t *value) {
    g_autofree char *key = config_key_join("", name);
    size_t start = out->len;
    g_string_append_printf(out, "%s = ", key);
    config_toml_append_value(out, value);
    if (out->len - start > MAX_LINE && json_is_array(value)) {
        size_t index;
        json_t *item;
        g_string_truncate(out, start);
        g_string_append_printf(out, "%s = [\n", key);
        json_array_foreach (value, index, item) {
            g_string_append(out, "    ");
            config_toml_append_value(out, item);
            g_string_append(out, ",\n");
        }
        g_string_append_c(out, ']');
    }
    g_string_append_c(out, '\n');
}

void config_toml_append_table(GString *out, const char *name, const json_t *table) {
    const char *key;
    json_t *value;
    bool has_header = name[0] == '\0';
    json_object_foreach ((json_t *)table, key, value) {
        if (json_is_object(value) || json_is_null(value)) continue;
        if (!has_header) g_string_append_printf(out, "%s[%s]\n", out->len > 0 ? "\n" : "", name);
        has_header = true;
        append_entry(out, key, value);
    }
    json_object_foreach ((json_t *)table, key, value) {
        if (!json_is_object(value)) continue;
        g_autofree char *below = config_key_join(name, key);
        config_toml_append_table(out, below, value);
    }
}

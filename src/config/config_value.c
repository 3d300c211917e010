/* config/config_value.c: what a person types on a command line, as TOML. */
#include <string.h>

#include "base/error.h"
#include "config/config-private.h"

static char *refuse(const char *expected, const char *text, GError **error) {
    error_set(error, ERR_CONFIG, "expected %s, got \"%s\"", expected, text);
    return NULL;
}

static char *boolean_to_toml(const char *text, GError **error) {
    static const char *const yes[] = { "true", "yes", "on", NULL };
    static const char *const no[] = { "false", "no", "off", NULL };
    g_autofree char *lower = g_ascii_strdown(text, -1);
    if (g_strv_contains(yes, lower)) return g_strdup("true");
    if (g_strv_contains(no, lower)) return g_strdup("false");
    return refuse("true or false", text, error);
}

static char *integer_to_toml(const char *text, GError **error) {
    gint64 number = 0;
    g_autofree char *digits = g_strdup(text);
    if (digits[0] != '_' && !g_str_has_suffix(digits, "_")) { /* 128_000 */
        char *to = digits;
        for (const char *from = digits; *from != '\0'; from++)
            if (*from != '_') *to++ = *from;
        *to = '\0';
    }
    if (!g_ascii_string_to_signed(digits, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return refuse("an integer", text, error);
    return g_strdup_printf("%" G_GINT64_FORMAT, number);
}

/* TOML wants digits on both sides of the point and no leading zeros. */
static char *number_to_toml(const char *text, GError **error) {
    const char *at = text + (text[0] == '-' || text[0] == '+');
    size_t whole = strspn(at, "0123456789");
    bool is_good = whole > 0 && (whole == 1 || at[0] != '0');
    at += whole;
    if (*at == '.') {
        size_t fraction = strspn(at + 1, "0123456789");
        is_good = is_good && fraction > 0;
        at += 1 + fraction;
    }
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        size_t exponent = strspn(at, "0123456789");
        is_good = is_good && exponent > 0;
        at += exponent;
    }
    if (!is_good || *at != '\0') return refuse("a number like 0.5", text, error);
    return g_strdup(text);
}

/* The first character that is not a blank, to see how the value is meant. */
static char first_character(const char *text) {
    return text[strspn(text, " \t\n")];
}

/* Whether the text is one TOML value by itself. */
static bool is_toml_value(const char *text) {
    g_autofree char *document_text = g_strconcat("value = ", text, "\n", NULL);
    g_autoptr(TomlDocument) document =
        toml_parse("value", document_text, strlen(document_text), NULL);
    return document != NULL && json_object_size(toml_json(document)) == 1;
}

static char *string_to_toml(const char *text) {
    char quote = text[0];
    size_t length = strlen(text);
    bool is_quoted = (quote == '"' || quote == '\'') && length >= 2 && text[length - 1] == quote;
    return is_quoted && is_toml_value(text) ? g_strdup(text) : toml_quote(text);
}

static char *list_to_toml(const char *text) {
    if (first_character(text) == '[') return g_strdup(text);
    GString *list = g_string_new("[");
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    for (char **word = words; *word != NULL; word++) {
        g_strstrip(*word);
        if ((*word)[0] == '\0') continue;
        g_autofree char *quoted = toml_quote(*word);
        g_string_append_printf(list, "%s%s", list->len > 1 ? ", " : "", quoted);
    }
    g_string_append_c(list, ']');
    return g_string_free(list, FALSE);
}

static char *table_to_toml(const char *text, const char *opening, GError **error) {
    if (first_character(text) == opening[0]) return g_strdup(text);
    return refuse(opening[0] == '[' ? "a list of tables like [{ name = \"x\" }]"
                                    : "a table like { name = \"x\" }",
                  text, error);
}

char *config_value_to_toml(const ConfigTarget *target, const char *text, GError **error) {
    if (!g_utf8_validate(text, -1, NULL)) {
        error_set(error, ERR_CONFIG, "the value is not UTF-8");
        return NULL;
    }
    switch (target->type) {
    case FIELD_TYPE_BOOL: return boolean_to_toml(text, error);
    case FIELD_TYPE_INT: return integer_to_toml(text, error);
    case FIELD_TYPE_DOUBLE: return number_to_toml(text, error);
    case FIELD_TYPE_STRING:
    case FIELD_TYPE_DURATION:
    case FIELD_TYPE_ENUM: return string_to_toml(text);
    case FIELD_TYPE_STRINGS: return list_to_toml(text);
    case FIELD_TYPE_STRUCTS: return table_to_toml(text, "[", error);
    case FIELD_TYPE_STRUCT:
    case FIELD_TYPE_MAP:
    case FIELD_TYPE_STRUCT_MAP: return table_to_toml(text, "{", error);
    case FIELD_TYPE_JSON: return is_toml_value(text) ? g_strdup(text) : toml_quote(text);
    case FIELD_TYPE_UNION:
    case FIELD_TYPE_END: break;
    }
    g_assert_not_reached();
}

/*
 * config/config_example.c: the commented file of `config init`.
 *
 * A line "# text" explains, a line "#key = value" shows a default: without its "#" it is in force.
 */
#include <string.h>

#include "config/config-private.h"

char *config_default_text(const Field *field) {
    static const char *const kinds[] = {
        [FIELD_TYPE_BOOL] = "false",  [FIELD_TYPE_INT] = "0",      [FIELD_TYPE_DOUBLE] = "0.0",
        [FIELD_TYPE_STRINGS] = "[]",  [FIELD_TYPE_STRUCTS] = "[]", [FIELD_TYPE_MAP] = "{}",
        [FIELD_TYPE_STRING] = "\"\"", [FIELD_TYPE_END] = NULL
    };
    if (field->default_text == NULL)
        return g_strdup(field->type < G_N_ELEMENTS(kinds) ? kinds[field->type] : NULL);
    if (field->type == FIELD_TYPE_STRING || field->type == FIELD_TYPE_ENUM ||
        field->type == FIELD_TYPE_DURATION)
        return toml_quote(field->default_text);
    json_t *json = field_json_parse(field->default_text, strlen(field->default_text), NULL);
    GString *text = g_string_new(NULL);
    config_toml_append_value(text, json);
    json_decref(json);
    return g_string_free(text, FALSE);
}

static void append_comment(GString *out, const Field *field) {
    if (field->help != NULL) g_string_append_printf(out, "# %s", field->help);
    if (field->type == FIELD_TYPE_ENUM) {
        g_autofree char *type = field_type_text(field);
        g_string_append_printf(out, " (%s)", type);
    }
    if (field->flags & FIELD_INERT) g_string_append(out, " (No effect yet.)");
    g_string_append_c(out, '\n');
}

static void append_fields(GString *out, const char *section, const char *prefix,
                          const Field *fields) {
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        g_autofree char *name = config_key_join(prefix, field->name);
        if (field->type == FIELD_TYPE_STRUCT) {
            append_fields(out, section, name, field->fields);
            continue;
        }
        append_comment(out, field);
        if (field->type == FIELD_TYPE_STRUCT_MAP) {
            g_autofree char *below = config_key_join(name, "NAME");
            append_fields(out, section, below, field->fields);
            continue;
        }
        g_autofree char *value = config_default_text(field);
        if (value != NULL)
            g_string_append_printf(out, "#%s = %s\n", name, value);
        else if (field->type == FIELD_TYPE_DURATION)
            g_string_append_printf(out, "#%s = \"15m\"\n", name);
    }
}

char *config_example(const ConfigSection *sections) {
    GString *out = g_string_new(
        "# Configuration of LocalGPT. Every key is here with its default; take the # away from\n"
        "# \"#key = value\" to set it, or use 'localgpt config set KEY VALUE'.\n"
        "# ${NAME} in a string is the environment variable NAME; $$ is a plain dollar.\n");
    for (const ConfigSection *section = sections; section->name != NULL; section++) {
        g_string_append_printf(out, "\n# %s\n[%s]\n", section->summary, section->name);
        append_fields(out, section->name, "", section->fields);
    }
    return g_string_free(out, FALSE);
}

/* cli/config_topic.c: one line per key, or one key in full. */
#include "cli/config_topic.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/toml.h"
#include "cli/config_sections.h"
#include "cli/layout.h"

enum { KEY_COLUMN = 34 };

static bool is_text(FieldType type) {
    return type == FIELD_TYPE_STRING || type == FIELD_TYPE_ENUM || type == FIELD_TYPE_DURATION;
}

char *config_topic_default(const Field *field) {
    if (field->default_text == NULL) return NULL;
    return is_text(field->type) ? toml_quote(field->default_text) : g_strdup(field->default_text);
}

static void append_fact(GString *out, const char *fact) {
    g_string_append_printf(out, "%s%s", out->len > 0 ? "; " : "", fact);
}

char *config_topic_facts(const ConfigKey *key) {
    const Field *field = key->field;
    g_autofree char *type = field_type_text(field);
    GString *out = g_string_new(type);
    g_autofree char *value = config_topic_default(field);
    if (value != NULL) {
        g_autofree char *fact = g_strdup_printf("default %s", value);
        append_fact(out, fact);
    }
    if (field->flags & FIELD_REQUIRED) append_fact(out, "required");
    if (field->flags & FIELD_SECRET) append_fact(out, "secret");
    if (field->flags & FIELD_RESTART) append_fact(out, "a change needs a restart of the daemon");
    if (field->flags & FIELD_INERT) append_fact(out, "no effect yet");
    if (field->flags & FIELD_DEPRECATED) append_fact(out, "old");
    return g_string_free(out, FALSE);
}

static void append_key_line(GString *out, const ConfigKey *key) {
    g_autofree char *left = g_strconcat("  ", key->key, NULL);
    layout_row(out, left, key->field->help, KEY_COLUMN);
}

static void append_section(GString *out, const GPtrArray *keys, const ConfigSection *section) {
    g_string_append_printf(out, "\n[%s]  %s\n", section->name, section->summary);
    for (guint i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        if (key->section == section) append_key_line(out, key);
    }
}

static void append_one(GString *out, const ConfigKey *key) {
    g_autofree char *facts = config_topic_facts(key);
    g_string_append_printf(out, "%s\n\n", key->key);
    layout_text(out, key->field->help, 2);
    g_string_append_c(out, '\n');
    layout_text(out, facts, 2);
    g_string_append_printf(out, "\n  localgpt config set %s VALUE\n", key->key);
}

static void unknown_key(const GPtrArray *keys, const char *name, GError **error) {
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < keys->len; i++)
        g_ptr_array_add(names, ((const ConfigKey *)g_ptr_array_index(keys, i))->key);
    for (const ConfigSection *section = config_sections; section->name != NULL; section++)
        g_ptr_array_add(names, (char *)section->name);
    g_ptr_array_add(names, NULL);
    const char *suggestion = text_suggest(name, (const char *const *)names->pdata);
    const char *hint = "'localgpt help config' lists the keys.";
    if (suggestion != NULL)
        error_set_with_hint(error, ERR_NOT_FOUND, hint, "unknown key '%s', did you mean '%s'?",
                            name, suggestion);
    else
        error_set_with_hint(error, ERR_NOT_FOUND, hint, "unknown key '%s'", name);
}

/* All keys that are below `table`, which is no key itself. */
static bool append_below(GString *out, const GPtrArray *keys, const char *table) {
    g_autofree char *prefix = g_strconcat(table, ".", NULL);
    bool has_any = false;
    for (guint i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        if (!g_str_has_prefix(key->key, prefix)) continue;
        append_key_line(out, key);
        has_any = true;
    }
    return has_any;
}

bool config_topic_render(GString *out, const char *name, GError **error) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    if (name == NULL) {
        layout_text(out,
                    "Keys of config.toml, by section. 'localgpt help config KEY' tells all about "
                    "one, 'localgpt config set KEY VALUE' changes it.",
                    0);
        for (const ConfigSection *section = config_sections; section->name != NULL; section++)
            append_section(out, keys, section);
        return true;
    }
    for (guint i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        if (strcmp(key->key, name) != 0) continue;
        append_one(out, key);
        return true;
    }
    if (append_below(out, keys, name)) return true;
    unknown_key(keys, name, error);
    return false;
}

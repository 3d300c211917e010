/* config/config_secret.c: where secrets stand: found by their rows, hidden wherever they show. */
#include <string.h>

#include "base/error.h"
#include "config/config-private.h"

typedef struct {
    ConfigSecretFn found;
    void *user_data;
} Walk;

static void walk_strings(const Walk *walk, const char *key, json_t *value) {
    if (json_is_string(value)) {
        walk->found(key, value, walk->user_data);
        return;
    }
    const char *name;
    size_t index;
    json_t *item;
    json_object_foreach (value, name, item) {
        g_autofree char *below = config_key_join(key, name);
        walk_strings(walk, below, item);
    }
    json_array_foreach (value, index, item) {
        g_autofree char *below = g_strdup_printf("%s[%zu]", key, index);
        walk_strings(walk, below, item);
    }
}

static void walk_rows(const Walk *walk, const char *key, const Field *fields, const json_t *tree);

static void walk_below(const Walk *walk, const char *key, const Field *field, json_t *value) {
    const char *name;
    size_t index;
    json_t *item;
    if (field->flags & FIELD_SECRET) {
        walk_strings(walk, key, value);
    } else if (field->type == FIELD_TYPE_STRUCT) {
        walk_rows(walk, key, field->fields, value);
    } else if (field->type == FIELD_TYPE_STRUCTS) {
        json_array_foreach (value, index, item) {
            g_autofree char *below = g_strdup_printf("%s[%zu]", key, index);
            walk_rows(walk, below, field->fields, item);
        }
    } else if (field->type == FIELD_TYPE_STRUCT_MAP) {
        json_object_foreach (value, name, item) {
            g_autofree char *below = config_key_join(key, name);
            walk_rows(walk, below, field->fields, item);
        }
    }
}

static void walk_rows(const Walk *walk, const char *key, const Field *fields, const json_t *tree) {
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        json_t *value = json_object_get(tree, field->name);
        if (value == NULL) continue;
        g_autofree char *below = config_key_join(key, field->name);
        walk_below(walk, below, field, value);
    }
}

void config_walk_secrets(const ConfigSection *section, const json_t *tree, ConfigSecretFn found,
                         void *user_data) {
    Walk walk = { found, user_data };
    walk_rows(&walk, section->name, section->fields, tree);
}

static bool has_secret_name(const Field *fields, const char *name) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if ((field->flags & FIELD_SECRET) && strcmp(field->name, name) == 0) return true;
        if (has_secret_name(field->fields, name)) return true;
    }
    return false;
}

bool config_is_secret_name(const ConfigSection *sections, const char *name) {
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        if (has_secret_name(section->fields, name)) return true;
    return false;
}

/* A name that speaks of a secret though no row knows it: a misspelt "api_kye" is as secret. */
static bool looks_secret(const char *name) {
    static const char *const words[] = { "key", "token", "secret", "password", NULL };
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (const char *const *word = words; *word != NULL; word++)
        if (g_str_has_suffix(lower, *word)) return true;
    return false;
}

/* The bytes from `from` on as stars, one for each character; spaces and quotes stay. */
static void mask_rest(GString *out, const char *from) {
    for (const char *c = from; *c != '\0'; c++) {
        if (((unsigned char)*c & 0xC0) == 0x80) continue;
        g_string_append_c(out, strchr(" \"'", *c) != NULL ? *c : '*');
    }
}

/* Where the value begins when a "name =" of a secret stands in the line, else NULL. */
static const char *secret_value_in(const ConfigSection *sections, const char *line) {
    for (const char *equals = strchr(line, '='); equals != NULL; equals = strchr(equals + 1, '=')) {
        const char *end = equals;
        while (end > line && strchr(" \t\"'", end[-1]) != NULL) end--;
        const char *start = end;
        while (start > line && (g_ascii_isalnum(start[-1]) || strchr("_-", start[-1]) != NULL))
            start--;
        g_autofree char *name = g_strndup(start, (size_t)(end - start));
        if (name[0] == '\0') continue;
        if (config_is_secret_name(sections, name) || looks_secret(name)) return equals + 1;
    }
    return NULL;
}

char *config_mask_lines(const ConfigSection *sections, const char *diagnostic) {
    g_auto(GStrv) lines = g_strsplit(diagnostic, "\n", -1);
    GString *out = g_string_new(NULL);
    for (char **line = lines; *line != NULL; line++) {
        if (line != lines) g_string_append_c(out, '\n');
        size_t digits = strspn(*line, "0123456789");
        bool is_quoted = digits > 0 && strncmp(*line + digits, " | ", 3) == 0;
        const char *value = is_quoted ? secret_value_in(sections, *line + digits) : NULL;
        if (value == NULL) {
            g_string_append(out, *line);
            continue;
        }
        g_string_append_len(out, *line, value - *line);
        mask_rest(out, value);
    }
    return g_string_free(out, FALSE);
}

typedef struct {
    const Config *config;
    SecretSet *secrets;
} Adding;

static void add_secret(const char *key, json_t *string, void *user_data) {
    const Adding *adding = user_data;
    const char *value = json_string_value(string);
    if (!config_is_reference(value)) secret_set_add(adding->secrets, value);
    char *expanded = config_expand(adding->config, key, value, NULL);
    secret_set_add(adding->secrets, expanded);
    secret_free(expanded);
}

void config_add_secrets(const Config *config, SecretSet *secrets) {
    Adding adding = { config, secrets };
    for (unsigned i = 0; i < config->n_sections; i++) {
        const ConfigSection *section = &config->sections[i];
        const json_t *tree = toml_get(config->document, section->name);
        if (tree != NULL) config_walk_secrets(section, tree, add_secret, &adding);
    }
}

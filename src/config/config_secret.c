/* config/config_secret.c: where secrets stand: found by their rows, hidden wherever they show. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
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

void config_walk_secrets(const char *key, const Field *fields, const json_t *tree,
                         ConfigSecretFn found, void *user_data) {
    Walk walk = { found, user_data };
    walk_rows(&walk, key, fields, tree);
}

static bool has_secret_name(const Field *fields, const char *name) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if ((field->flags & FIELD_SECRET) && strcmp(field->name, name) == 0) return true;
        if (has_secret_name(field->fields, name)) return true;
    }
    return false;
}

static bool is_secret_name(const ConfigSection *sections, const char *name) {
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        if (has_secret_name(section->fields, name)) return true;
    return false;
}

static void add_secret_names(GPtrArray *names, const Field *fields) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++) {
        if (field->flags & FIELD_SECRET) g_ptr_array_add(names, (char *)field->name);
        add_secret_names(names, field->fields);
    }
}

/* A name that speaks of a secret though no row knows it: a misspelt "api_kye" is as secret. */
static bool looks_secret(const ConfigSection *sections, const char *name) {
    static const char *const words[] = { "key", "token", "secret", "password", NULL };
    g_autofree char *lower = g_ascii_strdown(name, -1);
    for (const char *const *word = words; *word != NULL; word++)
        if (g_str_has_suffix(lower, *word)) return true;
    if (strlen(name) < 6) return false; /* "end" is not a misspelt "env" */
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        add_secret_names(names, section->fields);
    g_ptr_array_add(names, NULL);
    return text_suggest(lower, (const char *const *)names->pdata) != NULL;
}

/* The text while it is being masked. */
typedef struct {
    const ConfigSection *sections;
    const char *at;
    GString *out;
} Masking;

/* An x for each character up to `end`; blanks and line ends stay, so that columns do. */
static void mask_until(Masking *masking, const char *end) {
    for (; masking->at < end; masking->at++) {
        if (((unsigned char)*masking->at & 0xC0) == 0x80) continue;
        g_string_append_c(masking->out, g_ascii_isspace(*masking->at) ? *masking->at : 'x');
    }
}

static void copy_until(Masking *masking, const char *end) {
    g_string_append_len(masking->out, masking->at, end - masking->at);
    masking->at = end;
}

/* Where the quoted text that begins at `at` ends, at the latest with the line. */
static const char *quoted_end(const char *at, char quote) {
    while (*at != '\0' && *at != '\n' && *at != quote)
        at += at[0] == '\\' && at[1] != '\0' && at[1] != '\n' ? 2 : 1;
    return at;
}

/* `at` stands behind the name of a secret: hides what is quoted, or all that follows. */
static void mask_value(Masking *masking) {
    copy_until(masking, masking->at + strspn(masking->at, " \t\"'")); /* the key may be quoted */
    copy_until(masking, masking->at + strspn(masking->at, " \t=:"));
    const char *at = masking->at;
    const char *end = at + strcspn(at, "\n");
    if (strncmp(at, "\"\"\"", 3) == 0 || strncmp(at, "'''", 3) == 0) {
        g_autofree char *fence = g_strndup(at, 3);
        const char *closing = strstr(at + 3, fence);
        copy_until(masking, at + 3);
        end = closing != NULL ? closing : at + strlen(at);
    } else if (*at == '"' || *at == '\'') {
        copy_until(masking, at + 1);
        end = quoted_end(at + 1, *at);
    }
    mask_until(masking, end);
}

static bool is_name_character(char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '-';
}

/* "api_key = ", "api_key: " and "api_key" at the start of a line begin a secret. */
static bool begins_secret(const Masking *masking, size_t length, bool is_first) {
    const char *next = masking->at + length;
    next += strspn(next, " \t\"'");
    if (*next != '=' && *next != ':' && !is_first) return false;
    g_autofree char *name = g_strndup(masking->at, length);
    return is_secret_name(masking->sections, name) || looks_secret(masking->sections, name);
}

char *config_mask_source(const ConfigSection *sections, const char *text) {
    Masking masking = { sections, text, g_string_sized_new(strlen(text)) };
    bool is_first = true;
    while (*masking.at != '\0') {
        size_t length = 0;
        while (is_name_character(masking.at[length])) length++;
        bool is_secret = length > 0 && begins_secret(&masking, length, is_first);
        if (*masking.at == '\n')
            is_first = true;
        else if (!g_ascii_isspace(*masking.at) && *masking.at != '"')
            is_first = false;
        copy_until(&masking, masking.at + MAX(length, 1));
        if (is_secret) mask_value(&masking);
    }
    return g_string_free(masking.out, FALSE);
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
        if (tree != NULL)
            config_walk_secrets(section->name, section->fields, tree, add_secret, &adding);
    }
}

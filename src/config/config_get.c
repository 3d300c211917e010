/* config/config_get.c: what is in force: one value, a table, everything. */
#include <string.h>

#include "base/error.h"
#include "config/config-private.h"

/* Names and values of a table that is only known at run time, joined through rows. */
typedef struct {
    GPtrArray *names;  /* char *, owned */
    GPtrArray *values; /* json_t, owned */
} Members;

static Members members_new(void) {
    return (Members){ g_ptr_array_new_with_free_func(g_free),
                      g_ptr_array_new_with_free_func((GDestroyNotify)json_decref) };
}

static void members_add(Members *members, const char *name, json_t *value) {
    g_ptr_array_add(members->names, g_strdup(name));
    g_ptr_array_add(members->values, value);
}

static bool members_have(const Members *members, const char *name) {
    for (unsigned i = 0; i < members->names->len; i++)
        if (strcmp(g_ptr_array_index(members->names, i), name) == 0) return true;
    return false;
}

/* Frees the members. */
static json_t *members_join(Members *members) {
    unsigned count = members->names->len;
    g_autofree Field *rows = g_new0(Field, count + 1);
    for (unsigned i = 0; i < count; i++)
        rows[i] = (Field){ .name = g_ptr_array_index(members->names, i),
                           .type = FIELD_TYPE_JSON,
                           .offset = i * sizeof(json_t *) };
    json_t *table = field_to_json(rows, members->values->pdata);
    g_ptr_array_unref(members->names);
    g_ptr_array_unref(members->values);
    return table;
}

/* "openai" for the section "providers.openai" below "providers"; NULL when it is not below. New
 * string. */
static char *child_name(const char *section, const char *prefix) {
    size_t length = strlen(prefix);
    if (length > 0 && (strncmp(section, prefix, length) != 0 || section[length] != '.'))
        return NULL;
    const char *rest = length > 0 ? section + length + 1 : section;
    return g_strndup(rest, strcspn(rest, "."));
}

static void add_own_members(const Config *config, const ConfigSection *section, Members *members,
                            ConfigEditFn edit, void *user_data) {
    json_t *own = field_to_json(section->fields, config_section(config, section->name));
    if (edit != NULL) edit(section, own, user_data);
    const char *name;
    json_t *value;
    json_object_foreach (own, name, value) members_add(members, name, json_incref(value));
    json_decref(own);
}

json_t *config_tree(const Config *config, const char *prefix, ConfigEditFn edit, void *user_data) {
    Members members = members_new();
    for (unsigned i = 0; i < config->n_sections; i++)
        if (strcmp(config->sections[i].name, prefix) == 0)
            add_own_members(config, &config->sections[i], &members, edit, user_data);
    for (unsigned i = 0; i < config->n_sections; i++) {
        g_autofree char *child = child_name(config->sections[i].name, prefix);
        if (child == NULL || members_have(&members, child)) continue;
        g_autofree char *below = config_key_join(prefix, child);
        members_add(&members, child, config_tree(config, below, edit, user_data));
    }
    return members_join(&members);
}

/* The value of a key in the tree of its section. Takes `tree`. */
static json_t *take_value(json_t *tree, const ConfigTarget *target, GError **error) {
    json_t *value = tree;
    size_t n_parts = g_strv_length(target->parts);
    for (size_t i = n_parts - target->n_below; i < n_parts; i++)
        value = json_object_get(value, target->parts[i]);
    if (value != NULL)
        json_incref(value);
    else
        error_set(error, ERR_NOT_FOUND, "'%s' is not set", target->key);
    json_decref(tree);
    return value;
}

static json_t *find_value(const Config *config, const ConfigTarget *target, GError **error) {
    return take_value(config_tree(config, target->section->name, NULL, NULL), target, error);
}

json_t *config_get_json(const Config *config, const char *key, GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(config->sections, key, &target, error)) return NULL;
    return find_value(config, &target, error);
}

static bool has_secret(const Field *fields) {
    for (const Field *field = fields; field != NULL && field->type != FIELD_TYPE_END; field++)
        if ((field->flags & FIELD_SECRET) || has_secret(field->fields)) return true;
    return false;
}

/* A table is secret when a key in it is. */
static bool target_is_secret(const Config *config, const ConfigTarget *target) {
    if (target->is_secret) return true;
    if (target->field != NULL) return has_secret(target->field->fields);
    size_t length = strlen(target->section->name);
    for (unsigned i = 0; i < config->n_sections; i++)
        if (strncmp(config->sections[i].name, target->section->name, length) == 0 &&
            has_secret(config->sections[i].fields))
            return true;
    return false;
}

char *config_value_text(const json_t *value) {
    if (json_is_string(value)) return g_strdup(json_string_value(value));
    GString *text = g_string_new(NULL);
    if (!json_is_null(value)) config_toml_append_value(text, value);
    return g_string_free(text, FALSE);
}

static char *table_text(const char *name, const json_t *table) {
    GString *text = g_string_new(NULL);
    config_toml_append_table(text, name, table);
    if (text->len > 0) g_string_truncate(text, text->len - 1);
    return g_string_free(text, FALSE);
}

/* A table gets its header, everything else stands for itself. Takes `value`. */
static char *value_text(const ConfigTarget *target, json_t *value) {
    bool is_table = json_is_object(value) &&
                    (target->type == FIELD_TYPE_STRUCT || target->type == FIELD_TYPE_STRUCT_MAP);
    char *text = is_table ? table_text(target->key, value) : config_value_text(value);
    json_decref(value);
    return text;
}

char *config_get(const Config *config, const char *key, bool *out_is_secret, GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(config->sections, key, &target, error)) return NULL;
    json_t *value = find_value(config, &target, error);
    if (value == NULL) return NULL;
    if (out_is_secret != NULL) *out_is_secret = target_is_secret(config, &target);
    return value_text(&target, value);
}

static void mask_secret(const char *key, json_t *string, void *user_data) {
    (void)key;
    (void)user_data;
    const char *value = json_string_value(string);
    if (value[0] != '\0' && !config_is_reference(value)) json_string_set(string, "***");
}

static void redact_string(json_t *string, const char *value) {
    if (strcmp(json_string_value(string), value) != 0) json_string_set(string, value);
}

static void redact_values(json_t *value, SecretSet *secrets) {
    if (json_is_string(value)) {
        g_autofree char *safe = secret_redact(secrets, json_string_value(value));
        redact_string(value, safe);
        return;
    }
    const char *name;
    size_t index;
    json_t *item;
    json_object_foreach (value, name, item) redact_values(item, secrets);
    json_array_foreach (value, index, item) redact_values(item, secrets);
}

/* `user_data` is the SecretSet. */
static void mask(const ConfigSection *section, json_t *tree, void *user_data) {
    config_walk_secrets(section->name, section->fields, tree, mask_secret, NULL);
    if (user_data != NULL) redact_values(tree, user_data);
}

json_t *config_get_masked_json(const Config *config, const char *key, SecretSet *secrets,
                               GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(config->sections, key, &target, error)) return NULL;
    json_t *tree = config_tree(config, target.section->name, mask, secrets);
    return take_value(tree, &target, error);
}

char *config_get_masked(const Config *config, const char *key, SecretSet *secrets, GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(config->sections, key, &target, error)) return NULL;
    json_t *value = config_get_masked_json(config, key, secrets, error);
    return value != NULL ? value_text(&target, value) : NULL;
}

json_t *config_show_json(const Config *config, SecretSet *secrets) {
    return config_tree(config, "", mask, secrets);
}

char *config_show_toml(const Config *config, SecretSet *secrets) {
    json_t *tree = config_show_json(config, secrets);
    GString *text = g_string_new(NULL);
    config_toml_append_table(text, "", tree);
    json_decref(tree);
    return g_string_free(text, FALSE);
}

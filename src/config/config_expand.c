/* config/config_expand.c: ${NAME} and $NAME in values, filled in when the value is used. */
#include <string.h>

#include "base/error.h"
#include "config/config-private.h"

static size_t name_length(const char *text) {
    if (!g_ascii_isalpha(text[0]) && text[0] != '_') return 0;
    size_t length = 1;
    while (g_ascii_isalnum(text[length]) || text[length] == '_') length++;
    return length;
}

bool config_is_reference(const char *value) {
    if (value[0] != '$') return false;
    bool has_braces = value[1] == '{';
    const char *name = value + 1 + has_braces;
    size_t length = name_length(name);
    return length > 0 && strcmp(name + length, has_braces ? "}" : "") == 0;
}

static void set_error(const Config *config, const char *key, const char *what, GError **error) {
    SourceSpan span;
    if (toml_value_span(config->document, key, &span))
        error_set_with_hint(error, ERR_CONFIG, NULL, "%s:%zu:%zu: '%s' %s", config->path, span.line,
                            span.column, key, what);
    else
        error_set_with_hint(error, ERR_CONFIG, NULL, "%s: '%s' %s", config->path, key, what);
}

/* `at` is behind the dollar. Returns what follows the reference, or NULL with *error. */
static const char *append_reference(const Config *config, const char *key, const char *at,
                                    GString *out, GError **error) {
    bool has_braces = at[0] == '{';
    const char *name = at + has_braces;
    size_t length = name_length(name);
    if (!has_braces && length == 0) { /* "costs $5", "end$" */
        g_string_append_c(out, '$');
        return at;
    }
    if (has_braces && (length == 0 || name[length] != '}')) {
        set_error(config, key,
                  "has '${' without a variable's name and '}'; write $$ for a plain dollar", error);
        return NULL;
    }
    g_autofree char *variable = g_strndup(name, length);
    const char *value = g_getenv(variable);
    if (value == NULL) {
        g_autofree char *what =
            g_strdup_printf("needs the variable %s, which is not set", variable);
        set_error(config, key, what, error);
        return NULL;
    }
    if (!g_utf8_validate(value, -1, NULL)) {
        g_autofree char *what =
            g_strdup_printf("needs the variable %s, which is not UTF-8", variable);
        set_error(config, key, what, error);
        return NULL;
    }
    g_string_append(out, value);
    return name + length + has_braces;
}

static void wipe(GString *text) {
    explicit_bzero(text->str, text->len);
    g_string_free(text, TRUE);
}

char *config_expand(const Config *config, const char *key, const char *value, GError **error) {
    GString *out = g_string_new(NULL);
    for (const char *at = value; *at != '\0';) {
        if (*at != '$') {
            g_string_append_c(out, *at++);
        } else if (at[1] == '$') {
            g_string_append_c(out, '$');
            at += 2;
        } else {
            at = append_reference(config, key, at + 1, out, error);
            if (at == NULL) {
                wipe(out);
                return NULL;
            }
        }
    }
    return g_string_free(out, FALSE);
}

static bool expand_tree(const Config *config, const char *key, json_t *value, GError **error) {
    const char *text = json_string_value(value);
    if (text != NULL && strchr(text, '$') != NULL) {
        char *expanded = config_expand(config, key, text, error);
        if (expanded == NULL) return false;
        json_string_set(value, expanded);
        secret_free(expanded);
        return true;
    }
    const char *name;
    size_t index;
    json_t *item;
    json_object_foreach (value, name, item) {
        g_autofree char *below = config_key_join(key, name);
        if (!expand_tree(config, below, item, error)) return false;
    }
    json_array_foreach (value, index, item) {
        g_autofree char *below = g_strdup_printf("%s[%zu]", key, index);
        if (!expand_tree(config, below, item, error)) return false;
    }
    return true;
}

static void add_secret(const char *key, json_t *string, void *user_data) {
    (void)key;
    secret_set_add(user_data, json_string_value(string));
}

/* A table whose variables are being filled in. */
typedef struct {
    const Config *config;
    const char *key;
    const Field *fields;
    size_t size;
    GError *error;
} Refilling;

/* A check that had to wait for the variables' values. */
static void on_problem(const char *path, const char *message, void *user_data) {
    Refilling *refilling = user_data;
    if (refilling->error != NULL) return;
    g_autofree char *key = g_strconcat(refilling->key, ".", path, NULL);
    g_autofree char *what = g_strdup_printf("after its variables were filled in: %s", message);
    set_error(refilling->config, key, what, &refilling->error);
}

/* Takes `tree`. */
static void *refill(Refilling *refilling, json_t *tree, SecretSet *secrets, GError **error) {
    if (!expand_tree(refilling->config, refilling->key, tree, error)) {
        json_decref(tree);
        return NULL;
    }
    if (secrets != NULL)
        config_walk_secrets(refilling->key, refilling->fields, tree, add_secret, secrets);
    void *object = g_malloc0(refilling->size);
    field_from_json_lenient(refilling->fields, object, tree, 0, on_problem, NULL, refilling);
    json_decref(tree);
    if (refilling->error == NULL) return object;
    field_clear(refilling->fields, object);
    g_free(object);
    g_propagate_error(error, refilling->error);
    return NULL;
}

void *config_section_expand(const Config *config, const char *name, SecretSet *secrets,
                            GError **error) {
    const ConfigSection *section = config->sections;
    while (strcmp(section->name, name) != 0) section++;
    json_t *tree = field_to_json(section->fields, config_section(config, name));
    Refilling refilling = { config, section->name, section->fields, section->size, NULL };
    return refill(&refilling, tree, secrets, error);
}

void *config_item_expand(const Config *config, const char *key, SecretSet *secrets,
                         GError **error) {
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(config->sections, key, &target, error)) return NULL;
    g_assert(target.item != NULL);
    json_t *tree = config_get_json(config, key, error);
    if (tree == NULL) return NULL;
    Refilling refilling = { config, target.key, target.item->fields, target.item->size, NULL };
    return refill(&refilling, tree, secrets, error);
}

char *config_get_expanded(const Config *config, const char *key, GError **error) {
    g_autofree char *value = config_get(config, key, NULL, error);
    return value != NULL ? config_expand(config, key, value, error) : NULL;
}

/* config/config_key.c: keys and their rows: list them, find one, guess what was meant. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "config/config-private.h"

/* What stands for one name in a map. */
static const Field map_item = { .name = "<name>", .type = FIELD_TYPE_STRING };

char *config_key_join(const char *prefix, const char *part) {
    bool is_bare =
        part[0] != '\0' && strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-_") == strlen(part);
    g_autofree char *quoted = is_bare ? g_strdup(part) : toml_quote(part);
    return prefix[0] == '\0' ? g_steal_pointer(&quoted) : g_strconcat(prefix, ".", quoted, NULL);
}

static void key_free(ConfigKey *key) {
    g_free(key->key);
    g_free(key);
}

static void add_keys(GPtrArray *keys, const ConfigSection *section, const char *prefix,
                     const Field *fields) {
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        g_autofree char *name = g_strconcat(prefix, ".", field->name, NULL);
        if (field->type == FIELD_TYPE_STRUCT) {
            add_keys(keys, section, name, field->fields);
        } else if (field->type == FIELD_TYPE_STRUCT_MAP) {
            g_autofree char *below = g_strconcat(name, ".<name>", NULL);
            add_keys(keys, section, below, field->fields);
        } else {
            ConfigKey *key = g_new0(ConfigKey, 1);
            key->key = g_steal_pointer(&name);
            key->field = field;
            key->section = section;
            g_ptr_array_add(keys, key);
        }
    }
}

GPtrArray *config_keys(const ConfigSection *sections) {
    GPtrArray *keys = g_ptr_array_new_with_free_func((GDestroyNotify)key_free);
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        add_keys(keys, section, section->name, section->fields);
    return keys;
}

static bool is_prefix_of(const char *prefix, const char *name) {
    size_t length = strlen(prefix);
    return strncmp(prefix, name, length) == 0 && (name[length] == '.' || name[length] == '\0');
}

bool config_is_section(const ConfigSection *sections, const char *name) {
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        if (is_prefix_of(name, section->name)) return true;
    return false;
}

/* The section with the longest name that is a prefix of the key. Its parts are all bare. */
static const ConfigSection *find_section(const ConfigSection *sections, const char *key) {
    const ConfigSection *best = NULL;
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        if (is_prefix_of(section->name, key) &&
            (best == NULL || strlen(section->name) > strlen(best->name)))
            best = section;
    return best;
}

static char *join_parts(char **parts) {
    char *joined = g_strdup("");
    for (char **part = parts; *part != NULL; part++) {
        char *longer = config_key_join(joined, *part);
        g_free(joined);
        joined = longer;
    }
    return joined;
}

/* Follows the parts below the section through its rows. */
static bool follow(ConfigTarget *target, char **parts) {
    const Field *fields = target->section->fields;
    target->type = FIELD_TYPE_STRUCT;
    for (char **part = parts; *part != NULL; part++) {
        target->n_below++;
        if (target->type == FIELD_TYPE_STRUCT_MAP) { /* *part is a name of the user's */
            target->item = target->field;
            target->field = NULL;
            target->type = FIELD_TYPE_STRUCT;
            target->is_named = true;
        } else if (target->type == FIELD_TYPE_MAP) {
            target->field = &map_item;
            target->type = FIELD_TYPE_STRING;
            target->is_named = true;
        } else if (target->type == FIELD_TYPE_STRUCT) {
            const Field *field = field_find(fields, *part);
            if (field == NULL) return false;
            target->item = NULL;
            target->field = field;
            target->type = field->type;
            if (field->fields != NULL) fields = field->fields;
            if (field->flags & FIELD_SECRET) target->is_secret = true;
        } else if (target->type != FIELD_TYPE_JSON) {
            return false;
        }
    }
    return true;
}

bool config_target_find(const ConfigSection *sections, const char *key, ConfigTarget *out,
                        GError **error) {
    g_autoptr(GError) syntax = NULL;
    g_auto(GStrv) parts = toml_split_path(key, &syntax);
    if (parts == NULL) {
        error_set(error, ERR_CONFIG, "'%s' is not a key: %s", key, syntax->message);
        return false;
    }
    ConfigTarget target = { .key = join_parts(parts) };
    target.section = find_section(sections, target.key);
    size_t n_section = 0;
    if (target.section != NULL) {
        g_auto(GStrv) names = g_strsplit(target.section->name, ".", -1);
        n_section = g_strv_length(names);
    }
    if (target.section == NULL || !follow(&target, parts + n_section)) {
        g_autofree char *suggestion = config_suggest(sections, target.key);
        if (suggestion != NULL)
            error_set_with_hint(error, ERR_CONFIG, "See 'localgpt config list'.",
                                "unknown key '%s', did you mean '%s'?", key, suggestion);
        else
            error_set_with_hint(error, ERR_CONFIG, "See 'localgpt config list'.",
                                "unknown key '%s'", key);
        config_target_clear(&target);
        return false;
    }
    target.parts = g_steal_pointer(&parts);
    *out = target;
    return true;
}

char *config_hint(const ConfigSection *sections, const char *path) {
    g_autofree char *key = g_strndup(path, strcspn(path, "["));
    g_auto(ConfigTarget) target = { 0 };
    if (!config_target_find(sections, key, &target, NULL))
        return g_strdup("See 'localgpt config list'.");
    if (target.is_named)
        return g_strdup_printf("See 'localgpt config list %s'.", target.section->name);
    return g_strdup_printf("See 'localgpt help config %s'.", target.key);
}

void config_target_clear(ConfigTarget *target) {
    g_clear_pointer(&target->parts, g_strfreev);
    g_clear_pointer(&target->key, g_free);
}

static const char *last_part(const char *key) {
    const char *dot = strrchr(key, '.');
    return dot != NULL ? dot + 1 : key;
}

/* All keys and sections that can be meant, as plain strings; char *, owned. */
static GPtrArray *candidates(const ConfigSection *sections) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (const ConfigSection *section = sections; section->name != NULL; section++)
        g_ptr_array_add(names, g_strdup(section->name));
    g_autoptr(GPtrArray) keys = config_keys(sections);
    for (unsigned i = 0; i < keys->len; i++) {
        const ConfigKey *key = g_ptr_array_index(keys, i);
        g_ptr_array_add(names, g_strdup(key->key));
    }
    return names;
}

/* The same table, another name: the last part is compared alone, so that a long path does not make
 * room for more mistakes. */
static const char *suggest_sibling(GPtrArray *names, const char *key) {
    size_t parent_length = (size_t)(last_part(key) - key);
    g_autoptr(GPtrArray) parts = g_ptr_array_new();
    g_autoptr(GPtrArray) whole = g_ptr_array_new();
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if ((size_t)(last_part(name) - name) != parent_length) continue;
        if (strncmp(name, key, parent_length) != 0) continue;
        g_ptr_array_add(parts, (char *)last_part(name));
        g_ptr_array_add(whole, (char *)name);
    }
    g_ptr_array_add(parts, NULL);
    const char *found = text_suggest(key + parent_length, (const char *const *)parts->pdata);
    for (unsigned i = 0; found != NULL && i < whole->len; i++)
        if (g_ptr_array_index(parts, i) == found) return g_ptr_array_index(whole, i);
    return NULL;
}

/* The same name in another table, when only one table has it: agent.port is server.port. */
static const char *suggest_elsewhere(GPtrArray *names, const char *key) {
    const char *found = NULL;
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = g_ptr_array_index(names, i);
        if (strcmp(last_part(name), last_part(key)) != 0 || strchr(name, '<') != NULL) continue;
        if (found != NULL) return NULL;
        found = name;
    }
    return found;
}

char *config_suggest(const ConfigSection *sections, const char *key) {
    g_autoptr(GPtrArray) names = candidates(sections);
    const char *found = suggest_sibling(names, key);
    if (found == NULL) found = suggest_elsewhere(names, key);
    if (found == NULL) {
        g_ptr_array_add(names, NULL);
        found = text_suggest(key, (const char *const *)names->pdata);
    }
    return g_strdup(found);
}

/* base/toml_unset.c: removes one key, or one table with all its sections. */
#include "base/toml-private.h"

#include <string.h>

/* Inline tables lose the entry and one comma. */
static void remove_inline(const TomlDocument *document, const TomlNode *scope,
                          const TomlNode *removed, GArray *changes) {
    const TomlEntry *kept = NULL;    /* the last one that stays */
    const TomlEntry *pending = NULL; /* the first of a run that goes */
    const TomlEntry *last = NULL;
    for (unsigned i = 0; i < document->entries->len; i++) {
        const TomlEntry *entry = &g_array_index(document->entries, TomlEntry, i);
        if (entry->scope != scope) continue;
        last = entry;
        if (toml_node_is_within(entry->leaf, removed)) {
            if (pending == NULL) pending = entry;
            continue;
        }
        if (pending != NULL)
            toml_changes_add(changes, pending->key_start, entry->key_start, g_strdup(""));
        pending = NULL;
        kept = entry;
    }
    if (kept == NULL)
        toml_changes_add(changes, scope->value_start + 1, scope->value_end - 1, g_strdup(""));
    else if (pending != NULL)
        toml_changes_add(changes, kept->leaf->value_end, last->leaf->value_end, g_strdup(""));
}

/* The lines of the entries that lead into the removed node from outside. */
static void remove_entries(const TomlDocument *document, const TomlNode *removed, GArray *changes) {
    const TomlNode *done = NULL; /* inline scope whose entries are removed */
    for (unsigned i = 0; i < document->entries->len; i++) {
        const TomlEntry *entry = &g_array_index(document->entries, TomlEntry, i);
        if (!toml_node_is_within(entry->leaf, removed)) continue;
        if (toml_node_is_within(entry->scope, removed)) continue;
        if (entry->scope->kind != TOML_INLINE) {
            toml_changes_add(changes, toml_line_start(document, entry->key_start),
                             toml_line_next(document, entry->leaf->value_end), g_strdup(""));
        } else if (entry->scope != done) {
            done = entry->scope;
            remove_inline(document, done, removed, changes);
        }
    }
}

/* Each section of the removed table, from its header to its last entry, with the blank lines that
 * set it apart from the next one. */
static void remove_sections(const TomlDocument *document, const TomlNode *removed,
                            GArray *changes) {
    for (unsigned i = 1; i < document->sections->len; i++) {
        const TomlSection *section = &g_array_index(document->sections, TomlSection, i);
        if (!toml_node_is_within(section->table, removed)) continue;
        size_t end = toml_section_end(document, section);
        while (end < document->length && toml_line_first(document, end) == '\n')
            end = toml_line_next(document, end);
        toml_changes_add(changes, toml_line_start(document, section->start), end, g_strdup(""));
    }
}

static void remove_part(json_t *container, const TomlPathPart *part) {
    if (part->key != NULL)
        json_object_del(container, part->key);
    else
        json_array_remove(container, part->index);
}

static bool is_empty(const json_t *json) {
    return json_object_size(json) == 0 && json_array_size(json) == 0;
}

/* The tree without the value; tables that only stood for it go with it. */
static void remove_json(json_t *tree, const TomlPath *path, const TomlNode *node) {
    g_autofree json_t **containers = g_new0(json_t *, path->n_parts);
    containers[0] = tree;
    for (size_t i = 0; i + 1 < path->n_parts; i++) {
        const TomlPathPart *part = &path->parts[i];
        containers[i + 1] = part->key != NULL ? json_object_get(containers[i], part->key)
                                              : json_array_get(containers[i], part->index);
    }
    for (size_t i = path->n_parts; i > 0; i--) {
        remove_part(containers[i - 1], &path->parts[i - 1]);
        node = node->parent;
        bool stands_alone =
            node->kind != TOML_DOTTED && node->kind != TOML_IMPLICIT && node->kind != TOML_TABLES;
        if (stands_alone || !is_empty(containers[i - 1])) return;
    }
}

static TomlNode *find(TomlDocument *document, const TomlPath *path, GError **error) {
    size_t n_found;
    TomlNode *node = toml_path_walk(document, path, &n_found);
    g_autofree char *text = toml_path_text(path, path->n_parts);
    if (n_found < path->n_parts) {
        error_set(error, ERR_NOT_FOUND, "there is no '%s' in '%s'", text, document->file);
        return NULL;
    }
    if (node->parent->kind == TOML_ARRAY) {
        g_autofree char *list = toml_path_text(path, path->n_parts - 1);
        error_set(error, ERR_USAGE, "cannot remove '%s' alone: set '%s' to the new list", text,
                  list);
        return NULL;
    }
    return node;
}

bool toml_unset(TomlDocument *document, const char *path, GError **error) {
    g_autoptr(TomlPath) parsed = toml_path_parse(path, error);
    if (parsed == NULL) return false;
    TomlNode *node = find(document, parsed, error);
    if (node == NULL) return false;
    g_autoptr(GArray) changes = toml_changes_new();
    remove_entries(document, node, changes);
    remove_sections(document, node, changes);
    json_t *intended = toml_copy_json(document);
    remove_json(intended, parsed, node);
    bool ok = toml_apply(document, changes, intended, error);
    json_decref(intended);
    return ok;
}

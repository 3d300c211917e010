/* base/toml_set.c: sets one key, in the style of what stands around it. */
#include "base/toml-private.h"

#include <string.h>

/* One call of toml_set(). */
typedef struct {
    TomlDocument *document;
    const TomlPath *path;
    TomlNode *node;    /* where the path stops in the document */
    size_t n_found;    /* parts of the path that lead to it */
    const char *value; /* in TOML spelling, with the line ends of the document */
    GArray *changes;   /* TomlChange */
} Setting;

/* The value with the line ends of the document and without blanks around it. */
static char *fit_value(const TomlDocument *document, const char *value) {
    const char *newline = toml_newline(document);
    GString *out = g_string_new(NULL);
    for (const char *c = value; *c != '\0'; c++) {
        if (c[0] == '\r' && c[1] == '\n') continue;
        if (*c == '\n')
            g_string_append(out, newline);
        else
            g_string_append_c(out, *c);
    }
    return g_strstrip(g_string_free(out, false));
}

/* The JSON of a text that is exactly one value. New reference or NULL. */
static json_t *read_one_value(const char *value, GError **error) {
    TomlReader reader = {
        .file = "value",
        .text = value,
        .length = strlen(value),
        .error_code = ERR_USAGE,
        .error = error,
    };
    if (!toml_check_text(&reader)) return NULL;
    g_autoptr(TomlNode) node = toml_node_new(TOML_SCALAR, NULL);
    if (!toml_read_value(&reader, node)) return NULL;
    if (reader.at == reader.length) return json_incref(node->json);
    toml_fail(&reader, TOML_RANGE(reader.at, reader.length), NULL, "expected one value, got more");
    return NULL;
}

static bool fail_path(const Setting *setting, GError **error) {
    const TomlPath *path = setting->path;
    const TomlNode *node = setting->node;
    size_t found = setting->n_found;
    g_autofree char *wanted = toml_path_text(path, path->n_parts);
    g_autofree char *there = toml_path_text(path, found);
    const char *type = toml_node_type(node);
    if (path->parts[found].key == NULL && toml_node_is_list(node))
        error_set(error, ERR_USAGE, "cannot set '%s': '%s' has %zu items", wanted, there,
                  json_array_size(node->json));
    else if (path->parts[found].key == NULL)
        error_set(error, ERR_USAGE, "cannot set '%s': '%s' is %s, not a list", wanted, there, type);
    else if (toml_node_is_list(node))
        error_set(error, ERR_USAGE, "cannot set '%s': '%s' is %s; name one item: %s[0]", wanted,
                  there, type, there);
    else
        error_set(error, ERR_USAGE, "cannot set '%s': '%s' is %s, not a table", wanted, there,
                  type);
    return false;
}

/* Whether the missing part of the path can be added where it stops. */
static bool check_path(const Setting *setting, GError **error) {
    const TomlPath *path = setting->path;
    if (!toml_node_is_table(setting->node) || path->parts[setting->n_found].key == NULL)
        return fail_path(setting, error);
    for (size_t i = setting->n_found; i < path->n_parts; i++) {
        if (path->parts[i].key != NULL) continue;
        g_autofree char *wanted = toml_path_text(path, path->n_parts);
        g_autofree char *list = toml_path_text(path, i);
        error_set(error, ERR_USAGE, "cannot set '%s': there is no list '%s'", wanted, list);
        return false;
    }
    return true;
}

/* The missing parts [first, last) of the path as a dotted key. */
static char *missing_key(const Setting *setting, size_t first, size_t last) {
    TomlPath missing = { setting->path->parts + first, last - first };
    return toml_path_text(&missing, missing.n_parts);
}

/* `key = value`, spaced like the entry beside it. */
static char *assignment(const Setting *setting, const char *key, const TomlEntry *beside) {
    const char *equals = " = ";
    if (beside != NULL) {
        const char *between = setting->document->text + beside->key_end;
        size_t length = beside->leaf->value_start - beside->key_end;
        if (memchr(between, ' ', length) == NULL && memchr(between, '\t', length) == NULL)
            equals = "=";
    }
    return g_strconcat(key, equals, setting->value, NULL);
}

static char *indentation(const TomlDocument *document, size_t at) {
    const char *line = document->text + toml_line_start(document, at);
    return g_strndup(line, strspn(line, " \t"));
}

/* Inserts a line at the start of a line; at the end of a text without a final newline, after it. */
static void insert_line(Setting *setting, size_t at, const char *indent, const char *line) {
    const TomlDocument *document = setting->document;
    const char *newline = toml_newline(document);
    bool is_open = at > toml_text_start(document->text) && document->text[at - 1] != '\n';
    toml_changes_add(
        setting->changes, at, at,
        g_strconcat(is_open ? newline : "", indent, line, is_open ? "" : newline, NULL));
}

/* What a comment line says, without its signs and blanks; NULL for another line. */
static const char *comment_text(const TomlDocument *document, size_t line) {
    if (toml_line_first(document, line) != '#') return NULL;
    const char *c = document->text + line;
    return c + strspn(c, "# \t");
}

/* Whether this says `key = ...`: a setting that waits to be switched on. */
static bool is_assignment_of(const char *c, const char *key) {
    size_t length = strlen(key);
    if (strncmp(c, key, length) != 0) return false;
    return c[length + strspn(c + length, " \t")] == '=';
}

/* The next entry of a section at or after a byte, or NULL; `cursor` makes the walk one pass. */
static const TomlEntry *next_entry(const TomlDocument *document, const TomlSection *section,
                                   size_t at, unsigned *cursor) {
    for (; *cursor < document->entries->len; (*cursor)++) {
        const TomlEntry *entry = &g_array_index(document->entries, TomlEntry, *cursor);
        if (entry->scope == section->table && entry->key_start >= at) return entry;
    }
    return NULL;
}

/* The line after `# key = ...` among the section's lines, or 0. Lines inside values do not count,
 * nor what follows a whole section that waits in comments. */
static size_t find_commented_key(const TomlDocument *document, unsigned index, const char *key) {
    const TomlSection *section = &g_array_index(document->sections, TomlSection, index);
    size_t end = index + 1 < document->sections->len ? section[1].start : document->length;
    size_t line = index == 0 ? section->end : toml_line_next(document, section->end);
    unsigned cursor = 0;
    const TomlEntry *entry = next_entry(document, section, line, &cursor);
    while (line < end) {
        size_t next = toml_line_next(document, line);
        const char *comment = comment_text(document, line);
        if (entry != NULL && entry->key_start < next) {
            next = toml_line_next(document, entry->leaf->value_end);
            entry = next_entry(document, section, next, &cursor);
        } else if (comment != NULL && *comment == '[') {
            return 0;
        } else if (comment != NULL && is_assignment_of(comment, key)) {
            return next;
        }
        line = next;
    }
    return 0;
}

/* Where the comment lines right above a header begin. */
static size_t comment_block(const TomlDocument *document, unsigned index) {
    const TomlSection *section = &g_array_index(document->sections, TomlSection, index);
    size_t floor = toml_section_end(document, section - 1);
    size_t line = toml_line_start(document, section->start);
    while (line > floor) {
        size_t above = toml_line_start(document, line - 1);
        if (toml_line_first(document, above) != '#') break;
        line = above;
    }
    return line;
}

/* The first key of the root table: before the first header, apart from the comments. */
static void add_first_root_line(Setting *setting, const char *line) {
    const TomlDocument *document = setting->document;
    const char *newline = toml_newline(document);
    if (document->sections->len > 1) {
        size_t at = comment_block(document, 1);
        toml_changes_add(setting->changes, at, at, g_strconcat(line, newline, newline, NULL));
        return;
    }
    size_t at = document->length;
    size_t start = toml_text_start(document->text);
    bool is_open = at > start && document->text[at - 1] != '\n';
    size_t last = at > start ? toml_line_start(document, at - 1) : at;
    bool has_comment = toml_line_first(document, last) == '#';
    toml_changes_add(
        setting->changes, at, at,
        g_strconcat(is_open ? newline : "", has_comment ? newline : "", line, newline, NULL));
}

/* A new line at the end of a section's keys. */
static void add_line(Setting *setting, unsigned index, const char *key) {
    const TomlDocument *document = setting->document;
    const TomlSection *section = &g_array_index(document->sections, TomlSection, index);
    const TomlEntry *last = toml_last_entry(document, section->table);
    g_autofree char *line = assignment(setting, key, last);
    size_t commented = find_commented_key(document, index, key);
    if (commented > 0) {
        g_autofree char *indent = indentation(document, commented - 1);
        insert_line(setting, commented, indent, line);
    } else if (last == NULL && index == 0) {
        add_first_root_line(setting, line);
    } else {
        g_autofree char *indent =
            indentation(document, last != NULL ? last->key_start : section->start);
        insert_line(setting, toml_section_end(document, section), indent, line);
    }
}

static unsigned find_section(const TomlDocument *document, const TomlNode *table) {
    unsigned i = 0;
    while (g_array_index(document->sections, TomlSection, i).table != table) i++;
    return i;
}

/* A new [header] at the end of the text, for all missing parts but the last. */
static void add_section(Setting *setting) {
    const TomlDocument *document = setting->document;
    const char *newline = toml_newline(document);
    size_t n_parts = setting->path->n_parts;
    g_autofree char *header = toml_path_text(setting->path, n_parts - 1);
    g_autofree char *key = missing_key(setting, n_parts - 1, n_parts);
    g_autofree char *line = assignment(setting, key, NULL);
    size_t at = document->length;
    size_t start = toml_text_start(document->text);
    bool is_open = at > start && document->text[at - 1] != '\n';
    bool needs_gap =
        at > start && toml_line_first(document, toml_line_start(document, at - 1)) != '\n';
    toml_changes_add(setting->changes, at, at,
                     g_strconcat(is_open ? newline : "", needs_gap ? newline : "", "[", header, "]",
                                 newline, line, newline, NULL));
}

/* The keys of a table from the root; items of lists have none. */
static char *header_text(const TomlNode *table) {
    if (table->parent->kind == TOML_ROOT) return toml_key_text(table->key);
    g_autofree char *parent = header_text(table->parent);
    if (table->kind == TOML_ITEM) return g_steal_pointer(&parent);
    g_autofree char *key = toml_key_text(table->key);
    return g_strconcat(parent, ".", key, NULL);
}

/* The header that a table lacked so far, before the first header of its sub-tables. */
static void add_own_header(Setting *setting, const char *key) {
    const TomlDocument *document = setting->document;
    unsigned index = 1;
    while (!toml_node_is_within(g_array_index(document->sections, TomlSection, index).table,
                                setting->node))
        index++;
    const char *newline = toml_newline(document);
    g_autofree char *header = header_text(setting->node);
    g_autofree char *line = assignment(setting, key, NULL);
    size_t at = comment_block(document, index);
    toml_changes_add(setting->changes, at, at,
                     g_strconcat("[", header, "]", newline, line, newline, newline, NULL));
}

static void add_inline(Setting *setting, const TomlEntry *last, const char *key) {
    g_autofree char *line = assignment(setting, key, last);
    if (last != NULL) {
        size_t at = last->leaf->value_end;
        toml_changes_add(setting->changes, at, at, g_strconcat(", ", line, NULL));
        return;
    }
    const TomlNode *table = setting->node;
    toml_changes_add(setting->changes, table->value_start + 1, table->value_end - 1,
                     g_strconcat(" ", line, " ", NULL));
}

/* The last `a.b = 1` that goes through the table `a`. */
static const TomlEntry *last_entry_through(const TomlDocument *document, const TomlNode *table) {
    for (unsigned i = document->entries->len; i > 0; i--) {
        const TomlEntry *entry = &g_array_index(document->entries, TomlEntry, i - 1);
        if (toml_node_is_within(entry->leaf, table) && !toml_node_is_within(entry->scope, table))
            return entry;
    }
    return NULL;
}

/* `a.b = 1` stands for a table `a`: the new key is spelled like it and put beside it. */
static void add_beside(Setting *setting, const char *key) {
    TomlDocument *document = setting->document;
    const TomlEntry *entry = last_entry_through(document, setting->node);
    TomlReader reader = {
        .file = document->file,
        .text = document->text,
        .length = document->length,
        .at = entry->key_start,
    };
    GArray *parts = toml_read_key(&reader);
    unsigned index = setting->node->depth - entry->scope->depth - 1;
    size_t prefix_end = g_array_index(parts, TomlKeyPart, index).end;
    toml_key_parts_free(parts);
    g_autofree char *prefix =
        g_strndup(document->text + entry->key_start, prefix_end - entry->key_start);
    g_autofree char *dotted = g_strconcat(prefix, ".", key, NULL);
    if (entry->scope->kind == TOML_INLINE) {
        add_inline(setting, entry, dotted);
        return;
    }
    g_autofree char *line = assignment(setting, dotted, entry);
    g_autofree char *indent = indentation(document, entry->key_start);
    insert_line(setting, toml_line_next(document, entry->leaf->value_end), indent, line);
}

/* A header names only the last item of a list of tables, so below an item keys are dotted. */
static bool is_below_item(const TomlNode *node) {
    while (node != NULL && node->kind != TOML_ITEM) node = node->parent;
    return node != NULL;
}

static void add_key(Setting *setting) {
    const TomlNode *node = setting->node;
    size_t n_parts = setting->path->n_parts;
    g_autofree char *key = missing_key(setting, setting->n_found, n_parts);
    bool is_direct = n_parts == setting->n_found + 1 || is_below_item(node);
    if (node->kind == TOML_INLINE)
        add_inline(setting, toml_last_entry(setting->document, node), key);
    else if (node->kind == TOML_DOTTED)
        add_beside(setting, key);
    else if (!is_direct)
        add_section(setting);
    else if (node->kind == TOML_IMPLICIT)
        add_own_header(setting, key);
    else
        add_line(setting, find_section(setting->document, node), key);
}

/* The old value's bytes become the new one. */
static bool replace_value(Setting *setting, GError **error) {
    const TomlNode *node = setting->node;
    if (node->kind == TOML_SCALAR || node->kind == TOML_ARRAY || node->kind == TOML_INLINE) {
        toml_changes_add(setting->changes, node->value_start, node->value_end,
                         g_strdup(setting->value));
        return true;
    }
    g_autofree char *path = toml_path_text(setting->path, setting->path->n_parts);
    error_set_with_hint(error, ERR_USAGE, "Set one of its keys, or unset it first.",
                        "cannot set '%s': it is %s", path, toml_node_type(node));
    return false;
}

/* The tree with the value at the path; the path was checked. Takes `value`. */
static void put_json(json_t *tree, const TomlPath *path, json_t *value) {
    for (size_t i = 0; i + 1 < path->n_parts; i++) {
        const TomlPathPart *part = &path->parts[i];
        json_t *next = part->key != NULL ? json_object_get(tree, part->key)
                                         : json_array_get(tree, part->index);
        if (next == NULL) {
            next = json_object();
            json_object_set_new(tree, part->key, next);
        }
        tree = next;
    }
    const TomlPathPart *last = &path->parts[path->n_parts - 1];
    if (last->key != NULL)
        json_object_set_new(tree, last->key, value);
    else
        json_array_set_new(tree, last->index, value);
}

static bool set_value(Setting *setting, json_t *value, GError **error) {
    const TomlPath *path = setting->path;
    if (setting->n_found == path->n_parts) {
        if (!replace_value(setting, error)) return false;
    } else {
        if (!check_path(setting, error)) return false;
        add_key(setting);
    }
    json_t *intended = toml_copy_json(setting->document);
    put_json(intended, path, json_incref(value));
    bool ok = toml_apply(setting->document, setting->changes, intended, error);
    json_decref(intended);
    return ok;
}

bool toml_set(TomlDocument *document, const char *path, const char *value, GError **error) {
    g_autoptr(TomlPath) parsed = toml_path_parse(path, error);
    if (parsed == NULL) return false;
    g_autofree char *fitted = fit_value(document, value);
    json_t *json = read_one_value(fitted, error);
    if (json == NULL) {
        g_prefix_error(error, "cannot set '%s': ", path);
        return false;
    }
    g_autoptr(GArray) changes = toml_changes_new();
    Setting setting = { .document = document, .path = parsed, .value = fitted, .changes = changes };
    setting.node = toml_path_walk(document, parsed, &setting.n_found);
    bool ok = set_value(&setting, json, error);
    json_decref(json);
    return ok;
}

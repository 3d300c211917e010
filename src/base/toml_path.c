/* base/toml_path.c: dotted paths, as users and errors spell them. */
#include "base/toml-private.h"

#include <string.h>

void toml_path_free(TomlPath *path) {
    if (path == NULL) return;
    for (size_t i = 0; i < path->n_parts; i++) g_free(path->parts[i].key);
    g_free(path->parts);
    g_free(path);
}

static bool fail_path(const char *text, size_t at, const char *message, GError **error) {
    error_set_with_hint(error, ERR_USAGE,
                        "Write a key like agent.default_model; quote a part with other signs: "
                        "a.\"my key\".b",
                        "'%s' is not a key: %s at character %ld", text, message,
                        g_utf8_pointer_to_offset(text, text + at) + 1);
    return false;
}

static bool read_quoted(const char *text, size_t *at, char **out, GError **error) {
    TomlReader reader = { .file = "key", .text = text, .length = strlen(text), .at = *at };
    GString *key = g_string_new(NULL);
    bool ok = toml_read_string(&reader, TOML_STRING_KEY, key);
    ok = ok && strlen(key->str) == key->len;
    *out = g_string_free(key, !ok);
    if (!ok) return fail_path(text, *at, "bad quoted part", error);
    *at = reader.at;
    return true;
}

static bool read_key(const char *text, size_t *at, TomlPathPart *part, GError **error) {
    if (text[*at] == '"' || text[*at] == '\'') return read_quoted(text, at, &part->key, error);
    size_t start = *at;
    while (toml_is_bare(text[*at])) (*at)++;
    if (*at == start) return fail_path(text, start, "expected a name", error);
    part->key = g_strndup(text + start, *at - start);
    return true;
}

static bool read_index(const char *text, size_t *at, TomlPathPart *part, GError **error) {
    size_t start = (*at)++;
    for (; g_ascii_isdigit(text[*at]); (*at)++) {
        if (*at - start > 8) return fail_path(text, start, "the index is too large", error);
        part->index = part->index * 10 + (size_t)(text[*at] - '0');
    }
    if (*at == start + 1 || text[*at] != ']')
        return fail_path(text, start, "expected an index like [0]", error);
    (*at)++;
    return true;
}

static bool read_parts(const char *text, GArray *parts, GError **error) {
    size_t at = 0;
    do {
        TomlPathPart part = { 0 };
        bool ok = parts->len > 0 && text[at] == '[' ? read_index(text, &at, &part, error)
                                                    : read_key(text, &at, &part, error);
        if (!ok) return false;
        g_array_append_val(parts, part);
        if (text[at] == '.') {
            at++;
            if (text[at] == '[' || text[at] == '\0')
                return fail_path(text, at, "expected a name", error);
        } else if (text[at] != '[' && text[at] != '\0') {
            return fail_path(text, at, "unexpected sign", error);
        }
    } while (text[at] != '\0');
    return true;
}

TomlPath *toml_path_parse(const char *text, GError **error) {
    if (!g_utf8_validate(text, -1, NULL)) {
        error_set(error, ERR_USAGE, "the key is not UTF-8");
        return NULL;
    }
    GArray *parts = g_array_new(false, true, sizeof(TomlPathPart));
    bool ok = read_parts(text, parts, error);
    TomlPath *path = g_new0(TomlPath, 1);
    path->n_parts = parts->len;
    path->parts = (TomlPathPart *)(void *)g_array_free(parts, false);
    if (ok) return path;
    toml_path_free(path);
    return NULL;
}

char *toml_path_text(const TomlPath *path, size_t n_parts) {
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < n_parts; i++) {
        const TomlPathPart *part = &path->parts[i];
        if (part->key == NULL) {
            g_string_append_printf(out, "[%zu]", part->index);
            continue;
        }
        g_autofree char *key = toml_key_text((TomlKey){ part->key, strlen(part->key) });
        g_string_append_printf(out, "%s%s", i > 0 ? "." : "", key);
    }
    return g_string_free(out, false);
}

TomlNode *toml_path_walk(TomlDocument *document, const TomlPath *path, size_t *out_depth) {
    TomlNode *node = document->root;
    size_t i = 0;
    for (; i < path->n_parts; i++) {
        const TomlPathPart *part = &path->parts[i];
        TomlNode *next = NULL;
        if (part->key != NULL && toml_node_is_table(node))
            next = toml_node_member(node, part->key, strlen(part->key));
        if (part->key == NULL && toml_node_is_list(node)) next = toml_node_item(node, part->index);
        if (next == NULL) break;
        node = next;
    }
    if (out_depth != NULL) *out_depth = i;
    return node;
}

char **toml_split_path(const char *path, GError **error) {
    g_autoptr(TomlPath) parsed = toml_path_parse(path, error);
    if (parsed == NULL) return NULL;
    char **parts = g_new0(char *, parsed->n_parts + 1);
    for (size_t i = 0; i < parsed->n_parts; i++) {
        TomlPathPart *part = &parsed->parts[i];
        parts[i] =
            part->key != NULL ? g_steal_pointer(&part->key) : g_strdup_printf("[%zu]", part->index);
    }
    return parts;
}

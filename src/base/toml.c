/* base/toml.c: TOML documents: made, looked up, freed. */
#include "base/toml.h"

#include <string.h>

#include "base/toml-private.h"

void toml_free(TomlDocument *document) {
    if (document == NULL) return;
    toml_node_free(document->root);
    g_clear_pointer(&document->sections, g_array_unref);
    g_clear_pointer(&document->entries, g_array_unref);
    g_free(document->file);
    g_free(document->text);
    g_free(document);
}

TomlDocument *toml_parse(const char *file, const char *text, size_t length, GError **error) {
    g_autoptr(TomlDocument) document = g_new0(TomlDocument, 1);
    document->file = g_strdup(file);
    document->text = g_malloc(length + 1);
    if (length > 0) memcpy(document->text, text, length);
    document->text[length] = '\0';
    document->length = length;
    document->root = toml_node_new(TOML_ROOT, NULL);
    document->sections = g_array_new(false, false, sizeof(TomlSection));
    document->entries = g_array_new(false, false, sizeof(TomlEntry));
    TomlReader reader = {
        .file = file,
        .text = document->text,
        .length = length,
        .document = document,
        .error_code = ERR_CONFIG,
        .error = error,
    };
    if (!toml_check_text(&reader) || !toml_read_document(&reader)) return NULL;
    return g_steal_pointer(&document);
}

const json_t *toml_json(TomlDocument *document) {
    return document->root->json;
}

const char *toml_text(const TomlDocument *document) {
    return document->text;
}

static TomlNode *find(TomlDocument *document, const char *text) {
    g_autoptr(TomlPath) path = toml_path_parse(text, NULL);
    if (path == NULL) return NULL;
    size_t depth;
    TomlNode *node = toml_path_walk(document, path, &depth);
    return depth == path->n_parts ? node : NULL;
}

const json_t *toml_get(TomlDocument *document, const char *path) {
    TomlNode *node = find(document, path);
    return node != NULL ? node->json : NULL;
}

bool toml_key_span(TomlDocument *document, const char *path, SourceSpan *out_span) {
    TomlNode *node = find(document, path);
    if (node == NULL) return false;
    *out_span = diagnostic_span(document->text, document->length, node->key_start, node->key_end);
    return true;
}

bool toml_value_span(TomlDocument *document, const char *path, SourceSpan *out_span) {
    TomlNode *node = find(document, path);
    if (node == NULL) return false;
    bool has_value = node->value_end > 0;
    *out_span = diagnostic_span(document->text, document->length,
                                has_value ? node->value_start : node->key_start,
                                has_value ? node->value_end : node->key_end);
    return true;
}

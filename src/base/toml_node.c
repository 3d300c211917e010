/* base/toml_node.c: the tree of a TOML document. Reading TOML into a JSON tree is reading, not
 * building an answer, so json_object_set is allowed here (see base/field.h for everything else). */
#include "base/toml-private.h"

#include <string.h>

/* Tables with more members than this get a hash table; the few others are searched. */
enum { MAX_SEARCHED = 8 };

static unsigned key_hash(gconstpointer data) {
    const TomlKey *key = data;
    unsigned hash = 5381;
    for (size_t i = 0; i < key->length; i++) hash = hash * 33 + (unsigned char)key->text[i];
    return hash;
}

static int key_equal(gconstpointer left, gconstpointer right) {
    const TomlKey *a = left;
    const TomlKey *b = right;
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

TomlNode *toml_node_new(TomlKind kind, TomlNode *parent) {
    TomlNode *node = g_new0(TomlNode, 1);
    node->kind = kind;
    node->parent = parent;
    node->depth = parent != NULL ? parent->depth + 1 : 0;
    if (kind == TOML_ARRAY || kind == TOML_TABLES)
        node->json = json_array();
    else if (kind != TOML_SCALAR)
        node->json = json_object();
    return node;
}

void toml_node_free(TomlNode *node) {
    if (node == NULL) return;
    g_clear_pointer(&node->members, g_hash_table_unref);
    g_clear_pointer(&node->children, g_ptr_array_unref);
    g_clear_pointer(&node->json, json_decref);
    g_free(node->key.text);
    g_free(node);
}

static void index_member(TomlNode *table, TomlNode *child) {
    if (table->members == NULL) {
        if (table->children->len <= MAX_SEARCHED) return;
        table->members = g_hash_table_new(key_hash, key_equal);
        for (unsigned i = 0; i < table->children->len; i++) {
            TomlNode *member = g_ptr_array_index(table->children, i);
            g_hash_table_insert(table->members, &member->key, member);
        }
    }
    g_hash_table_insert(table->members, &child->key, child);
}

void toml_node_attach(TomlNode *child) {
    TomlNode *parent = child->parent;
    if (parent->children == NULL)
        parent->children = g_ptr_array_new_with_free_func((GDestroyNotify)toml_node_free);
    g_ptr_array_add(parent->children, child);
    json_t *json = json_incref(child->json);
    if (toml_node_is_list(parent)) {
        json_array_append_new(parent->json, json);
        return;
    }
    index_member(parent, child);
    json_object_setn_new_nocheck(parent->json, child->key.text, child->key.length, json);
}

TomlNode *toml_node_member(const TomlNode *table, const char *key, size_t length) {
    TomlKey wanted = { (char *)key, length };
    if (table->members != NULL) return g_hash_table_lookup(table->members, &wanted);
    for (unsigned i = 0; table->children != NULL && i < table->children->len; i++) {
        TomlNode *member = g_ptr_array_index(table->children, i);
        if (key_equal(&member->key, &wanted)) return member;
    }
    return NULL;
}

TomlNode *toml_node_item(const TomlNode *list, size_t index) {
    if (list->children == NULL || index >= list->children->len) return NULL;
    return g_ptr_array_index(list->children, index);
}

bool toml_node_is_list(const TomlNode *node) {
    return node->kind == TOML_ARRAY || node->kind == TOML_TABLES;
}

bool toml_node_is_table(const TomlNode *node) {
    return node->kind != TOML_SCALAR && !toml_node_is_list(node);
}

bool toml_node_is_within(const TomlNode *node, const TomlNode *ancestor) {
    while (node != NULL && node != ancestor) node = node->parent;
    return node != NULL;
}

const char *toml_node_type(const TomlNode *node) {
    switch (json_typeof(node->json)) {
    case JSON_OBJECT: return "a table";
    case JSON_ARRAY: return node->kind == TOML_TABLES ? "a list of tables" : "a list";
    case JSON_STRING: return "a string";
    case JSON_INTEGER: return "an integer";
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    default: return "a value";
    }
}

void toml_key_parts_free(GArray *parts) {
    for (unsigned i = 0; i < parts->len; i++) g_free(g_array_index(parts, TomlKeyPart, i).key.text);
    g_array_unref(parts);
}

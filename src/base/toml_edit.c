/* base/toml_edit.c: applies an edit only if its result reads as what was meant. */
#include "base/toml-private.h"

#include <string.h>

static void clear_change(gpointer data) {
    TomlChange *change = data;
    g_free(change->text);
}

GArray *toml_changes_new(void) {
    GArray *changes = g_array_new(false, false, sizeof(TomlChange));
    g_array_set_clear_func(changes, clear_change);
    return changes;
}

void toml_changes_add(GArray *changes, size_t start, size_t end, char *text) {
    TomlChange change = { start, end, text };
    g_array_append_val(changes, change);
}

static int by_start(gconstpointer left, gconstpointer right) {
    const TomlChange *a = left;
    const TomlChange *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

static GString *changed_text(const TomlDocument *document, GArray *changes) {
    g_array_sort(changes, by_start);
    GString *out = g_string_sized_new(document->length);
    size_t at = 0;
    for (unsigned i = 0; i < changes->len; i++) {
        const TomlChange *change = &g_array_index(changes, TomlChange, i);
        g_assert(change->start >= at && change->end <= document->length);
        g_string_append_len(out, document->text + at, (gssize)(change->start - at));
        g_string_append(out, change->text);
        at = change->end;
    }
    g_string_append_len(out, document->text + at, (gssize)(document->length - at));
    return out;
}

json_t *toml_copy_json(const TomlDocument *document) {
    TomlDocument *copy = toml_parse(document->file, document->text, document->length, NULL);
    json_t *json = json_incref(copy->root->json);
    toml_free(copy);
    return json;
}

/* json_equal(), but right for keys that hold NUL (that of jansson 2.14 is not). */
static bool is_equal(const json_t *left, const json_t *right) {
    if (json_is_object(left) && json_is_object(right)) {
        const char *key;
        size_t length;
        json_t *value;
        json_object_keylen_foreach((json_t *)left, key, length, value) {
            const json_t *other = json_object_getn(right, key, length);
            if (other == NULL || !is_equal(value, other)) return false;
        }
        return json_object_size(left) == json_object_size(right);
    }
    if (json_is_array(left) && json_is_array(right)) {
        size_t size = json_array_size(left);
        bool same = size == json_array_size(right);
        for (size_t i = 0; same && i < size; i++)
            same = is_equal(json_array_get(left, i), json_array_get(right, i));
        return same;
    }
    return json_equal(left, right);
}

bool toml_apply(TomlDocument *document, GArray *changes, const json_t *intended, GError **error) {
    GString *text = changed_text(document, changes);
    g_autoptr(TomlDocument) fresh = toml_parse(document->file, text->str, text->len, error);
    g_string_free(text, true);
    if (fresh == NULL) {
        g_prefix_error(error,
                       "'%s' is left as it was, the change would break it: ", document->file);
        return false;
    }
    if (!is_equal(fresh->root->json, intended)) {
        error_set(error, ERR_FAILED,
                  "'%s' is left as it was: the change would have altered more than its key",
                  document->file);
        return false;
    }
    TomlDocument old = *document;
    *document = *fresh;
    *fresh = old;
    return true;
}

size_t toml_line_start(const TomlDocument *document, size_t at) {
    size_t first = toml_text_start(document->text);
    while (at > first && document->text[at - 1] != '\n') at--;
    return at;
}

size_t toml_line_next(const TomlDocument *document, size_t at) {
    const char *newline = memchr(document->text + at, '\n', document->length - at);
    return newline != NULL ? (size_t)(newline - document->text) + 1 : document->length;
}

char toml_line_first(const TomlDocument *document, size_t line) {
    char c = document->text[line + strspn(document->text + line, " \t\r")];
    return c == '\0' ? '\n' : c;
}

const char *toml_newline(const TomlDocument *document) {
    const char *newline = strchr(document->text, '\n');
    return newline != NULL && newline > document->text && newline[-1] == '\r' ? "\r\n" : "\n";
}

const TomlEntry *toml_last_entry(const TomlDocument *document, const TomlNode *scope) {
    for (unsigned i = document->entries->len; i > 0; i--) {
        const TomlEntry *entry = &g_array_index(document->entries, TomlEntry, i - 1);
        if (entry->scope == scope) return entry;
    }
    return NULL;
}

size_t toml_section_end(const TomlDocument *document, const TomlSection *section) {
    const TomlEntry *last = toml_last_entry(document, section->table);
    if (last != NULL) return toml_line_next(document, last->leaf->value_end);
    if (section->table->kind == TOML_ROOT) return section->end;
    return toml_line_next(document, section->end);
}

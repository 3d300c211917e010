/* Any bytes as a TOML document: what is accepted is edited, and every edit either is refused in
 * words or changes what it says. The editor's own check of its result must never have to object. */
#include "base/toml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ERR_USAGE is the user's; a limit may be reached; all else is a fault of the editor. */
static void check_refusal(const GError *error) {
    if (error_is(error, ERR_USAGE)) return;
    if (error_is(error, ERR_CONFIG) && strstr(error->message, "more than 64 levels") != NULL)
        return;
    g_printerr("%s\n", error->message);
    abort();
}

static bool set(TomlDocument *document, const char *path, const char *value) {
    g_autoptr(GError) error = NULL;
    if (toml_set(document, path, value, &error)) {
        if (toml_get(document, path) == NULL) abort();
        return true;
    }
    check_refusal(error);
    return false;
}

static void unset(TomlDocument *document, const char *path) {
    g_autoptr(GError) error = NULL;
    if (toml_unset(document, path, &error)) {
        if (toml_get(document, path) != NULL && !g_str_has_suffix(path, "]")) abort();
        return;
    }
    check_refusal(error);
}

/* A path into the tree, one of its branches at each fork as `choice` has it. */
static char *pick_path(const json_t *json, unsigned choice) {
    GString *path = g_string_new(NULL);
    while (json_object_size(json) > 0 || (path->len > 0 && json_array_size(json) > 0)) {
        if (path->len > 0 && choice % 7 == 0) break;
        if (json_is_array(json)) {
            size_t index = choice % json_array_size(json);
            g_string_append_printf(path, "[%zu]", index);
            json = json_array_get(json, index);
        } else {
            void *member = json_object_iter((json_t *)json);
            for (size_t skip = choice % json_object_size(json); skip > 0; skip--)
                member = json_object_iter_next((json_t *)json, member);
            const char *key = json_object_iter_key(member);
            g_autofree char *quoted = toml_quote(key);
            g_string_append_printf(path, "%s%s", path->len > 0 ? "." : "", quoted);
            json = json_object_iter_value(member);
            if (strlen(key) != json_object_iter_key_len(member)) break;
        }
        choice = choice / 3 + 5;
    }
    return g_string_free(path, false);
}

static void edit(TomlDocument *document, unsigned choice) {
    static const char *const values[] = {
        "1", "\"x\"", "[\n1, # c\n2 ]", "{ a.b = 1 }", "'''\n[x]\n# a = 1\n'''", "1979-05-27",
    };
    const char *value = values[choice % G_N_ELEMENTS(values)];
    g_autofree char *path = pick_path(toml_json(document), choice);
    if (*path != '\0') {
        g_autofree char *below = g_strconcat(path, ".new", NULL);
        g_autofree char *deep = g_strconcat(path, ".deep.\"n w\".x", NULL);
        SourceSpan span;
        toml_key_span(document, path, &span);
        toml_value_span(document, path, &span);
        set(document, below, value);
        set(document, deep, value);
        set(document, path, value);
        g_autofree char *other = pick_path(toml_json(document), choice / 2);
        if (toml_get(document, other) != NULL) unset(document, other);
    }
    bool is_new = toml_get(document, "fresh") == NULL;
    if (set(document, "fresh", value) && is_new) unset(document, "fresh");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autoptr(GError) error = NULL;
    g_autoptr(TomlDocument) document = toml_parse("f", (const char *)data, size, &error);
    if (document == NULL) {
        if (!error_is(error, ERR_CONFIG) || !g_utf8_validate(error->message, -1, NULL)) abort();
        return 0;
    }
    unsigned choice = (unsigned)size;
    for (size_t i = 0; i < size; i++) choice = choice * 31 + data[i];
    edit(document, choice % 10007);

    const char *text = toml_text(document);
    g_autoptr(TomlDocument) again = toml_parse("f", text, strlen(text), NULL);
    if (again == NULL || strcmp(toml_text(again), text) != 0) abort();
    return 0;
}

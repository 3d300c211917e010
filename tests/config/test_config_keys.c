/* Every key of every section, one after the other: it has a default and a help, can be set, read
 * back and unset; what is not its kind is refused. */
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/toml.h"
#include "cli/config_sections.h"
#include "config/config.h"
#include "config/scratch_file.h"

static const char original[] = "# my notes\n"
                               "[agent]   # first\n"
                               "default_model = \"openai/gpt-4o\" # kept\n"
                               "\n"
                               "[providers.openai]\n"
                               "api_key = \"${OPENAI_API_KEY}\"\n";

static char *sample_value(const Field *field);

static char *sample_table(const Field *fields) {
    GString *table = g_string_new("{ ");
    for (const Field *field = fields; field->type != FIELD_TYPE_END; field++) {
        g_autofree char *value = sample_value(field);
        bool is_bare = field->type == FIELD_TYPE_STRING || field->type == FIELD_TYPE_ENUM ||
                       field->type == FIELD_TYPE_DURATION;
        g_autofree char *quoted = is_bare ? toml_quote(value) : g_strdup(value);
        g_string_append_printf(table, "%s%s = %s", table->len > 2 ? ", " : "", field->name, quoted);
    }
    g_string_append(table, " }");
    return g_string_free(table, FALSE);
}

static char *sample_string(const Field *field) {
    static const char *const samples[] = { "plain words", "https://127.0.0.1:8080/v1",
                                           "09:30",       "openai/gpt-4o",
                                           "::1",         "/srv/notes" };
    for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
        if (field->check == NULL || field->check(samples[i], NULL)) return g_strdup(samples[i]);
    g_assert_not_reached();
}

/* What a person would type; never the default. */
static char *sample_value(const Field *field) {
    switch (field->type) {
    case FIELD_TYPE_BOOL:
        return g_strdup(g_strcmp0(field->default_text, "true") == 0 ? "false" : "true");
    case FIELD_TYPE_INT:
        return g_strdup_printf("%.0f", field->min < field->max ? field->max : 1234567.0);
    case FIELD_TYPE_DOUBLE: return g_strdup("0.125");
    case FIELD_TYPE_DURATION: return g_strdup("2h30m");
    case FIELD_TYPE_STRING: return sample_string(field);
    case FIELD_TYPE_ENUM:
        return g_strdup(
            field->choices[strcmp(field->choices[0],
                                  field->default_text != NULL ? field->default_text : "") == 0]);
    case FIELD_TYPE_STRINGS: return g_strdup("[\"one\", \"two, three\"]");
    case FIELD_TYPE_MAP: return g_strdup("{ first = \"a\", \"second one\" = \"b\" }");
    case FIELD_TYPE_STRUCTS: {
        g_autofree char *table = sample_table(field->fields);
        return g_strdup_printf("[%s]", table);
    }
    case FIELD_TYPE_JSON: return g_strdup("{ depth = [1, 2.5, true] }");
    default: g_assert_not_reached();
    }
}

/* "<name>" stands for any name; this one needs quotes. */
static char *usable_key(const char *key) {
    g_auto(GStrv) parts = g_strsplit(key, "<name>", -1);
    return g_strjoinv("\"my name\"", parts);
}

static void no_warning(const char *message, void *user_data) {
    (void)user_data;
    g_test_message("unexpected warning: %s", message);
    g_test_fail();
}

static char *current_value(const char *path, const char *key, bool *out_is_set) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, config_sections, no_warning, NULL, &error);
    g_assert_no_error(error);
    *out_is_set = config_is_set(config, key);
    char *value = config_get(config, key, NULL, &error);
    if (strstr(key, "my name") == NULL) g_assert_no_error(error);
    return value;
}

static void check_key(const ConfigKey *row, const char *path) {
    g_autoptr(GError) error = NULL;
    g_autofree char *key = usable_key(row->key);
    g_autofree char *value = sample_value(row->field);
    bool is_set = false;
    g_autofree char *before = current_value(path, key, &is_set);

    g_assert_true(config_set(path, config_sections, key, value, &error));
    g_assert_no_error(error);
    g_autofree char *now = current_value(path, key, &is_set);
    g_test_message("%s: %s -> %s", key, before, now);
    g_assert_true(is_set);
    if (row->field->type != FIELD_TYPE_STRUCTS) g_assert_cmpstr(now, ==, value);
    g_assert_cmpstr(now, !=, before);

    /* What config_get prints, config_set takes. */
    g_assert_true(config_set(path, config_sections, key, now, &error));
    g_autofree char *again = current_value(path, key, &is_set);
    g_assert_cmpstr(again, ==, now);

    g_assert_true(config_unset(path, config_sections, key, &error));
    g_autofree char *after = current_value(path, key, &is_set);
    g_assert_false(is_set);
    if (strstr(key, "my name") == NULL && strcmp(key, "agent.default_model") != 0 &&
        strcmp(key, "providers.openai.api_key") != 0)
        g_assert_cmpstr(after, ==, before);

    struct stat info;
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
}

static void every_key_can_be_set_read_and_unset(void) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    g_assert_cmpuint(keys->len, >, 150);
    for (unsigned i = 0; i < keys->len; i++) {
        g_auto(ScratchFile) scratch = scratch_file_new(original);
        check_key(g_ptr_array_index(keys, i), scratch.path);
        g_autofree char *text = scratch_file_text(&scratch);
        g_assert_nonnull(strstr(text, "# my notes\n[agent]   # first\n"));
    }
}

static void every_key_can_be_set_into_one_file(void) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    g_auto(ScratchFile) scratch = scratch_file_new(NULL);
    g_autoptr(GError) error = NULL;
    for (unsigned i = 0; i < keys->len; i++) {
        const ConfigKey *row = g_ptr_array_index(keys, i);
        g_autofree char *key = usable_key(row->key);
        g_autofree char *value = sample_value(row->field);
        g_assert_true(config_set(scratch.path, config_sections, key, value, &error));
        g_assert_no_error(error);
    }
    for (unsigned i = 0; i < keys->len; i++) {
        const ConfigKey *row = g_ptr_array_index(keys, i);
        g_autofree char *key = usable_key(row->key);
        g_autofree char *value = sample_value(row->field);
        bool is_set = false;
        g_autofree char *now = current_value(scratch.path, key, &is_set);
        g_assert_true(is_set);
        if (row->field->type != FIELD_TYPE_STRUCTS) g_assert_cmpstr(now, ==, value);
    }
}

static void every_key_refuses_another_kind(void) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    for (unsigned i = 0; i < keys->len; i++) {
        const ConfigKey *row = g_ptr_array_index(keys, i);
        FieldType type = row->field->type;
        bool takes_anything = type == FIELD_TYPE_JSON || type == FIELD_TYPE_STRINGS ||
                              (type == FIELD_TYPE_STRING && row->field->check == NULL);
        if (takes_anything) continue;
        g_autofree char *key = usable_key(row->key);
        g_auto(ScratchFile) scratch = scratch_file_new(original);
        g_autoptr(GError) error = NULL;
        const char *wrong = "no\001thing like it";
        g_assert_false(config_set(scratch.path, config_sections, key, wrong, &error));
        g_assert_error(error, ERR, ERR_CONFIG);
        g_assert_nonnull(strstr(error->message, key));
        g_autofree char *text = scratch_file_text(&scratch);
        g_assert_cmpstr(text, ==, original);
    }
}

static void every_key_is_documented(void) {
    g_autoptr(GPtrArray) keys = config_keys(config_sections);
    for (unsigned i = 0; i < keys->len; i++) {
        const ConfigKey *row = g_ptr_array_index(keys, i);
        g_test_message("%s", row->key);
        g_assert_nonnull(row->field->help);
        g_assert_true(g_str_has_suffix(row->field->help, ".") ||
                      g_str_has_suffix(row->field->help, ")"));
        if (row->field->type == FIELD_TYPE_STRING) g_assert_nonnull(row->field->default_text);
        const char *name = strrchr(row->key, '.') + 1;
        static const char *const secret_names[] = {
            "api_key",        "access_token",        "refresh_token",
            "webhook_secret", "auth_token",          "gemini_api_key",
            "api_token",      "service_account_key", NULL
        };
        bool is_secret = (row->field->flags & FIELD_SECRET) != 0;
        if (g_strv_contains(secret_names, name)) g_assert_true(is_secret);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/keys/every_key_can_be_set_read_and_unset",
                    every_key_can_be_set_read_and_unset);
    g_test_add_func("/config/keys/every_key_can_be_set_into_one_file",
                    every_key_can_be_set_into_one_file);
    g_test_add_func("/config/keys/every_key_refuses_another_kind", every_key_refuses_another_kind);
    g_test_add_func("/config/keys/every_key_is_documented", every_key_is_documented);
    return g_test_run();
}

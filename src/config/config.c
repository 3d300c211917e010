/* config/config.c: the configuration is read, checked and kept. */
#include "config/config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "config/config-private.h"

static unsigned count_sections(const ConfigSection *sections) {
    unsigned count = 0;
    while (sections[count].name != NULL) count++;
    return count;
}

static int section_index(const Config *config, const char *name) {
    for (unsigned i = 0; i < config->n_sections; i++)
        if (strcmp(config->sections[i].name, name) == 0) return (int)i;
    g_assert_not_reached();
}

/* The diagnostic of a text that does not parse, without its secrets: the masked text has the same
 * error at the same place, or the place must do without the line. */
static void set_syntax_error(const char *path, const ConfigSection *sections, const char *text,
                             const GError *problem, GError **error) {
    g_autofree char *masked = config_mask_source(sections, text);
    g_autoptr(GError) shown = NULL;
    g_autoptr(TomlDocument) document = toml_parse(path, masked, strlen(masked), &shown);
    size_t first_line = strcspn(problem->message, "\n");
    bool is_same = document == NULL && strcspn(shown->message, "\n") == first_line &&
                   strncmp(shown->message, problem->message, first_line) == 0;
    if (is_same)
        error_set(error, ERR_CONFIG, "%s", shown->message);
    else
        error_set(error, ERR_CONFIG, "%.*s", (int)first_line, problem->message);
}

TomlDocument *config_read(const char *path, const ConfigSection *sections, bool *out_is_there,
                          GError **error) {
    g_autofree char *text = NULL;
    size_t length = 0;
    g_autoptr(GError) problem = NULL;
    bool is_there = file_read(path, CONFIG_MAX_BYTES, &text, &length, &problem);
    if (!is_there && !error_is(problem, ERR_NOT_FOUND)) {
        ErrorCode code = error_is(problem, ERR_IO) ? ERR_IO : ERR_CONFIG;
        error_set(error, code, "the configuration cannot be read: %s", problem->message);
        return NULL;
    }
    g_clear_error(&problem);
    TomlDocument *document = toml_parse(path, is_there ? text : "", length, &problem);
    if (document == NULL) {
        set_syntax_error(path, sections, text, problem, error);
        return NULL;
    }
    *out_is_there = is_there;
    return document;
}

/* Warns about unknown keys; all other problems together are the error. */
static bool report(const Config *config, GPtrArray *problems, ConfigWarningFn on_warning,
                   void *user_data, GError **error) {
    g_autoptr(GString) errors = g_string_new(NULL);
    const ConfigProblem *first = NULL;
    unsigned n_errors = 0;
    for (unsigned i = 0; i < problems->len; i++) {
        const ConfigProblem *problem = g_ptr_array_index(problems, i);
        g_autofree char *text =
            config_problem_format(problem, config->path, config->document, config->sections);
        if (problem->is_unknown) {
            if (on_warning != NULL) on_warning(text, user_data);
            continue;
        }
        if (n_errors++ == 0) first = problem;
        g_string_append_printf(errors, "%s%s", first != problem ? "\n\n" : "", text);
    }
    if (n_errors == 0) return true;
    g_autofree char *hint = n_errors == 1 ? config_hint(config->sections, first->path)
                                          : g_strdup("See 'localgpt config list'.");
    error_set_with_hint(error, ERR_CONFIG, hint, "%s", errors->str);
    return false;
}

static void warn_if_readable_by_others(const char *path, ConfigWarningFn on_warning,
                                       void *user_data) {
    struct stat info;
    if (on_warning == NULL || stat(path, &info) != 0 || (info.st_mode & 077) == 0) return;
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *message = g_strdup_printf(
        "other users can read or change '%s'; close it with: chmod 600 %s", path, quoted);
    on_warning(message, user_data);
}

Config *config_load(const char *path, const ConfigSection *sections, ConfigWarningFn on_warning,
                    void *user_data, GError **error) {
    g_autoptr(Config) config = g_new0(Config, 1);
    config->path = g_strdup(path);
    config->sections = sections;
    config->document = config_read(path, sections, &config->is_file_there, error);
    if (config->document == NULL) return NULL;
    config->n_sections = count_sections(sections);
    config->structs = g_new0(void *, config->n_sections);
    for (unsigned i = 0; i < config->n_sections; i++)
        config->structs[i] = g_malloc0(sections[i].size);
    if (config->is_file_there) warn_if_readable_by_others(path, on_warning, user_data);
    g_autoptr(GPtrArray) problems = config_decode(config->document, sections, config->structs);
    if (!report(config, problems, on_warning, user_data, error)) return NULL;
    return g_steal_pointer(&config);
}

void config_free(Config *config) {
    if (config == NULL) return;
    for (unsigned i = 0; config->structs != NULL && i < config->n_sections; i++) {
        field_clear(config->sections[i].fields, config->structs[i]);
        g_free(config->structs[i]);
    }
    g_free(config->structs);
    toml_free(config->document);
    g_free(config->path);
    g_free(config);
}

const void *config_section(const Config *config, const char *name) {
    return config->structs[section_index(config, name)];
}

void config_section_free(const Config *config, const char *name, void *section) {
    if (section == NULL) return;
    field_clear(config->sections[section_index(config, name)].fields, section);
    g_free(section);
}

bool config_file_exists(const Config *config) {
    return config->is_file_there;
}

const char *config_path(const Config *config) {
    return config->path;
}

bool config_is_set(const Config *config, const char *key) {
    const json_t *value = toml_get(config->document, key);
    return value != NULL && !(json_is_object(value) && json_object_size(value) == 0);
}

size_t config_line(const Config *config, const char *key) {
    SourceSpan span;
    return toml_key_span(config->document, key, &span) ? span.line : 0;
}

bool config_write_new(const char *path, const char *text, bool is_forced, GError **error) {
    if (!is_forced && g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set_with_hint(error, ERR_EXISTS, "Use --force to overwrite it.",
                            "there is a config file at '%s' already", path);
        return false;
    }
    g_autofree char *folder = g_path_get_dirname(path);
    return file_make_folders(folder, error) && file_replace(path, text, strlen(text), 0600, error);
}

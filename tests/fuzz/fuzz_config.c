/* Any bytes as config.toml, with every section of the program: loaded, shown, every section used;
 * then one key is set. What config_set left is a file that parses, and no secret of it stands in an
 * error. The first byte chooses the key that is set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "base/secret.h"
#include "base/toml.h"
#include "cli/config_sections.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A folder in memory where there is one: thousands of files are written. */
static const char *scratch_path(void) {
    static char *path; /* global: as long as the process */
    if (path != NULL) return path;
    const char *base = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir();
    g_autofree char *name = g_strdup_printf("localgpt-fuzz-config-%d.toml", (int)getpid());
    path = g_build_filename(base, name, NULL);
    return path;
}

static void remove_scratch(void) {
    unlink(scratch_path());
}

static void on_warning(const char *message, void *user_data) {
    (void)user_data;
    if (!g_utf8_validate(message, -1, NULL) || strchr(message, '\n') != NULL) abort();
}

static void use(const Config *config) {
    g_autoptr(SecretSet) secrets = secret_set_new();
    config_add_secrets(config, secrets);
    for (const ConfigSection *section = config_sections; section->name != NULL; section++) {
        void *expanded = config_section_expand(config, section->name, secrets, NULL);
        config_section_free(config, section->name, expanded);
    }
    g_autofree char *shown = config_show_toml(config, secrets);
    g_autoptr(GError) error = NULL;
    g_autoptr(TomlDocument) again = toml_parse("shown", shown, strlen(shown), &error);
    if (again == NULL) g_error("what config_show_toml wrote does not parse: %s", error->message);
}

static void load(const char *path) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, config_sections, on_warning, NULL, &error);
    if (config != NULL)
        use(config);
    else if (!g_utf8_validate(error->message, -1, NULL))
        abort();
}

static void set_one(const char *path, uint8_t choice) {
    static const char *const pairs[][2] = {
        { "agent.default_model", "local/${X}" },
        { "server.port", "8080" },
        { "heartbeat.active_hours.start", "09:00" },
        { "providers.custom.\"my server\".api_key", "secret" },
        { "cron.jobs", "[{ name = \"a\", schedule = \"b\", prompt = \"c\" }]" },
        { "tools.document_loaders.pdf", "pdftotext {} -" },
        { "mcp.servers", "[]" },
        { "sandbox.allow_paths.read", "/opt, /srv" },
    };
    const char *const *pair = pairs[choice % G_N_ELEMENTS(pairs)];
    g_autoptr(GError) error = NULL;
    if (!config_set(path, config_sections, pair[0], pair[1], &error)) return;
    g_autofree char *text = NULL;
    size_t length = 0;
    if (!g_file_get_contents(path, &text, &length, NULL)) abort();
    g_autoptr(TomlDocument) document = toml_parse(path, text, length, NULL);
    if (document == NULL || toml_get(document, pair[0]) == NULL) abort();
    if (!config_unset(path, config_sections, pair[0], &error))
        g_error("what was set cannot be unset: %s", error->message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = scratch_path();
    static bool is_registered; /* global: once a process */
    if (!is_registered) atexit(remove_scratch);
    is_registered = true;
    if (size == 0) return 0;
    if (!g_file_set_contents_full(path, (const char *)data + 1, (gssize)(size - 1),
                                  G_FILE_SET_CONTENTS_NONE, 0600, NULL))
        abort();
    load(path);
    set_one(path, data[0]);
    return 0;
}

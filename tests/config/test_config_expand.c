/* Tests of config/config_expand.c and config_secret.c: variables in values, and where secrets go.
 */
#include <string.h>

#include "base/error.h"
#include "base/secret.h"
#include "cli/config_sections.h"
#include "config/config.h"
#include "config/scratch_file.h"
#include "provider/provider_config.h"
#include "server/server_config.h"
#include "tool/mcp_config.h"

static Config *load(const ScratchFile *scratch) {
    g_autoptr(GError) error = NULL;
    Config *config = config_load(scratch->path, config_sections, NULL, NULL, &error);
    g_assert_no_error(error);
    return config;
}

static void one_value(const char *value, const char *expected) {
    g_auto(ScratchFile) scratch = scratch_file_new(NULL);
    g_autoptr(Config) config = load(&scratch);
    g_autoptr(GError) error = NULL;
    g_autofree char *seen = config_expand(config, "agent.default_model", value, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(seen, ==, expected);
}

static void every_spelling_of_a_variable(void) {
    g_setenv("LG_ONE", "1", TRUE);
    g_setenv("LG_EMPTY", "", TRUE);
    one_value("plain", "plain");
    one_value("${LG_ONE}", "1");
    one_value("$LG_ONE", "1");
    one_value("a${LG_ONE}b$LG_ONE/c", "a1b1/c");
    one_value("${LG_ONE}${LG_ONE}", "11");
    one_value("[$LG_EMPTY]", "[]");
    one_value("$$LG_ONE and $${LG_ONE}", "$LG_ONE and ${LG_ONE}");
    one_value("costs $5, or $", "costs $5, or $");
    one_value("${LG_ONE}_$LG_ONE-x", "1_1-x");
    g_setenv("LG_NESTED", "${LG_ONE}", TRUE);
    one_value("$LG_NESTED", "${LG_ONE}"); /* once is enough */
    one_value("\xc3\xa4${LG_ONE}\xc3\xb6", "\xc3\xa4"
                                           "1\xc3\xb6");
}

static void what_is_no_variable_is_an_error(void) {
    g_auto(ScratchFile) scratch = scratch_file_new(NULL);
    g_autoptr(Config) config = load(&scratch);
    static const char *const bad[] = {
        "${", "${}", "${1X}", "${A", "${A:-b}", "${A B}", "$LG_NOT"
    };
    g_unsetenv("LG_NOT");
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(config_expand(config, "a.b", bad[i], &error));
        g_assert_error(error, ERR, ERR_CONFIG);
        g_assert_nonnull(strstr(error->message, "'a.b'"));
    }
    g_setenv("LG_LATIN", "caf\xe9", TRUE);
    g_autoptr(GError) error = NULL;
    g_assert_null(config_expand(config, "a.b", "$LG_LATIN", &error));
    g_assert_nonnull(strstr(error->message, "LG_LATIN, which is not UTF-8"));
}

static void an_unset_variable_counts_only_when_it_is_used(void) {
    g_auto(ScratchFile) scratch = scratch_file_new("[server]\n"
                                                   "port = 5\n"
                                                   "[providers.openai]\n"
                                                   "# the key\n"
                                                   "api_key = \"${LG_NOT_SET}\"\n");
    g_unsetenv("LG_NOT_SET");
    g_autoptr(Config) config = load(&scratch);
    g_autoptr(GError) error = NULL;
    ServerConfig *server = config_section_expand(config, "server", NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(server->port, ==, 5);
    config_section_free(config, "server", server);
    g_assert_null(config_section_expand(config, "providers.openai", NULL, &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_autofree char *expected = g_strdup_printf(
        "%s:5:11: 'providers.openai.api_key' needs the variable LG_NOT_SET, which is not set",
        scratch.path);
    g_assert_cmpstr(error->message, ==, expected);
}

static void variables_work_in_lists_maps_and_tables(void) {
    g_auto(ScratchFile) scratch =
        scratch_file_new("[server]\n"
                         "cors_origins = [\"http://a\", \"http://${LG_HOST}:1\"]\n"
                         "[providers.custom.lab]\n"
                         "base_url = \"http://${LG_HOST}/v1\"\n"
                         "extra_headers = { X-Team = \"$LG_HOST\", \"a b\" = \"plain\" }\n"
                         "[[mcp.servers]]\n"
                         "name = \"m\"\n"
                         "args = [\"--host\", \"$LG_HOST\"]\n"
                         "env = { TOKEN = \"${LG_TOKEN}\" }\n");
    g_setenv("LG_HOST", "example.test", TRUE);
    g_setenv("LG_TOKEN", "token-12345678", TRUE);
    g_autoptr(Config) config = load(&scratch);
    g_autoptr(SecretSet) secrets = secret_set_new();
    ServerConfig *server = config_section_expand(config, "server", secrets, NULL);
    g_assert_cmpstr(server->cors_origins[1], ==, "http://example.test:1");
    g_assert_cmpint(server->port, ==, 31327);
    g_assert_true(server->is_enabled);
    config_section_free(config, "server", server);

    ProvidersConfig *providers = config_section_expand(config, "providers", secrets, NULL);
    const CompatibleProviderConfig *lab = g_hash_table_lookup(providers->custom, "lab");
    g_assert_cmpstr(lab->base_url, ==, "http://example.test/v1");
    g_assert_cmpstr(g_hash_table_lookup(lab->extra_headers, "X-Team"), ==, "example.test");
    g_assert_cmpstr(g_hash_table_lookup(lab->extra_headers, "a b"), ==, "plain");
    config_section_free(config, "providers", providers);

    McpConfig *mcp = config_section_expand(config, "mcp", secrets, NULL);
    const McpServerConfig *first = g_ptr_array_index(mcp->servers, 0);
    g_assert_cmpstr(first->args[1], ==, "example.test");
    g_assert_cmpstr(g_hash_table_lookup(first->env, "TOKEN"), ==, "token-12345678");
    config_section_free(config, "mcp", mcp);
    g_autofree char *safe = secret_redact(secrets, "it was token-12345678 and example.test");
    g_assert_cmpstr(safe, ==, "it was *** and ***"); /* a header is secret, whatever it says */

    g_unsetenv("LG_TOKEN");
    g_autoptr(GError) error = NULL;
    g_assert_null(config_section_expand(config, "mcp", NULL, &error));
    g_assert_nonnull(strstr(error->message, ":9:17: 'mcp.servers[0].env.TOKEN' needs"));
}

static void one_server_needs_only_its_own_variables(void) {
    g_auto(ScratchFile) scratch = scratch_file_new("[providers.custom.lab]\n"
                                                   "api_key = \"${LG_NOT_SET}\"\n"
                                                   "[providers.custom.\"my server\"]\n"
                                                   "api_key = \"${LG_TOKEN}\"\n"
                                                   "base_url = \"http://a.example/v1\"\n"
                                                   "extra_headers = { X-Key = \"$LG_TOKEN-2\" }\n");
    g_setenv("LG_TOKEN", "token-12345678", TRUE);
    g_unsetenv("LG_NOT_SET");
    g_autoptr(Config) config = load(&scratch);
    g_autoptr(SecretSet) secrets = secret_set_new();
    g_autoptr(GError) error = NULL;
    CompatibleProviderConfig *mine =
        config_item_expand(config, "providers.custom.\"my server\"", secrets, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(mine->api_key, ==, "token-12345678");
    g_assert_cmpstr(mine->base_url, ==, "http://a.example/v1");
    g_assert_cmpstr(g_hash_table_lookup(mine->extra_headers, "X-Key"), ==, "token-12345678-2");
    field_clear(openai_compatible_config_fields, mine);
    g_free(mine);
    g_autofree char *safe = secret_redact(secrets, "<token-12345678>");
    g_assert_cmpstr(safe, ==, "<***>");

    g_assert_null(config_item_expand(config, "providers.custom.lab", secrets, &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_assert_nonnull(strstr(error->message, ":2:11: 'providers.custom.lab.api_key' needs"));
    g_clear_error(&error);
    g_assert_null(config_item_expand(config, "providers.custom.none", secrets, &error));
    g_assert_error(error, ERR, ERR_NOT_FOUND);
}

static void a_check_waits_for_the_variable(void) {
    g_auto(ScratchFile) scratch = scratch_file_new("[providers.openai]\n"
                                                   "base_url = \"${LG_URL}\"\n");
    g_autoptr(Config) config = load(&scratch);
    g_setenv("LG_URL", "https://example.test/v1", TRUE);
    KeyProviderConfig *openai = config_section_expand(config, "providers.openai", NULL, NULL);
    g_assert_cmpstr(openai->base_url, ==, "https://example.test/v1");
    config_section_free(config, "providers.openai", openai);
    g_setenv("LG_URL", "example.test", TRUE);
    g_autoptr(GError) error = NULL;
    g_assert_null(config_section_expand(config, "providers.openai", NULL, &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_assert_nonnull(strstr(error->message, ":2:12: 'providers.openai.base_url' after its "
                                            "variables were filled in: expected an address"));
}

static void secrets_of_the_file_are_known_before_they_are_used(void) {
    g_auto(ScratchFile) scratch =
        scratch_file_new("[providers.openai]\n"
                         "api_key = \"sk-literal-1234\"\n"
                         "[providers.xai]\n"
                         "api_key = \"${LG_XAI}\"\n"
                         "[providers.openai_compatible]\n"
                         "extra_headers = { Authorization = \"Bearer ${LG_XAI}\" }\n"
                         "[telegram]\n"
                         "api_token = \"$LG_UNSET_TOKEN\"\n"
                         "[server]\n"
                         "webhook_secret = \"dollar$$sign-1234\"\n");
    g_setenv("LG_XAI", "xai-from-environment", TRUE);
    g_unsetenv("LG_UNSET_TOKEN");
    g_autoptr(Config) config = load(&scratch);
    g_autoptr(SecretSet) secrets = secret_set_new();
    config_add_secrets(config, secrets);
    g_autofree char *safe = secret_redact(
        secrets, "sk-literal-1234 xai-from-environment dollar$sign-1234 $LG_UNSET_TOKEN");
    g_assert_cmpstr(safe, ==, "*** *** *** $LG_UNSET_TOKEN");
    g_autofree char *shown = config_show_toml(config, secrets);
    g_assert_null(strstr(shown, "literal"));
    g_assert_null(strstr(shown, "from-environment"));
    g_assert_null(strstr(shown, "sign-1234"));
    g_assert_nonnull(strstr(shown, "api_key = \"${LG_XAI}\""));
    g_assert_nonnull(strstr(shown, "api_token = \"$LG_UNSET_TOKEN\""));
}

static void setting_a_key_never_writes_a_variables_value(void) {
    static const char text[] = "[providers.openai]\n"
                               "api_key = \"${LG_XAI}\" # ours\n"
                               "base_url = \"http://$LG_HOST/v1\"\n";
    g_auto(ScratchFile) scratch = scratch_file_new(text);
    g_setenv("LG_XAI", "xai-from-environment", TRUE);
    g_setenv("LG_HOST", "example.test", TRUE);
    g_autoptr(GError) error = NULL;
    g_assert_true(config_set(scratch.path, config_sections, "server.port", "81", &error));
    g_assert_true(config_set(scratch.path, config_sections, "providers.openai.base_url",
                             "https://${LG_HOST}/v2", &error));
    g_assert_no_error(error);
    g_autofree char *after = scratch_file_text(&scratch);
    g_assert_cmpstr(after, ==,
                    "[providers.openai]\n"
                    "api_key = \"${LG_XAI}\" # ours\n"
                    "base_url = \"https://${LG_HOST}/v2\"\n"
                    "\n[server]\nport = 81\n");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/expand/every_spelling_of_a_variable", every_spelling_of_a_variable);
    g_test_add_func("/config/expand/what_is_no_variable_is_an_error",
                    what_is_no_variable_is_an_error);
    g_test_add_func("/config/expand/an_unset_variable_counts_only_when_it_is_used",
                    an_unset_variable_counts_only_when_it_is_used);
    g_test_add_func("/config/expand/variables_work_in_lists_maps_and_tables",
                    variables_work_in_lists_maps_and_tables);
    g_test_add_func("/config/expand/one_server_needs_only_its_own_variables",
                    one_server_needs_only_its_own_variables);
    g_test_add_func("/config/expand/a_check_waits_for_the_variable",
                    a_check_waits_for_the_variable);
    g_test_add_func("/config/expand/secrets_of_the_file_are_known_before_they_are_used",
                    secrets_of_the_file_are_known_before_they_are_used);
    g_test_add_func("/config/expand/setting_a_key_never_writes_a_variables_value",
                    setting_a_key_never_writes_a_variables_value);
    return g_test_run();
}

/* Tests of config/: loading, defaults, unknown keys, broken files, secrets. */
#include "config/config.h"

#include <string.h>

#include "agent/agent_config.h"
#include "agent/cron_config.h"
#include "agent/heartbeat_config.h"
#include "base/error.h"
#include "cli/config_sections.h"
#include "config/scratch_file.h"
#include "provider/engine_config.h"
#include "provider/provider_config.h"
#include "server/server_config.h"
#include "tool/tool_config.h"

/* Collects warnings, one a line. */
static void collect(const char *message, void *user_data) {
    g_string_append_printf(user_data, "%s\n", message);
}

static void a_missing_file_is_all_defaults(void) {
    g_auto(ScratchFile) scratch = scratch_file_new(NULL);
    g_autoptr(GString) warnings = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_load(scratch.path, config_sections, collect, warnings, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(warnings->str, ==, "");
    g_assert_false(config_file_exists(config));
    const AgentConfig *agent = config_section(config, "agent");
    g_assert_cmpstr(agent->default_model, ==, "");
    g_assert_cmpint(agent->context_window, ==, 128000);
    g_assert_cmpint(agent->max_tokens, ==, 4096);
    const EngineConfig *engine = config_section(config, "engine");
    g_assert_cmpint(engine->idle_timeout, ==, 300);
    const HeartbeatConfig *heartbeat = config_section(config, "heartbeat");
    g_assert_cmpint(heartbeat->interval, ==, 1800);
    const KeyProviderConfig *openai = config_section(config, "providers.openai");
    g_assert_cmpstr(openai->base_url, ==, "https://api.openai.com/v1");
    g_assert_false(config_is_set(config, "agent.default_model"));
}

static void the_originals_file_loads_without_a_warning(void) {
    g_autofree char *source =
        g_build_filename(g_getenv("LOCALGPT_TEST_CONFIG"), "original.toml", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(source, &text, NULL, NULL));
    g_auto(ScratchFile) scratch = scratch_file_new(text);
    g_autoptr(GString) warnings = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_load(scratch.path, config_sections, collect, warnings, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(warnings->str, ==, "");
    const CronConfig *cron = config_section(config, "cron");
    g_assert_cmpuint(cron->jobs->len, ==, 2);
    const CronJobConfig *backup = g_ptr_array_index(cron->jobs, 1);
    g_assert_cmpstr(backup->name, ==, "backup");
    g_assert_cmpint(backup->timeout, ==, 600);
    const HeartbeatConfig *heartbeat = config_section(config, "heartbeat");
    g_assert_cmpstr(heartbeat->active_hours.end, ==, "22:00");
    const ToolConfig *tools = config_section(config, "tools");
    const ToolFilterConfig *filter = g_hash_table_lookup(tools->filters, "bash");
    g_assert_cmpstr(filter->deny_substrings[0], ==, "sudo ");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/config/a_missing_file_is_all_defaults",
                    a_missing_file_is_all_defaults);
    g_test_add_func("/config/config/the_originals_file_loads_without_a_warning",
                    the_originals_file_loads_without_a_warning);
    return g_test_run();
}

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
#include "provider/provider.h"
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

/* The warnings of a file that loads. */
static char *warnings_of(const char *text) {
    g_auto(ScratchFile) scratch = scratch_file_new(text);
    g_autoptr(GString) warnings = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_load(scratch.path, config_sections, collect, warnings, &error);
    g_assert_no_error(error);
    /* The place without the folder. */
    g_string_replace(warnings, scratch.path, "F", 0);
    return g_strdup(warnings->str);
}

static void unknown_keys_and_tables_warn_once_each(void) {
    g_autofree char *table = warnings_of("[gen]\nsize = 3\nother = { a = 1, b = 2 }\n");
    g_assert_cmpstr(table, ==, "F:1:2: unknown key 'gen'\n");
    g_autofree char *keys = warnings_of("top = 1\n[engine]\nthread = 2\ngpu = 1\n"
                                        "[providers.opnai]\napi_key = \"x\"\n"
                                        "[providers.openai]\nkey = \"x\"\n"
                                        "[agents]\nmax_tokens = 5\n");
    g_assert_cmpstr(keys, ==,
                    "F:1:1: unknown key 'top'\n"
                    "F:3:1: unknown key 'engine.thread', did you mean 'engine.threads'?\n"
                    "F:4:1: unknown key 'engine.gpu', did you mean 'engine.gpu_layers'?\n"
                    "F:5:12: unknown key 'providers.opnai', did you mean 'providers.openai'?\n"
                    "F:8:1: unknown key 'providers.openai.key'\n"
                    "F:9:2: unknown key 'agents', did you mean 'agent'?\n");
}

static void a_problem_keeps_the_whole_file_out(void) {
    g_auto(ScratchFile) scratch = scratch_file_new("[agent]\nmax_tokens = 5\n"
                                                   "[server]\nport = \"x\"\nbind = 5\n");
    g_autoptr(GString) warnings = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(config_load(scratch.path, config_sections, collect, warnings, &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_assert_nonnull(strstr(error->message, ":4:8: expected an integer from 1 to 65535"));
    g_assert_nonnull(strstr(error->message, ":5:8: expected a string, got 5"));
}

static void setting_repairs_a_file_step_by_step(void) {
    g_auto(ScratchFile) scratch = scratch_file_new("[server]\nport = 0\nbind = \"1.2.3.4:5\"\n");
    g_autoptr(GError) error = NULL;
    g_assert_false(config_set(scratch.path, config_sections, "server.port", "0", &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_clear_error(&error);
    g_assert_true(config_set(scratch.path, config_sections, "server.port", "80", &error));
    g_assert_no_error(error);
    g_assert_true(config_unset(scratch.path, config_sections, "server.bind", &error));
    g_autoptr(Config) config = config_load(scratch.path, config_sections, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(config_line(config, "server.port"), ==, 2);
    g_assert_cmpint(config_line(config, "server.bind"), ==, 0);
}

static void a_file_that_does_not_parse_is_not_written(void) {
    static const char text[] = "[server\nport = 1\n";
    g_auto(ScratchFile) scratch = scratch_file_new(text);
    g_autoptr(GError) error = NULL;
    g_assert_false(config_set(scratch.path, config_sections, "server.port", "80", &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_clear_error(&error);
    g_assert_false(config_unset(scratch.path, config_sections, "server.port", &error));
    g_assert_error(error, ERR, ERR_CONFIG);
    g_autofree char *after = scratch_file_text(&scratch);
    g_assert_cmpstr(after, ==, text);
}

static void tables_in_every_spelling_can_be_changed(void) {
    static const struct {
        const char *before, *key, *value, *after;
    } cases[] = {
        { "heartbeat.active_hours = { start = \"08:00\", end = \"20:00\" } # day\n",
          "heartbeat.active_hours.start", "09:00",
          "heartbeat.active_hours = { start = \"09:00\", end = \"20:00\" } # day\n" },
        { "[heartbeat]\nactive_hours.start = \"08:00\"\n", "heartbeat.active_hours.end", "22:00",
          "[heartbeat]\nactive_hours.start = \"08:00\"\nactive_hours.end = \"22:00\"\n" },
        { "[[cron.jobs]]\nname = \"a\"\nschedule = \"b\"\nprompt = \"c\"\n# end\n", "cron.jobs",
          "[]", NULL },
        { "[[memory.paths]]\npath = \"a\"\n\n[[memory.paths]]\npath = \"b\"\n", "memory.paths",
          "[{ path = \"c\" }]", NULL },
        { "[providers.custom.\"my server\"]\nmodel = 'x'\n", "providers.custom.\"my server\".model",
          "y", "[providers.custom.\"my server\"]\nmodel = \"y\"\n" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(ScratchFile) scratch = scratch_file_new(cases[i].before);
        g_autoptr(GError) error = NULL;
        g_assert_true(
            config_set(scratch.path, config_sections, cases[i].key, cases[i].value, &error));
        g_assert_no_error(error);
        g_autofree char *after = scratch_file_text(&scratch);
        g_test_message("%s", after);
        if (cases[i].after != NULL) g_assert_cmpstr(after, ==, cases[i].after);
        g_autoptr(Config) config = config_load(scratch.path, config_sections, NULL, NULL, &error);
        g_assert_no_error(error);
        if (cases[i].after == NULL && strcmp(cases[i].value, "[]") == 0) {
            g_autofree char *now = config_get(config, cases[i].key, NULL, NULL);
            g_assert_cmpstr(now, ==, "[]");
        }
    }
}

static void a_value_typed_with_quotes_is_meant_so(void) {
    static const char *const cases[][2] = {
        { "plain", "plain" },
        { "\"quoted\"", "quoted" },
        { "'raw \\n'", "raw \\n" },
        { "\"half", "\"half" },
        { "say \"hi\"", "say \"hi\"" },
        { "a\tb", "a\tb" },
        { "\"a\" b \"c\"", "\"a\" b \"c\"" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(ScratchFile) scratch = scratch_file_new(NULL);
        g_autoptr(GError) error = NULL;
        g_assert_true(config_set(scratch.path, config_sections,
                                 "providers.openai_compatible.api_key", cases[i][0], &error));
        g_autoptr(Config) config = config_load(scratch.path, config_sections, NULL, NULL, &error);
        g_assert_no_error(error);
        g_autofree char *value =
            config_get(config, "providers.openai_compatible.api_key", NULL, NULL);
        g_assert_cmpstr(value, ==, cases[i][1]);
    }
}

static void the_key_that_sets_up_a_provider_is_a_key(void) {
    g_auto(ScratchFile) scratch = scratch_file_new(NULL);
    g_autoptr(Config) config = config_load(scratch.path, config_sections, NULL, NULL, NULL);
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        g_autoptr(GError) error = NULL;
        if ((*row)->setup == NULL || ((*row)->caps & PROVIDER_NAMED)) continue;
        g_autofree char *value = config_get(config, (*row)->setup, NULL, &error);
        g_assert_no_error(error);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/config/a_missing_file_is_all_defaults",
                    a_missing_file_is_all_defaults);
    g_test_add_func("/config/config/the_originals_file_loads_without_a_warning",
                    the_originals_file_loads_without_a_warning);
    g_test_add_func("/config/config/unknown_keys_and_tables_warn_once_each",
                    unknown_keys_and_tables_warn_once_each);
    g_test_add_func("/config/config/a_problem_keeps_the_whole_file_out",
                    a_problem_keeps_the_whole_file_out);
    g_test_add_func("/config/config/setting_repairs_a_file_step_by_step",
                    setting_repairs_a_file_step_by_step);
    g_test_add_func("/config/config/a_file_that_does_not_parse_is_not_written",
                    a_file_that_does_not_parse_is_not_written);
    g_test_add_func("/config/config/tables_in_every_spelling_can_be_changed",
                    tables_in_every_spelling_can_be_changed);
    g_test_add_func("/config/config/a_value_typed_with_quotes_is_meant_so",
                    a_value_typed_with_quotes_is_meant_so);
    g_test_add_func("/config/config/the_key_that_sets_up_a_provider_is_a_key",
                    the_key_that_sets_up_a_provider_is_a_key);
    return g_test_run();
}

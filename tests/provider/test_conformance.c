/* What every remote provider of the registry must do, whatever it speaks: stream, stop, keep what
 * came, try again, fail in one sentence. A new provider gets a row in `dialects` (how its server
 * says a few things) and all of this. */
#include "provider_ground.h"

#include <string.h>

typedef struct {
    const char *speaks; /* providers, separated by spaces */
    const char *word;   /* one piece of text, "%s", as a JSON string literal's inside */
    const char *end;    /* the end of the answer, as such */
} Dialect;

/* clang-format off */
static const Dialect dialects[] = {
    { "openai xai glm openrouter openai-compat custom",
      "data: {\\\"choices\\\":[{\\\"delta\\\":{\\\"content\\\":\\\"%s\\\"}}]}\\n\\n",
      "data: {\\\"choices\\\":[{\\\"delta\\\":{},\\\"finish_reason\\\":\\\"stop\\\"}]}\\n\\ndata: [DONE]\\n\\n" },
    { "anthropic",
      "data: {\\\"type\\\":\\\"content_block_delta\\\",\\\"index\\\":0,\\\"delta\\\":{\\\"type\\\":\\\"text_delta\\\",\\\"text\\\":\\\"%s\\\"}}\\n\\n",
      "data: {\\\"type\\\":\\\"message_delta\\\",\\\"delta\\\":{\\\"stop_reason\\\":\\\"end_turn\\\"}}\\n\\ndata: {\\\"type\\\":\\\"message_stop\\\"}\\n\\n" },
    { "ollama",
      "{\\\"message\\\":{\\\"content\\\":\\\"%s\\\"},\\\"done\\\":false}\\n",
      "{\\\"message\\\":{\\\"content\\\":\\\"\\\"},\\\"done\\\":true,\\\"done_reason\\\":\\\"stop\\\"}\\n" },
};
/* clang-format on */

static const Dialect *dialect_of(const char *provider) {
    for (size_t i = 0; i < G_N_ELEMENTS(dialects); i++) {
        g_auto(GStrv) names = g_strsplit(dialects[i].speaks, " ", -1);
        if (g_strv_contains((const char *const *)names, provider)) return &dialects[i];
    }
    g_error("'%s' has no row in dialects[] of tests/provider/test_conformance.c", provider);
}

static char *word(const Dialect *dialect, const char *text) {
    g_auto(GStrv) around = g_strsplit(dialect->word, "%s", 2);
    return g_strconcat(around[0], text, around[1], NULL);
}

/* The provider of one row, set up for the fake server. Its struct of configuration is filled by the
 * names of its rows. */
static void open_row(Ground *ground, const ProviderOps *ops) {
    ground_init(ground, "");
    ground->config = g_malloc0(ops->config_size);
    for (const Field *field = ops->config; field->type != FIELD_TYPE_END; field++) {
        if (field->type != FIELD_TYPE_STRING) continue;
        bool is_address =
            strcmp(field->name, "base_url") == 0 || strcmp(field->name, "endpoint") == 0;
        bool is_key = strcmp(field->name, "api_key") == 0;
        *(char **)((char *)ground->config + field->offset) = g_strdup(is_address ? ground->base_url
                                                                      : is_key   ? "sk-canary-key"
                                                                                 : "");
    }
    bool is_named = ops->caps & PROVIDER_NAMED;
    ground_open(ground, is_named ? "custom.lab" : ops->name, "some-model", ground->config);
    ground_say(ground, "hi");
}

static void close_row(Ground *ground) {
    const Field *fields = ground->provider->ops->config;
    void *config = ground->config;
    ground_clear(ground);
    field_clear(fields, config);
    g_free(config);
}

typedef void (*RowTest)(Ground *ground, const Dialect *dialect);

static void each_row(RowTest test) {
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        if ((*row)->caps & PROVIDER_LOCAL) continue;
        Ground ground;
        open_row(&ground, *row);
        test(&ground, dialect_of((*row)->name));
        g_assert_null(ground.error != NULL ? strstr(ground.error->message, "canary") : NULL);
        close_row(&ground);
    }
}

static void play(Ground *ground, const char *before, const Dialect *dialect, const char *after) {
    g_autofree char *first = word(dialect, "Gr\xC3\xBC");
    g_autofree char *second = word(dialect, "\xC3\x9F"
                                            "e");
    g_autofree char *script =
        g_strdup_printf("[%s{\"split\":1,\"body\":[\"%s%s\"%s]}]", before, first, second, after);
    fake_server_play(ground->server, script);
}

static char *ending(const Dialect *dialect) {
    return g_strdup_printf(",\"%s\"", dialect->end);
}

static void check_streams(Ground *ground, const Dialect *dialect) {
    g_autofree char *end = ending(dialect);
    play(ground, "", dialect, end);
    ground_ask(ground);
    g_assert_no_error(ground->error);
    g_assert_cmpstr(ground->told->str, ==,
                    "text:Gr\xC3\xBC;text:\xC3\x9F"
                    "e;");
    g_assert_cmpint(ground->result.message->stop_reason, ==, STOP_END);
    g_assert_cmpstr(ground->result.message->provider, ==, ground->provider->name);
    g_assert_cmpstr(ground->result.message->model, ==, "some-model");
    json_t *requests = fake_server_requests(ground->server, 1);
    g_autofree char *all = json_dumps(json_array_get(requests, 0), 0);
    g_assert_nonnull(strstr(all, "\"hi\""));
    g_assert_nonnull(strstr(all, "some-model"));
    json_decref(requests);
}

static void check_stops(Ground *ground, const Dialect *dialect) {
    play(ground, "", dialect, ",\"!hang\"");
    ground->stop_after = 2;
    gint64 start_us = g_get_monotonic_time();
    g_assert_false(ground_ask(ground));
    g_assert_true(error_is(ground->error, ERR_CANCELLED));
    g_assert_cmpint(ground->result.message->stop_reason, ==, STOP_ABORTED);
    g_autofree char *text = ground_text(ground);
    g_assert_cmpstr(text, ==,
                    "Gr\xC3\xBC\xC3\x9F"
                    "e");
    /* Far under the idle limit of half a second, if the stop counted. */
    g_assert_cmpint((g_get_monotonic_time() - start_us) / 1000, <, 400);
    fake_server_await_gone(ground->server);
    cancel_reset(ground->cancel);
}

static void check_cut(Ground *ground, const Dialect *dialect) {
    static const char *const ends[] = { ",\"!cut\"", "" };
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        play(ground, "", dialect, ends[i]);
        g_assert_false(ground_ask(ground));
        g_assert_true(error_is(ground->error, ERR_PROVIDER));
        g_assert_nonnull(strstr(ground->error->message, "the answer was cut off by the server"));
        g_assert_cmpint(ground->result.message->stop_reason, ==, STOP_ERROR);
        g_autofree char *text = ground_text(ground);
        g_assert_cmpstr(text, ==,
                        "Gr\xC3\xBC\xC3\x9F"
                        "e");
        json_decref(fake_server_requests(ground->server, 1));
    }
}

static void check_tries_again(Ground *ground, const Dialect *dialect) {
    static const char *const failures[][2] = {
        { "{\"status\":429,\"headers\":{\"Retry-After\":\"0\"},\"body\":[\"slow down\"]},", "429" },
        { "{\"status\":500,\"body\":[\"oops\"]},", "500" },
        { "{\"status\":529,\"body\":[\"busy\"]},", "529" },
        /* libcurl itself takes a kept connection for gone, and says nothing */
        { "{\"status\":0,\"body\":[\"!reset\"]},", "" },
    };
    g_autofree char *end = ending(dialect);
    for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
        play(ground, failures[i][0], dialect, end);
        ground_ask(ground);
        g_assert_no_error(ground->error);
        g_assert_true(failures[i][1][0] == '\0' || g_str_has_prefix(ground->told->str, "retry:"));
        g_assert_nonnull(strstr(ground->told->str, failures[i][1]));
        g_assert_nonnull(strstr(ground->told->str, "text:Gr\xC3\xBC;"));
        json_t *requests = fake_server_requests(ground->server, 2);
        g_assert_cmpuint(json_array_size(requests), ==, 2);
        json_decref(requests);
    }
}

static void check_errors(Ground *ground, const Dialect *dialect) {
    static const struct {
        const char *reply;
        ErrorCode code;
        const char *says;
        size_t n_requests;
    } cases[] = {
        { "{\"status\":401,\"type\":\"application/"
          "json\",\"body\":[\"{\\\"error\\\":{\\\"message\\\":\\\"bad key sk-canary-key\\\"}}\"]}",
          ERR_AUTH, "bad key", 1 },
        { "{\"status\":404,\"type\":\"application/json\",\"body\":[\"{\\\"error\\\":\\\"no model "
          "x\\\"}\"]}",
          ERR_NOT_FOUND, "no model x", 1 },
        { "{\"status\":429,\"headers\":{\"Retry-After\":\"0\"},\"body\":[\"quota\"]}",
          ERR_RATE_LIMIT, "quota", 3 },
        { "{\"status\":500,\"body\":[\"oops\"]}", ERR_PROVIDER, "500", 3 },
        { "{\"status\":400,\"body\":[\"bad request\"]}", ERR_PROVIDER, "bad request", 1 },
        { "{\"status\":200,\"body\":[\"!hang\"]}", ERR_TIMEOUT, "", 1 },
        { "{\"status\":200,\"body\":[]}", ERR_PROVIDER, "cut off by the server before it began",
          1 },
    };
    (void)dialect;
    secret_set_add(ground->secrets, "sk-canary-key");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *script = g_strdup_printf("[%s]", cases[i].reply);
        fake_server_play(ground->server, script);
        g_assert_false(ground_ask(ground));
        g_test_message("%s: %s", ground->provider->name, ground->error->message);
        g_assert_true(error_is(ground->error, cases[i].code));
        g_assert_nonnull(strstr(ground->error->message, cases[i].says));
        g_assert_null(strchr(ground->error->message, '\n'));
        g_assert_null(strstr(ground->error->message, "canary"));
        g_assert_null(ground->result.message);
        json_t *requests = fake_server_requests(ground->server, 1);
        g_assert_cmpuint(json_array_size(requests), ==, cases[i].n_requests);
        json_decref(requests);
    }
}

static void streams_whole_characters(void) {
    each_row(check_streams);
}
static void stops_at_once_and_keeps_the_part(void) {
    each_row(check_stops);
}
static void a_cut_answer_is_an_error_and_keeps_the_part(void) {
    each_row(check_cut);
}
static void tries_again_before_the_first_word(void) {
    each_row(check_tries_again);
}
static void failures_are_one_sentence_of_the_right_kind(void) {
    each_row(check_errors);
}

static void every_row_is_complete(void) {
    for (const ProviderOps *const *row = provider_registry; *row != NULL; row++) {
        g_assert_nonnull((*row)->name);
        g_assert_nonnull((*row)->summary);
        g_assert_nonnull((*row)->open);
        g_assert_nonnull((*row)->stream);
        if ((*row)->caps & PROVIDER_LOCAL) continue;
        g_assert_nonnull((*row)->setup);
        g_assert_nonnull((*row)->config);
        g_assert_cmpuint((*row)->config_size, >, 0);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/conformance/every_row_is_complete", every_row_is_complete);
    g_test_add_func("/provider/conformance/streams_whole_characters", streams_whole_characters);
    g_test_add_func("/provider/conformance/stops_at_once_and_keeps_the_part",
                    stops_at_once_and_keeps_the_part);
    g_test_add_func("/provider/conformance/a_cut_answer_is_an_error_and_keeps_the_part",
                    a_cut_answer_is_an_error_and_keeps_the_part);
    g_test_add_func("/provider/conformance/tries_again_before_the_first_word",
                    tries_again_before_the_first_word);
    g_test_add_func("/provider/conformance/failures_are_one_sentence_of_the_right_kind",
                    failures_are_one_sentence_of_the_right_kind);
    return g_test_run();
}

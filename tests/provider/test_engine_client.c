/* Tests of provider/engine_client.c with the real model: what a caller sees of the local engine. */
#include "provider/engine_client.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "provider/engine_ground.h"

/* Collects an answer, and pulls the switch after some pieces. */
typedef struct {
    GString *text;
    unsigned n_pieces, n_progress, n_choices;
    double last_fraction;
    Cancel *cancel;
    unsigned cancel_after; /* pieces; 0 = never */
    double lowest_log_probability;
    EngineClient *kill_after_first; /* its worker, at the first piece */
} Heard;

static void on_text(const char *text, size_t length, void *user_data) {
    Heard *heard = user_data;
    g_assert_true(g_utf8_validate(text, (gssize)length, NULL));
    g_string_append_len(heard->text, text, (gssize)length);
    heard->n_pieces++;
    if (heard->cancel_after > 0 && heard->n_pieces == heard->cancel_after)
        cancel_trigger(heard->cancel, CANCEL_BY_USER);
}

static void on_progress(double fraction, void *user_data) {
    Heard *heard = user_data;
    g_assert_cmpfloat(fraction, >=, heard->last_fraction);
    heard->last_fraction = fraction;
    heard->n_progress++;
}

static void on_choice(const EngineChoice *choice, void *user_data) {
    Heard *heard = user_data;
    g_assert_cmpfloat(choice->chosen.log_probability, <=, 0.0);
    for (guint i = 1; i < choice->best->len; i++) {
        const EngineCandidate *higher = g_ptr_array_index(choice->best, i - 1);
        const EngineCandidate *lower = g_ptr_array_index(choice->best, i);
        g_assert_cmpfloat(higher->log_probability, >=, lower->log_probability);
    }
    if (choice->best->len > 0) {
        const EngineCandidate *best = g_ptr_array_index(choice->best, 0);
        /* Greedy: the chosen one is the best one. */
        g_assert_cmpint(best->token, ==, choice->chosen.token);
    }
    heard->n_choices++;
}

static EngineListener listen_with(Heard *heard) {
    heard->text = g_string_new(NULL);
    return (EngineListener){ on_progress, on_text, on_choice, heard };
}

static void heard_clear(Heard *heard) {
    g_string_free(heard->text, TRUE);
    memset(heard, 0, sizeof *heard);
}

static EngineClient *new_client(void) {
    EngineOptions options = engine_ground_options();
    return engine_client_new(&options);
}

static void answer_streams_in_pieces(void) {
    g_autoptr(EngineClient) client = new_client();
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) messages =
        engine_ground_messages("user", "What is the capital of France?", NULL);
    EngineGenerate request;
    engine_ground_greedy(&request, 24);
    request.prompt.messages = messages;
    Heard heard = { 0 };
    EngineListener listener = listen_with(&heard);
    EngineDone done = { 0 };
    bool is_ok = engine_client_generate(client, &request, &listener, &done, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(is_ok);
    g_test_message("'%s' (%d pieces, prompt %.0f ms, generation %.0f ms)", heard.text->str,
                   heard.n_pieces, done.prompt_ms, done.generation_ms);
    g_assert_nonnull(strstr(heard.text->str, "Paris"));
    g_assert_cmpuint(heard.n_pieces, >=, 4);
    g_assert_cmpuint(heard.n_progress, >=, 2);
    g_assert_cmpfloat(heard.last_fraction, ==, 1.0);
    g_assert_cmpint(done.n_prompt, >, 10);
    g_assert_cmpint(done.n_cached, ==, 0);
    g_assert_cmpint(done.n_generated, >=, (gint64)heard.n_pieces);
    g_assert_true(done.reason == ENGINE_STOP_END || done.reason == ENGINE_STOP_LENGTH);
    heard_clear(&heard);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/provider/engine_client/answer_streams_in_pieces", answer_streams_in_pieces);
    return g_test_run();
}

/* engine/generate.c: the loop from prompt to answer. */
#include "engine/generate.h"

#include <string.h>
#include <time.h>

#include "base/error.h"
#include "engine/prompt.h"
#include "engine/sampler.h"
#include "engine/text_filter.h"

typedef struct {
    EngineModel *model;
    const EngineGenerate *request;
    const EngineAnswerSink *sink;
    EngineSampler *sampler;   /* owned by the caller's frame */
    EngineTextFilter *filter; /* same */
    size_t n_most;            /* tokens the answer may have */
    EngineDone *done;
} Answer;

static double process_cpu_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double elapsed_ms(int64_t start_us) {
    return (double)(g_get_monotonic_time() - start_us) / 1e3;
}

static bool send_text(const Answer *answer, const GString *text, GError **error) {
    if (text->len == 0) return true;
    if (answer->sink->on_text(text->str, text->len, answer->sink->user_data)) return true;
    error_set(error, ERR_PIPE_CLOSED, "the client is gone");
    return false;
}

static bool send_choice(const Answer *answer, llama_token token, GError **error) {
    if (answer->request->n_choices < 0) return true;
    EngineChoice choice = { 0 };
    engine_sampler_explain(answer->model, token, (size_t)answer->request->n_choices, &choice);
    bool is_sent = answer->sink->on_choice(&choice, answer->sink->user_data);
    field_clear(engine_choice_fields, &choice);
    if (!is_sent) error_set(error, ERR_PIPE_CLOSED, "the client is gone");
    return is_sent;
}

static bool is_interrupted(EngineModel *model) {
    if (!model->is_stopped && model->hooks.should_stop(model->hooks.user_data))
        model->is_stopped = true;
    return model->is_stopped;
}

typedef enum { STEP_ON, STEP_END, STEP_FAILED } Step;

/* One token: choose, show, evaluate. On STEP_END done->reason is set. */
static Step step(const Answer *answer, GError **error) {
    EngineModel *model = answer->model;
    EngineDone *done = answer->done;
    if (is_interrupted(model)) {
        done->reason = ENGINE_STOP_CANCELLED;
        return STEP_END;
    }
    llama_token token = engine_sampler_choose(answer->sampler, error);
    if (token < 0) return STEP_FAILED;
    if (model->library.llama_vocab_is_eog(model->vocab, token)) {
        done->reason = ENGINE_STOP_END;
        return STEP_END;
    }
    done->n_generated++;
    if (!send_choice(answer, token, error)) return STEP_FAILED;
    g_autoptr(GString) piece = g_string_new(NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    engine_prompt_append_piece(model, token, answer->request->shows_special, piece);
    bool is_stop_text = engine_text_filter_feed(answer->filter, piece->str, piece->len, text);
    if (!send_text(answer, text, error)) return STEP_FAILED;
    if (is_stop_text || (size_t)done->n_generated >= answer->n_most) {
        done->reason = is_stop_text ? ENGINE_STOP_TEXT : ENGINE_STOP_LENGTH;
        return STEP_END;
    }
    g_autoptr(GError) local = NULL;
    if (engine_model_append(model, token, &local)) return STEP_ON;
    if (error_is(local, ERR_CANCELLED)) {
        done->reason = ENGINE_STOP_CANCELLED;
        return STEP_END;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    return STEP_FAILED;
}

static bool run(const Answer *answer, GError **error) {
    Step result = STEP_ON;
    while (result == STEP_ON) result = step(answer, error);
    if (result == STEP_FAILED) return false;
    g_autoptr(GString) rest = g_string_new(NULL);
    engine_text_filter_finish(answer->filter, rest);
    return send_text(answer, rest, error);
}

static bool generate_behind_prompt(EngineModel *model, const EngineGenerate *request,
                                   const EngineAnswerSink *sink, EngineDone *done, GError **error) {
    g_autoptr(EngineSampler) sampler = engine_sampler_new(model, request, error);
    if (sampler == NULL) return false;
    g_autoptr(EngineTextFilter) filter = engine_text_filter_new((const char *const *)request->stop);
    size_t n_free = engine_model_context_tokens(model) - (size_t)done->n_prompt;
    size_t n_most = request->max_tokens > 0 ? (size_t)request->max_tokens : n_free;
    Answer answer = { model, request, sink, sampler, filter, MIN(n_most, n_free), done };
    return run(&answer, error);
}

bool engine_generate(EngineModel *model, const EngineGenerate *request,
                     const EngineAnswerSink *sink, EngineDone *out_done, size_t *out_excess,
                     GError **error) {
    if (!engine_model_check_generates(model, error)) return false;
    int64_t start_us = g_get_monotonic_time();
    double start_cpu_ms = process_cpu_ms();
    EngineDone done = { .n_threads = model->n_threads };
    size_t n_fixed = 0, n_cached = 0;
    g_autoptr(GArray) tokens = engine_prompt_tokens(model, &request->prompt, &n_fixed, error);
    if (tokens == NULL) return false;
    if (request->fixed_only) g_array_set_size(tokens, (guint)MAX(n_fixed, 1));
    if (!engine_prompt_check_fits(model, tokens->len, out_excess, error)) return false;
    if (!engine_model_evaluate(model, tokens, &n_cached, error)) return false;
    done.n_prompt = tokens->len;
    done.n_cached = (int64_t)n_cached;
    done.n_fixed = (int64_t)n_fixed;
    done.prompt_ms = elapsed_ms(start_us);
    if (request->fixed_only) {
        done.state_bytes = (int64_t)model->library.llama_state_seq_get_size(model->context, 0);
    } else {
        int64_t generation_us = g_get_monotonic_time();
        if (!generate_behind_prompt(model, request, sink, &done, error)) return false;
        done.generation_ms = elapsed_ms(generation_us);
    }
    done.cpu_ms = process_cpu_ms() - start_cpu_ms;
    *out_done = done;
    return true;
}

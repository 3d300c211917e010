/* engine/measure.c: log-probabilities of given continuations, and vectors. */
#include "engine/measure.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "engine/prompt.h"
#include "engine/sampler.h"

/* ln P(token) by the logits of the last evaluated token. */
static double log_probability(const EngineModel *model, llama_token token) {
    const float *logits = model->library.llama_get_logits_ith(model->context, -1);
    size_t n = (size_t)model->library.llama_vocab_n_tokens(model->vocab);
    return (double)logits[token] - engine_sampler_log_sum(logits, n);
}

/* Weighs one continuation; the prompt is evaluated, its last logits are there. */
static bool weigh(EngineModel *model, const GArray *tokens, EngineScoreItem *item, GError **error) {
    for (guint i = 0; i < tokens->len; i++) {
        llama_token token = g_array_index(tokens, llama_token, i);
        item->log_probability += log_probability(model, token);
        item->n_tokens++;
        if (i + 1 < tokens->len && !engine_model_append(model, token, error)) return false;
    }
    return true;
}

bool engine_score(EngineModel *model, const EngineScore *request, EngineScores *out_scores,
                  size_t *out_excess, GError **error) {
    if (!engine_model_check_generates(model, error)) return false;
    g_autoptr(GArray) prompt = engine_prompt_tokens(model, &request->prompt, NULL, error);
    if (prompt == NULL) return false;
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_free);
    for (char **text = request->continuations; *text != NULL; text++) {
        g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
        engine_prompt_append_tokens(model, *text, strlen(*text), 0, tokens);
        if (!engine_prompt_check_fits(model, prompt->len + tokens->len, out_excess, error))
            return false;
        /* Only the prompt's last token is evaluated again: what was behind it is cut. */
        if (!engine_model_evaluate(model, prompt, NULL, error)) return false;
        EngineScoreItem *item = g_new0(EngineScoreItem, 1);
        g_ptr_array_add(items, item);
        if (!weigh(model, tokens, item, error)) return false;
    }
    g_ptr_array_set_free_func(items, NULL);
    out_scores->items = g_steal_pointer(&items);
    return true;
}

enum { EMBEDDING_CONTEXT = 2048 };

/* A context of its own, as vectors need other settings than text. */
static bool make_embedding_context(EngineModel *model, GError **error) {
    if (model->embedding_context != NULL) return true;
    struct llama_context_params params = model->library.llama_context_default_params();
    int32_t trained = model->library.llama_model_n_ctx_train(model->model);
    params.n_ctx = (uint32_t)(trained > 0 ? MIN(trained, EMBEDDING_CONTEXT) : EMBEDDING_CONTEXT);
    params.n_batch = params.n_ctx;
    params.n_ubatch = params.n_ctx; /* a text that is not causal must be in one batch */
    params.n_threads = model->n_threads;
    params.n_threads_batch = model->n_threads;
    params.embeddings = true;
    struct llama_context *context = model->library.llama_init_from_model(model->model, params);
    /* A chat model has no pooling of its own: the mean of its tokens. */
    if (context != NULL && model->library.llama_pooling_type(context) == LLAMA_POOLING_TYPE_NONE) {
        model->library.llama_free(context);
        params.pooling_type = LLAMA_POOLING_TYPE_MEAN;
        context = model->library.llama_init_from_model(model->model, params);
    }
    if (context == NULL) {
        error_set(error, ERR_PROVIDER, "the engine library makes no vectors with this model%s%s",
                  model->complaint->len > 0 ? ": " : "", model->complaint->str);
        return false;
    }
    model->embedding_context = context;
    return true;
}

static GArray *normalised(const float *vector, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)vector[i] * (double)vector[i];
    double scale = sum > 0 ? 1.0 / sqrt(sum) : 0.0;
    GArray *array = g_array_sized_new(FALSE, FALSE, sizeof(float), (guint)n);
    for (size_t i = 0; i < n; i++) {
        float value = (float)((double)vector[i] * scale);
        g_array_append_val(array, value);
    }
    return array;
}

GArray *engine_embed(EngineModel *model, const char *text, size_t *out_excess, GError **error) {
    if (!make_embedding_context(model, error)) return NULL;
    const EngineLibrary *library = &model->library;
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
    engine_prompt_append_tokens(model, text, strlen(text), ENGINE_ADD_SPECIAL, tokens);
    size_t most = library->llama_n_ctx(model->embedding_context);
    if (tokens->len == 0 || tokens->len > most) {
        if (tokens->len > most) *out_excess = tokens->len - most;
        error_set(error, tokens->len == 0 ? ERR_USAGE : ERR_LIMIT,
                  "a text of %u tokens cannot become a vector (1 to %zu)", tokens->len, most);
        return NULL;
    }
    llama_memory_t memory = library->llama_get_memory(model->embedding_context);
    if (memory != NULL) library->llama_memory_clear(memory, false);
    struct llama_batch batch = { .n_tokens = (int32_t)tokens->len,
                                 .token = &g_array_index(tokens, llama_token, 0) };
    if (library->llama_decode(model->embedding_context, batch) != 0) {
        error_set(error, ERR_PROVIDER, "the engine library failed to make a vector%s%s",
                  model->complaint->len > 0 ? ": " : "", model->complaint->str);
        return NULL;
    }
    const float *vector = library->llama_get_embeddings_seq(model->embedding_context, 0);
    if (vector == NULL) {
        error_set(error, ERR_PROVIDER, "the model made no vector");
        return NULL;
    }
    return normalised(vector, (size_t)library->llama_model_n_embd(model->model));
}

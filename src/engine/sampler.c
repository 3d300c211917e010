/* engine/sampler.c: the chain, the grammar's veto, and log-probabilities. */
#include "engine/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/prompt.h"

enum { PENALTY_WINDOW = 64 };

struct EngineSampler {
    const EngineModel *model;      /* borrowed */
    struct llama_sampler *chain;   /* owned */
    struct llama_sampler *grammar; /* owned; NULL = free text */
    llama_token_data *candidates;  /* owned: one per token of the vocabulary */
    size_t n_candidates;
};

static struct llama_sampler *make_chain(const EngineModel *model, const EngineGenerate *request) {
    const EngineLibrary *library = &model->library;
    struct llama_sampler *chain =
        library->llama_sampler_chain_init(library->llama_sampler_chain_default_params());
    if (request->repeat_penalty > 0 && request->repeat_penalty != 1.0)
        library->llama_sampler_chain_add(chain, library->llama_sampler_init_penalties(
                                                    library->llama_vocab_n_tokens(model->vocab),
                                                    PENALTY_WINDOW, (float)request->repeat_penalty,
                                                    0.0f, 0.0f));
    if (request->temperature <= 0) {
        library->llama_sampler_chain_add(chain, library->llama_sampler_init_greedy());
        return chain;
    }
    if (request->top_k > 0)
        library->llama_sampler_chain_add(
            chain, library->llama_sampler_init_top_k((int32_t)request->top_k));
    if (request->top_p > 0 && request->top_p < 1)
        library->llama_sampler_chain_add(
            chain, library->llama_sampler_init_top_p((float)request->top_p, 1));
    if (request->min_p > 0)
        library->llama_sampler_chain_add(
            chain, library->llama_sampler_init_min_p((float)request->min_p, 1));
    library->llama_sampler_chain_add(chain,
                                     library->llama_sampler_init_temp((float)request->temperature));
    uint32_t seed = request->seed < 0 ? LLAMA_DEFAULT_SEED : (uint32_t)request->seed;
    library->llama_sampler_chain_add(chain, library->llama_sampler_init_dist(seed));
    return chain;
}

/* The library wants patterns over the whole answer, whose first group is where the grammar starts;
 * and it would end the process over one that does not parse. */
static bool add_pattern(GPtrArray *patterns, char *pattern, GError **error) {
    g_autoptr(GError) reason = NULL;
    g_autoptr(GRegex) regex = g_regex_new(pattern, 0, 0, &reason);
    g_ptr_array_add(patterns, pattern);
    if (regex != NULL && g_regex_get_capture_count(regex) > 0) return true;
    error_set(error, ERR_USAGE, "the grammar's trigger '%s' is no usable pattern: %s", pattern,
              reason != NULL ? reason->message : "it has no group");
    return false;
}

static GPtrArray *trigger_patterns(const EngineGenerate *request, GError **error) {
    g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(g_free);
    for (char **word = request->trigger_words; word != NULL && *word != NULL; word++) {
        g_autofree char *escaped = g_regex_escape_string(*word, -1);
        char *pattern = g_strconcat("[\\s\\S]*?(", escaped, "[\\s\\S]*)", NULL);
        if (!add_pattern(patterns, pattern, error)) return NULL;
    }
    for (char **item = request->trigger_patterns; item != NULL && *item != NULL; item++)
        if (!add_pattern(patterns, g_strdup(*item), error)) return NULL;
    return g_steal_pointer(&patterns);
}

static bool make_grammar(EngineSampler *sampler, const EngineGenerate *request, GError **error) {
    if (request->grammar == NULL || request->grammar[0] == '\0') return true;
    const EngineModel *model = sampler->model;
    bool has_root = request->grammar_root != NULL && request->grammar_root[0] != '\0';
    const char *root = has_root ? request->grammar_root : "root";
    g_autoptr(GPtrArray) patterns = trigger_patterns(request, error);
    if (patterns == NULL) return false;
    if (patterns->len == 0)
        sampler->grammar =
            model->library.llama_sampler_init_grammar(model->vocab, request->grammar, root);
    else
        sampler->grammar = model->library.llama_sampler_init_grammar_lazy_patterns(
            model->vocab, request->grammar, root, (const char **)patterns->pdata, patterns->len,
            NULL, 0);
    if (sampler->grammar != NULL) return true;
    error_set(error, ERR_USAGE, "the grammar does not parse%s%s",
              model->complaint->len > 0 ? ": " : "", model->complaint->str);
    return false;
}

EngineSampler *engine_sampler_new(const EngineModel *model, const EngineGenerate *request,
                                  GError **error) {
    g_autoptr(EngineSampler) sampler = g_new0(EngineSampler, 1);
    sampler->model = model;
    sampler->chain = make_chain(model, request);
    if (!make_grammar(sampler, request, error)) return NULL;
    if (sampler->grammar != NULL) {
        sampler->n_candidates = (size_t)model->library.llama_vocab_n_tokens(model->vocab);
        sampler->candidates = g_new(llama_token_data, sampler->n_candidates);
    }
    return g_steal_pointer(&sampler);
}

void engine_sampler_free(EngineSampler *sampler) {
    if (sampler == NULL) return;
    if (sampler->chain != NULL) sampler->model->library.llama_sampler_free(sampler->chain);
    if (sampler->grammar != NULL) sampler->model->library.llama_sampler_free(sampler->grammar);
    g_free(sampler->candidates);
    g_free(sampler);
}

static llama_token_data_array all_candidates(EngineSampler *sampler) {
    const float *logits = sampler->model->library.llama_get_logits_ith(sampler->model->context, -1);
    for (size_t i = 0; i < sampler->n_candidates; i++)
        sampler->candidates[i] = (llama_token_data){ (llama_token)i, logits[i], 0.0f };
    return (llama_token_data_array){ sampler->candidates, sampler->n_candidates, -1, false };
}

static bool grammar_allows(EngineSampler *sampler, llama_token token) {
    llama_token_data one = { token, 1.0f, 0.0f };
    llama_token_data_array array = { &one, 1, -1, false };
    sampler->model->library.llama_sampler_apply(sampler->grammar, &array);
    return isfinite(one.logit);
}

static llama_token choose_under_grammar(EngineSampler *sampler) {
    const EngineLibrary *library = &sampler->model->library;
    llama_token_data_array array = all_candidates(sampler);
    library->llama_sampler_apply(sampler->chain, &array);
    llama_token token = array.selected >= 0 ? array.data[array.selected].id : -1;
    if (token >= 0 && grammar_allows(sampler, token)) return token;
    array = all_candidates(sampler);
    library->llama_sampler_apply(sampler->grammar, &array);
    library->llama_sampler_apply(sampler->chain, &array);
    token = array.selected >= 0 ? array.data[array.selected].id : -1;
    return token >= 0 && grammar_allows(sampler, token) ? token : -1;
}

llama_token engine_sampler_choose(EngineSampler *sampler, GError **error) {
    const EngineLibrary *library = &sampler->model->library;
    /* This one accepts the token in the chain as well. */
    if (sampler->grammar == NULL)
        return library->llama_sampler_sample(sampler->chain, sampler->model->context, -1);
    llama_token token = choose_under_grammar(sampler);
    if (token < 0) {
        error_set(error, ERR_PROVIDER, "the grammar leaves the model no next token");
        return -1;
    }
    library->llama_sampler_accept(sampler->grammar, token);
    library->llama_sampler_accept(sampler->chain, token);
    return token;
}

double engine_sampler_log_sum(const float *logits, size_t n) {
    float highest = logits[0];
    for (size_t i = 1; i < n; i++) highest = MAX(highest, logits[i]);
    double sum = 0; /* at least 1 in the end: the highest adds exp(0) */
    for (size_t i = 0; i < n; i++) sum += exp((double)logits[i] - (double)highest);
    /* cppcheck-suppress invalidFunctionArg; n is never 0 */
    return (double)highest + log(sum);
}

static void fill_candidate(const EngineModel *model, llama_token token, double log_probability,
                           EngineCandidate *candidate) {
    g_autoptr(GString) piece = g_string_new(NULL);
    engine_prompt_append_piece(model, token, piece);
    candidate->token = token;
    candidate->log_probability = log_probability;
    candidate->text = text_make_valid(piece->str, piece->len);
}

void engine_sampler_explain(const EngineModel *model, llama_token token, size_t n_best,
                            EngineChoice *choice) {
    const float *logits = model->library.llama_get_logits_ith(model->context, -1);
    size_t n = (size_t)model->library.llama_vocab_n_tokens(model->vocab);
    double log_sum = engine_sampler_log_sum(logits, n);
    fill_candidate(model, token, (double)logits[token] - log_sum, &choice->chosen);
    choice->best = g_ptr_array_new();
    g_autofree llama_token *best = g_new(llama_token, n_best + 1);
    size_t n_found = 0;
    /* Insertion into a short sorted list: one pass over the vocabulary. */
    for (size_t i = 0; i < n; i++) {
        size_t place = n_found;
        while (place > 0 && logits[i] > logits[best[place - 1]]) place--;
        if (place >= n_best) continue;
        if (n_found < n_best) n_found++;
        memmove(best + place + 1, best + place, (n_found - 1 - place) * sizeof *best);
        best[place] = (llama_token)i;
    }
    for (size_t i = 0; i < n_found; i++) {
        EngineCandidate *candidate = g_new0(EngineCandidate, 1);
        fill_candidate(model, best[i], (double)logits[best[i]] - log_sum, candidate);
        g_ptr_array_add(choice->best, candidate);
    }
}

/* engine/sampler.c: the chain, the grammar's veto, and log-probabilities. */
#include "engine/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "engine/prompt.h"

enum { PENALTY_WINDOW = 64, MAX_REFUSED = 32 };

struct EngineSampler {
    const EngineModel *model;      /* borrowed */
    const EngineGenerate *request; /* borrowed */
    struct llama_sampler *chain;   /* owned */
    struct llama_sampler *grammar; /* owned; NULL = free text */
    llama_token_data *candidates;  /* owned: one per token of the vocabulary */
    size_t n_candidates;
    GPtrArray *triggers; /* GRegex, owned; empty = the grammar holds from the start */
    bool is_waiting;     /* for a trigger */
    GString *answer;     /* owned: so far, control tokens spelled; while waiting */
    GArray *refused;     /* owned: llama_token, at this place; while waiting */
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

static bool add_trigger(GPtrArray *triggers, const char *pattern, GError **error) {
    g_autoptr(GError) reason = NULL;
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_OPTIMIZE, 0, &reason);
    if (regex != NULL && g_regex_get_capture_count(regex) > 0) {
        g_ptr_array_add(triggers, g_steal_pointer(&regex));
        return true;
    }
    error_set(error, ERR_USAGE, "the grammar's trigger '%s' is no usable pattern: %s", pattern,
              reason != NULL ? reason->message : "it has no group");
    return false;
}

static bool add_triggers(EngineSampler *sampler, GError **error) {
    const EngineGenerate *request = sampler->request;
    for (char **word = request->trigger_words; word != NULL && *word != NULL; word++) {
        g_autofree char *escaped = g_regex_escape_string(*word, -1);
        g_autofree char *pattern = g_strconcat("[\\s\\S]*?(", escaped, "[\\s\\S]*)", NULL);
        if (!add_trigger(sampler->triggers, pattern, error)) return false;
    }
    for (char **item = request->trigger_patterns; item != NULL && *item != NULL; item++)
        if (!add_trigger(sampler->triggers, *item, error)) return false;
    return true;
}

static struct llama_sampler *new_grammar(const EngineSampler *sampler) {
    const EngineGenerate *request = sampler->request;
    bool has_root = request->grammar_root != NULL && request->grammar_root[0] != '\0';
    return sampler->model->library.llama_sampler_init_grammar(
        sampler->model->vocab, request->grammar, has_root ? request->grammar_root : "root");
}

static bool make_grammar(EngineSampler *sampler, GError **error) {
    const EngineModel *model = sampler->model;
    if (sampler->request->grammar == NULL || sampler->request->grammar[0] == '\0') return true;
    if (!add_triggers(sampler, error)) return false;
    sampler->grammar = new_grammar(sampler);
    sampler->is_waiting = sampler->triggers->len > 0;
    if (sampler->grammar != NULL) return true;
    error_set(error, ERR_USAGE, "the grammar does not parse%s%s",
              model->complaint->len > 0 ? ": " : "", model->complaint->str);
    return false;
}

EngineSampler *engine_sampler_new(const EngineModel *model, const EngineGenerate *request,
                                  GError **error) {
    g_autoptr(EngineSampler) sampler = g_new0(EngineSampler, 1);
    sampler->model = model;
    sampler->request = request;
    sampler->triggers = g_ptr_array_new_with_free_func((GDestroyNotify)g_regex_unref);
    sampler->answer = g_string_new(NULL);
    sampler->refused = g_array_new(FALSE, FALSE, sizeof(llama_token));
    sampler->chain = make_chain(model, request);
    if (!make_grammar(sampler, error)) return NULL;
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
    if (sampler->triggers != NULL) g_ptr_array_unref(sampler->triggers);
    if (sampler->answer != NULL) g_string_free(sampler->answer, TRUE);
    if (sampler->refused != NULL) g_array_unref(sampler->refused);
    g_free(sampler);
}

static llama_token_data_array all_candidates(EngineSampler *sampler) {
    const float *logits = sampler->model->library.llama_get_logits_ith(sampler->model->context, -1);
    for (size_t i = 0; i < sampler->n_candidates; i++)
        sampler->candidates[i] = (llama_token_data){ (llama_token)i, logits[i], 0.0f };
    return (llama_token_data_array){ sampler->candidates, sampler->n_candidates, -1, false };
}

static bool grammar_allows(const EngineSampler *sampler, struct llama_sampler *grammar,
                           llama_token token) {
    llama_token_data one = { token, 1.0f, 0.0f };
    llama_token_data_array array = { &one, 1, -1, false };
    sampler->model->library.llama_sampler_apply(grammar, &array);
    return isfinite(one.logit);
}

static llama_token selected(const llama_token_data_array *array) {
    return array->selected >= 0 ? array->data[array->selected].id : -1;
}

static llama_token choose_under_grammar(EngineSampler *sampler) {
    const EngineLibrary *library = &sampler->model->library;
    llama_token_data_array array = all_candidates(sampler);
    library->llama_sampler_apply(sampler->chain, &array);
    llama_token token = selected(&array);
    if (token >= 0 && grammar_allows(sampler, sampler->grammar, token)) return token;
    array = all_candidates(sampler);
    library->llama_sampler_apply(sampler->grammar, &array);
    library->llama_sampler_apply(sampler->chain, &array);
    token = selected(&array);
    return token >= 0 && grammar_allows(sampler, sampler->grammar, token) ? token : -1;
}

/* Where the grammar starts in `answer`, or -1 when no trigger matches it. */
static int trigger_position(const EngineSampler *sampler, const GString *answer) {
    for (guint i = 0; i < sampler->triggers->len; i++) {
        g_autoptr(GMatchInfo) match = NULL;
        int start = -1;
        if (g_regex_match_full(g_ptr_array_index(sampler->triggers, i), answer->str,
                               (gssize)answer->len, 0, G_REGEX_MATCH_ANCHORED, &match, NULL) &&
            g_match_info_fetch_pos(match, 1, &start, NULL) && start >= 0)
            return start;
    }
    return -1;
}

/* Moves the grammar over `text`; false when it refuses some of it. The grammar counts characters,
 * so it does not matter which tokens spell them. */
static bool feed_grammar(const EngineSampler *sampler, struct llama_sampler *grammar,
                         const char *text) {
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(llama_token));
    engine_prompt_append_tokens(sampler->model, text, strlen(text), ENGINE_PARSE_SPECIAL, tokens);
    for (guint i = 0; i < tokens->len; i++) {
        llama_token token = g_array_index(tokens, llama_token, i);
        if (!grammar_allows(sampler, grammar, token)) return false;
        sampler->model->library.llama_sampler_accept(grammar, token);
    }
    return true;
}

typedef enum { TOKEN_FREE, TOKEN_TRIGGERS, TOKEN_REFUSED } TokenEffect;

/* What choosing `token` does while the grammar waits; TOKEN_TRIGGERS has started the grammar. */
static TokenEffect try_token(EngineSampler *sampler, llama_token token) {
    const EngineLibrary *library = &sampler->model->library;
    gsize before = sampler->answer->len;
    engine_prompt_append_piece(sampler->model, token, /* spells_control= */ true, sampler->answer);
    int start = g_utf8_validate(sampler->answer->str, (gssize)sampler->answer->len, NULL)
                    ? trigger_position(sampler, sampler->answer)
                    : -1; /* in the middle of a character */
    if (start < 0) return TOKEN_FREE;
    struct llama_sampler *grammar = new_grammar(sampler);
    if (grammar != NULL && feed_grammar(sampler, grammar, sampler->answer->str + start)) {
        library->llama_sampler_free(sampler->grammar);
        sampler->grammar = grammar;
        sampler->is_waiting = false;
        return TOKEN_TRIGGERS;
    }
    library->llama_sampler_free(grammar);
    g_string_truncate(sampler->answer, before);
    return TOKEN_REFUSED;
}

static llama_token choose_while_waiting(EngineSampler *sampler) {
    const EngineLibrary *library = &sampler->model->library;
    g_array_set_size(sampler->refused, 0);
    while (sampler->refused->len < MAX_REFUSED) {
        llama_token_data_array array = all_candidates(sampler);
        for (guint i = 0; i < sampler->refused->len; i++)
            array.data[g_array_index(sampler->refused, llama_token, i)].logit = -INFINITY;
        library->llama_sampler_apply(sampler->chain, &array);
        llama_token token = selected(&array);
        if (token < 0) return -1;
        if (library->llama_vocab_is_eog(sampler->model->vocab, token)) return token;
        if (try_token(sampler, token) != TOKEN_REFUSED) return token;
        g_array_append_val(sampler->refused, token);
    }
    return -1;
}

llama_token engine_sampler_choose(EngineSampler *sampler, GError **error) {
    const EngineLibrary *library = &sampler->model->library;
    /* This one accepts the token in the chain as well. */
    if (sampler->grammar == NULL)
        return library->llama_sampler_sample(sampler->chain, sampler->model->context, -1);
    bool was_waiting = sampler->is_waiting;
    llama_token token = was_waiting ? choose_while_waiting(sampler) : choose_under_grammar(sampler);
    if (token < 0) {
        error_set(error, ERR_PROVIDER, "the grammar leaves the model no next token");
        return -1;
    }
    /* The token that triggers has been fed already, as text. */
    if (!was_waiting) library->llama_sampler_accept(sampler->grammar, token);
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
    engine_prompt_append_piece(model, token, /* spells_control= */ true, piece);
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

/* provider/model_facts.c: the table of remote models. Prices are the makers' list prices when this
 * was written; a family that is not here costs "not known", never a guess. */
#include "provider/model_facts.h"

#include <string.h>

/* clang-format off */
const RemoteModel remote_models[] = {
    /* start               context   answer   in $   out $   cached $ (per million)  thinking */
    { "claude-opus-4-5",    200000,  64000,   5.00,  25.00,  0.50, THINKS_BUDGET },
    { "claude-opus-4-6",    200000,  64000,   5.00,  25.00,  0.50, THINKS_ADAPTIVE },
    { "claude-opus-4-7",    200000,  64000,   0,      0,     0,    THINKS_ADAPTIVE },
    { "claude-opus-4-8",    200000,  64000,   0,      0,     0,    THINKS_ADAPTIVE },
    { "claude-opus-4",      200000,  32000,  15.00,  75.00,  1.50, THINKS_BUDGET },
    { "claude-sonnet-4-6",  200000,  64000,   3.00,  15.00,  0.30, THINKS_ADAPTIVE },
    { "claude-sonnet-4",    200000,  64000,   3.00,  15.00,  0.30, THINKS_BUDGET },
    { "claude-haiku-4",     200000,  64000,   1.00,   5.00,  0.10, THINKS_BUDGET },
    { "claude-3-7-sonnet",  200000,  64000,   3.00,  15.00,  0.30, THINKS_BUDGET },
    { "claude-3-5-sonnet",  200000,   8192,   3.00,  15.00,  0.30, THINKS_NONE },
    { "claude-3-5-haiku",   200000,   8192,   0.80,   4.00,  0.08, THINKS_NONE },
    { "claude-3-haiku",     200000,   4096,   0.25,   1.25,  0.03, THINKS_NONE },
    { "claude-3",           200000,   8192,   0,      0,     0,    THINKS_NONE },
    { "claude-",            200000,   8192,   0,      0,     0,    THINKS_ADAPTIVE },
    { "gpt-4o-mini",        128000,  16384,   0.15,   0.60,  0.075, THINKS_NONE },
    { "gpt-4o",             128000,  16384,   2.50,  10.00,  1.25, THINKS_NONE },
    { "gpt-4.1-nano",      1047576,  32768,   0.10,   0.40,  0.025, THINKS_NONE },
    { "gpt-4.1-mini",      1047576,  32768,   0.40,   1.60,  0.10, THINKS_NONE },
    { "gpt-4.1",           1047576,  32768,   2.00,   8.00,  0.50, THINKS_NONE },
    { "gpt-5-nano",         400000, 128000,   0.05,   0.40,  0.005, THINKS_EFFORT },
    { "gpt-5-mini",         400000, 128000,   0.25,   2.00,  0.025, THINKS_EFFORT },
    { "gpt-5",              400000, 128000,   1.25,  10.00,  0.125, THINKS_EFFORT },
    { "gpt-4-turbo",        128000,   4096,  10.00,  30.00,  10.00, THINKS_NONE },
    { "gpt-4",                8192,   8192,  30.00,  60.00,  30.00, THINKS_NONE },
    { "gpt-3.5-turbo",       16385,   4096,   0.50,   1.50,  0.50, THINKS_NONE },
    { "gpt-oss",            131072,  32768,   0,      0,     0, THINKS_EFFORT },
    { "o1",                 200000, 100000,  15.00,  60.00,  7.50, THINKS_EFFORT },
    { "o3-mini",            200000, 100000,   1.10,   4.40,  0.55, THINKS_EFFORT },
    { "o3",                 200000, 100000,   2.00,   8.00,  0.50, THINKS_EFFORT },
    { "o4-mini",            200000, 100000,   1.10,   4.40,  0.275, THINKS_EFFORT },
    { "grok-3-mini",        131072,  16384,   0.30,   0.50,  0.075, THINKS_EFFORT },
    { "grok-3",             131072,  16384,   3.00,  15.00,  0.75, THINKS_NONE },
    { "grok-4",             256000,  32768,   3.00,  15.00,  0.75, THINKS_NONE },
    { "glm-4.7",            200000, 131072,   0,      0,     0, THINKS_NONE },
    { "glm-4.6",            200000, 131072,   0,      0,     0, THINKS_NONE },
    { "glm-",               128000,  96000,   0,      0,     0, THINKS_NONE },
    { NULL, 0, 0, 0, 0, 0, THINKS_NONE },
};
/* clang-format on */

/* Who sends a bill; everyone else is a server of the user's own, or somebody whose price list is
 * not the maker's. */
static const char *const paid_providers[] = { "anthropic", "openai", "xai", "openrouter", NULL };

const RemoteModel *remote_model_find(const char *model) {
    const char *slash = strrchr(model, '/');
    g_autofree char *name = g_ascii_strdown(slash != NULL ? slash + 1 : model, -1);
    g_strdelimit(name, "_", '-');
    for (const RemoteModel *row = remote_models; row->start != NULL; row++)
        if (g_str_has_prefix(name, row->start)) return row;
    return NULL;
}

double model_facts_cost_usd(const char *provider, const char *model, const Usage *usage) {
    const RemoteModel *row =
        g_strv_contains(paid_providers, provider) ? remote_model_find(model) : NULL;
    if (row == NULL) return 0;
    /* Writing to a cache costs a quarter more where it costs anything (Anthropic). */
    double dollars = (double)usage->input_tokens * row->input_usd +
                     (double)usage->output_tokens * row->output_usd +
                     (double)usage->cache_read_tokens * row->cached_usd +
                     (double)usage->cache_write_tokens * row->input_usd * 1.25;
    return dollars / 1e6;
}

bool remote_model_facts(Provider *provider, Cancel *cancel, ModelFacts *out, GError **error) {
    (void)cancel;
    (void)error;
    const RemoteModel *row = remote_model_find(provider->model);
    *out =
        (ModelFacts){ .name = g_strdup(provider->model),
                      .context_tokens = row != NULL ? row->context_tokens : REMOTE_CONTEXT_TOKENS,
                      .is_guess = row == NULL };
    return true;
}

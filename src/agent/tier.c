/* agent/tier.c: one row per size of model. */
#include "agent/tier.h"

#include <stddef.h>

/* clang-format off */
const ModelTier model_tiers[] = {
    { .name = "tiny", .summary = "Under 1 billion parameters: one short task at a time, no tools.",
      .max_parameters = 1000000000, .context_tokens = 2048, .fixed_tokens = 100, .prompt_tokens = 150,
      .answer_tokens = 96, .has_tools = false, .prompt_name = "tiny",
      .notice = "tiny built-in model, may be wrong", .source = "tiny model" },
    { .name = "small", .summary = "1 to 4 billion parameters: a 4K profile.",
      .max_parameters = 4000000000, .context_tokens = 4096, .fixed_tokens = 1200, .prompt_tokens = 0,
      .answer_tokens = 768, .has_tools = true, .prompt_name = "small", .notice = NULL, .source = "model" },
    { .name = "full", .summary = "Larger models: the whole prompt and the model's own window.",
      .max_parameters = INT64_MAX, .context_tokens = 0, .fixed_tokens = 0, .prompt_tokens = 0,
      .answer_tokens = 4096, .has_tools = true, .prompt_name = "full", .notice = NULL, .source = "model" },
    { 0 }
};
/* clang-format on */

enum { TIER_TINY = 0, TIER_FULL = 2 };

const ModelTier *model_tier_for(int64_t n_parameters, bool is_local) {
    if (n_parameters <= 0) return &model_tiers[is_local ? TIER_TINY : TIER_FULL];
    const ModelTier *tier = model_tiers;
    while (n_parameters >= tier->max_parameters && tier[1].name != NULL) tier++;
    return tier;
}

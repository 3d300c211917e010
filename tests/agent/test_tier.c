/* Tests of agent/tier.c: the right row for a size. */
#include "agent/tier.h"

#include <glib.h>

#include "agent/prompt.h"

static void size_decides_the_tier(void) {
    static const struct {
        int64_t n_parameters;
        bool is_local;
        const char *name;
    } rows[] = { { 134515008, true, "tiny" },   { 999999999, true, "tiny" },
                 { 1000000000, true, "small" }, { 3999999999, true, "small" },
                 { 4000000000, true, "full" },  { 20000000000, true, "full" },
                 { 0, true, "tiny" },           { 0, false, "full" } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(model_tier_for(rows[i].n_parameters, rows[i].is_local)->name, ==,
                        rows[i].name);
}

static void every_tier_has_its_prompt(void) {
    for (const ModelTier *tier = model_tiers; tier->name != NULL; tier++) {
        g_assert_nonnull(prompt_text(tier->prompt_name));
        g_assert_nonnull(tier->summary);
        g_assert_cmpint(tier->answer_tokens, >, 0);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/tier/size_decides_the_tier", size_decides_the_tier);
    g_test_add_func("/agent/tier/every_tier_has_its_prompt", every_tier_has_its_prompt);
    return g_test_run();
}

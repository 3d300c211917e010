/* sandbox/facts.c: what this kernel proves, by putting up each level once. */
#include <glib/gstdio.h>

#include "base/error.h"
#include "sandbox/exec/landlock.h"
#include "sandbox/profile-private.h"

/* Tries one level in an empty folder. */
static char *try_level(SandboxLevel level, const SandboxConfig *config, const Paths *paths,
                       const char *workspace) {
    g_autoptr(GError) error = NULL;
    g_autoptr(SandboxProfile) profile =
        sandbox_profile_make(level, config, paths, workspace, &error);
    bool is_proved = profile != NULL && sandbox_profile_prove(profile, &error);
    if (profile != NULL) g_unlink(profile->placeholder_lock);
    return is_proved ? NULL : g_strdup(error->message);
}

void sandbox_facts_probe(SandboxFacts *out_facts) {
    SandboxFacts facts = { .best = SANDBOX_LEVEL_NONE };
    facts.landlock_abi = landlock_probe(&facts.landlock_errata);
    SandboxConfig config = { 0 };
    field_set_defaults(sandbox_config_fields, &config);
    g_autoptr(GError) error = NULL;
    g_autoptr(Paths) paths = paths_new(NULL, &error);
    g_autofree char *workspace = paths != NULL ? g_dir_make_tmp("localgpt-XXXXXX", &error) : NULL;
    for (int level = SANDBOX_LEVEL_MINIMAL; level >= SANDBOX_LEVEL_FULL; level--) {
        facts.refusals[level] = workspace != NULL
                                    ? try_level((SandboxLevel)level, &config, paths, workspace)
                                    : g_strdup(error->message);
        if (facts.refusals[level] == NULL) facts.best = (SandboxLevel)level;
    }
    facts.has_seccomp = facts.refusals[SANDBOX_LEVEL_MINIMAL] == NULL;
    facts.has_namespaces = facts.refusals[SANDBOX_LEVEL_FULL] == NULL;
    if (workspace != NULL) g_rmdir(workspace);
    field_clear(sandbox_config_fields, &config);
    *out_facts = facts;
}

void sandbox_facts_clear(SandboxFacts *facts) {
    for (size_t i = 0; i < G_N_ELEMENTS(facts->refusals); i++) g_free(facts->refusals[i]);
    *facts = (SandboxFacts){ 0 };
}

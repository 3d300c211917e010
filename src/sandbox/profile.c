/* sandbox/profile.c: choosing the level and proving it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "sandbox/placeholder.h"
#include "sandbox/profile-private.h"
#include "sandbox/proxy_rule.h"
#include "sandbox/temp_folder.h"

static const char *const level_names[] = { "auto", "full", "standard", "minimal", "none" };

const char *sandbox_level_name(SandboxLevel level) {
    return (unsigned)level < G_N_ELEMENTS(level_names) ? level_names[level] : "unknown";
}

static void free_grant(void *data) {
    SandboxGrant *grant = data;
    g_free(grant->path);
    g_free(grant->value);
    g_free(grant);
}

/* Nothing of ours but what programs need to know about the person. No key can be among it. */
static char **make_environment(void) {
    static const char *const kept[] = { "LANG", "TERM", "TZ", "USER" };
    static const char *const defaults[] = { "C.UTF-8", "dumb", NULL, "user" };
    GPtrArray *list = g_ptr_array_new();
    g_ptr_array_add(list, g_strdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:"
                                   "/bin"));
    for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
        const char *value = g_getenv(kept[i]);
        if (value == NULL || value[0] == '\0') value = defaults[i];
        if (value != NULL) g_ptr_array_add(list, g_strconcat(kept[i], "=", value, NULL));
    }
    g_ptr_array_add(list, NULL);
    return (char **)g_ptr_array_free(list, false);
}

static bool make_filter(SandboxProfile *profile, GError **error) {
    if (profile->level == SANDBOX_LEVEL_NONE) return true;
    unsigned allows = profile->level == SANDBOX_LEVEL_FULL ? COMMAND_FILTER_WATCHES : 0;
    if (profile->has_proxy) allows |= COMMAND_FILTER_NETWORK;
    ConfineReport report = { 0 };
    profile->filter = g_new(struct sock_filter, COMMAND_FILTER_MAX);
    if (command_filter_build(allows, profile->filter, &profile->n_filter, &report)) return true;
    error_set(error, ERR_DENIED, "%s", report.reason);
    return false;
}

static void set_limits(SandboxProfile *profile, const SandboxConfig *config) {
    profile->timeout_ms = config->timeout_secs * 1000;
    profile->kill_after_ms = config->kill_after_ms;
    profile->max_output_bytes = (uint64_t)config->max_output_bytes;
    profile->max_file_bytes = (uint64_t)config->max_file_size_bytes;
    profile->max_data_bytes = (uint64_t)config->max_memory_bytes;
    profile->max_temp_bytes = (uint64_t)config->max_temp_bytes;
    profile->max_disk_bytes = (uint64_t)config->max_disk_bytes;
    profile->max_processes = (unsigned)config->max_processes;
}

/* Only a network of its own can be let out through one hole. */
static bool set_network(SandboxProfile *profile, const SandboxConfig *config, GError **error) {
    const SandboxNetworkConfig *network = &config->network;
    if (network->policy != SANDBOX_NETWORK_PROXY || profile->level == SANDBOX_LEVEL_NONE)
        return true;
    for (char **domain = network->allow_domains; domain != NULL && *domain != NULL; domain++) {
        if (proxy_rule_check(*domain, error)) continue;
        g_prefix_error(error, "sandbox.network.allow_domains: ");
        return false;
    }
    if (profile->level != SANDBOX_LEVEL_FULL) {
        error_set_with_hint(error, ERR_DENIED, "Set sandbox.network.policy to \"deny\".",
                            "sandbox.network.policy = \"proxy\" takes level full");
        return false;
    }
    char *none[] = { NULL };
    profile->has_proxy = true;
    profile->proxy_rules.allows_private = network->allows_private;
    profile->proxy_rules.domains =
        g_strdupv(network->allow_domains != NULL ? network->allow_domains : none);
    return true;
}

static bool resolve_workspace(SandboxProfile *profile, const char *workspace, GError **error) {
    char *resolved = realpath(workspace, NULL);
    profile->workspace = g_strdup(resolved);
    free(resolved);
    struct stat status;
    if (profile->workspace != NULL && stat(profile->workspace, &status) == 0 &&
        S_ISDIR(status.st_mode))
        return true;
    error_set(error, ERR_NOT_FOUND, "the workspace '%s' is not a folder that can be opened",
              workspace);
    return false;
}

/* One lock for each workspace, where no tool can reach it. */
static bool make_places(SandboxProfile *profile, const Paths *paths, GError **error) {
    profile->home = g_strdup(paths->home);
    profile->runtime = g_build_filename(paths->runtime, "sandbox", NULL);
    g_autofree char *digest =
        g_compute_checksum_for_string(G_CHECKSUM_SHA256, profile->workspace, -1);
    digest[16] = '\0';
    g_autofree char *name = g_strconcat(digest, ".lock", NULL);
    profile->placeholder_lock = g_build_filename(profile->runtime, name, NULL);
    if (!file_make_folders(profile->runtime, error)) return false;
    temp_folder_sweep(profile->runtime);
    return true;
}

static void list_protected(SandboxProfile *profile) {
    for (unsigned i = 0; i < profile->grants->len; i++) {
        const SandboxGrant *grant = g_ptr_array_index(profile->grants, i);
        if (grant->kind == PLAN_PROTECT) g_ptr_array_add(profile->protected, grant->path);
    }
    g_ptr_array_add(profile->protected, NULL);
}

SandboxProfile *sandbox_profile_make(SandboxLevel level, const SandboxConfig *config,
                                     const Paths *paths, const char *workspace, GError **error) {
    g_autoptr(SandboxProfile) profile = g_new0(SandboxProfile, 1);
    profile->n_references = 1;
    profile->level = level;
    launcher_init(&profile->launcher);
    g_mutex_init(&profile->temp_lock);
    profile->grants = g_ptr_array_new_with_free_func(free_grant);
    profile->protected = g_ptr_array_new();
    profile->environment = make_environment();
    set_limits(profile, config);
    if (!set_network(profile, config, error)) return NULL;
    if (!resolve_workspace(profile, workspace, error) || !make_places(profile, paths, error) ||
        !make_filter(profile, error) || !sandbox_profile_fill(profile, config, paths, error))
        return NULL;
    list_protected(profile);
    return g_steal_pointer(&profile);
}

static SandboxProfile *make_proved(SandboxLevel level, const SandboxConfig *config,
                                   const Paths *paths, const char *workspace, GError **error) {
    g_autoptr(SandboxProfile) profile =
        sandbox_profile_make(level, config, paths, workspace, error);
    if (profile == NULL) return NULL;
    placeholder_release(placeholder_hold(profile->placeholder_lock), profile->workspace,
                        (const char *const *)profile->protected->pdata);
    if (level == SANDBOX_LEVEL_NONE || sandbox_profile_prove(profile, error))
        return g_steal_pointer(&profile);
    g_prefix_error(error, "sandbox level '%s' cannot be had here: ", sandbox_level_name(level));
    return NULL;
}

SandboxProfile *sandbox_profile_new(const SandboxConfig *config, const Paths *paths,
                                    const char *workspace, GError **error) {
    SandboxLevel level = (SandboxLevel)config->level;
    if (!config->is_enabled) level = SANDBOX_LEVEL_NONE;
    if (level != SANDBOX_LEVEL_AUTO) return make_proved(level, config, paths, workspace, error);
    g_autoptr(GError) full = NULL;
    SandboxProfile *profile = make_proved(SANDBOX_LEVEL_FULL, config, paths, workspace, &full);
    if (profile != NULL) return profile;
    /* A wrong path is wrong at every level. */
    if (!error_is(full, ERR_DENIED)) {
        g_propagate_error(error, g_steal_pointer(&full));
        return NULL;
    }
    g_autoptr(GError) standard = NULL;
    profile = make_proved(SANDBOX_LEVEL_STANDARD, config, paths, workspace, &standard);
    if (profile != NULL) return profile;
    error_set_with_hint(error, ERR_DENIED,
                        "See 'localgpt sandbox status'; sandbox.level = \"minimal\" leaves your "
                        "files open to commands.",
                        "no command is run: %s; %s", full->message, standard->message);
    return NULL;
}

SandboxProfile *sandbox_profile_ref(SandboxProfile *profile) {
    g_atomic_int_inc(&profile->n_references);
    return profile;
}

void sandbox_profile_unref(SandboxProfile *profile) {
    if (profile == NULL || !g_atomic_int_dec_and_test(&profile->n_references)) return;
    launcher_clear(&profile->launcher);
    if (profile->idle_temp != NULL) temp_folder_remove(profile->idle_temp);
    g_free(profile->idle_temp);
    g_mutex_clear(&profile->temp_lock);
    g_free(profile->workspace);
    g_strfreev(profile->proxy_rules.domains);
    g_clear_pointer(&profile->protected, g_ptr_array_unref);
    g_clear_pointer(&profile->grants, g_ptr_array_unref);
    g_strfreev(profile->environment);
    g_free(profile->home);
    g_free(profile->runtime);
    g_free(profile->placeholder_lock);
    g_free(profile->filter);
    g_free(profile);
}

char *sandbox_profile_take_temp(SandboxProfile *profile, GError **error) {
    g_mutex_lock(&profile->temp_lock);
    char *temp = g_steal_pointer(&profile->idle_temp);
    g_mutex_unlock(&profile->temp_lock);
    return temp != NULL ? temp : temp_folder_make(profile->runtime, error);
}

void sandbox_profile_return_temp(SandboxProfile *profile, char *temp) {
    if (temp == NULL) return;
    bool is_empty = temp_folder_empty(temp);
    g_mutex_lock(&profile->temp_lock);
    if (is_empty && profile->idle_temp == NULL) profile->idle_temp = g_steal_pointer(&temp);
    g_mutex_unlock(&profile->temp_lock);
    if (temp != NULL) temp_folder_remove(temp);
    g_free(temp);
}

SandboxLevel sandbox_profile_level(const SandboxProfile *profile) {
    return profile->level;
}

const char *sandbox_profile_workspace(const SandboxProfile *profile) {
    return profile->workspace;
}

static void print_network(const SandboxProfile *profile, GString *text) {
    if (!profile->has_proxy)
        g_string_append_printf(text, "network   %s\n",
                               profile->level == SANDBOX_LEVEL_NONE ? "allowed" : "denied");
    char **domain = profile->proxy_rules.domains;
    bool is_empty = domain == NULL || *domain == NULL;
    for (; domain != NULL && *domain != NULL; domain++)
        g_string_append_printf(text, "network   %s\n", *domain);
    if (profile->has_proxy && is_empty)
        g_string_append(text, "network   denied (sandbox.network.allow_domains is empty)\n");
}

static const char *const verbs[] = {
    [PLAN_READ] = "read",     [PLAN_WRITE] = "write",     [PLAN_WORKSPACE] = "write",
    [PLAN_DEVICE] = "device", [PLAN_LINK] = "link",       [PLAN_FOLDER] = "private",
    [PLAN_PROCESSES] = "own", [PLAN_PROTECT] = "protect", [PLAN_HIDE] = "hide",
};

/* The longest that covers the path, the later of two equals; *out_covered bytes of it. */
static const SandboxGrant *innermost_grant(const SandboxProfile *profile, const char *path,
                                           size_t *out_covered) {
    const SandboxGrant *best = NULL;
    for (unsigned i = 0; i < profile->grants->len; i++) {
        const SandboxGrant *grant = g_ptr_array_index(profile->grants, i);
        g_autofree char *place = g_canonicalize_filename(grant->path, profile->workspace);
        size_t length = strlen(place);
        if (!plan_is_same_or_below(path, place) || (best != NULL && length < *out_covered))
            continue;
        best = grant;
        *out_covered = length;
    }
    return best;
}

/* Where a path below a link of the small root leads. New string. */
static char *follow_link(const SandboxGrant *link, const char *rest) {
    g_autofree char *folder = g_path_get_dirname(link->path);
    g_autofree char *target = g_strconcat(link->value, rest, NULL);
    return g_canonicalize_filename(target, folder);
}

bool sandbox_profile_find_rule(const SandboxProfile *profile, const char *path, SandboxRule *out) {
    enum { MAX_LINKS = 8 };
    if (profile->level >= SANDBOX_LEVEL_MINIMAL) {
        *out = (SandboxRule){ .kind = PLAN_WRITE, .verb = verbs[PLAN_WRITE], .path = "/" };
        return true;
    }
    g_autofree char *place = g_strdup(path);
    size_t covered = 0;
    const SandboxGrant *grant = innermost_grant(profile, place, &covered);
    if (grant == NULL && profile->level == SANDBOX_LEVEL_STANDARD) {
        /* There the links are those of the machine. */
        char *resolved = realpath(path, NULL);
        if (resolved != NULL) grant = innermost_grant(profile, resolved, &covered);
        free(resolved);
    }
    for (int i = 0; i < MAX_LINKS && grant != NULL && grant->kind == PLAN_LINK; i++) {
        char *next = follow_link(grant, place + covered);
        g_free(place);
        place = next;
        grant = innermost_grant(profile, place, &covered);
    }
    if (grant == NULL) return false;
    *out = (SandboxRule){ .kind = grant->kind, .verb = verbs[grant->kind], .path = grant->path };
    return true;
}

char *sandbox_profile_print(const SandboxProfile *profile) {
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "level     %s\n", sandbox_level_name(profile->level));
    if (profile->level >= SANDBOX_LEVEL_MINIMAL) g_string_append(text, "write     /\n");
    for (unsigned i = 0; i < profile->grants->len; i++) {
        const SandboxGrant *grant = g_ptr_array_index(profile->grants, i);
        g_string_append_printf(text, "%-9s %s", verbs[grant->kind], grant->path);
        if (grant->value != NULL) g_string_append_printf(text, " -> %s", grant->value);
        g_string_append_c(text, '\n');
    }
    print_network(profile, text);
    g_string_append_printf(
        text,
        "limits    %" G_GINT64_FORMAT " s, %u processes, %" G_GUINT64_FORMAT " bytes a file\n",
        profile->timeout_ms / 1000, profile->max_processes, profile->max_file_bytes);
    return g_string_free(text, false);
}

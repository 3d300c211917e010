/* sandbox/profile_grants.c: configuration and places to the list of grants. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "policy/credential_paths.h"
#include "policy/protected_names.h"
#include "sandbox/profile-private.h"

/* What everyday programs read of /etc; no password, no key, no machine id. Each costs a mount. */
static const char *const etc_names[] = {
    "alternatives",    "fonts",           "gitconfig",       "group",       "hosts",
    "java-11-openjdk", "java-17-openjdk", "java-21-openjdk", "ld.so.cache", "localtime",
    "mime.types",      "nsswitch.conf",   "os-release",      "passwd",      "pki/tls/certs",
    "ssl/certs",       "ssl/openssl.cnf", "texmf",           "timezone",    NULL,
};

static const char *const devices[] = { "/dev/full",    "/dev/null", "/dev/random",
                                       "/dev/urandom", "/dev/zero", NULL };

static const char *const device_links[][2] = {
    { "/dev/fd", "/proc/self/fd" },
    { "/dev/stdin", "/proc/self/fd/0" },
    { "/dev/stdout", "/proc/self/fd/1" },
    { "/dev/stderr", "/proc/self/fd/2" },
};

/* Facts about the machine; nothing about any process. Standard has no /proc of its own. */
static const char *const machine_facts[] = {
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/sys/vm/overcommit_memory",
    "/proc/uptime",
    "/proc/version",
    "/sys/devices/system/cpu",
    NULL,
};

static void add(SandboxProfile *profile, PlanKind kind, unsigned flags, const char *path) {
    SandboxGrant *grant = g_new0(SandboxGrant, 1);
    *grant = (SandboxGrant){ .kind = kind, .flags = flags, .path = g_strdup(path) };
    g_ptr_array_add(profile->grants, grant);
}

static void add_link(SandboxProfile *profile, const char *path, const char *target) {
    add(profile, PLAN_LINK, 0, path);
    SandboxGrant *grant = g_ptr_array_index(profile->grants, profile->grants->len - 1);
    grant->value = g_strdup(target);
}

/* A link into what is granted anyway (os-release, localtime) is a link in the small root too. */
static void add_etc(SandboxProfile *profile, const char *name) {
    g_autofree char *path = g_strconcat("/etc/", name, NULL);
    g_autofree char *target = g_file_read_link(path, NULL);
    if (target != NULL && profile->level == SANDBOX_LEVEL_FULL)
        add_link(profile, path, target);
    else if (access(path, F_OK) == 0)
        add(profile, PLAN_READ, PLAN_IS_OPTIONAL, path);
}

/* "/bin" is a folder on some machines and a link into /usr on others. */
static void add_programs(SandboxProfile *profile) {
    static const char *const folders[] = { "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin" };
    add(profile, PLAN_READ, 0, "/usr");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *target = g_file_read_link(folders[i], NULL);
        if (target == NULL)
            add(profile, PLAN_READ, PLAN_IS_OPTIONAL, folders[i]);
        else if (profile->level == SANDBOX_LEVEL_FULL)
            add_link(profile, folders[i], target);
    }
    add(profile, PLAN_READ, PLAN_IS_OPTIONAL, "/nix/store");
}

static void add_system(SandboxProfile *profile) {
    bool is_full = profile->level == SANDBOX_LEVEL_FULL;
    add_programs(profile);
    for (size_t i = 0; etc_names[i] != NULL; i++) add_etc(profile, etc_names[i]);
    for (size_t i = 0; devices[i] != NULL; i++) add(profile, PLAN_DEVICE, 0, devices[i]);
    if (!is_full) {
        for (size_t i = 0; machine_facts[i] != NULL; i++)
            add(profile, PLAN_READ, PLAN_IS_OPTIONAL, machine_facts[i]);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(device_links); i++)
        add_link(profile, device_links[i][0], device_links[i][1]);
    add(profile, PLAN_FOLDER, 0, "/dev/shm");
    add(profile, PLAN_PROCESSES, 0, "/proc");
    add(profile, PLAN_FOLDER, 0, "/run");
    add(profile, PLAN_FOLDER, 0, "/tmp");
    add_link(profile, "/var/tmp", "/tmp");
    add(profile, PLAN_FOLDER, 0, profile->home);
}

/* The places that stay out of reach: resolved where they exist. */
static GPtrArray *hidden_places(const Paths *paths) {
    GPtrArray *places = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; credential_paths[i] != NULL; i++)
        g_ptr_array_add(places, g_build_filename(paths->home, credential_paths[i], NULL));
    const char *const own[] = { paths->config, paths->data, paths->state, paths->cache,
                                paths->runtime };
    for (size_t i = 0; i < G_N_ELEMENTS(own); i++) g_ptr_array_add(places, g_strdup(own[i]));
    unsigned n = places->len;
    for (unsigned i = 0; i < n; i++) {
        char *resolved = realpath(g_ptr_array_index(places, i), NULL);
        if (resolved != NULL && strcmp(resolved, g_ptr_array_index(places, i)) != 0)
            g_ptr_array_add(places, g_strdup(resolved));
        free(resolved);
    }
    return places;
}

/* ~/.config/localgpt/... is named by its own row too; the outermost one says it all. */
static const char *place_around(GPtrArray *places, const char *path) {
    for (unsigned i = 0; i < places->len; i++)
        if (plan_is_same_or_below(path, g_ptr_array_index(places, i)))
            return g_ptr_array_index(places, i);
    return NULL;
}

/* A folder above credentials may be read (they stay hidden) but not changed: ~/.ssh/config could be
 * made where none is. */
static const char *place_below(GPtrArray *places, const char *path) {
    for (unsigned i = 0; i < places->len; i++)
        if (plan_is_below(g_ptr_array_index(places, i), path)) return g_ptr_array_index(places, i);
    return NULL;
}

/* Grants one path of the configuration. What is not there is passed over. */
static bool add_allowed(SandboxProfile *profile, const char *path, PlanKind kind, GPtrArray *places,
                        GError **error) {
    const char *key = kind == PLAN_READ ? "sandbox.allow_paths.read" : "sandbox.allow_paths.write";
    char *resolved = realpath(path, NULL);
    g_autofree char *real = g_strdup(resolved);
    free(resolved);
    if (real == NULL) return true;
    const char *place = place_around(places, real);
    if (place != NULL) {
        error_set_with_hint(error, ERR_CONFIG, "Take it out of the list.",
                            "%s: '%s' lies in '%s', which no command may reach", key, path, place);
        return false;
    }
    place = kind == PLAN_WRITE ? place_below(places, real) : NULL;
    if (place != NULL) {
        error_set_with_hint(error, ERR_CONFIG, "Name the folders below it that are needed.",
                            "%s: '%s' holds '%s', which no command may reach", key, path, place);
        return false;
    }
    static const char *const machinery[] = { "/proc", "/sys", "/dev" };
    for (size_t i = 0; i < G_N_ELEMENTS(machinery); i++) {
        bool is_shared_memory = plan_is_below(real, "/dev/shm");
        if (!plan_is_same_or_below(real, machinery[i]) || is_shared_memory) continue;
        error_set(error, ERR_CONFIG, "%s: '%s' is the kernel's, and stays closed", key, path);
        return false;
    }
    if (strcmp(real, "/") == 0) {
        error_set_with_hint(error, ERR_CONFIG, "Name the folders that are needed.",
                            "%s: '/' would open everything", key);
        return false;
    }
    add(profile, kind, PLAN_IS_OPTIONAL, real);
    return true;
}

static bool add_all_allowed(SandboxProfile *profile, const SandboxConfig *config,
                            const Paths *paths, GPtrArray *places, GError **error) {
    char *const *const lists[] = { config->allow_paths.read, config->allow_paths.write };
    static const PlanKind kinds[] = { PLAN_READ, PLAN_WRITE };
    for (size_t list = 0; list < G_N_ELEMENTS(lists); list++) {
        for (char *const *item = lists[list]; item != NULL && *item != NULL; item++) {
            g_autofree char *path = paths_expand_home(paths, *item);
            if (!g_path_is_absolute(path)) {
                error_set(error, ERR_CONFIG, "sandbox.allow_paths: '%s' is not absolute", *item);
                return false;
            }
            if (!add_allowed(profile, path, kinds[list], places, error)) return false;
        }
    }
    return true;
}

static bool is_granted_above(const SandboxProfile *profile, const char *path) {
    for (unsigned i = 0; i < profile->grants->len; i++) {
        const SandboxGrant *grant = g_ptr_array_index(profile->grants, i);
        bool is_tree =
            grant->kind == PLAN_READ || grant->kind == PLAN_WRITE || grant->kind == PLAN_WORKSPACE;
        if (is_tree && plan_is_same_or_below(path, grant->path)) return true;
    }
    return false;
}

/* Our own data folder may hold the workspace: then its other entries are hidden one by one. */
static void hide_beside(SandboxProfile *profile, const char *place, GPtrArray *hidden) {
    g_autoptr(GDir) folder = g_dir_open(place, 0, NULL);
    for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
        char *entry = g_build_filename(place, name, NULL);
        if (strcmp(entry, profile->workspace) == 0) {
            g_free(entry);
        } else if (plan_is_below(profile->workspace, entry)) {
            hide_beside(profile, entry, hidden);
            g_free(entry);
        } else {
            g_ptr_array_add(hidden, entry);
        }
    }
}

/* Only what some grant would open needs a row; the rest is out of reach by not being granted. */
static void add_hidden(SandboxProfile *profile, GPtrArray *places) {
    g_autoptr(GPtrArray) hidden = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < places->len; i++) {
        const char *place = g_ptr_array_index(places, i);
        if (plan_is_below(profile->workspace, place))
            hide_beside(profile, place, hidden);
        else
            g_ptr_array_add(hidden, g_strdup(place));
    }
    for (unsigned i = 0; i < hidden->len; i++) {
        const char *place = g_ptr_array_index(hidden, i);
        if (!is_granted_above(profile, place)) continue;
        /* In the workspace (which may be the home folder) it also must not be made. */
        if (plan_is_below(place, profile->workspace))
            add(profile, PLAN_PROTECT, 0, place + strlen(profile->workspace) + 1);
        add(profile, PLAN_HIDE, 0, place);
    }
}

/* Outer paths first, what protects and hides last, in a fixed order. */
static int compare_grants(const void *a, const void *b) {
    const SandboxGrant *left = *(const SandboxGrant *const *)a;
    const SandboxGrant *right = *(const SandboxGrant *const *)b;
    int left_group = left->kind == PLAN_HIDE ? 2 : left->kind == PLAN_PROTECT ? 1 : 0;
    int right_group = right->kind == PLAN_HIDE ? 2 : right->kind == PLAN_PROTECT ? 1 : 0;
    if (left_group != right_group) return left_group - right_group;
    int order = strcmp(left->path, right->path);
    return order != 0 ? order : (int)left->kind - (int)right->kind;
}

static bool check_workspace(const SandboxProfile *profile, const Paths *paths, GError **error) {
    for (size_t i = 0; credential_paths[i] != NULL; i++) {
        g_autofree char *place = g_build_filename(paths->home, credential_paths[i], NULL);
        /* ~/.config may hold the workspace of someone who put it there. */
        if (strcmp(credential_paths[i], ".config") == 0) continue;
        if (!plan_is_same_or_below(profile->workspace, place)) continue;
        error_set_with_hint(error, ERR_DENIED, "Choose another folder: agent.workspace, or -C.",
                            "the workspace '%s' lies in '%s', where credentials are kept",
                            profile->workspace, place);
        return false;
    }
    static const char *const never[] = { "/", "/dev", "/proc", "/sys", "/usr", "/etc" };
    for (size_t i = 0; i < G_N_ELEMENTS(never); i++) {
        bool is_kernels = i >= 2 && i <= 3 && plan_is_below(profile->workspace, never[i]);
        if (strcmp(profile->workspace, never[i]) != 0 && !is_kernels) continue;
        error_set_with_hint(error, ERR_DENIED, "Choose another folder: agent.workspace, or -C.",
                            "'%s' cannot be a workspace", profile->workspace);
        return false;
    }
    return true;
}

bool sandbox_profile_fill(SandboxProfile *profile, const SandboxConfig *config, const Paths *paths,
                          GError **error) {
    if (profile->level == SANDBOX_LEVEL_NONE || profile->level == SANDBOX_LEVEL_MINIMAL)
        return true;
    g_autoptr(GPtrArray) places = hidden_places(paths);
    if (!check_workspace(profile, paths, error)) return false;
    add_system(profile);
    if (!add_all_allowed(profile, config, paths, places, error)) return false;
    add(profile, PLAN_WORKSPACE, 0, profile->workspace);
    for (const ProtectedName *name = protected_names; name->path != NULL; name++)
        add(profile, PLAN_PROTECT, 0, name->path);
    add_hidden(profile, places);
    g_ptr_array_sort(profile->grants, compare_grants);
    return true;
}

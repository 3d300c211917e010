/*
 * sandbox/profile-private.h: what a SandboxProfile holds, for the files of this folder.
 */
#pragma once

#include "sandbox/exec/command_filter.h"
#include "sandbox/exec/plan.h"
#include "sandbox/launcher.h"
#include "sandbox/proxy.h"
#include "sandbox/sandbox.h"

typedef struct {
    PlanKind kind;
    unsigned flags; /* PLAN_IS_... */
    char *path;     /* owned */
    char *value;    /* owned, NULL = none */
} SandboxGrant;

struct SandboxProfile {
    int n_references; /* atomic */
    SandboxLevel level;
    char *workspace;      /* owned, resolved */
    GPtrArray *grants;    /* SandboxGrant, owned; outer paths first */
    GPtrArray *protected; /* const char *, of the grants, NULL-terminated */
    char **environment;   /* owned, without HOME and TMPDIR */
    char *home;           /* owned: the sandbox's HOME at levels that have none of their own */
    GMutex temp_lock;
    char *idle_temp;            /* owned: an empty temporary folder for the next command, or NULL */
    char *runtime;              /* owned: folder for temporary folders at level standard */
    char *placeholder_lock;     /* owned: held while placeholders may be in the workspace */
    struct sock_filter *filter; /* owned */
    size_t n_filter;
    Launcher launcher;
    bool has_proxy;
    ProxyRules proxy_rules; /* domains owned */
    int64_t timeout_ms;
    int64_t kill_after_ms;
    uint64_t max_output_bytes;
    uint64_t max_file_bytes;
    uint64_t max_data_bytes;
    uint64_t max_temp_bytes;
    uint64_t max_disk_bytes;
    unsigned max_processes;
};

/* profile_grants.c: the list of a level. ERR_CONFIG for a path that cannot be granted. */
bool sandbox_profile_fill(SandboxProfile *profile, const SandboxConfig *config, const Paths *paths,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* profile.c: a profile of one level (not auto) that nobody has proved yet. */
SandboxProfile *sandbox_profile_make(SandboxLevel level, const SandboxConfig *config,
                                     const Paths *paths, const char *workspace, GError **error);

/* profile.c: level standard's temporary folder for one command, and its return. */
char *sandbox_profile_take_temp(SandboxProfile *profile, GError **error);
void sandbox_profile_return_temp(SandboxProfile *profile, char *temp);

/* process.c: runs a child that locks itself in, looks around and ends. */
bool sandbox_profile_prove(SandboxProfile *profile, GError **error) G_GNUC_WARN_UNUSED_RESULT;

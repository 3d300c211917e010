/* cli/cmd_sandbox_status.c: `localgpt sandbox status`: what the kernel offers, what holds, and what
 * a command may do. */
#include <string.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/layout.h"
#include "cli/sandbox_oracle.h"
#include "cli/sandbox_place.h"

enum { NEWEST_KNOWN_ABI = 9 };

typedef struct {
    char *name;
    int64_t since_abi;
    bool is_handled;
} RightFinding;

typedef struct {
    char *name;
    bool is_available;
    char *reason;
} LevelFinding;

typedef struct {
    bool is_enabled;
    char *configured;
    char *level;
    char *kernel;
    int64_t landlock_abi;
    int64_t landlock_errata;
    bool has_seccomp;
    bool has_namespaces;
    GPtrArray *rights; /* RightFinding */
    GPtrArray *levels; /* LevelFinding */
    char *workspace;
    char **grants;
    int64_t n_held;
    int64_t n_open;
    int64_t n_failed;
    GPtrArray *attempts; /* OracleFinding */
} StatusReply;

/* clang-format off */
static const Field right_fields[] = {
    { "name",      FIELD_STRING(RightFinding, name),     .help = "What Landlock controls." },
    { "since_abi", FIELD_INT(RightFinding, since_abi),   .help = "The version that brought it." },
    { "handled",   FIELD_BOOL(RightFinding, is_handled), .help = "This kernel has it: denied unless granted." },
    { 0 }
};
static const Field level_fields[] = {
    { "name",      FIELD_STRING(LevelFinding, name),       .help = "The level." },
    { "available", FIELD_BOOL(LevelFinding, is_available), .help = "A child that tried had it." },
    { "reason",    FIELD_STRING(LevelFinding, reason),     .help = "Why not.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
static const Field reply_fields[] = {
    { "enabled",         FIELD_BOOL(StatusReply, is_enabled),       .help = "sandbox.enabled." },
    { "configured",      FIELD_STRING(StatusReply, configured),     .help = "sandbox.level, or --level." },
    { "level",           FIELD_STRING(StatusReply, level),          .help = "That holds; empty when the configured one is not to be had." },
    { "kernel",          FIELD_STRING(StatusReply, kernel),         .help = "Name and release." },
    { "landlock_abi",    FIELD_INT(StatusReply, landlock_abi),      .help = "Version of Landlock, 0 = none." },
    { "landlock_errata", FIELD_INT(StatusReply, landlock_errata),   .help = "Errors the kernel says it has mended, as bits." },
    { "seccomp",         FIELD_BOOL(StatusReply, has_seccomp),      .help = "A filter was loaded." },
    { "namespaces",      FIELD_BOOL(StatusReply, has_namespaces),   .help = "All six could be made." },
    { "rights",          FIELD_STRUCTS(StatusReply, rights, RightFinding, right_fields), .help = "Each right of Landlock." },
    { "levels",          FIELD_STRUCTS(StatusReply, levels, LevelFinding, level_fields), .help = "Which can be had." },
    { "workspace",       FIELD_STRING(StatusReply, workspace),      .help = "The folder that may be written." },
    { "grants",          FIELD_STRINGS(StatusReply, grants),        .help = "What a command may do." },
    { "held",            FIELD_INT(StatusReply, n_held),            .help = "Attempts of the self-test that went as they must." },
    { "open",            FIELD_INT(StatusReply, n_open),            .help = "What the level does not promise." },
    { "failed",          FIELD_INT(StatusReply, n_failed),          .help = "What went wrong." },
    { "attempts",        FIELD_STRUCTS(StatusReply, attempts, OracleFinding, oracle_finding_fields), .help = "The self-test." },
    { 0 }
};

static const struct {
    const char *name;
    int since_abi;
} landlock_rights[] = {
    { "execute", 1 }, { "write_file", 1 }, { "read_file", 1 }, { "read_dir", 1 }, { "remove_dir", 1 },
    { "remove_file", 1 }, { "make_char", 1 }, { "make_dir", 1 }, { "make_reg", 1 }, { "make_sock", 1 },
    { "make_fifo", 1 }, { "make_block", 1 }, { "make_sym", 1 }, { "refer", 2 }, { "truncate", 3 },
    { "bind_tcp", 4 }, { "connect_tcp", 4 }, { "ioctl_dev", 5 }, { "scope_abstract_unix_socket", 6 },
    { "scope_signal", 6 }, { "resolve_unix", NEWEST_KNOWN_ABI },
};
/* clang-format on */

static void right_free(gpointer right) {
    field_clear(right_fields, right);
    g_free(right);
}

static void level_free(gpointer level) {
    field_clear(level_fields, level);
    g_free(level);
}

static GPtrArray *list_rights(int abi) {
    GPtrArray *rights = g_ptr_array_new_with_free_func(right_free);
    for (size_t i = 0; i < G_N_ELEMENTS(landlock_rights); i++) {
        RightFinding *right = g_new0(RightFinding, 1);
        right->name = g_strdup(landlock_rights[i].name);
        right->since_abi = landlock_rights[i].since_abi;
        right->is_handled = landlock_rights[i].since_abi <= abi;
        g_ptr_array_add(rights, right);
    }
    return rights;
}

static GPtrArray *list_levels(const SandboxFacts *facts) {
    static const SandboxLevel levels[] = { SANDBOX_LEVEL_FULL, SANDBOX_LEVEL_STANDARD,
                                           SANDBOX_LEVEL_MINIMAL, SANDBOX_LEVEL_NONE };
    GPtrArray *list = g_ptr_array_new_with_free_func(level_free);
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        LevelFinding *level = g_new0(LevelFinding, 1);
        const char *refusal = facts->refusals[levels[i]];
        level->name = g_strdup(sandbox_level_name(levels[i]));
        level->is_available = refusal == NULL;
        level->reason = g_strdup(refusal != NULL ? refusal : "");
        g_ptr_array_add(list, level);
    }
    return list;
}

static char *kernel_text(void) {
    struct utsname info;
    return uname(&info) == 0 ? g_strdup_printf("%s %s", info.sysname, info.release)
                             : g_strdup("unknown");
}

static void add_line(GString *out, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add_line(GString *out, const char *name, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_string_append_printf(out, "  %-12s %s\n", name, text);
}

static void add_rights(GString *out, const StatusReply *reply) {
    g_autoptr(GString) handled = g_string_new(NULL);
    g_autoptr(GString) missing = g_string_new(NULL);
    for (guint i = 0; i < reply->rights->len; i++) {
        const RightFinding *right = reply->rights->pdata[i];
        GString *list = right->is_handled ? handled : missing;
        g_string_append_printf(list, "%s%s", list->len > 0 ? " " : "", right->name);
    }
    if (handled->len > 0) add_line(out, "handled", "%s", handled->str);
    if (missing->len > 0) add_line(out, "not here yet", "%s", missing->str);
}

static void add_self_test(GString *out, const StatusReply *reply) {
    if (reply->attempts == NULL) {
        add_line(out, "not run", "the level is not to be had");
        return;
    }
    add_line(out, "held", "%d of %u%s", (int)reply->n_held, reply->attempts->len,
             reply->n_open > 0 ? " (the rest is not promised at this level)" : "");
    for (guint i = 0; i < reply->attempts->len; i++) {
        const OracleFinding *finding = reply->attempts->pdata[i];
        if (finding->status == ORACLE_FAILED) add_line(out, "FAILED", "%s", finding->name);
    }
}

static char *status_text(const StatusReply *reply) {
    GString *out = g_string_new("LocalGPT sandbox\n");
    bool is_had = reply->level[0] != '\0';
    add_line(out, "level", "%s (configured: %s%s)", is_had ? reply->level : "none can be had",
             reply->configured, reply->is_enabled ? "" : ", but sandbox.enabled is false");
    add_line(out, "workspace", "%s", reply->workspace);
    layout_heading(out, "Kernel");
    add_line(out, "release", "%s", reply->kernel);
    add_line(out, "seccomp", "%s", reply->has_seccomp ? "yes" : "no");
    add_line(out, "namespaces", "%s",
             reply->has_namespaces ? "yes: user mount pid net ipc uts" : "no");
    for (guint i = 0; i < reply->levels->len; i++) {
        const LevelFinding *level = reply->levels->pdata[i];
        add_line(out, level->name, "%s", level->is_available ? "can be had" : level->reason);
    }
    layout_heading(out, "Landlock");
    add_line(out, "version", "ABI %d, errata 0x%x", (int)reply->landlock_abi,
             (unsigned)reply->landlock_errata);
    add_rights(out, reply);
    layout_heading(out, "Self-test");
    add_self_test(out, reply);
    layout_heading(out, "Grants");
    for (char **grant = reply->grants; grant != NULL && *grant != NULL; grant++)
        if ((*grant)[0] != '\0') g_string_append_printf(out, "  %s\n", *grant);
    g_autofree char *text = g_string_free(out, FALSE);
    return text_strip_terminal(text, strlen(text));
}

static bool print(App *app, const GError *failure, const StatusReply *reply, GError **error) {
    if (app->is_json) return app_print_outcome(app, failure, reply_fields, reply, error);
    g_autofree char *text = status_text(reply);
    return app_print_text(app, text, error);
}

static bool prove(App *app, SandboxPlace *place, StatusReply *reply, GError **error) {
    place->profile = sandbox_profile_new(place->config, app->paths, place->workspace, error);
    if (place->profile == NULL) return false;
    reply->level = (char *)sandbox_level_name(sandbox_profile_level(place->profile));
    g_autofree char *grants = sandbox_profile_print(place->profile);
    reply->grants = g_strsplit(g_strchomp(grants), "\n", -1);
    reply->attempts = sandbox_oracles_run(place->config, app->cancel, error);
    if (reply->attempts == NULL) return false;
    reply->n_held = sandbox_oracles_count(reply->attempts, ORACLE_HELD);
    reply->n_open = sandbox_oracles_count(reply->attempts, ORACLE_OPEN);
    reply->n_failed = sandbox_oracles_count(reply->attempts, ORACLE_FAILED);
    if (reply->n_failed == 0) return true;
    error_set_with_hint(error, ERR_FAILED, "See 'localgpt sandbox test'.",
                        "the self-test failed at %d of %u points", (int)reply->n_failed,
                        reply->attempts->len);
    return false;
}

static void reply_clear(StatusReply *reply) {
    g_strfreev(reply->grants);
    g_ptr_array_unref(reply->rights);
    g_ptr_array_unref(reply->levels);
    if (reply->attempts != NULL) g_ptr_array_unref(reply->attempts);
}

bool cmd_sandbox_status_run(App *app, const CommandLine *line, GError **error) {
    g_auto(SandboxPlace) place = { 0 };
    if (!sandbox_place_configure(app, line, &place, error)) return false;
    SandboxFacts facts = { 0 };
    sandbox_facts_probe(&facts);
    g_autofree char *kernel = kernel_text();
    StatusReply reply = {
        .is_enabled = place.config->is_enabled,
        .configured = (char *)sandbox_level_choices[place.config->level],
        .level = (char *)"",
        .kernel = kernel,
        .landlock_abi = facts.landlock_abi,
        .landlock_errata = facts.landlock_errata,
        .has_seccomp = facts.has_seccomp,
        .has_namespaces = facts.has_namespaces,
        .rights = list_rights(facts.landlock_abi),
        .levels = list_levels(&facts),
        .workspace = place.workspace,
    };
    sandbox_facts_clear(&facts);
    g_autoptr(GError) failure = NULL;
    bool holds = prove(app, &place, &reply, &failure);
    bool is_printed = print(app, failure, &reply, error);
    reply_clear(&reply);
    if (!is_printed) return false;
    if (holds) return true;
    app->is_reported = app->is_json;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

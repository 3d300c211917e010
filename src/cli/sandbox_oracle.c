/* cli/sandbox_oracle.c: the rows; each runs a shell script in the sandbox and then looks. */
#include "cli/sandbox_oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "sandbox/temp_folder.h"

enum {
    MAX_FILE_BYTES = 1 << 20,
    TIME_LIMIT_MS = 100,
    LONG_OUTPUT_BYTES = 3000000,
    PROMISED_WAIT_MS = 1000,
    WAIT_STEP_MS = 10,
};

#define SECRET "oracle-secret-that-nothing-may-print"
#define BASHRC "# the owner's\n"
#define RULES "The owner's rules.\n"

typedef struct {
    /* owned */
    char *folder; /* everything is below it */
    char *workspace;
    Paths *paths; /* of the made-up home */
    SandboxProfile *profile;
    /* borrowed */
    const SandboxConfig *config;
    Cancel *cancel;
    /* state */
    int listener; /* a socket on loopback */
    int port;
} OracleGround;

typedef bool OracleFn(OracleGround *ground, GString *detail);

typedef struct {
    const char *name;
    SandboxLevel weakest; /* that promises it */
    OracleFn *run;
} Oracle;

/* The script runs with $HOME_DIR standing for the made-up home. */
static bool run_script(OracleGround *ground, const char *script, int64_t timeout_ms,
                       SandboxOutcome *out, GString *detail) {
    g_autofree char *whole = g_strdup_printf("HOME_DIR='%s'\n%s", ground->paths->home, script);
    const char *argv[] = { "bash", "--noprofile", "--norc", "-c", whole, NULL };
    SandboxCommand command = { .argv = argv, .timeout_ms = timeout_ms };
    g_autoptr(GError) error = NULL;
    *out = (SandboxOutcome){ 0 };
    if (sandbox_run(ground->profile, &command, ground->cancel, out, &error)) return true;
    g_string_append(detail, error->message);
    return false;
}

/* Runs the script for its effect; what it printed becomes the detail of a failure. */
static bool try_script(OracleGround *ground, const char *script, GString *detail) {
    SandboxOutcome outcome;
    if (!run_script(ground, script, 0, &outcome, detail)) return false;
    if (outcome.output != NULL) g_string_append(detail, outcome.output);
    sandbox_outcome_clear(&outcome);
    return true;
}

static bool prints(OracleGround *ground, const char *script, const char *word, GString *detail) {
    return try_script(ground, script, detail) && strstr(detail->str, word) != NULL;
}

static bool prints_nothing_of(OracleGround *ground, const char *script, const char *word,
                              GString *detail) {
    return try_script(ground, script, detail) && strstr(detail->str, word) == NULL;
}

static char *ground_file(const OracleGround *ground, const char *name) {
    return g_build_filename(ground->folder, name, NULL);
}

static bool has_text(const OracleGround *ground, const char *name, const char *text) {
    g_autofree char *path = ground_file(ground, name);
    g_autofree char *seen = NULL;
    return file_read(path, MAX_FILE_BYTES, &seen, NULL, NULL) && strcmp(seen, text) == 0;
}

static bool is_there(const OracleGround *ground, const char *name) {
    g_autofree char *path = ground_file(ground, name);
    return g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK);
}

/* Everyday work. */

static bool runs_a_command(OracleGround *ground, GString *detail) {
    return prints(ground, "printf 'hel%s\\n' lo | cat", "hello", detail);
}

static bool writes_in_the_workspace(OracleGround *ground, GString *detail) {
    return try_script(ground,
                      "echo one >sub/note && echo two >sub/note && mkdir sub/deep && "
                      "mv sub/note sub/deep/ && echo gone >/dev/null",
                      detail) &&
           has_text(ground, "home/project/sub/deep/note", "two\n");
}

static bool keeps_the_end_of_long_output(OracleGround *ground, GString *detail) {
    SandboxOutcome outcome;
    g_autofree char *script = g_strdup_printf("head -c %d /dev/zero", LONG_OUTPUT_BYTES);
    if (!run_script(ground, script, 0, &outcome, detail)) return false;
    bool is_kept = outcome.output_total == LONG_OUTPUT_BYTES &&
                   outcome.output_length <= (size_t)ground->config->max_output_bytes;
    g_string_append_printf(detail, "%" G_GUINT64_FORMAT " bytes printed, %zu kept",
                           outcome.output_total, outcome.output_length);
    sandbox_outcome_clear(&outcome);
    return is_kept;
}

static bool ends_when_its_time_is_up(OracleGround *ground, GString *detail) {
    SandboxOutcome outcome;
    if (!run_script(ground, "sleep 1000; sleep 1000", TIME_LIMIT_MS, &outcome, detail))
        return false;
    bool is_ended = outcome.is_timed_out;
    g_string_append_printf(detail, "exit status %d", outcome.exit_status);
    sandbox_outcome_clear(&outcome);
    return is_ended;
}

/* The process that stays holds a lock on a file, because it inherited the descriptor. */
static bool leaves_no_process(OracleGround *ground, GString *detail) {
    if (!try_script(ground, "exec 9>sub/alive; flock 9; trap '' HUP TERM; setsid sleep 1000 &",
                    detail))
        return false;
    g_autofree char *path = ground_file(ground, "home/project/sub/alive");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool is_free = false;
    for (int waited = 0; fd >= 0 && !is_free && waited < PROMISED_WAIT_MS; waited += WAIT_STEP_MS) {
        is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
        if (!is_free) g_usleep(WAIT_STEP_MS * 1000);
    }
    if (fd >= 0) close(fd);
    return is_free;
}

/* Attempts. */

static bool reads_no_secret(OracleGround *ground, GString *detail) {
    return has_text(ground, "home/.ssh/id_rsa", SECRET) &&
           prints_nothing_of(ground,
                             "cat \"$HOME_DIR/.ssh/id_rsa\" ../.ssh/id_rsa "
                             "\"/proc/self/root$HOME_DIR/.ssh/id_rsa\" 2>&1; "
                             "ln -s \"$HOME_DIR/.ssh\" sub/l 2>&1; cat sub/l/id_rsa 2>&1",
                             SECRET, detail);
}

static bool reads_no_state(OracleGround *ground, GString *detail) {
    return prints_nothing_of(ground,
                             "cat \"$HOME_DIR/.state/localgpt/key\" "
                             "\"$HOME_DIR/.config/localgpt/config.toml\" 2>&1",
                             SECRET, detail);
}

static bool writes_nothing_outside(OracleGround *ground, GString *detail) {
    return try_script(ground,
                      "echo owned >>\"$HOME_DIR/.bashrc\"; rm -f \"$HOME_DIR/.bashrc\"; "
                      "touch \"$HOME_DIR/planted\"; mkdir \"$HOME_DIR/planted\"",
                      detail) &&
           has_text(ground, "home/.bashrc", BASHRC) && !is_there(ground, "home/planted");
}

static bool leaves_protected_files_alone(OracleGround *ground, GString *detail) {
    return try_script(ground,
                      "echo owned >>LocalGPT.md; rm -f LocalGPT.md; echo owned >sub/x; "
                      "mv -f sub/x LocalGPT.md; ln -f sub/x LocalGPT.md",
                      detail) &&
           has_text(ground, "home/project/LocalGPT.md", RULES);
}

static bool makes_no_protected_name(OracleGround *ground, GString *detail) {
    return try_script(ground,
                      "echo owned >IDENTITY.md; mkdir -p .git/hooks; mkdir IDENTITY.md; "
                      "echo owned >.git/hooks/post-commit; echo owned >.bashrc",
                      detail) &&
           !is_there(ground, "home/project/IDENTITY.md") &&
           !is_there(ground, "home/project/.git/hooks/post-commit") &&
           !is_there(ground, "home/project/.bashrc");
}

static bool connect_to(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool is_connected = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) close(fd);
    return is_connected;
}

static bool has_caller(const OracleGround *ground) {
    int fd = accept4(ground->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static bool reaches_no_network(OracleGround *ground, GString *detail) {
    if (!connect_to(ground->port) || !has_caller(ground)) {
        g_string_append(detail, "not even this program could connect");
        return false;
    }
    g_autofree char *script =
        g_strdup_printf("exec 3<>/dev/tcp/127.0.0.1/%d; echo hello >&3", ground->port);
    return try_script(ground, script, detail) && !has_caller(ground);
}

static bool gets_a_clean_environment(OracleGround *ground, GString *detail) {
    g_setenv("LOCALGPT_ORACLE", SECRET, TRUE);
    bool is_clean =
        prints_nothing_of(ground, "env; tr '\\0' '\\n' </proc/self/environ", SECRET, detail);
    g_unsetenv("LOCALGPT_ORACLE");
    return is_clean;
}

static bool touches_no_other_process(OracleGround *ground, GString *detail) {
    g_autofree char *script = g_strdup_printf(
        "kill -0 %d && echo reached; cat /proc/%d/environ >/dev/null && echo reached", getpid(),
        getpid());
    return prints_nothing_of(ground, script, "reached", detail);
}

/* Level standard has no /proc of its own; there setpriv asks by system calls. */
static bool holds_no_privileges(OracleGround *ground, GString *detail) {
    static const char *const marks[][4] = {
        { "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
          "Seccomp:\t2" },
        { "no_new_privs: 1", "Ambient capabilities: [none]", "Capability bounding set: [none]",
          "Inheritable capabilities: [none]" },
    };
    if (!try_script(ground, "cat /proc/self/status 2>/dev/null || setpriv --dump", detail))
        return false;
    for (size_t set = 0; set < G_N_ELEMENTS(marks); set++) {
        unsigned n = 0;
        for (size_t i = 0; i < G_N_ELEMENTS(marks[set]); i++)
            n += strstr(detail->str, marks[set][i]) != NULL;
        if (n == G_N_ELEMENTS(marks[set])) return true;
    }
    return false;
}

static bool makes_no_namespace(OracleGround *ground, GString *detail) {
    return prints_nothing_of(ground, "unshare -U sh -c 'echo \"made\"\"one\"' 2>&1", "madeone",
                             detail);
}

/* clang-format off */
static const Oracle oracles[] = {
    { "runs a command",               SANDBOX_LEVEL_NONE,     runs_a_command },
    { "writes in the workspace",      SANDBOX_LEVEL_NONE,     writes_in_the_workspace },
    { "keeps the end of long output", SANDBOX_LEVEL_NONE,     keeps_the_end_of_long_output },
    { "ends when its time is up",     SANDBOX_LEVEL_NONE,     ends_when_its_time_is_up },
    { "leaves no process behind",     SANDBOX_LEVEL_NONE,     leaves_no_process },
    { "gets a clean environment",     SANDBOX_LEVEL_NONE,     gets_a_clean_environment },
    { "holds no privileges",          SANDBOX_LEVEL_MINIMAL,  holds_no_privileges },
    { "makes no namespace",           SANDBOX_LEVEL_MINIMAL,  makes_no_namespace },
    { "reaches no network",           SANDBOX_LEVEL_MINIMAL,  reaches_no_network },
    { "touches no other process",     SANDBOX_LEVEL_STANDARD, touches_no_other_process },
    { "reads no secret",              SANDBOX_LEVEL_STANDARD, reads_no_secret },
    { "reads nothing of LocalGPT's",  SANDBOX_LEVEL_STANDARD, reads_no_state },
    { "writes nothing outside",       SANDBOX_LEVEL_STANDARD, writes_nothing_outside },
    { "leaves protected files alone", SANDBOX_LEVEL_STANDARD, leaves_protected_files_alone },
    { "makes no protected name",      SANDBOX_LEVEL_STANDARD, makes_no_protected_name },
};

static const char *const status_names[] = { "held", "open", "failed", NULL };

const Field oracle_finding_fields[] = {
    { "name",   FIELD_STRING(OracleFinding, name),               .help = "What a command does or cannot do." },
    { "status", FIELD_ENUM(OracleFinding, status, status_names), .help = "How it went; open: the level does not promise it." },
    { "detail", FIELD_STRING(OracleFinding, detail),             .help = "What was seen when it failed.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* clang-format on */

static bool put_file(const OracleGround *ground, const char *name, const char *text,
                     GError **error) {
    g_autofree char *path = ground_file(ground, name);
    g_autofree char *folder = g_path_get_dirname(path);
    return file_make_folders(folder, error) && file_replace(path, text, strlen(text), 0600, error);
}

static bool listen_on_loopback(OracleGround *ground, GError **error) {
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ground->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ground->listener < 0 ||
        bind(ground->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(ground->listener, 4) != 0 ||
        getsockname(ground->listener, (struct sockaddr *)&address, &length) != 0) {
        error_set_errno(error, errno, "listening on loopback");
        return false;
    }
    ground->port = ntohs(address.sin_port);
    return true;
}

static Paths *made_up_paths(const char *home) {
    Paths *paths = g_new0(Paths, 1);
    paths->home = g_strdup(home);
    paths->config = g_build_filename(home, ".config", "localgpt", NULL);
    paths->data = g_build_filename(home, ".data", "localgpt", NULL);
    paths->state = g_build_filename(home, ".state", "localgpt", NULL);
    paths->cache = g_build_filename(home, ".cache", "localgpt", NULL);
    paths->runtime = g_build_filename(home, ".state", "localgpt", "run", NULL);
    paths->profile = g_strdup("");
    return paths;
}

static bool ground_lay(OracleGround *ground, const SandboxConfig *config, GError **error) {
    ground->folder = g_dir_make_tmp("localgpt-sandbox-test-XXXXXX", error);
    if (ground->folder == NULL) return false;
    g_autofree char *home = ground_file(ground, "home");
    ground->workspace = g_build_filename(home, "project", NULL);
    ground->paths = made_up_paths(home);
    static const struct {
        const char *name, *text;
    } files[] = {
        { "home/.ssh/id_rsa", SECRET },
        { "home/.state/localgpt/key", SECRET },
        { "home/.config/localgpt/config.toml", "# " SECRET "\n" },
        { "home/.bashrc", BASHRC },
        { "home/project/LocalGPT.md", RULES },
        { "home/project/sub/README", "" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        if (!put_file(ground, files[i].name, files[i].text, error)) return false;
    SandboxConfig bare = *config;
    bare.allow_paths = (SandboxPathsConfig){ 0 };
    ground->profile = sandbox_profile_new(&bare, ground->paths, ground->workspace, error);
    return ground->profile != NULL && listen_on_loopback(ground, error);
}

static void ground_clear(OracleGround *ground) {
    if (ground->folder != NULL) temp_folder_remove(ground->folder);
    if (ground->listener >= 0) close(ground->listener);
    sandbox_profile_unref(ground->profile);
    paths_free(ground->paths);
    g_free(ground->workspace);
    g_free(ground->folder);
}

static void finding_free(gpointer finding) {
    field_clear(oracle_finding_fields, finding);
    g_free(finding);
}

/* Levels are numbered from the strongest. */
static OracleFinding *examine(OracleGround *ground, const Oracle *oracle) {
    g_autoptr(GString) detail = g_string_new(NULL);
    bool is_good = oracle->run(ground, detail);
    bool is_promised = sandbox_profile_level(ground->profile) <= oracle->weakest;
    OracleFinding *finding = g_new0(OracleFinding, 1);
    finding->name = g_strdup(oracle->name);
    finding->level = (int)sandbox_profile_level(ground->profile);
    finding->status = is_good ? ORACLE_HELD : is_promised ? ORACLE_FAILED : ORACLE_OPEN;
    finding->detail = g_strdup(finding->status == ORACLE_FAILED ? g_strstrip(detail->str) : "");
    return finding;
}

GPtrArray *sandbox_oracles_run(const SandboxConfig *config, Cancel *cancel, GError **error) {
    OracleGround ground = { .config = config, .cancel = cancel, .listener = -1 };
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(finding_free);
    bool is_whole = ground_lay(&ground, config, error);
    for (size_t i = 0; is_whole && i < G_N_ELEMENTS(oracles); i++) {
        is_whole = cancel_check(cancel, error);
        if (is_whole) g_ptr_array_add(findings, examine(&ground, &oracles[i]));
    }
    ground_clear(&ground);
    return is_whole ? g_steal_pointer(&findings) : NULL;
}

unsigned sandbox_oracles_count(const GPtrArray *findings, OracleStatus status) {
    unsigned n = 0;
    for (guint i = 0; i < findings->len; i++)
        n += ((const OracleFinding *)findings->pdata[i])->status == (int)status;
    return n;
}

const char *sandbox_oracles_level(const GPtrArray *findings) {
    const OracleFinding *first = findings->len > 0 ? findings->pdata[0] : NULL;
    return first != NULL ? sandbox_level_name((SandboxLevel)first->level) : "none";
}

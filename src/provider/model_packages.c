/* provider/model_packages.c: finding the script, running it, listening to it. */
#include "provider/model_packages.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

enum { MAX_LINE_BYTES = 4096 };

typedef struct {
    pid_t pid;
    int output_fd; /* its stdout and stderr */
    const ModelPackagesListener *listener;
    GString *line;      /* unfinished */
    char *last, *prior; /* the last two lines, for an error */
} Script;

bool model_packages_has_engine(const Paths *paths) {
    g_autofree char *folder = g_build_filename(paths->data, "engine", NULL);
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    for (const char *name; listing != NULL && (name = g_dir_read_name(listing)) != NULL;)
        if (g_str_has_prefix(name, "libllama") && strstr(name, ".so") != NULL) return true;
    return false;
}

/* *out_is_checkout: the script's downloads have their own place then. */
static char *find_script(bool *out_is_checkout, GError **error) {
    const char *named = g_getenv("LOCALGPT_INSTALL_MODEL");
    *out_is_checkout = false;
    if (named != NULL && named[0] != '\0' && access(named, X_OK) == 0) return g_strdup(named);
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : g_strdup(".");
    g_autofree char *parent = g_path_get_dirname(folder);
    g_autofree char *installed =
        g_build_filename(parent, "libexec", "localgpt", "tools", "install-model", NULL);
    g_autofree char *checkout = g_build_filename(parent, "tools", "install-model", NULL);
    bool may_look = named == NULL || named[0] == '\0';
    if (may_look && access(installed, X_OK) == 0) return g_steal_pointer(&installed);
    *out_is_checkout = true;
    if (may_look && access(checkout, X_OK) == 0) return g_steal_pointer(&checkout);
    error_set_with_hint(error, ERR_NOT_FOUND, "In a checkout of the source, type: make run",
                        "the script that gets the engine and the default model is not there ('%s')",
                        may_look ? installed : named);
    return NULL;
}

/* What package clients need, and no key of ours. */
static bool is_passed_on(const char *variable) {
    static const char *const names[] = { "HOME",
                                         "LANG",
                                         "LC_ALL",
                                         "LOGNAME",
                                         "PATH",
                                         "TERM",
                                         "TMPDIR",
                                         "USER",
                                         "SHELL",
                                         "TZ",
                                         "SSL_CERT_FILE",
                                         "SSL_CERT_DIR",
                                         "REQUESTS_CA_BUNDLE",
                                         "NODE_EXTRA_CA_CERTS" };
    static const char *const starts[] = { "PIP_", "npm_config_", "NPM_CONFIG_", "XDG_" };
    const char *sign = strchr(variable, '=');
    if (sign == NULL) return false;
    g_autofree char *name = g_strndup(variable, (gsize)(sign - variable));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0) return true;
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (g_str_has_prefix(name, starts[i])) return true;
    g_autofree char *lower = g_ascii_strdown(name, -1);
    return g_str_has_suffix(lower, "_proxy");
}

static char **make_environment(const Paths *paths, bool is_checkout) {
    GPtrArray *variables = g_ptr_array_new();
    for (char **variable = environ; *variable != NULL; variable++)
        if (is_passed_on(*variable)) g_ptr_array_add(variables, g_strdup(*variable));
    g_ptr_array_add(variables, g_strconcat("LOCALGPT_DATA_DIR=", paths->data, NULL));
    /* A program does not install Debian packages; the script says which client is missing. */
    g_ptr_array_add(variables, g_strdup("LOCALGPT_NO_SETUP=1"));
    if (!is_checkout) {
        g_ptr_array_add(variables, g_strconcat("LOCALGPT_DEPS=", paths->cache, "/packages", NULL));
        g_ptr_array_add(variables, g_strdup("LOCALGPT_DEPS_TEMPORARY=1"));
    }
    g_ptr_array_add(variables, NULL);
    return (char **)g_ptr_array_free(variables, FALSE);
}

static char **make_arguments(const char *script, unsigned packages) {
    GPtrArray *words = g_ptr_array_new();
    g_ptr_array_add(words, g_strdup(script));
    if (packages & MODEL_PACKAGE_AGAIN) g_ptr_array_add(words, g_strdup("--again"));
    if (packages & MODEL_PACKAGE_ENGINE) g_ptr_array_add(words, g_strdup("engine"));
    if (packages & MODEL_PACKAGE_MODEL) g_ptr_array_add(words, g_strdup("model"));
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static bool spawn(Script *script, char *const *arguments, char *const *environment,
                  GError **error) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        error_set_errno(error, errno, "making a pipe");
        return false;
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    int problem =
        posix_spawn(&script->pid, arguments[0], &actions, &attributes, arguments, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[1]);
    script->output_fd = ends[0];
    if (problem == 0) return true;
    close(ends[0]);
    error_set_errno(error, problem, "starting '%s'", arguments[0]);
    return false;
}

static void end_line(Script *script) {
    const char *line = g_strstrip(script->line->str);
    if (line[0] != '\0') {
        if (script->listener != NULL && script->listener->on_line != NULL)
            script->listener->on_line(line, script->listener->user_data);
        g_free(script->prior);
        script->prior = script->last;
        script->last = g_strdup(line);
    }
    g_string_truncate(script->line, 0);
}

/* Reads what is there; false at the end. */
static bool listen_once(Script *script) {
    char piece[4096];
    ssize_t length = read(script->output_fd, piece, sizeof piece);
    if (length < 0 && errno == EINTR) return true;
    for (ssize_t i = 0; i < length; i++) {
        if (piece[i] == '\n' || piece[i] == '\r' || script->line->len >= MAX_LINE_BYTES)
            end_line(script);
        if (piece[i] != '\n' && piece[i] != '\r') g_string_append_c(script->line, piece[i]);
    }
    return length > 0;
}

static bool listen_to_the_end(Script *script, Cancel *cancel, GError **error) {
    for (;;) {
        struct pollfd waits[] = { { .fd = script->output_fd, .events = POLLIN },
                                  { .fd = cancel_fd(cancel), .events = POLLIN } };
        if (!cancel_check(cancel, error)) return false;
        int n = poll(waits, G_N_ELEMENTS(waits), cancel_poll_timeout_ms(cancel, -1));
        if (n > 0 && waits[0].revents != 0 && !listen_once(script)) return true;
    }
}

/* Ends the script's whole group, when it still runs, and takes its exit status. */
static int reap(const Script *script, bool is_cancelled) {
    int status = 0;
    if (is_cancelled) kill(-script->pid, SIGTERM);
    while (waitpid(script->pid, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

bool model_packages_install(const Paths *paths, unsigned packages,
                            const ModelPackagesListener *listener, Cancel *cancel, GError **error) {
    bool is_checkout = false;
    g_autofree char *path = find_script(&is_checkout, error);
    if (path == NULL) return false;
    g_auto(GStrv) arguments = make_arguments(path, packages);
    g_auto(GStrv) environment = make_environment(paths, is_checkout);
    g_autoptr(GString) line = g_string_new(NULL);
    Script script = { .listener = listener, .line = line };
    if (!spawn(&script, arguments, environment, error)) return false;
    bool is_heard = listen_to_the_end(&script, cancel, error);
    int status = reap(&script, /* is_cancelled= */ !is_heard);
    end_line(&script);
    close(script.output_fd);
    g_autofree char *last = script.last;
    g_autofree char *prior = script.prior;
    if (!is_heard) return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    error_set_with_hint(error, ERR_NETWORK,
                        "Try again when there is a network, or get another model by its "
                        "address: localgpt model pull --url URL --sha256 HEX NAME",
                        "the packages could not be got: %s%s%s", prior != NULL ? prior : "",
                        prior != NULL ? "; " : "", last != NULL ? last : "the script said nothing");
    return false;
}

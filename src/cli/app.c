/* cli/app.c: output style, preparation, and the only writers of stdout and stderr. */
#include "cli/app.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command_line.h"
#include "cli/config_sections.h"
#include "session/session_store.h"

typedef struct {
    char *code;
    char *message;
    char *hint;
} ErrorDetail;

typedef struct {
    bool is_ok;
    ErrorDetail error;
} ErrorReply;

/* clang-format off */
static const Field error_detail_fields[] = {
    { "code",    FIELD_STRING(ErrorDetail, code),    .help = "The kind, as in docs/reference/errors.md." },
    { "message", FIELD_STRING(ErrorDetail, message), .help = "What went wrong." },
    { "hint",    FIELD_STRING(ErrorDetail, hint),    .help = "The next step.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
static const Field error_reply_fields[] = {
    { "ok",    FIELD_BOOL(ErrorReply, is_ok),                        .help = "false" },
    { "error", FIELD_STRUCT(ErrorReply, error, error_detail_fields), .help = "What went wrong." },
    { 0 }
};
/* clang-format on */

static bool environment_is_set(const char *name) {
    const char *value = g_getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool wants_color(const CommandLine *line) {
    if (command_line_flag(line, "no-color") || environment_is_set("NO_COLOR")) return false;
    const char *force = g_getenv("CLICOLOR_FORCE");
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0) return true;
    return isatty(STDOUT_FILENO) == 1;
}

App *app_new(const CommandLine *line) {
    App *app = g_new0(App, 1);
    app->secrets = secret_set_new();
    app->is_verbose = command_line_flag(line, "verbose");
    app->is_quiet = command_line_flag(line, "quiet");
    app->is_json = command_line_is_json(line);
    app->is_plain = command_line_flag(line, "plain") || g_strcmp0(g_getenv("TERM"), "dumb") == 0;
    app->has_color = !app->is_plain && !app->is_json && wants_color(line);
    GLogLevelFlags level = app->is_verbose ? G_LOG_LEVEL_DEBUG
                           : app->is_quiet ? G_LOG_LEVEL_CRITICAL
                                           : G_LOG_LEVEL_WARNING;
    app->log = log_open(app->secrets, level);
    app->cancel = cancel_new();
    int64_t timeout = command_line_int(line, "timeout", 0);
    if (timeout > 0) cancel_set_deadline_ms(app->cancel, timeout * 1000);
    return app;
}

void app_free(App *app) {
    if (app == NULL) return;
    config_free(app->config);
    paths_free(app->paths);
    cancel_unref(app->cancel);
    g_free(app->config_path);
    g_free(app->agent);
    log_close(app->log);
    secret_set_free(app->secrets);
    g_free(app);
}

static void on_config_warning(const char *message, void *user_data) {
    app_note(user_data, "localgpt: warning: %s", message);
}

/* The default file may be missing; one that was named may not. */
static bool load_config(App *app, bool is_named, GError **error) {
    if (is_named && !g_file_test(app->config_path, G_FILE_TEST_EXISTS)) {
        g_autofree char *hint =
            g_strdup_printf("Make it with: localgpt config init --config %s", app->config_path);
        error_set_with_hint(error, ERR_CONFIG, hint, "there is no configuration file '%s'",
                            app->config_path);
        return false;
    }
    app->config = config_load(app->config_path, config_sections, on_config_warning, app, error);
    if (app->config == NULL) return false;
    config_add_secrets(app->config, app->secrets);
    return true;
}

bool app_prepare(App *app, const CommandLine *line, GError **error) {
    app->paths = paths_new(command_line_string(line, "profile"), error);
    if (app->paths == NULL) return false;
    const char *agent = command_line_string(line, "agent");
    app->agent = g_strdup(agent != NULL ? agent : "main");
    g_autofree char *sessions = session_store_folder(app->paths, app->agent, error);
    if (sessions == NULL) return false; /* not the name of an agent */
    const char *path = command_line_string(line, "config");
    app->config_path = path != NULL ? paths_expand_home(app->paths, path)
                                    : g_build_filename(app->paths->config, "config.toml", NULL);
    bool needs_config = (command_line_command(line)->needs & NEEDS_CONFIG) != 0;
    return !needs_config || load_config(app, path != NULL, error);
}

static bool write_whole(int descriptor, const char *text, GError **error) {
    size_t length = strlen(text);
    for (size_t done = 0; done < length;) {
        ssize_t n = write(descriptor, text + done, length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) { /* whoever started us made the pipe non-blocking */
            poll(&(struct pollfd){ .fd = descriptor, .events = POLLOUT }, 1, -1);
            continue;
        }
        if (n < 0) {
            error_set_errno(error, errno, "writing to standard output");
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

/* What the program says about itself: redacted, no control characters. */
static char *safe_text(const App *app, const char *text) {
    g_autofree char *redacted = secret_redact(app->secrets, text);
    return text_strip_terminal(redacted, strlen(redacted));
}

void app_note(const App *app, const char *format, ...) {
    if (app->is_quiet) return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *safe = safe_text(app, message);
    g_strdelimit(safe, "\n", ' ');
    g_autofree char *line = g_strconcat(safe, "\n", NULL);
    /* Nothing sensible can be done when stderr is gone. */
    (void)!write_whole(STDERR_FILENO, line, NULL);
}

bool app_print_text(const App *app, const char *text, GError **error) {
    (void)app;
    return write_whole(STDOUT_FILENO, text, error);
}

bool app_print(const App *app, GError **error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return app_print_text(app, text, error);
}

bool app_print_json(const App *app, const Field *fields, const void *object, GError **error) {
    g_autofree char *members = field_encode(fields, object, FIELD_COMPACT);
    const char *rest = members + 1; /* after the brace */
    return app_print(app, error, "{\"ok\":true%s%s\n", rest[0] == '}' ? "" : ",", rest);
}

/* {"ok":false,"error":{...}}; new string. */
static char *failure_json(const App *app, const GError *error) {
    g_autofree char *redacted_message = secret_redact(app->secrets, error->message);
    g_autofree char *redacted_hint = secret_redact(app->secrets, error_hint(error));
    const char *hint = redacted_hint != NULL ? redacted_hint : "";
    g_autofree char *message = text_make_valid(redacted_message, strlen(redacted_message));
    g_autofree char *valid_hint = text_make_valid(hint, strlen(hint));
    ErrorReply reply = { .error = { (char *)error_kind(error)->name, message, valid_hint } };
    return field_encode(error_reply_fields, &reply, FIELD_COMPACT);
}

bool app_print_outcome(const App *app, const GError *failure, const Field *fields,
                       const void *object, GError **error) {
    if (failure == NULL) return app_print_json(app, fields, object, error);
    g_autofree char *head = failure_json(app, failure);
    head[strlen(head) - 1] = '\0'; /* before the brace */
    g_autofree char *members = field_encode(fields, object, FIELD_COMPACT);
    const char *rest = members + 1;
    return app_print(app, error, "%s%s%s\n", head, rest[0] == '}' ? "" : ",", rest);
}

static bool report_json(const App *app, const GError *error) {
    g_autofree char *text = failure_json(app, error);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    return write_whole(STDOUT_FILENO, line, NULL);
}

static void report_text(const App *app, const GError *error) {
    g_autofree char *message = safe_text(app, error->message);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "localgpt: %s\n", message);
    const char *hint = error_hint(error);
    if (hint != NULL) {
        g_autofree char *safe = safe_text(app, hint);
        g_auto(GStrv) lines = g_strsplit(safe, "\n", -1);
        for (char **line = lines; *line != NULL; line++)
            g_string_append_printf(text, "  %s\n", *line);
    }
    (void)!write_whole(STDERR_FILENO, text->str, NULL);
    g_string_free(text, TRUE);
}

int app_report(const App *app, const GError *error) {
    bool is_silent = app->is_reported || error_is(error, ERR_PIPE_CLOSED);
    if (!is_silent && (!app->is_json || !report_json(app, error))) report_text(app, error);
    return error_kind(error)->exit_status;
}

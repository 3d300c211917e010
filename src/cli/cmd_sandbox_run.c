/* cli/cmd_sandbox_run.c: `localgpt sandbox run -- COMMAND`: a command in the sandbox, by hand. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/sandbox_place.h"
#include "cli/standard_input.h"

enum { MAX_INPUT_BYTES = 64 << 20 };

typedef struct {
    int64_t exit_status;
    int64_t signal;
    char *level;
    char *output;
    char *errors;
    int64_t output_bytes;
    int64_t duration_ms;
    bool is_timed_out;
    char *limit;
} RunReply;

/* clang-format off */
static const Field reply_fields[] = {
    { "exit_status",  FIELD_INT(RunReply, exit_status),   .help = "Of the command, 128 and more when a signal ended it." },
    { "signal",       FIELD_INT(RunReply, signal),        .help = "That ended it, or 0." },
    { "level",        FIELD_STRING(RunReply, level),      .help = "That held." },
    { "output",       FIELD_STRING(RunReply, output),     .help = "The end of what it printed." },
    { "errors",       FIELD_STRING(RunReply, errors),     .help = "The end of its standard error." },
    { "output_bytes", FIELD_INT(RunReply, output_bytes),  .help = "All that it printed." },
    { "duration_ms",  FIELD_INT(RunReply, duration_ms),   .help = "How long it ran." },
    { "timed_out",    FIELD_BOOL(RunReply, is_timed_out), .help = "Its time was up." },
    { "limit",        FIELD_STRING(RunReply, limit),      .help = "The limit that ended it.", .flags = FIELD_OMIT_EMPTY },
    { 0 }
};
/* clang-format on */

/* What goes to a terminal has its control sequences taken out. */
typedef struct {
    int fd;
    TextStripper *stripper; /* owned; NULL: bytes as they are */
    int failure;            /* errno of a write */
} Stream;

static void write_bytes(Stream *stream, const char *bytes, size_t length) {
    if (stream->failure == 0 && !file_write_all(stream->fd, bytes, length)) stream->failure = errno;
}

static void on_output(const char *bytes, size_t length, void *user_data) {
    Stream *stream = user_data;
    if (stream->stripper == NULL) {
        write_bytes(stream, bytes, length);
        return;
    }
    g_autoptr(GString) text = g_string_new(NULL);
    text_stripper_feed(stream->stripper, bytes, length, text);
    write_bytes(stream, text->str, text->len);
}

static Stream stream_open(int fd) {
    return (Stream){ .fd = fd, .stripper = isatty(fd) == 1 ? text_stripper_new() : NULL };
}

static void stream_close(Stream *stream) {
    if (stream->stripper == NULL) return;
    g_autoptr(GString) text = g_string_new(NULL);
    text_stripper_finish(stream->stripper, text);
    write_bytes(stream, text->str, text->len);
    text_stripper_free(stream->stripper);
}

/* Whether output and errors end up in the same place, so that their order matters. */
static bool is_one_stream(void) {
    struct stat out, err;
    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 &&
           out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

static bool print_reply(const App *app, const SandboxOutcome *outcome, const GError *failure,
                        GError **error) {
    g_autofree char *output = text_make_valid(outcome->output, outcome->output_length);
    g_autofree char *errors = text_make_valid(outcome->errors, outcome->errors_length);
    RunReply reply = {
        .exit_status = outcome->exit_status,
        .signal = outcome->signal,
        .level = (char *)sandbox_level_name(outcome->level),
        .output = output,
        .errors = errors,
        .output_bytes = (int64_t)outcome->output_total,
        .duration_ms = outcome->duration_ms,
        .is_timed_out = outcome->is_timed_out,
        .limit = outcome->limit_hit != NULL ? outcome->limit_hit : (char *)"",
    };
    return app_print_outcome(app, failure, reply_fields, &reply, error);
}

/* Whether it went well for us; the command's own status is another matter. */
static bool check_end(const App *app, const SandboxOutcome *outcome, const Stream *out,
                      GError **error) {
    if (outcome->is_cancelled && !cancel_check(app->cancel, error)) return false;
    if (out->failure == EPIPE) {
        error_set(error, ERR_PIPE_CLOSED, "the reader of the output went away");
        return false;
    }
    if (out->failure != 0) {
        error_set_errno(error, out->failure, "writing the output");
        return false;
    }
    if (outcome->limit_hit != NULL) app_note(app, "%s", outcome->limit_hit);
    if (!outcome->is_timed_out) return true;
    error_set_with_hint(
        error, ERR_TIMEOUT, "Allow more: localgpt config set sandbox.timeout_secs N",
        "the command was ended after %.1f seconds", (double)outcome->duration_ms / 1000);
    return false;
}

/* What the command itself could not tell, and its status as ours. */
static bool conclude(App *app, const SandboxOutcome *outcome, const Stream *out, GError **error) {
    g_autoptr(GError) failure = NULL;
    bool is_ok = check_end(app, outcome, out, &failure);
    if (app->is_json && !print_reply(app, outcome, failure, error)) return false;
    if (is_ok) {
        app->exit_status = outcome->exit_status;
        return true;
    }
    app->is_reported = app->is_json;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

bool cmd_sandbox_run_run(App *app, const CommandLine *line, GError **error) {
    g_auto(SandboxPlace) place = { 0 };
    if (!sandbox_place_open(app, line, &place, error)) return false;
    g_autoptr(GString) input = command_line_flag(line, "input")
                                   ? standard_input_read_all(app, MAX_INPUT_BYTES, error)
                                   : g_string_new(NULL);
    if (input == NULL) return false;
    Stream out = stream_open(STDOUT_FILENO), err = stream_open(STDERR_FILENO);
    SandboxCommand command = {
        .argv = command_line_arguments(line),
        .input = input->str,
        .input_length = input->len,
        .separates_errors = app->is_json || !is_one_stream(),
        .on_output = app->is_json ? NULL : on_output,
        .user_data = &out,
    };
    SandboxOutcome outcome = { 0 };
    bool has_run = sandbox_run(place.profile, &command, app->cancel, &outcome, error);
    if (has_run && !app->is_json && outcome.errors != NULL)
        on_output(outcome.errors, outcome.errors_length, &err);
    stream_close(&out);
    stream_close(&err);
    bool is_ok = has_run && conclude(app, &outcome, &out, error);
    sandbox_outcome_clear(&outcome);
    return is_ok;
}

/* base/error.c: the table of error kinds and the GError helpers. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* clang-format off */
const ErrorKind error_kinds[ERR_N_CODES] = {
    [ERR_FAILED]      = { "failed",        1, 500, false, "Something went wrong that has no kind of its own.", NULL },
    [ERR_USAGE]       = { "usage",         2, 400, false, "The command line or the request is wrong.", "See 'localgpt help'." },
    [ERR_CONFIG]      = { "config",        3, 500, false, "The configuration is wrong.", "See 'localgpt help config'." },
    [ERR_AUTH]        = { "auth",          4, 502, false, "A key is missing or was refused.", "Check the provider's key: localgpt config show" },
    [ERR_NO_PROVIDER] = { "no_provider",   4, 503, false, "Nothing is there to answer.", "Get the built-in model with 'localgpt model pull', or set a provider's key." },
    [ERR_PROVIDER]    = { "provider",      5, 502, true,  "The model's server or the local engine failed.", NULL },
    [ERR_NETWORK]     = { "network",       5, 502, true,  "A connection could not be made, or broke.", "Check the network and the address." },
    [ERR_RATE_LIMIT]  = { "rate_limited",  5, 429, true,  "The other side asks to wait.", "Wait a little, then try again." },
    [ERR_DENIED]      = { "denied",        6, 403, false, "A policy, the sandbox, an address rule or the user said no.", NULL },
    [ERR_NOT_FOUND]   = { "not_found",     7, 404, false, "A named thing does not exist.", NULL },
    [ERR_EXISTS]      = { "exists",        1, 409, false, "The thing is there already.", NULL },
    [ERR_LIMIT]       = { "limit",         8, 413, false, "A budget, size, turn or context limit was reached.", NULL },
    [ERR_NO_DAEMON]   = { "no_daemon",     9, 503, false, "The daemon does not run.", "Start it with 'localgpt daemon start'." },
    [ERR_IO]          = { "io",            1, 500, false, "A file could not be read or written.", NULL },
    [ERR_DATA]        = { "data",          1, 422, false, "Data is malformed or corrupt.", NULL },
    [ERR_INTEGRITY]   = { "integrity",     6, 409, false, "A checksum or signature does not match.", NULL },
    [ERR_TIMEOUT]     = { "timeout",     124, 504, true,  "A time limit passed.", "Allow more time with '--timeout SECONDS'." },
    [ERR_CANCELLED]   = { "cancelled",   130, 499, false, "The user interrupted.", NULL },
    [ERR_PIPE_CLOSED] = { "pipe_closed", 141, 499, false, "The reader of the output went away.", NULL },
};
/* clang-format on */

typedef struct {
    char *hint;
} ErrorPrivate;

static void error_private_init(ErrorPrivate *private_data) {
    private_data->hint = NULL;
}

static void error_private_copy(const ErrorPrivate *source, ErrorPrivate *target) {
    target->hint = g_strdup(source->hint);
}

static void error_private_clear(ErrorPrivate *private_data) {
    g_free(private_data->hint);
}

G_DEFINE_EXTENDED_ERROR(Error, error)

static GError *error_new(ErrorCode code, const char *hint, char *message) {
    GError *error = g_error_new_literal(ERR, (int)code, message);
    if (hint != NULL) error_get_private(error)->hint = g_strdup(hint);
    g_free(message);
    return error;
}

void error_set(GError **error, ErrorCode code, const char *format, ...) {
    if (error == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, error_new(code, NULL, g_strdup_vprintf(format, arguments)));
    va_end(arguments);
}

void error_set_with_hint(GError **error, ErrorCode code, const char *hint, const char *format,
                         ...) {
    if (error == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    g_propagate_error(error, error_new(code, hint, g_strdup_vprintf(format, arguments)));
    va_end(arguments);
}

static const char *errno_hint(int errno_value) {
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT: return "Free some space, then try again.";
    case EROFS: return "The file system is mounted read-only.";
    case EACCES:
    case EPERM: return "Check who owns it and its permissions.";
    default: return NULL;
    }
}

void error_set_errno(GError **error, int errno_value, const char *format, ...) {
    if (error == NULL) return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    ErrorCode code = errno_value == ENOENT  ? ERR_NOT_FOUND
                     : errno_value == EPIPE ? ERR_PIPE_CLOSED
                                            : ERR_IO;
    char *message = g_strdup_printf("%s: %s", what, g_strerror(errno_value));
    g_propagate_error(error, error_new(code, errno_hint(errno_value), message));
}

const ErrorKind *error_kind(const GError *error) {
    if (error == NULL || error->domain != ERR || error->code < 0 || error->code >= ERR_N_CODES)
        return &error_kinds[ERR_FAILED];
    return &error_kinds[error->code];
}

const char *error_hint(const GError *error) {
    if (error != NULL && error->domain == ERR) {
        const ErrorPrivate *private_data = error_get_private(error);
        if (private_data->hint != NULL) return private_data->hint;
    }
    return error_kind(error)->hint;
}

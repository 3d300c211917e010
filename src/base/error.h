/*
 * base/error.h: every way this program can fail, one row per kind.
 *
 * All functions that can fail return bool or a pointer and fill a GError of the one domain ERR. Its
 * code is an ErrorCode; the row of that code decides exit status, HTTP status, whether a retry
 * makes sense, and the hint a user sees. Callers add context on the way up with g_prefix_error().
 *
 *     if (!file_read(path, 1 << 20, &text, error)) {
 *         g_prefix_error(error, "reading '%s': ", path);
 *         return false;
 *     }
 *     ...
 *     error_set(error, ERR_NOT_FOUND, "no model named '%s'", name);
 *     error_set_with_hint(error, ERR_NOT_FOUND, "See 'localgpt model list'.", "no model named
 * '%s'", name);
 *
 * A hint is one sentence with the next step; it is owned by the GError.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef enum {
    ERR_FAILED,      /* anything without a kind of its own */
    ERR_USAGE,       /* the command line or a call was wrong */
    ERR_CONFIG,      /* the configuration is wrong */
    ERR_AUTH,        /* a key is missing or refused */
    ERR_NO_PROVIDER, /* nothing is there to answer */
    ERR_PROVIDER,    /* a model's server or the engine failed */
    ERR_NETWORK,     /* a connection could not be made or broke */
    ERR_RATE_LIMIT,  /* the other side asks to wait */
    ERR_DENIED,      /* policy, sandbox, address rule or the user said no */
    ERR_NOT_FOUND,   /* a named thing does not exist */
    ERR_EXISTS,      /* a thing is there already */
    ERR_LIMIT,       /* a budget, size, turn or context limit */
    ERR_NO_DAEMON,   /* the daemon does not run */
    ERR_IO,          /* disk full, read-only, permission, ... */
    ERR_DATA,        /* malformed or corrupt data */
    ERR_INTEGRITY,   /* a checksum or signature does not match */
    ERR_TIMEOUT,     /* a time limit passed */
    ERR_CANCELLED,   /* the user interrupted */
    ERR_PIPE_CLOSED, /* the reader of our output went away */
    ERR_N_CODES
} ErrorCode;

typedef struct {
    const char *name;    /* stable, in JSON: {"error":{"code":"not_found"}} */
    int exit_status;     /* of the process */
    int http_status;     /* of the daemon's reply */
    bool is_retryable;   /* trying the same thing again may work */
    const char *summary; /* one line for docs/reference/errors.md */
    const char *hint;    /* next step when the error has none of its own, or NULL */
} ErrorKind;

/* ERR_N_CODES rows, indexed by ErrorCode. */
extern const ErrorKind error_kinds[ERR_N_CODES];

#define ERR (error_quark())
GQuark error_quark(void);

void error_set(GError **error, ErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
void error_set_with_hint(GError **error, ErrorCode code, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Sets ERR_IO (ERR_NOT_FOUND for ENOENT) from errno, e.g. "No space left on device". `format` names
 * what was being done: error_set_errno(error, errno, "writing '%s'", path). */
void error_set_errno(GError **error, int errno_value, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The row of an error; ERR_FAILED's for a foreign domain. Never NULL. */
const ErrorKind *error_kind(const GError *error);

/* The error's own hint, else its kind's, else NULL. Borrowed. */
const char *error_hint(const GError *error);

static inline bool error_is(const GError *error, ErrorCode code) {
    return error != NULL && error->domain == ERR && error->code == (int)code;
}

/*
 * http/response.h: the answer to a request, and the sentence a failed one becomes.
 *
 *     g_auto(HttpResponse) response = { 0 };
 *     ...
 *     const char *type = http_response_header(&response, "content-type");   // case does not matter
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/error.h"
#include "base/secret.h"

typedef struct {
    char *name;  /* as received */
    char *value; /* trimmed */
} HttpHeader;

typedef struct {
    int status;
    char *url;            /* owned: of the last hop, with its query; not for showing */
    GPtrArray *headers;   /* HttpHeader, owned, of the last hop, in order */
    GString *body;        /* owned: gathered body, or the start (64 KiB) of a non-2xx one */
    int64_t n_body_bytes; /* of the last hop, also when they went to a callback */
    int n_redirects;
    bool was_stopped; /* the callback ended it */
} HttpResponse;

void http_response_clear(HttpResponse *response);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HttpResponse, http_response_clear)

/* The first value with this name, or NULL. Borrowed. */
const char *http_response_header(const HttpResponse *response, const char *name);

/* Adds one received line "Name: value\r\n"; ignores what is not a header. For the transfer. */
void http_response_add_header(HttpResponse *response, const char *line, size_t length);

/* Which kind a status is for a caller. */
ErrorCode http_response_error_code(int status);

/* What the other side says went wrong: the message of a JSON error body (OpenAI, Anthropic, Ollama,
 * Google, FastAPI), else the first line of a text; redacted, then cut to 300 characters, without
 * control characters. `secrets` may be NULL. New string, or NULL when the body says nothing. */
char *http_response_message(const HttpResponse *response, SecretSet *secrets);

/* "Not Found" for 404, "" for an unknown one. Static. */
const char *http_response_phrase(int status);

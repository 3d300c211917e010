/*
 * http/http_client.h: the one outgoing HTTP client of the program.
 *
 * A request is one blocking call, made from a worker thread; any number may run at once on one
 * client. The body streams to a callback as it arrives. libcurl is loaded on the first request and
 * connections to configured servers are kept for the next one.
 *
 *     HttpClient *client = http_client_new(&(HttpOptions){ .secrets = app->secrets });
 *     const char *headers[] = { "Content-Type: application/json", authorization, NULL };
 *     HttpRequest request = {
 *         .url = "https://api.example.com/v1/chat", .headers = headers,
 *         .body = json, .body_length = strlen(json), .on_body = on_chunk, .user_data = stream,
 *         .retry = &http_retry_default,
 *     };
 *     g_auto(HttpResponse) response = { 0 };
 *     if (!http_client_request(client, &request, cancel, &response, error)) return false;
 *     if (!http_response_check(client, &response, error)) return false;   // 4xx and 5xx
 *
 * What holds for every request:
 * - TLS certificates are verified, only http and https are spoken, CR and LF cannot enter headers.
 * - Errors carry no secret: addresses lose user name and query, texts pass secret_redact().
 * - A Cancel stops it within 100 ms, in every phase, a wait between two attempts included.
 * - A status of 400 and above is not an error here; its body is in response.body, never in on_body.
 *
 * Error kinds: ERR_NETWORK (name not found, refused, reset, TLS, cut answer), ERR_TIMEOUT (says
 * which of the three), ERR_CANCELLED, ERR_LIMIT (answer or headers too big), ERR_DENIED (address or
 * redirect rule), ERR_USAGE (not an address, bad header), ERR_NOT_FOUND (libcurl is not installed).
 *
 * Proxies: http_proxy, https_proxy, all_proxy and no_proxy of the environment count, but not for
 * this machine's loopback, and not under HTTP_ADDRESS_PUBLIC_ONLY (behind a proxy the address that
 * is connected to could not be judged).
 *
 * The program ignores SIGPIPE (cli/interrupt.c): a peer may go while TLS still writes to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/secret.h"
#include "http/response.h"
#include "http/retry.h"

typedef struct HttpClient HttpClient;

typedef struct {
    const char *user_agent; /* NULL = "localgpt/<version>" */
    SecretSet *secrets;     /* borrowed, may be NULL: values that must not leave in an error */
    const char
        *ca_bundle; /* PEM file; NULL = SSL_CERT_FILE of the environment, else the system's */
    /* Names with a fixed address instead of DNS, "host:port:address"; NULL-terminated, or NULL. The
     * address rule judges them like any other answer. */
    const char *const *resolve;
} HttpOptions;

/* Everything in `options` but `secrets` is copied; NULL = all defaults. Loads nothing. */
HttpClient *http_client_new(const HttpOptions *options);
/* Only when no request is running. */
void http_client_free(HttpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpClient, http_client_free)

typedef enum {
    HTTP_REDIRECT_NONE,        /* a 3xx is a response like any other */
    HTTP_REDIRECT_SAME_ORIGIN, /* scheme, host and port must stay, else ERR_DENIED */
    HTTP_REDIRECT_FOLLOW,      /* anywhere the address rule allows, never from https to http */
} HttpRedirectRule;

typedef enum {
    HTTP_ADDRESS_ANY,         /* for addresses the owner configured, loopback included */
    HTTP_ADDRESS_PUBLIC_ONLY, /* for addresses that come from a model, a web page, a message */
} HttpAddressRule;

#define HTTP_MAX_REDIRECTS 5
#define HTTP_NO_LIMIT (-1)

/* A piece of a successful (2xx) body. false stops the transfer: the request then succeeds with
 * response->was_stopped. `response` has status and headers. */
typedef bool (*HttpBodyFn)(const HttpResponse *response, const char *data, size_t length,
                           void *user_data);

/* Zero means the default everywhere; HTTP_NO_LIMIT switches a limit off. All borrowed. */
typedef struct {
    const char *method;         /* NULL = POST with a body, else GET */
    const char *url;            /* http or https */
    const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
    const char *body;
    size_t body_length;
    HttpBodyFn on_body; /* NULL = the body is gathered in response.body */
    void *user_data;
    const HttpRetry *retry; /* NULL = one attempt */

    int connect_timeout_ms;    /* name, TCP and TLS together; default 10 s */
    int first_byte_timeout_ms; /* from connected to the first byte of the body; default 300 s */
    int idle_timeout_ms;       /* between two pieces of the body; default 120 s */
    int64_t max_body_bytes;    /* default 64 MiB */
    int64_t resume_from;       /* > 0 sends "Range: bytes=N-" */
    HttpRedirectRule redirects;
    HttpAddressRule addresses;
    bool accepts_compressed; /* offer gzip, brotli and zstd; the limit counts unpacked bytes */
} HttpRequest;

/* Fills *out_response (zeroed by the caller; http_response_clear) with the last answer. On failure
 * it is left zeroed. The callback may already have been given bytes when the request fails. */
bool http_client_request(HttpClient *client, const HttpRequest *request, Cancel *cancel,
                         HttpResponse *out_response, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* true below 400. Else one clear sentence from status and body: 401 and 403 ERR_AUTH, 402 and 413
 * ERR_LIMIT, 404 ERR_NOT_FOUND, 408 ERR_TIMEOUT, 429 ERR_RATE_LIMIT, the rest ERR_PROVIDER. */
bool http_response_check(const HttpClient *client, const HttpResponse *response,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets that error for any status. */
void http_error_from_response(const HttpClient *client, const HttpResponse *response,
                              GError **error);

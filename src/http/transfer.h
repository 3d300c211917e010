/*
 * http/transfer.h: one hop of a request: connect, send, receive, with its three time limits.
 *
 * Redirects and retries are made of transfers by http_client.c. Inside http/ only.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "base/cancel.h"
#include "http/curl_api.h"
#include "http/http_client.h"
#include "http/url.h"

/* The settings of a client that reach every connection. Borrowed. */
typedef struct {
    const HttpCurl *curl;
    const char *user_agent;
    const char *ca_bundle;      /* or NULL */
    struct curl_slist *resolve; /* or NULL */
} HttpTransferOptions;

typedef struct {
    /* in, borrowed */
    const HttpTransferOptions *options;
    const HttpRequest *request; /* callback, limits */
    const HttpUrl *url;
    const char *method;
    GPtrArray *headers; /* char * lines */
    const char *body;   /* or NULL */
    size_t body_length;
    HttpAddressRule addresses; /* of this hop */
    CURLM *multi;
    /* out */
    bool has_delivered;   /* the callback was given bytes: no second try */
    bool may_try_again;   /* the failure was a refused, reset or silent connection */
    bool was_public_peer; /* the address connected to is a public one */
} HttpTransfer;

/* Fills `response` (cleared first). An unfinished `transfer->multi` stays usable. */
bool http_transfer_run(HttpTransfer *transfer, Cancel *cancel, HttpResponse *response,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

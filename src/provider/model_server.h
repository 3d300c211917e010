/*
 * provider/model_server.h: the HTTP side that every remote provider shares: address, key, one
 * streamed request, its retries, and the failures told in one sentence.
 *
 *     model_server_init(&server, self, base_url);
 *     model_server_add_header(&server, "Authorization", "Bearer ", key);
 *     ServerCall call = { .path = "/chat/completions", .body = json, .answer = &answer,
 *                         .on_piece = on_chunk, .user_data = reader };
 *     if (!model_server_call(&server, &call, cancel, &failure)) ...
 *
 * Tried again, with a growing wait or the server's Retry-After: 429, 5xx, a connection refused or
 * reset; never once a byte of an answer has come. Every retry is told by answer_tell().
 */
#pragma once

#include "http/http_client.h"
#include "provider/answer.h"
#include "provider/provider.h"

typedef struct {
    /* owned */
    HttpClient *http;
    char *address;      /* without a slash at its end */
    GPtrArray *headers; /* char *, wiped */
    /* borrowed */
    SecretSet *secrets;         /* may be NULL */
    const ProviderTimes *times; /* NULL = the defaults */
} ModelServer;

void model_server_init(ModelServer *server, const Provider *provider, const char *base_url);
void model_server_clear(ModelServer *server);

/* "name: prefix + value". */
void model_server_add_header(ModelServer *server, const char *name, const char *prefix,
                             const char *value);

/* The key to use: the configured one, else (only for the provider's own address: a key must not
 * reach a server it does not belong to) the one in the environment variable ops->env, which is then
 * one of the secrets. New string, free with secret_free(). NULL with ERR_AUTH when there is none
 * and the address is the provider's own; "" when another server may not need one. */
char *model_server_key(const Provider *provider, const char *configured, const char *base_url,
                       GError **error);

/* The default of the provider's own config row, for when there is no config. Static. */
const char *model_server_default(const Provider *provider, const char *key);

typedef enum {
    SERVER_EVENTS, /* text/event-stream; a server that answers with one JSON document gives that */
    SERVER_LINES,  /* one JSON document on each line */
} ServerFraming;

/* One event or line; `type` is the event's, or "message". false with *error ends the request. */
typedef bool (*ServerPieceFn)(const char *type, const json_t *json, void *user_data,
                              GError **error);

typedef struct {
    const char *path;
    const char *body;
    ServerFraming framing;
    Answer *answer;         /* told of retries */
    ServerPieceFn on_piece; /* gets the parsed JSON of each piece; "[DONE]" sets is_complete */
    void *user_data;
} ServerCall; /* all borrowed */

/* Whether the request went through to its end; *error then goes to answer_finish(), which knows
 * whether the answer was whole. */
bool model_server_call(ModelServer *server, const ServerCall *call, Cancel *cancel, GError **error);

/* Fails with what an error object inside a stream says ({"message": ...}, or a string). */
void model_server_set_error(const json_t *problem, GError **error);

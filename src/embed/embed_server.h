/*
 * embed/embed_server.h: what the embedders behind an HTTP interface share: address, key, batches,
 * retries, and the vectors out of the answer.
 *
 *     EmbedServer server;
 *     embed_server_init(&server, self, address);
 *     embed_server_add_header(&server, "Authorization", "Bearer ", key);
 *     EmbedServerCall call = { .request = request, .path = "/embeddings", .n_per_request = 64,
 *                              .encode = encode_request, .find_vector = find_vector };
 *     if (!embed_server_embed(&server, &call, out, cancel, error)) ...
 *
 * Texts that are empty or only spaces are not sent: they have no vector. What is no UTF-8 is
 * repaired, a text longer than EMBED_SERVER_MAX_BYTES is cut.
 */
#pragma once

#include "base/field.h"
#include "embed/embedder.h"
#include "http/http_client.h"

/* About the 8,192 tokens that servers take. */
enum { EMBED_SERVER_MAX_BYTES = 24000 };

typedef struct {
    /* owned */
    HttpClient *http;
    char *address;      /* without a slash at its end */
    GPtrArray *headers; /* char *, wiped */
    /* borrowed */
    const Embedder *embedder;
} EmbedServer;

void embed_server_init(EmbedServer *server, const Embedder *embedder, const char *address);
void embed_server_clear(EmbedServer *server);

/* "name: prefix + value". */
void embed_server_add_header(EmbedServer *server, const char *name, const char *prefix,
                             const char *value);

typedef struct {
    const EmbedRequest *request;
    const char *path;
    size_t n_per_request;
    /* The body of a request for these texts (valid UTF-8, NULL-terminated). New string. */
    char *(*encode)(const Embedder *embedder, char **texts, EmbedPurpose purpose);
    /* The list of numbers for text `index` of the request, or NULL. Borrowed. */
    const json_t *(*find_vector)(const json_t *reply, size_t index);
} EmbedServerCall;

/* ERR_PROVIDER when the answer is no list of vectors of one length; else what http_client.h says.
 */
bool embed_server_embed(EmbedServer *server, const EmbedServerCall *call, EmbedVectors *out,
                        Cancel *cancel, GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    const char *configured;
    const char *variable; /* of the environment */
    const char *setup;    /* the key of the configuration, for the hint */
    bool is_own_address;
} EmbedServerKey;

/* The configured key, else the one of the environment variable when `is_own_address` (a key must
 * not reach a server it does not belong to). Added to the secrets. New string, free with
 * secret_free(); NULL with ERR_AUTH when there is none and the address is the provider's own, ""
 * when another server may not need one. */
char *embed_server_key(const Embedder *embedder, const EmbedServerKey *key, GError **error);

typedef struct {
    const char *name;
    const Field *fields;
    size_t size;
} EmbedServerSection;

/* A section of the configuration, expanded; its defaults without a configuration. Free with
 * embed_server_section_free(). */
void *embed_server_section(const Embedder *embedder, const EmbedServerSection *section,
                           GError **error);
void embed_server_section_free(const EmbedServerSection *section, void *object);

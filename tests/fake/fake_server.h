/*
 * tests/fake/fake_server.h: runs tests/fake/model_server.py, gives it scripts, and asks what came.
 *
 *     FakeServer *server = fake_server_start();
 *     fake_server_play(server, "[{\"body\": [\"data: ...\\n\\n\"]}]");
 *     ... a provider with fake_server_url(server, "/v1") ...
 *     json_t *requests = fake_server_requests(server, 1);
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "http/http_client.h"

typedef struct {
    GPid pid;
    int stdin_fd;
    int port;
    HttpClient *client; /* owned */
} FakeServer;

/* FAKE_MODEL_SERVER names the script. Aborts the test when it does not start. */
FakeServer *fake_server_start(void);
void fake_server_stop(FakeServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeServer, fake_server_stop)

/* New string. */
char *fake_server_url(const FakeServer *server, const char *path);

/* A list of replies, as model_server.py knows them. Forgets what came before. */
void fake_server_play(FakeServer *server, const char *script);

/* The requests since then, when there are at least `n`; new reference to an array. */
json_t *fake_server_requests(FakeServer *server, int n);

/* Blocks until a client has left a reply that hangs. */
void fake_server_await_gone(FakeServer *server);

/* ---- scripts ---- */

/* One reply that streams `events` (each the data of one event) and ends; as element of a script. */
char *fake_events(const char *const *events);

/*
 * tests/http/loopback.h: starts tests/http/server.py for a test, and asks it what it saw.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "http/http_client.h"

typedef struct {
    GPid pid;
    int stdin_fd;
    int port;           /* origin a */
    int other_port;     /* origin b */
    int silent_port;    /* accepts, says nothing */
    int full_port;      /* accepts no more */
    int tls_port;       /* 0 without a certificate */
    int v6_port;        /* 0 without IPv6 */
    HttpClient *client; /* owned, for questions to the server itself */
} Loopback;

/* `certificate` may be NULL. Aborts the test when it does not start. */
Loopback *loopback_start(const char *certificate);
void loopback_stop(Loopback *loopback);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Loopback, loopback_stop)

/* "http://127.0.0.1:<port><path>"; new string. */
char *loopback_url(const Loopback *loopback, const char *path);
char *loopback_url_at(int port, const char *path);

/* The requests whose path starts with `path`, newest last; new reference to an array. */
json_t *loopback_log(Loopback *loopback, const char *path);
/* Value of a header of one logged request, without regard to case, or NULL. Borrowed. */
const char *loopback_header(const json_t *request, const char *name);
/* How many connections that port got so far. */
int loopback_connections(Loopback *loopback, int port);
/* Blocks until a request whose path starts with `path` has arrived. */
void loopback_await(Loopback *loopback, const char *path);

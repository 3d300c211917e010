/*
 * tests/provider/provider_ground.h: a remote provider against the fake server, and what it told.
 */
#pragma once

#include "../fake/fake_server.h"
#include "base/error.h"
#include "provider/provider.h"
#include "provider/provider_config.h"

typedef struct {
    FakeServer *server;
    Provider *provider;
    Cancel *cancel;
    SecretSet *secrets;
    GPtrArray *messages; /* Message, owned: of the request */
    ChatRequest request; /* with `messages` */
    ChatResult result;   /* of the last ground_ask() */
    GString *told;       /* "text:Hel;thinking:x;retry:...;" */
    GError *error;       /* of the last ground_ask() */
    int stop_after;      /* trigger `cancel` at this many events; 0 = never */
    int n_events;
    char *base_url;
    void *config;
} Ground;

/* `config` is the provider's struct with static strings; its base_url or endpoint is set by the
 * caller from ground->base_url. Patience is short: half a second. */
void ground_init(Ground *ground, const char *path);
void ground_open(Ground *ground, const char *provider, const char *model, const void *config);
void ground_clear(Ground *ground);

/* A user's words at the end of the request. */
void ground_say(Ground *ground, const char *text);

/* Streams the request: what was told is in `told`, the outcome in `result` and `error`. */
bool ground_ask(Ground *ground);

/* Plays one reply that streams these events, asks, and expects success. */
void ground_ask_events(Ground *ground, const char *const *events);

/* Member of the body of request `index`, by a path like "messages.1.content"; borrowed from
 * *out_requests, a new reference. */
const json_t *ground_sent(json_t *requests, int index, const char *path);

/* The answer's text. New string. */
char *ground_text(const Ground *ground);

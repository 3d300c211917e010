/*
 * sandbox/proxy.h: the one way to the network that a command can be given.
 *
 * The command has a network of its own in which nothing is but a listener; it was made there by the
 * child and handed out to us, so that we answer on it: HTTP's CONNECT, for the hosts of the
 * configuration only. We look the name up and connect, after judging the very address; the command
 * never sees a name server.
 *
 *     Proxy *proxy = proxy_start(listener_fd, &rules);
 *     ... the command runs ...
 *     proxy_stop(proxy);
 *
 * What goes through it is the command's: a host that is allowed can be told anything.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct Proxy Proxy;

typedef struct {
    char **domains;      /* proxy_rule.h */
    bool allows_private; /* names may lead to this machine or a private network */
} ProxyRules;

/* Takes the listener; `rules` are borrowed until proxy_stop(). */
Proxy *proxy_start(int listener_fd, const ProxyRules *rules);

/* Closes every connection. NULL is fine. */
void proxy_stop(Proxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Proxy, proxy_stop)

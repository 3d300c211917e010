/*
 * sandbox/proxy_rule.h: which hosts a command may reach through the proxy.
 *
 * A host has one spelling: lower-case letters, digits, '-' and '.', as a name server takes it.
 * Anything else (a NUL, a final dot, an address, "user@", "%2e", another alphabet) is no host, so
 * no two readers of the same bytes can disagree. A rule is a host, or "*." and a host for all names
 * below it, and may end in ":port"; without one it means 80 and 443. No rules allow nothing.
 *
 *     ProxyTarget target;
 *     if (proxy_target_parse(line, length, &target) && proxy_rules_allow(rules, &target)) ...
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

enum { PROXY_MAX_HOST = 253 };

typedef struct {
    char host[PROXY_MAX_HOST + 1];
    int port;
} ProxyTarget;

/* The first line of a request, "CONNECT host:port HTTP/1.1" without its line end. */
bool proxy_target_parse(const char *line, size_t length, ProxyTarget *out_target);

/* `rules` may be NULL. */
bool proxy_rules_allow(char *const *rules, const ProxyTarget *target);

/* ERR_CONFIG for what is no rule, saying why. */
bool proxy_rule_check(const char *rule, GError **error);

/* sandbox/proxy_rule.c: one canonical form on both sides of every comparison. */
#include "sandbox/proxy_rule.h"

#include <string.h>

#include "base/error.h"

enum { MAX_LABEL = 63, MAX_PORT = 65535, HTTP_PORT = 80, HTTPS_PORT = 443 };

static bool is_host_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* The last label has a letter: "1.2.3.4" and "2130706433" are addresses, not names. */
static bool is_host(const char *host, size_t length) {
    if (length == 0 || length > PROXY_MAX_HOST) return false;
    size_t label = 0;
    bool has_letter = false;
    for (size_t i = 0; i < length; i++) {
        char c = host[i];
        if (!is_host_byte(c)) return false;
        bool is_edge = i == 0 || host[i - 1] == '.' || i + 1 == length || host[i + 1] == '.';
        if (is_edge && (c == '-' || c == '.')) return false;
        label = c == '.' ? 0 : label + 1;
        has_letter = c != '.' && (has_letter || (c >= 'a' && c <= 'z'));
        if (label > MAX_LABEL) return false;
    }
    return has_letter;
}

static bool parse_port(const char *text, size_t length, int *out_port) {
    int port = 0;
    if (length == 0 || length > 5 || text[0] == '0') return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        port = port * 10 + (text[i] - '0');
    }
    *out_port = port;
    return port <= MAX_PORT;
}

bool proxy_target_parse(const char *line, size_t length, ProxyTarget *out_target) {
    static const char method[] = "CONNECT ", versions[][10] = { " HTTP/1.1", " HTTP/1.0" };
    enum { METHOD = sizeof method - 1, VERSION = sizeof versions[0] - 1 };
    if (length <= METHOD + VERSION || memcmp(line, method, METHOD) != 0) return false;
    const char *end = line + length - VERSION;
    if (memcmp(end, versions[0], VERSION) != 0 && memcmp(end, versions[1], VERSION) != 0)
        return false;
    const char *host = line + METHOD;
    const char *colon = memchr(host, ':', (size_t)(end - host));
    ProxyTarget target = { 0 };
    if (colon == NULL || !is_host(host, (size_t)(colon - host)) ||
        !parse_port(colon + 1, (size_t)(end - colon - 1), &target.port))
        return false;
    memcpy(target.host, host, (size_t)(colon - host));
    *out_target = target;
    return true;
}

/* "*.host:port" taken apart. */
typedef struct {
    bool covers_below;
    const char *host;
    size_t host_length;
    int port; /* 0 = 80 and 443 */
} Rule;

static bool parse_rule(const char *text, Rule *out_rule) {
    Rule rule = { .covers_below = g_str_has_prefix(text, "*.") };
    rule.host = rule.covers_below ? text + 2 : text;
    rule.host_length = strcspn(rule.host, ":");
    const char *colon = rule.host + rule.host_length;
    if (!is_host(rule.host, rule.host_length)) return false;
    if (*colon == ':' && !parse_port(colon + 1, strlen(colon + 1), &rule.port)) return false;
    *out_rule = rule;
    return true;
}

static bool matches(const Rule *rule, const ProxyTarget *target) {
    bool is_port = rule->port != 0 ? target->port == rule->port
                                   : target->port == HTTP_PORT || target->port == HTTPS_PORT;
    size_t length = strlen(target->host);
    if (!is_port || length < rule->host_length) return false;
    size_t head = length - rule->host_length;
    if (memcmp(target->host + head, rule->host, rule->host_length) != 0) return false;
    return rule->covers_below ? head >= 2 && target->host[head - 1] == '.' : head == 0;
}

bool proxy_rules_allow(char *const *rules, const ProxyTarget *target) {
    for (; rules != NULL && *rules != NULL; rules++) {
        Rule rule;
        if (parse_rule(*rules, &rule) && matches(&rule, target)) return true;
    }
    return false;
}

bool proxy_rule_check(const char *rule, GError **error) {
    Rule parsed;
    if (parse_rule(rule, &parsed)) return true;
    error_set(error, ERR_CONFIG,
              "'%s' is no host like \"example.com\", \"*.example.com\" or \"example.com:8080\", in "
              "lower case",
              rule);
    return false;
}

/* Any bytes as the first line of a request to the sandbox's proxy: what is accepted has one
 * spelling, made again it is the same bytes. */
#include "sandbox/proxy_rule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ProxyTarget target;
    if (!proxy_target_parse((const char *)data, size, &target)) return 0;
    const char *version = (const char *)data + size - 9;
    g_autofree char *again =
        g_strdup_printf("CONNECT %s:%d%.9s", target.host, target.port, version);
    if (strlen(again) != size || memcmp(again, data, size) != 0) abort();
    char *exact[] = { target.host, NULL };
    bool is_usual = target.port == 80 || target.port == 443;
    if (proxy_rules_allow(exact, &target) != is_usual) abort();
    if (!proxy_rule_check(target.host, NULL)) abort();
    return 0;
}

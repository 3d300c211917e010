/* Any bytes as a host, as a socket address, as a web address and as a Retry-After: what is read has
 * to be read the same again in its plain spelling, and what is shown may hold no user name. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <glib.h>

#include "http/address.h"
#include "http/retry.h"
#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_host(const char *host) {
    HttpAddress address;
    if (!http_address_parse(host, &address)) return;
    char plain[INET6_ADDRSTRLEN];
    if (inet_ntop(address.family, address.bytes, plain, sizeof plain) == NULL) abort();
    HttpAddress again;
    if (!http_address_parse(plain, &again)) abort();
    if (again.family != address.family ||
        memcmp(again.bytes, address.bytes, sizeof address.bytes) != 0)
        abort();
    /* An address and its form inside IPv6 are judged alike. */
    if (address.family == AF_INET6) return;
    HttpAddress mapped = { .family = AF_INET6, .bytes = { [10] = 0xff, [11] = 0xff } };
    memcpy(mapped.bytes + 12, address.bytes, 4);
    if (http_address_reason(&mapped) != http_address_reason(&address)) abort();
}

/* The parser that will not connect: it must agree with the C library on dotted addresses. */
static void check_against_library(const char *host) {
    uint8_t bytes[4];
    HttpAddress address;
    if (inet_pton(AF_INET, host, bytes) != 1) return;
    /* inet_pton reads "010" as ten where every connecting parser reads eight. */
    bool has_zero = host[0] == '0' || strstr(host, ".0") != NULL;
    if (has_zero) return;
    if (!http_address_parse(host, &address) || memcmp(address.bytes, bytes, 4) != 0) abort();
}

static void check_url(const char *text) {
    g_autofree char *shown = http_url_for_display(text);
    if (!g_utf8_validate(shown, -1, NULL)) abort();
    const char *mark = strstr(shown, "://");
    const char *authority = mark != NULL ? mark + strlen("://") : shown;
    if (memchr(shown, '@', (size_t)(authority - shown)) != NULL) abort();
    if (memchr(authority, '@', strcspn(authority, "/\\?#")) != NULL) abort();
    if (strcspn(authority, "?#") != strlen(authority)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sockaddr_storage storage = { 0 };
    memcpy(&storage, data, MIN(size, sizeof storage));
    HttpAddress address;
    if (http_address_from_socket((const struct sockaddr *)&storage, (socklen_t)size, &address))
        http_address_reason(&address);
    g_autofree char *text = g_strndup((const char *)data, size);
    check_host(text);
    check_against_library(text);
    check_url(text);
    if (http_retry_parse_after_ms(text, 1700000000) < -1) abort();
    return 0;
}

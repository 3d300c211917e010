/* http/address.c: parsing of literal hosts, and one table of what is not public. */
#include "http/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include <glib.h>

typedef struct {
    uint8_t bytes[16];
    unsigned n_bits;
    const char *reason;
} Prefix;

/* IANA special-purpose registries, and two addresses of clouds that look public. */
/* clang-format off */
static const Prefix ipv4_prefixes[] = {
    { { 0 },                  8, "this network (0.0.0.0/8)" },
    { { 10 },                 8, "a private network" },
    { { 100, 64 },           10, "a carrier's private network" },
    { { 127 },                8, "this machine (loopback)" },
    { { 168, 63, 129, 16 },  32, "a cloud's metadata service" },
    { { 169, 254 },          16, "link-local, where clouds keep their metadata service" },
    { { 172, 16 },           12, "a private network" },
    { { 192, 0, 0 },         24, "reserved for protocols" },
    { { 192, 0, 2 },         24, "reserved for documentation" },
    { { 192, 88, 99 },       24, "a tunnel (6to4 relay)" },
    { { 192, 168 },          16, "a private network" },
    { { 198, 18 },           15, "reserved for benchmarks" },
    { { 198, 51, 100 },      24, "reserved for documentation" },
    { { 203, 0, 113 },       24, "reserved for documentation" },
    { { 224 },                4, "multicast" },
    { { 240 },                4, "reserved" },
};

/* Checked first; whatever is outside 2000::/3 after that is not public either. */
static const Prefix ipv6_prefixes[] = {
    { { 0 },                                                 128, "this machine (unspecified)" },
    { { [15] = 1 },                                          128, "this machine (loopback)" },
    { { 0 },                                                  96, "an old form of IPv4" },
    { { [8] = 0xff, [9] = 0xff },                             96, "a translator (SIIT)" },
    { { 0x00, 0x64, 0xff, 0x9b },                             96, "a translator (NAT64)" },
    { { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 },                 48, "a translator (NAT64)" },
    { { 0x01 },                                               64, "a discard address" },
    { { 0x20, 0x01, 0x00, 0x00 },                             32, "a tunnel (Teredo)" },
    { { 0x20, 0x01, 0x00 },                                   23, "reserved for protocols" },
    { { 0x20, 0x01, 0x0d, 0xb8 },                             32, "reserved for documentation" },
    { { 0x20, 0x02 },                                         16, "a tunnel (6to4)" },
    { { 0x3f, 0xff },                                         20, "reserved for documentation" },
    { { 0xfc },                                                7, "a private network" },
    { { 0xfe, 0x80 },                                         10, "link-local" },
    { { 0xfe, 0xc0 },                                         10, "a private network (site-local)" },
    { { 0xff },                                                8, "multicast" },
};
/* clang-format on */

static bool has_prefix(const uint8_t *bytes, const Prefix *prefix) {
    size_t n_whole = prefix->n_bits / 8;
    unsigned n_rest = prefix->n_bits % 8;
    if (memcmp(bytes, prefix->bytes, n_whole) != 0) return false;
    if (n_rest == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - n_rest));
    return (bytes[n_whole] & mask) == (prefix->bytes[n_whole] & mask);
}

static const char *find_reason(const uint8_t *bytes, const Prefix *prefixes, size_t n_prefixes) {
    for (size_t i = 0; i < n_prefixes; i++)
        if (has_prefix(bytes, &prefixes[i])) return prefixes[i].reason;
    return NULL;
}

/* ::ffff:a.b.c.d is the IPv4 address a.b.c.d for the kernel, so for us too. */
static const uint8_t *inner_ipv4(const HttpAddress *address) {
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (address->family == AF_INET) return address->bytes;
    return memcmp(address->bytes, mapped, sizeof mapped) == 0 ? address->bytes + 12 : NULL;
}

/* ISATAP writes an IPv4 address behind this marker, whatever the first half says. */
static bool is_isatap(const uint8_t *bytes) {
    static const uint8_t marker[] = { 0x00, 0x5e, 0xfe };
    return (bytes[8] & 0xfc) == 0 && memcmp(bytes + 9, marker, sizeof marker) == 0;
}

const char *http_address_reason(const HttpAddress *address) {
    const uint8_t *ipv4 = inner_ipv4(address);
    if (ipv4 != NULL) return find_reason(ipv4, ipv4_prefixes, G_N_ELEMENTS(ipv4_prefixes));
    if (address->family != AF_INET6) return "not an internet address";
    const char *reason = find_reason(address->bytes, ipv6_prefixes, G_N_ELEMENTS(ipv6_prefixes));
    if (reason != NULL) return reason;
    if ((address->bytes[0] & 0xe0) != 0x20) return "not a global address";
    return is_isatap(address->bytes) ? "a tunnel (ISATAP)" : NULL;
}

static bool is_same(const HttpAddress *one, const HttpAddress *other) {
    const uint8_t *one_ipv4 = inner_ipv4(one);
    const uint8_t *other_ipv4 = inner_ipv4(other);
    if (one_ipv4 != NULL && other_ipv4 != NULL) return memcmp(one_ipv4, other_ipv4, 4) == 0;
    return one_ipv4 == NULL && other_ipv4 == NULL && memcmp(one->bytes, other->bytes, 16) == 0;
}

/* A server with a public address reaches its own closed services through it. */
static bool is_own_interface(const HttpAddress *address) {
    struct ifaddrs *interfaces = NULL;
    if (getifaddrs(&interfaces) != 0) return false;
    bool is_own = false;
    for (struct ifaddrs *at = interfaces; at != NULL && !is_own; at = at->ifa_next) {
        HttpAddress own;
        is_own = at->ifa_addr != NULL &&
                 http_address_from_socket(at->ifa_addr, sizeof(struct sockaddr_in6), &own) &&
                 is_same(address, &own);
    }
    freeifaddrs(interfaces);
    return is_own;
}

bool http_address_is_public(const HttpAddress *address) {
    return http_address_reason(address) == NULL && !is_own_interface(address);
}

bool http_address_from_socket(const struct sockaddr *socket_address, socklen_t length,
                              HttpAddress *out_address) {
    HttpAddress address = { .family = socket_address->sa_family };
    if (address.family == AF_INET && length >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)(const void *)socket_address;
        memcpy(address.bytes, &ipv4->sin_addr, 4);
    } else if (address.family == AF_INET6 && length >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)(const void *)socket_address;
        memcpy(address.bytes, &ipv6->sin6_addr, 16);
    } else {
        return false;
    }
    *out_address = address;
    return true;
}

/* One number of the old BSD notation: 127, 0177 or 0x7f. Advances *text. */
static bool parse_number(const char **text, uint64_t *out_value) {
    const char *at = *text;
    unsigned base = 10;
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        base = 16;
        at += 2;
    } else if (at[0] == '0') {
        base = 8;
    }
    const char *first = at;
    uint64_t value = 0;
    for (; g_ascii_isxdigit(*at); at++) {
        unsigned digit = (unsigned)g_ascii_xdigit_value(*at);
        if (digit >= base) return false;
        value = value * base + digit;
        if (value > G_MAXUINT32) return false;
    }
    /* "0x" alone counts as zero in browsers. */
    if (at == first && base != 16) return false;
    *text = at;
    *out_value = value;
    return true;
}

/* One to four numbers; the last fills all bytes that are left. */
static bool parse_ipv4(const char *host, HttpAddress *address) {
    uint64_t parts[4];
    size_t n_parts = 0;
    for (const char *at = host; n_parts < 4;) {
        if (!parse_number(&at, &parts[n_parts++])) return false;
        if (at[0] == '\0' || (at[0] == '.' && at[1] == '\0')) break;
        if (at[0] != '.' || n_parts == 4) return false;
        at++;
    }
    uint32_t value = 0;
    for (size_t i = 0; i + 1 < n_parts; i++) {
        if (parts[i] > 255) return false;
        value |= (uint32_t)parts[i] << (24 - 8 * i);
    }
    uint64_t last = parts[n_parts - 1];
    if (n_parts > 1 && last >= (uint64_t)1 << (8 * (5 - n_parts))) return false;
    value |= (uint32_t)last;
    address->family = AF_INET;
    for (size_t i = 0; i < 4; i++) address->bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    return true;
}

static bool parse_ipv6(const char *host, HttpAddress *address) {
    size_t length = strlen(host);
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host++;
        length -= 2;
    }
    /* The zone says which interface, not which address. */
    const char *zone = memchr(host, '%', length);
    if (zone != NULL) length = (size_t)(zone - host);
    char text[INET6_ADDRSTRLEN + 1];
    if (length == 0 || length >= sizeof text) return false;
    memcpy(text, host, length);
    text[length] = '\0';
    address->family = AF_INET6;
    return inet_pton(AF_INET6, text, address->bytes) == 1;
}

bool http_address_parse(const char *host, HttpAddress *out_address) {
    HttpAddress address = { 0 };
    if (host == NULL || host[0] == '\0') return false;
    if (strchr(host, ':') != NULL) {
        if (!parse_ipv6(host, &address)) return false;
    } else if (!parse_ipv4(host, &address)) {
        return false;
    }
    *out_address = address;
    return true;
}

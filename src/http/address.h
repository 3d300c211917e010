/*
 * http/address.h: which network addresses text from outside may make us connect to.
 *
 * An address is judged by its parsed bytes, never by its spelling, so "2130706433", "0x7f.1",
 * "0177.0.0.1" and "[::ffff:127.0.0.1]" are all what they are: this machine. The client judges the
 * very socket address it is about to connect to, after name resolution, so a name that changes its
 * answer between a check and a connect (DNS rebinding) gains nothing.
 *
 *     HttpAddress address;
 *     if (http_address_parse("0x7f.1", &address) && !http_address_is_public(&address)) ...
 *     const char *why = http_address_reason(&address);   // "this machine (loopback)"
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv4 address fills bytes[0..3]. Plain data. */
typedef struct {
    int family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];
} HttpAddress;

/* A literal host as an address bar takes it: dotted, short (127.1), decimal, octal or hex IPv4;
 * IPv6 with or without brackets and zone; one final dot. false for names and anything else. */
bool http_address_parse(const char *host, HttpAddress *out_address);

/* false for families other than IPv4 and IPv6. */
bool http_address_from_socket(const struct sockaddr *socket_address, socklen_t length,
                              HttpAddress *out_address);

/* Why the address is not a public one ("a private network"), or NULL when it is. IPv4 inside IPv6
 * (mapped) is judged by the inner address; tunnels and translators (6to4, Teredo, NAT64) are not
 * public, because where they end is not to be seen. Static text. */
const char *http_address_reason(const HttpAddress *address);

/* No reason against it, and not an address of one of this machine's own interfaces. */
bool http_address_is_public(const HttpAddress *address);

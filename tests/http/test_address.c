/* Tests of http/address.c: every spelling of an address is the address. */
#include "http/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include <glib.h>

static void every_spelling_is_parsed(void) {
    /* clang-format off */
    static const struct {
        const char *host;
        const char *address; /* NULL = no literal */
    } cases[] = {
        { "127.0.0.1", "127.0.0.1" },
        { "127.0.0.1.", "127.0.0.1" },
        { "127.1", "127.0.0.1" },
        { "127.0.1", "127.0.0.1" },
        { "2130706433", "127.0.0.1" },
        { "0x7f000001", "127.0.0.1" },
        { "0X7F.1", "127.0.0.1" },
        { "0177.0.0.01", "127.0.0.1" },
        { "017700000001", "127.0.0.1" },
        { "0x7f.0.0.0x1", "127.0.0.1" },
        { "0", "0.0.0.0" },
        { "0x", "0.0.0.0" },
        { "127.65535", "127.0.255.255" },
        { "1.16777215", "1.255.255.255" },
        { "4294967295", "255.255.255.255" },
        { "::1", "::1" },
        { "[::1]", "::1" },
        { "[::ffff:127.0.0.1]", "::ffff:127.0.0.1" },
        { "[0:0:0:0:0:ffff:7f00:1]", "::ffff:127.0.0.1" },
        { "[fe80::1%eth0]", "fe80::1" },
        { "[fe80::1%25eth0]", "fe80::1" },
        { "", NULL },
        { ".", NULL },
        { "127.0.0.1..", NULL },
        { "127..1", NULL },
        { ".127.0.0.1", NULL },
        { "256.0.0.1", NULL },
        { "127.0.0.256", NULL },
        { "127.0.65536", NULL },
        { "127.16777216", NULL },
        { "4294967296", NULL },
        { "99999999999999999999", NULL },
        { "08.0.0.1", NULL },
        { "0x7g", NULL },
        { "1.2.3.4.5", NULL },
        { "localhost", NULL },
        { "127.0.0.1 ", NULL },
        { "[::1", NULL },
        { "::1::", NULL },
        { "[]", NULL },
        { "[%eth0]", NULL },
        { "fe80", NULL },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HttpAddress address = { 0 };
        bool is_parsed = http_address_parse(cases[i].host, &address);
        char text[INET6_ADDRSTRLEN] = "";
        if (is_parsed) inet_ntop(address.family, address.bytes, text, sizeof text);
        g_test_message("%s -> %s", cases[i].host, is_parsed ? text : "no literal");
        g_assert_cmpstr(is_parsed ? text : NULL, ==, cases[i].address);
    }
    g_assert_false(http_address_parse(NULL, &(HttpAddress){ 0 }));
}

static void edges_of_every_range(void) {
    /* clang-format off */
    static const struct {
        const char *host;
        bool is_public;
    } cases[] = {
        { "0.0.0.0", false },         { "0.255.255.255", false },  { "1.0.0.0", true },
        { "9.255.255.255", true },    { "10.0.0.0", false },       { "10.255.255.255", false },
        { "11.0.0.0", true },         { "100.63.255.255", true },  { "100.64.0.0", false },
        { "100.127.255.255", false }, { "100.128.0.0", true },     { "126.255.255.255", true },
        { "127.0.0.0", false },       { "127.255.255.255", false }, { "128.0.0.0", true },
        { "168.63.129.15", true },    { "168.63.129.16", false },  { "168.63.129.17", true },
        { "169.253.255.255", true },  { "169.254.0.0", false },    { "169.254.169.254", false },
        { "169.255.0.0", true },      { "172.15.255.255", true },  { "172.16.0.0", false },
        { "172.31.255.255", false },  { "172.32.0.0", true },      { "192.0.0.0", false },
        { "192.0.0.255", false },     { "192.0.1.0", true },       { "192.0.2.1", false },
        { "192.88.99.1", false },     { "192.167.255.255", true }, { "192.168.0.0", false },
        { "192.168.255.255", false }, { "192.169.0.0", true },     { "198.17.255.255", true },
        { "198.18.0.0", false },      { "198.19.255.255", false }, { "198.20.0.0", true },
        { "198.51.100.7", false },    { "203.0.113.7", false },    { "223.255.255.255", true },
        { "224.0.0.0", false },       { "239.255.255.255", false }, { "240.0.0.0", false },
        { "255.255.255.255", false }, { "8.8.8.8", true },
        { "::", false },              { "::1", false },            { "::2", false },
        { "::127.0.0.1", false },     { "::ffff:8.8.8.8", true },  { "::ffff:10.0.0.1", false },
        { "::ffff:0:127.0.0.1", false }, { "64:ff9b::8.8.8.8", false },
        { "64:ff9b:1::1", false },    { "100::1", false },         { "1fff::1", false },
        { "2000::1", true },          { "2001::1", false },        { "2001:1ff::1", false },
        { "2001:200::1", true },      { "2001:db8::1", false },    { "2002:7f00:1::", false },
        { "2003::1", true },          { "2606:4700::1111", true }, { "3fff::1", false },
        { "3fff:1000::1", true },     { "4000::1", false },        { "5f00::1", false },
        { "fc00::1", false },         { "fdff::1", false },        { "fd00:ec2::254", false },
        { "fe80::1", false },         { "febf::1", false },        { "fec0::1", false },
        { "ff02::1", false },         { "2606:4700::5efe:7f00:1", false },
        { "2606:4700::200:5efe:7f00:1", false },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HttpAddress address;
        g_assert_true(http_address_parse(cases[i].host, &address));
        const char *reason = http_address_reason(&address);
        g_test_message("%s: %s", cases[i].host, reason != NULL ? reason : "public");
        g_assert_cmpint(reason == NULL, ==, cases[i].is_public);
        g_assert_cmpint(http_address_is_public(&address), ==, cases[i].is_public);
    }
}

static void sockets_of_other_kinds_are_none(void) {
    HttpAddress address = { 0 };
    struct sockaddr_storage storage = { .ss_family = AF_UNIX };
    g_assert_false(http_address_from_socket((struct sockaddr *)&storage, sizeof storage, &address));
    storage.ss_family = AF_INET;
    g_assert_false(http_address_from_socket((struct sockaddr *)&storage, 4, &address));
    struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    g_assert_true(http_address_from_socket((struct sockaddr *)&ipv6, sizeof ipv6, &address));
    g_assert_cmpstr(http_address_reason(&address), ==, "this machine (loopback)");
    HttpAddress odd = { .family = AF_UNIX };
    g_assert_nonnull(http_address_reason(&odd));
}

static void own_interfaces_are_not_public(void) {
    struct ifaddrs *interfaces = NULL;
    g_assert_cmpint(getifaddrs(&interfaces), ==, 0);
    for (struct ifaddrs *at = interfaces; at != NULL; at = at->ifa_next) {
        HttpAddress address;
        if (at->ifa_addr != NULL &&
            http_address_from_socket(at->ifa_addr, sizeof(struct sockaddr_in6), &address))
            g_assert_false(http_address_is_public(&address));
    }
    freeifaddrs(interfaces);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/address/every_spelling_is_parsed", every_spelling_is_parsed);
    g_test_add_func("/http/address/edges_of_every_range", edges_of_every_range);
    g_test_add_func("/http/address/sockets_of_other_kinds_are_none",
                    sockets_of_other_kinds_are_none);
    g_test_add_func("/http/address/own_interfaces_are_not_public", own_interfaces_are_not_public);
    return g_test_run();
}

/*
 * T-SSRF-01: addresses out of untrusted text reach nothing that is not public.
 *
 * A server on the loopback is the sink: under HTTP_ADDRESS_PUBLIC_ONLY it gets no connection at
 * all, whatever spelling, redirect or name is used; under HTTP_ADDRESS_ANY (the control) the same
 * addresses do reach it.
 *
 * The outside world is played by functions of this program that libcurl finds before the C
 * library's: getaddrinfo() answers for names that end in ".test" and knows no others, and connect()
 * leads from the public address 93.184.216.34 to the server on the loopback, which getpeername()
 * hides.
 */
#include "http/http_client.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/address.h"
#include "loopback.h"

#define PUBLIC "93.184.216.34"

/* ---- the outside world ---- */

static int public_port;  /* where the public address leads */
static int n_rebindings; /* answers given for rebind.test */

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int connect(int fd, const struct sockaddr *address, socklen_t length) {
    struct sockaddr_in target;
    if (address->sa_family == AF_INET && length >= sizeof target) {
        memcpy(&target, address, sizeof target);
        if (target.sin_addr.s_addr == inet_addr(PUBLIC)) {
            target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            target.sin_port = htons((uint16_t)public_port);
            return (int)syscall(SYS_connect, fd, &target, sizeof target);
        }
    }
    return (int)syscall(SYS_connect, fd, address, length);
}

/* The client looks a second time, at who is connected. */
EXPORTED int getpeername(int fd, struct sockaddr *restrict address, socklen_t *restrict length) {
    int status = (int)syscall(SYS_getpeername, fd, address, length);
    struct sockaddr_in peer;
    if (status != 0 || address->sa_family != AF_INET || *length < sizeof peer) return status;
    memcpy(&peer, address, sizeof peer);
    if (ntohs(peer.sin_port) != public_port) return status;
    peer.sin_addr.s_addr = inet_addr(PUBLIC);
    memcpy(address, &peer, sizeof peer);
    return status;
}

typedef int (*GetAddrInfo)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int look_up(const char *text, const char *service, const struct addrinfo *hints,
                   struct addrinfo **result) {
    GetAddrInfo real = NULL;
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &symbol, sizeof real);
    struct addrinfo numeric = *hints;
    numeric.ai_flags = AI_NUMERICHOST;
    numeric.ai_family = AF_UNSPEC;
    return real(text, service, &numeric, result);
}

EXPORTED int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                         struct addrinfo **result) {
    static const struct {
        const char *name;
        const char *first;
        const char *second;
    } answers[] = {
        { "public.test", PUBLIC, NULL },
        { "private.test", "10.0.0.1", NULL },
        { "loopback.test", "127.0.0.1", NULL },
        { "loopback6.test", "::1", NULL },
        { "mapped.test", "::ffff:127.0.0.1", NULL },
        { "mixed.test", "127.0.0.1", PUBLIC },
        { "metadata.test", "169.254.169.254", NULL },
        { "localhost", "127.0.0.1", NULL },
    };
    if (strcmp(name, "rebind.test") == 0)
        return look_up(n_rebindings++ == 0 ? PUBLIC : "127.0.0.1", service, hints, result);
    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        if (g_ascii_strcasecmp(name, answers[i].name) != 0) continue;
        int status = look_up(answers[i].first, service, hints, result);
        if (status != 0 || answers[i].second == NULL) return status;
        return look_up(answers[i].second, service, hints, &(*result)->ai_next);
    }
    HttpAddress address;
    return http_address_parse(name, &address) ? look_up(name, service, hints, result) : EAI_NONAME;
}

/* ---- the table ---- */

typedef enum {
    DENIED, /* refused by the rule */
    SINK,   /* the same, and it does reach the sink when everything is allowed */
    SINK6,  /* the same on ::1 */
    ODD,    /* fails in some way: no address, or no such name */
} Expectation;

/* %d is the port of the sink. */
/* clang-format off */
static const struct {
    const char *url;
    Expectation expectation;
} cases[] = {
    /* loopback in every spelling */
    { "http://127.0.0.1:%d/", SINK },
    { "HTTP://127.0.0.1:%d/", SINK },
    { "http://127.1:%d/", SINK },
    { "http://127.0.1:%d/", SINK },
    { "http://2130706433:%d/", SINK },
    { "http://0x7f000001:%d/", SINK },
    { "http://0X7F000001:%d/", SINK },
    { "http://0x7f.1:%d/", SINK },
    { "http://0x7f.0x0.0x0.0x1:%d/", SINK },
    { "http://0177.0.0.1:%d/", SINK },
    { "http://0177.0.0.01:%d/", SINK },
    { "http://0177.1:%d/", SINK },
    { "http://017700000001:%d/", SINK },
    { "http://00000177.00000000.00000000.00000001:%d/", SINK },
    { "http://0x7f.000.0x0.1:%d/", SINK },
    { "http://127.0x0.0.01:%d/", SINK },
    { "http://%%31%%32%%37.0.0.1:%d/", SINK },
    { "http://localhost:%d/", SINK },
    { "http://LOCALHOST:%d/", SINK },
    { "http://LocalHost:%d/a/../b", SINK },
    { "http://0.0.0.0:%d/", SINK },
    { "http://0:%d/", SINK },
    { "http://0x0:%d/", SINK },
    { "http://[::ffff:127.0.0.1]:%d/", SINK },
    { "http://[::FFFF:127.0.0.1]:%d/", SINK },
    { "http://[::ffff:7f00:1]:%d/", SINK },
    { "http://[0:0:0:0:0:ffff:127.0.0.1]:%d/", SINK },
    { "http://[0000:0000:0000:0000:0000:ffff:7f00:0001]:%d/", SINK },
    { "http://[::1]:%d/", SINK6 },
    { "http://[0:0:0:0:0:0:0:1]:%d/", SINK6 },
    { "http://[0000:0000:0000:0000:0000:0000:0000:0001]:%d/", SINK6 },
    { "http://[::0:1]:%d/", SINK6 },
    { "http://[::]:%d/", SINK6 },
    { "http://127.0.0.2:%d/", DENIED },
    { "http://127.127.127.127:%d/", DENIED },
    { "http://127.255.255.255:%d/", DENIED },
    { "http://127.65535:%d/", DENIED },
    { "http://0.0.0.1:%d/", DENIED },
    { "http://0.1.2.3:%d/", DENIED },
    { "http://[::ffff:0.0.0.0]:%d/", DENIED },
    { "http://[::127.0.0.1]:%d/", DENIED },
    { "http://[::7f00:1]:%d/", DENIED },
    { "http://[::ffff:0:127.0.0.1]:%d/", DENIED },
    /* names */
    { "http://loopback.test:%d/", SINK },
    { "http://LOOPBACK.TEST:%d/", SINK },
    { "http://loopback6.test:%d/", SINK6 },
    { "http://mapped.test:%d/", SINK },
    { "http://private.test:%d/", DENIED },
    { "http://metadata.test:%d/", DENIED },
    { "http://any.localhost:%d/", SINK },
    { "http://no-such-name.example:%d/", ODD },
    { "http://127.0.0.1.example:%d/", ODD },
    /* user names that look like hosts, and hosts that look like something else */
    { "http://public.test@127.0.0.1:%d/", DENIED },
    { "http://public.test:80@127.0.0.1:%d/", DENIED },
    { "http://user:password@127.0.0.1:%d/", DENIED },
    { "http://127.0.0.1:%d@public.test/", DENIED },
    { "http://public.test%%40127.0.0.1:%d/", ODD },
    { "http://public.test@@127.0.0.1:%d/", ODD },
    { "http://public.test\\@127.0.0.1:%d/", ODD },
    { "http://127.0.0.1:%d\\@public.test/", ODD },
    { "http://127.0.0.1:%d#@public.test/", SINK },
    { "http://127.0.0.1:%d?@public.test/", SINK },
    { "http://127.0.0.1:%d/@public.test/", SINK },
    { "http://127.0.0.1:%d;public.test/", ODD },
    { "http:127.0.0.1:%d/", ODD },
    { "http:/127.0.0.1:%d/", ODD },
    { "http:///127.0.0.1:%d/", ODD },
    { "//127.0.0.1:%d/", ODD },
    { "127.0.0.1:%d", ODD },
    { " http://127.0.0.1:%d/", ODD },
    { "http:// 127.0.0.1:%d/", ODD },
    { "http://127.0.0.1 :%d/", ODD },
    { "http://127.0.0.1\t:%d/", ODD },
    { "http://127.0.0.1\n:%d/", ODD },
    { "http://127.0.0.1%%00.public.test:%d/", ODD },
    { "http://127.0.0.1%%0a:%d/", ODD },
    { "http://127.0.0.1.:%d/", ODD },
    { "http://127.0.0.1..:%d/", ODD },
    { "http://127.0.0.256:%d/", ODD },
    { "http://127.0.0.0x100:%d/", ODD },
    { "http://4294967296127001:%d/", ODD },
    { "http://[127.0.0.1]:%d/", ODD },
    { "http://[::1%%25lo]:%d/", ODD },
    { "http://[::1:%d/", ODD },
    { "http://::1:%d/", ODD },
    { "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:%d/", SINK },
    { "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1:%d/", SINK },
    { "http://127\xe3\x80\x82""0\xe3\x80\x82""0\xe3\x80\x82""1:%d/", SINK },
    { "http://127.0.0.1:0%d/", SINK },
    /* other ways to speak */
    { "gopher://127.0.0.1:%d/", DENIED },
    { "ftp://127.0.0.1:%d/", DENIED },
    { "dict://127.0.0.1:%d/info", DENIED },
    { "ldap://127.0.0.1:%d/", DENIED },
    { "telnet://127.0.0.1:%d/", DENIED },
    { "tftp://127.0.0.1:%d/", DENIED },
    { "ws://127.0.0.1:%d/", DENIED },
    { "file:///etc/passwd", DENIED },
    { "file://127.0.0.1/etc/passwd", DENIED },
    { "https://127.0.0.1:%d/", DENIED },
    { "https://[::ffff:127.0.0.1]:%d/", DENIED },
    /* private, shared, link-local, special */
    { "http://10.0.0.1:%d/", DENIED },
    { "http://10.255.255.255/", DENIED },
    { "http://0xa.0.0.1/", DENIED },
    { "http://012.0.0.1/", DENIED },
    { "http://167772161/", DENIED },
    { "http://100.64.0.1/", DENIED },
    { "http://100.100.100.200/latest/meta-data/", DENIED },
    { "http://100.127.255.254/", DENIED },
    { "http://168.63.129.16/", DENIED },
    { "http://169.254.169.254/latest/meta-data/", DENIED },
    { "http://169.254.170.2/", DENIED },
    { "http://0xa9fea9fe/", DENIED },
    { "http://2852039166/", DENIED },
    { "http://0251.0376.0251.0376/", DENIED },
    { "http://172.16.0.1/", DENIED },
    { "http://172.31.255.255/", DENIED },
    { "http://192.0.0.192/", DENIED },
    { "http://192.0.2.1/", DENIED },
    { "http://192.88.99.1/", DENIED },
    { "http://192.168.0.1/", DENIED },
    { "http://192.168.257/", DENIED },
    { "http://198.18.0.1/", DENIED },
    { "http://198.19.255.255/", DENIED },
    { "http://198.51.100.1/", DENIED },
    { "http://203.0.113.1/", DENIED },
    { "http://224.0.0.1/", DENIED },
    { "http://239.255.255.250/", DENIED },
    { "http://240.0.0.1/", DENIED },
    { "http://255.255.255.255/", DENIED },
    { "http://[::ffff:10.0.0.1]/", DENIED },
    { "http://[::ffff:169.254.169.254]/", DENIED },
    { "http://[::ffff:a9fe:a9fe]/", DENIED },
    { "http://[64:ff9b::127.0.0.1]/", DENIED },
    { "http://[64:ff9b::a9fe:a9fe]/", DENIED },
    { "http://[64:ff9b:1::10.0.0.1]/", DENIED },
    { "http://[100::1]/", DENIED },
    { "http://[2001::1]/", DENIED },
    { "http://[2001:0:a:b::1]/", DENIED },
    { "http://[2001:db8::1]/", DENIED },
    { "http://[2002:7f00:1::]/", DENIED },
    { "http://[2002:a9fe:a9fe::]/", DENIED },
    { "http://[2606:4700::5efe:127.0.0.1]/", DENIED },
    { "http://[3fff::1]/", DENIED },
    { "http://[5f00::1]/", DENIED },
    { "http://[fc00::1]/", DENIED },
    { "http://[fd00:ec2::254]/latest/", DENIED },
    { "http://[fdff:ffff::1]/", DENIED },
    { "http://[fe80::1]/", DENIED },
    { "http://[fe80::1%%25lo]/", DENIED },
    { "http://[febf::1]/", DENIED },
    { "http://[fec0::1]/", DENIED },
    { "http://[ff02::1]/", DENIED },
    { "http://[4000::1]/", DENIED },
};
/* clang-format on */

typedef struct {
    Loopback *loopback;
    HttpClient *client;
} Fixture;

static GError *fetch(const Fixture *fixture, HttpRequest request, const char *url,
                     int *out_status) {
    request.url = url;
    request.connect_timeout_ms = 2000;
    g_auto(HttpResponse) response = { 0 };
    GError *error = NULL;
    bool is_done = http_client_request(fixture->client, &request, NULL, &response, &error);
    g_assert_cmpint(is_done, ==, error == NULL);
    if (out_status != NULL) *out_status = response.status;
    return error;
}

/* The loopback connections of the test itself, which asks the server what it saw, are not counted:
 * the sink is the other port. */
static char *case_url(const Fixture *fixture, size_t i) {
    int port =
        cases[i].expectation == SINK6 ? fixture->loopback->v6_port : fixture->loopback->other_port;
    g_autoptr(GString) url = g_string_new(cases[i].url);
    g_autofree char *number = g_strdup_printf("%d", port);
    g_string_replace(url, "%d", number, 0);
    g_string_replace(url, "%%", "%", 0);
    return g_strdup(url->str);
}

static int sink_connections(const Fixture *fixture) {
    int count = loopback_connections(fixture->loopback, fixture->loopback->other_port);
    if (fixture->loopback->v6_port > 0)
        count += loopback_connections(fixture->loopback, fixture->loopback->v6_port);
    return count;
}

static void no_spelling_reaches_the_sink(const void *data) {
    const Fixture *fixture = data;
    g_assert_cmpuint(G_N_ELEMENTS(cases), >=, 120);
    int before = sink_connections(fixture);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = case_url(fixture, i);
        g_autoptr(GError) error = fetch(fixture,
                                        (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY,
                                                       .redirects = HTTP_REDIRECT_FOLLOW },
                                        url, NULL);
        g_test_message("%s: %s", url, error != NULL ? error->message : "FETCHED");
        g_assert_nonnull(error);
        if (cases[i].expectation != ODD) g_assert_true(error_is(error, ERR_DENIED));
        g_assert_false(error_is(error, ERR_TIMEOUT));
    }
    g_assert_cmpint(sink_connections(fixture), ==, before);
}

static void the_same_reach_it_when_all_is_allowed(const void *data) {
    const Fixture *fixture = data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool has_sink = cases[i].expectation == SINK ||
                        (cases[i].expectation == SINK6 && fixture->loopback->v6_port > 0);
        if (!has_sink) continue;
        g_autofree char *url = case_url(fixture, i);
        int status = 0;
        g_autoptr(GError) error =
            fetch(fixture, (HttpRequest){ .addresses = HTTP_ADDRESS_ANY }, url, &status);
        g_test_message("%s: %d", url, status);
        g_assert_no_error(error);
        g_assert_cmpint(status, ==, 404); /* the server is there, and has no such page */
    }
}

static void public_name_is_fetched(const void *data) {
    int status = 0;
    g_autoptr(GError) error = fetch(data, (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY },
                                    "http://public.test/ok", &status);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 200);
    /* Of several addresses, only the public one is connected to. */
    int before = sink_connections(data);
    g_autofree char *mixed =
        g_strdup_printf("http://mixed.test:%d/ok", ((const Fixture *)data)->loopback->other_port);
    g_autoptr(GError) mixed_error =
        fetch(data, (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY }, mixed, &status);
    g_assert_no_error(mixed_error);
    g_assert_cmpint(status, ==, 200);
    g_assert_cmpint(sink_connections(data), ==, before);
}

/* A public page sends the client to the sink, by each kind of redirect. */
static void no_redirect_leads_to_the_sink(const void *data) {
    const Fixture *fixture = data;
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    static const char *const targets[] = {
        "http://127.0.0.1:%d/",     "http://2130706433:%d/", "http://[::ffff:127.0.0.1]:%d/",
        "http://loopback.test:%d/", "//127.0.0.1:%d/",       "http://public.test@127.0.0.1:%d/",
        "http://localhost:%d/"
    };
    static const HttpAddressRule rules[] = { HTTP_ADDRESS_PUBLIC_ONLY, HTTP_ADDRESS_ANY };
    int before = sink_connections(fixture);
    for (size_t i = 0; i < G_N_ELEMENTS(statuses) * G_N_ELEMENTS(targets) * 2; i++) {
        g_autoptr(GString) target = g_string_new(targets[i / 2 % G_N_ELEMENTS(targets)]);
        g_autofree char *number = g_strdup_printf("%d", fixture->loopback->other_port);
        g_string_replace(target, "%d", number, 0);
        g_autofree char *escaped = g_uri_escape_string(target->str, NULL, FALSE);
        g_autofree char *url = g_strdup_printf("http://public.test/redirect/%d?to=%s",
                                               statuses[i / 2 / G_N_ELEMENTS(targets)], escaped);
        /* Of a public server, not even a configured one may point inside. */
        HttpRequest request = { .addresses = rules[i % 2], .redirects = HTTP_REDIRECT_FOLLOW };
        g_autoptr(GError) error = fetch(fixture, request, url, NULL);
        g_test_message("%s: %s", url, error != NULL ? error->message : "FETCHED");
        g_assert_true(error_is(error, ERR_DENIED));
    }
    g_assert_cmpint(sink_connections(fixture), ==, before);
}

static void redirect_between_public_names_is_followed(const void *data) {
    int status = 0;
    g_autoptr(GError) error = fetch(
        data,
        (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY, .redirects = HTTP_REDIRECT_FOLLOW },
        "http://public.test/redirect/302?to=http%3A//mixed.test/ok", &status);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 200);
}

/* The name is public when it is first asked for, and the loopback ever after. */
static void name_that_changes_its_answer_gains_nothing(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *url =
        g_strdup_printf("http://rebind.test:%d/ok", fixture->loopback->other_port);
    int before = sink_connections(fixture);
    int status = 0;
    HttpRequest request = { .addresses = HTTP_ADDRESS_PUBLIC_ONLY };
    g_autoptr(GError) first = fetch(fixture, request, url, &status);
    g_assert_no_error(first);
    g_assert_cmpint(status, ==, 200);
    g_assert_cmpint(n_rebindings, ==, 1); /* asked once: what was judged is what was connected to */
    for (int i = 0; i < 3; i++) {
        g_autoptr(GError) later = fetch(fixture, request, url, NULL);
        g_assert_true(error_is(later, ERR_DENIED));
    }
    g_assert_cmpint(n_rebindings, ==, 4);
    g_assert_cmpint(sink_connections(fixture), ==, before);
}

/* A connection kept for a configured server is not lent to a foreign address. */
static void kept_connections_are_not_shared(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *url = loopback_url_at(fixture->loopback->other_port, "/ok");
    g_autofree char *name =
        g_strdup_printf("http://loopback.test:%d/ok", fixture->loopback->other_port);
    const char *urls[] = { url, name };
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(GError) allowed = fetch(fixture, (HttpRequest){ 0 }, urls[i], NULL);
        g_assert_no_error(allowed);
        g_autoptr(GError) denied =
            fetch(fixture, (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY }, urls[i], NULL);
        g_assert_true(error_is(denied, ERR_DENIED));
    }
}

static void fixed_answers_are_judged_too(const void *data) {
    const Fixture *fixture = data;
    g_autofree char *rule =
        g_strdup_printf("fixed.test:%d:127.0.0.1", fixture->loopback->other_port);
    const char *resolve[] = { rule, NULL };
    Fixture fixed = { .loopback = fixture->loopback,
                      .client = http_client_new(&(HttpOptions){ .resolve = resolve }) };
    g_autofree char *url =
        g_strdup_printf("http://fixed.test:%d/ok", fixture->loopback->other_port);
    g_autoptr(GError) allowed = fetch(&fixed, (HttpRequest){ 0 }, url, NULL);
    g_assert_no_error(allowed);
    g_autoptr(GError) denied =
        fetch(&fixed, (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY }, url, NULL);
    g_assert_true(error_is(denied, ERR_DENIED));
    http_client_free(fixed.client);
}

/* A proxy would connect in our place, and to what it likes. */
static void proxy_is_not_used_for_foreign_addresses(const void *data) {
    const Fixture *fixture = data;
    int before = sink_connections(fixture);
    g_autofree char *proxy = loopback_url_at(fixture->loopback->other_port, "");
    g_setenv("http_proxy", proxy, TRUE);
    int status = 0;
    g_autoptr(GError) error = fetch(fixture, (HttpRequest){ .addresses = HTTP_ADDRESS_PUBLIC_ONLY },
                                    "http://public.test/ok", &status);
    g_unsetenv("http_proxy");
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 200);
    g_assert_cmpint(sink_connections(fixture), ==, before);
}

#define ADD(name) g_test_add_data_func("/http/address_rule/" #name, &fixture, name)

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    Fixture fixture = { .loopback = loopback_start(NULL), .client = http_client_new(NULL) };
    public_port = fixture.loopback->port;
    ADD(no_spelling_reaches_the_sink);
    ADD(the_same_reach_it_when_all_is_allowed);
    ADD(public_name_is_fetched);
    ADD(no_redirect_leads_to_the_sink);
    ADD(redirect_between_public_names_is_followed);
    ADD(name_that_changes_its_answer_gains_nothing);
    ADD(kept_connections_are_not_shared);
    ADD(fixed_answers_are_judged_too);
    ADD(proxy_is_not_used_for_foreign_addresses);
    int status = g_test_run();
    http_client_free(fixture.client);
    loopback_stop(fixture.loopback);
    return status;
}

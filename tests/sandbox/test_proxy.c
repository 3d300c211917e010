/*
 * Tests of sandbox/proxy.h: what a command reaches through the proxy, from inside a sandbox; and
 * which spellings of a host are one.
 */
#include "sandbox/proxy.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "sandbox/proxy_rule.h"
#include "sandbox_ground.h"

static bool parses(const char *line, ProxyTarget *target) {
    return proxy_target_parse(line, strlen(line), target);
}

static void a_host_has_one_spelling(void) {
    ProxyTarget target;
    g_assert_true(parses("CONNECT example.com:443 HTTP/1.1", &target));
    g_assert_cmpstr(target.host, ==, "example.com");
    g_assert_cmpint(target.port, ==, 443);
    static const char *const refused[] = {
        "CONNECT Example.com:443 HTTP/1.1",
        "CONNECT example.com.:443 HTTP/1.1",
        "CONNECT example.com:0443 HTTP/1.1",
        "CONNECT example.com:65536 HTTP/1.1",
        "CONNECT example.com:0 HTTP/1.1",
        "CONNECT example.com: HTTP/1.1",
        "CONNECT example.com HTTP/1.1",
        "CONNECT me@example.com:443 HTTP/1.1",
        "CONNECT example%2ecom:443 HTTP/1.1",
        "CONNECT ex\xc3\xa4mple.com:443 HTTP/1.1",
        "CONNECT 127.0.0.1:443 HTTP/1.1",
        "CONNECT 2130706433:443 HTTP/1.1",
        "CONNECT [::1]:443 HTTP/1.1",
        "CONNECT [::ffff:127.0.0.1]:443 HTTP/1.1",
        "CONNECT -a.com:443 HTTP/1.1",
        "CONNECT a..com:443 HTTP/1.1",
        "CONNECT .com:443 HTTP/1.1",
        "CONNECT a.com:443 HTTP/2.0",
        "CONNECT a.com:443",
        "GET http://a.com/ HTTP/1.1",
        "connect a.com:443 HTTP/1.1",
        "CONNECT  a.com:443 HTTP/1.1",
        "CONNECT a.com:443 x HTTP/1.1",
        "CONNECT a.com:443\tHTTP/1.1",
        "",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_test_message("%s", refused[i]);
        g_assert_false(parses(refused[i], &target));
    }
    static const char nul[] = "CONNECT evil.com\0.example.com:443 HTTP/1.1";
    g_assert_false(proxy_target_parse(nul, sizeof nul - 1, &target));
    static const char end[] = "CONNECT evil.com\r\n.example.com:443 HTTP/1.1";
    g_assert_false(proxy_target_parse(end, sizeof end - 1, &target));
}

static bool allows(const char *rule, const char *host, int port) {
    char *rules[] = { (char *)rule, NULL };
    ProxyTarget target = { .port = port };
    g_strlcpy(target.host, host, sizeof target.host);
    return proxy_rules_allow(rules, &target);
}

static void rules_allow_what_they_name(void) {
    g_assert_true(allows("example.com", "example.com", 443));
    g_assert_true(allows("example.com", "example.com", 80));
    g_assert_false(allows("example.com", "example.com", 8080));
    g_assert_true(allows("example.com:8080", "example.com", 8080));
    g_assert_false(allows("example.com:8080", "example.com", 443));
    g_assert_false(allows("example.com", "a.example.com", 443));
    g_assert_false(allows("example.com", "evilexample.com", 443));
    g_assert_true(allows("*.example.com", "a.b.example.com", 443));
    g_assert_false(allows("*.example.com", "example.com", 443));
    g_assert_false(allows("*.example.com", "evilexample.com", 443));
    ProxyTarget target = { .host = "example.com", .port = 443 };
    char *none[] = { NULL };
    g_assert_false(proxy_rules_allow(none, &target));
    g_assert_false(proxy_rules_allow(NULL, &target));
    static const char *const wrong[] = { "*", "*.*",    "Example.com",   "a.com.", "1.2.3.4",
                                         "",  "a.com:", "https://a.com", "*a.com", "a.com/path" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(proxy_rule_check(wrong[i], &error));
        g_assert_true(error_is(error, ERR_CONFIG));
    }
}

/* A server on our own loopback that says "hello" to each connection. */
typedef struct {
    int listener;
    int port;
    int n_seen; /* atomic */
    GThread *thread;
} HelloServer;

static void *say_hello(void *data) {
    HelloServer *server = data;
    for (;;) {
        int client = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) return NULL;
        g_atomic_int_inc(&server->n_seen);
        if (send(client, "hello\n", 6, MSG_NOSIGNAL) < 0) g_atomic_int_inc(&server->n_seen);
        close(client);
    }
}

static HelloServer *hello_server_new(void) {
    HelloServer *server = g_new0(HelloServer, 1);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(server->listener, (struct sockaddr *)&address, size), ==, 0);
    g_assert_cmpint(listen(server->listener, 8), ==, 0);
    g_assert_cmpint(getsockname(server->listener, (struct sockaddr *)&address, &size), ==, 0);
    server->port = ntohs(address.sin_port);
    server->thread = g_thread_new("hello", say_hello, server);
    return server;
}

static void hello_server_free(HelloServer *server) {
    shutdown(server->listener, SHUT_RDWR);
    g_thread_join(server->thread);
    close(server->listener);
    g_free(server);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HelloServer, hello_server_free)

static SandboxGround *open_ground(const char *domain, bool allows_private) {
    SandboxGround *ground = sandbox_ground_prepare(SANDBOX_LEVEL_FULL);
    ground->config.network.policy = SANDBOX_NETWORK_PROXY;
    ground->config.network.allows_private = allows_private;
    g_strfreev(ground->config.network.allow_domains);
    ground->config.network.allow_domains = g_new0(char *, 2);
    ground->config.network.allow_domains[0] = g_strdup(domain);
    sandbox_ground_open(ground);
    return ground;
}

/* Asks the proxy for `target` and prints all that comes back. */
static void ask_proxy(SandboxGround *ground, const char *target) {
    g_autofree char *script =
        g_strdup_printf("exec python3 -c 'import os, socket\n"
                        "host, port = os.environ[\"https_proxy\"][7:].split(\":\")\n"
                        "s = socket.create_connection((host, int(port)))\n"
                        "s.sendall(b\"CONNECT %s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\")\n"
                        "data = b\"\"\n"
                        "while True:\n"
                        "  piece = s.recv(4096)\n"
                        "  if not piece: break\n"
                        "  data += piece\n"
                        "print(data.decode())'",
                        target);
    sandbox_ground_run(ground, script);
}

static void an_allowed_host_is_reached(void) {
    g_autoptr(HelloServer) server = hello_server_new();
    g_autofree char *target = g_strdup_printf("localhost:%d", server->port);
    g_autoptr(SandboxGround) ground = open_ground(target, true);
    ask_proxy(ground, target);
    g_assert_nonnull(strstr(ground->outcome.output, "200 Connection established"));
    g_assert_nonnull(strstr(ground->outcome.output, "hello"));
    g_assert_cmpint(g_atomic_int_get(&server->n_seen), ==, 1);
}

static void other_hosts_are_refused(void) {
    g_autoptr(HelloServer) server = hello_server_new();
    g_autoptr(SandboxGround) ground = open_ground("example.com", true);
    g_autofree char *target = g_strdup_printf("localhost:%d", server->port);
    ask_proxy(ground, target);
    g_assert_nonnull(strstr(ground->outcome.output, "403 Forbidden"));
    g_assert_nonnull(strstr(ground->outcome.output, "sandbox.network.allow_domains"));
    g_autofree char *address = g_strdup_printf("127.0.0.1:%d", server->port);
    ask_proxy(ground, address);
    g_assert_nonnull(strstr(ground->outcome.output, "405 "));
    g_assert_cmpint(g_atomic_int_get(&server->n_seen), ==, 0);
}

static void an_allowed_name_does_not_lead_into_this_machine(void) {
    g_autoptr(HelloServer) server = hello_server_new();
    g_autofree char *target = g_strdup_printf("localhost:%d", server->port);
    g_autoptr(SandboxGround) ground = open_ground(target, false);
    ask_proxy(ground, target);
    g_assert_nonnull(strstr(ground->outcome.output, "403 Forbidden"));
    g_assert_nonnull(strstr(ground->outcome.output, "private network"));
    g_assert_cmpint(g_atomic_int_get(&server->n_seen), ==, 0);
}

/* The proxy is the only thing there: no other port, family or kind of socket. */
static void nothing_but_the_proxy_is_reached(void) {
    g_autoptr(HelloServer) server = hello_server_new();
    g_autofree char *target = g_strdup_printf("localhost:%d", server->port);
    g_autoptr(SandboxGround) ground = open_ground(target, true);
    g_autofree char *script = g_strdup_printf(
        "exec python3 -c 'import socket\n"
        "for family, kind, address in ((2, 1, (\"127.0.0.1\", %d)), (2, 1, (\"1.1.1.1\", 443)),\n"
        "    (2, 2, (\"127.0.0.53\", 53)), (10, 1, (\"::1\", %d)), (1, 1, \"/run/x\")):\n"
        "  try:\n"
        "    s = socket.socket(family, kind); s.settimeout(2); s.connect(address)\n"
        "    s.send(b\"x\"); print(\"reached\", address)\n"
        "  except OSError as e: print(\"held\", e.errno)'",
        server->port, server->port);
    sandbox_ground_run(ground, script);
    g_assert_null(strstr(ground->outcome.output, "reached"));
    g_assert_nonnull(strstr(ground->outcome.output, "held"));
    g_assert_cmpint(g_atomic_int_get(&server->n_seen), ==, 0);
}

static void the_proxy_takes_level_full(void) {
    g_autoptr(SandboxGround) ground = sandbox_ground_prepare(SANDBOX_LEVEL_STANDARD);
    ground->config.network.policy = SANDBOX_NETWORK_PROXY;
    g_autoptr(GError) error = NULL;
    g_assert_null(sandbox_profile_new(&ground->config, ground->paths, ground->workspace, &error));
    g_assert_true(error_is(error, ERR_DENIED));
}

int main(int argc, char **argv) {
    int status = 0;
    if (sandbox_ground_begin(&argc, &argv, &status)) return status;
    static const struct {
        const char *name;
        GTestFunc test;
    } tests[] = {
        { "/sandbox/proxy/a_host_has_one_spelling", a_host_has_one_spelling },
        { "/sandbox/proxy/rules_allow_what_they_name", rules_allow_what_they_name },
        { "/sandbox/proxy/an_allowed_host_is_reached", an_allowed_host_is_reached },
        { "/sandbox/proxy/other_hosts_are_refused", other_hosts_are_refused },
        { "/sandbox/proxy/an_allowed_name_does_not_lead_into_this_machine",
          an_allowed_name_does_not_lead_into_this_machine },
        { "/sandbox/proxy/nothing_but_the_proxy_is_reached", nothing_but_the_proxy_is_reached },
        { "/sandbox/proxy/the_proxy_takes_level_full", the_proxy_takes_level_full },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) g_test_add_func(tests[i].name, tests[i].test);
    return g_test_run();
}

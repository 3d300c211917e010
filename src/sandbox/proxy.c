/* sandbox/proxy.c: one thread that accepts, one for each connection. */
#include "sandbox/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/address.h"
#include "sandbox/proxy_rule.h"

enum {
    MAX_CONNECTIONS = 64,
    MAX_HEAD_BYTES = 8 << 10,
    PIECE_BYTES = 32 << 10,
    HEAD_PATIENCE_MS = 10000,
    CONNECT_PATIENCE_MS = 15000,
};

struct Proxy {
    int listener;
    int stop; /* eventfd: readable for good once the proxy ends */
    const ProxyRules *rules;
    GThread *thread;
    int n_connections; /* atomic */
};

typedef struct {
    Proxy *proxy;
    int client;
    int server;
    char *head; /* owned: the request as far as it was read */
    size_t head_length;
} Connection;

/* Waits for `events`; false when it took too long or the proxy ends. */
static bool wait_for(const Connection *connection, int fd, short events, int timeout_ms) {
    struct pollfd fds[] = { { fd, events, 0 }, { connection->proxy->stop, POLLIN, 0 } };
    int n;
    do n = poll(fds, 2, timeout_ms);
    while (n < 0 && errno == EINTR);
    return n > 0 && fds[1].revents == 0;
}

static bool send_all(const Connection *connection, int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) return false;
        if (n < 0 && !wait_for(connection, fd, POLLOUT, -1)) return false;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    return true;
}

static void answer(const Connection *connection, const char *status, const char *why) {
    g_autofree char *text = g_strdup_printf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\n"
                                            "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                            status, strlen(why), why);
    send_all(connection, connection->client, text, strlen(text));
}

/* ---- the request ---- */

/* Up to the empty line; what comes after it (an early start of TLS) stays behind it. */
static const char *read_head(Connection *connection) {
    connection->head = g_malloc(MAX_HEAD_BYTES);
    while (connection->head_length < MAX_HEAD_BYTES) {
        if (!wait_for(connection, connection->client, POLLIN, HEAD_PATIENCE_MS)) return NULL;
        ssize_t n = recv(connection->client, connection->head + connection->head_length,
                         MAX_HEAD_BYTES - connection->head_length, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (n <= 0) return NULL;
        connection->head_length += (size_t)n;
        const char *end = memmem(connection->head, connection->head_length, "\r\n\r\n", 4);
        if (end != NULL) return end + 4;
    }
    return NULL;
}

/* ---- the way out ---- */

static bool is_allowed(const Proxy *proxy, const struct addrinfo *target) {
    HttpAddress address;
    if (!http_address_from_socket(target->ai_addr, target->ai_addrlen, &address)) return false;
    return proxy->rules->allows_private || http_address_is_public(&address);
}

static int connect_to(const Connection *connection, const struct addrinfo *target) {
    int fd = socket(target->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    int problem = 0;
    socklen_t size = sizeof problem;
    bool is_ok = connect(fd, target->ai_addr, target->ai_addrlen) == 0 ||
                 (errno == EINPROGRESS && wait_for(connection, fd, POLLOUT, CONNECT_PATIENCE_MS) &&
                  getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0);
    if (is_ok) return fd;
    close(fd);
    return -1;
}

/* The name is looked up once, and one of those very addresses is used. */
static bool open_server(Connection *connection, const ProxyTarget *target) {
    char port[8];
    g_snprintf(port, sizeof port, "%d", target->port);
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    if (getaddrinfo(target->host, port, &hints, &found) != 0) {
        answer(connection, "502 Bad Gateway", "The name was not found.\n");
        return false;
    }
    bool has_allowed = false;
    for (struct addrinfo *at = found; at != NULL && connection->server < 0; at = at->ai_next) {
        if (!is_allowed(connection->proxy, at)) continue;
        has_allowed = true;
        connection->server = connect_to(connection, at);
    }
    freeaddrinfo(found);
    if (connection->server < 0)
        answer(connection, has_allowed ? "502 Bad Gateway" : "403 Forbidden",
               has_allowed ? "No connection.\n" : "The name leads into a private network.\n");
    return connection->server >= 0;
}

/* One piece from one side to the other; false when that side is at its end. */
static bool pass(const Connection *connection, int from, int to, char *piece) {
    ssize_t n = recv(from, piece, PIECE_BYTES, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n > 0) return send_all(connection, to, piece, (size_t)n);
    shutdown(to, SHUT_WR);
    return false;
}

static void relay(const Connection *connection) {
    g_autofree char *piece = g_malloc(PIECE_BYTES);
    struct pollfd fds[] = { { connection->client, POLLIN, 0 },
                            { connection->server, POLLIN, 0 },
                            { connection->proxy->stop, POLLIN, 0 } };
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        if (poll(fds, 3, -1) < 0 && errno != EINTR) return;
        if (fds[2].revents != 0) return;
        if (fds[0].revents != 0 && !pass(connection, connection->client, connection->server, piece))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !pass(connection, connection->server, connection->client, piece))
            fds[1].fd = -1;
    }
}

static void serve(Connection *connection) {
    const char *rest = read_head(connection);
    if (rest == NULL) return;
    const char *line_end = memmem(connection->head, connection->head_length, "\r\n", 2);
    ProxyTarget target;
    if (!proxy_target_parse(connection->head, (size_t)(line_end - connection->head), &target)) {
        answer(connection, "405 Method Not Allowed",
               "This proxy knows only CONNECT with a host name and a port.\n");
        return;
    }
    if (!proxy_rules_allow(connection->proxy->rules->domains, &target)) {
        g_autofree char *why = g_strdup_printf("%s:%d is not in sandbox.network.allow_domains.\n",
                                               target.host, target.port);
        answer(connection, "403 Forbidden", why);
        return;
    }
    static const char connected[] = "HTTP/1.1 200 Connection established\r\n\r\n";
    size_t early = connection->head_length - (size_t)(rest - connection->head);
    if (open_server(connection, &target) &&
        send_all(connection, connection->client, connected, sizeof connected - 1) &&
        send_all(connection, connection->server, rest, early))
        relay(connection);
}

static void *run_connection(void *data) {
    Connection *connection = data;
    serve(connection);
    close(connection->client);
    if (connection->server >= 0) close(connection->server);
    g_atomic_int_add(&connection->proxy->n_connections, -1);
    g_free(connection->head);
    g_free(connection);
    return NULL;
}

/* ---- accepting ---- */

static void start_connection(Proxy *proxy, int client, GPtrArray *threads) {
    if (g_atomic_int_get(&proxy->n_connections) >= MAX_CONNECTIONS) {
        close(client);
        return;
    }
    g_atomic_int_inc(&proxy->n_connections);
    Connection *connection = g_new0(Connection, 1);
    *connection = (Connection){ .proxy = proxy, .client = client, .server = -1 };
    g_ptr_array_add(threads, g_thread_new("proxy", run_connection, connection));
}

static void join(void *thread) {
    g_thread_join(thread);
}

static void *run(void *data) {
    Proxy *proxy = data;
    g_autoptr(GPtrArray) threads = g_ptr_array_new_with_free_func(join);
    for (;;) {
        struct pollfd fds[] = { { proxy->listener, POLLIN, 0 }, { proxy->stop, POLLIN, 0 } };
        if (poll(fds, 2, -1) < 0 && errno != EINTR) break;
        if (fds[1].revents != 0) break;
        if (fds[0].revents == 0) continue;
        int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
        if (client >= 0) start_connection(proxy, client, threads);
        /* Threads that are done cost nothing but their handle. */
        if (g_atomic_int_get(&proxy->n_connections) == 0) g_ptr_array_set_size(threads, 0);
    }
    return NULL;
}

Proxy *proxy_start(int listener_fd, const ProxyRules *rules) {
    Proxy *proxy = g_new0(Proxy, 1);
    proxy->listener = listener_fd;
    proxy->rules = rules;
    proxy->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    fcntl(listener_fd, F_SETFL, O_NONBLOCK);
    proxy->thread = g_thread_new("proxy", run, proxy);
    return proxy;
}

void proxy_stop(Proxy *proxy) {
    if (proxy == NULL) return;
    eventfd_write(proxy->stop, 1);
    g_thread_join(proxy->thread);
    close(proxy->listener);
    close(proxy->stop);
    g_free(proxy);
}

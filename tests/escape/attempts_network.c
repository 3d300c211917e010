/* tests/escape/attempts_network.c: rows 56-63 and 96: loopback only, and nothing is ever connected
 * to over AF_VSOCK, which may reach the host of a virtual machine. */
#include "attempt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MPTCP = 262, FIRST_UNKNOWN_FAMILY = 46, SOCKET_TYPES = 6, TWICE = 2 };

static struct sockaddr_in loopback(int port) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void send_token(int fd, bool is_connected, const char *what) {
    bool is_sent = is_connected && send(fd, ground.token, strlen(ground.token), MSG_NOSIGNAL) > 0;
    tried(is_sent, "send by %s", what);
    if (fd >= 0) close(fd);
}

static void tcp4(void) {
    struct sockaddr_in address = loopback(ground.tcp_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    send_token(fd, fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "TCP");
}

static void tcp6_to(const char *host, int port, const char *what) {
    struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
    inet_pton(AF_INET6, host, &address.sin6_addr);
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    send_token(fd, fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, what);
}

static void tcp6(void) {
    if (ground.tcp6_port == 0)
        na("this machine has no IPv6");
    else
        tcp6_to("::1", ground.tcp6_port, "TCP over IPv6");
    tcp6_to("::ffff:127.0.0.1", ground.tcp_port, "TCP over mapped IPv4");
}

static void mptcp(void) {
    struct sockaddr_in address = loopback(ground.tcp_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, MPTCP);
    if (fd < 0 && errno == EPROTONOSUPPORT) {
        na("this kernel has no MPTCP");
        return;
    }
    send_token(fd, fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0,
               "MPTCP");
}

static void fast_open(void) {
    struct sockaddr_in address = loopback(ground.tcp_port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_sent =
        fd >= 0 && sendto(fd, ground.token, strlen(ground.token), MSG_FASTOPEN | MSG_NOSIGNAL,
                          (struct sockaddr *)&address, sizeof address) > 0;
    tried(is_sent, "send by TCP fast open");
    if (fd >= 0) close(fd);
}

static void udp(void) {
    struct sockaddr_in address = loopback(ground.udp_port);
    size_t length = strlen(ground.token);
    struct iovec part = { (void *)(size_t)ground.token, length };
    struct mmsghdr messages[TWICE] = { 0 };
    for (int i = 0; i < TWICE; i++)
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &part, .msg_iovlen = 1
        };
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tried(fd >= 0 &&
              sendto(fd, ground.token, length, 0, (struct sockaddr *)&address, sizeof address) > 0,
          "sendto by UDP");
    tried(fd >= 0 && sendmsg(fd, &messages[0].msg_hdr, 0) > 0, "sendmsg by UDP");
    tried(fd >= 0 && sendmmsg(fd, messages, TWICE, 0) == TWICE, "sendmmsg by UDP");
    send_token(fd, fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "UDP");
}

/* A name server asked for a name that is the secret: all that matters is that a packet leaves. */
static void dns(void) {
    struct sockaddr_in address = loopback(ground.udp_port);
    unsigned char query[512] = { 0, 1, 1, 0, 0, 1 };
    size_t length = 12;
    query[length] = (unsigned char)strlen(ground.token);
    memcpy(query + length + 1, ground.token, strlen(ground.token));
    length += strlen(ground.token) + 2;
    memcpy(query + length, "\0\1\0\1", 4);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
    bool is_sent = fd >= 0 && sendto(fd, query, length + 4, 0, (struct sockaddr *)&address,
                                     sizeof address) > 0;
    tried(is_sent, "ask a name server");
    if (fd >= 0) close(fd);
}

static void special_socket(int family, int type, int protocol, const char *what) {
    int fd = socket(family, type | SOCK_CLOEXEC, protocol);
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT))
        na("this kernel has no %s socket", what);
    else
        tried(fd >= 0, "a %s socket", what);
    if (fd >= 0) close(fd);
}

static void special_sockets(void) {
    special_socket(AF_NETLINK, SOCK_RAW, 0, "netlink");
    special_socket(AF_VSOCK, SOCK_STREAM, 0, "vsock"); /* made, never connected */
    special_socket(AF_ALG, SOCK_SEQPACKET, 0, "alg");
    special_socket(AF_UNIX, SOCK_STREAM, 0, "unix");
}

static void raw_sockets(void) {
    special_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP, "raw");
    special_socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, "raw IPv6");
    special_socket(AF_PACKET, SOCK_RAW, 0, "packet");
}

static void every_family(void) {
    int made = 0;
    for (int family = 0; family < FIRST_UNKNOWN_FAMILY; family++) {
        for (int type = 1; type <= SOCKET_TYPES; type++) {
            int fd = socket(family, type, 0);
            if (fd < 0) continue;
            made++;
            printf("family %d, type %d\n", family, type);
            close(fd);
        }
    }
    if (made == 0) errno = EPERM;
    tried(made > 0, "any of 276 sockets");
}

static void listening(void) {
    struct sockaddr_in address = loopback(0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tried(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    tried(fd >= 0 && listen(fd, 1) == 0, "listen");
    if (fd >= 0) close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    tried(fd >= 0 && listen(fd, 1) == 0, "listen without bind");
    if (fd >= 0) close(fd);
}

static socklen_t unix_address(struct sockaddr_un *address, const char *name, bool is_abstract) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    size_t skip = is_abstract ? 1 : 0;
    snprintf(address->sun_path + skip, sizeof address->sun_path - skip, "%s", name);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + skip + strlen(name) + 1 - skip);
}

static void unix_stream(const char *name, bool is_abstract) {
    struct sockaddr_un address;
    socklen_t length = unix_address(&address, name, is_abstract);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_connected = fd >= 0 && connect(fd, (struct sockaddr *)&address, length) == 0;
    send_token(fd, is_connected, is_abstract ? "abstract socket" : name);
}

static void unix_datagram(const char *name) {
    struct sockaddr_un address;
    socklen_t length = unix_address(&address, name, /* is_abstract= */ false);
    struct iovec part = { (void *)(size_t)ground.token, strlen(ground.token) };
    struct msghdr message = {
        .msg_name = &address, .msg_namelen = length, .msg_iov = &part, .msg_iovlen = 1
    };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_sent = fd >= 0 && sendmsg(fd, &message, 0) > 0;
    /* The socket that socketpair() gives can be pointed elsewhere, too. */
    tried(is_sent, "sendmsg to %s", name);
    if (fd >= 0) close(fd);
    int pair[2];
    bool has_pair = socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) == 0;
    tried(has_pair && sendmsg(pair[0], &message, 0) > 0, "sendmsg of a pair to %s", name);
    if (!has_pair) return;
    close(pair[0]);
    close(pair[1]);
}

static void unix_paths(void) {
    unix_stream(in_folder(ground.home, "agent.sock"), /* is_abstract= */ false);
    unix_stream(in_folder(ground.workspace, "broker.sock"), /* is_abstract= */ false);
}

static void unix_datagrams(void) {
    unix_datagram(in_folder(ground.home, "log.sock"));
    unix_datagram(in_folder(ground.workspace, "log.sock"));
}

static void unix_abstract(void) {
    unix_stream(ground.shm, /* is_abstract= */ true);
}

/* 96: a tool that would talk to the daemon with the user's own token. */
static void daemon_with_token(void) {
    print_file(in_folder(ground.state, "api-token"));
    tcp4();
}

/* clang-format off */
const Attempt network_attempts[] = {
    { 56, "tcp4", tcp4 },
    { 56, "tcp6", tcp6 },
    { 57, "mptcp", mptcp },
    { 58, "fast_open", fast_open },
    { 59, "udp", udp },
    { 59, "dns", dns },
    { 60, "special_sockets", special_sockets },
    { 60, "raw_sockets", raw_sockets, ROOT_ONLY },
    { 60, "every_family", every_family },
    { 61, "listening", listening },
    { 62, "unix_paths", unix_paths },
    { 62, "unix_datagrams", unix_datagrams },
    { 63, "unix_abstract", unix_abstract },
    { 96, "daemon_with_token", daemon_with_token },
    { 0 }
};
/* clang-format on */

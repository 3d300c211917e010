/* A model's server that costs next to nothing: speaks OpenAI's stream to one client after another.
 *
 *     loopback_model TOKENS INTERVAL_US      prints its port; ends when its standard input is
 * closed
 *
 * Each token is the time it was sent at, in nanoseconds of the monotonic clock, and a blank. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The whole request: its length is in the header. */
static int read_request(int client) {
    static char buffer[1 << 20];
    size_t length = 0;
    for (;;) {
        ssize_t n = read(client, buffer + length, sizeof buffer - 1 - length);
        if (n <= 0) return -1;
        length += (size_t)n;
        buffer[length] = '\0';
        const char *body = strstr(buffer, "\r\n\r\n");
        const char *field = strcasestr(buffer, "content-length:");
        if (body == NULL || field == NULL) continue;
        if (length - (size_t)(body + 4 - buffer) >= strtoul(field + 15, NULL, 10)) return 0;
    }
}

static void send_chunk(int client, const char *text) {
    char frame[512];
    int n = snprintf(frame, sizeof frame, "%zx\r\n%s\r\n", strlen(text), text);
    if (write(client, frame, (size_t)n) < 0) return;
}

static void answer(int client, int n_tokens, int interval_us) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    if (write(client, head, sizeof head - 1) < 0) return;
    for (int i = 0; i < n_tokens; i++) {
        char event[256];
        if (interval_us > 0) usleep((useconds_t)interval_us);
        snprintf(event, sizeof event,
                 "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%lld \"}}]}\n\n",
                 now_ns());
        send_chunk(client, event);
    }
    send_chunk(client,
               "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
               "data: [DONE]\n\n");
    send_chunk(client, "");
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    int n_tokens = (int)strtol(argv[1], NULL, 10), interval_us = (int)strtol(argv[2], NULL, 10);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    if (bind(server, (struct sockaddr *)&address, length) != 0 || listen(server, 64) != 0) return 1;
    getsockname(server, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd fds[] = { { server, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
        if (poll(fds, 2, -1) < 0) return 1;
        if (fds[1].revents != 0) return 0;
        int client = accept(server, NULL, NULL), one = 1;
        if (client < 0) continue;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (read_request(client) == 0) answer(client, n_tokens, interval_us);
        close(client);
    }
}

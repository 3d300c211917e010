/* The least a C program can do for a turn: posts the same request with sockets, and writes what
 * comes to standard output as it comes.
 *
 *     bare_post PORT BODY_FILE */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    static char body[1 << 16], request[1 << 17], buffer[1 << 16];
    if (argc != 3) return 2;
    FILE *file = fopen(argv[2], "r");
    if (file == NULL) return 1;
    size_t length = fread(body, 1, sizeof body - 1, file);
    fclose(file);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((in_port_t)strtol(argv[1], NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(server, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    int n = snprintf(request, sizeof request,
                     "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     length, body);
    if (write(server, request, (size_t)n) != n) return 1;
    for (;;) {
        ssize_t got = read(server, buffer, sizeof buffer);
        if (got <= 0) return 0;
        if (write(STDOUT_FILENO, buffer, (size_t)got) != got) return 1;
    }
}

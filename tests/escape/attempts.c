/* tests/escape/attempts.c: finds the attempt by its name and makes it; the table is in the files
 * attempts_*.c. See attempt.h. */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BUFFERS = 8, PATH_BYTES = 4096, READ_BYTES = 65536 };

Ground ground; /* global: set once by main(), before any attempt */

__attribute__((format(printf, 2, 0))) static void tell(const char *tag, const char *format,
                                                       va_list arguments, const char *reason) {
    printf("%s ", tag);
    vprintf(format, arguments);
    printf("%s%s\n", reason != NULL ? " " : "", reason != NULL ? reason : "");
    fflush(stdout);
}

void got(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    tell("got", format, arguments, NULL);
    va_end(arguments);
}

void no(const char *format, ...) {
    const char *reason = strerrorname_np(errno);
    va_list arguments;
    va_start(arguments, format);
    tell("no ", format, arguments, reason);
    va_end(arguments);
}

void na(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    tell("na ", format, arguments, NULL);
    va_end(arguments);
}

bool tried(bool has_worked, const char *format, ...) {
    const char *reason = has_worked ? NULL : strerrorname_np(errno);
    va_list arguments;
    va_start(arguments, format);
    tell(has_worked ? "got" : "no ", format, arguments, reason);
    va_end(arguments);
    return has_worked;
}

bool step(bool has_worked, const char *format, ...) {
    if (has_worked) return true;
    const char *reason = strerrorname_np(errno);
    va_list arguments;
    va_start(arguments, format);
    tell("no ", format, arguments, reason);
    va_end(arguments);
    return false;
}

const char *in_folder(const char *folder, const char *name) {
    static char buffers[PATH_BUFFERS][PATH_BYTES]; /* global: scratch of one process */
    static int next;                               /* global: the same */
    char *buffer = buffers[next++ % PATH_BUFFERS];
    snprintf(buffer, PATH_BYTES, "%s/%s", folder, name);
    return buffer;
}

bool print_descriptor(int fd, const char *what) {
    static char text[READ_BYTES]; /* global: scratch of one process */
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (n > 0) {
        fwrite(text, 1, (size_t)n, stdout);
        fputc('\n', stdout);
    }
    return tried(n > 0, "read %s", what);
}

bool print_file(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_read = print_descriptor(fd, path);
    if (fd >= 0) close(fd);
    return is_read;
}

bool append_to(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);
    bool is_written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    tried(is_written, "append to %s", path);
    if (fd >= 0) close(fd);
    return is_written;
}

bool in_child(bool (*function)(void)) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        errno = 0;
        bool has_worked = function();
        fflush(stdout);
        _exit(has_worked ? 0 : errno != 0 ? errno : 255);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return false;
    if (WIFSIGNALED(status)) {
        printf("    ended by signal %d\n", WTERMSIG(status));
        errno = EINTR;
        return false;
    }
    errno = WEXITSTATUS(status);
    return WEXITSTATUS(status) == 0;
}

static void read_ground(int argc, char **argv) {
    ground = (Ground){ "", "", "", "", "", "", "", 0, 0, -1, 0, 0, 0, 0 };
    struct {
        const char *key;
        const char **text;
        int *number;
    } keys[] = {
        { "home=", &ground.home, NULL },
        { "workspace=", &ground.workspace, NULL },
        { "state=", &ground.state, NULL },
        { "config=", &ground.config, NULL },
        { "token=", &ground.token, NULL },
        { "program=", &ground.program, NULL },
        { "shm=", &ground.shm, NULL },
        { "victim=", NULL, &ground.victim },
        { "victim_fd=", NULL, &ground.victim_fd },
        { "shm_key=", NULL, &ground.shm_key },
        { "tcp=", NULL, &ground.tcp_port },
        { "tcp6=", NULL, &ground.tcp6_port },
        { "udp=", NULL, &ground.udp_port },
    };
    for (int i = 0; i < argc; i++) {
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            size_t length = strlen(keys[k].key);
            if (strncmp(argv[i], keys[k].key, length) != 0) continue;
            if (keys[k].text != NULL)
                *keys[k].text = argv[i] + length;
            else
                *keys[k].number = (int)strtol(argv[i] + length, NULL, 10);
        }
        if (strncmp(argv[i], "address=", 8) == 0) ground.address = strtoul(argv[i] + 8, NULL, 10);
    }
}

static const Attempt *const tables[] = {
    file_attempts, kernel_attempts, limit_attempts, network_attempts, process_attempts,
};

static int print_table(void) {
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const Attempt *row = tables[i]; row->name != NULL; row++)
            printf("%d\t%s\t%u\t%s\n", row->number, row->name, row->flags,
                   row->not_applicable != NULL ? row->not_applicable : "");
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    if (strcmp(argv[1], "--list") == 0) return print_table();
    read_ground(argc - 2, argv + 2);
    if (strcmp(argv[1], "victim") == 0) return victim_main();
    if (strcmp(argv[1], "linger") == 0) return linger_main(argc > 2 ? argv[2] : "");
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const Attempt *row = tables[i]; row->name != NULL; row++) {
            if (strcmp(row->name, argv[1]) != 0 || row->run == NULL) continue;
            printf("begin %s\n", row->name);
            fflush(stdout);
            row->run();
            printf("end %s\n", row->name);
            return 0;
        }
    }
    fprintf(stderr, "no attempt is called '%s'\n", argv[1]);
    return 2;
}

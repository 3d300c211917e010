/*
 * localgpt-engine: the worker around libllama. Started by provider/engine_client.c with one end of
 * a socket pair as descriptor 3 and the client's process id as its argument; not meant for a
 * terminal.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>

#include "engine/server.h"

enum { SOCKET_FD = 3, EXIT_USAGE = 2 };

/* The kernel sends SIGTERM, in our parent's name, when the parent's thread that started us ends;
 * the client may go on. Only when the parent is another one now is the client gone. (Anybody else's
 * SIGTERM ends us too.) */
static void on_terminate(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number;
    (void)context;
    if (getppid() != info->si_pid) _exit(0);
}

static void end_with_client(pid_t client) {
    struct sigaction action = { .sa_sigaction = on_terminate, .sa_flags = SA_RESTART | SA_SIGINFO };
    sigaction(SIGTERM, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != client) _exit(0); /* it ended before we asked to be told */
}

/* So that the kernel, when memory runs out, ends us and not the client. */
static void offer_to_end_first(void) {
    FILE *file = fopen("/proc/self/oom_score_adj", "we");
    if (file == NULL) return;
    fputs("1000", file);
    fclose(file);
}

static int show_usage(void) {
    fputs("localgpt-engine " LOCALGPT_VERSION "\n"
          "The local model's worker; localgpt starts it. There is nothing to run by hand.\n",
          stderr);
    return EXIT_USAGE;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("localgpt-engine " LOCALGPT_VERSION);
        return EXIT_SUCCESS;
    }
    struct stat status;
    bool is_started_by_client =
        argc == 2 && fstat(SOCKET_FD, &status) == 0 && S_ISSOCK(status.st_mode);
    long client = is_started_by_client ? strtol(argv[1], NULL, 10) : 0;
    if (client <= 0) return show_usage();
    end_with_client((pid_t)client);
    offer_to_end_first();
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    return engine_server_run(SOCKET_FD);
}

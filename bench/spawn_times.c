/* Starts programs, one after the other, many rounds, and tells how long each took from posix_spawn
 * to wait, and how much memory it had at most. Interleaved, so that whatever else the machine does
 * hits all of them.
 *
 *     spawn_times ROUNDS COMMAND...      each COMMAND is one argument, split at spaces
 *
 * Prints one line per command: minimum and median in microseconds, kilobytes, exit status. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_COMMANDS = 16, MAX_WORDS = 32, WARM_UP_ROUNDS = 5 };

extern char **environ;

typedef struct {
    char *words[MAX_WORDS];
    double *times_us;
    long max_kb;
    int status;
} Command;

static double now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right) {
    double one = *(const double *)left, other = *(const double *)right;
    return (one > other) - (one < other);
}

static double run(Command *command, const posix_spawn_file_actions_t *actions) {
    pid_t pid;
    struct rusage usage;
    double start = now_us();
    if (posix_spawnp(&pid, command->words[0], actions, NULL, command->words, environ) != 0) {
        fprintf(stderr, "spawn_times: cannot start %s\n", command->words[0]);
        exit(1);
    }
    wait4(pid, &command->status, 0, &usage);
    double taken = now_us() - start;
    if (usage.ru_maxrss > command->max_kb) command->max_kb = usage.ru_maxrss;
    return taken;
}

int main(int argc, char **argv) {
    int n_rounds = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
    int n_commands = argc - 2;
    if (n_rounds <= 0 || n_commands > MAX_COMMANDS) return 2;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    static Command commands[MAX_COMMANDS];
    for (int i = 0; i < n_commands; i++) {
        int n_words = 0;
        char *rest = argv[i + 2], *word;
        while (n_words < MAX_WORDS - 1 && (word = strsep(&rest, " ")) != NULL)
            if (word[0] != '\0') commands[i].words[n_words++] = word;
        commands[i].times_us = calloc((size_t)n_rounds, sizeof(double));
        if (commands[i].times_us == NULL) return 1;
    }
    for (int round = -WARM_UP_ROUNDS; round < n_rounds; round++)
        for (int i = 0; i < n_commands; i++) {
            double taken = run(&commands[i], &actions);
            if (round >= 0) commands[i].times_us[round] = taken;
        }
    for (int i = 0; i < n_commands; i++) {
        qsort(commands[i].times_us, (size_t)n_rounds, sizeof(double), compare);
        printf("%.0f %.0f %ld %d\n", commands[i].times_us[0], commands[i].times_us[n_rounds / 2],
               commands[i].max_kb, WEXITSTATUS(commands[i].status));
        free(commands[i].times_us);
    }
    return 0;
}

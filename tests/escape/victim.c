/* tests/escape/victim.c: `attempts victim secret=FILE shm_key=N`: a process outside, of the same
 * user, with everything a daemon has that must not be had: a secret in its environment, in its
 * memory, behind a descriptor and in shared memory. It tells where, and waits for its input to end.
 */
#include "attempt.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

enum { CANARY_BYTES = 64, MEMORY_BYTES = 4096 };

int victim_main(void) {
    static char memory[CANARY_BYTES + 64]; /* global: what is to be found */
    const char *canary = getenv("VICTIM_CANARY");
    const char *path = getenv("VICTIM_SECRET");
    if (canary == NULL) canary = ground.token;
    if (path == NULL) path = "/dev/null";
    snprintf(memory, CANARY_BYTES, "%s", canary);
    int fd = open(path, O_RDONLY);
    int id = -1;
    char *shared = NULL;
    if (ground.shm_key != 0) {
        id = shmget(ground.shm_key, MEMORY_BYTES, IPC_CREAT | 0600);
        shared = id < 0 ? NULL : shmat(id, NULL, 0);
        if (shared != NULL && shared != (char *)-1) snprintf(shared, MEMORY_BYTES, "%s", canary);
    }
    printf("%d %lu %d\n", getpid(), (unsigned long)memory, fd);
    fflush(stdout);
    while (ground.token[0] != '\0') pause();
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) {
        /* "?": has anybody written into it? */
        printf("%s\n", memory[CANARY_BYTES] == '\0' ? "whole" : "written");
        fflush(stdout);
    }
    if (id >= 0) shmctl(id, IPC_RMID, NULL);
    return 0;
}

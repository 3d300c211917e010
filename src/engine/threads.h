/*
 * engine/threads.h: how many threads to compute with.
 *
 * The library's threads spin while they wait for each other: one thread more than there are free
 * cores makes everything many times slower. So: the physical cores this process may use, minus
 * what others keep busy, at least 1. Busy is the smaller of the 1-minute load without our own part
 * of it and the threads that want to run right now: a load that is over, such as that of the
 * question before, costs nothing.
 */
#pragma once

#include <stdint.h>

typedef struct {
    int n_cores;     /* physical, inside our CPU affinity and cgroup quota */
    int n_fixed;     /* > 0: the user's word */
    double own_load; /* our share of the 1-minute load, decayed as the kernel does it */
    int64_t last_us; /* when own_load was true */
    int load_fd;     /* /proc/loadavg, open since before the confinement; -1 = unknown load */
} EngineThreads;

/* Looks the machine over (reads /sys: before the confinement). `n_fixed` 0 = choose. load_fd stays
 * open for the life of the process. */
void engine_threads_init(EngineThreads *threads, int n_fixed);

/* How many to use for the next request. */
int engine_threads_choose(EngineThreads *threads);

/* A request kept `n_threads` busy from `start_us` (monotonic) until now. */
void engine_threads_note_work(EngineThreads *threads, int n_threads, int64_t start_us);

/* The choice itself, from the text of /proc/loadavg: at least 1, at most `n_cores`. */
int engine_threads_free_cores(int n_cores, const char *loadavg, double own_load);

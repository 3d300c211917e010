/* engine/threads.c: physical cores by /sys, the load by /proc/loadavg, our own part taken out. */
#include "engine/threads.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

#define LOAD_PERIOD_SECONDS 60.0

/* The first CPU of the core that `cpu` belongs to; `cpu` itself when /sys does not tell. */
static int first_sibling(int cpu) {
    g_autofree char *path =
        g_strdup_printf("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) return cpu;
    char *end = NULL;
    long first = strtol(text, &end, 10);
    return end != text ? (int)first : cpu;
}

static int count_physical_cores(void) {
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
    g_autoptr(GHashTable) cores = g_hash_table_new(NULL, NULL);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &usable)) g_hash_table_add(cores, GINT_TO_POINTER(first_sibling(cpu)));
    return MAX(1, (int)g_hash_table_size(cores));
}

/* A container's share of the CPUs, or INT_MAX. */
static int cgroup_quota(void) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents("/sys/fs/cgroup/cpu.max", &text, NULL, NULL)) return INT_MAX;
    double quota = 0, period = 0;
    if (sscanf(text, "%lf %lf", &quota, &period) != 2 || period <= 0) return INT_MAX;
    return MAX(1, (int)(quota / period));
}

void engine_threads_init(EngineThreads *threads, int n_fixed) {
    *threads = (EngineThreads){ .n_fixed = n_fixed, .last_us = g_get_monotonic_time() };
    threads->n_cores = MIN(count_physical_cores(), cgroup_quota());
    threads->load_fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
}

int engine_threads_free_cores(int n_cores, const char *loadavg, double own_load) {
    double load = 0;
    int n_running = 0;
    /* "0.52 0.58 0.59 3/467 12345": the running ones count us, who read it. */
    if (sscanf(loadavg, "%lf %*f %*f %d/", &load, &n_running) != 2) return 1;
    double busy = MIN(load - own_load, (double)(n_running - 1));
    return CLAMP(n_cores - (int)lround(MAX(busy, 0.0)), 1, MAX(n_cores, 1));
}

/* Lets `own_load` move towards `level` over the time since it was true. */
static void move_own_load(EngineThreads *threads, double level, int64_t now_us) {
    double seconds = (double)(now_us - threads->last_us) / G_USEC_PER_SEC;
    double kept = exp(-MAX(seconds, 0.0) / LOAD_PERIOD_SECONDS);
    threads->own_load = threads->own_load * kept + level * (1.0 - kept);
    threads->last_us = now_us;
}

int engine_threads_choose(EngineThreads *threads) {
    if (threads->n_fixed > 0) return threads->n_fixed;
    move_own_load(threads, 0.0, g_get_monotonic_time());
    char text[128];
    ssize_t length = threads->load_fd >= 0 ? pread(threads->load_fd, text, sizeof text - 1, 0) : -1;
    if (length < 0) return 1;
    text[length] = '\0';
    return engine_threads_free_cores(threads->n_cores, text, threads->own_load);
}

void engine_threads_note_work(EngineThreads *threads, int n_threads, int64_t start_us) {
    move_own_load(threads, 0.0, start_us);
    move_own_load(threads, n_threads, g_get_monotonic_time());
}

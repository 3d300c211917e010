/* Tests of engine/threads.c: never more threads than free cores, never fewer than one. */
#include "engine/threads.h"

#include <sched.h>

#include <glib.h>

static void busy_cores_are_left_alone(void) {
    static const struct {
        int n_cores;
        const char *loadavg;
        double own_load;
        int expected;
    } cases[] = {
        { 8, "0.00 0.00 0.00 1/200 999", 0, 8 },
        { 8, "3.00 0.00 0.00 4/200 999", 0, 5 },
        { 8, "20.0 0.00 0.00 21/200 999", 0, 1 },
        { 2, "11.0 0.00 0.00 12/200 999", 0, 1 },
        { 8, "4.00 0.00 0.00 1/200 999", 0, 8 },   /* that load is over */
        { 8, "0.10 0.00 0.00 5/200 999", 0, 8 },   /* and that one is a blink */
        { 8, "4.00 0.00 0.00 5/200 999", 4.0, 8 }, /* that was us */
        { 1, "0.00 0.00 0.00 1/200 999", 0, 1 },
        { 8, "nonsense", 0, 1 },
        { 8, "", 0, 1 },
        { 0, "0.00 0.00 0.00 1/200 999", 0, 1 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(
            engine_threads_free_cores(cases[i].n_cores, cases[i].loadavg, cases[i].own_load), ==,
            cases[i].expected);
}

static void affinity_is_respected(void) {
    cpu_set_t before, one;
    g_assert_cmpint(sched_getaffinity(0, sizeof before, &before), ==, 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
    g_assert_cmpint(sched_setaffinity(0, sizeof one, &one), ==, 0);
    EngineThreads threads;
    engine_threads_init(&threads, 0);
    g_assert_cmpint(threads.n_cores, ==, 1);
    g_assert_cmpint(engine_threads_choose(&threads), ==, 1);
    g_assert_cmpint(sched_setaffinity(0, sizeof before, &before), ==, 0);
}

static void the_users_word_counts(void) {
    EngineThreads threads;
    engine_threads_init(&threads, 7);
    g_assert_cmpint(engine_threads_choose(&threads), ==, 7);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/threads/busy_cores_are_left_alone", busy_cores_are_left_alone);
    g_test_add_func("/engine/threads/affinity_is_respected", affinity_is_respected);
    g_test_add_func("/engine/threads/the_users_word_counts", the_users_word_counts);
    return g_test_run();
}

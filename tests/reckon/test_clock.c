/* Tests of reckon/clock.c. It is 14:30 in Berlin, on Tuesday, 24 November 2026. */
#include "reckon_cases.h"

static void times_are_told(void) {
    static const ReckonCase cases[] = {
        { "what time is it?", "14:30", NULL },
        { "What time is it in Tokyo", "22:30", "22:30 in Tokyo" },
        { "time in New York", "08:30", NULL },
        { "what time is it in Auckland right now", "02:30", "02:30 in Auckland (Wednesday)" },
        { "current time in San Francisco", "05:30", NULL },
        { "what time is it in UTC", "13:30", NULL },
        { "what time will it be in 90 minutes", "16:00", NULL },
        { "what time is it in 12 hours", "02:30", "02:30 the next day" },
        { "how long is it from 9:30 to 17:15", "465", "7 hours and 45 minutes" },
        { "how many hours are there between 10pm and 6am", "480", "8 hours" },
        { "how long until 6pm", "210", NULL },
        { "9:30 + 45 minutes", "10:15", NULL },
        { "30 minutes before noon", "11:30", NULL },
        { "Wie spät ist es?", "14:30", NULL },
        { "wie spät ist es in Tokio", "22:30", NULL },
        { "wie lange ist es von 9 Uhr bis 17:30 Uhr", "510", "8 Stunden und 30 Minuten" },
    };
    reckon_cases_run(reckon_clock, cases, G_N_ELEMENTS(cases));
}

static void what_asks_for_no_time_is_left_alone(void) {
    static const ReckonCase cases[] = {
        { "what time is it in the movie", NULL, NULL },
        { "what time is the meeting", NULL, NULL },
        { "time flies", NULL, NULL },
        { "it was a good time in Paris", NULL, NULL },
        { "how long is the Nile", NULL, NULL },
        { "how long until Christmas", NULL, NULL },
        { "from 5 to 7", NULL, NULL },
        { "in 5 minutes", NULL, NULL },
        { "9:30", NULL, NULL },
        { "25:00 + 5 minutes", NULL, NULL },
        { "what time is it in Atlantis", NULL, NULL },
    };
    reckon_cases_run(reckon_clock, cases, G_N_ELEMENTS(cases));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/reckon/clock/" #name, name)
    TEST(times_are_told);
    TEST(what_asks_for_no_time_is_left_alone);
    return g_test_run();
}

/* Tests of reckon/unit.c. */
#include "reckon_cases.h"

static void quantities_are_converted(void) {
    static const ReckonCase cases[] = {
        { "5 km in miles", "3.106855961", "5 km ≈ 3.10686 mi" },
        { "convert 10 inches to cm", "25.4", "10 in = 25.4 cm" },
        { "how many feet are in a mile?", "5280", "1 mi = 5280 ft" },
        { "what is 100 F in C", "37.77777778", "100 °F ≈ 37.7778 °C" },
        { "0 °C in °F", "32", "0 °C = 32 °F" },
        { "-40°F in celsius", "-40", NULL },
        { "100 degrees fahrenheit in celsius", "37.77777778", NULL },
        { "5 ft 3 in in cm", "160.02", "5 ft 3 in = 160.02 cm" },
        { "5 feet and 3 inches to cm", "160.02", NULL },
        { "90 minutes in hours", "1.5", "90 min = 1.5 h" },
        { "how many seconds in a year", "31536000", NULL },
        { "how many minutes are in 2 weeks", "20160", NULL },
        { "1 GiB in MB", "1073.741824", NULL },
        { "how many bytes is 2 kb", "2000", NULL },
        { "60 mph in km/h", "96.56064", NULL },
        { "2 pounds in kg", "0.90718474", NULL },
        { "1 kWh in kJ", "3600", NULL },
        { "3 acres in square meters", "12140.5692672", NULL },
        { "half a mile in meters", "804.672", NULL },
        { "how many cups are in a gallon", "16", NULL },
        { "1,5 kg in g", "1500", NULL },
        { "Wie viele Meter sind 2,5 Kilometer?", "2500", "2,5 km = 2500 m" },
        { "rechne 10 Zoll in cm um", "25.4", "10 in = 25,4 cm" },
        { "was sind 20 Grad Celsius in Fahrenheit", "68", NULL },
        { "1.500 m in km bitte", "1.5", NULL },
        { "12 stone in kg", "76.20351816", NULL },
        { "10 m2 in square feet", "107.6391042", NULL },
    };
    reckon_cases_run(reckon_units, cases, G_N_ELEMENTS(cases));
}

static void what_is_no_conversion_is_left_alone(void) {
    static const ReckonCase cases[] = {
        { "5 km in kg", NULL, NULL },
        { "I ran 5 km in the rain", NULL, NULL },
        { "what is a mile", NULL, NULL },
        { "5 km", NULL, NULL },
        { "meet me in 5 minutes", NULL, NULL },
        { "how many people are in a mile", NULL, NULL },
        { "in in in", NULL, NULL },
        { "how many days are in february", NULL, NULL },
        { "I am 5 feet tall in shoes", NULL, NULL },
        { "what's up in Paris", NULL, NULL },
        { "5 in 10", NULL, NULL },
        { "put 3 in the box", NULL, NULL },
    };
    reckon_cases_run(reckon_units, cases, G_N_ELEMENTS(cases));
}

static void what_a_unit_assumes_is_told(void) {
    g_auto(ReckonAnswer) answer = { 0 };
    const ReckonContext context = { 0 };
    g_assert_true(reckon_units("2 gallons in liters", &context, &answer));
    g_assert_cmpstr(answer.how, ==, "US gallons");
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/reckon/unit/" #name, name)
    TEST(quantities_are_converted);
    TEST(what_is_no_conversion_is_left_alone);
    TEST(what_a_unit_assumes_is_told);
    return g_test_run();
}

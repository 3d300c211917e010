/* Tests of reckon/arithmetic.c and number.c. */
#include "reckon_cases.h"

#include "reckon/number.h"

static void sums_are_reckoned(void) {
    static const ReckonCase cases[] = {
        { "what is 3+4*2?", "11", "3 + 4 × 2 = 11" },
        { "What's 15% of 80", "12", "15% of 80 = 12" },
        { "0.1 + 0.2", "0.3", NULL },
        { "1/3 + 1/6", "0.5", NULL },
        { "10 / 4", "2.5", "10 ÷ 4 = 2.5" },
        { "what is 1 / 3", "0.3333333333", "1 ÷ 3 ≈ 0.3333333333" },
        { "2^10", "1024", "2^10 = 1024" },
        { "2^0.5", "1.414213562", NULL },
        { "square root of 144", "12", "√144 = 12" },
        { "sqrt(2)", "1.414213562", "√(2) ≈ 1.414213562" },
        { "(1+2)*(3+4)", "21", NULL },
        { "-2^2", "-4", NULL },
        { "2^-2", "0.25", NULL },
        { "2^3^2", "512", NULL },
        { "80 + 15%", "92", NULL },
        { "80 - 25%", "60", NULL },
        { "10% + 5%", "15", NULL },
        { "half of 90", "45", NULL },
        { "twelve times three", "36", "12 × 3 = 36" },
        { "two hundred and five plus one", "206", NULL },
        { "what is seven squared", "49", NULL },
        { "calculate 1,234.5 * 2", "2469", NULL },
        { "1.234,5 * 2", "2469", NULL },
        { "12345678901234567890 + 1", "12345678901234567891", NULL },
        { "1e5 + 1", NULL, NULL },
        { "how much is 20 % off 50", "40", NULL },
        { "what percent of 80 is 12", "15", NULL },
        { "12 is what percent of 80", "15", NULL },
        { "increase 80 by 15%", "92", NULL },
        { "what is a 15% tip on $80?", "12", NULL },
        { "subtract 5 from 20", "15", "20 - 5 = 15" },
        { "divide 100 by 8", "12.5", NULL },
        { "was ist 3 mal 4", "12", "3 × 4 = 12" },
        { "Wie viel ist 1.234,5 plus 0,5?", "1235", "1234,5 + 0,5 = 1235" },
        { "15 Prozent von 80", "12", "15% von 80 = 12" },
        { "Wurzel aus 81", "9", NULL },
        { "zwölf durch vier", "3", NULL },
        { "wie viel Prozent von 80 sind 12", "15", NULL },
        { "100000 * 2,5", "250000", "100,000 × 2.5 = 250,000" },
    };
    reckon_cases_run(reckon_arithmetic, cases, G_N_ELEMENTS(cases));
}

/* Each looks a little like a sum, and nobody asked for one. */
static void what_is_no_sum_is_left_alone(void) {
    static const ReckonCase cases[] = {
        { "what is 5", NULL, NULL },
        { "hello", NULL, NULL },
        { "what is 9/11", NULL, NULL },
        { "24/7", NULL, NULL },
        { "24.12.2026", NULL, NULL },
        { "2026-11-24", NULL, NULL },
        { "12/24/2026", NULL, NULL },
        { "555-1234", NULL, NULL },
        { "what is 10.0.0.1/24", NULL, NULL },
        { "I have 3 + 4 cats", NULL, NULL },
        { "15%", NULL, NULL },
        { "3 +", NULL, NULL },
        { "what is 1/0", NULL, NULL },
        { "what is love", NULL, NULL },
        { "one of two", NULL, NULL },
        { "x", NULL, NULL },
        { "C++", NULL, NULL },
        { "two three plus one", NULL, NULL },
        { "half of it", NULL, NULL },
        { "((((((", NULL, NULL },
        { "9:30", NULL, NULL },
        { "take 5", NULL, NULL },
        { "5 off 20", NULL, NULL },
        { "", NULL, NULL },
        { "10^100000", NULL, NULL },
        { "von", NULL, NULL },
    };
    reckon_cases_run(reckon_arithmetic, cases, G_N_ELEMENTS(cases));
}

static void a_number_that_could_be_another_is_told(void) {
    g_auto(ReckonAnswer) answer = { 0 };
    const ReckonContext context = { 0 };
    g_assert_true(reckon_arithmetic("1,234 + 1", &context, &answer));
    g_assert_cmpstr(answer.value, ==, "1235");
    g_assert_cmpstr(answer.how, ==, "read 1,234 as 1234");
    reckon_answer_clear(&answer);
    g_assert_true(reckon_arithmetic("was ist 1,234 + 1", &context, &answer));
    g_assert_cmpstr(answer.value, ==, "2.234");
    g_assert_cmpstr(answer.how, ==, "1,234 als 1.234 gelesen");
}

static void fractions_stay_exact(void) {
    Number sum = number_whole(0);
    for (int i = 0; i < 10; i++) sum = number_add(sum, number_fraction(1, 10));
    g_assert_true(number_is_whole(&sum));
    Number large = number_power(number_whole(10), number_whole(40));
    g_assert_false(large.is_valid);
    Number third = number_fraction(1, 3);
    bool is_rounded = false;
    g_autofree char *text = number_text(&third, &languages[LANGUAGE_DE], &is_rounded);
    g_assert_true(is_rounded);
    g_assert_cmpstr(text, ==, "0,3333333333");
    Number none = number_divide(sum, number_whole(0));
    g_assert_false(none.is_valid);
    g_assert_false(number_add(none, sum).is_valid);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/reckon/arithmetic/" #name, name)
    TEST(sums_are_reckoned);
    TEST(what_is_no_sum_is_left_alone);
    TEST(a_number_that_could_be_another_is_told);
    TEST(fractions_stay_exact);
    return g_test_run();
}

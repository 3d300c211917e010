/* Tests of reckon/calendar.c, date.c and date_read.c. Today is Tuesday, 24 November 2026. */
#include "reckon_cases.h"

#include "reckon/date.h"

static void days_are_reckoned(void) {
    static const ReckonCase cases[] = {
        { "what day is it?", "2026-11-24", "Tuesday, 24 November 2026" },
        { "what's the date today", "2026-11-24", NULL },
        { "what day is it in ten days", "2026-12-04", "Friday, 4 December 2026" },
        { "what day is 90 days from 3 March", "2027-06-01", "Tuesday, 1 June 2027" },
        { "90 days after March 3rd, 2026", "2026-06-01", NULL },
        { "what day is tomorrow", "2026-11-25", NULL },
        { "what day was yesterday", "2026-11-23", NULL },
        { "what date is in 3 weeks", "2026-12-15", NULL },
        { "what day was it 2 weeks ago", "2026-11-10", NULL },
        { "what date is next Friday", "2026-11-27", NULL },
        { "what date is it a week from Friday", "2026-12-04", NULL },
        { "in 3 months", "2027-02-24", NULL },
        { "one month after 31 January 2027", "2027-02-28", NULL },
        { "how many days until Christmas", "31",
          "31 days (4 weeks and 3 days) until Friday, 25 December 2026" },
        { "how long until new year's eve?", "37", NULL },
        { "days until 1 January", "38", NULL },
        { "how many weeks until Christmas", "4.428571429", NULL },
        { "how many days since 1 January", "327", NULL },
        { "how many days are between 3 March 2026 and 5 May 2026", "63", NULL },
        { "how many days between 2026-01-01 and 2026-12-31", "364", NULL },
        { "what day of the week is 12/24/2026", "2026-12-24", "Thursday, 24 December 2026" },
        { "what weekday was 1969-07-20", "1969-07-20", "Sunday, 20 July 1969" },
        { "which day does Christmas fall on", "2026-12-25", NULL },
        { "when is Easter 2027", "2027-03-28", "Sunday, 28 March 2027" },
        { "what week number is it", "48", NULL },
        { "which calendar week is 1 January 2027 in", "53", NULL },
        { "is 2028 a leap year", "yes", "Yes, 2028 is a leap year." },
        { "was 1900 a leap year?", "no", NULL },
        { "how many days are in February 2028", "29", NULL },
        { "how old is someone born on 25 November 1980", "45", NULL },
    };
    reckon_cases_run(reckon_calendar, cases, G_N_ELEMENTS(cases));
}

static void german_days_are_reckoned(void) {
    static const ReckonCase cases[] = {
        { "Welcher Tag ist heute?", "2026-11-24", "Dienstag, 24. November 2026" },
        { "welches Datum haben wir heute", "2026-11-24", NULL },
        { "welcher Tag ist in 10 Tagen", "2026-12-04", "Freitag, 4. Dezember 2026" },
        { "Welcher Tag ist 90 Tage nach dem 3. März?", "2027-06-01", NULL },
        { "welcher Tag war vor 3 Wochen", "2026-11-03", NULL },
        { "Wie viele Tage sind es noch bis Weihnachten?", "31", NULL },
        { "wie viele Tage bis Silvester", "37", NULL },
        { "welcher Wochentag ist der 24.12.2026", "2026-12-24", "Donnerstag, 24. Dezember 2026" },
        { "welcher Wochentag war der 3.4.1985", "1985-04-03", NULL },
        { "welche Kalenderwoche haben wir", "48", NULL },
        { "ist 2028 ein Schaltjahr", "yes", NULL },
        { "wann ist Ostern 2027", "2027-03-28", NULL },
        { "wie viele Tage liegen zwischen dem 1. Januar 2026 und dem 1. März 2026", "59", NULL },
        { "übermorgen", NULL, NULL },
    };
    reckon_cases_run(reckon_calendar, cases, G_N_ELEMENTS(cases));
}

static void what_asks_for_no_day_is_left_alone(void) {
    static const ReckonCase cases[] = {
        { "I will be there in ten days", NULL, NULL },
        { "Friday", NULL, NULL },
        { "see you tomorrow", NULL, NULL },
        { "when is my dentist appointment", NULL, NULL },
        { "when is the train to Berlin", NULL, NULL },
        { "what day is best for a walk", NULL, NULL },
        { "what did we do 3 days ago", NULL, NULL },
        { "how many days did it rain", NULL, NULL },
        { "how long is the Nile", NULL, NULL },
        { "in 10 business days", NULL, NULL },
        { "what day is 31 February", NULL, NULL },
        { "how many days until the party", NULL, NULL },
        { "how old is Anna", NULL, NULL },
        { "is Paris a leap year", NULL, NULL },
        { "3 March", NULL, NULL },
        { "march on", NULL, NULL },
        { "may I", NULL, NULL },
        { "the date with Anna", NULL, NULL },
        { "in 999999999 days", NULL, NULL },
    };
    reckon_cases_run(reckon_calendar, cases, G_N_ELEMENTS(cases));
}

static void a_date_that_could_be_another_is_told(void) {
    const DateQuestion english = { { 2026, 11, 24 }, LANGUAGE_EN, DATE_NEXT };
    const DateQuestion german = { { 2026, 11, 24 }, LANGUAGE_DE, DATE_NEXT };
    DateReading reading = { 0 };
    g_assert_true(date_read("3/4/2027", &english, &reading));
    g_assert_cmpint(reading.date.month, ==, 3);
    g_assert_cmpstr(reading.doubt, ==, "read as day/month: Saturday, 3 April 2027");
    date_reading_clear(&reading);
    g_assert_true(date_read("3/4/2027", &german, &reading));
    g_assert_cmpint(reading.date.month, ==, 4);
    g_assert_nonnull(reading.doubt);
    date_reading_clear(&reading);
    g_assert_true(date_read("24/12/2026", &english, &reading));
    g_assert_cmpint(reading.date.month, ==, 12);
    g_assert_null(reading.doubt);
    g_assert_true(date_read("24.12.2026", &english, &reading));
    g_assert_cmpint(reading.date.day, ==, 24);
    g_assert_true(date_read("3.4.", &english, &reading));
    g_assert_cmpint(reading.date.month, ==, 4);
    g_assert_cmpint(reading.date.year, ==, 2027);
}

/* Each day of eight centuries is the day after the one before it. */
static void the_calendar_has_no_gap(void) {
    Date first = { 1583, 1, 1 };
    int64_t start = date_days(first);
    int weekday = date_weekday(first);
    for (int64_t days = start; days < start + 146097 * 2; days++) {
        Date date = date_from_days(days);
        g_assert_true(date_is_valid(date));
        g_assert_cmpint(date_days(date), ==, days);
        g_assert_cmpint(date_weekday(date), ==, weekday);
        weekday = weekday % 7 + 1;
    }
    for (int year = 1900; year < 2200; year++) {
        Date easter = date_easter(year);
        g_assert_cmpint(date_weekday(easter), ==, 7);
        g_autoptr(GDateTime) other = g_date_time_new_utc(year, 1, 4, 0, 0, 0);
        g_assert_cmpint(date_week((Date){ year, 1, 4 }, NULL), ==,
                        g_date_time_get_week_of_year(other));
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/reckon/calendar/" #name, name)
    TEST(days_are_reckoned);
    TEST(german_days_are_reckoned);
    TEST(what_asks_for_no_day_is_left_alone);
    TEST(a_date_that_could_be_another_is_told);
    TEST(the_calendar_has_no_gap);
    return g_test_run();
}

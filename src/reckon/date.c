/* reckon/date.c: the calendar, and how a day is shown. */
#include "reckon/date.h"

#include <string.h>

#include <glib.h>

enum { FIRST_YEAR = 1583, LAST_YEAR = 9999 };

/* Days from the civil calendar: years begin in March, so that the leap day is the last. */
int64_t date_days(Date date) {
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

Date date_from_days(int64_t days) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    Date date = { .day = (int)(of_year - (153 * month + 2) / 5 + 1),
                  .month = (int)(month < 10 ? month + 3 : month - 9) };
    date.year = (int)(year + era * 400 + (date.month <= 2));
    return date;
}

int date_weekday(Date date) {
    int64_t days = date_days(date) + 3; /* 1970-01-01 was a Thursday */
    return (int)(((days % 7) + 7) % 7) + 1;
}

/* The week is that of its Thursday. */
int date_week(Date date, int *out_year) {
    Date thursday = date_from_days(date_days(date) + 4 - date_weekday(date));
    Date first = { thursday.year, 1, 1 };
    if (out_year != NULL) *out_year = thursday.year;
    return (int)((date_days(thursday) - date_days(first)) / 7) + 1;
}

bool date_is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_days_in_month(int year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return days[month - 1] + (month == 2 && date_is_leap(year));
}

bool date_is_valid(Date date) {
    return date.year >= FIRST_YEAR && date.year <= LAST_YEAR && date.month >= 1 &&
           date.month <= 12 && date.day >= 1 &&
           date.day <= date_days_in_month(date.year, date.month);
}

Date date_add_months(Date date, int64_t months) {
    int64_t month = (int64_t)date.year * 12 + date.month - 1 + months;
    Date out = { (int)(month / 12), (int)(month % 12) + 1, date.day };
    if (out.year < FIRST_YEAR || out.year > LAST_YEAR) return (Date){ 0, 1, 1 };
    out.day = MIN(out.day, date_days_in_month(out.year, out.month));
    return out;
}

/* The Gregorian computus of Meeus, Jones and Butcher. */
Date date_easter(int year) {
    int a = year % 19, b = year / 100, c = year % 100;
    int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
    int f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
    return (Date){ year, f / 31, f % 31 + 1 };
}

char *date_text(Date date, const Language *language) {
    return g_strdup_printf("%s, %d%s %s %d", language->weekdays[date_weekday(date) - 1], date.day,
                           language->day_first ? "." : "", language->months[date.month - 1],
                           date.year);
}

char *date_iso(Date date) {
    return g_strdup_printf("%04d-%02d-%02d", date.year, date.month, date.day);
}

void date_reading_clear(DateReading *reading) {
    g_clear_pointer(&reading->how, g_free);
    g_clear_pointer(&reading->doubt, g_free);
}

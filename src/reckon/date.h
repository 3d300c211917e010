/*
 * reckon/date.h: days of the Gregorian calendar, and dates as people write and say them.
 *
 *     DateReading reading = { 0 };
 *     if (date_read("90 days from 3 March", &question, &reading)) ...
 *     date_reading_clear(&reading);
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reckon/language.h"

typedef struct {
    int year, month, day;
} Date;

int64_t date_days(Date date); /* since 1970-01-01 */
Date date_from_days(int64_t days);
int date_weekday(Date date);             /* 1 = Monday */
int date_week(Date date, int *out_year); /* ISO 8601 */
bool date_is_leap(int year);
int date_days_in_month(int year, int month);
bool date_is_valid(Date date); /* and between the years 1583 and 9999 */
/* The last day of a month stays one: 31 January and a month is 28 February. */
Date date_add_months(Date date, int64_t months);
Date date_easter(int year);

/* "Tuesday, 1 June 2027". New string. */
char *date_text(Date date, const Language *language);
/* "2027-06-01". New string. */
char *date_iso(Date date);

typedef enum { DATE_NEXT, DATE_LAST } DateTense; /* which one a date without its year is */

typedef struct {
    Date today;
    LanguageId language; /* whose order of day and month counts */
    DateTense tense;
} DateQuestion;

typedef struct {
    Date date;
    char *how;        /* owned: "90 days after 3 March 2027"; NULL: it was named */
    char *doubt;      /* owned: the other reading of "3/4/2026"; NULL: none */
    bool is_relative; /* reckoned from another day */
    bool is_named;    /* a feast, or today, tomorrow */
} DateReading;

void date_reading_clear(DateReading *reading);

/* The whole text is one date: "3 March", "March 3rd, 2026", "24.12.2026", "12/24/2026",
 * "2026-12-24", "tomorrow", "next Friday", "Christmas", "in ten days", "3 weeks ago", "90 days
 * after 3 March". */
bool date_read(const char *text, const DateQuestion *question, DateReading *out);

/*
 * reckon/language.h: what a language calls things and how it writes numbers and dates. A language
 * is a row, and its rows of phrases beside it; nothing else knows of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef enum { LANGUAGE_EN, LANGUAGE_DE, N_LANGUAGES } LanguageId;

typedef struct {
    const char *name; /* "en" */
    char decimal;     /* '.' */
    char thousands;   /* ',' */
    bool day_first;   /* 3/4/2026 is the third of April */
    const char *months[12];
    const char *weekdays[7];                  /* Monday first */
    const char *units_of_time[4];             /* days, weeks, months, years: "day|days" */
    const char *today, *tomorrow, *yesterday; /* as said in an answer */
} Language;

extern const Language languages[N_LANGUAGES];

/* The number a word stands for ("twelve", "zwölf"), or -1; in any language. */
int64_t language_number_word(const char *word);

/* Month 1 to 12 or 0, weekday 1 (Monday) to 7 or 0: by the whole word or its usual short form, in
 * any language, whatever the case; a full stop after a short form is the caller's. */
int language_month(const char *word);
int language_weekday(const char *word);

/* reckon/language.c: the rows. */
#include "reckon/language.h"

#include <string.h>

#include <glib.h>

/* clang-format off */
const Language languages[N_LANGUAGES] = {
    [LANGUAGE_EN] = {
        .name = "en", .decimal = '.', .thousands = ',', .day_first = false,
        .months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December" },
        .weekdays = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" },
        .units_of_time = { "day|days", "week|weeks", "month|months", "year|years" },
        .today = "today", .tomorrow = "tomorrow", .yesterday = "yesterday",
    },
    [LANGUAGE_DE] = {
        .name = "de", .decimal = ',', .thousands = '.', .day_first = true,
        .months = { "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember" },
        .weekdays = { "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag" },
        .units_of_time = { "Tag|Tage", "Woche|Wochen", "Monat|Monate", "Jahr|Jahre" },
        .today = "heute", .tomorrow = "morgen", .yesterday = "gestern",
    },
};

static const struct {
    const char *word;
    int value;
} short_months[] = {
    { "jan", 1 }, { "feb", 2 }, { "mar", 3 }, { "mär", 3 }, { "apr", 4 }, { "jun", 6 }, { "jul", 7 },
    { "aug", 8 }, { "sep", 9 }, { "sept", 9 }, { "oct", 10 }, { "okt", 10 }, { "nov", 11 },
    { "dec", 12 }, { "dez", 12 }, { "jänner", 1 }, { "maerz", 3 },
}, short_weekdays[] = {
    { "mon", 1 }, { "tue", 2 }, { "tues", 2 }, { "wed", 3 }, { "thu", 4 }, { "thur", 4 }, { "thurs", 4 },
    { "fri", 5 }, { "sat", 6 }, { "sun", 7 }, { "sonnabend", 6 },
}, number_words[] = {
    { "zero", 0 }, { "one", 1 }, { "two", 2 }, { "three", 3 }, { "four", 4 }, { "five", 5 }, { "six", 6 },
    { "seven", 7 }, { "eight", 8 }, { "nine", 9 }, { "ten", 10 }, { "eleven", 11 }, { "twelve", 12 },
    { "thirteen", 13 }, { "fourteen", 14 }, { "fifteen", 15 }, { "sixteen", 16 }, { "seventeen", 17 },
    { "eighteen", 18 }, { "nineteen", 19 }, { "twenty", 20 }, { "thirty", 30 }, { "forty", 40 },
    { "fifty", 50 }, { "sixty", 60 }, { "seventy", 70 }, { "eighty", 80 }, { "ninety", 90 },
    { "hundred", 100 }, { "thousand", 1000 }, { "million", 1000000 }, { "billion", 1000000000 },
    { "dozen", 12 },
    { "null", 0 }, { "ein", 1 }, { "eine", 1 }, { "einem", 1 }, { "einer", 1 }, { "einen", 1 },
    { "eins", 1 }, { "zwei", 2 }, { "drei", 3 }, { "vier", 4 }, { "fünf", 5 }, { "sechs", 6 },
    { "sieben", 7 }, { "acht", 8 }, { "neun", 9 }, { "zehn", 10 }, { "elf", 11 }, { "zwölf", 12 },
    { "dreizehn", 13 }, { "vierzehn", 14 }, { "fünfzehn", 15 }, { "sechzehn", 16 }, { "siebzehn", 17 },
    { "achtzehn", 18 }, { "neunzehn", 19 }, { "zwanzig", 20 }, { "dreißig", 30 }, { "vierzig", 40 },
    { "fünfzig", 50 }, { "sechzig", 60 }, { "siebzig", 70 }, { "achtzig", 80 }, { "neunzig", 90 },
    { "hundert", 100 }, { "tausend", 1000 }, { "dutzend", 12 },
};
/* clang-format on */

int64_t language_number_word(const char *word) {
    g_autofree char *lower = g_utf8_strdown(word, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(number_words); i++)
        if (strcmp(number_words[i].word, lower) == 0) return number_words[i].value;
    return -1;
}

static int find_name(const char *lower, const char *const *names, int n) {
    for (int i = 0; i < n; i++) {
        g_autofree char *name = g_utf8_strdown(names[i], -1);
        if (strcmp(name, lower) == 0) return i + 1;
    }
    return 0;
}

int language_month(const char *word) {
    g_autofree char *lower = g_utf8_strdown(word, -1);
    for (int i = 0; i < N_LANGUAGES; i++) {
        int month = find_name(lower, languages[i].months, 12);
        if (month > 0) return month;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(short_months); i++)
        if (strcmp(short_months[i].word, lower) == 0) return short_months[i].value;
    return 0;
}

int language_weekday(const char *word) {
    g_autofree char *lower = g_utf8_strdown(word, -1);
    for (int i = 0; i < N_LANGUAGES; i++) {
        int weekday = find_name(lower, languages[i].weekdays, 7);
        if (weekday > 0) return weekday;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(short_weekdays); i++)
        if (strcmp(short_weekdays[i].word, lower) == 0) return short_weekdays[i].value;
    return 0;
}

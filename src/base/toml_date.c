/* base/toml_date.c: offset and local date-times, local dates, local times. */
#include "base/toml-private.h"

#include <string.h>

/* Reads exactly `count` digits; -1 when they are not there. */
static int take_digits(const char **at, size_t count) {
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!g_ascii_isdigit((*at)[i])) return -1;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += count;
    return value;
}

static bool take_char(const char **at, char c) {
    if (**at != c) return false;
    (*at)++;
    return true;
}

static int days_in_month(int year, int month) {
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

/* The take_* functions return NULL, or what is wrong. */
static const char *take_date(const char **at) {
    static const char form[] = "a date is written YYYY-MM-DD";
    int year = take_digits(at, 4);
    if (year < 0 || !take_char(at, '-')) return form;
    int month = take_digits(at, 2);
    if (month < 0 || !take_char(at, '-')) return form;
    int day = take_digits(at, 2);
    if (day < 0) return form;
    if (month < 1 || month > 12) return "the month must be 01 to 12";
    if (day < 1 || day > days_in_month(year, month)) return "this month has no such day";
    return NULL;
}

static const char *take_time(const char **at) {
    static const char form[] = "a time is written HH:MM:SS";
    int hour = take_digits(at, 2);
    if (hour < 0 || !take_char(at, ':')) return form;
    int minute = take_digits(at, 2);
    if (minute < 0 || !take_char(at, ':')) return form;
    int second = take_digits(at, 2);
    if (second < 0) return form;
    if (hour > 23) return "the hour must be 00 to 23";
    if (minute > 59) return "the minute must be 00 to 59";
    if (second > 60) return "the second must be 00 to 59 (60 for a leap second)";
    if (!take_char(at, '.')) return NULL;
    if (take_digits(at, 1) < 0) return "expected digits after the dot";
    while (take_digits(at, 1) >= 0) {
    }
    return NULL;
}

static const char *take_offset(const char **at) {
    static const char form[] = "an offset is written Z, +HH:MM or -HH:MM";
    if (take_char(at, 'Z') || take_char(at, 'z')) return NULL;
    if (!take_char(at, '+') && !take_char(at, '-')) return form;
    int hours = take_digits(at, 2);
    if (hours < 0 || !take_char(at, ':')) return form;
    int minutes = take_digits(at, 2);
    if (minutes < 0) return form;
    if (hours > 23 || minutes > 59) return "the offset must be -23:59 to +23:59";
    return NULL;
}

static const char *take_all(const char **at, const char *end) {
    if ((*at)[2] == ':') return take_time(at);
    const char *wrong = take_date(at);
    if (wrong != NULL || *at == end) return wrong;
    if (!take_char(at, 'T') && !take_char(at, 't') && !take_char(at, ' '))
        return "expected T or a blank between date and time";
    wrong = take_time(at);
    if (wrong != NULL || *at == end) return wrong;
    return take_offset(at);
}

bool toml_looks_like_date(const char *token, size_t length) {
    size_t digits = 0;
    while (digits < length && g_ascii_isdigit(token[digits])) digits++;
    if (digits == 0 || digits == length) return false;
    return token[digits] == ':' || (token[digits] == '-' && digits >= 4);
}

bool toml_check_date(TomlReader *reader, size_t start, size_t end) {
    const char *at = reader->text + start;
    const char *stop = reader->text + end;
    const char *wrong = end - start < 3 ? "a time is written HH:MM:SS" : take_all(&at, stop);
    if (wrong == NULL && at == stop) return true;
    g_autofree char *word = g_strndup(reader->text + start, end - start);
    g_autofree char *note = g_strdup_printf("write \"%s\" if it is text", word);
    return toml_fail(reader, TOML_RANGE(start, end), note, "%s",
                     wrong != NULL ? wrong : "unexpected characters after the date or time");
}

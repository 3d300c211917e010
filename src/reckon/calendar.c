/* reckon/calendar.c: questions about days, as rows. */
#include <string.h>

#include "reckon/date.h"
#include "reckon/number.h"
#include "reckon/phrase.h"
#include "reckon/reckon.h"

typedef enum {
    ASKS_TODAY,
    ASKS_DAY,    /* which day `date` is */
    ASKS_OFFSET, /* the same without a question: only when it is reckoned from another day */
    ASKS_UNTIL,  /* days from today */
    ASKS_WEEKS_UNTIL,
    ASKS_SINCE,
    ASKS_BETWEEN, /* a, b */
    ASKS_WEEK,
    ASKS_THIS_WEEK,
    ASKS_LEAP,   /* year */
    ASKS_LENGTH, /* of a month */
    ASKS_AGE,
} AskKind;

typedef struct {
    LanguageId language;
    AskKind kind;
    DateTense tense;
    const char *pattern; /* holes: date, a, b, year, month */
} AskRow;

/* clang-format off */
static const AskRow rows[] = {
    { LANGUAGE_EN, ASKS_TODAY, DATE_NEXT, "(what|which) (day|date|weekday) is it [today]" },
    { LANGUAGE_EN, ASKS_TODAY, DATE_NEXT, "(what|which) (day|date|weekday|day of the week) is today" },
    { LANGUAGE_EN, ASKS_TODAY, DATE_NEXT, "(what day of the week is it|what is today|the date today|today's date|the date|the current date|today) [today]" },
    { LANGUAGE_DE, ASKS_TODAY, DATE_NEXT, "(welcher|was für ein) (tag|wochentag) ist [es] heute" },
    { LANGUAGE_DE, ASKS_TODAY, DATE_NEXT, "welches datum (ist|haben wir) [heute]" },
    { LANGUAGE_DE, ASKS_TODAY, DATE_NEXT, "(der wievielte ist heute|den wievielten haben wir [heute]|das heutige datum|heute)" },
    { LANGUAGE_EN, ASKS_WEEK, DATE_NEXT, "(what|which) [calendar] week [number] is [it] {date} [in]" },
    { LANGUAGE_EN, ASKS_WEEK, DATE_NEXT, "[the] [calendar] week number of {date}" },
    { LANGUAGE_EN, ASKS_THIS_WEEK, DATE_NEXT, "(what|which) [calendar] week [number] (is it|is this|are we in) [now|today]" },
    { LANGUAGE_EN, ASKS_THIS_WEEK, DATE_NEXT, "the (current|calendar) week [number]" },
    { LANGUAGE_DE, ASKS_THIS_WEEK, DATE_NEXT, "(welche kalenderwoche|welche kw|die wievielte woche|die aktuelle kalenderwoche) [ist|haben wir] [heute|gerade|jetzt|es]" },
    { LANGUAGE_DE, ASKS_WEEK, DATE_NEXT, "in welcher (kalenderwoche|kw|woche) (ist|liegt) [der] {date}" },
    { LANGUAGE_EN, ASKS_LEAP, DATE_NEXT, "(is|was|will) {year} [be] a leap year" },
    { LANGUAGE_DE, ASKS_LEAP, DATE_NEXT, "(ist|war|wird) {year} ein schaltjahr" },
    { LANGUAGE_EN, ASKS_LENGTH, DATE_NEXT, "how many days (are|are there|does|has) [in] {month} [have]" },
    { LANGUAGE_DE, ASKS_LENGTH, DATE_NEXT, "wie viele tage hat [der] {month}" },
    { LANGUAGE_EN, ASKS_WEEKS_UNTIL, DATE_NEXT, "how many weeks [are|is] [there|it|left] (until|till|to|before) {date}" },
    { LANGUAGE_DE, ASKS_WEEKS_UNTIL, DATE_NEXT, "wie viele wochen [sind es] [noch] bis [zum|zu] {date}" },
    { LANGUAGE_EN, ASKS_UNTIL, DATE_NEXT, "how (many days|long) [are|is] [there|it] [left] (until|till|to|before) {date}" },
    { LANGUAGE_EN, ASKS_UNTIL, DATE_NEXT, "[the] [number of] days (until|till|left until) {date}" },
    { LANGUAGE_DE, ASKS_UNTIL, DATE_NEXT, "wie (viele tage|lange|viel tage) [sind|ist] [es] [noch] bis [zum|zu] {date}" },
    { LANGUAGE_EN, ASKS_SINCE, DATE_LAST, "how (many days|long) [is it|has it been|have passed|ago was|ago is] since {date}" },
    { LANGUAGE_EN, ASKS_SINCE, DATE_LAST, "how (many days|long) ago (was|is) {date}" },
    { LANGUAGE_EN, ASKS_SINCE, DATE_LAST, "days since {date}" },
    { LANGUAGE_DE, ASKS_SINCE, DATE_LAST, "wie (viele tage|lange) (seit|ist es seit|sind seit|sind es seit) [dem] {date} [vergangen|her]" },
    { LANGUAGE_EN, ASKS_BETWEEN, DATE_NEXT, "[how many|the number of] days [are|is] [there|it] (between|from) {a} (and|to|until|till) {b}" },
    { LANGUAGE_DE, ASKS_BETWEEN, DATE_NEXT, "wie viele tage (sind|liegen) [es] (zwischen|von) [dem] {a} (und|bis) [dem|zum] {b}" },
    { LANGUAGE_EN, ASKS_AGE, DATE_LAST, "how old is (someone|somebody|a person|a child|anyone) [who was] born [on|in] {date}" },
    { LANGUAGE_DE, ASKS_AGE, DATE_LAST, "wie alt ist (jemand|man|wer) [der] [am] {date} geboren [ist|wurde]" },
    { LANGUAGE_EN, ASKS_DAY, DATE_NEXT, "[on] (what|which) (day|date|weekday|day of the week) (is|does|will) [it] [be] {date} [be] [fall] [on]" },
    { LANGUAGE_EN, ASKS_DAY, DATE_LAST, "[on] (what|which) (day|date|weekday|day of the week) (was|did) [it] {date} [fall] [on]" },
    { LANGUAGE_EN, ASKS_DAY, DATE_NEXT, "[the] (weekday|day of the week|date|day) (of|for|on|in) {date}" },
    { LANGUAGE_EN, ASKS_DAY, DATE_NEXT, "[the] (date|day) {date}" },
    { LANGUAGE_EN, ASKS_DAY, DATE_NEXT, "when is {date}" },
    { LANGUAGE_EN, ASKS_DAY, DATE_LAST, "when was {date}" },
    { LANGUAGE_EN, ASKS_OFFSET, DATE_NEXT, "{date}" },
    { LANGUAGE_DE, ASKS_DAY, DATE_NEXT, "(welcher|was für ein) (tag|wochentag) (ist|wird) [es] [der|am] {date} [sein]" },
    { LANGUAGE_DE, ASKS_DAY, DATE_LAST, "(welcher|was für ein) (tag|wochentag) war [es] [der|am] {date}" },
    { LANGUAGE_DE, ASKS_DAY, DATE_NEXT, "auf (welchen|was für einen) (tag|wochentag) fällt [der] {date}" },
    { LANGUAGE_DE, ASKS_DAY, DATE_NEXT, "(welches datum|der wievielte) ist [es] {date}" },
    { LANGUAGE_DE, ASKS_DAY, DATE_NEXT, "welches datum haben wir {date}" },
    { LANGUAGE_DE, ASKS_DAY, DATE_NEXT, "wann ist [der|dieses jahr] {date}" },
    { LANGUAGE_DE, ASKS_OFFSET, DATE_NEXT, "{date}" },
};
/* clang-format on */

static bool is_date(const char *name, const char *text, void *user_data) {
    const DateQuestion *question = user_data;
    if (strcmp(name, "year") == 0) return strlen(text) == 4 && strspn(text, "0123456789") == 4;
    if (strcmp(name, "month") == 0) {
        g_auto(GStrv) words = g_strsplit(text, " ", -1);
        return g_strv_length(words) <= 2 && language_month(words[0]) > 0 &&
               (words[1] == NULL || strspn(words[1], "0123456789") == 4);
    }
    DateReading reading = { 0 };
    bool is_ok = date_read(text, question, &reading);
    date_reading_clear(&reading);
    return is_ok;
}

/* "14 days (2 weeks)" in the language. New string. */
static char *days_text(int64_t days, LanguageId id) {
    const Language *language = &languages[id];
    g_auto(GStrv) day = g_strsplit(language->units_of_time[0], "|", 2);
    g_auto(GStrv) week = g_strsplit(language->units_of_time[1], "|", 2);
    Number number = number_whole(days);
    g_autofree char *shown = number_text(&number, language, NULL);
    int64_t weeks = days / 7, rest = days % 7;
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s %s", shown, days == 1 ? day[0] : day[1]);
    if (weeks > 0) {
        g_string_append_printf(out, " (%" G_GINT64_FORMAT " %s", (gint64)weeks,
                               weeks == 1 ? week[0] : week[1]);
        if (rest > 0)
            g_string_append_printf(out, "%s%" G_GINT64_FORMAT " %s",
                                   id == LANGUAGE_DE ? " und " : " and ", (gint64)rest,
                                   rest == 1 ? day[0] : day[1]);
        g_string_append(out, ")");
    }
    return g_string_free(out, FALSE);
}

/* What was reckoned from, and what could have been meant. Takes nothing; NULL when nothing is. */
static char *how_of(const DateReading *reading) {
    if (reading->how == NULL) return g_strdup(reading->doubt);
    if (reading->doubt == NULL) return g_strdup(reading->how);
    return g_strdup_printf("%s; %s", reading->how, reading->doubt);
}

static void answer_day(const DateReading *reading, LanguageId language, ReckonAnswer *out) {
    *out = (ReckonAnswer){ .text = date_text(reading->date, &languages[language]),
                           .value = date_iso(reading->date),
                           .how = how_of(reading),
                           .language = language };
}

static void answer_days(int64_t days, const char *joint, const DateReading *reading,
                        LanguageId language, ReckonAnswer *out) {
    g_autofree char *count = days_text(days, language);
    g_autofree char *day = date_text(reading->date, &languages[language]);
    *out = (ReckonAnswer){ .text = g_strdup_printf("%s %s %s", count, joint, day),
                           .value = g_strdup_printf("%" G_GINT64_FORMAT, (gint64)days),
                           .how = how_of(reading),
                           .language = language };
}

static void answer_week(Date date, LanguageId language, ReckonAnswer *out) {
    int year = 0;
    int week = date_week(date, &year);
    g_autofree char *day = date_text(date, &languages[language]);
    *out = (ReckonAnswer){
        .text = g_strdup_printf(language == LANGUAGE_DE ? "Kalenderwoche %d (%s)" : "week %d (%s)",
                                week, day),
        .value = g_strdup_printf("%d", week),
        .how = g_strdup_printf(
            language == LANGUAGE_DE ? "nach ISO 8601, Jahr %d" : "ISO 8601, of %d", year),
        .language = language
    };
}

static void answer_leap(int year, LanguageId language, ReckonAnswer *out) {
    bool is_leap = date_is_leap(year);
    char *text = language == LANGUAGE_DE
                     ? g_strdup_printf("%s, %d ist %s Schaltjahr.", is_leap ? "Ja" : "Nein", year,
                                       is_leap ? "ein" : "kein")
                     : g_strdup_printf("%s, %d is %s leap year.", is_leap ? "Yes" : "No", year,
                                       is_leap ? "a" : "no");
    *out = (ReckonAnswer){ .text = text,
                           .value = g_strdup(is_leap ? "yes" : "no"),
                           .language = language };
}

/* Of this year, when none is named. */
static void answer_length(const char *text, const DateQuestion *question, ReckonAnswer *out) {
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    int month = language_month(words[0]);
    int year = words[1] != NULL ? (int)g_ascii_strtoll(words[1], NULL, 10) : question->today.year;
    const Language *language = &languages[question->language];
    int days = date_days_in_month(year, month);
    *out = (ReckonAnswer){ .text = g_strdup_printf(question->language == LANGUAGE_DE
                                                       ? "%s %d hat %d Tage."
                                                       : "%s %d has %d days.",
                                                   language->months[month - 1], year, days),
                           .value = g_strdup_printf("%d", days),
                           .language = question->language };
}

static bool answer_age(const DateReading *born, const DateQuestion *question, ReckonAnswer *out) {
    Date today = question->today;
    int years = today.year - born->date.year;
    bool is_before = today.month < born->date.month ||
                     (today.month == born->date.month && today.day < born->date.day);
    years -= is_before;
    if (years < 0) return false;
    g_autofree char *day = date_text(born->date, &languages[question->language]);
    *out = (ReckonAnswer){ .text = g_strdup_printf(question->language == LANGUAGE_DE
                                                       ? "%d Jahre (geboren am %s)"
                                                       : "%d years (born on %s)",
                                                   years, day),
                           .value = g_strdup_printf("%d", years),
                           .how = how_of(born),
                           .language = question->language };
    return true;
}

static bool answer_between(const PhraseHole *holes, const DateQuestion *question,
                           ReckonAnswer *out) {
    DateReading from = { 0 }, to = { 0 };
    bool is_ok = date_read(phrase_hole(holes, "a"), question, &from);
    DateQuestion second = { from.date, question->language, DATE_NEXT };
    /* "from 3 March to 5 May" are of one year; "tomorrow" is reckoned from today. */
    is_ok = is_ok && (date_read(phrase_hole(holes, "b"), question, &to));
    if (is_ok && date_days(to.date) < date_days(from.date)) {
        date_reading_clear(&to);
        is_ok = date_read(phrase_hole(holes, "b"), &second, &to);
    }
    if (is_ok) {
        int64_t days = date_days(to.date) - date_days(from.date);
        answer_days(ABS(days), question->language == LANGUAGE_DE ? "bis" : "to", &to,
                    question->language, out);
        g_autofree char *start = date_text(from.date, &languages[question->language]);
        g_free(out->how);
        out->how =
            g_strdup_printf(question->language == LANGUAGE_DE ? "von %s an" : "from %s", start);
    }
    date_reading_clear(&from);
    date_reading_clear(&to);
    return is_ok;
}

static bool answer_weeks(const DateReading *reading, int64_t days, LanguageId language,
                         ReckonAnswer *out) {
    if (days < 0) return false;
    answer_days(days, language == LANGUAGE_DE ? "bis" : "until", reading, language, out);
    g_free(out->value);
    Number weeks = number_fraction(days, 7);
    out->value = number_plain(&weeks);
    return true;
}

/* A question about one date. */
static bool answer_date(const AskRow *row, const DateReading *reading, const DateQuestion *question,
                        ReckonAnswer *out) {
    int64_t days = date_days(reading->date) - date_days(question->today);
    bool is_german = row->language == LANGUAGE_DE;
    switch (row->kind) {
    case ASKS_DAY: answer_day(reading, row->language, out); return true;
    case ASKS_OFFSET:
        if (!reading->is_relative) return false;
        answer_day(reading, row->language, out);
        return true;
    case ASKS_UNTIL:
        if (days < 0) return false;
        answer_days(days, is_german ? "bis" : "until", reading, row->language, out);
        return true;
    case ASKS_WEEKS_UNTIL: return answer_weeks(reading, days, row->language, out);
    case ASKS_SINCE:
        if (days > 0) return false;
        answer_days(-days, is_german ? "seit" : "since", reading, row->language, out);
        return true;
    case ASKS_WEEK: answer_week(reading->date, row->language, out); return true;
    case ASKS_AGE: return answer_age(reading, question, out);
    default: return false;
    }
}

static bool answer(const AskRow *row, const PhraseHole *holes, const DateQuestion *question,
                   ReckonAnswer *out) {
    DateReading reading = { .date = question->today };
    switch (row->kind) {
    case ASKS_TODAY: answer_day(&reading, row->language, out); return true;
    case ASKS_THIS_WEEK: answer_week(question->today, row->language, out); return true;
    case ASKS_BETWEEN: return answer_between(holes, question, out);
    case ASKS_LENGTH: answer_length(phrase_hole(holes, "month"), question, out); return true;
    case ASKS_LEAP:
        answer_leap((int)g_ascii_strtoll(phrase_hole(holes, "year"), NULL, 10), row->language, out);
        return true;
    default: break;
    }
    bool is_ok = date_read(phrase_hole(holes, "date"), question, &reading) &&
                 answer_date(row, &reading, question, out);
    date_reading_clear(&reading);
    return is_ok;
}

bool reckon_calendar(const char *request, const ReckonContext *context, ReckonAnswer *out) {
    if (context->now == NULL) return false;
    LanguageId language = LANGUAGE_EN;
    bool is_asked = false;
    g_autofree char *core = reckon_core(request, &language, &is_asked);
    if (strlen(core) > 160) return false;
    Date today = { g_date_time_get_year(context->now), g_date_time_get_month(context->now),
                   g_date_time_get_day_of_month(context->now) };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const AskRow *row = &rows[i];
        if (language == LANGUAGE_DE && row->language != LANGUAGE_DE) continue;
        DateQuestion question = { today, row->language, row->tense };
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        if (!phrase_match(row->pattern, core, is_date, &question, holes)) continue;
        bool is_ok = answer(row, holes, &question, out);
        phrase_holes_clear(holes);
        if (is_ok) return true;
    }
    return false;
}

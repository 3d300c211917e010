/* reckon/date_read.c: a text as one date. */
#include <string.h>

#include <glib.h>

#include "reckon/date.h"
#include "reckon/phrase.h"

enum { MAX_WORDS = 8, MAX_NESTING = 2, MAX_STEPS = 1000000 };

static bool read_nested(const char *text, const DateQuestion *question, DateReading *out,
                        int nesting);

/* ---- parts ---- */

/* Digits of the whole word, at most `max_digits`, with one of the endings; -1 otherwise. */
static int read_digits(const char *word, size_t max_digits, const char *const *endings) {
    size_t n = strspn(word, "0123456789");
    if (n == 0 || n > max_digits) return -1;
    bool is_whole = word[n] == '\0';
    for (int i = 0; !is_whole && endings != NULL && endings[i] != NULL; i++)
        is_whole = g_ascii_strcasecmp(word + n, endings[i]) == 0;
    return is_whole ? (int)g_ascii_strtoll(word, NULL, 10) : -1;
}

static int read_day(const char *word) {
    static const char *const endings[] = { "st", "nd", "rd", "th", ".", NULL };
    int day = read_digits(word, 2, endings);
    return day >= 1 && day <= 31 ? day : -1;
}

static int read_year(const char *word) {
    size_t n = strspn(word, "0123456789");
    return n == 4 ? read_digits(word, 4, NULL) : -1;
}

static int read_month(const char *word) {
    g_autofree char *name = g_strdup(word);
    size_t length = strlen(name);
    if (length > 3 && name[length - 1] == '.') name[length - 1] = '\0';
    return language_month(name);
}

/* Of a date without its year, the one that is meant. */
static bool choose_year(Date *date, const DateQuestion *question) {
    if (date->year > 0) return date_is_valid(*date);
    int step = question->tense == DATE_NEXT ? 1 : -1;
    date->year = question->today.year;
    for (int i = 0; i < 9; i++, date->year += step) {
        bool is_behind = date_days(*date) < date_days(question->today);
        bool is_ahead = date_days(*date) > date_days(question->today);
        bool fits = question->tense == DATE_NEXT ? !is_behind : !is_ahead;
        if (date_is_valid(*date) && fits) return true;
    }
    return false;
}

/* ---- digits and marks: 24.12.2026, 12/24/2026, 2026-12-24 ---- */

/* Numbers between `mark`; the count, 0 when it is something else. */
static int split_numbers(const char *text, char mark, int out[3]) {
    int n = 0;
    const char *at = text;
    while (n < 3 && g_ascii_isdigit(*at)) {
        size_t length = strspn(at, "0123456789");
        if (length > 4) return 0;
        out[n++] = (int)g_ascii_strtoll(at, NULL, 10);
        at += length;
        if (*at == '\0') return n;
        if (*at != mark) return 0;
        at++;
        if (*at == '\0') return mark == '.' && n == 2 ? n : 0;
    }
    return 0;
}

static int whole_year(int year, size_t n_digits) {
    return n_digits == 2 ? (year < 70 ? 2000 : 1900) + year : year;
}

static bool take(Date date, const DateQuestion *question, DateReading *out) {
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return false;
    if (!choose_year(&date, question)) return false;
    out->date = date;
    return true;
}

/* "3/4/2026" is one of two days: the language decides, and the other one is told. */
static bool read_slashes(const int numbers[3], int n, const DateQuestion *question,
                         DateReading *out) {
    bool day_first = languages[question->language].day_first;
    int year = n == 3 ? numbers[2] : 0;
    Date by_day = { year, numbers[1], numbers[0] }, by_month = { year, numbers[0], numbers[1] };
    DateReading first = { 0 }, second = { 0 };
    bool is_first = take(day_first ? by_day : by_month, question, &first);
    bool is_second = take(day_first ? by_month : by_day, question, &second);
    if (!is_first && !is_second) return false;
    out->date = is_first ? first.date : second.date;
    if (!is_first || !is_second || numbers[0] == numbers[1]) return true;
    g_autofree char *other = date_text(second.date, &languages[question->language]);
    out->doubt = g_strdup_printf(question->language == LANGUAGE_DE ? "als Monat/Tag gelesen: %s"
                                                                   : "read as day/month: %s",
                                 other);
    return true;
}

static bool read_marked(const char *word, const DateQuestion *question, DateReading *out) {
    int numbers[3] = { 0 };
    size_t tail = strlen(word);
    while (tail > 0 && g_ascii_isdigit(word[tail - 1])) tail--;
    size_t n_last = strlen(word + tail);
    int n = split_numbers(word, '-', numbers);
    if (n == 3 && strcspn(word, "-") == 4)
        return take((Date){ numbers[0], numbers[1], numbers[2] }, question, out);
    n = split_numbers(word, '.', numbers);
    if (n == 3) numbers[2] = whole_year(numbers[2], n_last);
    if (n >= 2 && strcspn(word, ".") <= 2 && (n == 3 || g_str_has_suffix(word, ".")))
        return take((Date){ n == 3 ? numbers[2] : 0, numbers[1], numbers[0] }, question, out);
    n = split_numbers(word, '/', numbers);
    if (n == 3) numbers[2] = whole_year(numbers[2], n_last);
    return n >= 2 && read_slashes(numbers, n, question, out);
}

/* ---- words: 3 March 2026, March 3rd, Tuesday the 3rd of March ---- */

static bool is_filler(const char *word) {
    static const char *const fillers[] = {
        "the", "of", "on", "der", "den", "dem", "am", "des", NULL
    };
    return g_strv_contains(fillers, word);
}

/* Words without fillers and commas; 0: too many. */
static unsigned take_words(char **parts, char *words[MAX_WORDS]) {
    unsigned n = 0;
    for (; *parts != NULL; parts++) {
        if (**parts == '\0' || is_filler(*parts)) continue;
        if (n == MAX_WORDS) return 0;
        words[n++] = *parts;
    }
    return n;
}

static bool read_spelt(char **words, unsigned n, const DateQuestion *question, DateReading *out) {
    if (n > 2 && language_weekday(words[0]) > 0) {
        words++;
        n--;
    }
    if (n < 2 || n > 3) return false;
    int year = n == 3 ? read_year(words[2]) : 0;
    int day = read_day(words[0]), month = read_month(words[1]);
    if (day < 0 || month == 0) {
        day = read_day(words[1]);
        month = read_month(words[0]);
    }
    if (year < 0 || day < 0 || month == 0) return false;
    return take((Date){ year, month, day }, question, out);
}

/* ---- names ---- */

typedef struct {
    const char *names; /* "|" between them, lower case */
    int month;         /* 0: days after Easter Sunday */
    int day;
} Feast;

/* clang-format off */
static const Feast feasts[] = {
    { "christmas|christmas day|xmas|weihnachten|erster weihnachtstag", 12, 25 },
    { "christmas eve|heiligabend|heilig abend", 12, 24 },
    { "boxing day|zweiter weihnachtstag", 12, 26 },
    { "new year|new year's|new year's day|new years day|new years|neujahr", 1, 1 },
    { "new year's eve|new years eve|silvester", 12, 31 },
    { "halloween", 10, 31 },
    { "valentine's day|valentines day|valentinstag", 2, 14 },
    { "st patrick's day|saint patrick's day", 3, 17 },
    { "independence day|the fourth of july", 7, 4 },
    { "nikolaus|nikolaustag", 12, 6 },
    { "tag der deutschen einheit", 10, 3 },
    { "tag der arbeit|may day|labour day", 5, 1 },
    { "good friday|karfreitag", 0, -2 },
    { "easter|easter sunday|ostern|ostersonntag", 0, 0 },
    { "easter monday|ostermontag", 0, 1 },
    { "ascension day|christi himmelfahrt|himmelfahrt", 0, 39 },
    { "pentecost|whitsun|pfingsten|pfingstsonntag", 0, 49 },
};
static const struct { const char *names; int days; } near_days[] = {
    { "today|now|heute|jetzt", 0 }, { "tomorrow|morgen", 1 }, { "yesterday|gestern", -1 },
    { "day after tomorrow|the day after tomorrow|übermorgen", 2 },
    { "day before yesterday|the day before yesterday|vorgestern", -2 },
};
/* clang-format on */

static bool is_one_of(const char *names, const char *text) {
    g_auto(GStrv) list = g_strsplit(names, "|", -1);
    return g_strv_contains((const char *const *)list, text);
}

static Date feast_in(const Feast *feast, int year) {
    if (feast->month > 0) return (Date){ year, feast->month, feast->day };
    return date_from_days(date_days(date_easter(year)) + feast->day);
}

static bool read_feast(const char *lower, const DateQuestion *question, DateReading *out) {
    g_autofree char *name = g_strdup(lower);
    char *space = strrchr(name, ' ');
    int year = space != NULL ? read_year(space + 1) : -1;
    if (year > 0) *space = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(feasts); i++) {
        if (!is_one_of(feasts[i].names, name)) continue;
        int first = year > 0 ? year : question->today.year;
        int step = question->tense == DATE_NEXT ? 1 : -1;
        out->date = feast_in(&feasts[i], first);
        int64_t behind = date_days(question->today) - date_days(out->date);
        if (year < 0 && behind * step > 0) out->date = feast_in(&feasts[i], first + step);
        out->is_named = true;
        return date_is_valid(out->date);
    }
    return false;
}

static bool read_near(const char *lower, const DateQuestion *question, DateReading *out) {
    for (size_t i = 0; i < G_N_ELEMENTS(near_days); i++) {
        if (!is_one_of(near_days[i].names, lower)) continue;
        out->date = date_from_days(date_days(question->today) + near_days[i].days);
        out->is_named = true;
        return true;
    }
    return false;
}

/* "Friday" is the next one; "last Friday" the one before today. */
static bool read_weekday(char **words, unsigned n, const DateQuestion *question, DateReading *out) {
    static const char *const nexts[] = { "next",      "coming",    "this",   "nächsten", "nächster",
                                         "kommenden", "kommender", "diesen", "dieser",   NULL };
    static const char *const lasts[] = { "last", "letzten", "letzter", "vergangenen", NULL };
    if (n < 1 || n > 2) return false;
    int weekday = language_weekday(words[n - 1]);
    if (weekday == 0) return false;
    bool is_last = n == 2 && g_strv_contains(lasts, words[0]);
    if (n == 2 && !is_last && !g_strv_contains(nexts, words[0])) return false;
    if (n == 1) is_last = question->tense == DATE_LAST;
    int64_t today = date_days(question->today);
    int ahead = (weekday - date_weekday(question->today) + 7) % 7;
    if (is_last) ahead = ahead == 0 ? -7 : ahead - 7;
    if (!is_last && ahead == 0) ahead = 7;
    out->date = date_from_days(today + ahead);
    return true;
}

/* ---- steps from another day ---- */

typedef struct {
    LanguageId language;
    const char *pattern; /* holes: n, unit, base */
    int direction;
} StepRow;

/* clang-format off */
static const StepRow step_rows[] = {
    { LANGUAGE_EN, "in {n} {unit}", 1 },
    { LANGUAGE_EN, "{n} {unit} from (now|today)", 1 },
    { LANGUAGE_EN, "{n} {unit} ago", -1 },
    { LANGUAGE_EN, "{n} {unit} (from|after) {base}", 1 },
    { LANGUAGE_EN, "{n} {unit} before {base}", -1 },
    { LANGUAGE_EN, "{base} plus {n} {unit}", 1 },
    { LANGUAGE_EN, "{base} + {n} {unit}", 1 },
    { LANGUAGE_EN, "{base} minus {n} {unit}", -1 },
    { LANGUAGE_EN, "{base} - {n} {unit}", -1 },
    { LANGUAGE_DE, "in {n} {unit}", 1 },
    { LANGUAGE_DE, "vor {n} {unit}", -1 },
    { LANGUAGE_DE, "{n} {unit} (nach|ab) [dem] {base}", 1 },
    { LANGUAGE_DE, "{n} {unit} vor [dem] {base}", -1 },
};
static const struct { const char *names; int days; int months; } step_units[] = {
    { "day|days|tag|tage|tagen", 1, 0 },
    { "week|weeks|woche|wochen", 7, 0 },
    { "fortnight|fortnights", 14, 0 },
    { "month|months|monat|monate|monaten", 0, 1 },
    { "year|years|jahr|jahre|jahren", 0, 12 },
};
/* clang-format on */

static int find_unit(const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(step_units); i++)
        if (is_one_of(step_units[i].names, lower)) return (int)i;
    return -1;
}

/* "90", "ten", "twenty five", "a": -1 when it is no number. */
static int64_t read_count(const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    if (strcmp(lower, "a") == 0 || strcmp(lower, "an") == 0) return 1;
    size_t n = strspn(lower, "0123456789");
    if (n > 0) return n <= 6 && lower[n] == '\0' ? g_ascii_strtoll(lower, NULL, 10) : -1;
    g_strdelimit(lower, "-", ' ');
    int64_t total = 0;
    g_auto(GStrv) words = g_strsplit(lower, " ", -1);
    for (char **word = words; *word != NULL; word++) {
        int64_t value = language_number_word(*word);
        if (value < 0 || value > 1000) return -1;
        total = value == 100 || value == 1000 ? MAX(total, 1) * value : total + value;
    }
    return total <= MAX_STEPS ? total : -1;
}

typedef struct {
    const DateQuestion *question;
    int nesting;
} StepCheck;

static bool is_step_part(const char *name, const char *text, void *user_data) {
    const StepCheck *check = user_data;
    if (strcmp(name, "n") == 0) return read_count(text) >= 0;
    if (strcmp(name, "unit") == 0) return find_unit(text) >= 0;
    DateReading reading = { 0 };
    bool is_ok = read_nested(text, check->question, &reading, check->nesting + 1);
    date_reading_clear(&reading);
    return is_ok;
}

static char *tell_step(int64_t count, int unit, int direction, Date base,
                       const DateQuestion *question) {
    const Language *language = &languages[question->language];
    int row = unit == 2 ? 1 : unit > 2 ? unit - 1 : unit; /* a fortnight is two weeks */
    g_auto(GStrv) forms = g_strsplit(language->units_of_time[row], "|", 2);
    g_autofree char *day = date_text(base, language);
    bool is_german = question->language == LANGUAGE_DE;
    return g_strdup_printf(
        "%" G_GINT64_FORMAT " %s %s %s", unit == 2 ? count * 2 : count,
        count == 1 && unit != 2 ? forms[0] : forms[1],
        direction > 0 ? (is_german ? "nach" : "after") : (is_german ? "vor" : "before"), day);
}

static bool take_step(const StepRow *row, const PhraseHole *holes, const DateQuestion *question,
                      DateReading *out, int nesting) {
    DateReading base = { .date = question->today };
    const char *named = phrase_hole(holes, "base");
    if (named != NULL && !read_nested(named, question, &base, nesting + 1)) return false;
    int64_t count = read_count(phrase_hole(holes, "n"));
    int unit = find_unit(phrase_hole(holes, "unit"));
    if (count < 0 || unit < 0) return false;
    int64_t steps = count * row->direction;
    Date date = step_units[unit].days > 0
                    ? date_from_days(date_days(base.date) + steps * step_units[unit].days)
                    : date_add_months(base.date, steps * step_units[unit].months);
    bool is_ok = date_is_valid(date);
    if (is_ok) {
        *out = (DateReading){ .date = date,
                              .how = tell_step(count, unit, row->direction, base.date, question),
                              .doubt = g_steal_pointer(&base.doubt),
                              .is_relative = true };
    }
    date_reading_clear(&base);
    return is_ok;
}

static bool read_step(const char *text, const DateQuestion *question, DateReading *out,
                      int nesting) {
    StepCheck check = { question, nesting };
    for (size_t i = 0; i < G_N_ELEMENTS(step_rows); i++) {
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        if (!phrase_match(step_rows[i].pattern, text, is_step_part, &check, holes)) continue;
        bool is_ok = take_step(&step_rows[i], holes, question, out, nesting);
        phrase_holes_clear(holes);
        if (is_ok) return true;
    }
    return false;
}

/* ---- all of it ---- */

static bool read_nested(const char *text, const DateQuestion *question, DateReading *out,
                        int nesting) {
    if (nesting > MAX_NESTING || strlen(text) > 120) return false;
    g_autofree char *lower = g_utf8_strdown(text, -1);
    g_strstrip(lower);
    if (read_near(lower, question, out) || read_feast(lower, question, out)) return true;
    g_auto(GStrv) parts = g_strsplit_set(lower, " ,\t", -1);
    char *words[MAX_WORDS];
    unsigned n = take_words(parts, words);
    if (n == 1 && read_marked(words[0], question, out)) return true;
    if (read_weekday(words, n, question, out) || read_spelt(words, n, question, out)) return true;
    return nesting < MAX_NESTING && read_step(lower, question, out, nesting);
}

bool date_read(const char *text, const DateQuestion *question, DateReading *out) {
    DateReading reading = { 0 };
    if (!read_nested(text, question, &reading, 0)) return false;
    *out = reading;
    return true;
}

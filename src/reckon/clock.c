/* reckon/clock.c: what time it is, here and elsewhere, and from one time to another. */
#include <stdio.h>
#include <string.h>

#include "reckon/phrase.h"
#include "reckon/reckon.h"

typedef enum {
    ASKS_NOW,
    ASKS_THERE, /* place */
    ASKS_LATER, /* n, unit: from now */
    ASKS_SPAN,  /* a, b */
    ASKS_UNTIL, /* a */
    ASKS_PLUS,  /* a, n, unit */
    ASKS_MINUS,
} AskKind;

typedef struct {
    LanguageId language;
    AskKind kind;
    const char *pattern;
} AskRow;

/* clang-format off */
static const AskRow rows[] = {
    { LANGUAGE_EN, ASKS_NOW,   "(what time is it|the time|the current time|what's the time|time|what time do we have) [now|right now|here]" },
    { LANGUAGE_DE, ASKS_NOW,   "(wie spät ist es|wie viel uhr ist es|wieviel uhr ist es|die uhrzeit|die aktuelle uhrzeit) [jetzt|gerade|hier]" },
    { LANGUAGE_EN, ASKS_LATER, "what time (is it|will it be) in {n} {unit}" },
    { LANGUAGE_EN, ASKS_LATER, "the time in {n} {unit}" },
    { LANGUAGE_DE, ASKS_LATER, "wie spät ist es in {n} {unit}" },
    { LANGUAGE_EN, ASKS_THERE, "what time is it [now|right now|currently] in {place} [now|right now]" },
    { LANGUAGE_EN, ASKS_THERE, "[the] [current|local] time in {place}" },
    { LANGUAGE_EN, ASKS_THERE, "what's the [current|local] time in {place}" },
    { LANGUAGE_DE, ASKS_THERE, "(wie spät ist es|wie viel uhr ist es) [jetzt|gerade] in {place}" },
    { LANGUAGE_DE, ASKS_THERE, "(uhrzeit|die uhrzeit) in {place}" },
    { LANGUAGE_EN, ASKS_SPAN,  "how (long|many hours|many minutes) [is it|are there|are] (from|between) {a} (to|until|till|and) {b}" },
    { LANGUAGE_DE, ASKS_SPAN,  "wie (lange|viele stunden) [ist es|sind es|sind] (von|zwischen) {a} (bis|und) {b}" },
    { LANGUAGE_EN, ASKS_UNTIL, "how (long|many minutes|many hours) [is it|are there] (until|till|to) {a}" },
    { LANGUAGE_DE, ASKS_UNTIL, "wie lange [ist es] [noch] bis {a}" },
    { LANGUAGE_EN, ASKS_PLUS,  "{a} (plus|+) {n} {unit}" },
    { LANGUAGE_EN, ASKS_PLUS,  "{n} {unit} after {a}" },
    { LANGUAGE_EN, ASKS_MINUS, "{a} (minus|-) {n} {unit}" },
    { LANGUAGE_EN, ASKS_MINUS, "{n} {unit} before {a}" },
    { LANGUAGE_DE, ASKS_PLUS,  "{n} {unit} nach {a}" },
    { LANGUAGE_DE, ASKS_MINUS, "{n} {unit} vor {a}" },
};

/* Cities that no zone is named after, and other languages' names of those that have one. */
static const struct { const char *names; const char *zone; } places[] = {
    { "munich|münchen|hamburg|cologne|köln|frankfurt|stuttgart|germany|deutschland|leipzig|dresden", "Europe/Berlin" },
    { "england|uk|britain|great britain|united kingdom|manchester|edinburgh|scotland|großbritannien", "Europe/London" },
    { "france|frankreich|lyon|marseille", "Europe/Paris" },   { "rom|italy|italien|milan|mailand|naples|venice", "Europe/Rome" },
    { "spain|spanien|barcelona", "Europe/Madrid" },           { "wien|austria|österreich|salzburg|graz", "Europe/Vienna" },
    { "zürich|geneva|genf|basel|bern|switzerland|schweiz", "Europe/Zurich" }, { "prag|czechia", "Europe/Prague" },
    { "warschau|poland|polen|krakow|cracow", "Europe/Warsaw" }, { "moskau", "Europe/Moscow" },
    { "kiev|kyiv|kiew|ukraine", "Europe/Kyiv" },              { "athen|greece|griechenland", "Europe/Athens" },
    { "lissabon|portugal|porto", "Europe/Lisbon" },           { "brüssel|belgium|belgien", "Europe/Brussels" },
    { "kopenhagen|denmark|dänemark", "Europe/Copenhagen" },   { "sweden|schweden|gothenburg", "Europe/Stockholm" },
    { "netherlands|niederlande|holland|rotterdam|the hague", "Europe/Amsterdam" }, { "ireland|irland", "Europe/Dublin" },
    { "turkey|türkei|ankara", "Europe/Istanbul" },
    { "nyc|new york city|boston|washington|washington dc|philadelphia|miami|atlanta|boston", "America/New_York" },
    { "san francisco|la|seattle|san diego|las vegas|california|kalifornien|silicon valley|portland", "America/Los_Angeles" },
    { "houston|dallas|austin|texas|minneapolis|new orleans", "America/Chicago" }, { "salt lake city|colorado", "America/Denver" },
    { "montreal|ottawa", "America/Toronto" },                 { "rio|rio de janeiro|brasilia", "America/Sao_Paulo" },
    { "hawaii", "Pacific/Honolulu" },                         { "tokio|japan|osaka|kyoto", "Asia/Tokyo" },
    { "peking|beijing|china|shenzhen", "Asia/Shanghai" },     { "india|indien|delhi|new delhi|mumbai|bangalore|bengaluru|chennai", "Asia/Kolkata" },
    { "singapur", "Asia/Singapore" },                         { "korea|south korea|busan", "Asia/Seoul" },
    { "bali", "Asia/Makassar" },                              { "israel|tel aviv", "Asia/Jerusalem" },
    { "abu dhabi", "Asia/Dubai" },                            { "hanoi|vietnam", "Asia/Ho_Chi_Minh" },
    { "kairo|egypt|ägypten", "Africa/Cairo" },                { "cape town|kapstadt|south africa", "Africa/Johannesburg" },
    { "canberra", "Australia/Sydney" },                       { "new zealand|neuseeland|wellington", "Pacific/Auckland" },
    { "utc|gmt", "UTC" },
};
static const struct { const char *names; int minutes; } clock_units[] = {
    { "minute|minutes|min|mins|minuten", 1 }, { "hour|hours|h|hrs|stunde|stunden", 60 },
    { "half hour|half an hour", 30 },
};
/* clang-format on */

#define DAY_MINUTES (24 * 60)

static bool is_one_of(const char *names, const char *text) {
    g_auto(GStrv) list = g_strsplit(names, "|", -1);
    return g_strv_contains((const char *const *)list, text);
}

/* ---- times of day ---- */

typedef enum { HALF_NONE, HALF_AM, HALF_PM } Half;

/* Behind the digits: "", "am", " p.m.", " Uhr", "h". -1: something else. */
static int read_half(const char *rest) {
    g_autofree char *lower = g_ascii_strdown(rest, -1);
    g_strstrip(lower);
    if (is_one_of("am|a.m.|a.m", lower)) return HALF_AM;
    if (is_one_of("pm|p.m.|p.m", lower)) return HALF_PM;
    return lower[0] == '\0' || is_one_of("uhr|h|o'clock", lower) ? HALF_NONE : -1;
}

/* Minutes since midnight of "9:30", "5pm", "17 Uhr", "noon"; -1: no time. */
static int read_time(const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    if (is_one_of("noon|midday|mittag", lower)) return 12 * 60;
    if (is_one_of("midnight|mitternacht", lower)) return 0;
    int hour = 0, minute = 0;
    const char *at = text;
    size_t n = strspn(at, "0123456789");
    if (n == 0 || n > 2) return -1;
    hour = (int)g_ascii_strtoll(at, NULL, 10);
    at += n;
    bool has_minutes = (*at == ':' || *at == '.') && strspn(at + 1, "0123456789") == 2;
    if (has_minutes) {
        minute = (int)g_ascii_strtoll(at + 1, NULL, 10);
        at += 3;
    }
    int half = read_half(at);
    bool says_so = half > HALF_NONE || has_minutes || *at != '\0';
    if (half < 0 || !says_so || minute > 59 || hour > 23) return -1;
    if (half > HALF_NONE && (hour < 1 || hour > 12)) return -1;
    if (half == HALF_PM && hour < 12) hour += 12;
    if (half == HALF_AM && hour == 12) hour = 0;
    return hour * 60 + minute;
}

static int read_count(const char *text) {
    size_t n = strspn(text, "0123456789");
    if (n > 0) return n <= 4 && text[n] == '\0' ? (int)g_ascii_strtoll(text, NULL, 10) : -1;
    if (g_ascii_strcasecmp(text, "a") == 0 || g_ascii_strcasecmp(text, "an") == 0) return 1;
    int64_t value = language_number_word(text);
    return value >= 0 && value <= 1000 ? (int)value : -1;
}

static int read_unit(const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(clock_units); i++)
        if (is_one_of(clock_units[i].names, lower)) return clock_units[i].minutes;
    return -1;
}

/* ---- places ---- */

/* "Asia/Ho_Chi_Minh" is "ho chi minh". */
static bool zone_is_named(const char *zone, const char *place) {
    const char *slash = strrchr(zone, '/');
    if (slash == NULL) return false;
    g_autofree char *name = g_ascii_strdown(slash + 1, -1);
    g_strdelimit(name, "_", ' ');
    return strcmp(name, place) == 0;
}

/* The zone of that name in the database's list. New string or NULL. */
static char *search_zones(const char *place) {
    static const char *const lists[] = { "/usr/share/zoneinfo/tzdata.zi",
                                         "/usr/share/zoneinfo/zone.tab" };
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *text = NULL;
        if (!g_file_get_contents(lists[i], &text, NULL, NULL)) continue;
        g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
        for (char **word = words; *word != NULL; word++)
            if (strchr(*word, '/') != NULL && zone_is_named(*word, place)) return g_strdup(*word);
    }
    return NULL;
}

static GTimeZone *find_zone(const char *place) {
    g_autofree char *lower = g_utf8_strdown(place, -1);
    g_autofree char *zone = NULL;
    for (size_t i = 0; zone == NULL && i < G_N_ELEMENTS(places); i++)
        if (is_one_of(places[i].names, lower)) zone = g_strdup(places[i].zone);
    if (zone == NULL) zone = search_zones(lower);
    return zone != NULL ? g_time_zone_new_identifier(zone) : NULL;
}

/* ---- answers ---- */

static bool is_part(const char *name, const char *text, void *user_data) {
    (void)user_data;
    if (strcmp(name, "n") == 0) return read_count(text) >= 0;
    if (strcmp(name, "unit") == 0) return read_unit(text) > 0;
    return strcmp(name, "place") == 0 || read_time(text) >= 0;
}

static char *clock_text(int minutes) {
    minutes = ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
    return g_strdup_printf("%02d:%02d", minutes / 60, minutes % 60);
}

static char *span_text(int minutes, LanguageId language) {
    bool is_german = language == LANGUAGE_DE;
    int hours = minutes / 60;
    minutes %= 60;
    const char *hour = is_german    ? (hours == 1 ? "Stunde" : "Stunden")
                       : hours == 1 ? "hour"
                                    : "hours";
    const char *minute = is_german      ? (minutes == 1 ? "Minute" : "Minuten")
                         : minutes == 1 ? "minute"
                                        : "minutes";
    if (hours == 0) return g_strdup_printf("%d %s", minutes, minute);
    if (minutes == 0) return g_strdup_printf("%d %s", hours, hour);
    return g_strdup_printf("%d %s %s %d %s", hours, hour, is_german ? "und" : "and", minutes,
                           minute);
}

static bool answer_there(const char *place, const AskRow *row, const ReckonContext *context,
                         ReckonAnswer *out) {
    g_autoptr(GTimeZone) zone = find_zone(place);
    if (zone == NULL) return false;
    g_autoptr(GDateTime) there = g_date_time_to_timezone(context->now, zone);
    bool is_same_day =
        g_date_time_get_day_of_year(there) == g_date_time_get_day_of_year(context->now);
    int weekday = g_date_time_get_day_of_week(there);
    g_autofree char *time = g_date_time_format(there, "%H:%M");
    *out = (ReckonAnswer){
        .text = is_same_day ? g_strdup_printf("%s in %s", time, place)
                            : g_strdup_printf("%s in %s (%s)", time, place,
                                              languages[row->language].weekdays[weekday - 1]),
        .value = g_strdup(time),
        .how = g_strdup(g_time_zone_get_identifier(zone)),
        .language = row->language
    };
    return true;
}

static void answer_time(int minutes, const AskRow *row, ReckonAnswer *out) {
    g_autofree char *time = clock_text(minutes);
    int days = minutes < 0 ? -1 : minutes / DAY_MINUTES;
    bool is_german = row->language == LANGUAGE_DE;
    const char *day = days == 0  ? ""
                      : days < 0 ? (is_german ? " am Vortag" : " the day before")
                                 : (is_german ? " am nächsten Tag" : " the next day");
    *out = (ReckonAnswer){ .text = g_strconcat(time, day, NULL),
                           .value = g_strdup(time),
                           .language = row->language };
}

static void answer_span(int from, int to, const AskRow *row, ReckonAnswer *out) {
    int minutes = (to - from + DAY_MINUTES) % DAY_MINUTES;
    g_autofree char *start = clock_text(from);
    g_autofree char *end = clock_text(to);
    *out = (ReckonAnswer){ .text = span_text(minutes, row->language),
                           .value = g_strdup_printf("%d", minutes),
                           .how = g_strdup_printf(row->language == LANGUAGE_DE ? "von %s bis %s"
                                                                               : "from %s to %s",
                                                  start, end),
                           .language = row->language };
}

static bool answer(const AskRow *row, const PhraseHole *holes, const ReckonContext *context,
                   ReckonAnswer *out) {
    int now = g_date_time_get_hour(context->now) * 60 + g_date_time_get_minute(context->now);
    const char *a = phrase_hole(holes, "a"), *b = phrase_hole(holes, "b");
    const char *n = phrase_hole(holes, "n"), *unit = phrase_hole(holes, "unit");
    int steps = n != NULL && unit != NULL ? read_count(n) * read_unit(unit) : 0;
    switch (row->kind) {
    case ASKS_NOW:
        answer_time(now, row, out);
        out->how = g_strdup(g_date_time_get_timezone_abbreviation(context->now));
        return true;
    case ASKS_THERE: return answer_there(phrase_hole(holes, "place"), row, context, out);
    case ASKS_LATER: answer_time(now + steps, row, out); return true;
    case ASKS_SPAN: answer_span(read_time(a), read_time(b), row, out); return true;
    case ASKS_UNTIL: answer_span(now, read_time(a), row, out); return true;
    case ASKS_PLUS: answer_time(read_time(a) + steps, row, out); return true;
    case ASKS_MINUS: answer_time(read_time(a) - steps, row, out); return true;
    }
    return false;
}

bool reckon_clock(const char *request, const ReckonContext *context, ReckonAnswer *out) {
    if (context->now == NULL) return false;
    LanguageId language = LANGUAGE_EN;
    bool is_asked = false;
    g_autofree char *core = reckon_core(request, &language, &is_asked);
    if (strlen(core) > 120) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (language == LANGUAGE_DE && rows[i].language != LANGUAGE_DE) continue;
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        if (!phrase_match(rows[i].pattern, core, is_part, NULL, holes)) continue;
        bool is_ok = answer(&rows[i], holes, context, out);
        phrase_holes_clear(holes);
        if (is_ok) return true;
    }
    return false;
}

/* reckon/unit.c: units as rows; a conversion is exact until it is shown. */
#include <string.h>

#include "reckon/number.h"
#include "reckon/phrase.h"
#include "reckon/reckon.h"

typedef enum {
    DIMENSION_LENGTH,
    DIMENSION_MASS,
    DIMENSION_VOLUME,
    DIMENSION_AREA,
    DIMENSION_TIME,
    DIMENSION_SPEED,
    DIMENSION_DATA,
    DIMENSION_ENERGY,
    DIMENSION_POWER,
    DIMENSION_PRESSURE,
    DIMENSION_TEMPERATURE,
} Dimension;

typedef struct {
    Dimension dimension;
    const char *shown; /* behind a number */
    const char *names; /* "|" between them, lower case but where case decides; all languages */
    int64_t numerator; /* of one in the dimension's base unit */
    int64_t denominator;
    int64_t offset;   /* hundredths of the base unit, added before the factor (temperatures) */
    const char *note; /* what is not exact about it */
} Unit;

/* clang-format off */
static const Unit units[] = {
    { DIMENSION_LENGTH, "km", "km|kilometer|kilometers|kilometre|kilometres|kilometern", 1000, 1, 0, NULL },
    { DIMENSION_LENGTH, "m", "m|meter|meters|metre|metres|metern", 1, 1, 0, NULL },
    { DIMENSION_LENGTH, "dm", "dm|decimeter|decimeters|dezimeter", 1, 10, 0, NULL },
    { DIMENSION_LENGTH, "cm", "cm|centimeter|centimeters|centimetre|centimetres|zentimeter|zentimetern", 1, 100, 0, NULL },
    { DIMENSION_LENGTH, "mm", "mm|millimeter|millimeters|millimetre|millimetres|millimetern", 1, 1000, 0, NULL },
    { DIMENSION_LENGTH, "µm", "µm|um|micrometer|micrometers|micron|microns|mikrometer", 1, 1000000, 0, NULL },
    { DIMENSION_LENGTH, "nm", "nm|nanometer|nanometers|nanometre|nanometres", 1, 1000000000, 0, NULL },
    { DIMENSION_LENGTH, "mi", "mi|mile|miles|meile|meilen", 1609344, 1000, 0, NULL },
    { DIMENSION_LENGTH, "yd", "yd|yard|yards", 9144, 10000, 0, NULL },
    { DIMENSION_LENGTH, "ft", "ft|foot|feet|fuß|'|′", 3048, 10000, 0, NULL },
    { DIMENSION_LENGTH, "in", "in|inch|inches|zoll|\"|″", 254, 10000, 0, NULL },
    { DIMENSION_LENGTH, "nmi", "nmi|nautical mile|nautical miles|seemeile|seemeilen", 1852, 1, 0, NULL },
    { DIMENSION_LENGTH, "ly", "ly|light year|light years|light-year|light-years|lichtjahr|lichtjahre|lichtjahren", INT64_C(9460730472580800), 1, 0, NULL },
    { DIMENSION_MASS, "t", "t|tonne|tonnes|metric ton|metric tons|tonnen", 1000, 1, 0, NULL },
    { DIMENSION_MASS, "kg", "kg|kilo|kilos|kilogram|kilograms|kilogramm", 1, 1, 0, NULL },
    { DIMENSION_MASS, "g", "g|gram|grams|gramm", 1, 1000, 0, NULL },
    { DIMENSION_MASS, "mg", "mg|milligram|milligrams|milligramm", 1, 1000000, 0, NULL },
    { DIMENSION_MASS, "lb", "lb|lbs|pound|pounds", 45359237, 100000000, 0, NULL },
    { DIMENSION_MASS, "oz", "oz|ounce|ounces|unze|unzen", INT64_C(45359237), INT64_C(1600000000), 0, NULL },
    { DIMENSION_MASS, "st", "st|stone|stones", INT64_C(635029318), 100000000, 0, NULL },
    { DIMENSION_MASS, "Pfund", "pfund", 1, 2, 0, "ein Pfund von 500 g" },
    { DIMENSION_MASS, "Ztr", "zentner", 50, 1, 0, NULL },
    { DIMENSION_MASS, "short tons", "short ton|short tons|us ton|us tons", INT64_C(90718474), 100000, 0, NULL },
    { DIMENSION_VOLUME, "l", "l|liter|liters|litre|litres|litern", 1, 1000, 0, NULL },
    { DIMENSION_VOLUME, "dl", "dl|deciliter|deciliters|decilitre|deziliter", 1, 10000, 0, NULL },
    { DIMENSION_VOLUME, "cl", "cl|centiliter|centiliters|centilitre|zentiliter", 1, 100000, 0, NULL },
    { DIMENSION_VOLUME, "ml", "ml|milliliter|milliliters|millilitre|millilitres|millilitern", 1, 1000000, 0, NULL },
    { DIMENSION_VOLUME, "m³", "m³|m3|cubic meter|cubic meters|cubic metre|cubic metres|kubikmeter", 1, 1, 0, NULL },
    { DIMENSION_VOLUME, "gal", "gal|gallon|gallons|us gallon|us gallons|gallone|gallonen", INT64_C(3785411784), INT64_C(1000000000000), 0, "US gallons" },
    { DIMENSION_VOLUME, "qt", "qt|quart|quarts", INT64_C(946352946), INT64_C(1000000000000), 0, "US quarts" },
    { DIMENSION_VOLUME, "pt", "pt|pint|pints", INT64_C(473176473), INT64_C(1000000000000), 0, "US pints" },
    { DIMENSION_VOLUME, "cups", "cup|cups", INT64_C(2365882365), INT64_C(10000000000000), 0, "US cups" },
    { DIMENSION_VOLUME, "fl oz", "fl oz|fluid ounce|fluid ounces", INT64_C(295735295625), INT64_C(10000000000000000), 0, "US fluid ounces" },
    { DIMENSION_VOLUME, "tbsp", "tbsp|tablespoon|tablespoons|esslöffel|el", 15, 1000000, 0, "tablespoons of 15 ml" },
    { DIMENSION_VOLUME, "tsp", "tsp|teaspoon|teaspoons|teelöffel|tl", 5, 1000000, 0, "teaspoons of 5 ml" },
    { DIMENSION_AREA, "km²", "km²|km2|square kilometer|square kilometers|square kilometre|square kilometres|quadratkilometer", 1000000, 1, 0, NULL },
    { DIMENSION_AREA, "m²", "m²|m2|sqm|square meter|square meters|square metre|square metres|quadratmeter", 1, 1, 0, NULL },
    { DIMENSION_AREA, "cm²", "cm²|cm2|square centimeter|square centimeters|quadratzentimeter", 1, 10000, 0, NULL },
    { DIMENSION_AREA, "ha", "ha|hectare|hectares|hektar", 10000, 1, 0, NULL },
    { DIMENSION_AREA, "acres", "acre|acres", INT64_C(40468564224), 10000000, 0, NULL },
    { DIMENSION_AREA, "ft²", "ft²|ft2|sqft|sq ft|square foot|square feet|quadratfuß", 9290304, 100000000, 0, NULL },
    { DIMENSION_AREA, "mi²", "mi²|mi2|square mile|square miles|quadratmeile|quadratmeilen", INT64_C(2589988110336), 1000000, 0, NULL },
    { DIMENSION_TIME, "years", "year|years|jahr|jahre|jahren", 31536000, 1, 0, "years of 365 days" },
    { DIMENSION_TIME, "weeks", "week|weeks|woche|wochen", 604800, 1, 0, NULL },
    { DIMENSION_TIME, "days", "d|day|days|tag|tage|tagen", 86400, 1, 0, NULL },
    { DIMENSION_TIME, "h", "h|hr|hrs|hour|hours|stunde|stunden", 3600, 1, 0, NULL },
    { DIMENSION_TIME, "min", "min|mins|minute|minutes|minuten", 60, 1, 0, NULL },
    { DIMENSION_TIME, "s", "s|sec|secs|second|seconds|sekunde|sekunden", 1, 1, 0, NULL },
    { DIMENSION_TIME, "ms", "ms|millisecond|milliseconds|millisekunde|millisekunden", 1, 1000, 0, NULL },
    { DIMENSION_SPEED, "km/h", "km/h|kph|kmh|kilometers per hour|kilometres per hour|kilometer pro stunde|stundenkilometer", 1000, 3600, 0, NULL },
    { DIMENSION_SPEED, "m/s", "m/s|meters per second|metres per second|meter pro sekunde", 1, 1, 0, NULL },
    { DIMENSION_SPEED, "mph", "mph|miles per hour|meilen pro stunde", 1609344, 3600000, 0, NULL },
    { DIMENSION_SPEED, "kn", "kn|knot|knots|knoten", 1852, 3600, 0, NULL },
    { DIMENSION_DATA, "bits", "bit|bits", 1, 8, 0, NULL },
    { DIMENSION_DATA, "B", "B|byte|bytes", 1, 1, 0, NULL },
    { DIMENSION_DATA, "kB", "kB|KB|kilobyte|kilobytes", 1000, 1, 0, NULL },
    { DIMENSION_DATA, "MB", "MB|megabyte|megabytes", 1000000, 1, 0, NULL },
    { DIMENSION_DATA, "GB", "GB|gigabyte|gigabytes", 1000000000, 1, 0, NULL },
    { DIMENSION_DATA, "TB", "TB|terabyte|terabytes", INT64_C(1000000000000), 1, 0, NULL },
    { DIMENSION_DATA, "KiB", "KiB|kib|kibibyte|kibibytes", 1024, 1, 0, NULL },
    { DIMENSION_DATA, "MiB", "MiB|mib|mebibyte|mebibytes", 1048576, 1, 0, NULL },
    { DIMENSION_DATA, "GiB", "GiB|gib|gibibyte|gibibytes", 1073741824, 1, 0, NULL },
    { DIMENSION_DATA, "TiB", "TiB|tib|tebibyte|tebibytes", INT64_C(1099511627776), 1, 0, NULL },
    { DIMENSION_ENERGY, "J", "J|joule|joules", 1, 1, 0, NULL },
    { DIMENSION_ENERGY, "kJ", "kJ|kj|kilojoule|kilojoules", 1000, 1, 0, NULL },
    { DIMENSION_ENERGY, "cal", "cal|calorie|kalorie", 4184, 1000, 0, NULL },
    { DIMENSION_ENERGY, "kcal", "kcal|kilocalorie|kilocalories|calories|kalorien|kilokalorien", 4184, 1, 0, NULL },
    { DIMENSION_ENERGY, "Wh", "Wh|wh|watt hour|watt hours|wattstunde|wattstunden", 3600, 1, 0, NULL },
    { DIMENSION_ENERGY, "kWh", "kWh|kwh|kilowatt hour|kilowatt hours|kilowattstunde|kilowattstunden", 3600000, 1, 0, NULL },
    { DIMENSION_POWER, "W", "W|watt|watts", 1, 1, 0, NULL },
    { DIMENSION_POWER, "kW", "kW|kw|kilowatt|kilowatts", 1000, 1, 0, NULL },
    { DIMENSION_POWER, "hp", "hp|horsepower", INT64_C(745699872), 1000000, 0, NULL },
    { DIMENSION_POWER, "PS", "PS|ps|pferdestärke|pferdestärken", 73549875, 100000, 0, NULL },
    { DIMENSION_PRESSURE, "Pa", "Pa|pa|pascal|pascals", 1, 1, 0, NULL },
    { DIMENSION_PRESSURE, "hPa", "hPa|hpa|hectopascal|hektopascal", 100, 1, 0, NULL },
    { DIMENSION_PRESSURE, "bar", "bar|bars", 100000, 1, 0, NULL },
    { DIMENSION_PRESSURE, "psi", "psi", INT64_C(6894757293168), 1000000000, 0, NULL },
    { DIMENSION_PRESSURE, "atm", "atm|atmosphere|atmospheres|atmosphäre", 101325, 1, 0, NULL },
    { DIMENSION_TEMPERATURE, "°C", "°C|°c|C|celsius|degrees celsius|degree celsius|degrees c|grad celsius|grad", 1, 1, 27315, NULL },
    { DIMENSION_TEMPERATURE, "°F", "°F|°f|F|fahrenheit|degrees fahrenheit|degree fahrenheit|degrees f|grad fahrenheit", 5, 9, 45967, NULL },
    { DIMENSION_TEMPERATURE, "K", "K|kelvin|kelvins", 1, 1, 0, NULL },
};

typedef struct {
    LanguageId language;
    const char *pattern; /* holes: from (a quantity), to (a unit) */
    bool is_asked;       /* the words around it are a request in themselves */
} ConvertRow;

static const ConvertRow convert_rows[] = {
    { LANGUAGE_EN, "convert {from} (to|into|in) {to}", true },
    { LANGUAGE_EN, "how many {to} (is|are|are in|are there in|in|make|make up|does) {from} [have|make]", true },
    { LANGUAGE_EN, "how (much|long|heavy|far|fast|hot|warm|cold|big) is {from} in {to}", true },
    { LANGUAGE_EN, "{from} (in|to|into|as) {to}", false },
    { LANGUAGE_DE, "rechne {from} in {to} um", true },
    { LANGUAGE_DE, "{from} in {to} (umrechnen|um)", true },
    { LANGUAGE_DE, "wie viele {to} (sind|hat|haben|sind in) {from}", true },
    { LANGUAGE_DE, "wie viel {to} (sind|hat|haben) {from}", true },
    { LANGUAGE_DE, "(wie viel sind|was sind|wie viel ist) {from} in {to}", true },
    { LANGUAGE_DE, "{from} (in|nach|als) {to}", false },
};
/* clang-format on */

/* ---- names ---- */

static bool name_is(const char *names, const char *word, bool ignores_case) {
    size_t length = strlen(word);
    for (const char *at = names; *at != '\0';) {
        size_t n = strcspn(at, "|");
        bool is_same = n == length && (ignores_case ? g_ascii_strncasecmp(at, word, n) == 0
                                                    : strncmp(at, word, n) == 0);
        if (is_same) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

/* As it is written first ("C" is Celsius, "kW" power); then whatever the case. */
static const Unit *find_unit(const char *word) {
    static const char *const articles[] = { "a ",    "an ",    "one ",   "the ",  "ein ",
                                            "eine ", "einem ", "einer ", "einen " };
    for (size_t i = 0; i < G_N_ELEMENTS(articles); i++)
        if (g_ascii_strncasecmp(word, articles[i], strlen(articles[i])) == 0)
            word += strlen(articles[i]);
    g_autofree char *lower = g_utf8_strdown(word, -1);
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (name_is(units[i].names, word, /* ignores_case= */ false)) return &units[i];
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
        if (name_is(units[i].names, lower, /* ignores_case= */ true)) return &units[i];
    return NULL;
}

/* ---- quantities ---- */

typedef struct {
    Number base; /* in the base unit */
    const Unit *unit;
    char *shown; /* owned: "5 ft 3 in" */
    bool is_ambiguous;
} Quantity;

static Number factor_of(const Unit *unit) {
    return number_fraction(unit->numerator, unit->denominator);
}

static Number offset_of(const Unit *unit) {
    return number_fraction(unit->offset, 100);
}

static Number to_base(Number amount, const Unit *unit) {
    return number_multiply(number_add(amount, offset_of(unit)), factor_of(unit));
}

static Number from_base(Number base, const Unit *unit) {
    return number_subtract(number_divide(base, factor_of(unit)), offset_of(unit));
}

/* "a", "an", "one", "five", "half a": the number that words stand for, and what is left. */
static const char *read_amount_words(const char *text, Number *out) {
    static const struct {
        const char *words;
        int64_t numerator, denominator;
    } rows[] = { { "half a ", 1, 2 },     { "half an ", 1, 2 },    { "a half ", 1, 2 },
                 { "a ", 1, 1 },          { "an ", 1, 1 },         { "a quarter of a ", 1, 4 },
                 { "ein halber ", 1, 2 }, { "ein halbes ", 1, 2 }, { "eine halbe ", 1, 2 },
                 { "a dozen ", 12, 1 } };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t length = strlen(rows[i].words);
        if (g_ascii_strncasecmp(text, rows[i].words, length) != 0) continue;
        *out = number_fraction(rows[i].numerator, rows[i].denominator);
        return text + length;
    }
    size_t length = strcspn(text, " ");
    g_autofree char *word = g_strndup(text, length);
    int64_t value = language_number_word(word);
    if (value < 0 || text[length] == '\0') return NULL;
    *out = number_whole(value);
    return text + length + 1;
}

static const char *read_amount(const char *text, const Language *language, Number *out,
                               bool *out_is_ambiguous) {
    bool is_negative = *text == '-';
    if (is_negative) text++;
    NumberReading reading;
    const char *end = NULL;
    *out_is_ambiguous = false;
    if (number_read(text, language, &reading)) {
        *out = reading.number;
        *out_is_ambiguous = reading.is_ambiguous;
        end = reading.end;
    } else {
        end = read_amount_words(text, out);
    }
    if (end != NULL && is_negative) *out = number_subtract(number_whole(0), *out);
    return end;
}

/* The longest name of a unit that begins here and ends before the next number. */
static const Unit *read_unit(const char *text, size_t *out_length) {
    size_t length = strcspn(text, "0123456789");
    /* "m2" and "km2" have a digit in them. */
    if (text[length] == '2' || text[length] == '3') {
        size_t longer = length + 1;
        g_autofree char *with = g_strndup(text, longer);
        g_strstrip(with);
        const Unit *unit = text[longer] == '\0' ? find_unit(with) : NULL;
        if (unit != NULL) return *out_length = longer, unit;
    }
    g_autofree char *name = g_strndup(text, length);
    g_strstrip(name);
    size_t trimmed = strlen(name);
    if (trimmed > 4 && g_str_has_suffix(name, " and")) name[trimmed - 4] = '\0';
    *out_length = length;
    return name[0] != '\0' ? find_unit(name) : NULL;
}

/* "5 ft 3 in", "100°F", "a mile", "2,5 kg". */
static bool read_quantity(const char *text, const Language *language, Quantity *out) {
    Quantity sum = { .base = number_whole(0) };
    GString *shown = g_string_new(NULL);
    const char *at = text;
    bool is_ok = true;
    for (int n = 0; is_ok && *at != '\0'; n++) {
        Number amount = number_invalid();
        bool is_ambiguous = false;
        size_t length = 0;
        const char *rest = read_amount(at, language, &amount, &is_ambiguous);
        if (rest != NULL) rest += strspn(rest, " ");
        const Unit *unit = rest != NULL ? read_unit(rest, &length) : NULL;
        is_ok = unit != NULL && n < 4 && amount.is_valid &&
                (sum.unit == NULL || (sum.unit->dimension == unit->dimension && unit->offset == 0));
        if (!is_ok) break;
        sum.base = number_add(sum.base, to_base(amount, unit));
        sum.unit = unit;
        sum.is_ambiguous |= is_ambiguous;
        g_autofree char *number = number_text(&amount, language, NULL);
        g_string_append_printf(shown, "%s%s%s%s", n > 0 ? " " : "", number,
                               strchr("'\"", unit->shown[0]) != NULL ? "" : " ", unit->shown);
        at = rest + length;
        at += strspn(at, " ");
    }
    sum.shown = g_string_free(shown, FALSE);
    if (is_ok && sum.unit != NULL) {
        *out = sum;
        return true;
    }
    g_free(sum.shown);
    return false;
}

/* ---- the answer ---- */

static bool is_part(const char *name, const char *text, void *user_data) {
    if (strcmp(name, "to") == 0) return find_unit(text) != NULL;
    Quantity quantity = { 0 };
    bool is_ok = read_quantity(text, user_data, &quantity);
    g_free(quantity.shown);
    return is_ok;
}

/* Rounded to something a person reads: six digits, all when it is exact. */
static char *shown_number(const Number *number, const Language *language, bool *out_is_rounded) {
    g_autofree char *plain = number_plain(number);
    bool is_short = strlen(plain) <= 10;
    if (number->is_exact && is_short) return number_text(number, language, out_is_rounded);
    char digits[40];
    g_snprintf(digits, sizeof digits, "%.6Lg", number->value);
    if (strchr(digits, 'e') != NULL) return number_text(number, language, out_is_rounded);
    NumberReading reading;
    const char *start = digits[0] == '-' ? digits + 1 : digits;
    *out_is_rounded = true;
    if (!number_read(start, &languages[LANGUAGE_EN], &reading))
        return number_text(number, language, out_is_rounded);
    bool is_rounded = false;
    g_autofree char *text = number_text(&reading.number, language, &is_rounded);
    return g_strdup_printf("%s%s", digits[0] == '-' ? "-" : "", text);
}

static char *tell_how(const Quantity *from, const Unit *to) {
    const char *note = to->note != NULL ? to->note : from->unit->note;
    if (from->is_ambiguous)
        return g_strdup_printf("read as %s%s%s", from->shown, note != NULL ? "; " : "",
                               note != NULL ? note : "");
    return g_strdup(note);
}

static bool convert(const Quantity *from, const Unit *to, LanguageId language, ReckonAnswer *out) {
    if (from->unit->dimension != to->dimension) return false;
    Number result = from_base(from->base, to);
    if (!result.is_valid) return false;
    bool is_rounded = false;
    g_autofree char *number = shown_number(&result, &languages[language], &is_rounded);
    *out = (ReckonAnswer){ .text = g_strdup_printf("%s %s %s %s", from->shown,
                                                   is_rounded ? "\xE2\x89\x88" : "=", number,
                                                   to->shown),
                           .value = number_plain(&result),
                           .how = tell_how(from, to),
                           .language = language };
    return true;
}

bool reckon_units(const char *request, const ReckonContext *context, ReckonAnswer *out) {
    (void)context;
    LanguageId language = LANGUAGE_EN;
    bool is_asked = false;
    g_autofree char *core = reckon_core(request, &language, &is_asked);
    if (strlen(core) > 200) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(convert_rows); i++) {
        const ConvertRow *row = &convert_rows[i];
        bool is_german = language == LANGUAGE_DE || row->language == LANGUAGE_DE;
        const Language *style = &languages[is_german ? LANGUAGE_DE : LANGUAGE_EN];
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        if (!phrase_match(row->pattern, core, is_part, (void *)style, holes)) continue;
        Quantity from = { 0 };
        const Unit *to = find_unit(phrase_hole(holes, "to"));
        bool is_ok = to != NULL && read_quantity(phrase_hole(holes, "from"), style, &from) &&
                     convert(&from, to, (LanguageId)(style - languages), out);
        g_free(from.shown);
        phrase_holes_clear(holes);
        if (is_ok) return true;
    }
    return false;
}

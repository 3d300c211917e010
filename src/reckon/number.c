/* reckon/number.c: see the header. */
#include "reckon/number.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <glib.h>

/* Below 2^126: two of these fit a sum. */
#define MAX_PART ((WideInt)INT64_MAX * INT64_MAX)
#define MAX_VALUE 1e30L
enum { MAX_DECIMALS = 12, SHOWN_DIGITS = 10, MAX_EXPONENT = 4096 };

Number number_invalid(void) {
    return (Number){ .is_valid = false };
}

static Number inexact(long double value) {
    if (!isfinite(value) || fabsl(value) > MAX_VALUE) return number_invalid();
    return (Number){ .is_valid = true, .value = value };
}

static WideInt magnitude(WideInt a) {
    return a < 0 ? -a : a;
}

static WideInt greatest_divisor(WideInt a, WideInt b) {
    a = magnitude(a);
    b = magnitude(b);
    while (b != 0) {
        WideInt rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* In lowest terms. */
static Number exact(WideInt numerator, WideInt denominator) {
    if (denominator == 0) return number_invalid();
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    WideInt divisor = greatest_divisor(numerator, denominator);
    if (divisor > 1) {
        numerator /= divisor;
        denominator /= divisor;
    }
    long double value = (long double)numerator / (long double)denominator;
    if (fabsl(value) > MAX_VALUE) return number_invalid();
    return (Number){ true, true, numerator, denominator, value };
}

Number number_whole(int64_t value) {
    return exact(value, 1);
}

Number number_fraction(int64_t numerator, int64_t denominator) {
    return exact(numerator, denominator);
}

static bool multiply(WideInt a, WideInt b, WideInt *out) {
    return !__builtin_mul_overflow(a, b, out) && magnitude(*out) < MAX_PART;
}

Number number_add(Number a, Number b) {
    if (!a.is_valid || !b.is_valid) return number_invalid();
    WideInt left, right, denominator;
    if (a.is_exact && b.is_exact && multiply(a.numerator, b.denominator, &left) &&
        multiply(b.numerator, a.denominator, &right) &&
        multiply(a.denominator, b.denominator, &denominator))
        return exact(left + right, denominator);
    return inexact(a.value + b.value);
}

static Number negate(Number a) {
    a.numerator = -a.numerator;
    a.value = -a.value;
    return a;
}

Number number_subtract(Number a, Number b) {
    return number_add(a, negate(b));
}

Number number_multiply(Number a, Number b) {
    if (!a.is_valid || !b.is_valid) return number_invalid();
    WideInt numerator, denominator;
    if (a.is_exact && b.is_exact && multiply(a.numerator, b.numerator, &numerator) &&
        multiply(a.denominator, b.denominator, &denominator))
        return exact(numerator, denominator);
    return inexact(a.value * b.value);
}

Number number_divide(Number a, Number b) {
    if (!a.is_valid || !b.is_valid || b.value == 0) return number_invalid();
    if (!b.is_exact) return inexact(a.value / b.value);
    Number inverse = exact(b.denominator, b.numerator);
    return number_multiply(a, inverse);
}

bool number_is_whole(const Number *number) {
    return number->is_exact && number->denominator == 1;
}

int number_compare(Number a, Number b) {
    Number difference = number_subtract(a, b);
    return (difference.value > 0) - (difference.value < 0);
}

static Number whole_power(Number base, int64_t exponent) {
    Number result = number_whole(1);
    for (int64_t i = 0; i < exponent && result.is_valid; i++)
        result = number_multiply(result, base);
    return result;
}

Number number_power(Number a, Number b) {
    if (!a.is_valid || !b.is_valid || (a.value == 0 && b.value <= 0)) return number_invalid();
    if (number_is_whole(&b) && fabsl(b.value) <= MAX_EXPONENT) {
        Number power = whole_power(a, (int64_t)fabsl(b.value));
        return b.value < 0 ? number_divide(number_whole(1), power) : power;
    }
    if (a.value < 0) return number_invalid();
    Number half = number_fraction(1, 2);
    if (number_compare(b, half) == 0) return number_root(a);
    return inexact(powl(a.value, b.value));
}

static bool exact_root(WideInt square, WideInt *out) {
    WideInt root = (WideInt)sqrtl((long double)square);
    for (WideInt near = root > 1 ? root - 1 : 0; near <= root + 1; near++) {
        if (near * near != square) continue;
        *out = near;
        return true;
    }
    return false;
}

Number number_root(Number a) {
    if (!a.is_valid || a.value < 0) return number_invalid();
    WideInt numerator, denominator;
    if (a.is_exact && a.value < 1e18L && a.denominator < (WideInt)1000000000000000000 &&
        exact_root(a.numerator, &numerator) && exact_root(a.denominator, &denominator))
        return exact(numerator, denominator);
    return inexact(sqrtl(a.value));
}

/* ---- reading ---- */

/* The digits and marks of a number; a mark counts only between digits (or before the first). */
static size_t span_of(const char *text) {
    size_t n = 0;
    while (g_ascii_isdigit(text[n]) ||
           ((text[n] == '.' || text[n] == ',' || text[n] == '\'') && g_ascii_isdigit(text[n + 1])))
        n++;
    return n;
}

/* Whether `mark` stands as between thousands: "1.234", "12,345,678". */
static bool groups_thousands(const char *text, size_t length, char mark) {
    size_t since = 0;
    bool is_first = true;
    for (size_t i = 0; i < length; i++) {
        if (g_ascii_isdigit(text[i])) {
            since++;
            continue;
        }
        if (text[i] != mark) return since == 3 && !is_first; /* decimals follow */
        if (is_first ? since < 1 || since > 3 || text[0] == '0' : since != 3) return false;
        is_first = false;
        since = 0;
    }
    return since == 3 && !is_first;
}

static size_t count(const char *text, size_t length, char mark) {
    size_t n = 0;
    for (size_t i = 0; i < length; i++) n += text[i] == mark;
    return n;
}

/* The decimal mark of what is written, or NUL for none; ' ' when it cannot be a number. */
static char decimal_mark(const char *text, size_t length, const Language *language,
                         bool *out_is_ambiguous) {
    size_t n_dots = count(text, length, '.'), n_commas = count(text, length, ',');
    *out_is_ambiguous = false;
    if (n_dots == 0 && n_commas == 0) return '\0';
    if (n_dots > 0 && n_commas > 0) {
        /* The mark that comes last is the decimal one. */
        char mark = '.';
        for (size_t i = 0; i < length; i++)
            if (text[i] == '.' || text[i] == ',') mark = text[i];
        char other = mark == '.' ? ',' : '.';
        bool is_sound = count(text, length, mark) == 1 && groups_thousands(text, length, other);
        return is_sound ? mark : ' ';
    }
    char mark = n_dots > 0 ? '.' : ',';
    bool may_group = groups_thousands(text, length, mark);
    if (n_dots + n_commas > 1) return may_group ? '\0' : ' ';
    if (!may_group) return mark;
    *out_is_ambiguous = true;
    return mark == language->decimal ? mark : '\0';
}

static Number assemble(const char *text, size_t length, char mark) {
    WideInt digits = 0, scale = 1;
    bool is_behind = false;
    for (size_t i = 0; i < length; i++) {
        if (mark != '\0' && text[i] == mark) is_behind = true;
        if (!g_ascii_isdigit(text[i])) continue;
        if (digits > MAX_PART / 100 || scale > MAX_PART / 100) return number_invalid();
        digits = digits * 10 + (text[i] - '0');
        if (is_behind) scale *= 10;
    }
    return exact(digits, scale);
}

bool number_read(const char *text, const Language *language, NumberReading *out) {
    size_t length = span_of(text);
    if (length == 0 || (length == 1 && !g_ascii_isdigit(text[0]))) return false;
    bool is_ambiguous = false;
    char mark = decimal_mark(text, length, language, &is_ambiguous);
    if (mark == ' ') return false;
    *out = (NumberReading){ assemble(text, length, mark), text + length, is_ambiguous };
    return out->number.is_valid;
}

/* ---- writing ---- */

/* Digits of |value|, most significant first. */
static void add_digits(GString *out, WideInt value) {
    char digits[48];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + (int)(value % 10));
        value /= 10;
    } while (value > 0 && n < sizeof digits);
    while (n > 0) g_string_append_c(out, digits[--n]);
}

/* "-1234.5" when the decimals end soon. */
static bool exact_decimal(const Number *number, GString *out) {
    WideInt whole = magnitude(number->numerator) / number->denominator;
    WideInt rest = magnitude(number->numerator) % number->denominator;
    GString *decimals = g_string_new(NULL);
    for (int i = 0; rest != 0 && i < MAX_DECIMALS && rest < MAX_PART / 10; i++) {
        rest *= 10;
        g_string_append_c(decimals, (char)('0' + (int)(rest / number->denominator)));
        rest %= number->denominator;
    }
    if (rest == 0) {
        if (number->numerator < 0) g_string_append_c(out, '-');
        add_digits(out, whole);
        if (decimals->len > 0) g_string_append_printf(out, ".%s", decimals->str);
    }
    g_string_free(decimals, TRUE);
    return rest == 0;
}

/* To SHOWN_DIGITS digits, without an exponent unless it is very small or large. */
static void rounded_decimal(long double value, GString *out) {
    char text[64];
    long double size = fabsl(value);
    bool is_plain = size == 0 || (size >= 1e-6L && size < 1e15L);
    g_snprintf(text, sizeof text, is_plain ? "%.*Lg" : "%.*Le",
               is_plain && size >= 1e10L ? 15 : SHOWN_DIGITS, value);
    if (!is_plain) g_snprintf(text, sizeof text, "%.6Le", value);
    g_string_append(out, text);
}

static char *plain_text(const Number *number, bool *out_is_rounded) {
    GString *out = g_string_new(NULL);
    bool is_rounded = !number->is_exact || !exact_decimal(number, out);
    if (is_rounded) rounded_decimal(number->value, out);
    if (out_is_rounded != NULL) *out_is_rounded = is_rounded;
    return g_string_free(out, FALSE);
}

char *number_plain(const Number *number) {
    return plain_text(number, NULL);
}

char *number_text(const Number *number, const Language *language, bool *out_is_rounded) {
    g_autofree char *plain = plain_text(number, out_is_rounded);
    GString *out = g_string_new(NULL);
    const char *start = plain[0] == '-' ? plain + 1 : plain;
    size_t n_whole = strspn(start, "0123456789");
    bool is_grouped = n_whole > 4 && strchr(plain, 'e') == NULL;
    if (plain[0] == '-') g_string_append(out, "-");
    for (size_t i = 0; i < n_whole; i++) {
        if (is_grouped && i > 0 && (n_whole - i) % 3 == 0)
            g_string_append_c(out, language->thousands);
        g_string_append_c(out, start[i]);
    }
    for (const char *at = start + n_whole; *at != '\0'; at++)
        g_string_append_c(out, *at == '.' ? language->decimal : *at);
    return g_string_free(out, FALSE);
}

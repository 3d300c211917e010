/* base/toml_number.c: integers and floats. */
#include "base/toml-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* A numeric token without its sign, and what was found wrong with it. */
typedef struct {
    TomlReader *reader;
    size_t start, end;
} Token;

static json_t *fail(const Token *token, const char *note, const char *message) {
    toml_fail(token->reader, TOML_RANGE(token->start, token->end), note, "%s", message);
    return NULL;
}

static bool is_digit_of(char c, int base) {
    int value = g_ascii_xdigit_value(c);
    return value >= 0 && value < base;
}

/* Digits with single underscores between them; returns the end. */
static const char *skip_digits(const char *c, int base) {
    if (!is_digit_of(*c, base)) return c;
    while (is_digit_of(*c, base) || (*c == '_' && is_digit_of(c[1], base))) c++;
    return c;
}

static char *without_underscores(const char *start, const char *end) {
    GString *out = g_string_sized_new((size_t)(end - start));
    for (const char *c = start; c < end; c++)
        if (*c != '_') g_string_append_c(out, *c);
    return g_string_free(out, false);
}

static json_t *read_integer(const Token *token, const char *digits, int base) {
    const char *text = token->reader->text;
    g_autofree char *plain = without_underscores(digits, text + token->end);
    g_autofree char *number =
        g_strconcat(base == 10 && text[token->start] == '-' ? "-" : "", plain, NULL);
    errno = 0;
    int64_t value = g_ascii_strtoll(number, NULL, (unsigned)base);
    if (errno == ERANGE)
        return fail(token, NULL, "the integer does not fit in 64 bits (at most about 9.2e18)");
    return json_integer(value);
}

static json_t *read_float(const Token *token) {
    const char *text = token->reader->text;
    g_autofree char *plain = without_underscores(text + token->start, text + token->end);
    double value = g_ascii_strtod(plain, NULL);
    if (isinf(value)) return json_string(value < 0 ? "-inf" : "inf");
    return json_real(value);
}

/* "30m", "5GB", "1.2.3": a word that begins like a number. */
static json_t *fail_word(const Token *token, const char *wrong) {
    const char *start = token->reader->text + token->start;
    size_t length = token->end - token->start;
    if (*wrong == '_' || wrong[-1] == '_')
        return fail(token, NULL, "an underscore in a number must stand between two digits");
    g_autofree char *word = g_strndup(start, length);
    g_autofree char *note = g_strdup_printf("write \"%s\" if it is text", word);
    return fail(token, note, "this is not a number");
}

static json_t *read_based(const Token *token, const char *digits, int base) {
    const char *end = token->reader->text + token->end;
    if (digits != token->reader->text + token->start + 2)
        return fail(token, "remove the sign", "a hex, octal or binary integer takes no sign");
    const char *stop = skip_digits(digits, base);
    if (digits == end) return fail(token, NULL, "expected digits after the base");
    if (stop != end) return fail_word(token, stop);
    return read_integer(token, digits, base);
}

/* The part after the whole digits: `.digits`, an exponent, or both. */
static json_t *read_fraction(const Token *token, const char *c) {
    const char *end = token->reader->text + token->end;
    if (*c == '.') {
        const char *stop = skip_digits(c + 1, 10);
        if (stop == c + 1)
            return fail(token, "write a digit after the dot, like 1.0",
                        "a decimal dot must stand between digits");
        c = stop;
    }
    if (c < end && g_ascii_tolower(*c) == 'e') {
        const char *digits = c + 1;
        if (*digits == '+' || *digits == '-') digits++;
        const char *stop = skip_digits(digits, 10);
        if (stop == digits) return fail(token, NULL, "expected digits after the exponent");
        c = stop;
    }
    return c == end ? read_float(token) : fail_word(token, c);
}

json_t *toml_read_number(TomlReader *reader, size_t start, size_t end) {
    Token token = { reader, start, end };
    const char *c = reader->text + start;
    const char *stop = reader->text + end;
    bool is_negative = *c == '-';
    if (*c == '+' || *c == '-') c++;
    size_t length = (size_t)(stop - c);
    if (length == 3 && strncmp(c, "inf", 3) == 0) return json_string(is_negative ? "-inf" : "inf");
    if (length == 3 && strncmp(c, "nan", 3) == 0) return json_string("nan");
    if (length >= 2 && c[0] == '0' && strchr("xob", c[1]) != NULL)
        return read_based(&token, c + 2, c[1] == 'x' ? 16 : c[1] == 'o' ? 8 : 2);
    const char *digits_end = skip_digits(c, 10);
    if (digits_end == c && *c == '.')
        return fail(&token, "write a digit before the dot, like 0.5",
                    "a decimal dot must stand between digits");
    if (digits_end == c) return fail(&token, NULL, "expected a number after the sign");
    if (*c == '0' && digits_end > c + 1)
        return fail(&token, "remove the zeros, or quote it if it is text",
                    "a number must not begin with zeros");
    if (digits_end == stop) return read_integer(&token, c, 10);
    return read_fraction(&token, digits_end);
}

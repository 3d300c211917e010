/* reckon/arithmetic.c: sums as they are typed and as they are said: words become tokens by rows, a
 * small parser reckons, and what was understood is shown again. */
#include <string.h>

#include "reckon/number.h"
#include "reckon/phrase.h"
#include "reckon/reckon.h"

enum { MAX_TOKENS = 64, MAX_NESTING = 24 };

typedef enum {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_OVER,
    TOKEN_POWER,
    TOKEN_SQUARED,
    TOKEN_CUBED,
    TOKEN_PERCENT,
    TOKEN_OF,
    TOKEN_ROOT,
    TOKEN_HALF,
    TOKEN_OPEN,
    TOKEN_CLOSE,
} TokenKind;

typedef struct {
    TokenKind kind;
    Number number;
} Token;

typedef struct {
    const char *words; /* lower case; the longer of two with the same start comes first */
    TokenKind kind;
    int language; /* LanguageId; -1: of none in particular */
} WordRow;

/* clang-format off */
static const WordRow word_rows[] = {
    { "plus", TOKEN_PLUS, -1 },             { "minus", TOKEN_MINUS, -1 },
    { "multiplied by", TOKEN_TIMES, LANGUAGE_EN }, { "times", TOKEN_TIMES, LANGUAGE_EN },
    { "divided by", TOKEN_OVER, LANGUAGE_EN }, { "over", TOKEN_OVER, LANGUAGE_EN },
    { "to the power of", TOKEN_POWER, LANGUAGE_EN }, { "raised to", TOKEN_POWER, LANGUAGE_EN },
    { "squared", TOKEN_SQUARED, LANGUAGE_EN }, { "cubed", TOKEN_CUBED, LANGUAGE_EN },
    { "percent", TOKEN_PERCENT, LANGUAGE_EN }, { "per cent", TOKEN_PERCENT, LANGUAGE_EN },
    { "of", TOKEN_OF, LANGUAGE_EN },
    { "the square root of", TOKEN_ROOT, LANGUAGE_EN }, { "square root of", TOKEN_ROOT, LANGUAGE_EN },
    { "the root of", TOKEN_ROOT, LANGUAGE_EN }, { "sqrt of", TOKEN_ROOT, LANGUAGE_EN },
    { "sqrt", TOKEN_ROOT, LANGUAGE_EN },    { "half", TOKEN_HALF, LANGUAGE_EN },
    { "x", TOKEN_TIMES, -1 },
    { "mal", TOKEN_TIMES, LANGUAGE_DE },    { "geteilt durch", TOKEN_OVER, LANGUAGE_DE },
    { "durch", TOKEN_OVER, LANGUAGE_DE },   { "hoch", TOKEN_POWER, LANGUAGE_DE },
    { "zum quadrat", TOKEN_SQUARED, LANGUAGE_DE }, { "prozent", TOKEN_PERCENT, LANGUAGE_DE },
    { "von", TOKEN_OF, LANGUAGE_DE },       { "vom", TOKEN_OF, LANGUAGE_DE },
    { "die quadratwurzel aus", TOKEN_ROOT, LANGUAGE_DE }, { "quadratwurzel aus", TOKEN_ROOT, LANGUAGE_DE },
    { "die wurzel aus", TOKEN_ROOT, LANGUAGE_DE }, { "wurzel aus", TOKEN_ROOT, LANGUAGE_DE },
    { "die quadratwurzel von", TOKEN_ROOT, LANGUAGE_DE }, { "wurzel von", TOKEN_ROOT, LANGUAGE_DE },
    { "die hälfte", TOKEN_HALF, LANGUAGE_DE },
};
static const struct { const char *mark; TokenKind kind; } marks[] = {
    { "**", TOKEN_POWER }, { "+", TOKEN_PLUS },  { "-", TOKEN_MINUS }, { "\xE2\x88\x92", TOKEN_MINUS },
    { "\xE2\x80\x93", TOKEN_MINUS },             { "*", TOKEN_TIMES }, { "\xC3\x97", TOKEN_TIMES },
    { "\xC2\xB7", TOKEN_TIMES },                 { "/", TOKEN_OVER },  { "\xC3\xB7", TOKEN_OVER },
    { ":", TOKEN_OVER },  { "^", TOKEN_POWER },  { "%", TOKEN_PERCENT }, { "(", TOKEN_OPEN },
    { ")", TOKEN_CLOSE }, { "\xE2\x88\x9A", TOKEN_ROOT },              { "\xC2\xB2", TOKEN_SQUARED },
    { "\xC2\xB3", TOKEN_CUBED },
};
/* How each is shown again. */
static const char *const shown[] = {
    [TOKEN_PLUS] = " + ",  [TOKEN_MINUS] = " - ",  [TOKEN_TIMES] = " \xC3\x97 ", [TOKEN_OVER] = " \xC3\xB7 ",
    [TOKEN_POWER] = "^",   [TOKEN_SQUARED] = "\xC2\xB2", [TOKEN_CUBED] = "\xC2\xB3",
    [TOKEN_PERCENT] = "%", [TOKEN_OF] = NULL, [TOKEN_ROOT] = "\xE2\x88\x9A", [TOKEN_HALF] = "\xC2\xBD",
    [TOKEN_OPEN] = "(",    [TOKEN_CLOSE] = ")",
};
/* Fractions and scores that are names: nobody wants them reckoned. */
static const char *const names[] = { "9/11", "24/7", "50/50", "20/20", "7/11", "1/1", "911", "4/20", "101", "e=mc^2", NULL };
/* clang-format on */

typedef struct {
    Token tokens[MAX_TOKENS];
    unsigned n_tokens;
    unsigned at;
    LanguageId language;
    char *ambiguous; /* owned: a number that could be read otherwise */
    bool has_words;  /* an operation that was said in words */
    int nesting;
    unsigned n_operations;
    bool is_bad;
} Sum;

/* ---- tokens ---- */

static bool is_letter(const char *text) {
    return g_unichar_isalpha(g_utf8_get_char(text));
}

static const WordRow *find_row(const char *lower) {
    for (size_t i = 0; i < G_N_ELEMENTS(word_rows); i++) {
        size_t length = strlen(word_rows[i].words);
        if (strncmp(lower, word_rows[i].words, length) == 0 && !is_letter(lower + length))
            return &word_rows[i];
    }
    return NULL;
}

/* "two hundred", "five": the number, and what is left behind it; NULL when there is none. */
static const char *read_number_words(const char *lower, Number *out) {
    int64_t total = 0, part = -1;
    const char *end = NULL;
    for (const char *at = lower; is_letter(at);) {
        const char *start = at;
        while (is_letter(at)) at = g_utf8_next_char(at);
        g_autofree char *word = g_strndup(start, (gsize)(at - start));
        int64_t value = language_number_word(word);
        bool is_and = strcmp(word, "and") == 0 && part >= 0 && part % 100 == 0 && part > 0;
        if (value < 0 && !is_and) break;
        if (is_and) value = 0;
        if (value >= 1000) {
            total += (part < 0 ? 1 : part) * value;
            part = 0;
        } else if (value == 100) {
            part = (part < 0 ? 1 : part) * 100;
        } else if (part > 0 && part < 100 && (part < 20 || part % 10 != 0 || value > 9)) {
            return NULL; /* "two three" is no number */
        } else {
            part = (part < 0 ? 0 : part) + value;
        }
        if (part > 1000000 || total > INT64_C(1000000000000)) return NULL;
        if (!is_and) end = at;
        at += strspn(at, " -");
    }
    if (end == NULL) return NULL;
    *out = number_whole(total + MAX(part, 0));
    return end;
}

static void add_token(Sum *sum, TokenKind kind, Number number) {
    if (sum->n_tokens + 1 >= MAX_TOKENS) {
        sum->is_bad = true;
        return;
    }
    sum->tokens[sum->n_tokens++] = (Token){ kind, number };
}

static const char *take_digits(Sum *sum, const char *at) {
    NumberReading reading;
    if (!number_read(at, &languages[sum->language], &reading)) return NULL;
    if (reading.is_ambiguous && sum->ambiguous == NULL)
        sum->ambiguous = g_strndup(at, (gsize)(reading.end - at));
    add_token(sum, TOKEN_NUMBER, reading.number);
    return reading.end;
}

static const char *take_words(Sum *sum, const char *at) {
    const WordRow *row = find_row(at);
    if (row != NULL) {
        sum->has_words |= row->kind != TOKEN_OF;
        if (row->language >= 0) sum->language = (LanguageId)row->language;
        add_token(sum, row->kind, number_invalid());
        return at + strlen(row->words);
    }
    Number number;
    const char *end = read_number_words(at, &number);
    if (end != NULL) add_token(sum, TOKEN_NUMBER, number);
    return end;
}

static const char *take_mark(Sum *sum, const char *at) {
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (!g_str_has_prefix(at, marks[i].mark)) continue;
        add_token(sum, marks[i].kind, number_invalid());
        return at + strlen(marks[i].mark);
    }
    return NULL;
}

static bool tokenize(Sum *sum, const char *text) {
    g_autofree char *lower = g_utf8_strdown(text, -1);
    const char *at = lower;
    while (*at != '\0' && !sum->is_bad) {
        const char *next = NULL;
        if (*at == ' ' || *at == '\t' || *at == '\n') {
            at++;
            continue;
        }
        if (g_ascii_isdigit(*at) || (*at == '.' && g_ascii_isdigit(at[1])))
            next = take_digits(sum, at);
        else if (is_letter(at))
            next = take_words(sum, at);
        else
            next = take_mark(sum, at);
        if (next == NULL) return false;
        at = next;
    }
    sum->tokens[sum->n_tokens] = (Token){ TOKEN_END, number_invalid() };
    return !sum->is_bad && sum->n_tokens > 0;
}

/* ---- the parser ---- */

typedef struct {
    Number number;
    bool is_percent; /* still "15%", not 0.15 */
} Value;

static Value sum_expression(Sum *sum);

static TokenKind peek(const Sum *sum) {
    return sum->tokens[sum->at].kind;
}

static bool take(Sum *sum, TokenKind kind) {
    if (peek(sum) != kind) return false;
    sum->at++;
    return true;
}

static Number settle(Value value) {
    return value.is_percent ? number_divide(value.number, number_whole(100)) : value.number;
}

static Value bad(Sum *sum) {
    sum->is_bad = true;
    return (Value){ number_invalid(), false };
}

static Value sum_power(Sum *sum);

static Value sum_primary(Sum *sum) {
    if (sum->is_bad || sum->nesting > MAX_NESTING) return bad(sum);
    if (peek(sum) == TOKEN_NUMBER) return (Value){ sum->tokens[sum->at++].number, false };
    if (take(sum, TOKEN_HALF)) return (Value){ number_whole(50), true };
    sum->nesting++;
    Value value = { number_invalid(), false };
    if (take(sum, TOKEN_ROOT)) {
        sum->n_operations++;
        value.number = number_root(settle(sum_power(sum)));
    } else if (take(sum, TOKEN_OPEN)) {
        value.number = settle(sum_expression(sum));
        if (!take(sum, TOKEN_CLOSE)) value = bad(sum);
    } else {
        value = bad(sum);
    }
    sum->nesting--;
    return value;
}

static Value sum_postfix(Sum *sum) {
    Value value = sum_primary(sum);
    for (;;) {
        int64_t exponent = take(sum, TOKEN_SQUARED) ? 2 : take(sum, TOKEN_CUBED) ? 3 : 0;
        if (exponent == 0) break;
        sum->n_operations++;
        value = (Value){ number_power(settle(value), number_whole(exponent)), false };
    }
    if (take(sum, TOKEN_PERCENT)) {
        if (value.is_percent) return bad(sum);
        value.is_percent = true;
    }
    return value;
}

static Value sum_signed(Sum *sum) {
    if (sum->nesting > MAX_NESTING) return bad(sum);
    bool is_negative = take(sum, TOKEN_MINUS);
    if (!is_negative && !take(sum, TOKEN_PLUS)) return sum_power(sum);
    sum->nesting++;
    Value value = peek(sum) == TOKEN_MINUS || peek(sum) == TOKEN_PLUS ? bad(sum) : sum_power(sum);
    sum->nesting--;
    if (is_negative) value.number = number_subtract(number_whole(0), value.number);
    return value;
}

static Value sum_power(Sum *sum) {
    Value base = sum_postfix(sum);
    if (!take(sum, TOKEN_POWER)) return base;
    sum->n_operations++;
    sum->nesting++;
    Value exponent = sum_signed(sum);
    sum->nesting--;
    return (Value){ number_power(settle(base), settle(exponent)), false };
}

static Value sum_term(Sum *sum) {
    Value value = sum_signed(sum);
    while (!sum->is_bad) {
        if (take(sum, TOKEN_OF)) {
            if (!value.is_percent) return bad(sum);
            value = (Value){ number_multiply(settle(value), settle(sum_signed(sum))), false };
        } else if (take(sum, TOKEN_TIMES)) {
            value = (Value){ number_multiply(settle(value), settle(sum_signed(sum))), false };
        } else if (take(sum, TOKEN_OVER)) {
            value = (Value){ number_divide(settle(value), settle(sum_signed(sum))), false };
        } else {
            break;
        }
        sum->n_operations++;
    }
    return value;
}

/* "80 + 15%" adds 15 percent of the 80, as every calculator does. */
static Value sum_expression(Sum *sum) {
    Value value = sum_term(sum);
    while (!sum->is_bad && (peek(sum) == TOKEN_PLUS || peek(sum) == TOKEN_MINUS)) {
        bool is_plus = take(sum, TOKEN_PLUS);
        if (!is_plus) sum->at++;
        Value right = sum_term(sum);
        Number amount = settle(right);
        if (right.is_percent && !value.is_percent) amount = number_multiply(value.number, amount);
        bool stays = right.is_percent && value.is_percent;
        if (stays) amount = right.number;
        value = (Value){ is_plus ? number_add(value.number, amount)
                                 : number_subtract(value.number, amount),
                         stays };
        sum->n_operations++;
    }
    return value;
}

/* ---- one sum ---- */

static void sum_clear(Sum *sum) {
    g_free(sum->ambiguous);
}

/* A text that is nothing but a number or a sum. */
static bool evaluate(Sum *sum, const char *text, Value *out) {
    if (!tokenize(sum, text)) return false;
    *out = sum_expression(sum);
    return !sum->is_bad && peek(sum) == TOKEN_END && out->number.is_valid;
}

/* A sign stands close to its number; an operation has room around it. */
static char *echo(const Sum *sum) {
    GString *out = g_string_new(NULL);
    const Language *language = &languages[sum->language];
    TokenKind last = TOKEN_OPEN;
    for (unsigned i = 0; i < sum->n_tokens; i++) {
        const Token *token = &sum->tokens[i];
        bool is_first = last == TOKEN_OPEN || last == TOKEN_PLUS || last == TOKEN_MINUS ||
                        last == TOKEN_TIMES || last == TOKEN_OVER || last == TOKEN_POWER;
        if (token->kind == TOKEN_NUMBER) {
            g_autofree char *number = number_text(&token->number, language, NULL);
            g_string_append(out, number);
        } else if (token->kind == TOKEN_OF) {
            g_string_append(out, sum->language == LANGUAGE_DE ? " von " : " of ");
        } else if (token->kind == TOKEN_MINUS && is_first) {
            g_string_append(out, "-");
        } else {
            g_string_append(out, shown[token->kind]);
        }
        last = token->kind;
    }
    return g_string_free(out, FALSE);
}

static char *tell_ambiguous(const Sum *sum) {
    if (sum->ambiguous == NULL) return NULL;
    NumberReading reading;
    if (!number_read(sum->ambiguous, &languages[sum->language], &reading)) return NULL;
    g_autofree char *plain = number_plain(&reading.number);
    return g_strdup_printf(sum->language == LANGUAGE_DE ? "%s als %s gelesen" : "read %s as %s",
                           sum->ambiguous, plain);
}

static void fill(const Sum *sum, const char *asked, Value value, ReckonAnswer *out) {
    const Language *language = &languages[sum->language];
    bool is_rounded = false;
    g_autofree char *result = number_text(&value.number, language, &is_rounded);
    const char *percent = value.is_percent ? "%" : "";
    *out =
        (ReckonAnswer){ .text = g_strdup_printf("%s %s %s%s", asked,
                                                is_rounded ? "\xE2\x89\x88" : "=", result, percent),
                        .value = number_plain(&value.number),
                        .how = tell_ambiguous(sum),
                        .language = sum->language };
}

/* ---- sums that are said as a sentence ---- */

typedef enum {
    SAID_PERCENT_IS, /* which percentage a is of b */
    SAID_OFF,        /* b less a percent */
    SAID_RAISE,      /* a more by b percent */
    SAID_LOWER,      /* a less by b percent */
    SAID_PERCENT_OF, /* a percent of b */
    SAID_SUM,
    SAID_DIFFERENCE, /* b minus a */
    SAID_PRODUCT,
    SAID_QUOTIENT,
} SaidKind;

typedef struct {
    LanguageId language;
    SaidKind kind;
    const char *pattern; /* holes a and b */
} SaidRow;

/* clang-format off */
static const SaidRow said_rows[] = {
    { LANGUAGE_EN, SAID_PERCENT_IS, "[what|which] (percent|percentage) of {b} is {a}" },
    { LANGUAGE_EN, SAID_PERCENT_IS, "{a} is (what|how many) (percent|percentage) of {b}" },
    { LANGUAGE_EN, SAID_PERCENT_IS, "(what|how many) (percent|percentage) is {a} of {b}" },
    { LANGUAGE_EN, SAID_PERCENT_IS, "{a} as a (percent|percentage) of {b}" },
    { LANGUAGE_EN, SAID_OFF,        "{a} off [of] {b}" },
    { LANGUAGE_EN, SAID_RAISE,      "(increase|raise) {a} by {b}" },
    { LANGUAGE_EN, SAID_LOWER,      "(decrease|reduce|lower) {a} by {b}" },
    { LANGUAGE_EN, SAID_PERCENT_OF, "[a] {a} tip on {b}" },
    { LANGUAGE_EN, SAID_SUM,        "(add|sum up|the sum of|sum of) {a} (and|to) {b}" },
    { LANGUAGE_EN, SAID_DIFFERENCE, "(subtract|take) {a} from {b}" },
    { LANGUAGE_EN, SAID_DIFFERENCE, "the difference between {b} and {a}" },
    { LANGUAGE_EN, SAID_PRODUCT,    "(multiply|the product of) {a} (by|with|and) {b}" },
    { LANGUAGE_EN, SAID_QUOTIENT,   "divide {a} by {b}" },
    { LANGUAGE_DE, SAID_PERCENT_IS, "wie viel prozent (von|sind) {b} (sind|von) {a}" },
    { LANGUAGE_DE, SAID_PERCENT_IS, "wie viel prozent (ist|sind) {a} von {b}" },
    { LANGUAGE_DE, SAID_RAISE,      "erhöhe {a} um {b}" },
    { LANGUAGE_DE, SAID_LOWER,      "(verringere|senke) {a} um {b}" },
    { LANGUAGE_DE, SAID_SUM,        "(addiere|die summe von|die summe aus) {a} (und|zu) {b}" },
    { LANGUAGE_DE, SAID_DIFFERENCE, "(subtrahiere|zieh) {a} von {b} [ab]" },
    { LANGUAGE_DE, SAID_PRODUCT,    "multipliziere {a} mit {b}" },
    { LANGUAGE_DE, SAID_QUOTIENT,   "(dividiere|teile) {a} durch {b}" },
};
/* clang-format on */

/* Money is a number; what is bought is not asked. */
static char *without_money(const char *text) {
    static const char *const marks_of_money[] = { "$", "\xE2\x82\xAC", "\xC2\xA3", NULL };
    g_autofree char *copy = g_strdup(text);
    for (int i = 0; marks_of_money[i] != NULL; i++) {
        g_auto(GStrv) parts = g_strsplit(copy, marks_of_money[i], -1);
        g_free(copy);
        copy = g_strjoinv("", parts);
    }
    return g_strstrip(g_steal_pointer(&copy));
}

static bool evaluate_alone(const char *text, LanguageId language, Value *out) {
    Sum sum = { .language = language };
    g_autofree char *plain = without_money(text);
    bool is_ok = evaluate(&sum, plain, out);
    sum_clear(&sum);
    return is_ok;
}

static bool is_sum(const char *name, const char *text, void *user_data) {
    (void)name;
    Value value;
    return evaluate_alone(text, *(LanguageId *)user_data, &value);
}

/* false when the two do not go together: "5 off 20" is no percentage. */
static bool reckon_said(SaidKind kind, Value a, Value b, Value *out, const char **out_mark) {
    Number one = number_whole(1), hundred = number_whole(100);
    Number x = settle(a), y = settle(b);
    *out = (Value){ number_invalid(), false };
    *out_mark = NULL;
    switch (kind) {
    case SAID_PERCENT_IS:
        *out = (Value){ number_multiply(number_divide(x, y), hundred), true };
        break;
    case SAID_OFF:
        if (a.is_percent) out->number = number_multiply(y, number_subtract(one, x));
        break;
    case SAID_RAISE:
        out->number = b.is_percent ? number_multiply(x, number_add(one, y)) : number_add(x, y);
        break;
    case SAID_LOWER:
        out->number =
            b.is_percent ? number_multiply(x, number_subtract(one, y)) : number_subtract(x, y);
        break;
    case SAID_PERCENT_OF:
        if (a.is_percent) out->number = number_multiply(x, y);
        break;
    case SAID_SUM: out->number = number_add(x, y), *out_mark = "+"; break;
    case SAID_DIFFERENCE: out->number = number_subtract(y, x), *out_mark = "-"; break;
    case SAID_PRODUCT: out->number = number_multiply(x, y), *out_mark = "\xC3\x97"; break;
    case SAID_QUOTIENT: out->number = number_divide(x, y), *out_mark = "\xC3\xB7"; break;
    }
    return out->number.is_valid;
}

static bool answer_said(const char *core, ReckonAnswer *out) {
    for (size_t i = 0; i < G_N_ELEMENTS(said_rows); i++) {
        const SaidRow *row = &said_rows[i];
        PhraseHole holes[PHRASE_MAX_HOLES] = { 0 };
        LanguageId language = row->language;
        if (!phrase_match(row->pattern, core, is_sum, &language, holes)) continue;
        Value a, b, value;
        const char *mark = NULL;
        bool is_ok = evaluate_alone(phrase_hole(holes, "a"), language, &a) &&
                     evaluate_alone(phrase_hole(holes, "b"), language, &b) &&
                     reckon_said(row->kind, a, b, &value, &mark);
        if (is_ok) {
            Sum sum = { .language = language };
            bool is_turned = row->kind == SAID_DIFFERENCE;
            const char *left = phrase_hole(holes, is_turned ? "b" : "a");
            const char *right = phrase_hole(holes, is_turned ? "a" : "b");
            g_autofree char *asked =
                mark != NULL ? g_strdup_printf("%s %s %s", left, mark, right) : g_strdup(core);
            fill(&sum, asked, value, out);
        }
        phrase_holes_clear(holes);
        if (is_ok) return true;
    }
    return false;
}

/* ---- the request ---- */

/* What looks like a sum and is a name, a range, a date or a telephone number. */
static bool is_something_else(const char *core, bool is_asked, const Sum *sum) {
    if (g_strv_contains(names, core)) return true;
    if (sum->has_words) return false;
    unsigned n_minus = 0, n_over = 0, n_other = 0;
    for (unsigned i = 0; i < sum->n_tokens; i++) {
        TokenKind kind = sum->tokens[i].kind;
        n_minus += kind == TOKEN_MINUS;
        n_over += kind == TOKEN_OVER;
        n_other += kind != TOKEN_MINUS && kind != TOKEN_OVER && kind != TOKEN_NUMBER;
    }
    bool is_close = strchr(core, ' ') == NULL;
    if (n_other > 0 || !is_close) return false;
    bool is_date = n_minus == 2 || n_over == 2;
    return is_date || strchr(core, ':') != NULL || (!is_asked && n_minus > 0) ||
           (!is_asked && n_over > 0);
}

bool reckon_arithmetic(const char *request, const ReckonContext *context, ReckonAnswer *out) {
    (void)context;
    LanguageId language = LANGUAGE_EN;
    bool is_asked = false;
    g_autofree char *core = reckon_core(request, &language, &is_asked);
    if (core[0] == '\0' || strlen(core) > 400) return false;
    Sum sum = { .language = language };
    g_autofree char *plain = without_money(core);
    Value value;
    bool is_ok = evaluate(&sum, plain, &value) && sum.n_operations > 0 &&
                 !is_something_else(core, is_asked, &sum);
    if (is_ok) {
        g_autofree char *asked = echo(&sum);
        fill(&sum, asked, value, out);
    }
    sum_clear(&sum);
    return is_ok || answer_said(core, out);
}

/*
 * reckon/number.h: exact fractions, and numbers as people write them.
 *
 *     Number sum = number_add(number_whole(1), number_fraction(1, 3));
 *     g_autofree char *text = number_text(&sum, &languages[LANGUAGE_EN]);     // "1.3333333333"
 *
 * A Number is exact until it no longer fits two 126-bit integers, or a root or an odd power made it
 * something else: then it is a long double, and says so. One that is no number at all (a division
 * by zero, beyond any range) is not valid, and what is made of it is not either.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reckon/language.h"

typedef int WideInt __attribute__((mode(TI))); /* 128 bits */

typedef struct {
    bool is_valid;
    bool is_exact;
    WideInt numerator;   /* when exact; lowest terms */
    WideInt denominator; /* > 0 */
    long double value;   /* always */
} Number;

Number number_whole(int64_t value);
Number number_fraction(int64_t numerator, int64_t denominator);
Number number_invalid(void);

Number number_add(Number a, Number b);
Number number_subtract(Number a, Number b);
Number number_multiply(Number a, Number b);
Number number_divide(Number a, Number b);
Number number_power(Number a, Number b);
Number number_root(Number a); /* exact for squares */
int number_compare(Number a, Number b);
bool number_is_whole(const Number *number);

/* What was found where a number begins. */
typedef struct {
    Number number;
    const char *end;   /* behind it */
    bool is_ambiguous; /* "1.234": the other style reads another number */
} NumberReading;

/* Reads digits at `text` in the style of `language`: "1,234.5", ".5", "1 234,5" and "1.234,5" are
 * told apart by themselves; "1.234" is decided by the language and marked ambiguous. false when no
 * number begins there. */
bool number_read(const char *text, const Language *language, NumberReading *out);

/* "1,234.5": exact decimals whole, others to 10 digits. *out_is_rounded (may be NULL) tells. New
 * string. */
char *number_text(const Number *number, const Language *language, bool *out_is_rounded);
/* "1234.5", as a program reads it. New string. */
char *number_plain(const Number *number);

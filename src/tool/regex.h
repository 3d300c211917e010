/*
 * tool/regex.h: regular expressions of models and of the configuration: pcre2 with limits, so that
 * no pattern can take for ever.
 *
 *     g_autoptr(Regex) regex = regex_new("fo+", REGEX_IGNORE_CASE, error);   // ERR_USAGE, with
 * place RegexMatch match = regex_find(regex, line, length);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct Regex Regex;

typedef enum {
    REGEX_IGNORE_CASE = 1 << 0,
    REGEX_LITERAL = 1 << 1, /* the pattern is plain text */
    REGEX_WORD = 1 << 2,    /* whole words only */
} RegexFlags;

/* REGEX_TOO_HARD: the limit was reached before there was an answer. */
typedef enum { REGEX_NO_MATCH, REGEX_MATCH, REGEX_TOO_HARD } RegexMatch;

Regex *regex_new(const char *pattern, unsigned flags, GError **error);
void regex_free(Regex *regex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Regex, regex_free)

/* Any bytes; what is no UTF-8 matches nothing. One thread at a time. */
RegexMatch regex_find(Regex *regex, const char *text, size_t length);

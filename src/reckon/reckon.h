/*
 * reckon/reckon.h: sums, units, dates and clocks, reckoned without a model and without a guess.
 *
 *     ReckonContext context = { .now = now };
 *     ReckonAnswer answer = { 0 };
 *     if (reckon_arithmetic("what is 15% of 80?", &context, &answer)) puts(answer.text);
 *     reckon_answer_clear(&answer);
 *
 * Each function says "not mine" (false) unless it understands the whole request. Nothing here reads
 * or changes anything but its arguments and the time zone database.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "reckon/language.h"

typedef struct {
    GDateTime *now; /* borrowed: what "today" and "now" are, with the owner's time zone */
} ReckonContext;

typedef struct {
    /* owned */
    char *text;  /* the answer for people: "15% of 80 = 12" */
    char *value; /* the bare result: "12", "2027-06-01" */
    char *how;   /* how it was come by, or what was ambiguous; NULL: the text says it all */
    /* plain */
    LanguageId language;
} ReckonAnswer;

void reckon_answer_clear(ReckonAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReckonAnswer, reckon_answer_clear)

/* "what is 3+4*2", "15% of 80", "square root of 2", "zwölf mal drei" */
bool reckon_arithmetic(const char *request, const ReckonContext *context, ReckonAnswer *out);
/* "5 km in miles", "how many feet are in a mile", "100 °F in °C" */
bool reckon_units(const char *request, const ReckonContext *context, ReckonAnswer *out);
/* "what day is 90 days from 3 March", "days until Christmas", "which week is it" */
bool reckon_calendar(const char *request, const ReckonContext *context, ReckonAnswer *out);
/* "what time is it in Tokyo", "how long is it from 9:30 to 17:15" */
bool reckon_clock(const char *request, const ReckonContext *context, ReckonAnswer *out);

/* A request without the words around it: "what is", "please", "?". *out_language tells in which
 * language they were, or the one of the context's words; *out_is_asked whether there were any. New
 * string. */
char *reckon_core(const char *request, LanguageId *out_language, bool *out_is_asked);

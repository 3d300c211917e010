/* agent/reflex_compute.c: sums, units, dates and clocks, by reckon/. */
#include <string.h>

#include "agent/reflex-private.h"

typedef bool (*ReckonFn)(const char *request, const ReckonContext *context, ReckonAnswer *out);

static const struct {
    const char *row;
    ReckonFn reckon;
} reckoners[] = { { "arithmetic", reckon_arithmetic },
                  { "units", reckon_units },
                  { "calendar", reckon_calendar },
                  { "clock", reckon_clock } };

static bool claims(ReckonFn reckon, const char *text, GDateTime *now, LanguageId *out_language) {
    const ReckonContext context = { .now = now };
    g_auto(ReckonAnswer) answer = { 0 };
    if (!reckon(text, &context, &answer)) return false;
    *out_language = answer.language;
    return true;
}

bool reflex_claims_arithmetic(const char *text, GDateTime *now, LanguageId *out_language) {
    return claims(reckon_arithmetic, text, now, out_language);
}

bool reflex_claims_units(const char *text, GDateTime *now, LanguageId *out_language) {
    return claims(reckon_units, text, now, out_language);
}

bool reflex_claims_calendar(const char *text, GDateTime *now, LanguageId *out_language) {
    return claims(reckon_calendar, text, now, out_language);
}

bool reflex_claims_clock(const char *text, GDateTime *now, LanguageId *out_language) {
    return claims(reckon_clock, text, now, out_language);
}

bool reflex_compute(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                    GError **error) {
    (void)result;
    (void)error;
    const ReckonContext context = { .now = firing->now };
    for (size_t i = 0; i < G_N_ELEMENTS(reckoners); i++) {
        if (strcmp(reckoners[i].row, firing->row->name) != 0) continue;
        g_auto(ReckonAnswer) answer = { 0 };
        if (!reckoners[i].reckon(firing->text, &context, &answer)) return true;
        out->text = answer.how != NULL ? g_strdup_printf("%s\n(%s)", answer.text, answer.how)
                                       : g_strdup(answer.text);
        out->why = g_strdup_printf("  result: %s\n", answer.value);
    }
    return true;
}

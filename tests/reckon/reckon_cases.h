/* What the tests of this folder share: a table of requests and what must come of each. */
#pragma once

#include <glib.h>

#include "reckon/reckon.h"

typedef bool (*ReckonFn)(const char *request, const ReckonContext *context, ReckonAnswer *out);

typedef struct {
    const char *request;
    const char *value; /* NULL: not mine */
    const char *text;  /* the whole answer, or NULL: not looked at */
} ReckonCase;

/* Tuesday, 24 November 2026, 14:30 in Berlin. */
static inline void reckon_cases_run(ReckonFn reckon, const ReckonCase *cases, size_t n) {
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");
    g_assert_nonnull(zone);
    g_autoptr(GDateTime) now = g_date_time_new(zone, 2026, 11, 24, 14, 30, 0);
    const ReckonContext context = { .now = now };
    for (size_t i = 0; i < n; i++) {
        g_auto(ReckonAnswer) answer = { 0 };
        bool is_mine = reckon(cases[i].request, &context, &answer);
        if (is_mine != (cases[i].value != NULL) || g_strcmp0(answer.value, cases[i].value) != 0 ||
            (cases[i].text != NULL && g_strcmp0(answer.text, cases[i].text) != 0)) {
            g_test_message("'%s': %s, '%s' (%s)", cases[i].request, answer.value, answer.text,
                           answer.how);
            g_test_fail();
        }
    }
}

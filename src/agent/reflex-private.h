/* agent/reflex-private.h: what the rows of agent/reflex_rows.c act with; one file per kind. */
#pragma once

#include "agent/reflex.h"

/* ---- agent/reflex_compute.c ---- */
bool reflex_claims_arithmetic(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_claims_units(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_claims_calendar(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_claims_clock(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_compute(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                    GError **error);

/* ---- agent/reflex_manual.c ---- */
bool reflex_manual(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error);
bool reflex_status(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error);

/* ---- for all of them ---- */

/* Whether the turn offers a tool of this name. */
bool reflex_has_tool(const ReflexFiring *firing, const char *name);

/* The text in the language of the firing. */
const char *reflex_say(const ReflexFiring *firing, const char *english, const char *german);

/* The owner's own words of a message, without what was attached. New string. */
char *reflex_owner_text(const Message *message);

/* agent/reflex-private.h: what the rows of agent/reflex_rows.c act with; one file per kind. */
#pragma once

#include "agent/reflex.h"
#include "reckon/date.h"

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

/* ---- agent/reflex_memory.c ---- */
bool reflex_accepts_fact(const char *hole, const char *text);
bool reflex_accepts_day(const char *hole, const char *text);
bool reflex_claims_own_question(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_claims_question(const char *text, GDateTime *now, LanguageId *out_language);
bool reflex_remember(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                     GError **error);
bool reflex_recall_topic(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error);
bool reflex_recall_own(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error);
bool reflex_recall_any(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error);
bool reflex_notes_of_day(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error);
/* The memory, opened when it has to be. Borrowed; NULL with *error. */
Memory *reflex_memory_of(const ReflexFiring *firing, GError **error);
/* Before the file `path` (of the workspace) changes. */
bool reflex_may_change(const ReflexFiring *firing, const char *path, GError **error);
/* A day as it was said; the last one of that name. */
bool reflex_read_day(const ReflexFiring *firing, const char *text, Date *out);

/* ---- agent/reflex_change.c ---- */
bool reflex_accepts_value(const char *hole, const char *text);
bool reflex_accepts_forgotten(const char *hole, const char *text);
bool reflex_correct(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                    GError **error);
bool reflex_forget(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error);
bool reflex_undo(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                 GError **error);

/* ---- agent/reflex_files.c ---- */
bool reflex_accepts_file(const char *hole, const char *text);
bool reflex_list_files(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error);
bool reflex_read_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                      GError **error);
bool reflex_search_files(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error);
bool reflex_write_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error);
bool reflex_append_file(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                        GError **error);
bool reflex_run_command(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                        GError **error);
bool reflex_fetch_page(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error);

/* ---- agent/reflex_sessions.c ---- */
bool reflex_sessions_of_day(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                            GError **error);

/* ---- for all of them ---- */

/* The row that made the message, with words or with a call; NULL when none did. A question of its
 * own for what is missing counts as none. */
const ReflexRow *reflex_row_of(const Message *message);

/* Whether the turn offers a tool of this name. */
bool reflex_has_tool(const ReflexFiring *firing, const char *name);

/* The text in the language of the firing. */
const char *reflex_say(const ReflexFiring *firing, const char *english, const char *german);

/* The owner's own words of a message, without what was attached. New string. */
char *reflex_owner_text(const Message *message);

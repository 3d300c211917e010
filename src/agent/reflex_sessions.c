/* agent/reflex_sessions.c: what was talked about on a day. */
#include <string.h>

#include "agent/reflex-private.h"
#include "base/text.h"
#include "session/session_store.h"

enum { MAX_SESSIONS = 200, MAX_SHOWN = 12, SHOWN_CHARACTERS = 80 };

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static int64_t start_of_day_ms(const ReflexFiring *firing, Date date) {
    g_autoptr(GDateTime) start = g_date_time_new(g_date_time_get_timezone(firing->now), date.year,
                                                 date.month, date.day, 0, 0, 0);
    return start != NULL ? g_date_time_to_unix(start) * 1000 : 0;
}

static void show_message(const ReflexFiring *firing, const Message *message, const char *session,
                         GString *out) {
    g_autofree char *text = reflex_owner_text(message);
    g_strdelimit(text, "\n\r\t", ' ');
    g_autofree char *shown = text_ellipsize(text, SHOWN_CHARACTERS);
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(message->timestamp_ms / 1000);
    g_autoptr(GDateTime) local =
        g_date_time_to_timezone(utc, g_date_time_get_timezone(firing->now));
    g_autofree char *time = g_date_time_format(local, "%H:%M");
    g_string_append_printf(out, "\n%s %s (session %.8s)", time, shown, session);
}

/* The owner's messages of the day; the number of them. */
static unsigned add_session(const ReflexFiring *firing, const SessionSummary *summary,
                            int64_t start_ms, GString *out) {
    g_autoptr(GPtrArray) messages = transcript_read_history(summary->path, NULL);
    unsigned n = 0;
    for (unsigned i = 0; messages != NULL && i < messages->len; i++) {
        const Message *message = g_ptr_array_index(messages, i);
        bool is_of_day =
            message->timestamp_ms >= start_ms && message->timestamp_ms < start_ms + DAY_MS;
        if (message->role != ROLE_USER || !is_of_day) continue;
        if (n++ < MAX_SHOWN) show_message(firing, message, summary->id, out);
    }
    return n;
}

bool reflex_sessions_of_day(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                            GError **error) {
    (void)result;
    Date date;
    if (!reflex_read_day(firing, phrase_hole(firing->holes, "day"), &date)) return true;
    if (firing->context->sessions == NULL) return true;
    g_autoptr(GPtrArray) list = session_store_list(firing->context->sessions, NULL, error);
    if (list == NULL) return false;
    int64_t start_ms = start_of_day_ms(firing, date);
    g_autofree char *day = date_text(date, &languages[firing->language]);
    g_autoptr(GString) told = g_string_new(NULL);
    unsigned n = 0;
    for (unsigned i = 0; i < list->len && i < MAX_SESSIONS && n < MAX_SHOWN; i++) {
        const SessionSummary *summary = g_ptr_array_index(list, i);
        if (summary->changed_ms >= start_ms) n += add_session(firing, summary, start_ms, told);
    }
    if (n == 0)
        out->text = g_strdup_printf(firing->language == LANGUAGE_DE
                                        ? "Am %s haben wir nicht miteinander gesprochen."
                                        : "We did not talk on %s.",
                                    day);
    else
        out->text = g_strdup_printf("%s:%s", day, told->str);
    out->label = label_new(ORIGIN_AGENT, "sessions");
    return true;
}

/* agent/reflex_memory.c: what the owner tells is kept word for word, and shown again word for word
 * with its place; a question that no note answers is declined. */
#include <string.h>

#include "agent/reflex-private.h"
#include "agent/reflex_evidence.h"
#include "base/error.h"
#include "base/file.h"
#include "reckon/date.h"

enum { MAX_SHOWN = 4, MAX_DAY_LINES = 40, MAX_EXPLAINED = 8 };

#define NO_NOTE "I have no note about that."
#define NO_NOTE_DE "Dazu habe ich keine Notiz."

Memory *reflex_memory_of(const ReflexFiring *firing, GError **error) {
    const ReflexContext *context = firing->context;
    if (context->open_memory == NULL) {
        error_set(error, ERR_NOT_FOUND, "there is no memory here");
        return NULL;
    }
    return context->open_memory(context->user_data, error);
}

bool reflex_may_change(const ReflexFiring *firing, const char *path, GError **error) {
    const ReflexContext *context = firing->context;
    g_autofree char *whole =
        path[0] == '/' ? g_strdup(path) : g_build_filename(context->workspace, path, NULL);
    g_autofree char *folder = g_path_get_dirname(whole);
    if (!file_make_folders(folder, error)) return false;
    if (context->before_change == NULL) return true;
    return context->before_change(whole, context->user_data, error);
}

/* ---- remember ---- */

bool reflex_accepts_fact(const char *hole, const char *text) {
    /* What is asked, and what is no word of it. */
    static const char *const starts[] = {
        "about", "something", "anything", "nothing",  "everything", "when",  "how",  "what", "why",
        "who",   "where",     "me",       "the time", "it",         "this",  "that", "us",   "him",
        "her",   "them",      "wie",      "was",      "wann",       "warum", "mich", NULL
    };
    if (strcmp(hole, "fact") != 0 && strcmp(hole, "said") != 0) return true;
    /* Without "that" it must be a statement, or something to do. */
    if (strcmp(hole, "said") == 0 && statement_value(text) == NULL &&
        !g_str_has_prefix(text, "to "))
        return false;
    g_autofree char *lower = g_utf8_strdown(text, -1);
    for (int i = 0; starts[i] != NULL; i++) {
        size_t length = strlen(starts[i]);
        if (strncmp(lower, starts[i], length) == 0 &&
            (lower[length] == '\0' || lower[length] == ' ' || lower[length] == ','))
            return false;
    }
    return true;
}

static bool ask_for(const ReflexFiring *firing, const char *english, const char *german,
                    ReflexOutcome *out) {
    out->text = g_strdup(reflex_say(firing, english, german));
    out->asks = true;
    return true;
}

bool reflex_remember(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                     GError **error) {
    (void)result;
    const char *fact = phrase_hole(firing->holes, "fact");
    if (fact == NULL) fact = phrase_hole(firing->holes, "said");
    if (fact == NULL)
        return ask_for(firing, "What shall I remember?", "Was soll ich mir merken?", out);
    Memory *memory = reflex_memory_of(firing, error);
    if (memory == NULL) return false;
    const NoteOrigin origin = { .tool = "remember", .label = NOTE_OWNER };
    g_autofree char *path = memory_note_path(memory, &origin);
    if (!reflex_may_change(firing, path, error)) return false;
    g_autofree char *citation = NULL;
    if (!memory_append(memory, &origin, fact, &citation, error)) return false;
    out->text =
        g_strdup_printf("%s %s\n%s", reflex_say(firing, "Noted:", "Notiert:"), fact, citation);
    return true;
}

/* ---- recall ---- */

/* Behind "do you know", "can you tell me", "please". Borrowed from the text. */
static const char *behind_courtesy(const char *text) {
    static const char *const courtesies[] = { "any idea ",
                                              "do you have any idea ",
                                              "do you know ",
                                              "do you remember ",
                                              "can you tell me ",
                                              "could you tell me ",
                                              "tell me ",
                                              "please ",
                                              "i wonder ",
                                              "hey, ",
                                              "weißt du, ",
                                              "weißt du ",
                                              "kannst du mir sagen, ",
                                              "sag mir, ",
                                              "sag mir " };
    for (size_t i = 0; i < G_N_ELEMENTS(courtesies); i++) {
        size_t length = strlen(courtesies[i]);
        if (g_ascii_strncasecmp(text, courtesies[i], length) != 0) continue;
        text += length;
        i = (size_t)-1;
    }
    return text;
}

/* A question that is about the one who asks. */
static bool is_about_owner(const char *text) {
    static const char *const patterns[] = {
        "(what|what's|whats|where|where's|when|when's|who|who's|which|whose|how) {rest}",
        "(do|did|am|was|have|is|are|does|has) {rest}",
        "(in|at|on|with|for|from) (which|what|whom) {rest}",
        "(was|wo|wann|wer|welche|welcher|welches|wie|habe|bin|ist|sind|hat) {rest}",
    };
    static const char *const owners[] = { "my",     "i",      "me",     "mine", "our",
                                          "we",     "us",     "ich",    "mein", "meine",
                                          "meinen", "meinem", "meiner", "mir",  "mich",
                                          "wir",    "unser",  "unsere", NULL };
    bool is_question = false;
    for (size_t i = 0; !is_question && i < G_N_ELEMENTS(patterns); i++)
        is_question = phrase_match(patterns[i], text, NULL, NULL, NULL);
    if (!is_question) return false;
    g_autofree char *lower = g_utf8_strdown(text, -1);
    g_auto(GStrv) words = g_strsplit_set(lower, " ,.?!", -1);
    for (char **word = words; *word != NULL; word++)
        if (g_strv_contains(owners, *word)) return true;
    return false;
}

/* Advice, help and the present moment: nothing that a note could answer. */
static bool asks_for_advice(const char *text) {
    static const char *const patterns[] = {
        ("(how|what|where|which|who|when) (do|can|could|should|would|shall|may|might|must) [i|we] "
         "{rest}"),
        "(what is|what's|what are|who is|which is) (a|an|some|the best) {rest}",
        "how (am|are) (i|we) {rest}",
        "what (am i|are we) (doing|supposed) [{rest}]",
        "(can|could|should|would|shall|may|will|might) {rest}",
        "(was|wie|wo) (soll|kann|sollte|könnte|muss|darf) (ich|wir) {rest}",
        "(what|how|who) [is] (about|if) {rest}",
        "(do|are|is|was|did|have) you {rest}",
        "(is|are|was|does) (it|that|this|there) {rest}",
        "what (do|would) you {rest}",
        "how (do|did) you {rest}",
    };
    /* "which tea do I like" and "when did I visit" are about the owner all the same. */
    if (phrase_match("(what|which|where|when|who|how) [{thing}] (do|did) i {rest}", text, NULL,
                     NULL, NULL) &&
        !phrase_match("how do i {rest}", text, NULL, NULL, NULL) &&
        !phrase_match("(what|where) do i (do|get|start|begin|go|find) [{rest}]", text, NULL, NULL,
                      NULL))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++)
        if (phrase_match(patterns[i], text, NULL, NULL, NULL)) return true;
    return false;
}

bool reflex_claims_own_question(const char *text, GDateTime *now, LanguageId *out_language) {
    (void)now;
    text = behind_courtesy(text);
    bool is_mine = is_about_owner(text) && !asks_for_advice(text);
    g_autofree char *lower = g_utf8_strdown(text, -1);
    static const char *const german[] = { "was ",   "wo ",  "wann ", "wer ",
                                          "welche", "wie ", "habe ", "bin " };
    *out_language = LANGUAGE_EN;
    for (size_t i = 0; i < G_N_ELEMENTS(german); i++)
        if (g_str_has_prefix(lower, german[i]) && !g_str_has_prefix(lower, "was i ") &&
            !g_str_has_prefix(lower, "was my "))
            *out_language = LANGUAGE_DE;
    return is_mine;
}

/* Any question may be answered by a note, when it answers it well. */
bool reflex_claims_question(const char *text, GDateTime *now, LanguageId *out_language) {
    (void)now;
    *out_language = LANGUAGE_EN;
    const char *whole = text;
    text = behind_courtesy(text);
    if (asks_for_advice(text)) return false;
    /* "tell me Elena's birthday" */
    if (text != whole && g_ascii_strncasecmp(whole, "tell me ", 8) == 0 &&
        !phrase_match("(a|an|about|something|more|the truth|your) [{rest}]", text, NULL, NULL,
                      NULL))
        return true;
    if (phrase_match("(in|at|on|with|for|from) (which|what|whom) {rest}", text, NULL, NULL, NULL))
        return true;
    if (phrase_match("(is|are|was|does|did|has) {rest}", text, NULL, NULL, NULL)) return true;
    if (phrase_match("(who|who's|when|when's|where|where's|what|what's|which|how) {rest}", text,
                     NULL, NULL, NULL))
        return true;
    *out_language = LANGUAGE_DE;
    return phrase_match("(wer|wann|wo|was|welche|welcher|welches|wie) {rest}", text, NULL, NULL,
                        NULL);
}

static void explain(const GPtrArray *statements, const char *question, ReflexOutcome *out) {
    g_autofree char *words = evidence_words(question);
    GString *why = g_string_new(NULL);
    g_string_append_printf(why, "  words: %s; enough from %.2f on\n", words, EVIDENCE_ENOUGH);
    for (unsigned i = 0; i < statements->len && i < MAX_EXPLAINED; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        g_autofree char *place = statement_place(statement);
        g_string_append_printf(why, "  %.2f (words %.2f, meaning %.2f) %s\n", statement->evidence,
                               statement->coverage, statement->meaning, place);
    }
    out->why = g_string_free(why, FALSE);
}

static int newest_first(const void *a, const void *b) {
    const Statement *one = *(const Statement *const *)a, *other = *(const Statement *const *)b;
    int newer = strcmp(other->date, one->date);
    if (newer != 0) return newer;
    return (one->start_line < other->start_line) - (one->start_line > other->start_line);
}

static bool is_worth_showing(const GPtrArray *statements, unsigned index, double enough,
                             bool differ) {
    const Statement *best = g_ptr_array_index(statements, 0);
    const Statement *statement = g_ptr_array_index(statements, index);
    if (index == 0) return best->evidence >= enough;
    if (best->evidence < enough || strcmp(best->text, statement->text) == 0) return false;
    /* Where notes differ, nothing else is of interest. */
    if (differ) return statement_contradicts(best->text, statement->text);
    return statement->evidence >= enough && statement->evidence >= best->evidence * 0.9;
}

/* The best ones, the newest first; *out_differ when two of them contradict each other. Borrowed
 * statements. */
static GPtrArray *choose(const GPtrArray *statements, double enough, bool *out_differ) {
    GPtrArray *chosen = g_ptr_array_new();
    *out_differ = false;
    for (unsigned i = 1; i < statements->len; i++) {
        const Statement *best = g_ptr_array_index(statements, 0);
        const Statement *statement = g_ptr_array_index(statements, i);
        *out_differ |= statement_contradicts(best->text, statement->text);
    }
    for (unsigned i = 0; i < statements->len && chosen->len < MAX_SHOWN; i++)
        if (is_worth_showing(statements, i, enough, *out_differ))
            g_ptr_array_add(chosen, g_ptr_array_index(statements, i));
    g_ptr_array_sort(chosen, newest_first);
    return chosen;
}

static void show(const Statement *statement, GString *out) {
    g_autofree char *place = statement_place(statement);
    g_string_append_printf(out, "%s%s\n%s", out->len > 0 ? "\n\n" : "", statement->text, place);
    if (statement->date[0] != '\0') g_string_append_printf(out, " · %s", statement->date);
    if (statement->label == NOTE_UNTRUSTED) g_string_append(out, " · from an untrusted source");
}

static void tell(const ReflexFiring *firing, const GPtrArray *chosen, bool differ,
                 ReflexOutcome *out) {
    GString *text = g_string_new(NULL);
    bool is_untrusted = false;
    if (differ)
        g_string_append(text, reflex_say(firing, "Your notes differ; the newest first:",
                                         "Die Notizen widersprechen sich; die neueste zuerst:"));
    for (unsigned i = 0; i < chosen->len; i++) {
        const Statement *statement = g_ptr_array_index(chosen, i);
        is_untrusted |= statement->label == NOTE_UNTRUSTED;
        show(statement, text);
    }
    out->text = g_string_free(text, FALSE);
    out->label = label_new(is_untrusted ? ORIGIN_WEB : ORIGIN_AGENT, "memory");
}

static bool recall(const ReflexFiring *firing, const char *question, double enough, bool declines,
                   ReflexOutcome *out, GError **error) {
    Memory *memory = reflex_memory_of(firing, error);
    if (memory == NULL) return false;
    g_autoptr(GPtrArray) statements = evidence_find(memory, question, firing->cancel, error);
    if (statements == NULL) return false;
    explain(statements, question, out);
    bool differ = false;
    g_autoptr(GPtrArray) chosen = choose(statements, enough, &differ);
    if (chosen->len > 0) tell(firing, chosen, differ && chosen->len > 1, out);
    if (chosen->len == 0 && declines) out->text = g_strdup(reflex_say(firing, NO_NOTE, NO_NOTE_DE));
    return true;
}

bool reflex_recall_topic(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error) {
    (void)result;
    const char *topic = phrase_hole(firing->holes, "topic");
    if (topic == NULL)
        return ask_for(firing, "What shall I look for?", "Wonach soll ich suchen?", out);
    return recall(firing, topic, EVIDENCE_ENOUGH, /* declines= */ true, out, error);
}

bool reflex_recall_own(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error) {
    (void)result;
    return recall(firing, firing->text, EVIDENCE_ENOUGH, /* declines= */ true, out, error);
}

/* A name behind the first word: the question is about somebody or something in particular. */
static bool names_somebody(const char *text) {
    const char *space = strchr(text, ' ');
    for (; space != NULL; space = strchr(space + 1, ' '))
        if (g_unichar_isupper(g_utf8_get_char(space + 1)) && space[1] != 'I') return true;
    return false;
}

bool reflex_recall_any(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                       GError **error) {
    (void)result;
    g_autofree char *words = evidence_words(firing->text);
    double enough = names_somebody(firing->text) ? EVIDENCE_ENOUGH : EVIDENCE_STRONG;
    if (!recall(firing, firing->text, enough, /* declines= */ false, out, error)) return false;
    /* One word is evidence only where a note says what it is. */
    const char *value = out->text != NULL ? statement_value(out->text) : NULL;
    bool names_it = false;
    if (value != NULL) {
        g_autofree char *thing = g_strndup(out->text, (gsize)(value - out->text));
        names_it = evidence_coverage(words, thing) == 1;
    }
    if (strchr(words, ' ') == NULL && !names_it) g_clear_pointer(&out->text, g_free);
    return true;
}

/* ---- the notes of a day ---- */

bool reflex_read_day(const ReflexFiring *firing, const char *text, Date *out) {
    DateQuestion question = { { g_date_time_get_year(firing->now),
                                g_date_time_get_month(firing->now),
                                g_date_time_get_day_of_month(firing->now) },
                              firing->language,
                              DATE_LAST };
    DateReading reading = { 0 };
    if (!date_read(text, &question, &reading)) return false;
    *out = reading.date;
    date_reading_clear(&reading);
    return true;
}

bool reflex_accepts_day(const char *hole, const char *text) {
    if (strcmp(hole, "day") != 0) return true;
    const DateQuestion question = { { 2026, 1, 1 }, LANGUAGE_EN, DATE_LAST };
    DateReading reading = { 0 };
    bool is_ok = date_read(text, &question, &reading);
    date_reading_clear(&reading);
    return is_ok;
}

/* What the program wrote for itself is left out; the time of a note stands before its words. */
static char *day_text(const char *text) {
    GString *out = g_string_new(NULL);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const char *time = NULL;
    int n = 0;
    for (char **line = lines; *line != NULL && n < MAX_DAY_LINES; line++) {
        bool is_time = g_str_has_prefix(*line, "## ") && g_ascii_isdigit((*line)[3]);
        if (is_time) time = *line + 3;
        if (is_time || g_str_has_prefix(*line, "<!--") || (*line)[0] == '\0' ||
            g_str_has_prefix(*line, "# "))
            continue;
        g_string_append_printf(out, "%s%s%s%s", out->len > 0 ? "\n" : "", time != NULL ? time : "",
                               time != NULL ? " " : "", *line);
        time = NULL;
        n++;
    }
    return g_string_free(out, FALSE);
}

bool reflex_notes_of_day(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                         GError **error) {
    (void)result;
    Date date;
    if (!reflex_read_day(firing, phrase_hole(firing->holes, "day"), &date)) return true;
    Memory *memory = reflex_memory_of(firing, error);
    if (memory == NULL) return false;
    g_autofree char *iso = date_iso(date);
    g_autofree char *path = g_strdup_printf("memory/%s.md", iso);
    g_autofree char *day = date_text(date, &languages[firing->language]);
    g_autoptr(GError) problem = NULL;
    g_autofree char *whole = memory_get(memory, path, 1, 0, &problem);
    if (whole == NULL && !error_is(problem, ERR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    g_autofree char *text = whole != NULL ? day_text(whole) : NULL;
    out->label = label_new(ORIGIN_AGENT, "memory");
    if (text == NULL || text[0] == '\0')
        out->text =
            g_strdup_printf(firing->language == LANGUAGE_DE ? "Vom %s gibt es keine Notizen."
                                                            : "There are no notes of %s.",
                            day);
    else
        out->text = g_strdup_printf("%s:\n%s\n%s", day, text, path);
    return true;
}

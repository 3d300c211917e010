/* agent/reflex_change.c: a note is corrected, forgotten, or a change taken back. Each change is one
 * line of one file, replaced atomically, and can be undone. */
#include <string.h>

#include "agent/reflex-private.h"
#include "agent/reflex_evidence.h"
#include "base/error.h"
#include "base/file.h"

#define MAX_NOTE_BYTES ((size_t)4 << 20)

/* ---- lines of a file ---- */

typedef struct {
    char *path; /* owned; below the workspace */
    int64_t start_line, end_line;
    char *said;    /* owned: the statement that stood there */
    bool is_shown; /* `said` is an answer that showed it, among other words */
} Place;

static void place_clear(Place *place) {
    g_free(place->path);
    g_free(place->said);
    *place = (Place){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static Place place_of(const Statement *statement) {
    return (Place){ g_strdup(statement->path), statement->start_line, statement->end_line,
                    g_strdup(statement->text), /* is_shown= */ false };
}

/* Below the workspace, whatever stands in the words it was found in. */
static bool is_below(const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    return path[0] != '\0' && path[0] != '/' && !g_strv_contains((const char *const *)parts, "..");
}

/* "memory/2026-11-24.md#L5-6" at the end of a line of the text; the last one of it. */
static bool find_place(const char *text, Place *out) {
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (int i = (int)g_strv_length(lines) - 1; i >= 0; i--) {
        char *mark = strstr(lines[i], "#L");
        if (mark == NULL || !g_ascii_isdigit(mark[2])) continue;
        char *rest = NULL;
        int64_t start = g_ascii_strtoll(mark + 2, &rest, 10);
        int64_t end = *rest == '-' ? g_ascii_strtoll(rest + 1, NULL, 10) : start;
        if (start < 1 || end < start) continue;
        g_autofree char *path = g_strndup(lines[i], (gsize)(mark - lines[i]));
        if (!is_below(path)) continue;
        *out = (Place){ g_steal_pointer(&path), start, end, g_strdup(text), /* is_shown= */ true };
        return true;
    }
    return false;
}

static bool still_says_it(char **lines, const Place *place) {
    g_autofree char *now = statement_of_lines(lines, place->start_line, place->end_line);
    if (now == NULL || now[0] == '\0') return false;
    return place->is_shown ? strstr(place->said, now) != NULL : strcmp(place->said, now) == 0;
}

/* The lines of the file, in which the place still says what it said; NULL with *error. */
static char **read_place(const ReflexFiring *firing, const Place *place, GError **error) {
    g_autofree char *path = g_build_filename(firing->context->workspace, place->path, NULL);
    g_autofree char *text = NULL;
    if (!file_read(path, MAX_NOTE_BYTES, &text, NULL, error)) return NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    if (still_says_it(lines, place)) return g_steal_pointer(&lines);
    error_set(error, ERR_DATA, "'%s' has changed meanwhile", place->path);
    return NULL;
}

/* Replaces lines start..end (1-based) of `lines`, which are the file's, by `text`, or removes them
 * when it is NULL. */
static bool replace_lines(const ReflexFiring *firing, const Place *place, char **lines,
                          const char *text, GError **error) {
    g_autofree char *path = g_build_filename(firing->context->workspace, place->path, NULL);
    GString *out = g_string_new(NULL);
    bool is_first = true;
    for (int64_t i = 0; lines[i] != NULL; i++) {
        bool is_old = i + 1 >= place->start_line && i + 1 <= place->end_line;
        const char *line = is_old ? (i + 1 == place->start_line ? text : NULL) : lines[i];
        if (line == NULL) continue;
        g_string_append_printf(out, "%s%s", is_first ? "" : "\n", line);
        is_first = false;
    }
    bool is_ok = reflex_may_change(firing, place->path, error) &&
                 file_replace(path, out->str, out->len, 0600, error);
    g_string_free(out, TRUE);
    return is_ok;
}

static char *join_lines(char **lines, int64_t start, int64_t end) {
    GString *out = g_string_new(NULL);
    for (int64_t i = start; i <= end; i++)
        g_string_append_printf(out, "%s%s", i > start ? "\n" : "", lines[i - 1]);
    return g_string_free(out, FALSE);
}

/* ---- correcting ---- */

/* "- my bike is blue." becomes "- my bike is red."; NULL when it says nothing of anything. */
static char *with_value(const char *line, const char *value) {
    const char *old = statement_value(line);
    if (old == NULL) return NULL;
    bool has_stop = g_str_has_suffix(line, ".") && !g_str_has_suffix(value, ".");
    return g_strdup_printf("%.*s%s%s", (int)(old - line), line, value, has_stop ? "." : "");
}

/* "no, that is wrong" says that something is, not what it is. */
bool reflex_accepts_value(const char *hole, const char *text) {
    static const char *const opinions[] = {
        "wrong",   "right",     "not",      "no",    "fine",   "ok",      "okay",     "true",
        "false",   "good",      "bad",      "all",   "enough", "nothing", "what",     "why",
        "how",     "because",   "my",       "your",  "so",     "too",     "very",     "just",
        "correct", "incorrect", "nonsense", "great", "nice",   "funny",   "sad",      "a",
        "falsch",  "richtig",   "nicht",    "kein",  "keine",  "gut",     "schlecht", "alles",
        "nichts",  "was",       "egal",     NULL
    };
    if (strcmp(hole, "value") != 0) return true;
    g_autofree char *lower = g_utf8_strdown(text, -1);
    size_t length = strcspn(lower, " ,.!?");
    bool is_alone = lower[length] == '\0';
    lower[length] = '\0';
    /* "a red one" is a value, "a pity" none that a note has: an article alone is not enough. */
    if (strcmp(lower, "a") == 0) return !is_alone;
    return !g_strv_contains(opinions, lower);
}

static bool correct_at(const ReflexFiring *firing, const Place *place, const char *value,
                       ReflexOutcome *out, GError **error) {
    g_auto(GStrv) lines = read_place(firing, place, error);
    if (lines == NULL) return false;
    g_autofree char *old = join_lines(lines, place->start_line, place->end_line);
    g_autofree char *corrected = with_value(old, value);
    if (corrected == NULL) return true;
    if (!replace_lines(firing, place, lines, corrected, error)) return false;
    out->text = g_strdup_printf("%s %s\n%s %s\n%s#L%" G_GINT64_FORMAT,
                                reflex_say(firing, "Corrected:", "Berichtigt:"), corrected,
                                reflex_say(firing, "before:", "vorher:"), old, place->path,
                                (gint64)place->start_line);
    return true;
}

/* The note that the answer before this request showed. What a tool printed names no note: it may be
 * a stranger's words. */
static bool shown_place(const ReflexFiring *firing, Place *out) {
    for (int i = (int)firing->messages->len - 2; i >= 0; i--) {
        const Message *message = g_ptr_array_index(firing->messages, (unsigned)i);
        if (message->role == ROLE_USER) return false;
        const ReflexRow *row = reflex_row_of(message);
        if (row == NULL || strcmp(row->source, "memory") != 0) return false;
        g_autofree char *text = message_text(message);
        if (find_place(text, out)) return true;
    }
    return false;
}

/* The note that says what a thing is; false when there is none. */
static bool place_of_thing(const ReflexFiring *firing, const char *thing, Place *out,
                           GError **error) {
    Memory *memory = reflex_memory_of(firing, error);
    if (memory == NULL) return false;
    g_autoptr(GPtrArray) statements = evidence_find(memory, thing, firing->cancel, error);
    for (unsigned i = 0; statements != NULL && i < statements->len; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        const char *value = statement_value(statement->text);
        if (value == NULL || statement->path[0] == '/') continue;
        g_autofree char *subject = g_strndup(statement->text, (gsize)(value - statement->text));
        bool is_it =
            evidence_coverage(thing, subject) == 1 && evidence_coverage(subject, thing) == 1;
        if (!is_it) continue;
        *out = place_of(statement);
        return true;
    }
    return false;
}

bool reflex_correct(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                    GError **error) {
    (void)result;
    const char *thing = phrase_hole(firing->holes, "thing");
    const char *value = phrase_hole(firing->holes, "value");
    g_auto(Place) place = { 0 };
    GError *problem = NULL;
    bool is_found = thing != NULL ? place_of_thing(firing, thing, &place, &problem)
                                  : shown_place(firing, &place);
    if (problem != NULL) {
        g_propagate_error(error, problem);
        return false;
    }
    if (!is_found) return true;
    return correct_at(firing, &place, value, out, error);
}

/* ---- forgetting ---- */

bool reflex_accepts_forgotten(const char *hole, const char *text) {
    static const char *const idioms[] = { "it",       "that",     "this",     "me",         "him",
                                          "her",      "them",     "us",       "everything", "all",
                                          "all that", "the rest", "the past", "es",         "das",
                                          "mich",     "alles",    NULL };
    g_autofree char *lower = g_utf8_strdown(text, -1);
    return strcmp(hole, "fact") != 0 || !g_strv_contains(idioms, lower);
}

static bool is_blank(const char *line) {
    return line[strspn(line, " \t")] == '\0';
}

/* A note that is removed takes its heading and its mark along, when nothing else stands below
 * them. */
static void widen(char **lines, Place *place) {
    int64_t n = (int64_t)g_strv_length(lines), above = place->start_line - 1;
    int64_t below = place->end_line + 1;
    while (below <= n && is_blank(lines[below - 1])) below++;
    if (below <= n && lines[below - 1][0] != '#') return;
    if (above < 1 || !g_str_has_prefix(lines[above - 1], "<!-- localgpt:")) return;
    above--;
    while (above > 0 && is_blank(lines[above - 1])) above--;
    if (above < 1 || !g_str_has_prefix(lines[above - 1], "## ")) return;
    place->start_line = above;
    place->end_line = below - 1;
}

static int from_the_end_on(const void *a, const void *b) {
    const Statement *one = *(const Statement *const *)a, *other = *(const Statement *const *)b;
    int path = strcmp(one->path, other->path);
    if (path != 0) return path;
    return (one->start_line < other->start_line) - (one->start_line > other->start_line);
}

/* Every statement with these very words, in its file from the end on, so that lines stay right.
 * Sorts the statements. */
static bool remove_all(const ReflexFiring *firing, GPtrArray *statements, const char *text,
                       GString *told, GError **error) {
    g_ptr_array_sort(statements, from_the_end_on);
    for (unsigned i = 0; i < statements->len; i++) {
        const Statement *statement = g_ptr_array_index(statements, i);
        if (strcmp(statement->text, text) != 0 || statement->path[0] == '/') continue;
        g_auto(Place) place = place_of(statement);
        g_auto(GStrv) lines = read_place(firing, &place, error);
        if (lines == NULL) return false;
        widen(lines, &place);
        if (!replace_lines(firing, &place, lines, NULL, error)) return false;
        g_string_append_printf(told, "\n%s", statement->path);
    }
    return true;
}

bool reflex_forget(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                   GError **error) {
    (void)result;
    const char *fact = phrase_hole(firing->holes, "fact");
    Memory *memory = reflex_memory_of(firing, error);
    if (memory == NULL) return false;
    g_autoptr(GPtrArray) statements = evidence_find(memory, fact, firing->cancel, error);
    if (statements == NULL) return false;
    const Statement *best = statements->len > 0 ? g_ptr_array_index(statements, 0) : NULL;
    const Statement *next = statements->len > 1 ? g_ptr_array_index(statements, 1) : NULL;
    if (best == NULL || best->evidence < EVIDENCE_EXACT) {
        out->text = g_strdup(reflex_say(firing, "I have no note about that; nothing was removed.",
                                        "Dazu habe ich keine Notiz; es wurde nichts entfernt."));
        return true;
    }
    bool is_unsure = next != NULL && next->evidence >= best->evidence - 0.01 &&
                     strcmp(next->text, best->text) != 0;
    if (is_unsure) {
        out->text = g_strdup_printf("%s\n- %s\n- %s",
                                    reflex_say(firing, "Which one? Say more of its words:",
                                               "Welche? Nenne mehr Wörter davon:"),
                                    best->text, next->text);
        return true;
    }
    g_autofree char *text = g_strdup(best->text);
    g_autoptr(GString) told = g_string_new(NULL);
    if (!remove_all(firing, statements, text, told, error)) return false;
    out->text =
        g_strdup_printf("%s %s%s", reflex_say(firing, "Forgotten:", "Vergessen:"), text, told->str);
    return true;
}

/* ---- undo ---- */

bool reflex_undo(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                 GError **error) {
    (void)result;
    const ReflexContext *context = firing->context;
    if (context->undo == NULL) return true;
    g_autoptr(GError) problem = NULL;
    out->text = context->undo(context->user_data, &problem);
    if (out->text != NULL) return true;
    if (!error_is(problem, ERR_NOT_FOUND) && !error_is(problem, ERR_DENIED)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    out->text = g_strdup_printf(
        "%s (%s)",
        reflex_say(firing, "There is nothing to undo.", "Es gibt nichts zurückzunehmen."),
        problem->message);
    return true;
}

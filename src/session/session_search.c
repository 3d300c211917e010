/* session/session_search.c: see the header. */
#include "session/session_search.h"

#include <string.h>

#include "base/text.h"
#include "session/session_store.h"
#include "session/transcript_entry.h"
#include "session/transcript_lines.h"

#define SNIPPET_CHARACTERS 120
/* Of them, in front of the match. */
#define SNIPPET_LEAD 40

void session_hit_free(SessionHit *hit) {
    if (hit == NULL) return;
    g_free(hit->id);
    g_free(hit->path);
    g_free(hit->snippet);
    g_free(hit);
}

typedef struct {
    char *folded;      /* what is looked for, case-folded */
    const char *ascii; /* the same when a line without it, letter by letter in either case, cannot
                          match; else NULL */
} Query;

/* Folding may change the length of a text, so a place in the folded text is turned into characters
 * of the original by folding its beginning character by character. */
static size_t original_offset(const char *text, size_t folded_bytes) {
    const char *at = text;
    for (size_t done = 0; *at != '\0' && done < folded_bytes; at = g_utf8_next_char(at)) {
        g_autofree char *one = g_utf8_casefold(at, g_utf8_next_char(at) - at);
        done += strlen(one);
    }
    return (size_t)(at - text);
}

static char *make_snippet(const char *text, size_t offset) {
    const char *start = text + offset;
    for (int i = 0; i < SNIPPET_LEAD && start > text; i++) start = g_utf8_prev_char(start);
    size_t length = text_cut(start, strlen(start), (size_t)SNIPPET_CHARACTERS * 8);
    g_autofree char *safe = text_strip_terminal(start, length);
    g_strdelimit(safe, "\r\n\t", ' ');
    g_autofree char *cut = text_ellipsize(g_strstrip(safe), SNIPPET_CHARACTERS);
    return start > text ? g_strconcat("…", cut, NULL) : g_steal_pointer(&cut);
}

static void count_in_text(const Query *query, const char *text, SessionHit *hit) {
    g_autofree char *folded = g_utf8_casefold(text, -1);
    size_t length = strlen(query->folded);
    for (const char *at = folded; (at = strstr(at, query->folded)) != NULL; at += length) {
        if (hit->n_matches++ == 0)
            hit->snippet = make_snippet(text, original_offset(text, (size_t)(at - folded)));
    }
}

/* Whether `line` has the ASCII letters of `words`, in either case. */
static bool has_ascii(const TranscriptLine *line, const char *words) {
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= line->length; i++)
        if (g_ascii_strncasecmp(line->text + i, words, length) == 0) return true;
    return false;
}

/* A line is decoded only when it can match: letters may be written as "\u0041". */
static bool may_match(const Query *query, const TranscriptLine *line) {
    if (query->ascii == NULL) return true;
    return has_ascii(line, query->ascii) ||
           g_strstr_len(line->text, (gssize)line->length, "\\u") != NULL;
}

static void search_line(const Query *query, const TranscriptLine *line, SessionHit *hit) {
    TranscriptHead head;
    if (line->text == NULL || !may_match(query, line) ||
        !transcript_entry_scan(line->text, line->length, &head) || head.kind != TRANSCRIPT_MESSAGE)
        return;
    json_t *entry = transcript_entry_parse(line->text, line->length);
    g_autoptr(Message) message = entry != NULL ? transcript_entry_message(entry) : NULL;
    if (message != NULL && message->role != ROLE_SYSTEM) {
        g_autofree char *text = message_text(message);
        count_in_text(query, text, hit);
    }
    json_decref(entry);
}

static SessionHit *search_file(const Query *query, const SessionSummary *summary) {
    TranscriptLines lines;
    if (!transcript_lines_open(&lines, summary->path, NULL)) return NULL;
    SessionHit *hit = g_new0(SessionHit, 1);
    TranscriptLine line;
    while (transcript_lines_next(&lines, &line)) search_line(query, &line, hit);
    transcript_lines_close(&lines);
    if (hit->n_matches == 0) {
        session_hit_free(hit);
        return NULL;
    }
    hit->id = g_strdup(summary->id);
    hit->path = g_strdup(summary->path);
    hit->changed_ms = summary->changed_ms;
    return hit;
}

static int compare_hits(const void *left, const void *right) {
    const SessionHit *a = *(SessionHit *const *)left, *b = *(SessionHit *const *)right;
    if (a->n_matches != b->n_matches) return a->n_matches < b->n_matches ? 1 : -1;
    if (a->changed_ms != b->changed_ms) return a->changed_ms < b->changed_ms ? 1 : -1;
    return strcmp(a->id, b->id);
}

static void free_hit(void *hit) {
    session_hit_free(hit);
}

GPtrArray *session_search(const char *folder, const char *words, GError **error) {
    g_autoptr(GPtrArray) list = session_store_list(folder, NULL, error);
    if (list == NULL) return NULL;
    g_autofree char *valid = text_make_valid(words, strlen(words));
    g_autofree char *folded = g_utf8_casefold(valid, -1);
    GPtrArray *hits = g_ptr_array_new_with_free_func(free_hit);
    if (folded[0] == '\0') return hits;
    /* 'k' and 's' have further capitals outside ASCII. */
    bool is_plain = strspn(folded, "abcdefghijlmnopqrtuvwxyz0123456789 ") == strlen(folded);
    const Query query = { .folded = folded, .ascii = is_plain ? folded : NULL };
    for (unsigned i = 0; i < list->len; i++) {
        SessionHit *hit = search_file(&query, g_ptr_array_index(list, i));
        if (hit != NULL) g_ptr_array_add(hits, hit);
    }
    g_ptr_array_sort(hits, compare_hits);
    return hits;
}

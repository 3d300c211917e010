/*
 * agent/reflex_evidence.h: what the notes say about a question, statement by statement, with how
 * well each answers it.
 *
 *     g_autoptr(GPtrArray) statements = evidence_find(memory, "what is my bike", cancel, error);
 *     const Statement *best = statements->len > 0 ? g_ptr_array_index(statements, 0) : NULL;
 *     if (best != NULL && best->evidence >= EVIDENCE_ENOUGH) ...
 *
 * A statement is a list item or a paragraph, word for word, with its place. Its evidence is the
 * share of the question's words that stand in it (headings above it count half), together with how
 * near the whole piece is in meaning. The bounds were tuned on one half of bench/everyday's
 * questions and are reported on the other.
 */
#pragma once

#include "memory/memory.h"

/* From here on a note answers a question about the owner; and one that may be about anything. */
#define EVIDENCE_ENOUGH 0.50
#define EVIDENCE_STRONG 0.74
/* From here on a note is the one that is to be changed. */
#define EVIDENCE_EXACT 0.74

typedef struct {
    /* owned */
    char *path; /* below the workspace, else absolute */
    char *text; /* as it stands in the file, without the mark of a list */
    char *date; /* "" when unknown */
    /* plain */
    int64_t start_line, end_line;
    double evidence, coverage, meaning;
    int label; /* NoteLabel */
} Statement;

void statement_free(Statement *statement);

/* Statement, owned; the best first, of two as good the newer. */
GPtrArray *evidence_find(Memory *memory, const char *question, Cancel *cancel, GError **error);

/* The question's words that mean something: for tests and /why. New string. */
char *evidence_words(const char *question);

/* "memory/2026-11-24.md#L5-6". New string. */
char *statement_place(const Statement *statement);

/* What lines first..last (1-based) of a file say as a statement: without marks of lists, and
 * without headings and the like. New string; NULL when the file has fewer lines. */
char *statement_of_lines(char **lines, int64_t first, int64_t last);

/* Whether both speak of the same thing and say something else of it. */
bool statement_contradicts(const char *text, const char *other);

/* Where a statement stops naming its thing and begins to say what it is ("my bike is " of "my bike
 * is blue"); NULL when it does not. Borrowed from `text`. */
const char *statement_value(const char *text);

/* The share of `words` that stand in `text`. */
double evidence_coverage(const char *words, const char *text);

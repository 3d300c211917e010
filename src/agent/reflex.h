/*
 * agent/reflex.h: what the program can do by itself, asked before any model.
 *
 * One row per intent: when it fires, what it does, how the answer is told, and sentences that must
 * and must not fire it (the tests are made of these). A reflex answers like a model: with words, or
 * with calls of the turn's tools, which pass the same gate, approval, journal and sandbox; the turn
 * runs them and asks again. What no row catches goes to the model.
 *
 *     ReflexReply reply = { 0 };
 *     if (!reflex_answer(&context, messages, cancel, &reply, error)) return false;
 *     if (reply.row != NULL) ... reply.result is a ChatResult, reply.source one quiet word
 *     reflex_reply_clear(&reply);
 *
 * Nothing is guessed: sums are reckoned (reckon/reckon.h), notes are shown word for word with their
 * place and date, and a question about the owner that no note answers is declined.
 */
#pragma once

#include "memory/memory.h"
#include "provider/provider.h"
#include "reckon/phrase.h"
#include "reckon/reckon.h"

/* What reflexes may look at and change. All borrowed; what is NULL is not there, and its reflexes
 * say so. */
typedef struct {
    GDateTime *now;        /* NULL: the clock */
    const char *workspace; /* folder of the notes */
    const char *sessions;  /* folder of the agent's transcripts */
    const ToolSpec *tools; /* that may be called; filled in by the turn */
    size_t n_tools;
    /* Opened once, with the first reflex that needs it; kept by the caller. */
    Memory *(*open_memory)(void *user_data, GError **error);
    /* Before a note file changes: whatever undo needs. May be NULL. */
    bool (*before_change)(const char *path, void *user_data, GError **error);
    /* Takes back the last change to files; tells what it did. New string. May be NULL. */
    char *(*undo)(void *user_data, GError **error);
    /* Facts for "how are you set up": lines of text. New string. May be NULL. */
    char *(*status)(void *user_data);
    void *user_data;
} ReflexContext;

typedef enum {
    REFLEX_CHANGES = 1 << 0, /* has effects: its words must be there, never a likeness */
    REFLEX_GUESSES = 1 << 1, /* fires only when what it finds is good enough */
} ReflexFlags;

typedef struct {
    LanguageId language;
    const char *pattern; /* reckon/phrase.h */
} ReflexPattern;

typedef struct ReflexRow ReflexRow;

/* One firing: what the row's functions are given. */
typedef struct {
    const ReflexContext *context; /* borrowed, like all of these */
    const ReflexRow *row;
    const char *text;          /* the owner's words, trimmed */
    const GPtrArray *messages; /* Message: the session, the owner's newest message last */
    Cancel *cancel;
    GDateTime *now;
    LanguageId language;
    PhraseHole holes[PHRASE_MAX_HOLES]; /* owned */
} ReflexFiring;

/* What a firing comes to: an answer, a call, a question, or nothing (it is not mine after all). */
typedef struct {
    /* owned */
    char *text;
    char *call;        /* name of the tool to call, or NULL */
    json_t *arguments; /* of the call */
    char *why;         /* hits with scores and the like, for /why; NULL = nothing to add */
    Label label;       /* of the text; zeroed: the owner's own, trusted */
    /* plain */
    const char *source; /* static; NULL = the row's */
    bool asks;          /* the text is a question for what is missing */
} ReflexOutcome;

void reflex_outcome_clear(ReflexOutcome *outcome);

struct ReflexRow {
    const char *name;
    const char *summary; /* for docs and /why */
    const char *source;  /* "computed", "memory", "file", "manual", "sessions", "status" */
    unsigned flags;      /* ReflexFlags */
    /* When it fires: a pattern fits (and `accepts` takes each hole), or `claims` says so. One of
     * both. */
    const ReflexPattern *patterns; /* ended by one whose pattern is NULL */
    bool (*accepts)(const char *hole, const char *text);
    bool (*claims)(const char *text, GDateTime *now, LanguageId *out_language);
    /* MUST. Fills `out`; leaving it empty: not mine after all. `result` is that of the call it made
     * before, or NULL. false with *error: it is mine and failed. */
    bool (*act)(const ReflexFiring *firing, const Message *result, ReflexOutcome *out,
                GError **error);
    const char *asked; /* the request that an answer to its question makes: "remember that %s" */
    const char *examples[3];
    const char *near_misses[3]; /* fire no row that changes anything, and not this one */
};

/* The table, ended by a row with name NULL; the first row that fires is asked first. */
extern const ReflexRow reflex_rows[];

#define REFLEX_PROVIDER "reflex" /* Message.provider of what a reflex said */

typedef struct {
    const ReflexRow *row; /* NULL: none fired, ask the model */
    ChatResult result;    /* owned: message and stop reason, as of a provider */
    const char *source;   /* static */
} ReflexReply;

/* `messages` ends with the owner's newest message, or with results of a call that a reflex made.
 * false with *error when a reflex is responsible and failed. */
bool reflex_answer(const ReflexContext *context, const GPtrArray *messages, Cancel *cancel,
                   ReflexReply *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void reflex_reply_clear(ReflexReply *reply);

/* The first row whose words fit, from `from` on (NULL: the first), without acting. NULL: none. For
 * tests and /why. */
const ReflexRow *reflex_find(const char *text, GDateTime *now, const ReflexRow *from);

/* Whether the session ends with a reflex's question for what is missing. */
bool reflex_is_asked(const GPtrArray *messages);

/* Why the newest answer of a session is what it is: row, pattern, what was found with which score.
 * New string. */
char *reflex_explain(const ReflexContext *context, const GPtrArray *messages, Cancel *cancel);
